/** Triangles and diagonals of matrices. */

import { getDefaultDevice } from '../core/defaults.js';
import { type DeviceLike, toDevice } from '../core/device.js';
import { bool, type DType, int32, int64 } from '../core/dtype.js';
import { notImplementedFor, RuntimeError } from '../core/errors.js';
import { type Shape, wrapDim } from '../core/layout.js';
import { asLeaf, type Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { op, ops } from '../dispatch/registry.js';

for (const [name, isUpper] of [
  ['tril', false],
  ['triu', true],
] as const) {
  const part = isUpper ? 'upper' : 'lower';
  const side = isUpper ? 'from' : 'up to';

  op(`${name}(Tensor self, int diagonal=0) -> Tensor`, {
    doc: `The ${part} triangle of the last two dimensions, ${side} the given diagonal; zeros elsewhere.`,
    batch: 'leading',
    inplace: true,
    forward(self: Tensor, diagonal: number) {
      if (self.ndim < 2) throw new RuntimeError(`${name}: input tensor must have at least 2 dimensions`);
      const result = empty(self.shape, self.dtype, self.storage.backend);
      if (result.numel() > 0) result.storage.backend.kernels.triangle(result, self, diagonal, isUpper);
      return result;
    },
    vjp: {
      self: (grad: Tensor, { diagonal }: { diagonal: number }) =>
        isUpper ? grad.triu(diagonal) : grad.tril(diagonal),
    },
  });

  op(
    `${name}_indices(int row, int col, int offset=0, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor`,
    {
      doc: `The coordinates of the ${part} triangle of a \`row\` × \`col\` matrix, ${side} the diagonal \`offset\`: two rows.`,
      composite(
        row: number,
        col: number,
        offset: number,
        dtype: DType | null,
        device: DeviceLike | null,
        requiresGrad: boolean,
      ) {
        if (row < 0) throw new RuntimeError(`row must be non-negative, got${row}`);
        if (col < 0) throw new RuntimeError(`col must be non-negative, got${col}`);
        if (dtype !== null && dtype !== int64 && dtype !== int32)
          throw notImplementedFor(`${name}_indices`, dtype.scalarName);
        // How many there are must be known: the CPU counts them.
        const all = ops.ones([row, col], { dtype: bool, device: 'cpu' });
        const chosen = isUpper ? all.triu(offset) : all.tril(offset);
        const result = chosen
          .nonzero()
          .t()
          .contiguous()
          .to(toDevice(device ?? getDefaultDevice()), dtype ?? int64);
        return requiresGrad ? asLeaf(result) : result;
      },
    },
  );
}

op('diag(Tensor self, int diagonal=0) -> Tensor', {
  doc: 'The diagonal of a matrix, or the matrix that has a vector as its diagonal.',
  composite(self, diagonal) {
    if (self.ndim === 1) return self.diagEmbed(diagonal);
    if (self.ndim === 2) return self.diagonal(diagonal).clone();
    throw new RuntimeError(`diag(): Supports 1D or 2D tensors. Got ${self.ndim}D`);
  },
});

op('diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor', {
  doc: 'Matrices that have the last dimension as their diagonal, in the dimensions `dim1` and `dim2` of the result.',
  composite(self, offset, dim1, dim2) {
    const ndim = self.ndim + 1;
    const a = wrapDim(dim1, ndim);
    const b = wrapDim(dim2, ndim);
    if (a === b) throw new RuntimeError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
    const side = self.shape.at(-1)! + Math.abs(offset);
    const shape: number[] = [];
    for (let d = 0, rest = 0; d < ndim; d++) shape.push(d === a || d === b ? side : self.shape[rest++]);
    return self._diagonalBackward(shape as Shape, offset, a, b);
  },
});

op('diagflat(Tensor self, int offset=0) -> Tensor', {
  doc: 'The matrix that has all elements as its diagonal.',
  composite: (self, offset) => self.reshape([-1]).diag(offset),
});

op('trace(Tensor self) -> Tensor', {
  doc: 'The sum of the diagonal of a matrix.',
  composite(self) {
    if (self.ndim !== 2)
      throw new RuntimeError(`trace: expected a matrix, but got tensor with dim ${self.ndim}`);
    if (self.dtype === bool) throw notImplementedFor('trace', 'Bool');
    return self.diagonal().sum();
  },
});

op('fill_diagonal_(Tensor self, Scalar fill_value, bool wrap=False) -> Tensor', {
  doc: 'Fills the diagonal in place. With `wrap` that of a tall matrix begins anew after each square.',
  function: false,
  composite(self, value, wrap) {
    if (self.ndim < 2) throw new RuntimeError('dimensions must larger than 1');
    if (self.ndim > 2 && self.shape.some((n) => n !== self.shape[0]))
      throw new RuntimeError('all dimensions of input must be of equal length');
    const [rows, columns] = self.shape;
    const blocks = wrap && self.ndim === 2 ? Math.ceil(rows / (columns + 1)) : 1;
    for (let i = 0; i < blocks; i++) {
      const start = i * (columns + 1);
      let part = blocks === 1 ? self : self.narrow(0, start, Math.min(columns, rows - start));
      while (part.ndim > 1) part = part.diagonal(0, 0, 1);
      part.fill_(value);
    }
    return self;
  },
});
