/** Messages from one process to another. */
import { RuntimeError, ValueError } from '../core/errors.js';
import { accepting, defineParameterType } from '../core/signature/parameter_types.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';
import { textOf } from './operand_checks.js';
import { groupOr, groupRankOf, type ProcessGroup, sent, takesPart, written } from './process_group.js';
import { done, type Work } from './work.js';

const ofIsend = signature(
  'isend(Tensor tensor, int? dst=None, ProcessGroup? group=None, int tag=0, int? group_dst=None)',
);

/**
 * Begins to send a tensor, which is not to be changed until the work has ended.
 *
 * @param tensor what is sent
 * @param dst the rank among all processes that gets it
 * @param group the processes; default: all
 * @param tag what tells messages apart: both must name the same
 * @param groupDst the rank in the group, in place of `dst`
 */
export function isend(...args: Arguments<typeof ofIsend>): Work {
  const { tensor, dst, group: given, tag, groupDst } = ofIsend.bind(args);
  const group = groupOr(given);
  const peer = groupRankOf(group, dst, groupDst);
  if (!takesPart(group, 'isend')) return done();
  return sendTo(group, tensor, peer, tag, 'isend', true);
}

function sendTo(
  group: ProcessGroup,
  tensor: Tensor,
  peer: number,
  tag: number,
  name: string,
  isAsync: boolean,
): Work {
  return group.begin(
    {
      kind: 'send',
      op: null,
      root: peer,
      tag,
      text: textOf(name, [tensor], `to ${peer}`),
      place: (inputs) => ({ inputs, outputs: [] }),
    },
    [sent(tensor)],
    isAsync,
  );
}

const ofIrecv = signature(
  'irecv(Tensor tensor, int? src=None, ProcessGroup? group=None, int tag=0, int? group_src=None)',
);

/**
 * Begins to receive a tensor, which is not to be used until the work has ended.
 *
 * @param tensor where it is put
 * @param src the rank among all processes that sends it; default: any
 * @param group the processes; default: all
 * @param tag what tells messages apart: both must name the same
 * @param groupSrc the rank in the group, in place of `src`
 */
export function irecv(...args: Arguments<typeof ofIrecv>): Work {
  const { tensor, src, group: given, tag, groupSrc } = ofIrecv.bind(args);
  const group = groupOr(given);
  const peer = src === null && groupSrc === null ? -1 : groupRankOf(group, src, groupSrc);
  if (!takesPart(group, 'irecv')) return done();
  return receiveFrom(group, tensor, peer, tag, 'irecv', true);
}

function receiveFrom(
  group: ProcessGroup,
  tensor: Tensor,
  peer: number,
  tag: number,
  name: string,
  isAsync: boolean,
): Work {
  return group.begin(
    {
      kind: 'recv',
      op: null,
      root: peer,
      tag,
      text: textOf(name, [tensor], peer < 0 ? 'from any' : `from ${peer}`),
      place: (outputs) => ({ inputs: [], outputs }),
    },
    [written(tensor)],
    isAsync,
  );
}

const ofSend = signature(
  'send(Tensor tensor, int? dst=None, ProcessGroup? group=None, int tag=0, int? group_dst=None)',
);

/**
 * Sends a tensor to another process, and settles when it may be changed again.
 *
 * @param tensor what is sent
 * @param dst the rank among all processes that gets it
 * @param group the processes; default: all
 * @param tag what tells messages apart: both must name the same
 * @param groupDst the rank in the group, in place of `dst`
 */
export async function send(...args: Arguments<typeof ofSend>): Promise<void> {
  const { tensor, dst, group: given, tag, groupDst } = ofSend.bind(args);
  const group = groupOr(given);
  const peer = groupRankOf(group, dst, groupDst);
  checkOther(group, peer, 'destination');
  if (takesPart(group, 'send')) await sendTo(group, tensor, peer, tag, 'send', false);
}

