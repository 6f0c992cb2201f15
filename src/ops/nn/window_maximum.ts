/** Maxima of windows that differ in size or place, and the way back from maxima to where they stood. */
import { int64 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import { pyfloat } from '../../core/pyfloat.js';
import type { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { expandStack } from '../../dispatch/stacks.js';
import { asTensor } from '../from_data.js';
import { F, kernelsOf, result } from './kernel_operands.js';
import { adaptiveMaxPool } from './poolings.js';

type List = readonly number[];

/** First and last position, the latter left out, of every window along a dimension. */
type Spans = readonly (readonly [start: number, end: number])[];

/** Flat positions in a plane of every window's elements, windows × elements; smaller windows repeat their last. */
function windowPositions(sizes: List, spans: readonly Spans[]): number[][] {
  let windows: number[][] = [[0]];
  for (const [d, along] of spans.entries()) {
    const longest = Math.max(...along.map(([start, end]) => end - start));
    windows = windows.flatMap((before) =>
      along.map(([start, end]) =>
        before.flatMap((position) =>
          Array.from({ length: longest }, (_, k) => position * sizes[d] + Math.min(start + k, end - 1)),
        ),
      ),
    );
  }
  return windows;
}

/**
 * The maximum of every window and its place; `positions` are those of the windows' elements, windows × elements for each plane, or
 * once for all.
 */
function maximaAt(planes: Tensor, positions: Tensor, output: List): [Tensor, Tensor] {
  const lead = planes.shape.slice(0, planes.ndim - output.length);
  const flat = planes.reshape([lead.reduce((a, b) => a * b, 1), -1]);
  const at = positions.expand([flat.shape[0], -1, -1]);
  const candidates = flat
    .detach()
    .gather(1, at.reshape([flat.shape[0], -1]))
    .reshape(at.shape);
  const [, best] = candidates.max(2);
  const indices = at.gather(2, best.unsqueeze(2)).squeeze(2);
  const shape = [...lead, ...output];
  return [flat.gather(1, indices).reshape(shape), indices.reshape(shape)];
}

function adaptiveMaxima(self: Tensor, dims: number, wanted: readonly (number | null)[]): [Tensor, Tensor] {
  const name = `adaptive_max_pool${dims}d`;
  const all = wanted.length === 1 && dims > 1 ? new Array<number | null>(dims).fill(wanted[0]) : wanted;
  if (all.length !== dims)
    throw new RuntimeError(
      dims === 1
        ? `${name}() argument 'output_size' should contain one int (got ${all.length})`
        : `${name}(): internal error: output_size.size() must be ${dims}`,
    );
  if (wanted.length > 1 && self.ndim <= wanted.length)
    throw new ValueError(`Input dimension should be at least ${wanted.length + 1}`);
  if (self.ndim !== dims + 1 && self.ndim !== dims + 2)
    throw new RuntimeError(
      dims === 1
        ? `Expected 2 to 3 dimensions, but got ${self.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`
        : `${name}(): Expected ${dims + 1}D or ${dims + 2}D tensor, but got: ${formatShape(self.shape)}`,
    );
  if (!self.isFloatingPoint())
    throw notImplemented(dims === 3 ? 'adaptive_max_pool3d_cpu' : 'adaptive_max_pool2d', self.dtype);
  const sizes = self.shape.slice(-dims);
  const empty = self.shape.findIndex((size, d) => size === 0 && d > self.ndim - dims - 2);
  if (empty > 0)
    throw new RuntimeError(
      `${name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${formatShape(self.shape)} with dimension ${empty} being empty`,
    );
  const output = all.map((size, d) => size ?? sizes[d]);
  const shape = [...self.shape.slice(0, -dims), ...output];
  if (output.some((size) => size < 0))
    throw new RuntimeError(
      `Trying to create tensor with negative dimension ${Math.min(...output)}: ${formatShape(dims === 1 ? [...shape.slice(0, -1), 1, shape[shape.length - 1]] : shape)}`,
    );
  if (shape.includes(0)) return [self.newEmpty(shape), self.newEmpty(shape, { dtype: int64 })];
  if (self.storage.backend.isHost && self.isFloatingPoint()) {
    const x = self.ndim === dims + 1 ? self.unsqueeze(0) : self;
    const [out, indices] = adaptiveMaxPool(x, output);
    return x === self ? [out, indices] : [out.squeeze(0), indices.squeeze(0)];
  }
  const spans = sizes.map((size, d) =>
    Array.from(
      { length: output[d] },
      (_, i) => [Math.floor((i * size) / output[d]), Math.ceil(((i + 1) * size) / output[d])] as const,
    ),
  );
  const windows = windowPositions(sizes, spans);
  const positions = asTensor(BigInt64Array.from(windows.flat(), BigInt)).to(self.device);
  return maximaAt(self, positions.view([1, windows.length, -1]), output);
}

/** Starts of windows that random numbers in [0, 1) spread over a dimension (Graham, arXiv 1412.6071): a row per number. */
function fractionalStarts(size: number, output: number, kernel: number, samples: Tensor): Tensor {
  const last = size - kernel;
  const ends = samples.newFull([samples.shape[0], 1], last, { dtype: int64 });
  if (output === 1) return ends;
  const alpha = pyfloat(last / (output - 1));
  const counted = ops.arange(output - 1, { dtype: samples.dtype, device: samples.device });
  const sample = samples.unsqueeze(1);
  const starts = counted.add(sample).mul(alpha).trunc().sub(sample.mul(alpha).trunc()).to(int64);
  return ops.cat([starts, ends], 1);
}

function fractionalMaxima(
  self: Tensor,
  dims: number,
  kernel: List,
  outputSize: List | null,
  ratio: List | null,
  given: Tensor | null,
): [Tensor, Tensor] {
  const name = `fractional_max_pool${dims}d`;
  if (outputSize === null && ratio === null)
    throw new ValueError(`${name} requires specifying either an output_size or an output_ratio`);
  if (self.ndim !== dims + 1 && self.ndim !== dims + 2)
    throw new RuntimeError(
      `${name}(): Expected ${dims + 1}D or ${dims + 2}D tensor, but got: ${formatShape(self.shape)}`,
    );
  const sizes = self.shape.slice(-dims);
  if (outputSize === null && ratio!.some((r) => !(r > 0 && r < 1)))
    throw new ValueError(`output_ratio must be in (0, 1), but got (${ratio!.join(', ')})`);
  const output = outputSize ?? sizes.map((size, d) => Math.floor(size * ratio![d]));
  for (const [d, size] of sizes.entries())
    if (output[d] + kernel[d] - 1 > size)
      throw new RuntimeError(
        `${name}_out(): pool ${['time', 'height', 'width'][3 - dims + d]} ${kernel[d]} too large relative to input ${['time', 'height', 'width'][3 - dims + d]} ${size}`,
      );
  const x = self.ndim === dims + 1 ? self.unsqueeze(0) : self;
  const [n, c] = x.shape;
  if (n * c === 0) {
    const shape = [...self.shape.slice(0, -dims), ...output];
    return [self.newEmpty(shape), self.newEmpty(shape, { dtype: int64 })];
  }
  const { dtype, device } = self;
  const samples = (given ?? ops.rand([n, c, dims], { dtype, device })).reshape([n * c, dims]);
  // The samples count dimensions from the last one.
  const positions = sizes.reduce<Tensor | null>((before, size, d) => {
    const starts = fractionalStarts(size, output[d], kernel[d], samples.select(1, dims - 1 - d));
    const along = starts.unsqueeze(2).add(ops.arange(kernel[d], { dtype: int64, device }));
    if (before === null) return along;
    // Windows × elements of the dimensions so far, and of this one: the products of both, in row-major order.
    return before
      .mul(size)
      .unsqueeze(2)
      .unsqueeze(4)
      .add(along.unsqueeze(1).unsqueeze(3))
      .reshape([n * c, before.shape[1] * output[d], before.shape[2] * kernel[d]]);
  }, null);
  const [values, indices] = maximaAt(x, positions!, output);
  return self.ndim === dims + 1 ? [values.squeeze(0), indices.squeeze(0)] : [values, indices];
}

const putBackSchema = '_max_unpool(Tensor self, Tensor indices, int[] size, int dims) -> Tensor';

const putBack: OpFunction<typeof putBackSchema> = op(putBackSchema, {
  doc: 'Puts the elements of planes at these places of others, which are 0 elsewhere.',
  batch: (self, indices, shape, dims, { size, has }) =>
    putBack(
      expandStack(self, has.self, size),
      expandStack(indices, has.indices, size),
      [size, ...shape],
      dims,
    ),
  function: false,
  method: false,
  forward(self, indices, size, dims) {
    const out = result(size, self, self.dtype);
    const planes = (t: Tensor) => {
      const each = t.shape.slice(t.ndim - dims).reduce((a, b) => a * b, 1);
      return t.view([t.numel() / (each || 1), each]);
    };
    if (out.numel() > 0)
      kernelsOf(self).max_unpool(planes(out), planes(self.contiguous()), planes(indices.contiguous()));
    return out;
  },
  save: ['indices'],
  linear: true,
  vjp: {
    self(grad, { indices, dims, sizes }) {
      const count = sizes.self.slice(0, sizes.self.length - dims).reduce((a, b) => a * b, 1);
      return grad
        .reshape([count, -1])
        .gather(1, indices.reshape([count, -1]))
        .reshape(sizes.self);
    },
  },
});

function unpool(
  input: Tensor,
  indices: Tensor,
  dims: number,
  kernel: List,
  given: List | null,
  padding: List,
  outputSize: List | null,
): Tensor {
  const stride = given === null || given.length === 0 ? kernel : given;
  if (input.ndim < dims || input.ndim > dims + 2)
    throw new RuntimeError(
      `Input to max_unpooling${dims}d should be a ${dims + 1}d or ${dims + 2}d Tensor, but got a tensor with ${input.ndim} dimensions.`,
    );
  const all = (list: List) => {
    if (list.length !== 1 && list.length !== dims)
      throw new RuntimeError(
        `There should be exactly ${dims} elements in kernel_size, stride and padding, but got ${formatShape(list)}`,
      );
    return list.length === 1 ? new Array<number>(dims).fill(list[0]) : list;
  };
  const [k, s, p] = [all(kernel), all(stride), all(padding)];
  const lead = input.shape.slice(0, input.ndim - dims);
  const usual = input.shape.slice(-dims).map((size, d) => (size - 1) * s[d] - 2 * p[d] + k[d]);
  const wanted = outputSize === null ? usual : outputSize.slice(-dims);
  if (wanted.length !== dims)
    throw new ValueError(
      `output_size should be a sequence containing ${dims} or ${dims + 2} elements, but it has a length of '${outputSize!.length}'`,
    );
  for (const [d, size] of wanted.entries())
    if (outputSize !== null && !(size > usual[d] - s[d] && size < usual[d] + s[d]))
      throw new ValueError(
        `invalid output_size "${formatShape(wanted)}" (dim ${d} must be between ${usual[d] - s[d]} and ${usual[d] + s[d]})`,
      );
  if (indices.dtype !== int64)
    throw new RuntimeError(`elements in indices should be type int64 but got: ${indices.dtype.scalarName}`);
  if (String(indices.shape) !== String(input.shape))
    throw new RuntimeError(
      `Expected shape of indices to be same as that of the input tensor (${formatShape(input.shape)}) but got indices tensor with shape: ${formatShape(indices.shape)}`,
    );
  const count = lead.reduce((a, b) => a * b, 1);
  const flat = input.reshape([count, input.numel() / (count || 1)]);
  if (input.storage.backend.isHost && input.numel() > 0)
    return putBack(input, indices, [...lead, ...wanted], dims);
  return input
    .newZeros([count, wanted.reduce((a, b) => a * b, 1)])
    .scatter(1, indices.reshape(flat.shape), flat)
    .reshape([...lead, ...wanted]);
}

for (const dims of [1, 2, 3] as const) {
  op(
    `adaptive_max_pool${dims}d_with_indices(Tensor self, int?[1] output_size) -> (Tensor out, Tensor indices)`,
    {
      doc: 'As `adaptiveMaxPool` and where in its plane each maximum stands.',
      module: 'nn.functional',
      composite: (self, outputSize) => adaptiveMaxima(self, dims, outputSize),
    },
  );
  op(`adaptive_max_pool${dims}d(Tensor self, int?[1] output_size, bool return_indices=False) -> Tensor`, {
    doc: `Maxima of as many ${dims}-dimensional windows as the output is to have; null keeps a size.`,
    module: 'nn.functional',
    composite(self: Tensor, outputSize: readonly (number | null)[], returnIndices: boolean) {
      const results = adaptiveMaxima(self, dims, outputSize);
      return returnIndices ? (results as unknown as Tensor) : results[0];
    },
  });
  op(
    `max_unpool${dims}d(Tensor input, Tensor indices, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[]? output_size=None) -> Tensor`,
    {
      doc: 'Puts maxima back where the indices of `maxPool` say; everything else is 0.',
      module: 'nn.functional',
      nondeterministic: () => `max_unpooling${Math.max(dims, 2)}d_forward_out`,
      composite: (
        input: Tensor,
        indices: Tensor,
        kernel: List,
        stride: List | null,
        padding: List,
        outputSize: List | null,
      ) => unpool(input, indices, dims, kernel, stride, padding, outputSize),
    },
  );
  if (dims === 1) continue;
  const parameters = `Tensor input, int[${dims}] kernel_size, int[${dims}]? output_size=None, float[${dims}]? output_ratio=None, bool return_indices=False, Tensor? _random_samples=None`;
  const pool = (...[input, kernel, size, ratio, , samples]: Fractional) =>
    fractionalMaxima(input, dims, kernel, size, ratio, samples);
  op(`fractional_max_pool${dims}d_with_indices(${parameters}) -> (Tensor out, Tensor indices)`, {
    doc: 'As `fractionalMaxPool` and where in its plane each maximum stands.',
    module: 'nn.functional',
    composite: pool as never,
  });
  op(`fractional_max_pool${dims}d(${parameters}) -> Tensor`, {
    doc: 'Maxima of windows that random numbers spread over the input.',
    module: 'nn.functional',
    composite: ((...args: Fractional) => (args[4] ? pool(...args) : pool(...args)[0])) as never,
  });
}

type Fractional = readonly [
  input: Tensor,
  kernel: List,
  outputSize: List | null,
  outputRatio: List | null,
  returnIndices: boolean,
  randomSamples: Tensor | null,
];

op(
  'local_response_norm(Tensor input, int size, float alpha=0.0001, float beta=0.75, float k=1.0) -> Tensor',
  {
    doc: 'Divides by (k + alpha · mean of the squares of `size` neighbouring channels) to the power `beta`.',
    module: 'nn.functional',
    composite(input, size, alpha, beta, k) {
      if (input.ndim < 3)
        throw new ValueError(
          `Expected 3D or higher dimensionality                          input (got ${input.ndim} dimensions)`,
        );
      if (input.numel() === 0) return input;
      const rest = new Array<number>(2 * (input.ndim - 2)).fill(0);
      const padded = F.pad(input.square(), [...rest, Math.floor(size / 2), Math.floor((size - 1) / 2)]);
      const total = padded.unfold(1, size, 1).sum(-1);
      // The mean of integers is cut off, as their pooling is.
      const mean = input.isFloatingPoint() ? total.div(size) : total.div(size, { roundingMode: 'trunc' });
      return input.div(mean.mul(pyfloat(alpha)).add(pyfloat(k)).pow(pyfloat(beta)));
    },
  },
);
