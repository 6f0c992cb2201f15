/** Collectives of objects: of what `torch.save` writes, which is numbers, strings, lists, dicts and tensors. */

import { int64, uint8 } from '../core/dtype.js';
import { ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { load, save } from '../io/index.js';
import { tensor } from '../ops/from_data.js';
import { recv, send } from './messages.js';
import { allGather, broadcast, gather, scatter } from './moving_collectives.js';
import { groupOr, groupRankOf, takesPart } from './process_group.js';

const bytesOf = async (object: unknown): Promise<Tensor> => {
  const bytes = await save({ object });
  return tensor(bytes, { dtype: uint8 });
};

const objectOf = async (bytes: Tensor): Promise<unknown> =>
  ((await load(bytes.toArray<Uint8Array>() as Uint8Array<ArrayBuffer>)) as { object: unknown }).object;

const room = (size: number): Tensor => ops.empty([size], { dtype: uint8 });
const sizesOf = (tensors: readonly Tensor[]): Tensor =>
  tensor(
    tensors.map((one) => BigInt(one.numel())),
    { dtype: int64 },
  );
const readSizes = (sizes: Tensor): number[] => Array.from(sizes.toArray<BigInt64Array>(), Number);

const ofAllGatherObject = signature(
  'all_gather_object(Any[] object_list, Object obj, ProcessGroup? group=None)',
);

/**
 * Gives all processes of a group the objects of all.
 *
 * @param objectList where they are put: a list that has a place for each process
 * @param obj what this process gives: anything that `torch.save` writes
 * @param group the processes; default: all
 */
export async function allGatherObject(
  ...args: Arguments<typeof ofAllGatherObject, { objectList: unknown[] }>
): Promise<void> {
  const { obj, group: given } = ofAllGatherObject.bind(args as never);
  const objectList = listGiven(args, 'objectList');
  const group = groupOr(given);
  if (!takesPart(group, 'allGatherObject')) return;
  const own = await bytesOf(obj);
  const sizes = Array.from({ length: group.size() }, () => ops.zeros([1], { dtype: int64 }));
  await allGather(sizes, sizesOf([own]), { group });
  const all = sizes.map((one) => room(Number(one.itemBigint())));
  await allGather(all, own, { group });
  for (const [i, bytes] of all.entries()) objectList[i] = await objectOf(bytes);
}

const ofGatherObject = signature(
  'gather_object(Object obj, Any[]? object_gather_list=None, int? dst=None, ProcessGroup? group=None, int? group_dst=None)',
);

/**
 * Gives one process of a group the objects of all.
 *
 * @param obj what this process gives
 * @param objectGatherList where they are put on the process that gets them; null on all others
 * @param dst the rank among all processes that gets them; default 0
 * @param group the processes; default: all
 * @param groupDst the rank in the group, in place of `dst`
 */
export async function gatherObject(
  ...args: Arguments<typeof ofGatherObject, { objectGatherList: unknown[] | null }>
): Promise<void> {
  const { obj, objectGatherList, dst, group: given, groupDst } = ofGatherObject.bind(args as never);
  const list = objectGatherList === null ? null : listGiven(args, 'objectGatherList', 1);
  const group = groupOr(given);
  const root = groupRankOf(group, dst ?? (groupDst === null ? 0 : null), groupDst);
  if (!takesPart(group, 'gatherObject')) return;
  const isRoot = group.rank() === root;
  if (isRoot && list === null)
    throw new ValueError('Argument `objectGatherList` must be specified on destination rank.');
  const own = await bytesOf(obj);
  const sizes = isRoot ? Array.from({ length: group.size() }, () => ops.zeros([1], { dtype: int64 })) : null;
  await gather(sizesOf([own]), sizes, { groupDst: root, group });
  const all = sizes?.map((one) => room(Number(one.itemBigint()))) ?? null;
  await gather(own, all, { groupDst: root, group });
  for (const [i, bytes] of (all ?? []).entries()) list![i] = await objectOf(bytes);
}

const ofBroadcastObjectList = signature(
  'broadcast_object_list(Any[] object_list, int? src=None, ProcessGroup? group=None, Device? device=None, int? group_src=None)',
);

/**
 * Gives all processes of a group the objects of one of them.
 *
 * @param objectList what is sent, or, on all other processes, where it is put: of the same length everywhere
 * @param src the rank among all processes that sends; default 0
 * @param group the processes; default: all
 * @param device of no use here
 * @param groupSrc the rank in the group, in place of `src`
 */
export async function broadcastObjectList(
  ...args: Arguments<typeof ofBroadcastObjectList, { objectList: unknown[] }>
): Promise<void> {
  const { src, group: given, groupSrc } = ofBroadcastObjectList.bind(args as never);
  const list = listGiven(args, 'objectList');
  const group = groupOr(given);
  const root = groupRankOf(group, src ?? (groupSrc === null ? 0 : null), groupSrc);
  if (!takesPart(group, 'broadcastObjectList')) return;
  const isRoot = group.rank() === root;
  const own = isRoot ? await Promise.all(list.map(bytesOf)) : null;
  const sizes = own === null ? ops.zeros([list.length], { dtype: int64 }) : sizesOf(own);
  await broadcast(sizes, { groupSrc: root, group });
  const all = own ?? readSizes(sizes).map(room);
  for (const bytes of all) await broadcast(bytes, { groupSrc: root, group });
  if (!isRoot) for (const [i, bytes] of all.entries()) list[i] = await objectOf(bytes);
}

const ofScatterObjectList = signature(
  'scatter_object_list(Any[] scatter_object_output_list, Any[]? scatter_object_input_list=None, int? src=None, ProcessGroup? group=None, int? group_src=None)',
);

/**
 * Gives each process of a group one of the objects of one process.
 *
 * @param scatterObjectOutputList a list whose first place gets it
 * @param scatterObjectInputList what the sending process gives, one object for each process; null on all others
 * @param src the rank among all processes that sends; default 0
 * @param group the processes; default: all
 * @param groupSrc the rank in the group, in place of `src`
 */
export async function scatterObjectList(
  ...args: Arguments<typeof ofScatterObjectList, { scatterObjectOutputList: unknown[] }>
): Promise<void> {
  const { scatterObjectInputList, src, group: given, groupSrc } = ofScatterObjectList.bind(args as never);
  const list = listGiven(args, 'scatterObjectOutputList');
  const group = groupOr(given);
  const root = groupRankOf(group, src ?? (groupSrc === null ? 0 : null), groupSrc);
  if (!takesPart(group, 'scatterObjectList')) return;
  if (list.length < 1)
    throw new ValueError('Expected argument scatterObjectOutputList to be a list of size at least 1.');
  const isRoot = group.rank() === root;
  if (isRoot && scatterObjectInputList === null)
    throw new ValueError('source rank must provide non-null scatterObjectInputList');
  const own = isRoot ? await Promise.all(scatterObjectInputList!.map(bytesOf)) : null;
  const size = ops.zeros([1], { dtype: int64 });
  const sizes = own?.map((one) => sizesOf([one])) ?? null;
  await scatter(size, sizes, { groupSrc: root, group });
  const bytes = room(Number(size.itemBigint()));
  await scatter(bytes, own, { groupSrc: root, group });
  list[0] = await objectOf(bytes);
}

const ofSendObjectList = signature(
  'send_object_list(Any[] object_list, int? dst=None, ProcessGroup? group=None, Device? device=None, int? group_dst=None, bool use_batch=False)',
);

/**
 * Sends objects to another process.
 *
 * @param objectList what is sent
 * @param dst the rank among all processes that gets them
 * @param group the processes; default: all
 * @param device of no use here
 * @param groupDst the rank in the group, in place of `dst`
 * @param useBatch of no use here
 */
export async function sendObjectList(...args: Arguments<typeof ofSendObjectList>): Promise<void> {
  const { objectList, dst, group, groupDst } = ofSendObjectList.bind(args);
  const all = await Promise.all(objectList.map(bytesOf));
  await send(sizesOf(all), { dst, group, groupDst });
  for (const bytes of all) await send(bytes, { dst, group, groupDst });
}

const ofRecvObjectList = signature(
  'recv_object_list(Any[] object_list, int? src=None, ProcessGroup? group=None, Device? device=None, int? group_src=None, bool use_batch=False)',
);

/**
 * Receives objects from another process.
 *
 * @param objectList where they are put: of the length that is sent
 * @param src the rank among all processes that sends them; default: any
 * @param group the processes; default: all
 * @param device of no use here
 * @param groupSrc the rank in the group, in place of `src`
 * @param useBatch of no use here
 * @returns the rank among all processes that has sent them
 */
export async function recvObjectList(
  ...args: Arguments<typeof ofRecvObjectList, { objectList: unknown[] }>
): Promise<number> {
  const { src, group, groupSrc } = ofRecvObjectList.bind(args as never);
  const list = listGiven(args, 'objectList');
  const sizes = ops.zeros([list.length], { dtype: int64 });
  const from = await recv(sizes, { src, group, groupSrc });
  if (from < 0) return from;
  for (const [i, size] of readSizes(sizes).entries()) {
    const bytes = room(size);
    await recv(bytes, { src: from, group });
    list[i] = await objectOf(bytes);
  }
  return from;
}

/** The caller's own list, since what a signature binds is a copy. */
function listGiven(args: readonly unknown[], name: string, position = 0): unknown[] {
  const given = args[position];
  if (Array.isArray(given)) return given;
  return (args.at(-1) as Record<string, unknown[]>)[name];
}
