/** Colours in other terms than red, green and blue, as PIL converts them. All are bytes. */
import type { ImageMode } from '../io/image_modes.js';

type Triple = readonly [number, number, number];

interface ColourSpace {
  readonly channels: number;
  fromRgb(red: number, green: number, blue: number): readonly number[];
  /** From the channels that there are. */
  toRgb(first: number, second: number, third: number, fourth: number): Triple;
  fromGrey(level: number): readonly number[];
}

const f = Math.fround;

/** Hue, saturation and value as bytes, in single precision. */
export function toHsv(r: number, g: number, b: number): Triple {
  const max = Math.max(r, g, b);
  const min = Math.min(r, g, b);
  if (min === max) return [0, 0, max];
  const range = max - min;
  const saturation = f(range / max);
  const [rc, gc, bc] = [f((max - r) / range), f((max - g) / range), f((max - b) / range)];
  const sector = r === max ? f(bc - gc) : g === max ? f(2 + rc - bc) : f(4 + gc - rc);
  const hue = f((sector / 6 + 1) % 1);
  return [Math.trunc(hue * 255), Math.trunc(saturation * 255), max];
}

const rounded = (x: number): number => Math.min(Math.floor(x + 0.5), 255);

export function fromHsv(h: number, s: number, v: number): Triple {
  if (s === 0) return [v, v, v];
  const sector = Math.floor((h * 6) / 255);
  const rest = f((h * 6) / 255 - sector);
  const share = f(s / 255);
  const p = rounded(v * (1 - share));
  const q = rounded(v * (1 - share * rest));
  const t = rounded(v * (1 - share * (1 - rest)));
  return (
    [
      [v, t, p],
      [q, v, p],
      [p, v, t],
      [p, q, v],
      [t, p, v],
      [v, p, q],
    ] as const
  )[sector % 6];
}

const clipped = (value: number) => Math.min(Math.max(value, 0), 255);
/** A byte times a factor in 6 bits of fraction, as PIL's tables have it: half is added, what remains cut off towards 0. */
const times = (factor: number, value: number) => Math.trunc(factor * 64 * value + 0.5);

/** JFIF's luma and differences of blue and red from it. */
const yCbCr: ColourSpace = {
  channels: 3,
  fromRgb: (r, g, b) => [
    (times(0.299, r) + times(0.587, g) + times(0.114, b)) >> 6,
    ((times(-0.16874, r) + times(-0.33126, g) + times(0.5, b)) >> 6) + 128,
    ((times(0.5, r) + times(-0.41869, g) + times(-0.08131, b)) >> 6) + 128,
  ],
  toRgb: (y, cb, cr) => [
    clipped(y + (times(1.402, cr - 128) >> 6)),
    clipped(y + ((times(-0.34414, cb - 128) + times(-0.71414, cr - 128)) >> 6)),
    clipped(y + (times(1.772, cb - 128) >> 6)),
  ],
  fromGrey: (level) => [level, 128, 128],
};

/** Light that inks leave, cyan, magenta and yellow over black. */
function left(ink: number, light: number): number {
  const product = ink * light + 128;
  return light - (((product >> 8) + product) >> 8);
}

const cmyk: ColourSpace = {
  channels: 4,
  fromRgb: (r, g, b) => [255 - r, 255 - g, 255 - b, 0],
  toRgb: (c, m, y, k) => [left(c, 255 - k), left(m, 255 - k), left(y, 255 - k)],
  fromGrey: (level) => [0, 0, 0, 255 - level],
};

const hsv: ColourSpace = {
  channels: 3,
  fromRgb: toHsv,
  toRgb: fromHsv,
  fromGrey: (level) => [0, 0, level],
};

const spaces: Partial<Record<string, ColourSpace>> = { YCbCr: yCbCr, HSV: hsv, CMYK: cmyk };

/** Whether a mode's channels are other than red, green and blue, or gray. */
export const isColourSpace = (mode: string): boolean => spaces[mode] !== undefined;

/** The mode that an image has once its values were NumPy's, which knows of no other colours than red, green and blue. */
export const modeOfValuesIn = ({
  mode,
  channels,
}: {
  readonly mode: string;
  readonly channels: number;
}): string => (isColourSpace(mode) ? (channels === 4 ? 'RGBA' : 'RGB') : mode);

/** Planes of another space of colours, of so many planes of red, green and blue, or of one of gray. */
export function intoSpace(
  planes: ArrayLike<number>,
  size: number,
  to: ImageMode,
  isGrey: boolean,
): Uint8Array {
  const { channels, fromRgb, fromGrey } = spaces[to]!;
  const out = new Uint8Array(channels * size);
  for (let i = 0; i < size; i++) {
    const values = isGrey ? fromGrey(planes[i]) : fromRgb(planes[i], planes[size + i], planes[2 * size + i]);
    for (let c = 0; c < channels; c++) out[c * size + i] = values[c];
  }
  return out;
}

/** Planes of red, green and blue, of those of another space of colours. */
export function outOfSpace(planes: ArrayLike<number>, size: number, from: ImageMode): Uint8Array {
  const { toRgb } = spaces[from]!;
  const out = new Uint8Array(3 * size);
  for (let i = 0; i < size; i++) {
    const values = toRgb(planes[i], planes[size + i], planes[2 * size + i], planes[3 * size + i]);
    for (let c = 0; c < 3; c++) out[c * size + i] = values[c];
  }
  return out;
}
