/** `torch.cuda`, which answers as PyTorch does on a machine without NVIDIA's GPUs: CUDA is not here, in any place that JavaScript runs. */
import { absent } from '../core/backends.js';
import { signed } from '../core/signature/signed.js';

const refuse = (): never => {
  throw absent('cuda');
};

/** Whether CUDA can be used: no. */
export const isAvailable = signed('is_available()', (): boolean => false);

/** How many of its devices there are: 0. */
export const deviceCount = signed('device_count()', (): number => 0);

/** Whether its state has been set up: no. */
export const isInitialized = signed('is_initialized()', (): boolean => false);

/** Whether its devices compute in bfloat16: no. */
export const isBf16Supported = signed(
  'is_bf16_supported(bool including_emulation=True)',
  (): boolean => false,
);

/** Seeds nothing: there are no generators of CUDA's. */
export const manualSeed = signed('manual_seed(int seed)', (): void => {});

/** Seeds nothing: there are no generators of CUDA's. */
export const manualSeedAll = signed('manual_seed_all(int seed)', (): void => {});

/** Does nothing: no memory is kept. */
export const emptyCache = signed('empty_cache()', (): void => {});

/** Bytes that tensors hold: 0. */
export const memoryAllocated = signed('memory_allocated(Device|int? device=None)', (): number => 0);

/** The most that `memoryAllocated` has been: 0. */
export const maxMemoryAllocated = signed('max_memory_allocated(Device|int? device=None)', (): number => 0);

/** Bytes taken from devices: 0. */
export const memoryReserved = signed('memory_reserved(Device|int? device=None)', (): number => 0);

/** @throws AssertionError always: there is no CUDA here */
export const init = signed('init()', refuse);

/** @throws AssertionError always: there is no CUDA here */
export const currentDevice = signed('current_device()', refuse);

/** @throws AssertionError always: there is no CUDA here */
export const setDevice = signed('set_device(Device|int device)', refuse);

/** @throws AssertionError always: there is no CUDA here */
export const synchronize = signed('synchronize(Device|int? device=None)', refuse);

/** @throws AssertionError always: there is no CUDA here */
export const getDeviceName = signed('get_device_name(Device|int? device=None)', refuse);

/** @throws AssertionError always: there is no CUDA here */
export const getDeviceCapability = signed('get_device_capability(Device|int? device=None)', refuse);

/** @throws AssertionError always: there is no CUDA here */
export const getDeviceProperties = signed('get_device_properties(Device|int? device=None)', refuse);
