/** Operands and results of pointwise ops. */

import { devicesError } from '../core/device.js';
import type { DType } from '../core/dtype.js';
import {
  broadcastShapes,
  contiguousStrides,
  isContiguous,
  type Shape,
  sameShape,
  stridesLike,
} from '../core/layout.js';
import { Tensor } from '../core/tensor.js';
import { emptyStrided } from './empty.js';

/** The tensors of a call, and the shape that they broadcast to. */
export interface Operands {
  readonly tensors: readonly Tensor[];
  readonly shape: Shape;
  /** Whether all of them have that shape. */
  readonly isPlain: boolean;
  /** Whether they lie on several devices. */
  readonly isMixed: boolean;
}

/** @param positions where tensors may be among the arguments */
export function operandsOf(args: readonly unknown[], positions: readonly number[]): Operands {
  const tensors: Tensor[] = [];
  let shape: Shape = [];
  let isPlain = true;
  let isMixed = false;
  for (let k = 0; k < positions.length; k++) {
    const arg = args[positions[k]];
    if (!(arg instanceof Tensor)) continue;
    tensors.push(arg);
    if (tensors.length === 1) shape = arg.shape;
    else {
      if (arg.storage.backend !== tensors[0].storage.backend) isMixed = true;
      if (sameShape(shape, arg.shape)) continue;
      shape = broadcastShapes(shape, arg.shape);
      isPlain = false;
    }
  }
  return { tensors, shape, isPlain, isMixed };
}

/** A tensor for the result, laid out as the operands are. */
export function resultOf({ shape, tensors, isPlain }: Operands, dtype: DType): Tensor {
  const first = isPlain ? tensors[0] : largest(tensors, shape);
  const strides =
    first === undefined || (isPlain && isContiguous(first.shape, first.strides))
      ? contiguousStrides(shape)
      : stridesLike(first.shape, first.strides);
  return emptyStrided(shape, strides, dtype, tensors[0]?.storage.backend);
}

/** The first that has the shape that all broadcast to. */
function largest(tensors: readonly Tensor[], shape: Shape): Tensor | undefined {
  return tensors.find((tensor) => sameShape(tensor.shape, shape));
}

/**
 * Numbers that are tensors of the CPU go where the other operands are.
 *
 * @throws RuntimeError if they are on several devices even so
 */
export function onOneDevice(args: readonly unknown[], positions: readonly number[]): readonly unknown[] {
  const tensors = positions.map((i) => args[i]).filter((arg) => arg instanceof Tensor);
  const { device } = tensors.find(({ storage }) => !storage.backend.isHost) ?? tensors[0];
  const moved = args.map((arg, i) =>
    positions.includes(i) && arg instanceof Tensor && arg.ndim === 0 && arg.storage.backend.isHost
      ? arg.to(device)
      : arg,
  );
  const [first, ...others] = positions.map((i) => moved[i]).filter((arg) => arg instanceof Tensor);
  const odd = others.find(({ storage }) => storage.backend !== first.storage.backend);
  if (odd !== undefined) throw devicesError(first.device, odd.device);
  return moved;
}
