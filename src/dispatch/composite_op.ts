/** Ops that are made of others. */
import type { Tensor } from '../core/tensor.js';
import { checkResultFits } from './check_result_fits.js';
import { isRecording } from './dispatch.js';
import { reusing } from './empty.js';
import { remembering } from './mode.js';
import { Composite, type Op } from './op.js';
import type { CompositeRow } from './row.js';
import { parseSchema, type Schema } from './schema.js';

type Body = (...args: readonly unknown[]) => unknown;

/** A composite op: its body calls others. */
export class CompositeOp extends Composite {
  private readonly body: Body;
  override readonly isComposite: boolean;
  /** Where modes do not see its parts. */
  readonly differentiable = false;

  constructor(schema: Schema, row: CompositeRow<string>) {
    super(schema, row);
    this.body = row.composite as Body;
    this.isComposite = row.batch === undefined;
  }

  override execute(args: readonly unknown[]): unknown {
    return remembering > 0 ? this.body(...args) : reusing(this.body, args);
  }
}

/** The in-place form of a composite: its result is copied over the first argument. */
export class InPlaceCompositeOp extends Composite {
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
    const result = this.of.call([keeps ? self.clone() : self, ...args.slice(1)]) as Tensor;
    checkResultFits(self, result.shape, result.dtype);
    return self.copy_(result);
  }
}

/** An op whose last argument says whether it is to run in place. */
export class EitherOp extends Composite {
  constructor(
    private readonly of: Op,
    private readonly inPlace: Op,
  ) {
    super(parseSchema(of.schema.source.replace(') ->', ', bool inplace=False) ->')), of.row);
  }

  override execute(args: readonly unknown[]): unknown {
    return (args.at(-1) ? this.inPlace : this.of).call(args.slice(0, -1));
  }
}
