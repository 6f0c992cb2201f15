/** Makes modules of all processes alike: first it is checked that they can be, then they get the values of one of them. */
import { noGradSync } from '../../autograd/modes.js';
import { int64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { tensor as tensorOf } from '../../ops/from_data.js';
import { broadcast } from '../moving_collectives.js';
import type { ProcessGroup } from '../process_group.js';
import { ReduceOp } from '../reduce_op.js';
import { allReduce } from '../reducing_collectives.js';
import type { Steps } from './collective_steps.js';

/** Bytes that are sent at once. */
const broadcastBytes = 250 * 2 ** 20;

const numbers = (values: readonly number[]): Tensor => tensorOf([...values], { dtype: int64 });
const read = (tensor: Tensor): number[] => (tensor.tolist() as (number | bigint)[]).map(Number);

/** The largest number that any process gives. */
function* largest(mine: number, group: ProcessGroup): Steps<number> {
  const found = numbers([mine]);
  yield allReduce(found, { op: ReduceOp.MAX, group, asyncOp: true });
  return read(found)[0];
}

/** The rank of a process that says so; the last one of several, -1 where there is none. */
export const commonRank = (isMeant: boolean, group: ProcessGroup): Steps<number> =>
  largest(isMeant ? group.rank() : -1, group);

/** Compares numbers and sizes of parameters with those of the first process. @throws RuntimeError on all processes if they differ */
export function* verifyShapes(parameters: readonly Tensor[], group: ProcessGroup): Steps {
  const same = 'DDP expects same model across all ranks, but Rank';
  const rank = group.rank();
  const counted = numbers([parameters.length]);
  yield broadcast(counted, { groupSrc: 0, group, asyncOp: true });
  const [count] = read(counted);
  const other = yield* commonRank(count !== parameters.length, group);
  if (count !== parameters.length)
    throw new RuntimeError(
      `${same} ${rank} has ${parameters.length} params, while rank 0 has inconsistent ${count} params.`,
    );
  if (other >= 0)
    throw new RuntimeError(
      `${same} ${rank} has ${count} params, while rank ${other} has inconsistent number of params.`,
    );
  // Numbers of dimensions first: then all know how many sizes there are.
  const ndims = numbers(parameters.map(({ ndim }) => ndim));
  yield broadcast(ndims, { groupSrc: 0, group, asyncOp: true });
  const expected = read(ndims);
  const sizes = numbers(
    expected.flatMap((ndim, i) => Array.from({ length: ndim }, (_, d) => parameters[i].shape[d] ?? -1)),
  );
  if (sizes.numel() > 0) yield broadcast(sizes, { groupSrc: 0, group, asyncOp: true });
  const all = read(sizes);
  const starts = expected.map((_, i) => expected.slice(0, i).reduce((sum, ndim) => sum + ndim, 0));
  const wrong = parameters.findIndex(({ shape }, i) => {
    const theirs = all.slice(starts[i], starts[i] + expected[i]);
    return shape.length !== theirs.length || shape.some((size, d) => size !== theirs[d]);
  });
  const elsewhere = yield* commonRank(wrong >= 0, group);
  if (wrong >= 0)
    throw new RuntimeError(
      `[${rank}]: params[${wrong}] in this process with sizes [${parameters[wrong].shape.join(', ')}] appears not to match sizes of the same param in process 0.`,
    );
  if (elsewhere >= 0)
    throw new RuntimeError(
      `[${rank}]: params in process ${elsewhere} appear not to match sizes of the same params in process 0.`,
    );
}

/** Gives tensors of all processes the values of one of them, those of one dtype and device together. Their versions stay as they are. */
export function* broadcastTensors(tensors: readonly Tensor[], group: ProcessGroup, source: number): Steps {
  const lots = new Map<string, { tensors: Tensor[]; size: number }[]>();
  for (const tensor of tensors) {
    const key = `${tensor.dtype} ${tensor.device}`;
    const list = lots.get(key) ?? [];
    lots.set(key, list);
    const last = list.at(-1);
    if (last === undefined || last.size + tensor.nbytes > broadcastBytes)
      list.push({ tensors: [tensor], size: tensor.nbytes });
    else {
      last.tensors.push(tensor);
      last.size += tensor.nbytes;
    }
  }
  for (const { tensors: lot } of [...lots.values()].flat()) {
    const whole = noGradSync(() => ops.cat(lot.map((tensor) => tensor.detach().reshape([-1]))));
    if (whole.numel() === 0) continue;
    yield broadcast(whole, { groupSrc: source, group, asyncOp: true });
    if (group.rank() === source) continue;
    let at = 0;
    noGradSync(() => {
      for (const tensor of lot) {
        const { version } = tensor.storage;
        tensor.copy_(whole.narrow(0, at, tensor.numel()).reshape(tensor.shape));
        tensor.storage.version = version;
        at += tensor.numel();
      }
    });
  }
}
