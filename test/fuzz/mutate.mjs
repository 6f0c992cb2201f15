/** Changes to a file, of the kinds that find faults in readers: bits, numbers, lengths, pieces. */

const bytes = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];
const integers = [0n, 1n, 2n, 7n, 64n, 255n, 256n, 65535n, 65536n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n];
const larger = [...integers, 2n ** 32n, 2n ** 53n, 2n ** 53n - 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const numerals = ['0', '1', '-1', '2', '255', '65536', '2147483648', '4294967295', '9007199254740993', '1e9'];

const mutators = [
  function flipBit(file, random) {
    file[random.below(file.length)] ^= 1 << random.below(8);
    return file;
  },
  function setByte(file, random) {
    file[random.below(file.length)] = random.oneIn(2) ? random.pick(bytes) : random.below(256);
    return file;
  },
  function addToByte(file, random) {
    file[random.below(file.length)] += random.below(71) - 35;
    return file;
  },
  function setInteger(file, random) {
    const size = random.pick([2, 4, 8]);
    if (file.length < size) return file;
    const at = random.below(file.length - size + 1);
    const value = BigInt.asUintN(8 * size, random.pick(size === 8 ? larger : integers));
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    const method = size === 8 ? 'setBigUint64' : size === 4 ? 'setUint32' : 'setUint16';
    view[method](at, size === 8 ? value : Number(value), random.oneIn(2));
    return file;
  },
  function setNumeral(file, random) {
    const start = file.findIndex((byte, i) => i >= random.below(file.length) && byte >= 0x30 && byte <= 0x39);
    if (start < 0) return file;
    let end = start;
    while (end < file.length && file[end] >= 0x30 && file[end] <= 0x39) end++;
    return splice(file, start, end, Buffer.from(random.pick(numerals)));
  },
  function remove(file, random) {
    const [start, end] = range(file, random);
    return splice(file, start, end, []);
  },
  function repeat(file, random) {
    const [start, end] = range(file, random);
    return splice(file, end, end, file.slice(start, end));
  },
  function move(file, random) {
    const [start, end] = range(file, random);
    return splice(file, random.below(file.length), undefined, file.slice(start, end));
  },
  function overwrite(file, random) {
    const [start, end] = range(file, random);
    file.copyWithin(random.below(file.length), start, end);
    return file;
  },
  function insertNoise(file, random) {
    const noise = Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256));
    const at = random.below(file.length + 1);
    return splice(file, at, at, noise);
  },
  function insertToken(file, random, { tokens }) {
    const at = random.below(file.length + 1);
    return tokens.length === 0 ? file : splice(file, at, at, random.pick(tokens));
  },
  function overwriteByToken(file, random, { tokens }) {
    if (tokens.length === 0) return file;
    const token = random.pick(tokens);
    const at = random.below(file.length);
    return splice(file, at, Math.min(file.length, at + token.length), token);
  },
  function cross(file, random, { seeds }) {
    const other = random.pick(seeds);
    const [start, end] = range(other, random);
    const at = random.below(file.length + 1);
    return splice(file, at, random.oneIn(2) ? file.length : at, other.slice(start, end));
  },
  function truncate(file, random) {
    return file.slice(0, random.below(file.length));
  },
];

/**
 * A mutant of one of the seeds.
 * @param {{ seeds: readonly Uint8Array[], tokens: readonly Uint8Array[] }} material
 */
export function mutate(random, material) {
  let file = new Uint8Array(random.pick(material.seeds));
  let count = 1;
  while (count < 32 && random.oneIn(2)) count++;
  for (let i = 0; i < count && file.length > 0; i++) file = random.pick(mutators)(file, random, material);
  return file;
}

/** A piece, short more often than long. */
function range(file, random) {
  const start = random.below(file.length);
  const longest = random.oneIn(4) ? file.length - start : Math.min(file.length - start, 1 + random.below(64));
  return [start, start + 1 + random.below(longest)];
}

function splice(file, start, end = start, piece = []) {
  const result = new Uint8Array(start + piece.length + file.length - end);
  result.set(file.subarray(0, start));
  result.set(piece, start);
  result.set(file.subarray(end), start + piece.length);
  return result;
}
