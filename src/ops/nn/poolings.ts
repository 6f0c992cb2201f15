/** Pooling. A maximum's gradient goes where its index points; an average's is its own transpose. */

import { bool, Category, int64 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { expandStack } from '../../dispatch/stacks.js';
import { exactOperand, finish, kernelsOf, operand, result } from './kernel_operands.js';

type List = readonly number[];

// ---- maximum -------------------------------------------------------------------------------------------------

/** Sizes with the stack in the first of them. */
const foldedShape = ([first, ...rest]: List, size: number): List => [size * first, ...rest];

const maxPoolSchema =
  '_max_pool(Tensor self, int[] kernel_size, int[] stride, int[] padding, int[] dilation, int[] size) -> (Tensor out, Tensor indices)';

const maxPool: OpFunction<typeof maxPoolSchema> = op(maxPoolSchema, {
  doc: 'The maximum of every window and its position in the plane.',
  batch(self, kernelSize, stride, padding, dilation, shape, { size }) {
    const [out, indices] = maxPool(
      self.flatten(0, 1),
      kernelSize,
      stride,
      padding,
      dilation,
      foldedShape(shape, size),
    );
    return [out.unflatten(0, [size, -1]), indices.unflatten(0, [size, -1])] as const;
  },
  function: false,
  method: false,
  forward(self, kernelSize, stride, padding, dilation, size) {
    const x = self.dtype.isFloatingPoint ? operand(self, 'max_pool') : self.contiguous();
    const out = result(size, x, x.dtype);
    const indices = result(size, x, int64);
    kernelsOf(x).max_pool(out, indices, x, kernelSize, stride, padding, dilation);
    return [finish(out, self.dtype), indices] as const;
  },
  save: ['self', 'indices'],
  vjp([grad], { self, indices }) {
    return {
      self: grad === null ? null : maxPoolBackward(grad, indices, self.shape),
    };
  },
  gradName: ([, kernelSize]) => `MaxPool${(kernelSize as List).length}DWithIndicesBackward0`,
});

const adaptiveMaxPoolSchema = '_adaptive_max_pool(Tensor self, int[] size) -> (Tensor out, Tensor indices)';

export const adaptiveMaxPool: OpFunction<typeof adaptiveMaxPoolSchema> = op(adaptiveMaxPoolSchema, {
  doc: 'The maxima of as many windows as `size` says and their positions in the plane.',
  batch(self, shape, { size }) {
    const [out, indices] = adaptiveMaxPool(self.flatten(0, 1), shape);
    return [out.unflatten(0, [size, -1]), indices.unflatten(0, [size, -1])] as const;
  },
  function: false,
  method: false,
  forward(self, size) {
    const x = operand(self, 'adaptive_max_pool');
    const shape = [...x.shape.slice(0, 2), ...size];
    const out = result(shape, x);
    const indices = result(shape, x, int64);
    kernelsOf(x).adaptive_max_pool(out, indices, x);
    return [finish(out, self.dtype), indices] as const;
  },
  save: ['indices'],
  vjp: ([grad], { indices, sizes }) => ({
    self: grad === null ? null : maxPoolBackward(grad, indices, sizes.self),
  }),
  gradName: ([, size]) => `AdaptiveMaxPool${(size as List).length}DBackward0`,
});

const maxPoolBackwardSchema = '_max_pool_backward(Tensor grad, Tensor indices, int[] size) -> Tensor';

const maxPoolBackward: OpFunction<typeof maxPoolBackwardSchema> = op(maxPoolBackwardSchema, {
  doc: 'The gradient of a maximum pooling by its input.',
  batch(grad, indices, shape, { size, has }) {
    const folded = (t: Tensor, isStacked: boolean): Tensor => expandStack(t, isStacked, size).flatten(0, 1);
    const all = maxPoolBackward(
      folded(grad, has.grad),
      folded(indices, has.indices),
      foldedShape(shape, size),
    );
    return all.unflatten(0, [size, -1]);
  },
  function: false,
  forward(grad, indices, size) {
    const g = operand(grad, 'max_pool_backward');
    const out = result(size, g);
    kernelsOf(g).max_pool_backward(out, g, indices);
    return finish(out, grad.dtype);
  },
  save: ['indices'],
  // Linear in the gradient: its transpose gathers what it scattered.
  linear: true,
  vjp: {
    grad: (gradGrad, { indices }) => {
      const lead = [gradGrad.shape[0], gradGrad.shape[1], -1];
      return gradGrad.reshape(lead).gather(2, indices.reshape(lead)).reshape(indices.shape);
    },
  },
  gradName: 'MaxPoolWithIndicesBackwardBackward0',
});

// ---- averages ------------------------------------------------------------------------------------------------

const avgPoolSchema =
  '_avg_pool(Tensor self, int[] size, int[] kernel_size, int[] stride, int[] padding, bool count_include_pad, int divisor) -> Tensor';

const avgPool: OpFunction<typeof avgPoolSchema> = op(avgPoolSchema, {
  doc: 'The average of every window.',
  batch: (self, shape, kernelSize, stride, padding, countIncludePad, divisor, { size }) =>
    avgPool(
      self.flatten(0, 1),
      foldedShape(shape, size),
      kernelSize,
      stride,
      padding,
      countIncludePad,
      divisor,
    ).unflatten(0, [size, -1]),
  function: false,
  method: false,
  forward(self, size, kernelSize, stride, padding, countIncludePad, divisor) {
    // Integers are averaged in double and cut off, as their division is.
    const x = exactOperand(self, 'avg_pool');
    const out = result(size, x);
    kernelsOf(x).avg_pool(out, x, kernelSize, stride, padding, countIncludePad, divisor);
    return finish(out, self.dtype);
  },
  save: ['self'],
  linear: true,
  vjp: {
    self: (grad, { self, kernel_size, stride, padding, count_include_pad, divisor }) =>
      avgPoolBackward(grad, self.shape, kernel_size, stride, padding, count_include_pad, divisor),
  },
  gradName: ([, , kernelSize]) => `AvgPool${(kernelSize as List).length}DBackward0`,
});

const avgPoolBackwardSchema =
  '_avg_pool_backward(Tensor grad, int[] size, int[] kernel_size, int[] stride, int[] padding, bool count_include_pad, int divisor) -> Tensor';

const avgPoolBackward: OpFunction<typeof avgPoolBackwardSchema> = op(avgPoolBackwardSchema, {
  doc: 'The gradient of an average pooling by its input.',
  batch: (grad, shape, kernelSize, stride, padding, countIncludePad, divisor, { size }) =>
    avgPoolBackward(
      grad.flatten(0, 1),
      foldedShape(shape, size),
      kernelSize,
      stride,
      padding,
      countIncludePad,
      divisor,
    ).unflatten(0, [size, -1]),
  function: false,
  forward(grad, size, kernelSize, stride, padding, countIncludePad, divisor) {
    const g = operand(grad, 'avg_pool_backward');
    const out = result(size, g);
    kernelsOf(g).avg_pool_backward(out, g, kernelSize, stride, padding, countIncludePad, divisor);
    return finish(out, grad.dtype);
  },
  save: ['grad'],
  linear: true,
  vjp: {
    grad: (gradGrad, { grad, kernel_size, stride, padding, count_include_pad, divisor }) =>
      avgPool(gradGrad, grad.shape, kernel_size, stride, padding, count_include_pad, divisor),
  },
  gradName: 'AvgPoolBackwardBackward0',
});

const adaptiveAvgPoolSchema = '_adaptive_avg_pool(Tensor self, int[] output_size) -> Tensor';

const adaptiveAvgPool: OpFunction<typeof adaptiveAvgPoolSchema> = op(adaptiveAvgPoolSchema, {
  doc: 'Averages over windows that cut every dimension into as many parts as the output is to have.',
  batch: 'folded',
  function: false,
  method: false,
  forward(self, outputSize) {
    const x = operand(self, 'adaptive_avg_pool');
    const out = result([x.shape[0], x.shape[1], ...outputSize], x);
    kernelsOf(x).adaptive_avg_pool(out, x);
    return finish(out, self.dtype);
  },
  save: ['self'],
  linear: true,
  vjp: { self: (grad, { self }) => adaptiveAvgPoolBackward(grad, self.shape) },
  gradName: ([, size]) => `AdaptiveAvgPool${(size as List).length}DBackward0`,
});

const adaptiveAvgPoolBackwardSchema = '_adaptive_avg_pool_backward(Tensor grad, int[] size) -> Tensor';

const adaptiveAvgPoolBackward: OpFunction<typeof adaptiveAvgPoolBackwardSchema> = op(
  adaptiveAvgPoolBackwardSchema,
  {
    doc: 'The gradient of an adaptive average pooling by its input.',
    batch: (grad, shape, { size }) =>
      adaptiveAvgPoolBackward(grad.flatten(0, 1), foldedShape(shape, size)).unflatten(0, [size, -1]),
    function: false,
    forward(grad, size) {
      const g = operand(grad, 'adaptive_avg_pool_backward');
      const out = result(size, g);
      kernelsOf(g).adaptive_avg_pool_backward(out, g);
      return finish(out, grad.dtype);
    },
    save: ['grad'],
    linear: true,
    vjp: {
      grad: (gradGrad, { grad }) => adaptiveAvgPool(gradGrad, grad.shape.slice(2)),
    },
    gradName: 'AdaptiveAvgPoolBackwardBackward0',
  },
);

// ---- windows -------------------------------------------------------------------------------------------------

function pooledSize(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
  ceil: boolean,
): number {
  const span = size + 2 * padding - dilation * (kernel - 1) - 1;
  const count = (ceil ? Math.ceil(span / stride) : Math.floor(span / stride)) + 1;
  // With ceil_mode a window must still begin inside the input or its padding on the left.
  return ceil && (count - 1) * stride >= size + padding ? count - 1 : count;
}

const words = [
  '',
  'a single int',
  'a single int, or a tuple of two ints',
  'a single int, or a tuple of three ints',
];

function expand(name: string, what: string, values: List, dims: number): List {
  if (values.length === dims) return values;
  if (values.length === 1) return new Array<number>(dims).fill(values[0]);
  throw new RuntimeError(`${name}: ${what} must either be ${words[dims]}`);
}

interface Window {
  readonly kernelSize: List;
  readonly stride: List;
  readonly padding: List;
  readonly dilation: List;
}

function windowOf(
  name: string,
  dims: number,
  kernelSize: List,
  stride: List | null,
  padding: List,
  dilation: List,
): Window {
  const kernel = expand(name, 'kernel_size', kernelSize, dims);
  return {
    kernelSize: kernel,
    stride: stride === null || stride.length === 0 ? kernel : expand(name, 'stride', stride, dims),
    padding: expand(name, 'padding', padding, dims),
    dilation: expand(name, 'dilation', dilation, dims),
  };
}

/** @throws RuntimeError in PyTorch's words unless a window can be slid */
function checkWindow(name: string, { kernelSize, stride, padding, dilation }: Window, apart: boolean): void {
  if (apart) {
    checkWindow1d(name, kernelSize[0], stride[0], padding[0], dilation[0]);
    return;
  }
  for (const [i, p] of padding.entries()) {
    if (stride[i] === 0) throw new RuntimeError('stride should not be zero');
    if (p < 0) throw new RuntimeError(`pad must be non-negative, but got pad: ${p}`);
    if (p > Math.trunc((dilation[i] * (kernelSize[i] - 1) + 1) / 2))
      throw new RuntimeError(
        `pad should be at most half of effective kernel size, but got pad=${p}, kernel_size=${kernelSize[i]} and dilation=${dilation[i]}`,
      );
  }
  checkPositive('kernel size', 'k', kernelSize);
  checkPositive('stride', 'd', stride);
  checkPositive('dilation', 'dilation', dilation);
}

/** @throws RuntimeError in PyTorch's words, with the dimensions' names: `kH: 0 kW: 2` */
function checkPositive(what: string, letter: string, values: List): void {
  if (values.every((value) => value > 0)) return;
  // One dimension is computed as two.
  const text = byAxis(letter, values.length === 1 ? [1, ...values] : values);
  throw new RuntimeError(`${what} should be greater than zero, but got ${text}`);
}

function byAxis(letter: string, values: List): string {
  const axes = ['T', 'H', 'W'].slice(-values.length);
  return values.map((value, i) => `${letter}${axes[i]}: ${value}`).join(' ');
}

function checkWindow1d(
  name: string,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
): void {
  const positive = (what: string, value: number): void => {
    if (value <= 0) throw new RuntimeError(`${name}() ${what} must be greater than zero, but got ${value}`);
  };
  positive('kernel_size', kernel);
  positive('stride', stride);
  if (padding < 0) throw new RuntimeError(`${name}() padding must be non-negative, but got ${padding}`);
  if (padding > kernel / 2)
    throw new RuntimeError(
      `${name}() padding should be at most half of kernel size, but got padding=${padding} and kernel_size=${kernel}`,
    );
  positive('dilation', dilation);
}

/** Spatial sizes of the result. @throws RuntimeError in PyTorch's words where there is none */
function outputSizes(name: string, input: Tensor, window: Window, ceilMode: boolean): number[] {
  const { kernelSize, stride, padding, dilation } = window;
  const spatial = input.shape.slice(2);
  const sizes = spatial.map((size, i) =>
    pooledSize(size, kernelSize[i], stride[i], padding[i], dilation[i], ceilMode),
  );
  if (sizes.some((size) => size < 1)) {
    if (name === 'max_pool1d')
      throw new RuntimeError(`max_pool1d() Invalid computed output size: ${sizes[0]}`);
    if (name === 'avg_pool3d')
      throw new RuntimeError(
        `input image (${byAxis('', spatial)}) smaller than kernel size (${byAxis('k', kernelSize)})`,
      );
    const lead = spatial.length === 1 ? [input.shape[1], 1] : [input.shape[1]];
    throw new RuntimeError(
      `Given input size: (${[...lead, ...spatial].join('x')}). Calculated output size: (${[...lead, ...sizes].join('x')}). Output size is too small`,
    );
  }
  return sizes;
}

/** Runs `pool` on a batch; an unbatched input becomes one for the time of the call. */
function batched<T extends Tensor | readonly Tensor[]>(
  name: string,
  dims: number,
  input: Tensor,
  pool: (input: Tensor) => T,
): T {
  const batchedNdim = dims + 2;
  if (input.ndim !== batchedNdim && input.ndim !== batchedNdim - 1)
    throw new RuntimeError(
      dims === 1
        ? `${name}: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:${formatShape(input.shape)}`
        : `non-empty ${dims + 1}D or ${dims + 2}D (batch mode) tensor expected for input`,
    );
  const sizes = input.ndim === batchedNdim ? input.shape.slice(1) : input.shape;
  const empty = sizes.indexOf(0);
  if (empty >= 0 && name === 'max_pool3d')
    throw new RuntimeError(
      `max_pool3d_with_indices_out_cpu_template(): Expected input's non-batch dimensions to have positive length, but input has a shape of ${formatShape(input.shape)} and non-batch dimension ${empty} has length zero!`,
    );
  if (empty >= 0)
    throw new RuntimeError(
      `Expected ${dims + 1}D or ${dims + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:${formatShape(input.shape)}`,
    );
  if (input.ndim === batchedNdim) return pool(input);
  const pooled = pool(input.unsqueeze(0)) as Tensor | readonly Tensor[];
  return (
    Array.isArray(pooled) ? pooled.map((t: Tensor) => t.squeeze(0)) : (pooled as Tensor).squeeze(0)
  ) as T;
}

/** Sizes of an adaptive pooling's output. @throws RuntimeError in PyTorch's words */
function adaptiveSizes(input: Tensor, dims: number, wanted: readonly (number | null)[]): List {
  const name = `adaptive_avg_pool${dims}d`;
  const all = wanted.length === 1 ? new Array<number | null>(dims).fill(wanted[0]) : wanted;
  if (all.length !== dims)
    throw new RuntimeError(
      dims === 1
        ? `${name}() argument 'output_size' should contain one int (got ${all.length})`
        : `${name}: output_size must be ${dims}`,
    );
  const sizes = all.map((size, i) => size ?? input.shape[input.ndim - dims + i]);
  if (sizes.some((size) => size < 0)) {
    // PyTorch pools one dimension as two, of which the first is 1.
    const shown = dims === 1 ? [1, ...sizes] : sizes;
    throw new RuntimeError(
      `adaptive_avg_pool${Math.max(dims, 2)}d: elements of output_size must be greater than or equal to 0 but received {${shown.join(', ')}}`,
    );
  }
  return sizes;
}

function definePooling(dims: 1 | 2 | 3): void {
  const name = `max_pool${dims}d`;
  const pool = (
    input: Tensor,
    kernelSize: List,
    stride: List | null,
    padding: List,
    dilation: List,
    ceilMode: boolean,
    indices: boolean,
  ): readonly Tensor[] => {
    if (input.dtype === bool) throw notImplemented(name, input.dtype);
    const window = windowOf(name, dims, kernelSize, stride, padding, dilation);
    // PyTorch has a function of its own for one dimension without indices, which words its refusals differently.
    checkWindow(name, window, dims === 1 && !indices);
    return batched(name, dims, input, (x) => {
      const size = [x.shape[0], x.shape[1], ...outputSizes(name, x, window, ceilMode)];
      return maxPool(x, window.kernelSize, window.stride, window.padding, window.dilation, size);
    });
  };
  op(
    `max_pool${dims as 1}d_with_indices(Tensor self, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[1] dilation=1, bool ceil_mode=False, bool return_indices=True) -> (Tensor out, Tensor indices)`,
    {
      doc: `The maximum of every ${dims}-dimensional window, and where in its plane each one stands.`,
      module: 'nn.functional',
      composite: (self, kernelSize, stride, padding, dilation, ceilMode) =>
        pool(self, kernelSize, stride, padding, dilation, ceilMode, true) as [Tensor, Tensor],
    },
  );
  op(
    `max_pool${dims as 1}d(Tensor self, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[1] dilation=1, bool ceil_mode=False, bool return_indices=False) -> Tensor`,
    {
      doc: `The maximum of every ${dims}-dimensional window, with \`return_indices\` and where it stands; \`stride\` is \`kernel_size\` unless given.`,
      module: 'nn.functional',
      composite(self, kernelSize, stride, padding, dilation, ceilMode, returnIndices) {
        const results = pool(self, kernelSize, stride, padding, dilation, ceilMode, returnIndices);
        // The declared type is that of the usual call; with indices `max_pool…_with_indices` is the typed one.
        return returnIndices ? (results as unknown as Tensor) : results[0];
      },
    },
  );
  op(
    `avg_pool${dims as 1}d(Tensor self, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor`,
    {
      doc: `The average of every ${dims}-dimensional window; \`stride\` is \`kernel_size\` unless given.`,
      module: 'nn.functional',
      composite(self, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride) {
        if (divisorOverride === 0) throw new RuntimeError('divisor must be not zero');
        const window = windowOf(`avg_pool${dims}d`, dims, kernelSize, stride, padding, [1]);
        checkWindow(`avg_pool${dims}d`, window, false);
        if (self.dtype.category < Category.float && self.dtype !== int64)
          throw notImplemented(dims === 3 ? 'avg_pool3d_out_frame' : 'avg_pool2d', self.dtype);
        return batched(`avg_pool${dims}d`, dims, self, (x) => {
          const size = [x.shape[0], x.shape[1], ...outputSizes(`avg_pool${dims}d`, x, window, ceilMode)];
          return avgPool(
            x,
            size,
            window.kernelSize,
            window.stride,
            window.padding,
            countIncludePad,
            divisorOverride ?? 0,
          );
        });
      },
    },
  );
  op(`adaptive_avg_pool${dims as 1}d(Tensor self, int?[1] output_size) -> Tensor`, {
    doc: `Averages over as many ${dims}-dimensional windows as the output is to have, whatever the input's size; null keeps a size.`,
    module: 'nn.functional',
    composite(self, outputSize) {
      const adaptive = `adaptive_avg_pool${dims}d`;
      if (outputSize.length > 1 && self.ndim <= outputSize.length)
        throw new ValueError(`Input dimension should be at least ${outputSize.length + 1}`);
      if (self.ndim !== dims + 1 && self.ndim !== dims + 2)
        throw new RuntimeError(
          dims === 1
            ? `Expected 2 to 3 dimensions, but got ${self.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for ${adaptive})`
            : `${adaptive}(): Expected ${dims + 1}D or ${dims + 2}D tensor, but got ${formatShape(self.shape)}`,
        );
      const sizes = adaptiveSizes(self, dims, outputSize);
      const start = self.ndim - dims;
      for (let d = start; d < self.ndim; d++)
        if (self.shape[d] === 0)
          throw new RuntimeError(
            `${adaptive}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${formatShape(self.shape)} with dimension ${d} being empty`,
          );
      if (self.ndim === dims + 2) return adaptiveAvgPool(self, sizes);
      return adaptiveAvgPool(self.unsqueeze(0), sizes).squeeze(0);
    },
  });
}

op(
  'max_pool2d_with_indices_backward(Tensor grad_output, Tensor self, int[2] kernel_size, int[2] stride, int[2] padding, int[2] dilation, bool ceil_mode, Tensor indices) -> Tensor',
  {
    doc: 'The gradient of `maxPool2d` by its input, from where the maxima stood.',
    batch: 'leading',
    method: false,
    forward(grad, self, _kernelSize, _stride, _padding, _dilation, _ceilMode, indices) {
      // The indices are the caller's: scattering checks them, the pooling's own kernel does not.
      return grad
        .newZeros(self.shape)
        .flatten(-2)
        .scatterAdd(-1, indices.flatten(-2), grad.flatten(-2))
        .reshape(self.shape);
    },
    save: ['indices'],
    vjp: {
      grad_output: (gradGrad, { indices }) =>
        gradGrad.flatten(-2).gather(-1, indices.flatten(-2)).reshape(indices.shape),
      self: () => null,
    },
  },
);

definePooling(1);
definePooling(2);
definePooling(3);
