/** Checkpoints in several files, with an index that says which of them has which tensor: `model.safetensors.index.json`. */
import { RuntimeError } from '../core/errors.js';
import type { ByteSource } from './byte_source.js';
import type { Readable } from './source.js';

/**
 * Loads the files of an index, one after the other.
 *
 * @param from what the index was read from: the files are beside it
 * @param loadShard loads one of them
 * @returns all tensors, in the order of the index
 */
export async function loadShards(
  from: Readable,
  source: ByteSource,
  loadShard: (shard: Readable) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  const places = placesOf(source.name, new TextDecoder().decode(await source.read(0, source.size)));
  const shards = new Map<string, Readonly<Record<string, unknown>>>();
  for (const file of new Set(places.values())) {
    const shard = await loadShard(beside(from, file));
    const record = shard instanceof Map ? Object.fromEntries(shard) : shard;
    if (typeof record !== 'object' || record === null)
      throw new RuntimeError(`${file}, which ${source.name} names, holds no dictionary`);
    shards.set(file, record as Record<string, unknown>);
  }
  const found: Record<string, unknown> = {};
  for (const [name, file] of places) {
    const shard = shards.get(file)!;
    if (!Object.hasOwn(shard, name))
      throw new RuntimeError(`${file} lacks ${name}, which ${source.name} says is in it`);
    Object.defineProperty(found, name, {
      value: shard[name],
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return found;
}

/** The file of each name. */
function placesOf(name: string, text: string): Map<string, string> {
  let index: { weight_map?: unknown };
  try {
    index = JSON.parse(text);
  } catch {
    throw new RuntimeError(`${name} is not a checkpoint: it is damaged JSON`);
  }
  const map = index.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw new RuntimeError(`${name} is not a checkpoint: it is JSON without a weight_map`);
  const places = new Map(Object.entries(map as Record<string, unknown>));
  for (const file of places.values())
    if (typeof file !== 'string' || !/^[^/\\]+$/.test(file) || file === '..')
      throw new RuntimeError(`${name} names a file that is not beside it: ${String(file)}`);
  return places as Map<string, string>;
}

/** A file in the same folder. */
function beside(from: Readable, file: string): string | URL {
  if (from instanceof URL) return new URL(encodeURIComponent(file), from);
  if (typeof from === 'string') return from.replace(/[^/\\]*$/, () => file);
  throw new RuntimeError(
    'the files of an index are found beside it: give its path or URL, or load the files themselves and merge what they hold',
  );
}
