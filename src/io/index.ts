/** `torch.save` and `torch.load`. What they do is imported when it is asked for: a page need not load it to start. */
import { isPlainObject } from '../core/plain.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Bytes } from './bytes.js';
import { safeMakers } from './safe_globals.js';
import type { Writable } from './sink.js';
import type { Readable } from './source.js';
import type { MapLocation } from './storages.js';

export { PicklingError, UnpicklingError } from './file_errors.js';
export type { MapLocation, Readable, Writable };

const loadSignature = signature(
  'load(Any f, Any map_location=None, *, bool weights_only=True, bool mmap=False, bool to_dense=False)',
);
const saveSignature = signature(
  'save(Object obj, Object f=None, *, bool _use_new_zipfile_serialization=True)',
);

/**
 * Loads what PyTorch's or this package's `torch.save` wrote, of any version of PyTorch: tensors, parameters, plain containers, and
 * NumPy's arrays (as tensors) and scalars (as numbers). Anything else in the file is refused unless you say otherwise, and no code in it is ever run.
 *
 * Dictionaries become plain objects where an object can hold their keys in order, Maps otherwise (`state.get(0)`);
 * tuples become frozen arrays. Tensors that shared memory share it again. An index of several files (`pytorch_model.bin.index.json`) gives all that they hold.
 *
 * @param mapLocation where tensors go: a device, devices by the location in the file, or a function of a storage and its location.
 * Tensors that were saved on a device which is not here need it.
 * @param weightsOnly whether objects of other classes are refused; else they become stand-ins (`ForeignObject`) that hold what the file says of them: their
 * attributes, and the tensors of modules (`stateDict()`). Then modules that were saved whole, TorchScript archives and plain pickles can be read, too.
 * `torch.serialization.addSafeGlobals` has objects made by classes of yours instead.
 * @param mmap whether tensors' memory is the file's: what is looked at is read then, and nothing twice. The file must not change meanwhile; changes of the tensors do not reach it.
 * In Node, by the native engine; WebAssembly reads all at once
 * @param toDense whether quantized and sparse tensors become dense ones
 * @example
 * const state = await torch.load('checkpoint.pt', { mapLocation: 'webgpu' }); // after torch.webgpu.init()
 */
export async function load(
  ...args: Arguments<typeof loadSignature, { f: Readable; mapLocation: MapLocation | null }>
): Promise<unknown> {
  const { f, mapLocation, weightsOnly, mmap, toDense } = loadSignature.bind(args);
  const makers = safeMakers();
  const options = {
    mapLocation: mapLocation as MapLocation | null,
    inert: !weightsOnly,
    mmap,
    toDense,
    makers,
  };
  return (await import('./files.js')).load(f as Readable, options);
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
