/** `torch.save` and `torch.load`. What they do is imported when it is asked for: a page need not load it to start. */
import type { Writable } from './sink.js';
import type { Readable } from './source.js';
import type { MapLocation } from './storages.js';

export { PicklingError, UnpicklingError } from './errors.js';
export type { MapLocation, Readable, Writable };

export interface LoadOptions {
  /**
   * Where tensors go: a device, devices by the location in the file, or a function of a storage and its location. Tensors that
   * were saved on a device which is not here need it.
   */
  mapLocation?: MapLocation | null;
  /** Always true: a file's code is never run. */
  weightsOnly?: boolean;
}

/**
 * Loads what PyTorch's or this package's `torch.save` wrote: tensors, parameters and plain containers. Anything else in the
 * file is refused, and no code in it is ever run.
 *
 * Dictionaries become plain objects where an object can hold their keys in order, Maps otherwise (`state.get(0)`);
 * tuples become frozen arrays. Tensors that shared memory share it again.
 *
 * @example
 * const state = await torch.load('checkpoint.pt', { mapLocation: 'webgpu' }); // after torch.webgpu.init()
 */
export async function load(from: Readable, options: LoadOptions = {}): Promise<unknown> {
  return (await import('./files.js')).load(from, options);
}

export interface SaveOptions {
  /** False writes the format of PyTorch before 1.6, a row of pickles, for programs that read no other. */
  _useNewZipfileSerialization?: boolean;
}

/**
 * Saves tensors and plain containers of them in PyTorch's file format, which Python's `torch.load` reads.
 *
 * Plain objects and Maps become dictionaries (a Map keeps keys that are not strings), arrays lists, frozen arrays
 * tuples. Tensors that share memory still do after loading; those of other devices are saved as the CPU's. A file appears
 * whole or not at all, and keeps its mode and the links to it. What changes before the result is there may or may not be in the file: await it first.
 *
 * @returns the bytes, if no target is given
 * @example
 * await torch.save(net.stateDict(), 'cifar_net.pth');
 * const blob = new Blob([await torch.save(net.stateDict())]); // in a browser
 */
export async function save(
  value: unknown,
  target?: null,
  options?: SaveOptions,
): Promise<Uint8Array<ArrayBuffer>>;
export async function save(value: unknown, target: Writable, options?: SaveOptions): Promise<void>;
export async function save(
  value: unknown,
  target: Writable | null = null,
  options: SaveOptions = {},
): Promise<unknown> {
  return (await import('./files.js')).save(value, target, options);
}
