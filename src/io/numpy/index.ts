/** `torch.numpy`: NumPy's `load`, `save`, `savez` and `savez_compressed`, for `.npy` and `.npz` files of tensors. */
import { TypeError, ValueError } from '../../core/errors.js';
import { isPlainObject } from '../../core/plain.js';
import type { Tensor } from '../../core/tensor.js';
import { asTensor, type TensorData } from '../../ops/tensor.js';
import { type Writable, writeTo } from '../sink.js';
import { openSource, type Readable } from '../source.js';
import { ZipWriter } from '../zip_writer.js';
import { magic } from './header.js';
import { readNpy, writeNpy } from './npy.js';
import { NpzFile } from './npz.js';

export { NpzFile };

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
export async function load(file: Readable): Promise<Tensor | NpzFile>;
export async function load(file: Readable): Promise<Tensor | NpzFile> {
  const source = await openSource(file);
  let isOpen = false;
  try {
    const head = await source.read(0, Math.min(magic.length, source.size));
    // Archives begin with an entry; those without any with one of their end records, PK\5\6 or PK\6\6.
    if (head.length > 3 && head[0] === 0x50 && head[1] === 0x4b && [3, 5, 6].includes(head[2])) {
      const npz = await NpzFile.open(source);
      isOpen = true;
      return npz;
    }
    if (head.length === 0) throw new ValueError('No data left in file');
    if (!magic.every((byte, i) => head[i] === byte)) {
      throw new ValueError(
        `${source.name} is neither an .npy nor an .npz file: if it contains pickled (object) data, that cannot be loaded`,
      );
    }
    return await readNpy(source);
  } finally {
    if (!isOpen) await source.close();
  }
}

/**
 * Saves an array in NumPy's `.npy` format. As with NumPy, a path without that extension gets it.
 *
 * @example
 * await torch.numpy.save('x.npy', torch.arange(3));
 */
export async function save(file: Writable, arr: TensorData): Promise<void> {
  const parts = writeNpy(asTensor(arr));
  await writeTo(withExtension(file, '.npy'), async (sink) => {
    for (const part of parts) await sink(part);
  });
}

/** Arrays by name, as the last argument of `savez`. */
export type NamedArrays = Readonly<Record<string, TensorData>>;

/**
 * Saves several arrays in one `.npz` file, uncompressed: those given by position as `arr_0`, `arr_1`, …, those in a trailing
 * object by their names.
 *
 * @example
 * await torch.numpy.savez('data.npz', { inputs: torch.rand(4, 2), labels: torch.arange(4) });
 */
export async function savez(file: Writable, ...args: readonly (TensorData | NamedArrays)[]): Promise<void> {
  await writeArchive('savez', file, args, false);
}

/** As `savez`, with each array deflated. */
export async function savezCompressed(
  file: Writable,
  ...args: readonly (TensorData | NamedArrays)[]
): Promise<void> {
  await writeArchive('savezCompressed', file, args, true);
}

async function writeArchive(
  owner: string,
  file: Writable,
  args: readonly (TensorData | NamedArrays)[],
  compress: boolean,
): Promise<void> {
  const last = args.at(-1);
  const named = isNamed(last) ? last : {};
  // In NumPy's order: the named ones come first.
  const arrays = new Map(Object.entries(named).map(([name, arr]) => [name, asTensor(arr)]));
  for (const [i, arr] of args.entries()) {
    if (arr === named) continue;
    if (isNamed(arr)) throw new TypeError(`${owner}() takes arrays by name in its last argument only`);
    if (arrays.has(`arr_${i}`)) throw new ValueError(`Cannot use un-named variables and keyword arr_${i}`);
    arrays.set(`arr_${i}`, asTensor(arr));
  }
  const entries = [...arrays].map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)] as const);
  await writeTo(withExtension(file, '.npz'), async (sink) => {
    const archive = new ZipWriter(sink);
    for (const [name, [header, elements]] of entries) {
      const content = new Uint8Array(header.length + elements.length);
      content.set(header);
      content.set(elements, header.length);
      await archive.add(name, content, compress);
    }
    await archive.finish();
  });
}

/** An object of arrays, and not an array of `ndarray`'s kind, which is an object too. */
function isNamed(value: unknown): value is NamedArrays {
  return isPlainObject(value) && !('data' in value && ArrayBuffer.isView(value.data) && 'shape' in value);
}

function withExtension(file: Writable, extension: string): Writable {
  return typeof file === 'string' && !file.endsWith(extension) ? file + extension : file;
}
