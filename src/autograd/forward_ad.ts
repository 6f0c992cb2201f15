/** `torch.autograd.forward_ad`: forward-mode differentiation by dual tensors. */
import { context, setBaseContext } from '../core/context.js';
import { RuntimeError } from '../core/errors.js';
import { signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';
import { currentLevel, ForwardLevel, withLevel } from '../dispatch/forward_level.js';
import { enterMode, leaveMode } from '../dispatch/mode.js';
import { dualAt, unpackAt } from './dual.js';

/** A tensor's value and its tangent; null where it has none. */
export type UnpackedDualTensor = readonly [primal: Tensor, tangent: Tensor | null] & {
  readonly primal: Tensor;
  readonly tangent: Tensor | null;
};

const dualLevelSignature = signature('dual_level(Callable fn)');

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
export function dualLevel<R>(fn: () => R): R;
export function dualLevel<R>(options: { fn: () => R }): R;
export function dualLevel(...args: unknown[]): unknown {
  const { fn } = dualLevelSignature.bind(args);
  checkNotNested();
  return withLevel(fn as () => unknown);
}

/** Enters a level until `exitDualLevel`; returns its number. Prefer `dualLevel`, which ends by itself. */
export const enterDualLevel = signed('enter_dual_level()', (): number => {
  checkNotNested();
  const level = new ForwardLevel(context().modes);
  setBaseContext({ modes: enterMode(level) });
  return level.index;
});

/** Ends the level that was entered last; its tangents are gone. */
export const exitDualLevel = signed('exit_dual_level(*, int? level=None)', ({ level: given }) => {
  const current = currentLevel();
  const level = given ?? current?.index ?? -1;
  if (current === null || level !== current.index)
    throw new RuntimeError(
      'Trying to exit a forward AD level that was not the last one that was created. This is not supported.',
    );
  setBaseContext({ modes: current.below });
  leaveMode(current);
});

function levelFor(index: number | null): ForwardLevel | null {
  let level = currentLevel();
  if (index !== null) while (level !== null && level.index !== index) level = level.outer;
  return level;
}

/**
 * A view of `tensor` that carries `tangent`, by which results' tangents are computed.
 *
 * @param tangent of the sizes of `tensor`; used as it is where it lies in memory as `tensor` does
 */
export const makeDual = signed(
  'make_dual(Tensor tensor, Tensor tangent, *, int? level=None)',
  ({ tensor, tangent, level: index }): Tensor => {
    const level = levelFor(index);
    if (level === null)
      throw new RuntimeError(
        'Trying to create a dual Tensor for forward AD but no level exists, make sure to call it inside dualLevel() first.',
      );
    return dualAt(level, tensor, tangent);
  },
);

/** The value of a dual tensor, as a view, and its tangent. */
export const unpackDual = signed(
  'unpack_dual(Tensor tensor, *, int? level=None)',
  ({ tensor, level: index }): UnpackedDualTensor => {
    const level = levelFor(index);
    const unpacked = level === null ? ([tensor, null] as const) : unpackAt(level, tensor);
    return Object.assign(unpacked, { primal: unpacked[0], tangent: unpacked[1] });
  },
);
