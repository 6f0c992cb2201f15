/** Reads and writes NumPy's files, for the functions of `torch.numpy`. */
import { ValueError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { type ByteSource, ownedSource } from '../byte_source.js';
import { kindOf } from '../file_kinds.js';
import { RawArray } from '../raw_array.js';
import { type Writable, writeTo } from '../sink.js';
import { openSource, type Readable } from '../source.js';
import { ZipReader, type ZipRules } from '../zip_reader.js';
import { ZipWriter } from '../zip_writer.js';
import { readNpy, readRawNpy, writeNpy } from './npy.js';
import { magic } from './npy_header.js';
import { NpzFile } from './npz.js';

const rules: ZipRules = {
  fail: (what) => new ValueError(`BadZipFile: failed ${what}`),
  checksums: true,
  lastOfName: true,
};

export async function loadArray(file: Readable): Promise<Tensor | NpzFile> {
  const source = await openSource(file);
  let isOpen = false;
  try {
    const head = await source.read(0, Math.min(512, source.size));
    // Archives begin with an entry; those without any with one of their end records, PK\5\6 or PK\6\6.
    if (head.length > 3 && head[0] === 0x50 && head[1] === 0x4b && [3, 5, 6].includes(head[2])) {
      const npz = await openNpz(source);
      isOpen = true;
      return npz;
    }
    if (head.length === 0) throw new ValueError('No data left in file');
    if (!isNpy(head)) {
      const kind = kindOf(head);
      throw new ValueError(
        `${source.name} is neither an .npy nor an .npz file: ${kind === null ? 'if it contains pickled (object) data, that cannot be loaded' : `it is ${kind}`}`,
      );
    }
    return await readNpy(source);
  } finally {
    if (!isOpen) await source.close();
  }
}

/** Takes the source over, if it is an archive. */
async function openNpz(source: ByteSource): Promise<NpzFile> {
  const archive = await ZipReader.open(source, rules);
  return new NpzFile(
    source,
    archive.list.map((name) => name.replace(/\.npy$/, '')),
    (entry) => archive.has(entry),
    async (entry) => readNpy(ownedSource(await archive.read(entry), entry)),
    async (entry) => {
      const bytes = await archive.read(entry);
      return isNpy(bytes)
        ? readRawNpy(ownedSource(bytes, entry))
        : new RawArray('|u1', [bytes.length], bytes, 'uint8', 1);
    },
  );
}

const isNpy = (head: Uint8Array) => magic.every((byte, i) => head[i] === byte);

export async function loadRawArray(file: Readable): Promise<RawArray> {
  const source = await openSource(file);
  try {
    return await readRawNpy(source);
  } finally {
    await source.close();
  }
}

export async function saveArray(file: Writable, tensor: Tensor): Promise<void> {
  const parts = writeNpy(tensor);
  await writeTo(withExtension(file, '.npy'), async (sink) => {
    for (const part of parts) await sink(part);
  });
}

export async function saveArchive(
  file: Writable,
  arrays: ReadonlyMap<string, Tensor>,
  compress: boolean,
): Promise<void> {
  const entries = [...arrays].map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)] as const);
  await writeTo(withExtension(file, '.npz'), async (sink) => {
    const archive = new ZipWriter(sink);
    for (const [name, [header, elements]] of entries) {
      const content = new Uint8Array(header.length + elements.length);
      content.set(header);
      content.set(elements, header.length);
      await archive.add(name, content, compress);
    }
    await archive.finish();
  });
}

function withExtension(file: Writable, extension: string): Writable {
  if (file instanceof URL) {
    if (file.pathname.endsWith(extension)) return file;
    const url = new URL(file);
    url.pathname += extension;
    return url;
  }
  return typeof file === 'string' && !file.endsWith(extension) ? file + extension : file;
}
