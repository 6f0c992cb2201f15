/** `torch.xpu`, which answers as PyTorch does where Intel's GPUs are not. */
import { signed } from '../core/signature/signed.js';

/** Whether such a device can be used: no. */
export const isAvailable = signed('is_available()', (): boolean => false);

/** How many of them there are: 0. */
export const deviceCount = signed('device_count()', (): number => 0);

/** Seeds nothing: there are no generators of such devices. */
export const manualSeed = signed('manual_seed(int seed)', (): void => {});

/** Seeds nothing: there are no generators of such devices. */
export const manualSeedAll = signed('manual_seed_all(int seed)', (): void => {});
