/** Autograd as a mode: what it lets through it records. */
import { metaOf, setHistory } from '../autograd/node.js';
import { rebaseHistory } from '../autograd/view_history.js';
import { context } from '../core/context.js';
import { RuntimeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { checkInPlace } from './check_in_place.js';
import type { Mode, Next } from './mode.js';
import type { Op, Results } from './op.js';
import { OpNode } from './op_node.js';
import type { InPlaceOp, RecordedOp } from './recorded_op.js';

/** The mode beneath all others. */
export const autograd: Mode = {
  remembers: false,
  call(op, args, next) {
    if (op.isComposite) return op.execute(args);
    return op.isInPlace ? change(op as InPlaceOp, args, next) : compute(op as RecordedOp, args, next);
  },
};

/** Whether any of the arguments has a history or wants a gradient. */
function requiresGrad(op: Op, args: readonly unknown[]): boolean {
  for (const i of op.tensorInputs) {
    const arg = args[i];
    if (arg instanceof Tensor) {
      if ((arg.autograd !== null || arg.base !== null) && arg.requiresGrad) return true;
    } else if (Array.isArray(arg)) {
      for (const item of arg) if (item instanceof Tensor && item.requiresGrad) return true;
    }
  }
  return false;
}

function compute(op: RecordedOp, args: unknown[], next: Next): unknown {
  const isRecorded = requiresGrad(op, args) && context().grad && op.differentiable;
  const results = next(op, args) as Results;
  if (!isRecorded) return results;
  const list: readonly Tensor[] = results instanceof Tensor ? [results] : results;
  if (!list.some(isDifferentiable)) return results;
  const node = new OpNode(op, args);
  node.results = list.map(metaOf);
  for (let i = 0; i < list.length; i++) if (isDifferentiable(list[i])) setHistory(list[i], node, i);
  node.keep(args, list, null);
  return results;
}

const isDifferentiable = ({ dtype }: Tensor): boolean => dtype.isDifferentiable;

function change(op: InPlaceOp, args: unknown[], next: Next): Tensor {
  const self = args[0] as Tensor;
  const { of } = op;
  const { grad, inference } = context();
  if (grad) checkInPlace(self);
  if (self.inference && !inference)
    throw new RuntimeError(
      'Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.',
    );
  const isRecorded = grad && of.differentiable && self.dtype.isDifferentiable && requiresGrad(op, args);
  if (!isRecorded) {
    next(op, args);
    return self;
  }
  const node = new OpNode(of, args);
  // A formula that reads `self` means its value from before.
  const isSaved = node.savedNames.includes(of.schema.parameters[0].name);
  const before = isSaved ? (op.before ?? self.clone()) : null;
  next(op, args);
  node.results = [metaOf(self)];
  rebaseHistory(self, node);
  node.keep(args, [self], before);
  return self;
}
