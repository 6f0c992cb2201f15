/** Collectives that carry elements from some ranks to others, as they are. */
import { RuntimeError, ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checkCount, checkDtypes, checkSizes, checkWhole, parts, textOf } from './operand_checks.js';
import { groupOr, groupRankOf, milliseconds, sent, takesPart, written } from './process_group.js';
import { done, type Work } from './work.js';

const ofBroadcast = signature(
  'broadcast(Tensor tensor, int? src=None, ProcessGroup? group=None, bool async_op=False, int? group_src=None)',
);

/**
 * Gives all processes of a group the tensor of one of them.
 *
 * @param tensor what is sent, or, on all other processes, where it is put: of the same size everywhere
 * @param src the rank among all processes that sends
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 * @param groupSrc the rank in the group, in place of `src`
 */
export function broadcast(...args: Arguments<typeof ofBroadcast>): Work {
  const { tensor, src, group: given, asyncOp, groupSrc } = ofBroadcast.bind(args);
  const group = groupOr(given);
  const root = groupRankOf(group, src, groupSrc);
  if (!takesPart(group, 'broadcast')) return done();
  const isRoot = group.rank() === root;
  return group.begin(
    {
      kind: 'broadcast',
      op: null,
      root,
      tag: 0,
      text: textOf('broadcast', [tensor], `from ${root}`),
      place: (buffers) => ({ inputs: buffers, outputs: buffers }),
    },
    [{ tensor, read: isRoot, write: !isRoot }],
    asyncOp,
  );
}

const ofAllGather = signature(
  'all_gather(Tensor[] tensor_list, Tensor tensor, ProcessGroup? group=None, bool async_op=False)',
);

/**
 * Gives all processes of a group the tensors of all.
 *
 * @param tensorList where they are put, one for each process; sizes may differ from process to process
 * @param tensor what this process gives
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 *
 * @example
 * const all = Array.from({ length: dist.getWorldSize() }, () => torch.emptyLike(x));
 * await dist.allGather(all, x);
 */
export function allGather(...args: Arguments<typeof ofAllGather>): Work {
  const { tensorList, tensor, group: given, asyncOp } = ofAllGather.bind(args);
  checkDtypes([...tensorList, tensor]);
  const group = groupOr(given);
  if (!takesPart(group, 'allGather')) return done();
  checkCount(tensorList, group, 'allGather', 'output');
  checkSizes([tensorList[group.rank()]], tensor.numel(), 'allGather');
  return group.begin(
    {
      kind: 'allGather',
      op: null,
      root: 0,
      tag: 0,
      text: textOf('allGather', [tensor]),
      place: ([own, ...list]) => ({ inputs: [own], outputs: list }),
    },
    [
      { tensor, read: true, write: false },
      ...tensorList.map((one) => ({ tensor: one, read: false, write: true })),
    ],
    asyncOp,
  );
}

const ofAllGatherIntoTensor = signature(
  'all_gather_into_tensor(Tensor output_tensor, Tensor input_tensor, ProcessGroup? group=None, bool async_op=False)',
);

/**
 * Gives all processes of a group the tensors of all in one.
 *
 * @param outputTensor where they are put, one after the other: joined or stacked
 * @param inputTensor what this process gives, of the same size everywhere
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 */
export function allGatherIntoTensor(...args: Arguments<typeof ofAllGatherIntoTensor>): Work {
  const { outputTensor, inputTensor, group: given, asyncOp } = ofAllGatherIntoTensor.bind(args);
  checkDtypes([outputTensor, inputTensor]);
  const group = groupOr(given);
  if (!takesPart(group, 'allGatherIntoTensor')) return done();
  checkWhole(outputTensor, inputTensor, group, 'allGatherIntoTensor', 'the output');
  return group.begin(
    {
      kind: 'allGather',
      op: null,
      root: 0,
      tag: 0,
      text: textOf('allGatherIntoTensor', [inputTensor]),
      place: ([own, whole]) => ({ inputs: [own], outputs: parts(whole, group.size()) }),
    },
    [
      { tensor: inputTensor, read: true, write: false },
      { tensor: outputTensor, read: false, write: true },
    ],
    asyncOp,
  );
}

