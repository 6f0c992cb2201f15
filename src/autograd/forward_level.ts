/**
 * Levels of forward-mode differentiation. A level knows the tangents of tensors; inner levels lie above outer ones, and a
 * tangent at one level may itself have tangents at the levels below. Whatever belongs to a level is computed while only
 * those below are in sight.
 */
import { context, withContext, withContextSync } from '../core/context.js';
import { RuntimeError } from '../core/errors.js';
import { formatShape, isNonOverlappingAndDense, sameShape } from '../core/layout.js';
import { keep } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';

/** How many levels are entered; where there are none, ops have nothing to look for. */
export let openLevels = 0;

export class ForwardLevel {
  /** Levels count from 0. */
  readonly index: number;
  // Weak, and of the level rather than of tensors: what a level knew goes with it, and other tensors carry nothing.
  private readonly tangents = new WeakMap<Tensor, Tensor>();
  /** Tensors that got their tangent by a change in place: views taken before have a part of it. */
  private readonly changed = new WeakSet<Tensor>();

  constructor(readonly below: ForwardLevel | null) {
    this.index = below === null ? 0 : below.index + 1;
  }

  get(tensor: Tensor): Tensor | null {
    const own = this.tangents.get(tensor);
    if (own !== undefined) return own;
    const { base } = tensor;
    if (base === null || !this.changed.has(base)) return null;
    const whole = this.tangents.get(base)!;
    const part = withContextSync({ forward: this.below }, () =>
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

/** A new tensor that lies in memory as another does, so that views of the one fit the other. */
export function likeLayout(tensor: Tensor): Tensor {
  return isNonOverlappingAndDense(tensor.shape, tensor.strides)
    ? tensor.newEmptyStrided(tensor.shape, tensor.strides)
    : tensor.newEmpty(tensor.shape);
}

/** A tangent laid out as its tensor, where that matters for views. */
export function laidOutAs(tangent: Tensor, tensor: Tensor): Tensor {
  if (sameShape(tangent.strides, tensor.strides) || !isNonOverlappingAndDense(tensor.shape, tensor.strides))
    return tangent;
  return tangent.newEmptyStrided(tensor.shape, tensor.strides).copy_(tangent);
}

/** @throws RuntimeError if a tangent has other sizes than its tensor */
export function checkTangent(tensor: Tensor, tangent: Tensor): Tensor {
  if (!sameShape(tensor.shape, tangent.shape))
    throw new RuntimeError(
      `Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. Tensor is of size ${formatShape(tensor.shape)} while the given forward gradient is of size ${formatShape(tangent.shape)}.`,
    );
  return tangent;
}

/** The innermost level in sight. */
export function currentLevel(): ForwardLevel | null {
  return openLevels === 0 ? null : context().forward;
}

/** The levels at which any of these tensors has a tangent, outermost first; null if there are none. */
export function levelsOf(tensors: readonly Tensor[]): ForwardLevel[] | null {
  let found: ForwardLevel[] | null = null;
  for (let level = context().forward; level !== null; level = level.below)
    for (const tensor of tensors)
      if (level.get(tensor) !== null) {
        found ??= [];
        found.unshift(level);
        break;
      }
  return found;
}

/** Gives `to` the tangents of `from`. */
export function moveTangents(from: Tensor, to: Tensor): void {
  for (let level = currentLevel(); level !== null; level = level.below) {
    const tangent = level.get(from);
    if (tangent !== null) level.set(to, tangent);
  }
}

/** Takes a tensor's tangents away. */
export function dropTangents(tensor: Tensor): void {
  for (let level = currentLevel(); level !== null; level = level.below) level.delete(tensor);
}

/** Begins a level; end it by `closeLevel`. */
export function openLevel(): ForwardLevel {
  openLevels++;
  return new ForwardLevel(context().forward);
}

export function closeLevel(): void {
  openLevels--;
}

/** Runs `fn` at a new level; if it returns a promise, the level lasts until that settles. */
export function withLevel<R>(fn: (level: ForwardLevel) => R): R {
  const level = openLevel();
  let pending = false;
  try {
    const result = withContext({ forward: level }, () => fn(level));
    pending = result instanceof Promise;
    return pending ? ((result as Promise<unknown>).finally(closeLevel) as R) : result;
  } finally {
    if (!pending) closeLevel();
  }
}
