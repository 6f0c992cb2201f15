/** Several transforms beside each other, each of a part of a dimension. */
import { AssertionError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { Cat, Stack } from '../constraints/composed_constraints.js';
import type { Constraint } from '../constraints/constraint.js';
import { sumRightmost } from '../utils.js';
import { Transform, transformClass } from './base_transform.js';

abstract class JoinedTransform extends Transform {
  /** The transforms of the parts. */
  readonly transforms: readonly Transform[];
  readonly dim: number;

  constructor(tseq: unknown, dim: number, cacheSize: number) {
    super(cacheSize);
    if (!Array.isArray(tseq) || !tseq.every((t) => t instanceof Transform))
      throw new AssertionError('All elements of tseq must be Transform instances');
    this.transforms = tseq.map((t: Transform) => (cacheSize === 0 ? t : t.withCache(cacheSize)));
    this.dim = dim;
  }

  override get bijective(): boolean {
    return this.transforms.every((t) => t.bijective);
  }

  /** The dimension's size. */
  protected abstract get size(): { readonly name: string; readonly value: number };
  protected abstract parts(value: Tensor, name: string, subject?: string): readonly Tensor[];
  protected abstract join(parts: readonly Tensor[]): Tensor;

  /** @param subject the value's name where its dimensions are counted */
  protected check(value: Tensor, name: string, subject: string): void {
    const { dim, size } = this;
    if (dim < -value.dim() || dim >= value.dim())
      throw new AssertionError(`dim ${dim} out of range for ${subject} with ${value.dim()} dimensions`);
    const found = value.size(dim) as number;
    if (found !== size.value)
      throw new AssertionError(`${name}.size(${dim}) = ${found} must equal ${size.name} ${size.value}`);
  }

  override _call(x: Tensor): Tensor {
    return this.join(this.parts(x, 'x', 'tensor').map((part, i) => this.transforms[i].forward(part)));
  }

  override _inverse(y: Tensor): Tensor {
    return this.join(this.parts(y, 'y', 'tensor').map((part, i) => this.transforms[i].inv.forward(part)));
  }
}

const catTransform = signature('CatTransform(Any tseq, int dim=0, int[]? lengths=None, int cache_size=0)');

/** Transforms of consecutive parts of a dimension, as `torch.cat` joins them. */
export class CatTransform extends JoinedTransform {
  readonly lengths: readonly number[];

  /**
   * @param tseq the transforms of the parts
   * @param dim the dimension
   * @param lengths the sizes of the parts; null: 1 each
   * @param cacheSize 1: every part keeps its last result with its input
   */
  constructor(...args: Arguments<typeof catTransform, { tseq: readonly Transform[] }>) {
    const { tseq, dim, lengths, cacheSize } = catTransform.bind(args);
    super(tseq, dim, cacheSize);
    this.lengths = lengths ?? this.transforms.map(() => 1);
    if (this.lengths.length !== this.transforms.length)
      throw new AssertionError(
        `lengths (${this.lengths.length}) must match transforms (${this.transforms.length})`,
      );
  }

  override get eventDim(): number {
    return Math.max(...this.transforms.map((t) => t.eventDim));
  }

  /** The dimension's size. */
  get length(): number {
    return this.lengths.reduce((sum, length) => sum + length, 0);
  }

  protected override get size() {
    return { name: 'length', value: this.length };
  }

  protected override copy(cacheSize: number): Transform {
    return new CatTransform(this.transforms, this.dim, this.lengths, cacheSize);
  }

  override get domain(): Constraint {
    return new Cat(
      this.transforms.map((t) => t.domain),
      this.dim,
      this.lengths,
    );
  }

  override get codomain(): Constraint {
    return new Cat(
      this.transforms.map((t) => t.codomain),
      this.dim,
      this.lengths,
    );
  }

  protected override parts(value: Tensor, name: string, subject = name): readonly Tensor[] {
    this.check(value, name, subject);
    let start = 0;
    return this.lengths.map((length) => {
      const part = value.narrow(this.dim, start, length);
      start += length;
      return part;
    });
  }

  protected override join(parts: readonly Tensor[]): Tensor {
    return ops.cat(parts, this.dim);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const [xs, ys] = [this.parts(x, 'x'), this.parts(y, 'y')];
    const { eventDim } = this;
    const terms = this.transforms.map((t, i) =>
      sumRightmost(t.logAbsDetJacobian(xs[i], ys[i]), eventDim - t.eventDim),
    );
    const dim = (this.dim >= 0 ? this.dim - x.dim() : this.dim) + eventDim;
    return dim < 0 ? ops.cat(terms, dim) : terms.reduce((sum, term) => sum.add(term));
  }
}

const stackTransform = signature('StackTransform(Any tseq, int dim=0, int cache_size=0)');

/** Transforms of the slices of a dimension, as `torch.stack` joins them. */
export class StackTransform extends JoinedTransform {
  /**
   * @param tseq the transforms of the slices
   * @param dim the dimension
   * @param cacheSize 1: every part keeps its last result with its input
   */
  constructor(...args: Arguments<typeof stackTransform, { tseq: readonly Transform[] }>) {
    const { tseq, dim, cacheSize } = stackTransform.bind(args);
    super(tseq, dim, cacheSize);
  }

  protected override get size() {
    return { name: 'len(transforms)', value: this.transforms.length };
  }

  protected override copy(cacheSize: number): Transform {
    return new StackTransform(this.transforms, this.dim, cacheSize);
  }

  override get domain(): Constraint {
    return new Stack(
      this.transforms.map((t) => t.domain),
      this.dim,
    );
  }

  override get codomain(): Constraint {
    return new Stack(
      this.transforms.map((t) => t.codomain),
      this.dim,
    );
  }

  protected override parts(value: Tensor, name: string, subject = name): readonly Tensor[] {
    this.check(value, name, subject);
    return value.unbind(this.dim);
  }

  protected override join(parts: readonly Tensor[]): Tensor {
    return ops.stack(parts, this.dim);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const [xs, ys] = [this.parts(x, 'x'), this.parts(y, 'y')];
    return this.join(this.transforms.map((t, i) => t.logAbsDetJacobian(xs[i], ys[i])));
  }
}

for (const one of [CatTransform, StackTransform]) transformClass(one);
