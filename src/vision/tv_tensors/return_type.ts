/** Chooses the type that ops of TVTensors give. */
import { ValueError } from '../../core/errors.js';
import { signed } from '../../core/signature/signed.js';
import { Tensor } from '../../core/tensor.js';
import { type Mode, type Next, setBaseMode } from '../../dispatch/mode.js';
import type { Op } from '../../dispatch/op.js';
import { TVTensor } from './tv_tensor.js';

/** The first such tensor of an op's arguments. */
function firstOf(args: readonly unknown[]): TVTensor | null {
  for (const arg of args) {
    if (arg instanceof TVTensor) return arg;
    const inside = Array.isArray(arg) ? firstOf(arg) : null;
    if (inside !== null) return inside;
  }
  return null;
}

class Kept implements Mode {
  readonly remembers = false;

  call(op: Op, args: unknown[], next: Next): unknown {
    const result = next(op, args);
    const like = firstOf(args);
    return like === null ? result : this.wrapped(result, like);
  }

  private wrapped(result: unknown, like: TVTensor): unknown {
    if (Array.isArray(result)) return result.map((part) => this.wrapped(part, like));
    return result instanceof Tensor && !(result instanceof TVTensor) ? like.wrap(result) : result;
  }
}

const isKept = (mode: Mode): boolean => mode instanceof Kept;
let isOn = false;

function keep(on: boolean): void {
  isOn = on;
  setBaseMode(on ? new Kept() : null, isKept);
}

/** Puts the type back that was returned before. */
export interface ReturnTypeSetting {
  [Symbol.dispose](): void;
}

/**
 * Sets what ops make of TVTensors, for good or, by `using`, for a block: plain tensors, as they do by default, or TVTensors like the first that they are
 * given. Transforms always keep the type.
 *
 * @param returnType `Tensor` or `TVTensor`
 *
 * @example
 * {
 *   using _ = torchvision.tvTensors.setReturnType('TVTensor');
 *   image.add(2); // an Image
 * }
 */
export const setReturnType = signed(
  'set_return_type(str return_type)',
  ({ returnType }): ReturnTypeSetting => {
    const name = returnType.toLowerCase();
    if (name !== 'tensor' && name !== 'tvtensor')
      throw new ValueError(`return_type must be 'TVTensor' or 'Tensor', got ${returnType}`);
    const before = isOn;
    keep(name === 'tvtensor');
    return { [Symbol.dispose]: () => keep(before) };
  },
);
