/**
 * Levels of forward-mode differentiation. A level knows the tangents of tensors; inner levels lie above outer ones, and a
 * tangent at one level may itself have tangents at the levels below. Whatever belongs to a level is computed while only
 * those below are in sight.
 */
import type { Gradient } from '../autograd/node.js';
import { likeLayout } from '../autograd/tangent_layout.js';
import { context, type ModeStack } from '../core/context.js';
import { keep } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';
import { carryOut, innermost, type Mode, type Next, withMode, withModes } from './mode.js';
import type { Op, Results } from './op.js';
import type { InPlaceOp, RecordedOp } from './recorded_op.js';
import { fitTangent, type ParameterTangent, valuesOf } from './tangents.js';

export class ForwardLevel implements Mode {
  /** Results know of what they were made from. */
  readonly remembers = true;
  readonly hasTangents = true;
  /** The level around it. */
  readonly outer: ForwardLevel | null;
  /** Levels count from 0. */
  readonly index: number;
  // Weak, and of the level rather than of tensors: what a level knew goes with it, and other tensors carry nothing.
  private readonly tangents = new WeakMap<Tensor, Tensor>();
  /** Tensors that got their tangent by a change in place: views taken before have a part of it. */
  private readonly changed = new WeakSet<Tensor>();

  constructor(
    /** The modes that it was entered in. */
    readonly below: ModeStack | null,
  ) {
    this.outer = innermost(ForwardLevel);
    this.index = this.outer === null ? 0 : this.outer.index + 1;
  }

  call(op: Op, args: unknown[], next: Next): unknown {
    if (op.isComposite) return carryOut(op.tensorsOf(args), () => op.execute(args));
    if (!context().tangents || !this.moves(op, args)) return next(op, args);
    if (op.isInPlace) {
      const self = args[0] as Tensor;
      const change = op as InPlaceOp;
      // A formula that reads `self` means its value from before; the copy has the tangent from before, too.
      const before = change.before ?? self.clone();
      next(change.knowing(before), args);
      if (self.dtype.isDifferentiable) {
        const old = args.map((arg) => (arg === self ? before : arg));
        const found = this.resultTangents(change.of, old, [self]);
        if (found !== null) withModes(this.below, () => this.replace(self, found[0]));
      }
      return self;
    }
    const results = next(op, args) as Results;
    const list = results instanceof Tensor ? [results] : results;
    if (list.some((r) => r.dtype.isDifferentiable)) this.push(op as RecordedOp, args, list);
    return results;
  }

  /** Whether any of the arguments has a tangent. */
  private moves(op: Op, args: readonly unknown[]): boolean {
    return op.tensorsOf(args).some((t) => this.get(t) !== null);
  }

  /** Gives results their tangents. */
  private push(op: RecordedOp, args: readonly unknown[], results: readonly Tensor[]): void {
    const found = this.resultTangents(op, args, results);
    if (found === null) return;
    const given = this.inputTangents(op, args).flat();
    withModes(this.below, () => {
      for (const [i, r] of results.entries()) {
        const tangent = found[i];
        if (r.dtype.isDifferentiable && tangent !== null)
          this.set(r, op.isView ? tangent : fitTangent(tangent, r, given));
      }
    });
  }

  /** The tangents of results; null if the op has no derivative. */
  private resultTangents(
    op: RecordedOp,
    args: readonly unknown[],
    results: readonly Tensor[],
  ): readonly Gradient[] | null {
    if (!op.differentiable) return null;
    return withModes(this.below, () =>
      op.tangents(valuesOf(op.schema, args, results), this.inputTangents(op, args), results),
    );
  }

  /** The tangents of the arguments. */
  private inputTangents(op: Op, args: readonly unknown[]): readonly ParameterTangent[] {
    const tangents: ParameterTangent[] = args.map(() => null);
    for (const i of op.tensorInputs) {
      const arg = args[i];
      if (arg instanceof Tensor) tangents[i] = this.get(arg);
      else if (Array.isArray(arg)) {
        const list = (arg as (Tensor | null)[]).map((item) => (item === null ? null : this.get(item)));
        if (list.some((t) => t !== null)) tangents[i] = list;
      }
    }
    return tangents;
  }

  adopt(from: Tensor, to: Tensor): void {
    const tangent = this.get(from);
    if (tangent !== null) this.set(to, tangent);
  }

  known(tensor: Tensor): unknown {
    return this.get(tensor);
  }

  get(tensor: Tensor): Tensor | null {
    const own = this.tangents.get(tensor);
    if (own !== undefined) return own;
    const { base } = tensor;
    if (base === null || !this.changed.has(base)) return null;
    const whole = this.tangents.get(base)!;
    const part = withModes(this.below, () =>
      whole.asStrided(tensor.shape, tensor.strides, tensor.offset - base.offset + whole.offset),
    );
    this.tangents.set(tensor, part);
    return part;
  }

  set(tensor: Tensor, tangent: Tensor): void {
    this.tangents.set(tensor, tangent);
    keep(tensor, tensor.storage);
  }

  /** Forgets a tensor's tangent. */
  delete(tensor: Tensor): void {
    this.tangents.delete(tensor);
  }

  /** The new tangent of a tensor that was changed in place; views of it and what it is a view of see it too. */
  replace(tensor: Tensor, tangent: Tensor | null): void {
    const present = this.get(tensor);
    if (present !== null) {
      if (tangent === null) present.zero_();
      else present.copy_(tangent);
      return;
    }
    if (tangent === null) return;
    const root = tensor.base ?? tensor;
    if (this.tangents.has(root)) {
      this.set(tensor, tangent.clone());
      return;
    }
    this.set(root, likeLayout(root).zero_());
    this.changed.add(root);
    this.get(tensor)!.copy_(tangent);
  }
}

/** The innermost level in sight, where tangents are computed. */
export function currentLevel(): ForwardLevel | null {
  return context().tangents ? innermost(ForwardLevel) : null;
}

/** The levels in sight, innermost first. */
export function levels(): ForwardLevel[] {
  const found: ForwardLevel[] = [];
  for (let level = currentLevel(); level !== null; level = level.outer) found.push(level);
  return found;
}

/** The levels at which any of these tensors has a tangent, outermost first. */
export function levelsOf(tensors: readonly Tensor[]): ForwardLevel[] {
  return levels()
    .filter((level) => tensors.some((t) => level.get(t) !== null))
    .reverse();
}

/** Takes a tensor's tangents away. */
export function dropTangents(tensor: Tensor): void {
  for (const level of levels()) level.delete(tensor);
}

/** Runs `fn` at a new level; if it returns a promise, the level lasts until that settles. */
export function withLevel<R>(fn: (level: ForwardLevel) => R): R {
  const level = new ForwardLevel(context().modes);
  return withMode(level, () => fn(level));
}
