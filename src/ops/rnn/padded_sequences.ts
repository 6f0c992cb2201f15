/** Sequences of different lengths: padded, and packed step by step. */
import { int64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { op, ops } from '../../dispatch/registry.js';
import { tensor } from '../from_data.js';
import { F } from '../nn/kernel_operands.js';

/** Where the rows of all steps, of which there are `sizes` for each, stand among those of [steps, batch]. */
function positionsOf(sizes: readonly number[], batch: number, like: Tensor): Tensor {
  const positions = sizes.flatMap((size, t) => Array.from({ length: size }, (_, i) => t * batch + i));
  return tensor(positions, { dtype: int64 }).to(like.device);
}

/** How many of the numbers, which never grow, are greater than each of 0, 1, … below the first. */
function countsAbove(numbers: readonly number[]): number[] {
  let count = numbers.length;
  return Array.from({ length: numbers[0] ?? 0 }, (_, t) => {
    while (count > 0 && numbers[count - 1] <= t) count--;
    return count;
  });
}

/** @throws RuntimeError in PyTorch's words */
function checkLengths(lengths: Tensor, batch: number): number[] {
  if (lengths.ndim !== 1 || lengths.device.type !== 'cpu' || lengths.dtype !== int64)
    throw new RuntimeError(
      `'lengths' argument should be a 1D CPU int64 tensor, but got ${lengths.ndim}D ${lengths.device} ${lengths.dtype.scalarName} tensor`,
    );
  if (lengths.shape[0] !== batch)
    throw new RuntimeError(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${lengths.shape[0]} (batch_size=${batch})`,
    );
  const numbers = lengths.tolist() as number[];
  if (numbers[batch - 1] <= 0)
    throw new RuntimeError(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    );
  if (numbers.some((n, i) => i > 0 && n > numbers[i - 1]))
    throw new RuntimeError(
      '`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability.',
    );
  return numbers;
}

op(
  '_pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first) -> (Tensor data, Tensor batch_sizes)',
  {
    doc: 'The steps of padded sequences, the longest first, in turn without padding; and how many sequences each has.',
    composite(input, lengths, batchFirst) {
      const steps = batchFirst ? input.transpose(0, 1) : input;
      if (steps.numel() === 0) throw new RuntimeError('Cannot pack empty tensors.');
      const batch = steps.size(1);
      const numbers = checkLengths(lengths, batch);
      if (numbers[0] > steps.shape[0])
        throw new RuntimeError(
          `Expected lengths of at most the number of steps, ${steps.shape[0]}, but got ${numbers[0]}`,
        );
      const sizes = countsAbove(numbers);
      const data = steps.flatten(0, 1).indexSelect(0, positionsOf(sizes, batch, input));
      return [data, tensor(sizes, { dtype: int64 })] as const;
    },
  },
);

op(
  '_pad_packed_sequence(Tensor data, Tensor batch_sizes, bool batch_first, Scalar padding_value, int total_length) -> (Tensor padded, Tensor lengths)',
  {
    doc: 'The padded sequences of which these are the steps in turn, and their lengths.',
    composite(data, batchSizes, batchFirst, paddingValue, totalLength) {
      const sizes = batchSizes.tolist() as number[];
      const batch = sizes[0];
      const steps = Math.max(sizes.length, totalLength);
      const shape = [steps * batch, ...data.shape.slice(1)];
      const padded = data
        .newFull(shape, paddingValue)
        .indexCopy(0, positionsOf(sizes, batch, data), data)
        .unflatten(0, [steps, batch]);
      const lengths = tensor(countsAbove(sizes), { dtype: int64 });
      return [batchFirst ? padded.transpose(0, 1) : padded, lengths] as const;
    },
  },
);

op(
  "_pad_sequence(Tensor[] sequences, bool batch_first=False, float padding_value=0, 'left'|'right' padding_side='right') -> Tensor",
  {
    doc: 'Sequences stacked along a new dimension, padded to equal length.',
    composite(sequences, batchFirst, paddingValue, side) {
      if (sequences.length === 0) throw new RuntimeError('received an empty list of sequences');
      if (side !== 'left' && side !== 'right')
        throw new RuntimeError(
          `Expected padding_side to be one of left or right, but got ${side as string}.`,
        );
      const longest = Math.max(...sequences.map((sequence) => sequence.size(0)));
      const padded = sequences.map((sequence) => {
        const missing = longest - sequence.shape[0];
        if (missing === 0) return sequence;
        const others = new Array<number>(2 * (sequence.ndim - 1)).fill(0);
        const pad = side === 'left' ? [missing, 0] : [0, missing];
        return F.pad(sequence, [...others, ...pad], 'constant', paddingValue);
      });
      return ops.stack(padded, batchFirst ? 0 : 1);
    },
  },
);
