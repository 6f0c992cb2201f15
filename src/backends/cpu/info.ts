/** `torch.backends.cpu`: which form of the engine runs. `FLAMBEAU_CPU=native|wasm` chooses it. */
import { host } from '../../core/host.js';

/** `'native'` or `'wasm'`. */
export function engine(): 'native' | 'wasm' {
  return host().engine().kind;
}

/** The instruction set that the kernels use, such as `'AVX2'`. */
export function getCpuCapability(): string {
  return host().engine().isa.toUpperCase();
}
