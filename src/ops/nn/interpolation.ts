/**
 * Resizing of images and signals. Every mode is separable: along each dimension a result is a weighted sum of a few
 * elements (taps), so resizing is a gathering and a sum per dimension, and gradients follow.
 */
import { float64, int32, uint8 } from '../../core/dtype.js';
import { NotImplementedError, RuntimeError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import { channelsLast, channelsLast3d, type MemoryFormat } from '../../core/memory_format.js';
import { formatFloat } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { op } from '../../dispatch/registry.js';
import { F } from './kernel_operands.js';
import { keptTable, resampleBy, type Taps } from './resampling.js';

interface Kernel {
  /** How far it reaches to each side. */
  readonly reach: number;
  readonly weight: (distance: number) => number;
}

const triangle: Kernel = { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };

/** Keys' cubic convolution kernel (IEEE Trans. ASSP 29, 1981). */
const cubic = (a: number): Kernel => ({
  reach: 2,
  weight(distance) {
    const x = Math.abs(distance);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  },
});

/** Elements of the input per element of the result. */
function ratio(input: number, output: number, alignCorners: boolean, scale: number | null): number {
  if (alignCorners) return output > 1 ? (input - 1) / (output - 1) : 0;
  return scale === null || !(scale > 0) ? input / output : 1 / scale;
}

/** The position that each element of the result has, along one dimension. */
function nearestPositions(input: number, output: number, scale: number | null, exact: boolean): Int32Array {
  // PyTorch computes these positions in float32, and their rounding decides.
  const step = Math.fround(ratio(input, output, false, scale));
  const at = (i: number) => Math.floor(Math.fround((exact ? i + 0.5 : i) * step));
  return Int32Array.from({ length: output }, (_, i) => Math.min(at(i), input - 1));
}

/**
 * The same, but by the sizes alone where the result has as many elements or twice as many, whatever the factor. PyTorch
 * computes all its gradients so, and the results of some of its kernels.
 */
function wholePositions(input: number, output: number, scale: number | null): Int32Array {
  const times = output / input;
  return times === 1 || times === 2
    ? Int32Array.from({ length: output }, (_, i) => Math.floor(i / times))
    : nearestPositions(input, output, scale, false);
}

/** Whether PyTorch resizes by the kernel that goes through memory channel by channel. */
function isByChannels(input: Tensor, sizes: readonly number[]): boolean {
  const isLast = (memoryFormat: MemoryFormat) => input.shape[1] > 3 && input.isContiguous({ memoryFormat });
  if (sizes.length === 2) return sizes[0] + sizes[1] <= 128 || isLast(channelsLast);
  return sizes.length === 3 && isLast(channelsLast3d);
}

function smoothTaps(
  input: number,
  output: number,
  alignCorners: boolean,
  scale: number | null,
  kernel: Kernel,
): Taps {
  const isCubic = kernel.reach > 1;
  // As many elements are the same ones, whatever the factor.
  const step = !isCubic && input === output ? 1 : ratio(input, output, alignCorners, scale);
  const count = 2 * kernel.reach;
  const positions = new Int32Array(count * output);
  const weights = new Float64Array(positions.length);
  for (let i = 0; i < output; i++) {
    const centre = alignCorners ? i * step : (i + 0.5) * step - 0.5;
    // Linear modes do not look beyond the first element; beyond the ends the cubic one repeats them.
    const x = isCubic ? centre : Math.max(centre, 0);
    const first = Math.floor(x) - kernel.reach + 1;
    for (let k = 0; k < count; k++) {
      positions[i * count + k] = Math.min(Math.max(first + k, 0), input - 1);
      weights[i * count + k] = kernel.weight(x - (first + k));
    }
  }
  return { positions, weights };
}

/** Shrinking averages over everything that a result stands for: the kernel is widened by the ratio. */
function antialiasedTaps(
  input: number,
  output: number,
  alignCorners: boolean,
  scale: number | null,
  kernel: Kernel,
): Taps {
  const step = ratio(input, output, alignCorners, scale);
  const width = Math.max(step, 1);
  const reach = kernel.reach * width;
  const count = Math.ceil(reach) * 2 + 1;
  const positions = new Int32Array(count * output).fill(-1);
  const weights = new Float64Array(positions.length);
  for (let i = 0; i < output; i++) {
    const centre = step * (i + 0.5);
    const from = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const size = Math.min(Math.trunc(centre + reach + 0.5), input) - from;
    let total = 0;
    for (let k = 0; k < size; k++) {
      const weight = kernel.weight((from + k - centre + 0.5) / width);
      positions[i * count + k] = from + k;
      weights[i * count + k] = weight;
      total += weight;
    }
    for (let k = 0; k < size; k++) weights[i * count + k] /= total;
  }
  return { positions, weights };
}

/** Lanczos's kernel of three waves. */
const lanczos: Kernel = {
  reach: 3,
  weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0),
};

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** A resampled dimension of bytes as PyTorch's: by weights of 16 bits, rounded in the end. */
function resampleBytes(input: Tensor, dim: number, taps: Taps, size: number): Tensor {
  const merged = Float64Array.from(taps.weights!);
  const count = merged.length / size;
  for (let i = 0; i < size; i++)
    for (let k = 1; k < count; k++)
      for (let before = 0; before < k; before++) {
        if (taps.positions[i * count + before] !== taps.positions[i * count + k]) continue;
        merged[i * count + before] += merged[i * count + k];
        merged[i * count + k] = 0;
        break;
      }
  const greatest = merged.reduce((most, weight) => Math.max(most, weight), 0);
  let digits = 0;
  while (digits < 22 && Math.trunc(0.5 + greatest * 2 ** (digits + 1)) < 2 ** 15) digits++;
  const weights = merged.map((weight) => Math.trunc(weight * 2 ** digits + (weight < 0 ? -0.5 : 0.5)));
  // Whole numbers are exact in double.
  const x = input.to(input.storage.backend.hasFloat64 ? float64 : int32);
  return resampleBy(x, dim, { positions: taps.positions, weights }, size)
    .add(2 ** (digits - 1))
    .floorDivide(2 ** digits)
    .clamp(0, 255)
    .to(uint8);
}

