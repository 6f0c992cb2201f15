/** The three transforms that all of `torch.fft` is made of: complex to complex, real to complex, complex to real. */
import type { DType } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { contiguousStrides, numel, type Shape, wrapDim } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { emptyStrided } from '../../dispatch/empty.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';

/** By what results are divided, as PyTorch numbers it: nothing, the root of the number of points, or that number. */
export const Normalization = { none: 0, byRoot: 1, byNumber: 2 };

function factorOf(normalization: number, shape: Shape, dims: readonly number[]): number {
  const points = dims.reduce((product, d) => product * shape[d], 1);
  if (normalization === Normalization.byRoot) return 1 / Math.sqrt(points);
  return normalization === Normalization.byNumber ? 1 / points : 1;
}

/** Dimensions by falling strides, the way in which PyTorch lays out results. */
const byStrides = (self: Tensor, dims: readonly number[]): number[] =>
  [...dims].sort((a, b) => self.strides[b] - self.strides[a]);

/** Memory for results: the dimensions that are not transformed come first, in the order of their strides. */
function emptyResult(self: Tensor, shape: Shape, dims: readonly number[], dtype: DType): Tensor {
  const others = self.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const order = [...byStrides(self, others), ...dims];
  const dense = contiguousStrides(order.map((d) => shape[d]));
  const strides: number[] = [];
  for (const [i, d] of order.entries()) strides[d] = dense[i];
  return emptyStrided(shape, strides, dtype, self.storage.backend);
}

function checkComplex({ dtype }: Tensor): void {
  if (!dtype.isComplex)
    throw new RuntimeError(`Only supports complex dtypes, but found: ${dtype.scalarName}`);
  if (dtype.itemsize < 8) throw new RuntimeError("MKL FFT doesn't support tensors of type: Half");
}

/** Transforms along several dimensions in turn, the last one first. */
function run(out: Tensor, input: Tensor, dims: readonly number[], inverse: boolean, factor: number): void {
  const { kernels } = out.storage.backend;
  let from = input;
  for (let i = dims.length - 1; i >= 0; i--) {
    kernels.fft(out, from, dims[i], inverse, i === 0 ? factor : 1);
    from = out;
  }
}

const c2cSchema = '_fft_c2c(Tensor self, int[] dim, int normalization, bool forward) -> Tensor';

export const complexToComplex: OpFunction<typeof c2cSchema> = op(c2cSchema, {
  doc: 'The transform of complex numbers along `dim`, divided by nothing (`normalization` 0), the root of the number of points (1) or that number (2).',
  method: false,
  batch: { dims: ['dim'] },
  gradName: 'FftC2CBackward0',
  forward(self, dim, normalization, forward) {
    checkComplex(self);
    if (dim.length === 0) return self.clone();
    const dims = byStrides(
      self,
      dim.map((d) => wrapDim(d, self.ndim)),
    );
    const out = emptyResult(self, self.shape, dims, self.dtype);
    if (out.numel() > 0) run(out, self, dims, !forward, factorOf(normalization, self.shape, dims));
    return out;
  },
  linear: true,
  holomorphic: false,
  vjp: {
    self: (grad, { dim, normalization, forward }) => complexToComplex(grad, dim, normalization, !forward),
  },
});

const r2cSchema = '_fft_r2c(Tensor self, int[] dim, int normalization, bool onesided) -> Tensor';

const c2rSchema = '_fft_c2r(Tensor self, int[] dim, int normalization, int last_dim_size) -> Tensor';