/** PyTorch's newer name of `allGatherIntoTensor`. */
export const allGatherSingle: typeof allGatherIntoTensor = allGatherIntoTensor;

const ofGather = signature(
  'gather(Tensor tensor, Tensor[]? gather_list=None, int? dst=None, ProcessGroup? group=None, bool async_op=False, int? group_dst=None)',
);

/**
 * Gives one process of a group the tensors of all.
 *
 * @param tensor what this process gives
 * @param gatherList where they are put on the process that gets them, one for each process; null on all others
 * @param dst the rank among all processes that gets them; default 0
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 * @param groupDst the rank in the group, in place of `dst`
 */
export function gather(...args: Arguments<typeof ofGather>): Work {
  const { tensor, gatherList, dst, group: given, asyncOp, groupDst } = ofGather.bind(args);
  const group = groupOr(given);
  const root = groupRankOf(group, dst ?? (groupDst === null ? 0 : null), groupDst);
  if (!takesPart(group, 'gather')) return done();
  const list = listOfRoot(gatherList, group.rank() === root, [
    'gatherList',
    'destination',
    'non-destination',
  ]);
  checkDtypes([tensor, ...list]);
  if (group.rank() === root) {
    checkCount(list, group, 'gather', 'output');
    checkSizes([list[root]], tensor.numel(), 'gather');
  }
  return group.begin(
    {
      kind: 'gather',
      op: null,
      root,
      tag: 0,
      text: textOf('gather', [tensor], `to ${root}`),
      place: ([own, ...outputs]) => ({ inputs: [own], outputs }),
    },
    [sent(tensor), ...list.map(written)],
    asyncOp,
  );
}

const ofScatter = signature(
  'scatter(Tensor tensor, Tensor[]? scatter_list=None, int? src=None, ProcessGroup? group=None, bool async_op=False, int? group_src=None)',
);

/**
 * Gives each process of a group one of the tensors of one process.
 *
 * @param tensor where it is put
 * @param scatterList what the sending process gives, one tensor for each process; null on all others
 * @param src the rank among all processes that sends; default 0
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 * @param groupSrc the rank in the group, in place of `src`
 */
export function scatter(...args: Arguments<typeof ofScatter>): Work {
  const { tensor, scatterList, src, group: given, asyncOp, groupSrc } = ofScatter.bind(args);
  const group = groupOr(given);
  const root = groupRankOf(group, src ?? (groupSrc === null ? 0 : null), groupSrc);
  if (!takesPart(group, 'scatter')) return done();
  const list = listOfRoot(scatterList, group.rank() === root, ['scatterList', 'source', 'non-source']);
  checkDtypes([tensor, ...list]);
  if (group.rank() === root) {
    checkCount(list, group, 'scatter', 'input');
    checkSizes([list[root]], tensor.numel(), 'scatter');
  }
  return group.begin(
    {
      kind: 'scatter',
      op: null,
      root,
      tag: 0,
      text: textOf('scatter', [tensor], `from ${root}`),
      place: ([own, ...inputs]) => ({ inputs, outputs: [own] }),
    },
    [written(tensor), ...list.map(sent)],
    asyncOp,
  );
}

/** The list that only one process has. */
function listOfRoot(
  list: readonly Tensor[] | null,
  isRoot: boolean,
  [name, own, other]: readonly [name: string, own: string, other: string],
): readonly Tensor[] {
  if (isRoot && list === null) throw new ValueError(`Argument \`${name}\` must be specified on ${own} rank.`);
  if (!isRoot && list !== null && list.length > 0)
    throw new ValueError(`Argument \`${name}\` must NOT be specified on ${other} ranks.`);
  return list ?? [];
}

const ofAllToAll = signature(
  'all_to_all(Tensor[] output_tensor_list, Tensor[] input_tensor_list, ProcessGroup? group=None, bool async_op=False)',
);

