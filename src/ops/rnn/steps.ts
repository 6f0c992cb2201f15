/** How the rows of a sequence, or of several of different lengths, belong to steps. */
import type { Step } from '../../backends/recurrent_steps.js';
import { int64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';

/** @throws RuntimeError unless there are as many rows as steps say, and no step has more than the one before */
export function checkBatchSizes(batchSizes: Tensor, rows: number, batch: number): void {
  if (batchSizes.ndim !== 1)
    throw new RuntimeError(`batch_sizes must have 1 dimension, got ${batchSizes.ndim}`);
  if (batchSizes.dtype !== int64)
    throw new RuntimeError(`expected scalar type Long but found ${batchSizes.dtype.scalarName}`);
  const { isHost, hasValues } = batchSizes.storage.backend;
  if (hasValues && !isHost) throw new RuntimeError('batch_sizes should always be on CPU');
  if (!batchSizes.isReadable) return;
  const sizes = batchSizes.tolist() as number[];
  const isOrdered = sizes.every((size, t) => size > 0 && size <= (t === 0 ? batch : sizes[t - 1]));
  if (sizes[0] !== batch || !isOrdered || sizes.reduce((sum, size) => sum + size, 0) !== rows)
    throw new RuntimeError(
      `batch_sizes must begin with the number of sequences (${batch}), never grow, and add up to the number of rows (${rows}), got [${sizes.join(', ')}]`,
    );
}

/** The state from which each row of a step came: that of the step before, or for sequences that begin here the initial one. */
export function before(
  states: Tensor,
  initial: Tensor,
  step: Step,
  previous: Step | null,
  join: Join,
): Tensor {
  if (previous === null) return initial.narrow(0, 0, step.rows);
  if (previous.rows >= step.rows) return states.narrow(0, previous.begin, step.rows);
  return join([
    states.narrow(0, previous.begin, previous.rows),
    initial.narrow(0, previous.rows, step.rows - previous.rows),
  ]);
}

type Join = (tensors: readonly Tensor[]) => Tensor;

/** A state with its first rows replaced. */
export function replaced(state: Tensor, first: Tensor, join: Join): Tensor {
  const [count, all] = [first.shape[0], state.shape[0]];
  return count === all ? first : join([first, state.narrow(0, count, all - count)]);
}
