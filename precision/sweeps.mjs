// The numbers that functions are tried at. All are float32.

const bits = new DataView(new ArrayBuffer(4));

function fromBits(pattern) {
  bits.setUint32(0, pattern);
  return bits.getFloat32(0);
}

const special = [
  ...[0, 1, 2, 0.5, 3, 10, 1e-3, 88, 104, 127, 128, 1e10].flatMap((x) => [x, -x]),
  ...[2 ** -149, 2 ** -126, 2 ** -127, 3.4028234663852886e38].flatMap((x) => [x, -x]),
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];

/** Distances from whole and half numbers, where functions have their roots, poles and jumps. */
const distances = [0, ...[-24, -20, -16, -12, -8, -4, -2].map((k) => 2 ** k)].flatMap((d) => [d, -d]);
const landmarks = Array.from({ length: 81 }, (_, i) => (i - 40) / 2);

/** One number of every 2^16 neighbours in memory, over the whole range; what lies near landmarks; special numbers. */
export function line() {
  const whole = Array.from({ length: 2 ** 16 }, (_, i) =>
    fromBits(((i << 16) | ((i * 40503) & 0xffff)) >>> 0),
  );
  const usual = Array.from({ length: 2 ** 15 }, (_, i) => (i - 2 ** 14) / 2 ** 11 + 1e-4);
  const near = landmarks.flatMap((x) => distances.map((d) => x + d * Math.max(1, Math.abs(x))));
  return Float32Array.from([...whole, ...usual, ...near, ...special]);
}

/** Pairs: of numbers of usual size, of all sizes, of special numbers with each other. */
export function plane() {
  const pairs = [];
  const usual = Array.from({ length: 200 }, (_, i) => (i - 100) / 12 + 1e-3);
  for (const x of usual) for (const y of usual) pairs.push([x, y]);
  const whole = Array.from({ length: 181 }, (_, i) => fromBits((i * 23728117) >>> 0));
  for (const x of whole) for (const y of whole) pairs.push([x, y]);
  for (const x of special) for (const y of special) pairs.push([x, y]);
  return [0, 1].map((k) => Float32Array.from(pairs, (pair) => pair[k]));
}
