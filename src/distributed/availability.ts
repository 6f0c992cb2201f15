/** Which backends there are. */
import { toDevice } from '../core/device.js';
import { ValueError } from '../core/errors.js';
import { findInstalled, findPackageFile } from '../core/package_files.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import { launchedBackend } from './launcher.js';
import { groupOr } from './process_group.js';
import { hasBackend } from './worlds.js';

/** Whether there is a distributed package: always. */
export const isAvailable = signed('is_available()', () => true);

/** Whether a backend of that name is known, installed or not. */
export const isBackendAvailable = signed('is_backend_available(str backend)', ({ backend }) =>
  hasBackend(backend.toLowerCase()),
);

/** Whether the package `@flambeau/mpi` is here, which carries the backend `'mpi'`. */
export const isMpiAvailable = signed(
  'is_mpi_available()',
  () =>
    globalThis.process?.getBuiltinModule !== undefined &&
    (findPackageFile('../mpi/index.js') !== null || findInstalled('@flambeau/mpi') !== null),
);

/** Whether there is the backend `'gloo'`: never. */
export const isGlooAvailable = signed('is_gloo_available()', () => false);

/** Whether there is the backend `'nccl'`: never. */
export const isNcclAvailable = signed('is_nccl_available()', () => false);

/** Whether there is the backend `'ucc'`: never. */
export const isUccAvailable = signed('is_ucc_available()', () => false);

/** Whether there is the backend `'xccl'`: never. */
export const isXcclAvailable = signed('is_xccl_available()', () => false);

/** Whether `torchrun` has started this process, which says so in the variable `TORCHELASTIC_RUN_ID`. */
export const isTorchelasticLaunched = signed(
  'is_torchelastic_launched()',
  () => globalThis.process?.env?.TORCHELASTIC_RUN_ID !== undefined,
);

const ofDevice = signature('get_default_backend_for_device(Device device)');

/**
 * The backend for tensors on a device where none is named: `'mpi'` in a process that a launcher has started, else `'single'`.
 *
 * @param device the device, or its name
 */
export function getDefaultBackendForDevice(...args: Arguments<typeof ofDevice>): string {
  const device = toDevice(ofDevice.bind(args).device);
  if (!carried.includes(device.type))
    throw new ValueError(`Default backend not registered for device : ${device}`);
  return launchedBackend();
}

/** The devices whose tensors collectives take. */
const carried: readonly string[] = ['cpu', 'webgpu'];

/** A group's backend for each type of device: `'cpu:mpi,webgpu:mpi'`. */
export const getBackendConfig = signed('get_backend_config(ProcessGroup? group=None)', ({ group }) => {
  const one = groupOr(group);
  if (!one.isMember || !one.isAlive) throw new ValueError('Invalid process group specified');
  return carried.map((type) => `${type}:${one.backend}`).join(',');
});
