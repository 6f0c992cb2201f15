/** `torch.backends.cpu`: which form of the engine runs. `FLAMBEAU_CPU=native|wasm` chooses it. */
import { loadEngine } from './load.js';

/** `'native'` or `'wasm'`. */
export function engine(): 'native' | 'wasm' {
  return loadEngine().kind;
}

/** The instruction set that the kernels use, such as `'AVX2'`. */
export function getCpuCapability(): string {
  return loadEngine().isa.toUpperCase();
}
