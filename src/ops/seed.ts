/** The default generator, at the top level of the namespace. */

import { uint8 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { defaultGenerator, type Generator } from '../core/generator.js';
import type { Tensor } from '../core/tensor.js';
import { fromBytes, rawBytes } from './tensor.js';

/** Seeds the default generator; returns it. */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator.manualSeed(seed);
}

/** Seeds the default generator from the clock and chance; returns the seed. */
export function seed(): bigint {
  const words = new BigUint64Array(1);
  crypto.getRandomValues(words);
  defaultGenerator.manualSeed(words[0]);
  return words[0];
}

/** The seed the default generator started from. */
export function initialSeed(): bigint {
  return defaultGenerator.initialSeed();
}

/** The default generator's state, a uint8 tensor for `setRngState`. */
export function getRngState(): Tensor {
  const state = defaultGenerator.save();
  return fromBytes(state, uint8, [state.length]);
}

/** Puts the default generator back to a state from `getRngState`. */
export function setRngState(state: Tensor): void {
  if (state.dtype !== uint8) throw new RuntimeError('RNG state must be a torch.ByteTensor');
  const expected = defaultGenerator.save().length;
  if (state.numel() !== expected)
    throw new RuntimeError(`RNG state is wrong size: expected ${expected} bytes, got ${state.numel()}`);
  defaultGenerator.restore(rawBytes(state));
}