const kernels: Readonly<Record<string, Kernel>> = {
  linear: triangle,
  bilinear: triangle,
  trilinear: triangle,
  bicubic: cubic(-0.75),
};
/** Where averages are taken PyTorch has the sharper of the usual cubic kernels. */
const averaging: Readonly<Record<string, Kernel>> = { bilinear: triangle, bicubic: cubic(-0.5), lanczos };
const ranks: Readonly<Record<string, number>> = {
  linear: 3,
  bilinear: 4,
  bicubic: 4,
  trilinear: 5,
  lanczos: 4,
};

interface Sizes {
  readonly sizes: readonly number[];
  /** Factors to compute positions by; null: by the sizes. */
  readonly scales: readonly (number | null)[];
}

function sizesOf(
  input: Tensor,
  size: readonly number[] | null,
  scaleFactor: readonly number[] | null,
  recompute: boolean,
): Sizes {
  const dims = Math.max(input.ndim - 2, 0);
  const all = (
    values: readonly number[],
    [what, brief]: readonly [string, string],
    of: string,
    letter: string,
  ): readonly number[] => {
    if (values.length === 1) return new Array<number>(dims).fill(values[0]);
    if (values.length === dims) return values;
    throw new ValueError(
      `Input and ${brief} must have the same number of spatial dimensions, but got input with spatial dimensions of ${formatShape(input.shape.slice(2))} and ${what} of ${of}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and ${what} in (${letter}1, ${letter}2, ...,${letter}K) format.`,
    );
  };
  if (size !== null && scaleFactor !== null)
    throw new ValueError('only one of size or scale_factor should be defined');
  if (size !== null) {
    const sizes = all(size, ['output size', 'output'], formatShape(size), 'o');
    return { sizes, scales: new Array(dims).fill(null) };
  }
  if (scaleFactor === null) throw new ValueError('either size or scale_factor should be defined');
  const factors = all(
    scaleFactor,
    ['scale_factor', 'scale_factor'],
    `shape [${scaleFactor.map(formatFloat).join(', ')}]`,
    's',
  );
  return {
    sizes: factors.map((factor, d) => {
      const size = Math.floor(input.shape[d + 2] * factor);
      if (!(Math.abs(size) < 2 ** 63))
        throw new RuntimeError('value cannot be converted to type int64_t without overflow');
      return size;
    }),
    scales: recompute ? factors.map(() => null) : factors,
  };
}

const modes = ['nearest', 'nearest-exact', 'area', ...Object.keys(ranks)];

