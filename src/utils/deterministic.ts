/** Deterministic mode: ops that PyTorch knows as not deterministic are refused, and new memory has known contents. */

import { noGradSync } from '../autograd/modes.js';
import { bool } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { libraryModule } from '../core/object.js';
import { typeName } from '../core/repr.js';
import { signed } from '../core/signature/signed.js';
import { Tensor } from '../core/tensor.js';
import { iinfo } from '../core/type_info.js';
import { warn } from '../core/warnings.js';
import { innermost, type Mode, type Next, setBaseMode } from '../dispatch/mode.js';
import type { Op } from '../dispatch/op.js';

let fills = true;

class Deterministic implements Mode {
  readonly remembers = false;

  constructor(readonly warnOnly: boolean) {}

  call(op: Op, args: unknown[], next: Next): unknown {
    const { nondeterministic, uninitialized = false } = op.row;
    const name = nondeterministic?.(args) ?? null;
    if (name !== null) this.refuse(name);
    if (!uninitialized) return op.isComposite ? op.execute(args) : next(op, args);
    const [self] = args;
    const before = self instanceof Tensor && op.schema.name.endsWith('_') ? self.storage.nbytes : 0;
    const result = next(op, args) as Tensor;
    if (fills) noGradSync(() => fill(result, before));
    return result;
  }

  private refuse(name: string): void {
    const rest =
      'file an issue at https://github.com/pytorch/pytorch/issues to help us prioritize adding deterministic support for this operation.';
    if (this.warnOnly)
      warn(
        `${name} does not have a deterministic implementation, but you set 'torch.useDeterministicAlgorithms(true, { warnOnly: true })'. You can ${rest}`,
      );
    else
      throw new RuntimeError(
        `${name} does not have a deterministic implementation, but you set 'torch.useDeterministicAlgorithms(true)'. You can turn off determinism just for this operation, or you can use the 'warnOnly: true' option, if that's acceptable for your application. You can also ${rest}`,
      );
  }
}

/** Fills what is new of a tensor's memory: all of it, or what lies behind so many bytes. */
function fill(tensor: Tensor, before: number): void {
  const { dtype, storage } = tensor;
  const { itemsize } = dtype;
  const value = dtype.isDifferentiable ? Number.NaN : dtype === bool ? 1 : iinfo(dtype).max;
  if (before === 0) tensor.fill_(value);
  else if (storage.nbytes > before) {
    const start = before / itemsize;
    new Tensor(storage, dtype, [storage.nbytes / itemsize - start], [1], start).fill_(value);
  }
}

const isDeterministic = (mode: Mode): boolean => mode instanceof Deterministic;

/**
 * Turns deterministic mode on or off, for good: ops that PyTorch knows as not deterministic (`put_` without `accumulate`, `maxUnpool2d`) are errors, and
 * new memory is filled (`torch.utils.deterministic.fillUninitializedMemory`). All others give the same results every time, with or without it.
 *
 * @param warnOnly whether such ops only warn; default false
 *
 * @example
 * torch.useDeterministicAlgorithms(true);
 * torch.empty(2); // tensor([nan, nan])
 */
export const useDeterministicAlgorithms = signed(
  'use_deterministic_algorithms(bool mode, *, bool warn_only=False)',
  ({ mode, warnOnly }) => setBaseMode(mode ? new Deterministic(warnOnly) : null, isDeterministic),
);

/** Whether deterministic mode is on. */
export const areDeterministicAlgorithmsEnabled = signed(
  'are_deterministic_algorithms_enabled()',
  (): boolean => innermost(Deterministic) !== null,
);

/** Whether it only warns where it is on. */
export const isDeterministicAlgorithmsWarnOnlyEnabled = signed(
  'is_deterministic_algorithms_warn_only_enabled()',
  (): boolean => innermost(Deterministic)?.warnOnly ?? false,
);

/** `torch.utils.deterministic`. */
export const deterministic = Object.defineProperty(
  libraryModule('torch.utils.deterministic') as {
    /** Whether deterministic mode fills new memory that has no values: with NaN, the largest integer, or true. Default true. */
    fillUninitializedMemory: boolean;
  },
  'fillUninitializedMemory',
  {
    get: () => fills,
    set(value: unknown) {
      if (typeof value !== 'boolean') throw new RuntimeError(`expected a bool, but got ${typeName(value)}`);
      fills = value;
    },
    enumerable: true,
  },
);
