/** `torch.save` and `torch.load`. What they do is imported when it is asked for: a page need not load it to start. */
import { isPlainObject } from '../core/plain.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Bytes } from './bytes.js';
import type { Writable } from './sink.js';
import type { Readable } from './source.js';
import type { MapLocation } from './storages.js';

export { PicklingError, UnpicklingError } from './file_errors.js';
export type { MapLocation, Readable, Writable };

const loadSignature = signature('load(Any f, Any map_location=None, *, bool weights_only=True)');
const saveSignature = signature(
  'save(Object obj, Object f=None, *, bool _use_new_zipfile_serialization=True)',
);

/**
 * Loads what PyTorch's or this package's `torch.save` wrote: tensors, parameters and plain containers. Anything else in the
 * file is refused, and no code in it is ever run.
 *
 * Dictionaries become plain objects where an object can hold their keys in order, Maps otherwise (`state.get(0)`);
 * tuples become frozen arrays. Tensors that shared memory share it again.
 *
 * @param mapLocation where tensors go: a device, devices by the location in the file, or a function of a storage and its location.
 * Tensors that were saved on a device which is not here need it.
 * @param weightsOnly always true: a file's code is never run
 * @example
 * const state = await torch.load('checkpoint.pt', { mapLocation: 'webgpu' }); // after torch.webgpu.init()
 */
export async function load(
  ...args: Arguments<typeof loadSignature, { f: Readable; mapLocation: MapLocation | null }>
): Promise<unknown> {
  const { f, mapLocation, weightsOnly } = loadSignature.bind(args);
  return (await import('./files.js')).load(f as Readable, mapLocation as MapLocation | null, weightsOnly);
}

/**
 * Saves tensors and plain containers of them in PyTorch's file format, which Python's `torch.load` reads.
 *
 * Plain objects and Maps become dictionaries (a Map keeps keys that are not strings), arrays lists, frozen arrays
 * tuples. Tensors that share memory still do after loading; those of other devices are saved as the CPU's. A file appears
 * whole or not at all, and keeps its mode and the links to it. What changes before the result is there may or may not be in the file: await it first.
 *
 * @param options with `_useNewZipfileSerialization: false` the format is that of PyTorch before 1.6, a row of pickles, for programs that
 * read no other
 * @returns the bytes, if no target is given
 * @example
 * await torch.save(net.stateDict(), 'cifar_net.pth');
 * const blob = new Blob([await torch.save(net.stateDict())]); // in a browser
 */
export async function save(obj: unknown, f?: null, options?: object): Promise<Bytes>;
export async function save(obj: unknown, f: Writable, options?: object): Promise<void>;
export async function save(...args: Arguments<typeof saveSignature, { f: Writable }>): Promise<void>;
export async function save(...args: unknown[]): Promise<unknown> {
  // The object to save may itself be a plain one; it holds names only where it says where to.
  const isObject = args.length === 1 && isPlainObject(args[0]) && !('f' in args[0]);
  const { obj, f, _useNewZipfileSerialization } = saveSignature.bind(isObject ? [args[0], null] : args);
  return (await import('./files.js')).save(obj, f as Writable | null, _useNewZipfileSerialization);
}
