/** Ops that change their first argument instead of returning a new tensor. */
import { setHistory } from '../autograd/node.js';
import { sameShape } from '../core/layout.js';
import { keep } from '../core/scope.js';
import { gradNode, type Tensor } from '../core/tensor.js';
import { checkInPlace } from './check_in_place.js';
import { checkResultFits } from './check_result_fits.js';
import { dispatch } from './dispatch.js';
import { adopt } from './mode.js';
import { Composite, type Op } from './op.js';
import { InPlaceOp, RecordedOp } from './recorded_op.js';
import { isRecording } from './recording.js';
import type { Schema } from './schema.js';

/** The op of this name that changes its first argument as `of` computes it. */
export function inPlaceForm(of: Op, schema: Schema): Op {
  if (!(of instanceof RecordedOp)) return new InPlaceCompositeOp(schema, of);
  return of.isView ? new InPlaceViewOp(schema, of) : new InPlaceOp(schema, of);
}

/** The in-place form of a view changes what the tensor shows, not what is in memory. */
class InPlaceViewOp extends Composite {
  constructor(
    schema: Schema,
    private readonly of: RecordedOp,
  ) {
    super(schema, of.row);
  }

  override execute(args: unknown[]): Tensor {
    const self = args[0] as Tensor;
    if (isRecording()) checkInPlace(self);
    const seen = dispatch(this.of, args) as Tensor;
    const origin = gradNode(seen);
    self.relayout(seen.shape, seen.strides, seen.offset);
    if (origin !== null) {
      setHistory(self, origin, 0);
      keep(self, self.storage);
    }
    adopt(seen, self);
    return self;
  }
}

/** The in-place form of a composite: its result is copied over the first argument. */
class InPlaceCompositeOp extends Composite {
  override readonly isInPlace = true;

  constructor(
    schema: Schema,
    private readonly of: Op,
  ) {
    super(schema, of.row);
  }

  override execute(args: readonly unknown[]): Tensor {
    const self = args[0] as Tensor;
    // The body saves its value from before.
    const keeps = isRecording() && self.requiresGrad && !self.isLeaf;
    const result = dispatch(this.of, [keeps ? self.clone() : self, ...args.slice(1)]) as Tensor;
    if (this.row.inplace === 'resizes' && !sameShape(self.shape, result.shape)) self.resize_(result.shape);
    checkResultFits(self, result.shape, result.dtype);
    return self.copy_(result);
  }
}