/**
 * Sends one tensor to each process of a group, and gets one of each.
 *
 * @param outputTensorList where they are put, one for each process
 * @param inputTensorList what is sent, one for each process
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 */
export function allToAll(...args: Arguments<typeof ofAllToAll>): Work {
  const { outputTensorList, inputTensorList, group: given, asyncOp } = ofAllToAll.bind(args);
  checkDtypes([...outputTensorList, ...inputTensorList]);
  const group = groupOr(given);
  if (!takesPart(group, 'allToAll')) return done();
  checkCount(inputTensorList, group, 'allToAll', 'input');
  checkCount(outputTensorList, group, 'allToAll', 'output');
  const own = group.rank();
  checkSizes([outputTensorList[own]], inputTensorList[own].numel(), 'allToAll');
  const count = inputTensorList.length;
  return group.begin(
    {
      kind: 'allToAll',
      op: null,
      root: 0,
      tag: 0,
      text: textOf('allToAll', inputTensorList),
      place: (loans) => ({ inputs: loans.slice(0, count), outputs: loans.slice(count) }),
    },
    [...inputTensorList.map(sent), ...outputTensorList.map(written)],
    asyncOp,
  );
}

const ofAllToAllSingle = signature(
  'all_to_all_single(Tensor output, Tensor input, int[]? output_split_sizes=None, int[]? input_split_sizes=None, ProcessGroup? group=None, bool async_op=False)',
);

/**
 * Sends a part of a tensor to each process of a group, and gets one of each.
 *
 * @param output where they are put, one after the other
 * @param input the parts that are sent, one after the other
 * @param outputSplitSizes sizes of the parts of `output` along its first dimension; default: all alike
 * @param inputSplitSizes sizes of the parts of `input` along its first dimension; default: all alike
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 */
export function allToAllSingle(...args: Arguments<typeof ofAllToAllSingle>): Work {
  const {
    output,
    input,
    outputSplitSizes,
    inputSplitSizes,
    group: given,
    asyncOp,
  } = ofAllToAllSingle.bind(args);
  checkDtypes([output, input]);
  const group = groupOr(given);
  if (!takesPart(group, 'allToAllSingle')) return done();
  const [outputs, inputs] = [
    splits(output, outputSplitSizes, group.size()),
    splits(input, inputSplitSizes, group.size()),
  ];
  return group.begin(
    {
      kind: 'allToAll',
      op: null,
      root: 0,
      tag: 0,
      text: textOf('allToAllSingle', [input]),
      place: ([from, to]) => ({
        inputs: parts(from, group.size(), inputs),
        outputs: parts(to, group.size(), outputs),
      }),
    },
    [sent(input), written(output)],
    asyncOp,
  );
}

/** The rows that each part of a tensor has. */
function splits(tensor: Tensor, sizes: readonly number[] | null, count: number): readonly number[] {
  const rows = tensor.ndim === 0 ? 1 : tensor.shape[0];
  if (sizes === null || sizes.length === 0) {
    if (rows % count !== 0)
      throw new RuntimeError("Tensor's dim 0 does not divide equally across group size");
    return new Array<number>(count).fill(rows / count);
  }
  if (sizes.length !== count) throw new RuntimeError('Number of tensor splits not equal to group size');
  if (sizes.reduce((a, b) => a + b, 0) !== rows)
    throw new RuntimeError("Split sizes doesn't match total dim 0 size");
  return sizes;
}

const ofBarrier = signature(
  'barrier(ProcessGroup? group=None, bool async_op=False, Any device_ids=None, float? timeout=None)',
);

/**
 * Waits for all processes of a group.
 *
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 * @param deviceIds of no use here
 * @param timeout seconds after which it fails; default: the group's
 */
export function barrier(...args: Arguments<typeof ofBarrier>): Work {
  const { group: given, asyncOp, timeout } = ofBarrier.bind(args);
  const group = groupOr(given);
  if (!takesPart(group, 'barrier')) return done();
  return group.begin(
    {
      kind: 'barrier',
      op: null,
      root: 0,
      tag: 0,
      text: 'barrier()',
      place: () => ({ inputs: [], outputs: [] }),
      ...(timeout !== null && { timeout: milliseconds(timeout) }),
    },
    [],
    asyncOp,
  );
}
