/** In which order dimensions lie in memory. */
import { RuntimeError } from './errors.js';
import { inspect } from './inspect.js';
import { contiguousStrides, isContiguous, type Shape, stridesLike } from './layout.js';

/** An order of dimensions in memory, such as `torch.channelsLast`. */
export class MemoryFormat {
  constructor(
    /** Python's name: `'channels_last'`. */
    readonly name: string,
    /** How many dimensions a tensor of this format has; 0: any number. */
    readonly ndim: number,
  ) {}

  toString(): string {
    return `torch.${this.name}`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

/** Row-major. */
export const contiguousFormat = new MemoryFormat('contiguous_format', 0);
/** As the tensor that is copied, where that is dense. */
export const preserveFormat = new MemoryFormat('preserve_format', 0);
/** Batches of images with the channels innermost: strides of N × H × W × C for sizes N × C × H × W. */
export const channelsLast = new MemoryFormat('channels_last', 4);
/** The same for volumes: N × D × H × W × C. */
export const channelsLast3d = new MemoryFormat('channels_last_3d', 5);

/** Strides of a new tensor in this format, made after one of these strides. @throws RuntimeError for another rank */
export function stridesIn(
  format: MemoryFormat | null,
  shape: Shape,
  strides: readonly number[],
): readonly number[] {
  if (format === null || format === preserveFormat) return stridesLike(shape, strides);
  if (format === contiguousFormat) return contiguousStrides(shape);
  const n = shape.length;
  if (n !== format.ndim)
    throw new RuntimeError(`required rank ${format.ndim} tensor to use ${format.name} format`);
  const inner = contiguousStrides([shape[0], ...shape.slice(2), shape[1]]);
  return [inner[0], inner[n - 1], ...inner.slice(1, n - 1)];
}

/** Whether a dense tensor of these strides has the format already. */
export function isInFormat(format: MemoryFormat, shape: Shape, strides: readonly number[]): boolean {
  if (format.ndim === 0) return isContiguous(shape, strides);
  if (shape.length !== format.ndim) return false;
  const last = [0, ...[...shape.keys()].slice(2), 1];
  return isContiguous(
    last.map((d) => shape[d]),
    last.map((d) => strides[d]),
  );
}

/**
 * The format that strides suggest. Where sizes of 1 leave it open it is row-major; the rule is PyTorch's
 * (`is_channels_last_strides_2d` in c10/core/MemoryFormat.h).
 */
export function suggestedFormat(shape: Shape, strides: readonly number[]): MemoryFormat {
  const format = shape.length === 4 ? channelsLast : shape.length === 5 ? channelsLast3d : null;
  if (format === null || strides[1] === 0) return contiguousFormat;
  let least = 0;
  const inwards = [1, ...Array.from({ length: shape.length - 2 }, (_, i) => shape.length - 1 - i), 0];
  for (const d of inwards) {
    if (shape[d] === 0 || strides[d] < least) return contiguousFormat;
    if (d === 0 && least === strides[1]) return contiguousFormat;
    least = strides[d] * Math.max(shape[d], 1);
  }
  return format;
}

/** How a tensor keeps its elements. */
export class Layout {
  constructor(
    readonly name: string,
    /** @internal How many tensors one is made of. */
    readonly parts = 1,
  ) {}

  toString(): string {
    return `torch.${this.name}`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

/** Elements at regular distances, in one storage. */
export const strided = new Layout('strided');