function interpolate(
  input: Tensor,
  { sizes, scales }: Sizes,
  mode: string,
  alignCorners: boolean,
  antialias: boolean,
): Tensor {
  if (mode === 'lanczos' && input.ndim === 4 && (alignCorners || !antialias))
    throw new ValueError(
      alignCorners
        ? 'Lanczos mode does not support align_corners=True'
        : 'Lanczos mode requires antialias=True',
    );
  if (antialias && (!(mode in averaging) || input.ndim !== 4))
    throw new ValueError(
      'Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input',
    );
  const isMode = modes.includes(mode);
  if (!isMode || input.ndim < 3 || input.ndim > 5 || (mode in ranks && ranks[mode] !== input.ndim))
    throw new NotImplementedError(
      mode in ranks && mode !== 'lanczos' && input.ndim >= 3 && input.ndim <= 5
        ? `Got ${input.ndim}D input, but ${mode} mode needs ${ranks[mode]}D input`
        : `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${input.ndim}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got ${mode})`,
    );
  if (mode === 'area')
    return [F.adaptiveAvgPool1d, F.adaptiveAvgPool2d, F.adaptiveAvgPool3d][sizes.length - 1](input, sizes);
  const spatial = input.shape.slice(2);
  if (spatial.includes(0) || sizes.some((size) => size <= 0)) {
    const named = (list: readonly number[]): string =>
      list.map((n, i) => `${'DHW'[i + 3 - list.length]}: ${n}`).join(', ');
    throw new RuntimeError(
      `Input and output sizes should be greater than 0, but got input (${named(spatial)}) output (${named(sizes)})`,
    );
  }
  if (input.shape[1] === 0 && input.shape[0] !== 0)
    throw new RuntimeError(
      `Non-empty ${input.ndim}D data tensor expected but got a tensor with sizes ${formatShape(input.shape)}`,
    );
  const isNearest = mode === 'nearest' || mode === 'nearest-exact';
  if (isNearest && !input.isFloatingPoint() && input.dtype !== uint8)
    throw notImplemented(
      input.ndim === 4 ? 'upsample_nearest2d_channels_last' : 'compute_indices_weights_nearest',
      input.dtype,
    );
  const isBytes = !isNearest && input.dtype === uint8 && mode in averaging;
  if (!isNearest && !isBytes && !input.isFloatingPoint())
    throw notImplemented(
      antialias
        ? 'compute_index_ranges_weights'
        : mode === 'bilinear'
          ? 'upsample_bilinear2d_channels_last'
          : mode === 'bicubic'
            ? 'compute_indices_weights_cubic'
            : 'compute_indices_weights_linear',
      input.dtype,
    );
  const tapsOf = (d: number): Taps =>
    keptTable(`${mode} ${antialias} ${spatial[d]} ${sizes[d]} ${alignCorners} ${scales[d]}`, () =>
      antialias
        ? antialiasedTaps(spatial[d], sizes[d], alignCorners, scales[d], averaging[mode])
        : smoothTaps(spatial[d], sizes[d], alignCorners, scales[d], kernels[mode]),
    );
  if (isBytes) {
    // Rows first, as PyTorch does it.
    return [1, 0].reduce(
      (x, d) => (x.shape[d + 2] === sizes[d] ? x : resampleBytes(x, d + 2, tapsOf(d), sizes[d])),
      input,
    );
  }
  const byChannels = isByChannels(input, sizes);
  return sizes.reduce((x, size, d) => {
    if (!isNearest) return resampleBy(x, d + 2, tapsOf(d), size);
    const from = x.shape[d + 2];
    const exact = mode === 'nearest-exact';
    const positions = keptTable(`${mode} ${from} ${size} ${scales[d]}`, () =>
      nearestPositions(from, size, scales[d], exact),
    );
    const back = exact
      ? positions
      : keptTable(`whole ${from} ${size} ${scales[d]}`, () => wholePositions(from, size, scales[d]));
    return resampleBy(x, d + 2, { positions: byChannels ? back : positions, weights: null }, size, back);
  }, input);
}

op(
  "interpolate(Tensor input, int[1]? size=None, float[1]? scale_factor=None, 'nearest'|'linear'|'bilinear'|'bicubic'|'trilinear'|'lanczos'|'area'|'nearest-exact' mode='nearest', bool? align_corners=None, bool? recompute_scale_factor=None, bool antialias=False) -> Tensor",
  {
    doc: 'Resizes the spatial dimensions to `size` or by `scaleFactor`.',
    module: 'nn.functional',
    composite(input, size, scaleFactor, mode, alignCorners, recompute, antialias) {
      if (alignCorners !== null && modes.includes(mode) && !(mode in ranks))
        throw new ValueError(
          'align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear',
        );
      const sizes = sizesOf(input, size, scaleFactor, recompute ?? false);
      return interpolate(input, sizes, mode, alignCorners ?? false, antialias);
    },
  },
);

op('upsample_nearest(Tensor input, int[1]? size=None, float[1]? scale_factor=None) -> Tensor', {
  doc: '`interpolate` with the nearest elements.',
  module: 'nn.functional',
  composite: (input, size, scaleFactor) =>
    interpolate(input, sizesOf(input, size, scaleFactor, false), 'nearest', false, false),
});

op('upsample_bilinear(Tensor input, int[1]? size=None, float[1]? scale_factor=None) -> Tensor', {
  doc: 'Bilinear `interpolate` with the corners of input and result in the same place.',
  module: 'nn.functional',
  composite: (input, size, scaleFactor) =>
    interpolate(input, sizesOf(input, size, scaleFactor, false), 'bilinear', true, false),
});

function averaged(input: Tensor, sizes: () => Sizes, alignCorners: boolean): Tensor {
  if (input.ndim !== 4)
    throw new RuntimeError(`It is expected input_size equals to 4, but got size ${input.ndim}`);
  return interpolate(input, sizes(), 'bilinear', alignCorners, true);
}

op(
  '_upsample_bilinear2d_aa(Tensor self, int[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> Tensor',
  {
    doc: 'Bilinear resizing that averages where it shrinks.',
    composite: (self, sizes, alignCorners, height, width) =>
      averaged(self, () => ({ sizes, scales: [height, width] }), alignCorners),
  },
);

op(
  '_upsample_bilinear2d_aa.vec(Tensor input, int[2]? output_size, bool align_corners, float[2]? scale_factors=None) -> Tensor',
  {
    doc: 'Bilinear resizing that averages where it shrinks, to sizes or by factors.',
    composite: (input, size, alignCorners, factors) =>
      averaged(input, () => sizesOf(input, size, factors, false), alignCorners),
  },
);
