/** Tensors cut into several views. */

import { int64 } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { formatShape, wrapDim } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { op } from '../dispatch/registry.js';
import { listOf } from './lists.js';

op('unbind(Tensor self, int dim=0) -> Tensor[]', {
  doc: 'The slices along a dimension, which is left out.',
  copies: 'unbind_copy',
  composite(self, dim) {
    const d = wrapDim(dim, self.ndim);
    if (self.ndim === 0) throw new IndexError('Dimension specified as 0 but tensor has no dimensions');
    return listOf(self.shape[d], (i) => self.select(d, i));
  },
});

op('split.int(Tensor self|tensor|input, int split_size|split_size_or_sections, int dim=0) -> Tensor[]', {
  doc: 'Pieces of this size along a dimension; the last may be smaller.',
  copies: 'split_copy',
  aliases: ['unsafe_split'],
  composite(self, splitSize, dim) {
    if (self.ndim === 0) throw new RuntimeError('split expects at least a 1-dimensional tensor');
    if (splitSize < 0)
      throw new RuntimeError(`split expects split_size be non-negative, but got split_size=${splitSize}`);
    const d = wrapDim(dim, self.ndim);
    const size = self.shape[d];
    if (splitSize === 0 && size !== 0)
      throw new RuntimeError(
        `split_size can only be 0 if dimension size is 0, but got dimension size of ${size}`,
      );
    const count = splitSize === 0 ? 1 : Math.max(Math.ceil(size / splitSize), 1);
    return listOf(count, (i) => self.slice(d, i * splitSize, Math.min((i + 1) * splitSize, size)));
  },
});

op(
  'split.sizes(Tensor self|tensor|input, int[] split_sizes|split_size|split_size_or_sections, int dim=0) -> Tensor[]',
  {
    doc: 'Pieces of these sizes along a dimension.',
    copies: 'split_with_sizes_copy',
    aliases: ['split_with_sizes', 'unsafe_split_with_sizes'],
    composite(self, splitSizes, dim) {
      if (self.ndim === 0) throw new RuntimeError('split expects at least a 1-dimensional tensor');
      const d = wrapDim(dim, self.ndim);
      const sum = splitSizes.reduce((a, b) => a + b, 0);
      if (splitSizes.some((s) => s < 0))
        throw new RuntimeError(
          `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${formatShape(splitSizes)}`,
        );
      if (sum !== self.shape[d])
        throw new RuntimeError(
          `split_with_sizes expects split_sizes to sum exactly to ${self.shape[d]} (input tensor's size at dimension ${dim}), but got split_sizes=${formatShape(splitSizes)}`,
        );
      let start = 0;
      return splitSizes.map((size) => {
        start += size;
        return self.slice(d, start - size, start);
      });
    },
  },
);

op('chunk(Tensor self, int chunks, int dim=0) -> Tensor[]', {
  doc: 'At most `chunks` pieces of equal size along a dimension; the last may be smaller.',
  aliases: ['unsafe_chunk'],
  composite(self, chunks, dim) {
    if (self.ndim === 0) throw new RuntimeError('chunk expects at least a 1-dimensional tensor');
    if (chunks <= 0) throw new RuntimeError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
    const size = self.shape[wrapDim(dim, self.ndim)];
    const each = Math.ceil(size / chunks);
    if (each === 0)
      return self.split(
        listOf(chunks, () => 0),
        dim,
      );
    return self.split(each, dim);
  },
});

// Before the others, which would take a tensor of one element for a number.
op(
  'tensor_split.tensor(Tensor self, Tensor tensor_indices_or_sections|indices_or_sections, int dim=0) -> Tensor[]',
  {
    doc: '`tensorSplit` by a number of sections (0-d) or by indices (1-d) in an int64 tensor.',
    reads: true,
    composite(self, given, dim) {
      if (given.dtype !== int64)
        throw new RuntimeError(
          `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${given.dtype.scalarName}`,
        );
      if (given.ndim > 1)
        throw new RuntimeError(
          `tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${given.ndim} dims`,
        );
      return given.ndim === 0
        ? self.tensorSplit(given.item(), dim)
        : self.tensorSplit(given.tolist() as number[], dim);
    },
  },
);

op('tensor_split.sections(Tensor self, int sections|indices_or_sections, int dim=0) -> Tensor[]', {
  doc: '`sections` pieces along a dimension, sizes differing by 1 at most.',
  composite(self, sections, dim) {
    if (self.ndim === 0)
      throw new RuntimeError(
        'tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims',
      );
    if (sections <= 0) throw new RuntimeError(`number of sections must be larger than 0, got ${sections}`);
    const size = self.shape[wrapDim(dim, self.ndim)];
    const small = Math.floor(size / sections);
    return self.split(
      listOf(sections, (i) => small + (i < size % sections ? 1 : 0)),
      dim,
    );
  },
});

op('tensor_split.indices(Tensor self, int[] indices|indices_or_sections, int dim=0) -> Tensor[]', {
  doc: 'The pieces between these indices along a dimension.',
  composite(self, indices, dim) {
    if (self.ndim === 0)
      throw new RuntimeError(
        'tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims',
      );
    const bounds = [0, ...indices, self.shape[wrapDim(dim, self.ndim)]];
    return bounds.slice(1).map((end, i) => self.slice(dim, bounds[i], i === indices.length ? null : end));
  },
});

for (const [name, least, dim] of [
  ['hsplit', 1, 1],
  ['vsplit', 2, 0],
  ['dsplit', 3, 2],
] as const) {
  const where = (self: Tensor): number => {
    if (self.ndim < least)
      throw new RuntimeError(
        `torch.${name} requires a tensor with at least ${least} dimension, but got a tensor with ${self.ndim} dimensions!`,
      );
    return name === 'hsplit' && self.ndim === 1 ? 0 : dim;
  };
  const direction = `dimension ${dim}${name === 'hsplit' ? ' (0 for vectors)' : ''}`;
  op(`${name}.int(Tensor self, int sections|indices_or_sections) -> Tensor[]`, {
    doc: `Equal pieces along ${direction}.`,
    composite(self: Tensor, sections: number) {
      const d = where(self);
      if (sections === 0 || self.shape[d] % sections !== 0)
        throw new RuntimeError(
          `torch.${name} attempted to split along dimension ${d}, but the size of the dimension ${self.shape[d]} is not divisible by the split_size ${sections}!`,
        );
      return self.tensorSplit(sections, d);
    },
  });
  op(`${name}.array(Tensor self, int[] indices|indices_or_sections) -> Tensor[]`, {
    doc: `The pieces between these indices along ${direction}.`,
    composite: (self: Tensor, indices: readonly number[]) => self.tensorSplit(indices, where(self)),
  });
}
