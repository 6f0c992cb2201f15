/** Bytes of different lengths from all processes. */
import { int64, uint8 } from '../core/dtype.js';
import { empty } from '../dispatch/empty.js';
import { tensorOf } from '../io/raw_elements.js';
import { tensor } from '../ops/from_data.js';
import { allGather } from './moving_collectives.js';
import type { ProcessGroup } from './process_group.js';

/** Gives every process the bytes of all. */
export async function gatherBytes(own: Uint8Array, group: ProcessGroup): Promise<Uint8Array[]> {
  const sizes = Array.from({ length: group.size() }, () => empty([1], int64));
  await allGather(sizes, tensor([own.length], { dtype: int64 }), group);
  const list = sizes.map((size) => empty([Number(size.item())], uint8));
  await allGather(list, tensorOf(own, uint8, [own.length]), group);
  return list.map(({ storage, nbytes }) => {
    const memory = storage.host()!;
    return new Uint8Array(memory.buffer, memory.byteOffset, nbytes).slice();
  });
}
