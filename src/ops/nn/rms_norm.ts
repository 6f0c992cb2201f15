/** Division by the root of the mean square. A kernel does it at once, forward and backward. */

import { float64 } from '../../core/dtype.js';
import { numel } from '../../core/layout.js';
import { isObserved } from '../../dispatch/recording.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { expandStack, padStack } from '../../dispatch/stacks.js';
import { kernelDtype, kernelsOf, operand, result } from './kernel_operands.js';
import { checkNormalizedShape, dimsFrom, sumOver } from './normalized_shape.js';

const fusedSchema =
  '_fused_rms_norm(Tensor input, int[] normalized_shape, Tensor? weight, float eps) -> (Tensor out, Tensor rstd)';

const fused: OpFunction<typeof fusedSchema> = op(fusedSchema, {
  doc: 'RMS normalisation, with the reciprocal root of the mean square of every row.',
  function: false,
  batch(input, normalizedShape, weight, eps, { size, has }) {
    const x = expandStack(input, has.input, size);
    if (!has.weight) return fused(x, normalizedShape, weight, eps);
    const [out, rstd] = fused(x, normalizedShape, null, eps);
    return [weight === null ? out : out.mul(padStack(weight, has.weight, x.ndim - 1)), rstd] as const;
  },
  forward(input, normalizedShape, weight, eps) {
    const x = operand(input, 'rms_norm');
    const columns = numel(normalizedShape);
    const lead = input.shape.slice(0, input.ndim - normalizedShape.length);
    const rows = numel(lead);
    const out = result(input.shape, x);
    const rstd = result([...lead, ...normalizedShape.map(() => 1)], x);
    const w = weight === null ? null : operand(weight, 'rms_norm').view([columns]);
    const flat = (t: typeof x) => t.view([rows, columns]);
    kernelsOf(x).rms_norm(flat(out), rstd.view([rows]), flat(x), w, eps);
    return [out, rstd] as const;
  },
  save: ['input', 'weight', 'rstd'],
  vjp([grad], { input, normalized_shape, weight, rstd, eps }, needs) {
    if (grad === null) return {};
    if (isObserved()) {
      const start = input.ndim - normalized_shape.length;
      const dims = dimsFrom(start, input.ndim);
      const scaled = weight === null ? grad : grad.mul(weight);
      const scale = input.square().mean(dims, true).add(eps).rsqrt();
      const normalised = input.mul(scale);
      return {
        input: scale.mul(scaled.sub(normalised.mul(scaled.mul(normalised).mean(dims, true)))),
        weight: needs.weight ? sumOver(grad.mul(normalised), dimsFrom(0, start)) : null,
      };
    }
    const [byInput, byWeight] = fusedBackward(grad, input, normalized_shape, rstd, weight, [
      needs.input,
      needs.weight,
    ]);
    return { input: needs.input ? byInput : null, weight: needs.weight ? byWeight : null };
  },
  // PyTorch's CPU has no kernel for it, and its last step is a product.
  gradName: 'MulBackward0',
});

const backwardSchema =
  '_fused_rms_norm_backward(Tensor grad, Tensor input, int[] normalized_shape, Tensor rstd, Tensor? weight, bool[] wanted) -> (Tensor by_input, Tensor by_weight)';

const fusedBackward: OpFunction<typeof backwardSchema> = op(backwardSchema, {
  doc: 'The gradients of RMS normalisation; an unwanted one is empty.',
  function: false,
  forward(grad, input, normalizedShape, rstd, weight, [byInput, byWeight]) {
    const g = operand(grad, 'rms_norm');
    const x = operand(input, 'rms_norm');
    const columns = numel(normalizedShape);
    const rows = rstd.numel();
    const gradInput = result(byInput ? input.shape : [0], x);
    const gradWeight = result(byWeight ? normalizedShape : [0], x);
    kernelsOf(x).rms_norm_backward(
      byInput ? gradInput.view([rows, columns]) : null,
      byWeight ? gradWeight.view([columns]) : null,
      g.view([rows, columns]),
      x.view([rows, columns]),
      rstd.view([rows]),
      weight === null ? null : operand(weight, 'rms_norm').view([columns]),
    );
    return [gradInput, gradWeight] as const;
  },
});

for (const module of ['', 'nn.functional'])
  op('rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor', {
    doc: 'Divides by the root of the mean square over the last dimensions, those of `normalized_shape`, then scales.',
    module,
    composite(input, normalizedShape, weight, eps) {
      checkNormalizedShape(input, normalizedShape, '', [weight, null]);
      const x = input.to(kernelDtype(input.dtype));
      const least = eps ?? (x.dtype === float64 ? Number.EPSILON : 2 ** -23);
      if (x.dtype.isFloatingPoint && (weight === null || kernelDtype(weight.dtype) === x.dtype))
        return fused(x, normalizedShape, weight?.to(x.dtype) ?? null, least)[0].to(input.dtype);
      const dims = dimsFrom(input.ndim - normalizedShape.length, input.ndim);
      const scaled = x.mul(x.square().mean(dims, true).add(least).rsqrt());
      return (weight === null ? scaled : scaled.mul(weight)).to(input.dtype);
    },
  });