export const realToComplex: OpFunction<typeof r2cSchema> = op(r2cSchema, {
  doc: 'The transform of real numbers along `dim`; with `onesided` without the second half of the last of them, which is the conjugate of the first. `normalization` as for `_fft_c2c`.',
  method: false,
  batch: { dims: ['dim'] },
  gradName: 'FftR2CBackward0',
  forward(self, dim, normalization, onesided) {
    if (!self.dtype.isFloatingPoint)
      throw new RuntimeError(`Only supports floating-point dtypes, but found: ${self.dtype.scalarName}`);
    checkNotHalf(self.dtype);
    if (dim.length === 0) throw new RuntimeError('ArrayRef: attempted to access back() of empty list');
    const wrapped = dim.map((d) => wrapDim(d, self.ndim));
    const last = wrapped[wrapped.length - 1];
    const dims = [...byStrides(self, wrapped.slice(0, -1)), last];
    const shape = [...self.shape];
    if (onesided) shape[last] = Math.floor(shape[last] / 2) + 1;
    const out = emptyResult(self, shape, dims, self.dtype.toComplex());
    if (out.numel() > 0) run(out, self, dims, false, factorOf(normalization, self.shape, dims));
    return out;
  },
  linear: true,
  holomorphic: false,
  vjp: {
    self(grad, { dim, normalization, onesided, sizes }) {
      if (!onesided) return complexToComplex(grad, dim, normalization, false).real;
      // The other half would add the conjugate of what this half adds: all but the ends count for half.
      const last = dim[dim.length - 1];
      const n = sizes.self[wrapDim(last, sizes.self.length)];
      return complexToReal(weighted(grad, last, n, 0.5), dim, normalization, n);
    },
  },
});

export const complexToReal: OpFunction<typeof c2rSchema> = op(c2rSchema, {
  doc: 'The inverse transform of the first half of numbers whose second half is its conjugate: real numbers, of which `last_dim_size` lie along the last of `dim`. `normalization` as for `_fft_c2c`.',
  method: false,
  batch: { dims: ['dim'] },
  gradName: 'FftC2RBackward0',
  forward(self, dim, normalization, size) {
    checkComplex(self);
    const dims = dim.map((d) => wrapDim(d, self.ndim));
    const last = dims.pop();
    if (last === undefined) throw new RuntimeError('ArrayRef: attempted to access back() of empty list');
    const shape = [...self.shape];
    shape[last] = size;
    if (Math.floor(size / 2) >= self.shape[last])
      throw new RuntimeError(
        `_fft_c2r: ${self.shape[last]} numbers along dimension ${last} do not tell ${size} real ones`,
      );
    const factor = factorOf(normalization, shape, [...dims, last]);
    if (numel(shape) === 0) return emptyResult(self, shape, [last], self.dtype.toReal());
    let half = self;
    if (dims.length > 0) {
      const others = byStrides(self, dims);
      half = emptyResult(self, self.shape, others, self.dtype);
      run(half, self, others, true, 1);
    }
    const out = emptyResult(half, shape, [last], self.dtype.toReal());
    run(out, half, [last], true, factor);
    return out;
  },
  linear: true,
  holomorphic: false,
  vjp: {
    self(grad, { dim, normalization, sizes }) {
      const last = wrapDim(dim[dim.length - 1], grad.ndim);
      const half = weighted(realToComplex(grad, dim, normalization, true), last, grad.shape[last], 2);
      return resized(half, [last], [sizes.self[last]]);
    },
  },
});

/** Cuts or pads dimensions to sizes, each with zeros behind. */
export function resized(input: Tensor, dims: readonly number[], sizes: readonly number[]): Tensor {
  let result = input;
  const pad = Array<number>(2 * input.ndim).fill(0);
  let grows = false;
  for (const [i, d] of dims.entries()) {
    const missing = sizes[i] - input.shape[d];
    if (missing < 0) result = result.slice(d, 0, sizes[i]);
    if (missing > 0) {
      grows = true;
      pad[2 * (input.ndim - 1 - d) + 1] = missing;
    }
  }
  return grows ? ops.constantPadNd(result, pad) : result;
}

/** Numbers along a dimension times `by`, but those that are their own conjugates' places: the first, and of an even line the last. */
function weighted(tensor: Tensor, dim: number, n: number, by: number): Tensor {
  const d = wrapDim(dim, tensor.ndim);
  const size = tensor.shape[d];
  const weights = ops.full([size], by, { dtype: tensor.dtype.toReal(), device: tensor.device });
  weights.narrow(0, 0, 1).fill_(1);
  if (n % 2 === 0) weights.narrow(0, size - 1, 1).fill_(1);
  return tensor.mul(weights.view([-1, ...Array<number>(tensor.ndim - 1 - d).fill(1)]));
}

/** @throws RuntimeError for half precisions, which no transform has on the CPU */
export function checkNotHalf({ itemsize, scalarName }: DType): void {
  if (itemsize < 4) throw new RuntimeError(`Unsupported dtype ${scalarName}`);
}
