/** `torch.nn.utils.rnn`: sequences of different lengths, padded and packed. */

import type { Device, DeviceLike } from '../../core/device.js';
import { DType, float16, float32, float64, int8, int16, int32, int64, uint8 } from '../../core/dtype.js';
import { AssertionError, RuntimeError, ValueError } from '../../core/errors.js';
import { inspect } from '../../core/inspect.js';
import { typeName } from '../../core/repr.js';
import { type Reach, reach } from '../../core/scope.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { _packPaddedSequence, _padPackedSequence, _padSequence } from '../../generated/rnn_functions.js';
import { tensor } from '../../ops/from_data.js';

const packedSequence = signature(
  'PackedSequence(Any data, Tensor? batch_sizes=None, Tensor? sorted_indices=None, Tensor? unsorted_indices=None)',
);
const to = signature(
  'to(Device|ScalarType|Tensor? device=None, ScalarType? dtype=None, bool non_blocking=False, bool copy=False)',
);
const cuda = signature('cuda(Device|int? device=None)');

/**
 * Sequences of different lengths without padding: the first steps of all of them, the longest first, then the second
 * steps of those that have one, and so on. Recurrent modules take it for their input and give such an output. It is made
 * by `packPaddedSequence` and `packSequence`, not by hand.
 */
export class PackedSequence implements Iterable<Tensor | null> {
  /** The steps of all sequences, [rows, *]. */
  readonly data: Tensor;
  /** How many sequences each step has: int64, on the CPU. */
  readonly batchSizes: Tensor;
  /** Where each of the sorted sequences stood; null where they came sorted. */
  readonly sortedIndices: Tensor | null;
  /** Where each sequence stands among the sorted ones. */
  readonly unsortedIndices: Tensor | null;

  /**
   * @param data the steps of all sequences, in turn
   * @param batchSizes how many sequences each step has
   * @param sortedIndices where each of the sorted sequences stood
   * @param unsortedIndices the inverse of that; found if it is not given
   */
  constructor(
    ...args: Arguments<typeof packedSequence, { data: Tensor | readonly [data: Tensor, batchSizes: Tensor] }>
  ) {
    const { data, batchSizes, sortedIndices, unsortedIndices } = packedSequence.bind(args);
    if (batchSizes !== null && batchSizes.device.type !== 'cpu')
      throw new ValueError(
        'batch_sizes should always be on CPU. Instances of PackedSequence should never be created manually. They should be instantiated by functions like pack_sequence and pack_padded_sequences in nn.utils.rnn. https://pytorch.org/docs/stable/nn.html#torch.nn.utils.rnn.pack_sequence',
      );
    if (batchSizes === null && !(Array.isArray(data) && data.length === 2))
      throw new AssertionError('Expected data to be a list or tuple of length 2');
    const [rows, sizes] = batchSizes === null ? (data as [Tensor, Tensor]) : [data as Tensor, batchSizes];
    this.data = rows;
    this.batchSizes = sizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = unsortedIndices ?? invertPermutation(sortedIndices);
  }

  /** The data, the batch sizes and the indices in turn: `const [data, batchSizes] = packed`. */
  *[Symbol.iterator](): Iterator<Tensor | null> {
    yield* [this.data, this.batchSizes, this.sortedIndices, this.unsortedIndices];
  }

  /** @internal */
  [reach](into: Reach): void {
    for (const part of this) into.value(part);
  }

