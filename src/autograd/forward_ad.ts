/** `torch.autograd.forward_ad`: forward-mode differentiation by dual tensors. */
import { setBaseContext, withContextSync } from '../core/context.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import {
  checkTangent,
  closeLevel,
  currentLevel,
  type ForwardLevel,
  laidOutAs,
  openLevel,
  withLevel,
} from './forward_level.js';

/** A tensor's value and its tangent; null where it has none. */
export type UnpackedDualTensor = readonly [primal: Tensor, tangent: Tensor | null] & {
  readonly primal: Tensor;
  readonly tangent: Tensor | null;
};

export interface LevelOptions {
  /** Which level; default: the innermost. */
  level?: number | null;
}

function checkNotNested(): void {
  if (currentLevel() !== null)
    throw new RuntimeError('Nested forward mode AD is not supported at the moment');
}

/**
 * Runs `fn` at a level of forward-mode differentiation: what it computes from dual tensors has tangents, until it ends.
 *
 * @example
 * const y = torch.autograd.forwardAd.dualLevel(() => {
 *   const x = torch.autograd.forwardAd.makeDual(torch.tensor([1, 2.5]), torch.tensor([1.5, 0]));
 *   return torch.autograd.forwardAd.unpackDual(x.mul(x)).tangent;
 * });
 */
export function dualLevel<R>(fn: () => R): R {
  checkNotNested();
  return withLevel(fn);
}

/** Enters a level until `exitDualLevel`; returns its number. Prefer `dualLevel`, which ends by itself. */
export function enterDualLevel(): number {
  checkNotNested();
  const level = openLevel();
  setBaseContext({ forward: level });
  return level.index;
}

/** Ends the level that was entered last; its tangents are gone. */
export function exitDualLevel(options: LevelOptions = {}): void {
  const current = currentLevel();
  const level = options.level ?? current?.index ?? -1;
  if (current === null || level !== current.index)
    throw new RuntimeError(
      'Trying to exit a forward AD level that was not the last one that was created. This is not supported.',
    );
  setBaseContext({ forward: current.below });
  closeLevel();
}

function levelFor(options: LevelOptions): ForwardLevel | null {
  let level = currentLevel();
  if (typeof options.level === 'number')
    while (level !== null && level.index !== options.level) level = level.below;
  return level;
}

/**
 * A view of `tensor` that carries `tangent`, by which results' tangents are computed.
 *
 * @param tangent of the sizes of `tensor`; used as it is where it lies in memory as `tensor` does
 */
export function makeDual(tensor: Tensor, tangent: Tensor, options: LevelOptions = {}): Tensor {
  const level = levelFor(options);
  if (level === null)
    throw new RuntimeError(
      'Trying to create a dual Tensor for forward AD but no level exists, make sure to call it inside dualLevel() first.',
    );
  return dualAt(level, tensor, tangent);
}

/** @internal A dual tensor of a level. */
export function dualAt(level: ForwardLevel, tensor: Tensor, tangent: Tensor): Tensor {
  for (const [name, t] of [
    ['primal', tensor],
    ['tangent', tangent],
  ] as const)
    if (!t.dtype.isFloatingPoint && !t.dtype.isComplex)
      throw new ValueError(`Expected ${name} to be floating point or complex, but got: ${t.dtype}`);
  if (level.get(tensor) !== null)
    throw new RuntimeError(
      `Making a dual Tensor based on a Tensor that already has a forward gradient at the same level ${level.index} is not supported.`,
    );
  checkTangent(tensor, tangent);
  return withContextSync({ forward: level.below }, () => {
    const dual = tensor.alias();
    level.set(dual, laidOutAs(tangent, tensor));
    return dual;
  });
}

/** The value of a dual tensor, as a view, and its tangent. */
export function unpackDual(tensor: Tensor, options: LevelOptions = {}): UnpackedDualTensor {
  const level = levelFor(options);
  const unpacked = level === null ? ([tensor, null] as const) : unpackAt(level, tensor);
  return Object.assign(unpacked, { primal: unpacked[0], tangent: unpacked[1] });
}

/** @internal What a dual tensor of a level consists of. */
export function unpackAt(
  level: ForwardLevel,
  tensor: Tensor,
): readonly [primal: Tensor, tangent: Tensor | null] {
  const tangent = level.get(tensor);
  return withContextSync({ forward: level.below }, () => {
    const primal = tensor.alias();
    // As a view it would have a part of what its base has.
    if (tangent !== null) primal.base = null;
    return [primal, tangent] as const;
  });
}
