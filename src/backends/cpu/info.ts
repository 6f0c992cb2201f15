/** `torch.backends.cpu`: which form of the engine runs. `FLAMBEAU_CPU=native|wasm` chooses it. */
import { host } from '../../core/host.js';
import { signed } from '../../core/signature/signed.js';

/** `'native'` or `'wasm'`. */
export const engine = signed('engine()', (): 'native' | 'wasm' => host().engine().kind);

/** The instruction set that the kernels use, such as `'AVX2'`. */
export const getCpuCapability = signed('get_cpu_capability()', (): string =>
  host().engine().isa.toUpperCase(),
);
