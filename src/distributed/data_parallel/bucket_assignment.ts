/** Which gradients are reduced together. */

/** What is asked of a tensor to find its bucket. */
export interface Sized {
  readonly nbytes: number;
  /** Tensors of different keys do not share a bucket. */
  readonly key: string;
}

/**
 * Fills buckets one after the other: one is closed as soon as it has as many bytes as its limit. Of the limits the last one goes on for ever.
 *
 * @returns positions among `tensors`, bucket by bucket
 */
export function assignBuckets(tensors: readonly Sized[], limits: readonly number[]): number[][] {
  const closed: number[][] = [];
  const open = new Map<string, { indices: number[]; size: number; limit: number }>();
  for (const [i, { nbytes, key }] of tensors.entries()) {
    let bucket = open.get(key);
    if (bucket === undefined) {
      bucket = { indices: [], size: 0, limit: 0 };
      open.set(key, bucket);
    }
    bucket.indices.push(i);
    bucket.size += nbytes;
    if (bucket.size < limits[bucket.limit]) continue;
    closed.push(bucket.indices);
    bucket.indices = [];
    bucket.size = 0;
    bucket.limit = Math.min(bucket.limit + 1, limits.length - 1);
  }
  for (const { indices } of open.values()) if (indices.length > 0) closed.push(indices);
  return closed;
}
