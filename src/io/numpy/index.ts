/**
 * `torch.numpy`: NumPy's `load`, `save`, `savez` and `savez_compressed`, for `.npy` and `.npz` files of tensors, and `loadtxt`, `genfromtxt` and `savetxt`
 * for text. What they do is imported when it is asked for.
 */

import { snakeCase } from '../../core/camel_case.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { asRecord, isPlainObject } from '../../core/plain.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { asTensor, type TensorData } from '../../ops/from_data.js';
import { RawArray, type RawElements } from '../raw_array.js';
import type { Writable } from '../sink.js';
import type { Readable } from '../source.js';
import { NpzFile } from './npz.js';

export * from './text_functions.js';
export { NpzFile, RawArray, type RawElements };

const loadSignature = signature('load(Any file)');
const loadRawSignature = signature('load_raw(Any file)');
const saveSignature = signature('save(Object file, Object arr)');
const archiveSignature = signature('savez(Object file)');

/**
 * Loads an `.npy` file as a tensor, or opens an `.npz` file, whose arrays are read when they are asked for.
 *
 * Format versions 1.0 to 3.0, both byte orders, row- and column-major arrays (these keep their strides), archives stored
 * or deflated. Python objects are refused: reading them would run code.
 *
 * @throws ValueError if the file is damaged or no such file; TypeError for element types that tensors do not have
 * @example
 * const x = await torch.numpy.load('x.npy');
 */
export async function load(file: `${string}.npy`): Promise<Tensor>;
export async function load(file: `${string}.npz`): Promise<NpzFile>;
export async function load(
  ...args: Arguments<typeof loadSignature, { file: Readable }>
): Promise<Tensor | NpzFile>;
export async function load(...args: unknown[]): Promise<Tensor | NpzFile> {
  const { file } = loadSignature.bind(args);
  return (await import('../files.js')).loadArray(file as Readable);
}

/**
 * Loads an `.npy` file of any element type but Python objects: what no dtype is there for, as text or large unsigned integers.
 *
 * @example
 * (await torch.numpy.loadRaw('names.npy')).toArray(); // ['cat', 'dog']
 */
export async function loadRaw(
  ...args: Arguments<typeof loadRawSignature, { file: Readable }>
): Promise<RawArray> {
  const { file } = loadRawSignature.bind(args);
  return (await import('../files.js')).loadRawArray(file as Readable);
}

/**
 * Saves an array in NumPy's `.npy` format. As with NumPy, a path without that extension gets it.
 *
 * @example
 * await torch.numpy.save('x.npy', torch.arange(3));
 */
export async function save(
  ...args: Arguments<typeof saveSignature, { file: Writable; arr: TensorData }>
): Promise<void> {
  const { file, arr } = saveSignature.bind(args);
  const tensor = asTensor(arr as TensorData);
  await (await import('../files.js')).saveArray(file as Writable, tensor);
}

/** Arrays by name, as the last argument of `savez`. */
export type NamedArrays = Readonly<Record<string, TensorData>> | ReadonlyMap<string, TensorData>;

/**
 * Saves several arrays in one `.npz` file, uncompressed: those given by position as `arr_0`, `arr_1`, …, those in a trailing
 * object by their names.
 *
 * @example
 * await torch.numpy.savez('data.npz', { inputs: torch.rand(4, 2), labels: torch.arange(4) });
 */
export async function savez(file: Writable, ...args: readonly (TensorData | NamedArrays)[]): Promise<void> {
  await saveArrays('savez', [file, ...args], false);
}

/** As `savez`, with each array deflated. */
export async function savezCompressed(
  file: Writable,
  ...args: readonly (TensorData | NamedArrays)[]
): Promise<void> {
  await saveArrays('savezCompressed', [file, ...args], true);
}

async function saveArrays(
  owner: string,
  [first, ...rest]: readonly unknown[],
  deflates: boolean,
): Promise<void> {
  // By name the file stands among the arrays.
  const byName = rest.length === 0 && isPlainObject(first) && 'file' in first;
  const { file, ...named } = byName ? first : { file: first };
  const target = archiveSignature.bind([file], snakeCase(owner)).file as Writable;
  const arrays = arraysByName(owner, (byName ? [named] : rest) as readonly (TensorData | NamedArrays)[]);
  await (await import('../files.js')).saveArchive(target, arrays, deflates);
}

/** The arrays by their names in the archive. @param owner the function that was called with them */
function arraysByName(owner: string, args: readonly (TensorData | NamedArrays)[]): Map<string, Tensor> {
  const last = asRecord(args.at(-1));
  const named = isNamed(last) ? last : {};
  // In NumPy's order: the named ones come first.
  const arrays = new Map(Object.entries(named).map(([name, arr]) => [name, asTensor(arr)]));
  for (const [i, arr] of (isNamed(last) ? args.slice(0, -1) : args).entries()) {
    if (isNamed(arr)) throw new TypeError(`${owner}() takes arrays by name in its last argument only`);
    if (arrays.has(`arr_${i}`)) throw new ValueError(`Cannot use un-named variables and keyword arr_${i}`);
    arrays.set(`arr_${i}`, asTensor(arr));
  }
  return arrays;
}

/** An object of arrays, and not an array of `ndarray`'s kind, which is an object too. */
function isNamed(value: unknown): value is NamedArrays {
  return isPlainObject(value) && !('data' in value && ArrayBuffer.isView(value.data) && 'shape' in value);
}
