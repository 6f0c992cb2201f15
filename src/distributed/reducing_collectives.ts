/** Collectives that make one of several ranks' elements. */
import { noGradSync } from '../autograd/modes.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checkCount, checkDtypes, checkSizes, checkWhole, parts, textOf } from './operand_checks.js';
import { groupOr, groupRankOf, type Operand, takesPart } from './process_group.js';
import { checkReduction, type ReduceOp, reductionOf } from './reduce_op.js';
import { done, type Work } from './work.js';

const inPlace = (tensor: Tensor): Operand => ({ tensor, read: true, write: true });

/** `PREMUL_SUM`'s product: what is summed. */
function scaled(tensor: Tensor, { factor }: ReduceOp): Tensor {
  return factor === null ? tensor : noGradSync(() => tensor.mul(factor));
}

function scale_(tensor: Tensor, { factor }: ReduceOp): void {
  if (factor !== null) noGradSync(() => tensor.mul_(factor));
}

const ofAllReduce = signature(
  "all_reduce(Tensor tensor, ReduceOp op='SUM', ProcessGroup? group=None, bool async_op=False)",
);

/**
 * Reduces a tensor over all processes of a group, in place: afterwards it is the same everywhere, bit by bit.
 *
 * @param tensor what this process gives, and the result
 * @param op how elements become one
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 *
 * @example
 * await dist.allReduce(loss, dist.ReduceOp.AVG);
 */
export function allReduce(...args: Arguments<typeof ofAllReduce>): Work {
  const { tensor, op, group: given, asyncOp } = ofAllReduce.bind(args);
  const group = groupOr(given);
  if (!takesPart(group, 'allReduce')) return done();
  checkReduction(op, tensor.dtype, 'allReduce');
  scale_(tensor, op);
  return group.begin(
    {
      kind: 'allReduce',
      op: reductionOf(op, tensor.dtype),
      root: 0,
      tag: 0,
      text: textOf('allReduce', [tensor], op.name),
      place: (buffers) => ({ inputs: buffers, outputs: buffers }),
    },
    [inPlace(tensor)],
    asyncOp,
  );
}

const ofReduce = signature(
  "reduce(Tensor tensor, int? dst=None, ReduceOp op='SUM', ProcessGroup? group=None, bool async_op=False, int? group_dst=None)",
);

/**
 * Reduces a tensor over all processes of a group, in place, on one of them; on the others it stays as it is.
 *
 * @param tensor what this process gives, and the result
 * @param dst the rank among all processes that gets the result
 * @param op how elements become one
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 * @param groupDst the rank in the group, in place of `dst`
 */
export function reduce(...args: Arguments<typeof ofReduce>): Work {
  const { tensor, dst, op, group: given, asyncOp, groupDst } = ofReduce.bind(args);
  const group = groupOr(given);
  const root = groupRankOf(group, dst, groupDst);
  if (!takesPart(group, 'reduce')) return done();
  checkReduction(op, tensor.dtype, 'reduce');
  const isRoot = group.rank() === root;
  if (isRoot) scale_(tensor, op);
  return group.begin(
    {
      kind: 'reduce',
      op: reductionOf(op, tensor.dtype),
      root,
      tag: 0,
      text: textOf('reduce', [tensor], op.name, `to ${root}`),
      place: (buffers) => ({ inputs: buffers, outputs: buffers }),
    },
    [isRoot ? inPlace(tensor) : { tensor: scaled(tensor, op), read: true, write: false }],
    asyncOp,
  );
}

const ofReduceScatter = signature(
  "reduce_scatter(Tensor output, Tensor[] input_list, ReduceOp op='SUM', ProcessGroup? group=None, bool async_op=False)",
);

/**
 * Reduces a list of tensors over all processes of a group, of which each gets the result of its place in the list.
 *
 * @param output the result
 * @param inputList one tensor for each process
 * @param op how elements become one
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 */
export function reduceScatter(...args: Arguments<typeof ofReduceScatter>): Work {
  const { output, inputList, op, group: given, asyncOp } = ofReduceScatter.bind(args);
  checkDtypes([output, ...inputList]);
  const group = groupOr(given);
  if (!takesPart(group, 'reduceScatter')) return done();
  checkReduction(op, output.dtype, 'reduceScatter');
  checkCount(inputList, group, 'reduceScatter', 'input');
  checkSizes(inputList, output.numel(), 'reduceScatter');
  return group.begin(
    {
      kind: 'reduceScatter',
      op: reductionOf(op, output.dtype),
      root: 0,
      tag: 0,
      text: textOf('reduceScatter', inputList, op.name),
      place: ([result, ...list]) => ({ inputs: list, outputs: [result] }),
    },
    [
      { tensor: output, read: false, write: true },
      ...inputList.map((tensor) => ({ tensor: scaled(tensor, op), read: true, write: false })),
    ],
    asyncOp,
  );
}

const ofReduceScatterTensor = signature(
  "reduce_scatter_tensor(Tensor output, Tensor input, ReduceOp op='SUM', ProcessGroup? group=None, bool async_op=False)",
);

/**
 * Reduces a tensor over all processes of a group, of which each gets its part of the result.
 *
 * @param output the result: as many elements as each process gets
 * @param input the parts one after the other, joined or stacked
 * @param op how elements become one
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 */
export function reduceScatterTensor(...args: Arguments<typeof ofReduceScatterTensor>): Work {
  const { output, input, op, group: given, asyncOp } = ofReduceScatterTensor.bind(args);
  checkDtypes([output, input]);
  const group = groupOr(given);
  if (!takesPart(group, 'reduceScatterTensor')) return done();
  checkReduction(op, output.dtype, 'reduceScatterTensor');
  checkWhole(input, output, group, 'reduceScatterTensor', 'the input');
  return group.begin(
    {
      kind: 'reduceScatter',
      op: reductionOf(op, output.dtype),
      root: 0,
      tag: 0,
      text: textOf('reduceScatterTensor', [input], op.name),
      place: ([result, whole]) => ({ inputs: parts(whole, group.size()), outputs: [result] }),
    },
    [
      { tensor: output, read: false, write: true },
      { tensor: scaled(input, op), read: true, write: false },
    ],
    asyncOp,
  );
}

/** PyTorch's newer name of `reduceScatterTensor`. */
export const reduceScatterSingle: typeof reduceScatterTensor = reduceScatterTensor;
