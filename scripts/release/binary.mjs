// Reads what a shared library asks of the system that loads it, from the file: ELF (System V gABI), Mach-O (mach-o/loader.h) and PE
// (Microsoft's PE format), each of 64 bits and the lower byte first.

/**
 * @typedef {object} Binary
 * @property {string[]} libraries libraries that are loaded with it
 * @property {string[]} versions versions that symbols of them must have, or of the system: `GLIBC_2.17`, `macOS 11.0`
 * @property {string[]} imports functions and variables that others must bring
 * @property {string[]} exports what it has for others
 */

/** @returns {Binary} */
export function readBinary(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = view.getUint32(0);
  if (magic === 0x7f454c46) return readElf(bytes, view);
  if (magic === 0xcffaedfe) return readMachO(bytes, view);
  if (magic >>> 16 === 0x4d5a) return readPe(bytes, view);
  throw new Error(`no shared library of a known kind begins with ${magic.toString(16)}`);
}

function textAt(bytes, start) {
  const end = bytes.indexOf(0, start);
  return Buffer.from(bytes.subarray(start, end)).toString('latin1');
}

const unique = (names) => [...new Set(names)].sort();

function readElf(bytes, view) {
  const u64 = (at) => Number(view.getBigUint64(at, true));
  const u32 = (at) => view.getUint32(at, true);
  const u16 = (at) => view.getUint16(at, true);
  const sections = Array.from({ length: u16(60) }, (_, i) => {
    const at = u64(40) + i * u16(58);
    const [type, offset, size] = [u32(at + 4), u64(at + 24), u64(at + 32)];
    return { type, offset, size, link: u32(at + 40), count: u32(at + 44) };
  });
  const ofType = (type) => sections.find((section) => section.type === type);
  const textsOf = (section) => (offset) => textAt(bytes, sections[section.link].offset + offset);
  const dynamic = ofType(6);
  const symbols = ofType(11);
  const versioned = ofType(0x6ffffffe);
  const libraries = [];
  for (let at = dynamic.offset; u64(at) !== 0; at += 16)
    if (u64(at) === 1) libraries.push(textsOf(dynamic)(u64(at + 8)));
  const versions = [];
  for (let i = 0, at = versioned?.offset; i < (versioned?.count ?? 0); i++, at += u32(at + 12))
    for (let k = 0, of = at + u32(at + 8); k < u16(at + 2); k++, of += u32(of + 12))
      versions.push(textsOf(versioned)(u32(of + 8)));
  const imports = [];
  const exports = [];
  for (let at = symbols.offset + 24; at < symbols.offset + symbols.size; at += 24)
    (u16(at + 6) === 0 ? imports : exports).push(textsOf(symbols)(u32(at)));
  return { libraries, versions: unique(versions), imports: unique(imports), exports: unique(exports) };
}

function readMachO(bytes, view) {
  const u32 = (at) => view.getUint32(at, true);
  const libraries = [];
  const versions = [];
  const imports = [];
  const exports = [];
  for (let i = 0, at = 32; i < u32(16); i++, at += u32(at + 4)) {
    const command = u32(at);
    if (command === 0xc || command === 0x80000018) libraries.push(textAt(bytes, at + u32(at + 8)));
    else if (command === 0x32) versions.push(`macOS ${u32(at + 12) >>> 16}.${(u32(at + 12) >>> 8) & 255}`);
    else if (command === 0x2)
      for (let k = 0; k < u32(at + 12); k++) {
        const entry = u32(at + 8) + 16 * k;
        const type = view.getUint8(entry + 4);
        // Neither notes for a debugger nor what only this file sees.
        if (type & 0xe0 || !(type & 1)) continue;
        ((type & 0xe) === 0 ? imports : exports).push(textAt(bytes, u32(at + 16) + u32(entry)));
      }
  }
  return { libraries, versions, imports: unique(imports), exports: unique(exports) };
}

function readPe(bytes, view) {
  const u32 = (at) => view.getUint32(at, true);
  const u16 = (at) => view.getUint16(at, true);
  const header = u32(60) + 4;
  const optional = header + 20;
  const sections = Array.from({ length: u16(header + 2) }, (_, i) => {
    const at = optional + u16(header + 16) + 40 * i;
    return { address: u32(at + 12), size: Math.max(u32(at + 8), u32(at + 16)), offset: u32(at + 20) };
  });
  const fileOffset = (address) => {
    const section = sections.find((one) => address >= one.address && address < one.address + one.size);
    return address - section.address + section.offset;
  };
  const directory = (i) => u32(optional + 112 + 8 * i);
  const libraries = [];
  const imports = [];
  for (let at = fileOffset(directory(1)); u32(at + 12) !== 0; at += 20) {
    libraries.push(textAt(bytes, fileOffset(u32(at + 12))));
    for (let entry = fileOffset(u32(at) || u32(at + 16)); u32(entry) !== 0; entry += 8)
      // The highest bit says that it goes by a number.
      imports.push(
        view.getUint8(entry + 7) & 128 ? `#${u16(entry)}` : textAt(bytes, fileOffset(u32(entry)) + 2),
      );
  }
  const exports = [];
  if (directory(0) !== 0) {
    const table = fileOffset(directory(0));
    for (let i = 0; i < u32(table + 24); i++)
      exports.push(textAt(bytes, fileOffset(u32(fileOffset(u32(table + 32)) + 4 * i))));
  }
  return { libraries, versions: [], imports: unique(imports), exports: unique(exports) };
}
