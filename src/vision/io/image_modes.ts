/** PIL's modes of images, as far as there are images of them here: the one table that says what their values are. */
import { bool, type DType, float32, int32, uint8, uint16 } from '../../core/dtype.js';

/** The values of an image: bytes, or what its mode says. */
export type ImageValues = Uint8Array | Uint16Array | Int32Array | Float32Array;

export type ImageMode = '1' | 'L' | 'LA' | 'RGB' | 'RGBA' | 'I;16' | 'I' | 'F' | 'YCbCr' | 'HSV' | 'CMYK';

interface Mode {
  readonly channels: number;
  /** PIL's names of the channels. */
  readonly bands: readonly string[];
  readonly values:
    | Uint8ArrayConstructor
    | Uint16ArrayConstructor
    | Int32ArrayConstructor
    | Float32ArrayConstructor;
  /** The dtype of a tensor of these values as they are. */
  readonly dtype: DType;
  /** The value next to a number, towards 0. */
  readonly nearest: (number: number) => number;
  /** The mode that stands between this one and those that PIL does not convert it to. */
  readonly base: 'L' | 'RGB';
}

const clipped = (largest: number) => (number: number) =>
  number >= largest ? largest : number > 0 ? Math.trunc(number) : 0;
/** Converts a number of double precision as C does, on the processors that most have. */
const toInt32 = (number: number) => (Math.abs(number) < 2 ** 31 ? Math.trunc(number) : -(2 ** 31));

const ofBytes = { values: Uint8Array, dtype: uint8, nearest: clipped(255) } as const;

export const imageModes: Readonly<Record<ImageMode, Mode>> = {
  // Black is 0, white 255.
  '1': {
    bands: ['1'],
    ...ofBytes,
    channels: 1,
    dtype: bool,
    nearest: (number) => (number > 0 ? 255 : 0),
    base: 'L',
  },
  L: { bands: ['L'], ...ofBytes, channels: 1, base: 'L' },
  LA: { bands: ['L', 'A'], ...ofBytes, channels: 2, base: 'L' },
  RGB: { bands: ['R', 'G', 'B'], ...ofBytes, channels: 3, base: 'RGB' },
  RGBA: { bands: ['R', 'G', 'B', 'A'], ...ofBytes, channels: 4, base: 'RGB' },
  YCbCr: { bands: ['Y', 'Cb', 'Cr'], ...ofBytes, channels: 3, base: 'RGB' },
  HSV: { bands: ['H', 'S', 'V'], ...ofBytes, channels: 3, base: 'RGB' },
  CMYK: { bands: ['C', 'M', 'Y', 'K'], ...ofBytes, channels: 4, base: 'RGB' },
  'I;16': {
    bands: ['I'],
    channels: 1,
    values: Uint16Array,
    dtype: uint16,
    nearest: clipped(65535),
    base: 'L',
  },
  I: { bands: ['I'], channels: 1, values: Int32Array, dtype: int32, nearest: toInt32, base: 'L' },
  F: { bands: ['F'], channels: 1, values: Float32Array, dtype: float32, nearest: Math.fround, base: 'L' },
};

/** Whether there are images of this mode. */
export const isImageMode = (name: string): name is ImageMode => Object.hasOwn(imageModes, name);

/** The mode of values that nobody has named: by their type, bytes by the number of channels. Null if there is none. */
export function modeOfValues(values: unknown, channels: number): ImageMode | null {
  const names = Object.keys(imageModes) as ImageMode[];
  const found = names.find(
    (name) =>
      name !== '1' && imageModes[name].channels === channels && values instanceof imageModes[name].values,
  );
  return found ?? null;
}
