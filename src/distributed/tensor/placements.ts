/** How a tensor lies on several processes. */
import { RuntimeError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { ReduceOp } from '../reduce_op.js';

/** How a tensor lies on several processes: `Shard`, `Replicate` or `Partial`. */
export abstract class Placement {
  /** Whether it is cut, along `dim` if that is given. */
  isShard(_dim?: number): this is Shard {
    return false;
  }

  /** Whether every process has the whole. */
  isReplicate(): this is Replicate {
    return false;
  }

  /** Whether every process has a term of it, of such a reduction if one is given. */
  isPartial(_reduceOp?: string): this is Partial {
    return false;
  }

  abstract toString(): string;
}

const ofShard = signature('Shard(int dim)');

/** Every process has a part: the tensor is cut along a dimension, as `torch.chunk` cuts it. */
export class Shard extends Placement {
  /** The dimension; of a negative one tensors know what it means. */
  readonly dim: number;

  /** @param dim the dimension */
  constructor(...args: Arguments<typeof ofShard>) {
    super();
    this.dim = ofShard.bind(args).dim;
  }

  override isShard(dim?: number): this is Shard {
    return dim === undefined || dim === this.dim;
  }

  override toString(): string {
    return `Shard(dim=${this.dim})`;
  }
}

/**
 * A part of a part: the dimension is cut along later dimensions of the mesh first. What `fullyShard` makes of parameters that tensor parallelism has cut along their rows.
 */
export class StridedShard extends Shard {
  /** @internal */
  constructor(
    dim: number,
    /** Into how many parts the dimension is cut before. */
    readonly splitFactor: number,
  ) {
    super(dim);
  }

  override toString(): string {
    return `_StridedShard(dim=${this.dim}, sf=${this.splitFactor})`;
  }
}

/** Every process has the whole. */
export class Replicate extends Placement {
  override isReplicate(): this is Replicate {
    return true;
  }

  override toString(): string {
    return 'Replicate()';
  }
}

const ofPartial = signature("Partial(str reduce_op='sum')");
const reductions: Readonly<Record<string, ReduceOp>> = {
  sum: ReduceOp.SUM,
  avg: ReduceOp.AVG,
  max: ReduceOp.MAX,
  min: ReduceOp.MIN,
  product: ReduceOp.PRODUCT,
};

/** Every process has a term, of which the tensor is the sum. */
export class Partial extends Placement {
  /** How terms become one: `'sum'`, `'avg'`, `'max'`, `'min'` or `'product'`. */
  readonly reduceOp: string;

  /** @param reduceOp how terms become one: `'sum'`, `'avg'`, `'max'`, `'min'` or `'product'` */
  constructor(...args: Arguments<typeof ofPartial>) {
    super();
    const { reduceOp } = ofPartial.bind(args);
    if (reductions[reduceOp] === undefined) throw new RuntimeError(`reduce op ${reduceOp} is not supported`);
    this.reduceOp = reduceOp;
  }

  override isPartial(reduceOp?: string): this is Partial {
    return reduceOp === undefined || reduceOp === this.reduceOp;
  }

  override toString(): string {
    return `Partial(${this.reduceOp})`;
  }
}

/** How the terms of a tensor become one. */
export const reductionOf = ({ reduceOp }: Partial): ReduceOp => reductions[reduceOp];

for (const { prototype } of [Placement, Shard, Replicate, Partial])
  for (const [name, source] of [
    ['isShard', 'is_shard(int? dim=None)'],
    ['isReplicate', 'is_replicate()'],
    ['isPartial', 'is_partial(str? reduce_op=None)'],
  ])
    if (Object.hasOwn(prototype, name)) takes(prototype, [source]);