  /** The same sequences with their data changed; itself where the data stay as they are. */
  #withData(data: Tensor): PackedSequence {
    if (data === this.data) return this;
    const moved = (indices: Tensor | null): Tensor | null => indices?.to(data.device) ?? null;
    return new PackedSequence(data, this.batchSizes, moved(this.sortedIndices), moved(this.unsortedIndices));
  }

  /** Moves the data to a device, or casts them, as `Tensor.to` does. */
  to(...args: Arguments<typeof to>): PackedSequence {
    const { device: target, dtype, nonBlocking, copy } = to.bind(args);
    return this.#withData(
      target instanceof DType || target instanceof Tensor
        ? this.data.to(target as DType, nonBlocking, copy)
        : this.data.to(target, dtype, nonBlocking, copy),
    );
  }

  /** Moves the data to PyTorch's GPU. @throws AssertionError since there is none here, with the devices that there are */
  cuda(...args: Arguments<typeof cuda>): PackedSequence {
    return this.to((cuda.bind(args).device as Device | null) ?? ('cuda' as DeviceLike));
  }

  /** Moves the data to the CPU. */
  cpu(): PackedSequence {
    return this.to('cpu');
  }

  /** Casts the data to float64. */
  double(): PackedSequence {
    return this.to(float64);
  }

  /** Casts the data to float32. */
  float(): PackedSequence {
    return this.to(float32);
  }

  /** Casts the data to float16. */
  half(): PackedSequence {
    return this.to(float16);
  }

  /** Casts the data to int64. */
  long(): PackedSequence {
    return this.to(int64);
  }

  /** Casts the data to int32. */
  int(): PackedSequence {
    return this.to(int32);
  }

  /** Casts the data to int16. */
  short(): PackedSequence {
    return this.to(int16);
  }

  /** Casts the data to int8. */
  char(): PackedSequence {
    return this.to(int8);
  }

  /** Casts the data to uint8. */
  byte(): PackedSequence {
    return this.to(uint8);
  }

  /** Prints as Python does. */
  toString(): string {
    const text = (part: Tensor | null): string => (part === null ? 'None' : String(part));
    return `PackedSequence(data=${text(this.data)}, batch_sizes=${text(this.batchSizes)}, sorted_indices=${text(this.sortedIndices)}, unsorted_indices=${text(this.unsortedIndices)})`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

takesNothing(PackedSequence.prototype, [
  'cpu',
  'double',
  'float',
  'half',
  'long',
  'int',
  'short',
  'char',
  'byte',
]);

const inverted = signature('invert_permutation(Tensor? permutation)');

/** The inverse of a permutation: where each index stands in it; null of null. */
export function invertPermutation<P extends Tensor | null>(
  ...args: Arguments<typeof inverted, { permutation: P }>
): P {
  const { permutation } = inverted.bind(args);
  if (permutation === null) return null as P;
  const positions = ops.arange(permutation.numel(), { device: permutation.device });
  return permutation.emptyLike().scatter_(0, permutation, positions) as P;
}

/** Lengths as callers give them. */
type Lengths = Tensor | readonly number[];

const packPadded = signature(
  'pack_padded_sequence(Tensor input, Any lengths, bool batch_first=False, bool enforce_sorted=True)',
);

/**
 * Packs padded sequences: what is beyond the length of a sequence is left out.
 *
 * @param input the sequences, [steps, batch, *], or [batch, steps, *] with `batchFirst`
 * @param lengths how many steps each has
 * @param batchFirst whether the batch comes before the steps
 * @param enforceSorted whether the longest must come first; otherwise they are sorted here
 * @example
 * const packed = nn.utils.rnn.packPaddedSequence(batch, [5, 3, 2], { batchFirst: true });
 * const [output] = lstm.forward(packed);
 */
export function packPaddedSequence(
  ...args: Arguments<typeof packPadded, { lengths: Lengths }>
): PackedSequence {
  const { input, lengths, batchFirst, enforceSorted } = packPadded.bind(args);
  const given =
    lengths instanceof Tensor ? lengths.to(int64) : tensor(lengths as readonly number[], { dtype: int64 });
  if (enforceSorted) {
    const [data, batchSizes] = _packPaddedSequence(input, given, batchFirst);
    return new PackedSequence(data, batchSizes);
  }
  const [sorted, order] = given.sort(-1, true);
  const indices = order.to(input.device);
  const [data, batchSizes] = _packPaddedSequence(
    input.indexSelect(batchFirst ? 0 : 1, indices),
    sorted,
    batchFirst,
  );
  return new PackedSequence(data, batchSizes, indices);
}

const padPacked = signature(
  'pad_packed_sequence(Any sequence, bool batch_first=False, float padding_value=0.0, int? total_length=None)',
);

/**
 * Pads packed sequences again, in the order that they had before.
 *
 * @param sequence what is packed
 * @param batchFirst whether the batch comes before the steps in the result
 * @param paddingValue what stands behind the end of a sequence
 * @param totalLength how many steps the result has; null: those of the longest
 * @returns the padded sequences, [steps, batch, *] or [batch, steps, *], and their lengths
 */
export function padPackedSequence(
  ...args: Arguments<typeof padPacked, { sequence: PackedSequence }>
): [padded: Tensor, lengths: Tensor] {
  const { sequence, batchFirst, paddingValue, totalLength } = padPacked.bind(args);
  const { data, batchSizes, unsortedIndices } = sequence as PackedSequence;
  const longest = batchSizes.size(0);
  if (totalLength !== null && totalLength < longest)
    throw new ValueError(
      `Expected total_length to be at least the length of the longest sequence in input, but got total_length=${totalLength} and max sequence length being ${longest}`,
    );
  const [padded, lengths] = _padPackedSequence(
    data,
    batchSizes,
    batchFirst,
    paddingValue,
    totalLength ?? longest,
  );
  if (unsortedIndices === null) return [padded, lengths];
  return [
    padded.indexSelect(batchFirst ? 0 : 1, unsortedIndices),
    lengths.indexSelect(0, unsortedIndices.cpu()),
  ];
}

const padded = signature(
  "pad_sequence(Any sequences, bool batch_first=False, float padding_value=0.0, str padding_side='right')",
);

/**
 * Stacks sequences of different lengths, [length, *] each, padded to the longest.
 *
 * @param sequences the sequences
 * @param batchFirst whether the batch comes before the steps in the result
 * @param paddingValue what shorter sequences are filled up with
 * @param paddingSide where: behind their end ('right') or before their beginning ('left')
 * @returns [steps, batch, *], or [batch, steps, *] with `batchFirst`
 */
export function padSequence(
  ...args: Arguments<typeof padded, { sequences: Iterable<Tensor> | Tensor; paddingSide: 'left' | 'right' }>
): Tensor {
  const { sequences, batchFirst, paddingValue, paddingSide } = padded.bind(args);
  if (typeof sequences !== 'object' || sequences === null || !(Symbol.iterator in sequences))
    throw new RuntimeError(
      `pad_sequence: Expected iterable for input sequences, but got arg of type: <class '${typeName(sequences)}'>`,
    );
  const list = [...(sequences as Iterable<Tensor>)];
  return _padSequence(list, batchFirst, paddingValue, paddingSide as 'left' | 'right');
}

const unpadded = signature('unpad_sequence(Tensor padded_sequences, Tensor lengths, bool batch_first=False)');

/**
 * The sequences of a padded batch without their padding.
 *
 * @param paddedSequences [steps, batch, *], or [batch, steps, *] with `batchFirst`
 * @param lengths how many steps each has
 * @param batchFirst whether the batch comes before the steps
 */
export function unpadSequence(...args: Arguments<typeof unpadded>): Tensor[] {
  const { paddedSequences, lengths, batchFirst } = unpadded.bind(args);
  const sequences = (batchFirst ? paddedSequences : paddedSequences.transpose(0, 1)).unbind(0);
  const counts = lengths.tolist() as number[];
  if (counts.length !== sequences.length)
    throw new ValueError(
      `zip() argument 2 is ${counts.length < sequences.length ? 'shorter' : 'longer'} than argument 1`,
    );
  return sequences.map((sequence, i) =>
    sequence.narrow(0, 0, Math.min(counts[i], sequence.shape[0])).clone(),
  );
}

const pack = signature('pack_sequence(Any sequences, bool enforce_sorted=True)');

/**
 * Packs sequences of different lengths, [length, *] each.
 *
 * @param sequences the sequences
 * @param enforceSorted whether the longest must come first; otherwise they are sorted here
 */
export function packSequence(
  ...args: Arguments<typeof pack, { sequences: readonly Tensor[] }>
): PackedSequence {
  const { sequences, enforceSorted } = pack.bind(args);
  const list = sequences as readonly Tensor[];
  const lengths = list.map((sequence) => sequence.size(0));
  return packPaddedSequence(padSequence(list), lengths, { enforceSorted });
}

const unpack = signature('unpack_sequence(Any packed_sequences)');

/** The sequences that are packed, in the order that they had before. */
export function unpackSequence(
  ...args: Arguments<typeof unpack, { packedSequences: PackedSequence }>
): Tensor[] {
  const [sequences, lengths] = padPackedSequence(unpack.bind(args).packedSequences as PackedSequence, true);
  return unpadSequence(sequences, lengths, true);
}
