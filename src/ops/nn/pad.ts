/** Padding. */

import type { KernelArguments } from '../../backends/kernels.js';
import { isComplexNumber } from '../../core/complex.js';
import { Category } from '../../core/dtype.js';
import { NotImplementedError, RuntimeError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import { checkHolds } from '../../core/overflow.js';
import { pyfloat } from '../../core/pyfloat.js';
import { formatTuple } from '../../core/repr.js';
import { type Scalar, scalarValue } from '../../core/scalar.js';
import { Tensor } from '../../core/tensor.js';
import { checkNotNegative } from '../../dispatch/empty.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { copyInto, fillInto } from '../copying.js';
import { listOf } from '../lists.js';
import { kernelsOf, result } from './kernel_operands.js';
import { keptTable, resampleBy } from './resampling.js';

type List = readonly number[];

/** Amounts by dimension from the list that begins with the last one. */
function amounts(pad: List, ndim: number): [before: number, after: number][] {
  return Array.from({ length: ndim }, (_, d) => {
    const i = 2 * (ndim - 1 - d);
    return i < pad.length ? [pad[i], pad[i + 1]] : [0, 0];
  });
}

function checkLength(self: Tensor, pad: List): void {
  if (pad.length % 2 !== 0) throw new RuntimeError('Padding length must be divisible by 2');
  if (pad.length > 2 * self.ndim)
    throw new RuntimeError(
      `Padding length should be less than or equal to two times the input dimension but got padding length ${pad.length} and input of dimension ${self.ndim}`,
    );
}

const constantPadSchema = 'constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor';

const constantPad: OpFunction<typeof constantPadSchema> = op(constantPadSchema, {
  doc: 'Adds elements of one value at the ends of dimensions, the last one first; negative amounts cut off.',
  batch: 'leading',
  method: false,
  forward(self, pad, value) {
    checkLength(self, pad);
    const each = amounts(pad, self.ndim);
    for (const [d, ends] of each.entries()) {
      let rest = self.shape[d];
      for (const end of ends) if (end < 0) rest += end;
      if (rest < 0) throw new RuntimeError('narrow(): length must be non-negative.');
    }
    const shape = self.shape.map((size, d) => size + each[d][0] + each[d][1]);
    const out = result(shape, self, self.dtype);
    fillInto(out, value);
    const kept: number[] = [];
    let from = self.offset;
    let to = 0;
    for (const [d, [before, after]] of each.entries()) {
      const start = Math.max(0, -before);
      kept.push(self.shape[d] - start - Math.max(0, -after));
      if (kept[d] <= 0) return out;
      from += start * self.strides[d];
      to += Math.max(0, before) * out.strides[d];
    }
    const source = new Tensor(self.storage, self.dtype, kept, self.strides, from);
    copyInto(new Tensor(out.storage, out.dtype, kept, out.strides, to), source);
    return out;
  },
  vjp: {
    self: (grad, { pad }) =>
      constantPad(
        grad,
        pad.map((p) => -p),
        0,
      ),
  },
});

type OwnMode = KernelArguments<'pad'>['mode'];

const paddedSchema = "_pad(Tensor self, int[] pad, 'reflect'|'replicate'|'circular' mode) -> Tensor";

const padded: OpFunction<typeof paddedSchema> = op(paddedSchema, {
  doc: "Adds a tensor's own elements at the ends of dimensions, in one call of a kernel.",
  batch: 'leading',
  function: false,
  method: false,
  forward(self, pad, mode) {
    const x = self.contiguous();
    const each = amounts(pad, x.ndim);
    const out = result(
      x.shape.map((size, d) => size + each[d][0] + each[d][1]),
      x,
      x.dtype,
    );
    if (out.numel() > 0)
      kernelsOf(x).pad(
        out,
        x,
        each.map(([before]) => before),
        each.map(([, after]) => after),
        mode,
      );
    return out;
  },
  linear: true,
  vjp: { self: (grad, { pad, mode, sizes }) => paddedBackward(grad, pad, mode, sizes.self) },
});

const paddedBackwardSchema =
  "_pad_backward(Tensor grad, int[] pad, 'reflect'|'replicate'|'circular' mode, int[] size) -> Tensor";

const paddedBackward: OpFunction<typeof paddedBackwardSchema> = op(paddedBackwardSchema, {
  doc: 'The gradient of `_pad`: every element gets those of its places.',
  batch: (grad, pad, mode, shape, { size }) => paddedBackward(grad, pad, mode, [size, ...shape]),
  function: false,
  method: false,
  forward(grad, pad, mode, shape) {
    const g = grad.contiguous();
    const each = amounts(pad, g.ndim);
    const out = result(shape, g, g.dtype);
    kernelsOf(g).pad_backward(
      out,
      g,
      each.map(([before]) => before),
      each.map(([, after]) => after),
      mode,
    );
    return out;
  },
  linear: true,
  vjp: { grad: (gradGrad, { pad, mode }) => padded(gradGrad, pad, mode) },
});

/** The same by tables of positions, dimension by dimension. */
function resamplePadded(self: Tensor, pad: List, mode: string): Tensor {
  let x = self;
  for (const [d, [before, after]] of [...amounts(pad, self.ndim).entries()].reverse()) {
    if (before === 0 && after === 0) continue;
    const size = self.shape[d];
    const length = size + before + after;
    const positions = keptTable(`${mode} ${size} ${before} ${after}`, () => {
      const [low, high] = [Math.max(0, -before), size - Math.max(0, -after)];
      return Int32Array.from(listOf(length, (i) => sources[mode](i - before, size, low, high)));
    });
    x = resampleBy(x, d, { positions, weights: null }, length);
  }
  return x;
}

/** Which element stands at position `i` of a dimension, before, in or behind it; `low` to `high` is what is not cut off. */
const sources: Readonly<Record<string, (i: number, size: number, low: number, high: number) => number>> = {
  reflect: (i, size) => (i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i),
  replicate: (i, size) => Math.min(Math.max(i, 0), size - 1),
  circular: (i, _, low, high) => low + ((i - low + high - low) % (high - low)),
};

function checkMode(self: Tensor, pad: List, mode: string): void {
  const dims = pad.length / 2;
  if (dims < 1 || dims > 3 || (self.ndim !== dims + 1 && self.ndim !== dims + 2))
    throw new NotImplementedError(
      `Padding size ${pad.length} is not supported for ${self.ndim}D input tensor.\nSupported combinations for non-constant padding:\n  - 2D or 3D input: padding size = 2 (pads last dimension)\n  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)`,
    );
  const isBatch = self.ndim === dims + 2;
  if (mode !== 'circular' && self.shape.slice(isBatch ? 1 : 0).includes(0))
    throw new RuntimeError(
      `Expected ${dims + 1}D or ${dims + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${formatShape(self.shape)}`,
    );
  for (const [d, [before, after]] of [...amounts(pad, self.ndim).entries()].reverse()) {
    const size = self.shape[d];
    if (mode === 'reflect' && (before >= size || after >= size) && (before > 0 || after > 0))
      throw new RuntimeError(
        `Argument #${2 * (self.ndim - d) + 2}: Padding size should be less than the corresponding input dimension, but got: padding ${formatTuple([before, after])} at dimension ${d} of input ${formatShape(self.shape)}`,
      );
    if (mode === 'circular' && (before > size || after > size))
      throw new RuntimeError('Padding value causes wrapping around more than once.');
  }
  checkOutput(self, amounts(pad, self.ndim), dims, mode);
}

/** @throws RuntimeError in PyTorch's words where negative amounts leave nothing */
function checkOutput(self: Tensor, each: readonly List[], dims: number, mode: string): void {
  const shape = self.shape.map((size, d) => size + each[d][0] + each[d][1]);
  if (mode === 'circular') {
    if (shape.some((size) => size < 0))
      throw new RuntimeError('Negative padding value is resulting in an empty dimension');
    return;
  }
  if (shape.slice(-dims).some((size) => size >= 1)) {
    checkNotNegative(shape);
    return;
  }
  const text = (sizes: readonly number[], separator: string): string =>
    sizes
      .slice(-dims)
      .map((size, i) => `${['D', 'H', 'W'].slice(-dims)[i]}: ${size}`)
      .join(separator);
  throw new RuntimeError(
    `input (${text(self.shape, ', ')}) is too small. Calculated output ${text(shape, ' ')}`,
  );
}

export const pad = op(
  "pad(Tensor self, int[] pad, 'constant'|'reflect'|'replicate'|'circular' mode='constant', Scalar? value=None) -> Tensor",
  {
    doc: "Pads the last dimensions: with a constant, or by mode 'reflect', 'replicate' or 'circular'. Amounts come in pairs, the last dimension's first.",
    module: 'nn.functional',
    composite(self, pad, mode, value) {
      checkLength(self, pad);
      if (mode === 'constant' && value !== null && !isComplexNumber(value))
        checkHolds(self.dtype, pyfloat(Number(scalarValue(value))));
      if (mode === 'constant') return constantPad(self, pad, value ?? 0);
      if (!Object.hasOwn(sources, mode)) throw new NotImplementedError(`Unrecognised padding mode ${mode}`);
      if (value !== null && scalarValue(value as Scalar) !== 0)
        throw new RuntimeError(`Padding mode "${mode}" doesn't take in value argument`);
      checkMode(self, pad, mode);
      return self.storage.backend.isHost && self.numel() > 0 && self.dtype.category >= Category.float
        ? padded(self, pad, mode as OwnMode)
        : resamplePadded(self, pad, mode);
    },
  },
);
