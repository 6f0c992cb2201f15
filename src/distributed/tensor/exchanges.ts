/** Exchanges along a dimension that block until they are done, and their gradients. */
import { Function, type FunctionContext } from '../../autograd/function.js';
import { noGradSync } from '../../autograd/modes.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { allGatherIntoTensor } from '../moving_collectives.js';
import type { ProcessGroup } from '../process_group.js';
import { ReduceOp } from '../reduce_op.js';
import { allReduce, reduceScatterTensor } from '../reducing_collectives.js';
import { fullLength, partOf } from './chunks.js';
import { cut } from './cuts.js';

/** A tensor with zeros behind its rows, as many as a full part has; rows come first. */
function padded(rows: Tensor, length: number): Tensor {
  const missing = length - rows.shape[0];
  if (missing === 0) return rows.contiguous();
  return ops.cat([
    rows,
    ops.zeros([missing, ...rows.shape.slice(1)], { dtype: rows.dtype, device: rows.device }),
  ]);
}

/** The whole of a tensor of which every rank has a part. @param size the whole's size along the dimension */
export function gathered(part: Tensor, dim: number, size: number, group: ProcessGroup): Tensor {
  if (group.size() === 1) return part.detach().clone();
  return noGradSync(() => {
    const length = fullLength(size, group.size());
    const own = padded(part.detach().transpose(0, dim), length);
    const whole = ops.empty([length * group.size(), ...own.shape.slice(1)], {
      dtype: own.dtype,
      device: own.device,
    });
    allGatherIntoTensor(whole, own, { group, asyncOp: true }).waitSync();
    return whole.narrow(0, 0, size).transpose(0, dim).contiguous();
  });
}

/** This rank's part of the sum of all ranks' tensors. */
export function scattered(
  whole: Tensor,
  dim: number,
  group: ProcessGroup,
  op: ReduceOp = ReduceOp.SUM,
): Tensor {
  if (group.size() === 1) return whole.detach().clone();
  return noGradSync(() => {
    const size = whole.shape[dim];
    const length = fullLength(size, group.size());
    const all = padded(whole.detach().transpose(0, dim), length * group.size());
    const own = ops.empty([length, ...all.shape.slice(1)], { dtype: all.dtype, device: all.device });
    reduceScatterTensor(own, all, { op, group, asyncOp: true }).waitSync();
    return own
      .narrow(0, 0, partOf(size, group.size(), group.rank()).length)
      .transpose(0, dim)
      .contiguous();
  });
}

/** The sum of all ranks' tensors. */
export function summed(term: Tensor, group: ProcessGroup, op: ReduceOp = ReduceOp.SUM): Tensor {
  return noGradSync(() => {
    const sum = term.detach().clone().contiguous();
    if (group.size() > 1) allReduce(sum, { op, group, asyncOp: true }).waitSync();
    return sum;
  });
}

/** Gathers parts; the gradient of each is its part of the sum of what the ranks' wholes got. */
export class Gather extends Function {
  static override forward(
    ctx: FunctionContext,
    part: Tensor,
    dim: number,
    size: number,
    group: ProcessGroup,
  ): Tensor {
    Object.assign(ctx, { dim, group });
    return gathered(part, dim, size, group);
  }

  static override backward(ctx: FunctionContext, grad: Tensor) {
    return [scattered(grad, ctx.dim as number, ctx.group as ProcessGroup), null, null, null];
  }
}

/** Gathers parts of what is the same for all afterwards: so is its gradient, of which each rank takes its part. */
export class GatherAlike extends Gather {
  static override backward(ctx: FunctionContext, grad: Tensor) {
    return [cut(grad, ctx.dim as number, ctx.group as ProcessGroup), null, null, null];
  }
}

/** Adds up terms and gives each rank a part; the gradients of the parts are gathered. */
export class Scatter extends Function {
  static override forward(ctx: FunctionContext, whole: Tensor, dim: number, group: ProcessGroup): Tensor {
    Object.assign(ctx, { dim, group, size: whole.shape[dim] });
    return scattered(whole, dim, group);
  }

  static override backward(ctx: FunctionContext, grad: Tensor) {
    return [gathered(grad, ctx.dim as number, ctx.size as number, ctx.group as ProcessGroup), null, null];
  }
}

/** Takes a part of what all ranks have alike; its gradient is made of those of all parts. */
export class Cut extends Function {
  static override forward(ctx: FunctionContext, whole: Tensor, dim: number, group: ProcessGroup): Tensor {
    Object.assign(ctx, { dim, group, size: whole.shape[dim] });
    return cut(whole, dim, group).clone();
  }

  static override backward(ctx: FunctionContext, grad: Tensor) {
    return [gathered(grad, ctx.dim as number, ctx.size as number, ctx.group as ProcessGroup), null, null];
  }
}

/** Adds up terms; all have the sum then, and each term its gradient. */
export class Sum extends Function {
  static override forward(_ctx: FunctionContext, term: Tensor, group: ProcessGroup): Tensor {
    return summed(term, group);
  }

  static override backward(_ctx: FunctionContext, grad: Tensor) {
    return [grad, null];
  }
}

/** Hands on what all ranks have alike and use in different ways: its gradient is the sum of theirs. */
export class Shared extends Function {
  static override forward(ctx: FunctionContext, whole: Tensor, group: ProcessGroup): Tensor {
    ctx.group = group;
    return whole.view(whole.shape);
  }

  static override backward(ctx: FunctionContext, grad: Tensor) {
    return [summed(grad, ctx.group as ProcessGroup), null];
  }
}
