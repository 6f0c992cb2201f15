/**
 * Losses of JPEG: pictures as they are after compression (ITU-R T.81, baseline) and decompression. The codes between say exactly what they
 * are given, so there are none: everything happens at once, on every platform. Integers are those of libjpeg's, so values are, too:
 * C. Loeffler, A. Ligtenberg and G. Moschytz, "Practical fast 1-D DCT algorithms with 11 multiplications", 1989, in 13 bits of fraction.
 */

/** T.81's example tables K.1 and K.2, row by row. */
const tables = [
  [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17,
    22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78,
    87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
  ],
  [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  ],
];

/** The steps of coefficients at a quality from 1 to 100, by libjpeg's rule. */
function stepsAt(quality: number, table: readonly number[]): readonly number[] {
  const percent = quality < 50 ? Math.trunc(5000 / quality) : 200 - 2 * quality;
  return table.map((step) => Math.min(Math.max(Math.trunc((step * percent + 50) / 100), 1), 255));
}

/** A factor with 13 bits of fraction. */
const fixed = (x: number): number => Math.round(x * 8192);
const [c0298, c0390, c0541, c0765, c0899, c1175, c1501, c1847, c1961, c2053, c2562, c3072] = [
  0.298631336, 0.390180644, 0.5411961, 0.765366865, 0.899976223, 1.175875602, 1.50132111, 1.847759065,
  1.96157056, 2.053119869, 2.562915447, 3.072711026,
].map(fixed);

/** Drops bits, rounding. */
const less = (x: number, bits: number): number => (x + (1 << (bits - 1))) >> bits;

/** The transform of eight numbers that lie `step` apart; even ones are shifted to the left by 2 bits or to the right. */
function forward(b: Int32Array, at: number, step: number, isFirst: boolean): void {
  const v = (i: number) => b[at + i * step];
  const [s0, s1, s2, s3] = [v(0) + v(7), v(1) + v(6), v(2) + v(5), v(3) + v(4)];
  const [d0, d1, d2, d3] = [v(0) - v(7), v(1) - v(6), v(2) - v(5), v(3) - v(4)];
  const bits = isFirst ? 11 : 15;
  const set = (i: number, value: number) => {
    b[at + i * step] = less(value, bits);
  };
  const even = (i: number, value: number) => {
    b[at + i * step] = isFirst ? value << 2 : less(value, 2);
  };
  const [a, z, y, x] = [s0 + s3, s0 - s3, s1 + s2, s1 - s2];
  even(0, a + y);
  even(4, a - y);
  const turn = (x + z) * c0541;
  set(2, turn + z * c0765);
  set(6, turn - x * c1847);
  const all = (d3 + d1 + d2 + d0) * c1175;
  const [z1, z2] = [-(d3 + d0) * c0899, -(d2 + d1) * c2562];
  const [z3, z4] = [all - (d3 + d1) * c1961, all - (d2 + d0) * c0390];
  set(7, d3 * c0298 + z1 + z3);
  set(5, d2 * c2053 + z2 + z4);
  set(3, d1 * c3072 + z2 + z3);
  set(1, d0 * c1501 + z1 + z4);
}

/** The way back. */
function backward(b: Int32Array, at: number, step: number, bits: number): void {
  const v = (i: number) => b[at + i * step];
  const turn = (v(2) + v(6)) * c0541;
  const [e2, e3] = [turn - v(6) * c1847, turn + v(2) * c0765];
  const [e0, e1] = [(v(0) + v(4)) * 8192, (v(0) - v(4)) * 8192];
  const [t0, t3, t1, t2] = [e0 + e3, e0 - e3, e1 + e2, e1 - e2];
  const [o0, o1, o2, o3] = [v(7), v(5), v(3), v(1)];
  const all = (o0 + o2 + o1 + o3) * c1175;
  const [z1, z2] = [-(o0 + o3) * c0899, -(o1 + o2) * c2562];
  const [z3, z4] = [all - (o0 + o2) * c1961, all - (o1 + o3) * c0390];
  const p0 = o0 * c0298 + z1 + z3;
  const p1 = o1 * c2053 + z2 + z4;
  const p2 = o2 * c3072 + z2 + z3;
  const p3 = o3 * c1501 + z1 + z4;
  const both = [t0 + p3, t1 + p2, t2 + p1, t3 + p0, t3 - p0, t2 - p1, t1 - p2, t0 - p3];
  for (let i = 0; i < 8; i++) b[at + i * step] = less(both[i], bits);
}

