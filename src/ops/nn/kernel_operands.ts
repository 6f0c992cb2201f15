/** Operands and results of the rows of `nn.functional`. */

import type { Kernels } from '../../backends/kernels.js';
import { castRemedy, cppName } from '../../core/cpp_names.js';
import { bfloat16, Category, type DType, float16, float32, float64, int64 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import type { Shape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { empty } from '../../dispatch/empty.js';
import { notImplemented } from '../../dispatch/promote.js';
import { functionsOf, op } from '../../dispatch/registry.js';
import type { CompositeRow } from '../../dispatch/row.js';
import type { NnFunctionalFunctions } from '../../generated/signatures.js';
import { converted } from '../copying.js';
import type { Reduction } from './loss_reduction.js';

/** The functions of `nn.functional` that come from rows, for bodies of rows. */
export const F = functionsOf('nn.functional') as unknown as NnFunctionalFunctions;

export function kernelsOf(tensor: Tensor): Kernels {
  return tensor.storage.backend.kernels;
}

/** The dtype that kernels compute a floating-point dtype in: half types have no kernels of their own. */
export function kernelDtype(dtype: DType): DType {
  return dtype === float16 || dtype === bfloat16 ? float32 : dtype;
}

/** A tensor as kernels read it: dense, and of a dtype they know. @throws NotImplementedError if it is no float */
export function operand(tensor: Tensor, name: string): Tensor {
  if (!tensor.dtype.isFloatingPoint) throw notImplemented(name, tensor.dtype);
  const dtype = kernelDtype(tensor.dtype);
  if (dtype !== tensor.dtype || !tensor.isContiguous()) return converted(tensor, dtype);
  return tensor;
}

/**
 * `operand`, with integers in double, where their results are exact below 2^53; devices without it compute in int64.
 * @throws NotImplementedError for bool
 */
export function exactOperand(tensor: Tensor, name: string): Tensor {
  if (tensor.dtype.category !== Category.int) return operand(tensor, name);
  return converted(tensor, tensor.storage.backend.hasFloat64 ? float64 : int64);
}

/** `operand` of what may be absent. */
export function optionalOperand(tensor: Tensor | null, name: string): Tensor | null {
  return tensor === null ? null : operand(tensor, name);
}

/** @throws RuntimeError in PyTorch's words unless the classes' weights have the input's dtype */
export function checkWeightDtype(input: Tensor, weight: Tensor | null): void {
  if (weight !== null && weight.dtype !== input.dtype)
    throw new RuntimeError(
      `expected scalar type ${input.dtype.scalarName} but found ${weight.dtype.scalarName}${castRemedy(input.dtype, weight.dtype)}`,
    );
}

/** A new tensor for a kernel's result, beside `like` and in its kernel dtype unless another is given. */
export function result(shape: Shape, like: Tensor, dtype: DType = kernelDtype(like.dtype)): Tensor {
  return empty(shape, dtype, like.storage.backend);
}

/** A kernel's result in the dtype of what it was computed from. */
export function finish(tensor: Tensor, dtype: DType): Tensor {
  return tensor.dtype === dtype ? tensor : converted(tensor, dtype);
}

/** The reduction of a loss. @throws ValueError in PyTorch's words */
export function reductionOf(reduction: string): Reduction {
  if (reduction === 'none' || reduction === 'mean' || reduction === 'sum') return reduction;
  throw new ValueError(`${reduction} is not a valid value for reduction`);
}

/** The reduction that `size_average` and `reduce`, which PyTorch replaced by it, stand for; null if neither is given. */
export function legacyReduction(sizeAverage: boolean | null, reduce: boolean | null): Reduction | null {
  if (sizeAverage === null && reduce === null) return null;
  const reduction = reduce === false ? 'none' : sizeAverage === false ? 'sum' : 'mean';
  warn(`size_average and reduce args will be deprecated, please use reduction: '${reduction}' instead.`);
  return reduction;
}

type Modern<S extends string> =
  S extends `${infer A}, bool? size_average=None${infer B}, bool? reduce=None${infer C}`
    ? `${A}${B}${C}`
    : never;

/** The row of a loss whose body need not know of `size_average` and `reduce`. */
export function loss<const S extends string>(source: S, row: CompositeRow<Modern<S>>): void {
  const body = row.composite as unknown as (...args: unknown[]) => Tensor;
  const made = op(source, {
    ...row,
    composite(...args: unknown[]) {
      const { positions } = made.op.schema;
      const [average, reduce, reduction] = places.map((place) => positions.get(place)!);
      const legacy = legacyReduction(args[average] as boolean | null, args[reduce] as boolean | null);
      if (legacy !== null) args[reduction] = legacy;
      return body(...args.filter((_, i) => i !== average && i !== reduce));
    },
  } as unknown as CompositeRow<S>);
}

const places = ['size_average', 'reduce', 'reduction'];

/** A loss per element, reduced. */
export function reduced(loss: Tensor, reduction: string): Tensor {
  const how = reductionOf(reduction);
  return how === 'none' ? loss : loss[how]();
}

/** @throws RuntimeError unless an input and what goes with it have one dtype */
export function checkSameDtype(input: Tensor, other: Tensor | null, what: string): void {
  if (other !== null && other.dtype !== input.dtype)
    throw new RuntimeError(
      `Input type (${cppName(input.dtype)}) and ${what} type (${cppName(other.dtype)}) should be the same${castRemedy(input.dtype, other.dtype)}`,
    );
}

/** @throws RuntimeError unless a triplet's tensors have as many dimensions */
export function checkTriplet(anchor: Tensor, positive: Tensor, negative: Tensor): void {
  if (anchor.ndim !== positive.ndim || anchor.ndim !== negative.ndim)
    throw new RuntimeError(
      `The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor ${anchor.ndim}D, positive ${positive.ndim}D, and negative ${negative.ndim}D inputs`,
    );
}
