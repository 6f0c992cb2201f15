/** Helpers that distributions share. */
import { enableGrad } from '../autograd/modes.js';
import { getDefaultDtype } from '../core/defaults.js';
import { type DType, int64 } from '../core/dtype.js';
import { ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { PyFloat, pyfloat } from '../core/pyfloat.js';
import { formatFloat } from '../core/repr.js';
import { defineParameterType } from '../core/signature/parameter_types.js';
import { Tensor } from '../core/tensor.js';
import { finfo } from '../core/type_info.js';
import { ops } from '../dispatch/registry.js';
import { tensor } from '../ops/from_data.js';
import { broadcastShapes } from '../ops/questions.js';

/** A number or a tensor, as the parameters of distributions are given. */
export type Value = number | PyFloat | Tensor;

declare module '../core/signature/argument_types.js' {
  interface ParameterTypes {
    Value: Value;
  }
}

// Values that are neither are refused by `broadcastAll`, in PyTorch's words.
defineParameterType('Value', { name: 'float or Tensor', convert: (value) => value });

/** Euler's constant. */
export const eulerConstant = 0.5772156649015329;

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || value instanceof PyFloat;

/**
 * Values as tensors of one shape. Numbers take the dtype and device of the first tensor, or the default dtype.
 *
 * @throws ValueError in PyTorch's words for what is neither
 */
export function broadcastAll<const L extends readonly unknown[]>(...values: L): { [K in keyof L]: Tensor } {
  if (!values.every((value) => value instanceof Tensor || isNumber(value)))
    throw new ValueError(
      'Input arguments must all be instances of Number, torch.Tensor or objects implementing __torch_function__.',
    );
  const like = values.find((value) => value instanceof Tensor);
  const options =
    like === undefined ? { dtype: getDefaultDtype() } : { dtype: like.dtype, device: like.device };
  const tensors = values.map((value) =>
    value instanceof Tensor ? value : ops.scalarTensor(Number(value), options),
  );
  const shape = broadcastShapes(...tensors.map((one) => one.shape));
  const isWhole = (one: Tensor): boolean => one.shape.join() === shape.join();
  return tensors.map((one) => (isWhole(one) ? one : one.expand(shape))) as { [K in keyof L]: Tensor };
}

/** A value as a tensor of this one's dtype and device. */
export function tensorLike(value: unknown, { dtype, device }: Tensor): Tensor {
  return value instanceof Tensor
    ? value.to({ device, dtype })
    : ops.scalarTensor(Number(value), { dtype, device });
}

/** Standard normal numbers. */
export function standardNormal(shape: Shape, like: Tensor): Tensor {
  return blank(shape, like).normal_();
}

/** Numbers drawn evenly from [0, 1). */
export function standardUniform(shape: Shape, { dtype, device }: Tensor): Tensor {
  return ops.rand(shape, { dtype, device });
}

/** A tensor of this shape that is to be filled. */
export function blank(shape: Shape, { dtype, device }: Tensor): Tensor {
  return ops.empty(shape, { dtype, device });
}

/** The sum over the last dimensions, as many as are told. */
export function sumRightmost(value: Tensor, dims: number): Tensor {
  return dims === 0 ? value : value.reshape([...value.shape.slice(0, -dims), -1]).sum(-1);
}

/** Probabilities of log-odds. */
export function logitsToProbs(logits: Tensor, isBinary = false): Tensor {
  return isBinary ? logits.sigmoid() : logits.softmax(-1);
}

/** Probabilities away from 0 and 1 by the dtype's eps, so that they have a logarithm. */
export function clampProbs(probs: Tensor): Tensor {
  const { eps } = finfo(probs.dtype);
  return probs.clamp(eps, 1 - eps);
}

/** Log-odds of probabilities. */
export function probsToLogits(probs: Tensor, isBinary = false): Tensor {
  const clamped = clampProbs(probs);
  return isBinary ? clamped.log().sub(clamped.neg().log1p()) : clamped.log();
}

/**
 * The one that is given of the parameters `probs` and `logits`, by its name.
 *
 * @throws ValueError if both or neither are
 */
export function either<T>(
  probs: T | null,
  logits: T | null,
): { readonly name: 'probs' | 'logits'; readonly value: T } {
  if (probs !== null && logits === null) return { name: 'probs', value: probs };
  if (logits !== null && probs === null) return { name: 'logits', value: logits };
  throw new ValueError('Either `probs` or `logits` must be specified, but not both.');
}

const lazyGetters = new WeakSet<object>();

/** The nearest accessor of a name among an object's classes. */
function accessor(object: object, name: string): (() => unknown) | undefined {
  for (let o: object | null = Object.getPrototypeOf(object); o !== null; o = Object.getPrototypeOf(o)) {
    const found = Object.getOwnPropertyDescriptor(o, name);
    if (found !== undefined) return found.get;
  }
  return undefined;
}

/** Whether a property is computed when it is first asked for, and stays. */
export function isLazy(object: object, name: string): boolean {
  const get = accessor(object, name);
  return get !== undefined && lazyGetters.has(get);
}

/** A property of the object's own, in front of its class's. */
export function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Gives a class properties that are computed, with gradients, when they are first asked for, and stay. */
export function lazy<T extends object>(
  { prototype }: { readonly prototype: T },
  properties: Readonly<Record<string, (this: T) => unknown>>,
): void {
  for (const [name, compute] of Object.entries(properties)) {
    const get = function (this: T): unknown {
      const value = enableGrad(() => compute.call(this));
      define(this, name, value);
      return value;
    };
    lazyGetters.add(get);
    Object.defineProperty(prototype, name, { get, configurable: true });
  }
}

/** A distribution given by probabilities or by log-odds, of which the one follows from the other. */
export interface ProbsOrLogits {
  readonly probs: Tensor;
  readonly logits: Tensor;
}

/** The parameter that there is without computing it. */
export function ownParameter(distribution: ProbsOrLogits): Tensor {
  return Object.hasOwn(distribution, 'probs') ? distribution.probs : distribution.logits;
}

/** Both parameters of distributions of two outcomes, lazily. */
export const binaryParameters = {
  probs(this: ProbsOrLogits): Tensor {
    return logitsToProbs(this.logits, true);
  },
  logits(this: ProbsOrLogits): Tensor {
    return probsToLogits(this.probs, true);
  },
};

/** A number or tensor between braces of a Python format string: of tensors without dimensions the number. */
export function formatted(value: unknown): string {
  if (!(value instanceof Tensor) || value.dim() > 0 || !value.isReadable) return String(value);
  const { dtype } = value;
  if (dtype.isFloatingPoint) return formatFloat(value.item() as number);
  return String(value.detach()).replace(/^tensor\((.*)\)$/, '$1');
}

/** Python's float, for bounds that print as such. */
export const float = pyfloat;

/** A shape that starts with one and goes on with another. */
export function joined(...shapes: readonly Shape[]): number[] {
  return shapes.flat();
}

/** The smallest normal number of a dtype. */
export function tiny(dtype: DType): number {
  return finfo(dtype).tiny;
}

/** The elements of a square matrix's lower triangle, row by row, from this diagonal on. */
export function trilMatrixToVec(mat: Tensor, diag = 0): Tensor {
  const n = mat.shape[mat.dim() - 1];
  if (diag < -n || diag >= n) throw new ValueError(`diag (${diag}) provided is outside [${-n}, ${n - 1}].`);
  return mat.flatten(-2).indexSelect(-1, trilPositions(n, diag, mat));
}

/** @throws ValueError for a vector that no matrix's triangle has as many elements as */
export function vecToTrilMatrix(vec: Tensor, diag = 0): Tensor {
  const length = vec.shape[vec.dim() - 1];
  const n =
    (-(1 + 2 * diag) + Math.sqrt((1 + 2 * diag) ** 2 + 8 * length + 4 * Math.abs(diag) * (diag + 1))) / 2;
  if (Math.round(n) - n > finfo(vec.dtype).eps)
    throw new ValueError(
      `The size of last dimension is ${length} which cannot be expressed as the lower triangular part of a square D x D matrix.`,
    );
  const size = Math.round(n);
  const batch = vec.shape.slice(0, -1);
  return vec
    .newZeros([...batch, size * size])
    .indexCopy(-1, trilPositions(size, diag, vec), vec)
    .reshape([...batch, size, size]);
}

/** Where the lower triangle's elements stand in a matrix of n rows that is laid out row by row. */
export function trilPositions(n: number, diag: number, { device }: Tensor): Tensor {
  const positions: number[] = [];
  for (let i = 0; i < n; i++) for (let j = 0; j <= Math.min(i + diag, n - 1); j++) positions.push(i * n + j);
  return tensor(positions, { dtype: int64, device });
}