const ofRecv = signature(
  'recv(Tensor tensor, int? src=None, ProcessGroup? group=None, int tag=0, int? group_src=None)',
);

/**
 * Receives a tensor from another process.
 *
 * @param tensor where it is put
 * @param src the rank among all processes that sends it; default: any
 * @param group the processes; default: all
 * @param tag what tells messages apart: both must name the same
 * @param groupSrc the rank in the group, in place of `src`
 * @returns the rank among all processes that has sent it; -1 if this process is not in the group
 */
export async function recv(...args: Arguments<typeof ofRecv>): Promise<number> {
  const { tensor, src, group: given, tag, groupSrc } = ofRecv.bind(args);
  const group = groupOr(given);
  const peer = src === null && groupSrc === null ? -1 : groupRankOf(group, src, groupSrc);
  if (!takesPart(group, 'recv')) return -1;
  const work = receiveFrom(group, tensor, peer, tag, 'recv', false);
  await work;
  checkOther(group, work.sourceRank(), 'source');
  return group.ranks[work.sourceRank()];
}

function checkOther(group: ProcessGroup, peer: number, role: string): void {
  if (group.isMember && group.rank() === peer)
    throw new ValueError(
      `Invalid ${role} rank: ${role} rank should not be the same as the rank of the current process.`,
    );
}

const ofP2POp = signature(
  'P2POp(Callable op, Tensor tensor, int? peer=None, ProcessGroup? group=None, int tag=0, int? group_peer=None)',
);

/** One message of `batchIsendIrecv`. */
export class P2POp {
  readonly op: typeof isend | typeof irecv;
  readonly tensor: Tensor;
  readonly group: ProcessGroup;
  /** The other process, as a rank of the group. */
  readonly groupPeer: number;
  readonly tag: number;

  /**
   * @param op `dist.isend` or `dist.irecv`
   * @param tensor what is sent, or where it is put
   * @param peer the other process's rank among all
   * @param group the processes; default: all
   * @param tag what tells messages apart
   * @param groupPeer the rank in the group, in place of `peer`
   */
  constructor(...args: Arguments<typeof ofP2POp>) {
    const { op, tensor, peer, group, tag, groupPeer } = ofP2POp.bind(args);
    if (op !== isend && op !== irecv)
      throw new ValueError('Invalid `op`. Expected `op` to be of type `dist.isend` or `dist.irecv`.');
    this.op = op as typeof isend;
    this.tensor = tensor;
    this.group = groupOr(group);
    this.groupPeer = groupRankOf(this.group, peer, groupPeer);
    this.tag = tag;
  }
}

declare module '../core/signature/argument_types.js' {
  interface ParameterTypes {
    P2POp: P2POp;
  }
}
defineParameterType(
  'P2POp',
  accepting((value) => value instanceof P2POp),
);

/**
 * Begins several messages at once, whatever their order: so two processes can send to each other.
 *
 * @param p2pOpList the messages, all of one group
 * @returns a work for each
 */
export const batchIsendIrecv = signed('batch_isend_irecv(P2POp[] p2p_op_list)', ({ p2pOpList }): Work[] => {
  if (p2pOpList.length === 0) throw new RuntimeError('batchIsendIrecv(): the list is empty');
  const [{ group }] = p2pOpList;
  if (p2pOpList.some((one) => one.group !== group))
    throw new ValueError('All ops need to use the same group.');
  // Those that receive come first, so that nothing that is sent has to wait for memory.
  const works = new Map<P2POp, Work>();
  for (const receives of [true, false])
    for (const one of p2pOpList)
      if ((one.op === irecv) === receives) {
        const rank = receives ? { groupSrc: one.groupPeer } : { groupDst: one.groupPeer };
        works.set(one, one.op(one.tensor, { group, tag: one.tag, ...rank } as never));
      }
  return p2pOpList.map((one) => works.get(one)!);
});
