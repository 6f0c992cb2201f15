/** Ops that are made of others. */

import { dispatch } from './dispatch.js';
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

/** An op whose last argument says whether it is to run in place. */
export class EitherOp extends Composite {
  constructor(
    private readonly of: Op,
    private readonly inPlace: Op,
  ) {
    super(parseSchema(of.schema.source.replace(') ->', ', bool inplace=False) ->')), of.row);
  }

  override execute(args: readonly unknown[]): unknown {
    return dispatch(args.at(-1) ? this.inPlace : this.of, args.slice(0, -1));
  }
}
