/** Who writes what: every part once, and about as much on every rank. */
import { dtypeByName } from '../../core/dtype.js';
import { NotImplementedError, TypeError, ValueError } from '../../core/errors.js';
import { strided } from '../../core/memory_format.js';
import { Tensor } from '../../core/tensor.js';
import {
  intersection,
  type Metadata,
  type Place,
  type Stored,
  type StoredChunk,
  volume,
} from './metadata.js';
import { isSharded, shard } from './sharded_value.js';
import type { StateEntry } from './state_entries.js';

/** A part that a rank has, as all ranks learn of it. */
export interface WriteItem {
  readonly key: string;
  readonly path: readonly (string | number)[];
  /** Of a tensor; null of other values. */
  readonly box: {
    readonly dtype: string;
    readonly itemsize: number;
    readonly size: readonly number[];
    readonly offsets: readonly number[];
    readonly sizes: readonly number[];
  } | null;
}

/** What is written of an entry: null of parts that this process has nothing of. */
export function localTensor({ key, value }: StateEntry): Tensor | null {
  const tensor = isSharded(value) ? value[shard]().local : value instanceof Tensor ? value : null;
  if (tensor === null) return null;
  if (tensor.layout !== strided)
    throw new NotImplementedError(
      `${key} has the layout ${tensor.layout}: checkpoints have dense tensors, toDense() makes one`,
    );
  if (!tensor.storage.backend.hasValues)
    throw new NotImplementedError(`${key} is on ${tensor.device} and has no values to save`);
  return tensor;
}

/** The parts that this process has. */
export function itemsOf(entries: readonly StateEntry[]): WriteItem[] {
  const items: WriteItem[] = [];
  for (const entry of entries) {
    const { key, path, value } = entry;
    const tensor = localTensor(entry);
    if (tensor === null) {
      if (typeof value === 'function')
        throw new TypeError(`${key} is a function, which no checkpoint can hold`);
      items.push({ key, path, box: null });
      continue;
    }
    const { name: dtype, itemsize } = tensor.dtype;
    const sizes = [...tensor.shape];
    const { size, offsets } = isSharded(value)
      ? value[shard]()
      : { size: sizes, offsets: sizes.map(() => 0) };
    // Of a whole tensor nothing is one part as well, so that it is there; an empty part of another is none.
    if (tensor.numel() === 0 && volume({ sizes: size }) > 0) continue;
    items.push({ key, path, box: { dtype, itemsize, size, offsets, sizes } });
  }
  return items;
}

const indexOf = ({ key, box }: WriteItem): string => JSON.stringify([key, box?.offsets ?? null]);

/** Gives each part that several ranks have to the one of them that has least to write so far, as PyTorch does, or to the first. */
export function shareOut(plans: readonly (readonly WriteItem[])[], isFirst: boolean): WriteItem[][] {
  const owners = new Map<string, { item: WriteItem; ranks: number[] }>();
  for (const [rank, plan] of plans.entries())
    for (const item of plan) {
      const index = indexOf(item);
      const known = owners.get(index);
      if (known === undefined) owners.set(index, { item, ranks: [rank] });
      else known.ranks.push(rank);
    }
  const loads = plans.map(() => 0);
  const shared: WriteItem[][] = plans.map(() => []);
  for (const { item, ranks } of owners.values()) {
    const rank = isFirst ? ranks[0] : ranks.reduce((best, one) => (loads[one] < loads[best] ? one : best));
    loads[rank] += item.box === null ? 1 : volume({ sizes: item.box.size }) * item.box.itemsize || 1;
    shared[rank].push(item);
  }
  return shared;
}

/** What the parts make together. @param places where each rank has written its parts, in their order */
export function metadataOf(
  plans: readonly (readonly WriteItem[])[],
  places: readonly (readonly Place[])[],
): Metadata {
  const items = new Map<string, Stored>();
  const paths = new Map<string, readonly (string | number)[]>();
  for (const [rank, plan] of plans.entries())
    for (const [i, { key, path, box }] of plan.entries()) {
      const place = places[rank][i];
      paths.set(key, path);
      if (box === null) {
        items.set(key, { kind: 'value', place });
        continue;
      }
      const { size, offsets, sizes } = box;
      const known = items.get(key);
      if (known?.kind === 'tensor') (known.chunks as StoredChunk[]).push({ offsets, sizes, place });
      else
        items.set(key, {
          kind: 'tensor',
          dtype: dtypeByName(box.dtype)!,
          size,
          chunks: [{ offsets, sizes, place }],
        });
    }
  return { items, paths };
}

/** Refuses parts that do not make a whole. @throws ValueError */
export function checkPlans(plans: readonly (readonly WriteItem[])[]): void {
  const boxes = new Map<
    string,
    {
      size: readonly number[];
      dtype: string;
      chunks: { offsets: readonly number[]; sizes: readonly number[] }[];
    }
  >();
  const fail = (why: string): never => {
    throw new ValueError(`Failed to validate global plan: ${why}`);
  };
  const values = new Set<string>();
  for (const { key, box } of plans.flat()) {
    if (box === null) {
      values.add(key);
      continue;
    }
    const known = boxes.get(key);
    if (known === undefined) {
      boxes.set(key, { size: box.size, dtype: box.dtype, chunks: [box] });
      continue;
    }
    if (String(known.size) !== String(box.size) || known.dtype !== box.dtype)
      fail(
        `key:${key} is ${known.dtype}[${known.size}] on one rank and ${box.dtype}[${box.size}] on another`,
      );
    for (const other of known.chunks)
      if (intersection(other, box) !== null)
        fail(`key:${key} has overlapping chunks: [${other.offsets}] [${box.offsets}]`);
    known.chunks.push(box);
  }
  for (const [key, { size, chunks }] of boxes) {
    if (values.has(key)) fail(`key:${key} is a tensor on one rank and none on another`);
    const [whole, there] = [volume({ sizes: size }), chunks.reduce((sum, chunk) => sum + volume(chunk), 0)];
    if (there !== whole) fail(`key:${key} invalid fill tensor-volume: ${whole} chunks-volume: ${there}`);
  }
}
