/** Generators' states as tensors, and the default generator at the top level of the namespace. */

import { uint8 } from '../core/dtype.js';
import { TypeError } from '../core/errors.js';
import { defaultGenerator, Generator } from '../core/generator.js';
import { signed } from '../core/signature/signed.js';
import { takes } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { typeName } from '../dispatch/type_name.js';
import { fromBytes, rawBytes } from './from_data.js';

declare module '../core/generator.js' {
  interface Generator {
    /** Where it stands in its stream: a uint8 tensor for `setState`, here or in Python. */
    getState(): Tensor;
    /**
     * Goes to where a generator stood when it gave this state.
     *
     * @throws TypeError if it is no uint8 tensor, RuntimeError if its size is that of no state
     * @example
     * const g = new torch.Generator();
     * const state = g.getState();
     * const first = torch.rand(2, { generator: g });
     * g.setState(state);
     * torch.rand(2, { generator: g }).equal(first); // true
     */
    setState(state: Tensor): void;
    /** Another generator that stands where this one does. */
    cloneState(): Generator;
  }
}

Generator.prototype.getState = function (): Tensor {
  const state = this.save();
  return fromBytes(state, uint8, [state.length]);
};

Generator.prototype.setState = function (state: Tensor): void {
  if (!(state instanceof Tensor))
    throw new TypeError(`expected a torch.ByteTensor, but got ${typeName(state)}`);
  if (state.dtype !== uint8 || state.device.type !== 'cpu')
    throw new TypeError('RNG state must be a torch.ByteTensor');
  this.restore(rawBytes(state));
};

Generator.prototype.cloneState = function (): Generator {
  const clone = new Generator(this.device).manualSeed(this.initialSeed());
  clone.restore(this.save());
  return clone;
};

takes(Generator.prototype, ['get_state()', 'set_state(Any new_state)', 'clone_state()']);

/** Seeds the default generator; returns it. */
export const manualSeed = signed('manual_seed(int64 seed)', ({ seed }) => defaultGenerator.manualSeed(seed));

/** Seeds the default generator by chance; returns the seed. */
export const seed = signed('seed()', () => defaultGenerator.seed());

/** The seed the default generator started from. */
export const initialSeed = signed('initial_seed()', () => defaultGenerator.initialSeed());

/** The default generator's state, a uint8 tensor for `setRngState`, here or in Python (`torch.set_rng_state`). */
export const getRngState = signed('get_rng_state()', () => defaultGenerator.getState());

/** Puts the default generator back to a state from `getRngState`. */
export const setRngState = signed('set_rng_state(Tensor new_state)', ({ newState }) =>
  defaultGenerator.setState(newState),
);