/** A plane whose sides are multiples of 8. */
interface Plane {
  readonly values: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const clipped = (x: number): number => Math.min(Math.max(x, 0), 255);

/** Rounds the coefficients of each block of 8x8 to multiples of their steps, in place. */
function roundBlocks({ values, width, height }: Plane, steps: readonly number[]): void {
  const block = new Int32Array(64);
  for (let top = 0; top < height; top += 8)
    for (let left = 0; left < width; left += 8) {
      const start = top * width + left;
      for (let i = 0; i < 64; i++) block[i] = values[start + (i >> 3) * width + (i & 7)] - 128;
      for (let row = 0; row < 8; row++) forward(block, 8 * row, 1, true);
      for (let column = 0; column < 8; column++) forward(block, column, 8, false);
      for (let i = 0; i < 64; i++) {
        // The transform's results are eight times the coefficients.
        const step = 8 * steps[i];
        const times = Math.floor((Math.abs(block[i]) + (step >> 1)) / step);
        block[i] = (block[i] < 0 ? -times : times) * steps[i];
      }
      for (let column = 0; column < 8; column++) backward(block, column, 8, 11);
      for (let row = 0; row < 8; row++) backward(block, 8 * row, 1, 18);
      for (let i = 0; i < 64; i++) values[start + (i >> 3) * width + (i & 7)] = clipped(block[i] + 128);
    }
}

const toEights = (size: number): number => Math.ceil(size / 8) * 8;

/** A plane in whole blocks, its last column and row repeated. */
function inBlocks(values: ArrayLike<number>, width: number, height: number): Plane {
  const plane = {
    values: new Uint8Array(toEights(width) * toEights(height)),
    width: toEights(width),
    height: toEights(height),
  };
  for (let y = 0, to = 0; y < plane.height; y++) {
    const row = Math.min(y, height - 1) * width;
    for (let x = 0; x < plane.width; x++) plane.values[to++] = values[row + Math.min(x, width - 1)];
  }
  return plane;
}

/** Means of 2x2 values, half of which are rounded up. */
function halved(values: Uint8Array, width: number, height: number): Plane {
  const [columns, rows] = [toEights(Math.ceil(width / 2)), Math.ceil(height / 2)];
  const means = new Uint8Array(columns * rows);
  for (let y = 0, to = 0; y < rows; y++) {
    const [above, below] = [2 * y, Math.min(2 * y + 1, height - 1)].map((row) => row * width);
    for (let x = 0; x < columns; x++) {
      const [left, right] = [2 * x, 2 * x + 1].map((column) => Math.min(column, width - 1));
      const sum = values[above + left] + values[above + right] + values[below + left] + values[below + right];
      means[to++] = (sum + 1 + (x & 1)) >> 2;
    }
  }
  return inBlocks(means, columns, rows);
}

/** Twice the size: each value between the nearest four, 9 to 3 to 3 to 1; or repeated where there are but few columns. */
function doubled(plane: Plane, width: number, height: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const [columns, rows] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  for (let y = 0, to = 0; y < height; y++) {
    const near = (y >> 1) * plane.width;
    const far = Math.min(Math.max((y >> 1) + (y & 1 ? 1 : -1), 0), rows - 1) * plane.width;
    const sum = (x: number) => 3 * plane.values[near + x] + plane.values[far + x];
    for (let x = 0; x < width; x++) {
      const at = x >> 1;
      if (columns <= 2) out[to++] = plane.values[near + at];
      else {
        const other = Math.min(Math.max(at + (x & 1 ? 1 : -1), 0), columns - 1);
        out[to++] = (3 * sum(at) + sum(other) + (x & 1 ? 7 : 8)) >> 4;
      }
    }
  }
  return out;
}

/** A factor with 16 bits of fraction. */
const wide = (x: number): number => Math.round(x * 65536);

/** Luma, and what blue and red have beside it. */
function toYcc(planes: Uint8Array, size: number): readonly Uint8Array[] {
  const [luma, blue, red] = [0, 1, 2].map(() => new Uint8Array(size));
  const rounding = (128 << 16) + 32767;
  for (let i = 0; i < size; i++) {
    const [r, g, b] = [planes[i], planes[size + i], planes[2 * size + i]];
    luma[i] = (wide(0.299) * r + wide(0.587) * g + wide(0.114) * b + 32768) >> 16;
    blue[i] = (-wide(0.168735892) * r - wide(0.331264108) * g + 32768 * b + rounding) >> 16;
    red[i] = (32768 * r - wide(0.418687589) * g - wide(0.081312411) * b + rounding) >> 16;
  }
  return [luma, blue, red];
}

/** Planes [1 or 3, height, width] as they are after compression at a quality from 1 to 100. */
export function throughJpeg(planes: Uint8Array, width: number, height: number, quality: number): Uint8Array {
  const size = width * height;
  const [lumaSteps, colourSteps] = tables.map((table) => stepsAt(quality, table));
  const rounded = (values: Uint8Array): Plane => {
    const plane = inBlocks(values, width, height);
    roundBlocks(plane, lumaSteps);
    return plane;
  };
  const out = new Uint8Array(planes.length);
  if (planes.length === size) {
    const grey = rounded(planes);
    for (let y = 0; y < height; y++)
      out.set(grey.values.subarray(y * grey.width, y * grey.width + width), y * width);
    return out;
  }
  const [y0, ...others] = toYcc(planes, size);
  const luma = rounded(y0);
  const [blue, red] = others.map((values) => {
    const plane = halved(values, width, height);
    roundBlocks(plane, colourSteps);
    return doubled(plane, width, height);
  });
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const light = luma.values[y * luma.width + x];
      const [cb, cr] = [blue[i] - 128, red[i] - 128];
      out[i] = clipped(light + ((wide(1.402) * cr + 32768) >> 16));
      out[size + i] = clipped(light + ((-wide(0.34414) * cb - wide(0.71414) * cr + 32768) >> 16));
      out[2 * size + i] = clipped(light + ((wide(1.772) * cb + 32768) >> 16));
    }
  return out;
}
