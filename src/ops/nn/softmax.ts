/** Softmax and its logarithm. */
import type { DType } from '../../core/dtype.js';
import { sameShape, wrapDim } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { finish, kernelsOf, operand, result } from './kernel_operands.js';

const softmaxSchema = '_softmax(Tensor self, int dim) -> Tensor';

const softmax: OpFunction<typeof softmaxSchema> = op(softmaxSchema, {
  doc: 'exp(self) divided by its sum over `dim`.',
  batch: { dims: ['dim'] },
  function: false,
  method: false,
  forward: (self, dim) => normalise(self, dim, false),
  save: ['result'],
  vjp: { self: (grad, { dim, result }) => softmaxBackward(grad, result, dim) },
  // The Jacobian is symmetric.
  jvp: ({ self: tangent }, { dim, result }) => softmaxBackward(tangent!, result, dim),
});

const logSoftmaxSchema = '_log_softmax(Tensor self, int dim) -> Tensor';

const logSoftmax: OpFunction<typeof logSoftmaxSchema> = op(logSoftmaxSchema, {
  doc: 'The logarithm of the softmax over `dim`.',
  batch: { dims: ['dim'] },
  function: false,
  method: false,
  forward: (self, dim) => normalise(self, dim, true),
  save: ['result'],
  vjp: { self: (grad, { dim, result }) => logSoftmaxBackward(grad, result, dim) },
  jvp: ({ self: tangent }, { dim, result }) => tangent!.sub(result.exp().mul(tangent!).sum([dim], true)),
});

function normalise(self: Tensor, dim: number, log: boolean): Tensor {
  const x = operand(self, log ? 'log_softmax_lastdim_kernel_impl' : 'softmax_lastdim_kernel_impl');
  const out = result(x.shape, x);
  kernelsOf(x).softmax(out, x, dim, log);
  return finish(out, self.dtype);
}

function normaliseBackward(grad: Tensor, output: Tensor, dim: number, log: boolean): Tensor {
  const g = operand(grad, 'softmax_backward');
  const y = operand(output, 'softmax_backward');
  const out = result(g.shape, g);
  kernelsOf(g).softmax_backward(out, g, y, dim, log);
  return finish(out, grad.dtype);
}

const softmaxBackwardSchema = '_softmax_backward_data(Tensor grad, Tensor output, int dim) -> Tensor';

const softmaxBackward: OpFunction<typeof softmaxBackwardSchema> = op(softmaxBackwardSchema, {
  doc: 'output * (grad - sum(grad * output)).',
  batch: { dims: ['dim'] },
  function: false,
  forward: (grad, output, dim) => normaliseBackward(grad, output, dim, false),
  save: ['grad', 'output'],
  vjp: {
    grad: (gradGrad, { output, dim }) => softmaxBackward(gradGrad, output, dim),
    output: (gradGrad, { grad, output, dim }) =>
      gradGrad
        .mul(grad)
        .sub(gradGrad.mul(grad.mul(output).sum(dim, true)))
        .sub(grad.mul(gradGrad.mul(output).sum(dim, true))),
  },
});

const logSoftmaxBackwardSchema = '_log_softmax_backward_data(Tensor grad, Tensor output, int dim) -> Tensor';

const logSoftmaxBackward: OpFunction<typeof logSoftmaxBackwardSchema> = op(logSoftmaxBackwardSchema, {
  doc: 'grad - exp(output) * sum(grad).',
  batch: { dims: ['dim'] },
  function: false,
  forward: (grad, output, dim) => normaliseBackward(grad, output, dim, true),
  save: ['grad', 'output'],
  vjp: {
    grad: (gradGrad, { output, dim }) => gradGrad.sub(gradGrad.mul(output.exp()).sum(dim, true)),
    output: (gradGrad, { grad, output, dim }) => gradGrad.mul(output.exp()).mul(grad.sum(dim, true)).neg(),
  },
});

/** The dimension that `F.softmax` takes where none is given, as earlier versions of PyTorch did. */
function impliedDim(ndim: number): number {
  return ndim === 0 || ndim === 1 || ndim === 3 ? 0 : 1;
}

function over(
  made: (self: Tensor, dim: number) => Tensor,
  self: Tensor,
  dim: number,
  dtype: DType | null,
): Tensor {
  const wrapped = wrapDim(dim, self.ndim);
  const x = dtype === null ? self : self.to(dtype);
  // Kernels see at least one dimension.
  if (x.ndim === 0) return made(x.unsqueeze(0), 0).squeeze(0);
  return made(x, wrapped);
}

for (const [name, made, text] of [
  ['softmax', softmax, 'The softmax over `dim`: exp(x) / sum(exp(x)). A `dtype` is converted to first.'],
  ['log_softmax', logSoftmax, 'The logarithm of the softmax over `dim`, without its overflow.'],
] as const) {
  op(`${name}(Tensor self, int dim, ScalarType? dtype=None) -> Tensor`, {
    doc: text,
    aliases: [`special.${name}`],
    composite: (self, dim, dtype) => over(made, self, dim, dtype),
  });
  op(`${name}(Tensor input, int? dim=None, *, ScalarType? dtype=None) -> Tensor`, {
    doc: text,
    module: 'nn.functional',
    composite: (input, dim, dtype) => over(made, input, dim ?? impliedDim(input.ndim), dtype as DType | null),
  });
}

op('softmin(Tensor input, int? dim=None, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The softmax of the negated input.',
  module: 'nn.functional',
  composite: (input, dim, dtype) =>
    over(softmax, input.neg(), dim ?? impliedDim(input.ndim), dtype as DType | null),
});

op('_softmax_backward_data(Tensor grad_output, Tensor output, int dim, ScalarType input_dtype) -> Tensor', {
  doc: 'The gradient of the softmax by its input, from its result.',
  method: false,
  composite(grad, output, dim, dtype) {
    if (
      grad.ndim > 0 &&
      grad.isFloatingPoint() &&
      grad.dtype === output.dtype &&
      sameShape(grad.shape, output.shape)
    )
      return softmaxBackward(grad, output, wrapDim(dim, grad.ndim)).to(dtype);
    const scaled = grad.mul(output);
    return scaled.sub(output.mul(scaled.sum(dim, true))).to(dtype);
  },
});
