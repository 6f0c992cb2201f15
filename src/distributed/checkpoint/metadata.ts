/** What a checkpoint's `.metadata` holds: which tensors there are, and where their parts lie. */
import type { DType } from '../../core/dtype.js';

/** A box of a tensor. */
export interface Chunk {
  readonly offsets: readonly number[];
  readonly sizes: readonly number[];
}

/** The place of a part: a file, and the bytes in it. */
export interface Place {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

export interface StoredChunk extends Chunk {
  readonly place: Place;
}

export interface StoredTensor {
  readonly kind: 'tensor';
  readonly dtype: DType;
  readonly size: readonly number[];
  readonly chunks: readonly StoredChunk[];
}

/** A value that is no tensor. */
export interface StoredValue {
  readonly kind: 'value';
  readonly place: Place;
}

export type Stored = StoredTensor | StoredValue;

export interface Metadata {
  readonly items: ReadonlyMap<string, Stored>;
  /** Where each item is in the nested state. */
  readonly paths: ReadonlyMap<string, readonly (string | number)[]>;
}

/** The file's name. */
export const metadataName = '.metadata';

/** The box that two have in common; null if there is none. */
export function intersection(a: Chunk, b: Chunk): Chunk | null {
  const offsets = a.offsets.map((offset, i) => Math.max(offset, b.offsets[i]));
  const sizes = offsets.map(
    (offset, i) => Math.min(a.offsets[i] + a.sizes[i], b.offsets[i] + b.sizes[i]) - offset,
  );
  return sizes.every((size) => size > 0) ? { offsets, sizes } : null;
}

export const volume = ({ sizes }: Pick<Chunk, 'sizes'>): number => sizes.reduce((all, size) => all * size, 1);
