/** Operands, numbers and results of pointwise ops, as kernels take them. */

import type { StridedView } from '../backends/backend.js';
import type { ComputeType, Program } from '../backends/program.js';
import { devicesError } from '../core/device.js';
import { bool, Category, type DType } from '../core/dtype.js';
import { overflowError } from '../core/errors.js';
import { contiguousStrides, isContiguous, type Shape, sameShape, stridesLike } from '../core/layout.js';
import { roundedTo } from '../core/small_floats.js';
import { Tensor } from '../core/tensor.js';
import { lower, name } from '../expression/index.js';
import { checkResultFits } from './check_result_fits.js';
import { emptyStrided } from './empty.js';
import { checkNoInternalOverlap, checkNoPartialOverlap } from './overlap.js';
import { computeType } from './promote.js';

const copies = new Map<ComputeType, Program>();

/** A tensor without dimensions as an element of another dtype. */
export function narrowed(tensor: Tensor, dtype: DType): Tensor {
  const compute = computeType(tensor.dtype);
  let program = copies.get(compute);
  if (program === undefined) {
    program = lower([name('self')], ['self'], [], compute);
    copies.set(compute, program);
  }
  const { backend } = tensor.storage;
  const result = emptyStrided([], [], dtype, backend);
  backend.pointwise(program, [], [result], [tensor], []);
  return result;
}

/** A number as an element of a dtype: integers wrap, and half precisions round unless the kernel takes numbers as they are. */
export function asElement(value: number | bigint, dtype: DType, exact: boolean): number | bigint {
  if (dtype.category === Category.float) {
    if (exact || typeof value === 'bigint') return value;
    return roundedTo(dtype, value);
  }
  if (dtype === bool) return value === 0 || value === 0n ? 0 : 1;
  if (dtype.category !== Category.int) return value;
  const whole = toInteger(value);
  if (dtype.itemsize === 8) return whole;
  const bits = 8 * dtype.itemsize;
  return Number(dtype.isSigned ? BigInt.asIntN(bits, BigInt(whole)) : BigInt.asUintN(bits, BigInt(whole)));
}

/** A number as integer kernels take it: its fraction dropped. */
export function toInteger(value: number | bigint): number | bigint {
  if (typeof value === 'bigint' || Number.isInteger(value)) return value;
  if (!Number.isFinite(value)) throw overflowError('int64_t');
  return Math.trunc(value);
}

/** Where the result goes: the tensor to be changed, if it fits, or a new one. */
export function prepare(
  shape: Shape,
  dtype: DType,
  inputs: readonly Tensor[],
  plain: boolean,
  into: Tensor | null,
): Tensor {
  if (into !== null) {
    checkResultFits(into, shape, dtype);
    checkNoInternalOverlap(into);
    for (const input of inputs) checkNoPartialOverlap(into, input);
  }
  checkDevices(inputs);
  return into ?? resultOf(shape, dtype, inputs, plain);
}

/** A tensor for the result, laid out as the operands are. @param plain whether all of them have its shape */
export function resultOf(shape: Shape, dtype: DType, inputs: readonly Tensor[], plain: boolean): Tensor {
  let first: Tensor | null = null;
  for (let i = 0; i < inputs.length && first === null; i++)
    if (sameShape(inputs[i].shape, shape)) first = inputs[i];
  const strides =
    first === null || (plain && isContiguous(first.shape, first.strides))
      ? contiguousStrides(shape)
      : stridesLike(first.shape, first.strides);
  return emptyStrided(shape, strides, dtype, inputs[0]?.storage.backend);
}

/** Numbers that are tensors of the CPU go where the other operands are. */
export function onOneDevice(args: readonly unknown[], operands: readonly number[]): readonly unknown[] {
  let home: Tensor | null = null;
  let mixed = false;
  for (const i of operands) {
    const arg = args[i];
    if (!(arg instanceof Tensor)) continue;
    if (home === null) home = arg;
    else if (arg.storage.backend !== home.storage.backend) {
      mixed = true;
      if (home.storage.backend.isHost) home = arg;
    }
  }
  if (!mixed) return args;
  const { device } = home!;
  return args.map((arg, i) =>
    operands.includes(i) && arg instanceof Tensor && arg.ndim === 0 && arg.storage.backend.isHost
      ? arg.to(device)
      : arg,
  );
}

function checkDevices(inputs: readonly StridedView[]): void {
  for (let i = 1; i < inputs.length; i++)
    if (inputs[i].storage.backend !== inputs[0].storage.backend)
      throw devicesError(inputs[0].storage.backend.device, inputs[i].storage.backend.device);
}
