/** `torch.mps`, which answers as PyTorch does where Apple's Metal is not. */
import { signed } from '../core/signature/signed.js';

/** Whether Metal can be used: no; on a Mac the GPU is `webgpu`. */
export const isAvailable = signed('is_available()', (): boolean => false);

/** How many of its devices there are: 0. */
export const deviceCount = signed('device_count()', (): number => 0);

/** Seeds nothing: there are no generators of Metal's. */
export const manualSeed = signed('manual_seed(int seed)', (): void => {});
