/**
 * Collectives that are functions, with gradients, as `torch.distributed.nn` has them. They return results, not promises: nothing else goes on in the
 * process meanwhile, so that layers and the backward pass can call them. All ranks must call them, in the same order, and go back in the same order.
 */
import { Function } from '../autograd/function.js';
import type { FunctionContext } from '../autograd/function_context.js';
import { RuntimeError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import type { CollectiveKind } from './communicator.js';
import { textOf } from './operand_checks.js';
import { groupOr, groupRankOf, type ProcessGroup, sent, written } from './process_group.js';
import { checkReduction, ReduceOp, reductionOf } from './reduce_op.js';

interface Settings {
  readonly op?: ReduceOp;
  readonly root?: number;
}

/** A collective of tensors that are read and others that are written. */
function run(
  group: ProcessGroup,
  kind: CollectiveKind,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  { op, root = 0 }: Settings = {},
): void {
  const [{ dtype }] = [...inputs, ...outputs];
  if (op !== undefined) checkReduction(op, dtype, kind);
  const work = group.begin(
    {
      kind,
      op: op === undefined ? null : reductionOf(op, dtype),
      root,
      tag: 0,
      text: textOf(`nn.${kind}`, inputs, ...(op === undefined ? [] : [op.name])),
      place: (loans) => ({ inputs: loans.slice(0, inputs.length), outputs: loans.slice(inputs.length) }),
    },
    [...inputs.map(sent), ...outputs.map(written)],
    true,
  );
  work.waitSync();
}

/** The same of one tensor that is changed in place; returns it. */
function inPlace(group: ProcessGroup, kind: CollectiveKind, tensor: Tensor, settings: Settings): Tensor {
  const { op, root = 0 } = settings;
  if (op !== undefined) checkReduction(op, tensor.dtype, kind);
  const work = group.begin(
    {
      kind,
      op: op === undefined ? null : reductionOf(op, tensor.dtype),
      root,
      tag: 0,
      text: textOf(`nn.${kind}`, [tensor], ...(op === undefined ? [] : [op.name])),
      place: (loans) => ({ inputs: loans, outputs: loans }),
    },
    [{ tensor, read: true, write: true }],
    true,
  );
  work.waitSync();
  return tensor;
}

type Step = (tensors: readonly Tensor[]) => Tensor[];

/** A linear map of all ranks' tensors, and the one that goes back. */
class Exchange extends Function {
  static override forward(...args: never[]): Tensor[] {
    const [ctx, there, back, ...tensors] = args as unknown as [FunctionContext, Step, Step, ...Tensor[]];
    ctx.back = back;
    return there(tensors);
  }

  static override backward(ctx: FunctionContext, ...grads: Tensor[]): (Tensor | null)[] {
    return [null, null, ...(ctx.back as Step)(grads)];
  }
}

function exchange(tensors: readonly Tensor[], there: Step, back: Step): Tensor[] {
  const result = Exchange.apply(...([there, back, ...tensors] as never[])) as Tensor | Tensor[];
  return Array.isArray(result) ? result : [result];
}

const likeEach = (tensor: Tensor, count: number): Tensor[] =>
  Array.from({ length: count }, () => ops.emptyLike(tensor));

const ofAllReduce = signature("all_reduce(Tensor tensor, ReduceOp op='SUM', ProcessGroup? group=None)");

/**
 * The tensor, reduced over all processes. Gradients are reduced likewise.
 *
 * @param tensor what this process gives
 * @param op how elements become one: `SUM` or `AVG`, if there are gradients
 * @param group the processes; default: all
 */
export function allReduce(...args: Arguments<typeof ofAllReduce>): Tensor {
  const { tensor, op, group: given } = ofAllReduce.bind(args);
  const group = groupOr(given);
  const [result] = exchange(
    [tensor],
    ([x]) => [inPlace(group, 'allReduce', x.clone().contiguous(), { op })],
    ([grad]) => {
      if (op !== ReduceOp.SUM && op !== ReduceOp.AVG)
        throw new RuntimeError(`allReduce has no gradient with ${op}`);
      return [allReduce(grad, op, group)];
    },
  );
  return result;
}

const ofBroadcast = signature('broadcast(Tensor tensor, int src, ProcessGroup? group=None)');

/**
 * The tensor of one process, on all. That process gets the sum of the gradients.
 *
 * @param tensor what is sent, or a tensor of its size and dtype
 * @param src the rank among all processes that sends
 * @param group the processes; default: all
 */
export function broadcast(...args: Arguments<typeof ofBroadcast>): Tensor {
  const { tensor, src, group: given } = ofBroadcast.bind(args);
  const group = groupOr(given);
  const root = groupRankOf(group, src, null);
  const [result] = exchange(
    [tensor],
    ([x]) => [inPlace(group, 'broadcast', x.clone().contiguous(), { root })],
    ([grad]) => {
      const sum = reduce(grad, src, ReduceOp.SUM, group);
      return [group.rank() === root ? sum : ops.zerosLike(sum)];
    },
  );
  return result;
}

const ofReduce = signature("reduce(Tensor tensor, int dst, ReduceOp op='SUM', ProcessGroup? group=None)");

/**
 * The tensor, reduced over all processes, on one of them. All get the gradient of that one.
 *
 * @param tensor what this process gives
 * @param dst the rank among all processes that gets the result; the others get back what they gave
 * @param op how elements become one: `SUM`, if there are gradients
 * @param group the processes; default: all
 */
export function reduce(...args: Arguments<typeof ofReduce>): Tensor {
  const { tensor, dst, op, group: given } = ofReduce.bind(args);
  const group = groupOr(given);
  const root = groupRankOf(group, dst, null);
  const [result] = exchange(
    [tensor],
    ([x]) => [inPlace(group, 'reduce', x.clone().contiguous(), { op, root })],
    ([grad]) => {
      if (op !== ReduceOp.SUM) throw new RuntimeError(`reduce has no gradient with ${op}`);
      return [broadcast(grad, dst, group)];
    },
  );
  return result;
}

const ofAllGather = signature('all_gather(Tensor tensor, ProcessGroup? group=None)');

/**
 * The tensors of all processes. Each process gets the sum of its tensor's gradients.
 *
 * @param tensor what this process gives, of the same size everywhere
 * @param group the processes; default: all
 */
export function allGather(...args: Arguments<typeof ofAllGather>): Tensor[] {
  const { tensor, group: given } = ofAllGather.bind(args);
  const group = groupOr(given);
  return exchange(
    [tensor],
    ([x]) => {
      const all = likeEach(x, group.size());
      run(group, 'allGather', [x], all);
      return all;
    },
    (grads) => [reduceScatter(ops.emptyLike(grads[0]), [...grads], ReduceOp.SUM, group)],
  );
}

const ofReduceScatter = signature(
  "reduce_scatter(Tensor output, Tensor[] input_list, ReduceOp op='SUM', ProcessGroup? group=None)",
);

/**
 * One of a list of tensors, reduced over all processes: each gets that of its place.
 *
 * @param output a tensor of the result's size and dtype
 * @param inputList one tensor for each process
 * @param op how elements become one: `SUM`, if there are gradients
 * @param group the processes; default: all
 */
export function reduceScatter(...args: Arguments<typeof ofReduceScatter>): Tensor {
  const { output, inputList, op, group: given } = ofReduceScatter.bind(args);
  const group = groupOr(given);
  const [result] = exchange(
    inputList,
    (list) => {
      const one = ops.emptyLike(output);
      run(group, 'reduceScatter', list, [one], { op });
      return [one];
    },
    ([grad]) => {
      if (op !== ReduceOp.SUM) throw new RuntimeError(`reduceScatter has no gradient with ${op}`);
      return allGather(grad, group);
    },
  );
  return result;
}

const ofAllToAll = signature(
  'all_to_all(Tensor[] output_tensor_list, Tensor[] input_tensor_list, ProcessGroup? group=None)',
);

/**
 * A tensor of each process, where each has sent one to every other. Gradients go back the same way.
 *
 * @param outputTensorList tensors of the results' sizes and dtypes
 * @param inputTensorList what is sent, one for each process
 * @param group the processes; default: all
 */
export function allToAll(...args: Arguments<typeof ofAllToAll>): Tensor[] {
  const { outputTensorList, inputTensorList, group: given } = ofAllToAll.bind(args);
  const group = groupOr(given);
  return exchange(
    inputTensorList,
    (list) => {
      const all = outputTensorList.map((one) => ops.emptyLike(one));
      run(group, 'allToAll', list, all);
      return all;
    },
    (grads) => allToAll([...inputTensorList], [...grads], group),
  );
}
