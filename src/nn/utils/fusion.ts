/** `torch.nn.utils.fusion`: batch norms taken into the layers before them. */

import { deepcopy } from '../../core/deepcopy.js';
import { AssertionError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import type { Module } from '../module.js';
import type { BatchNorm1d, BatchNorm2d, BatchNorm3d } from '../modules/normalization.js';
import { Parameter } from '../parameter.js';

type FusedNorm = BatchNorm1d | BatchNorm2d | BatchNorm3d;
/** A layer with a weight and perhaps a bias. */
type FusedLayer = Module & { weight: Parameter; bias: Parameter | null };

type FusedLinear = FusedLayer & { outFeatures: number };

const convEval = signature('fuse_conv_bn_eval(Any conv, Any bn, bool transpose=False)');
const convWeights = signature(
  'fuse_conv_bn_weights(Tensor conv_w, Tensor? conv_b, Tensor bn_rm, Tensor bn_rv, float bn_eps, Tensor? bn_w, Tensor? bn_b, bool transpose=False)',
);
const linearEval = signature('fuse_linear_bn_eval(Any linear, Any bn)');
const linearWeights = signature(
  'fuse_linear_bn_weights(Tensor linear_w, Tensor? linear_b, Tensor bn_rm, Tensor bn_rv, float bn_eps, Tensor bn_w, Tensor bn_b)',
);

/** A copy of a layer with the batch norm's part in it. */
function fused<L extends FusedLayer>(
  layer: L,
  norm: FusedNorm,
  weights: (mean: Tensor, variance: Tensor, copy: L) => readonly [Parameter, Parameter],
): L {
  if (layer.training || norm.training) throw new AssertionError('Fusion only for eval!');
  const copy = deepcopy(layer) as L;
  const { runningMean, runningVar } = norm;
  if (runningMean === null || runningVar === null)
    throw new AssertionError('bn.running_mean and bn.running_var must not be None');
  [copy.weight, copy.bias] = weights(runningMean, runningVar, copy);
  return copy;
}

/**
 * A convolution that does what it and a batch norm after it do, both in evaluation mode.
 *
 * @param conv the convolution
 * @param bn the batch norm
 * @param transpose whether it is a transposed convolution
 */
export function fuseConvBnEval<L extends FusedLayer>(
  ...args: Arguments<typeof convEval, { conv: L; bn: FusedNorm }>
): L {
  const { transpose, ...given } = convEval.bind(args);
  const [conv, bn] = [given.conv as L, given.bn as FusedNorm];
  return fused(conv, bn, (mean, variance, { weight, bias }) =>
    fuseConvBnWeights(weight, bias, mean, variance, bn.eps, bn.weight, bn.bias, transpose),
  );
}

/**
 * The weight and the bias of a convolution with a batch norm in it.
 *
 * @param convW the convolution's weight
 * @param convB its bias
 * @param bnRm the batch norm's running mean
 * @param bnRv its running variance
 * @param bnEps what it adds to variances
 * @param bnW its weight
 * @param bnB its bias
 * @param transpose whether it is a transposed convolution
 */
export function fuseConvBnWeights(
  ...args: Arguments<typeof convWeights>
): readonly [weight: Parameter, bias: Parameter] {
  const { convW, convB, bnRm, bnRv, bnEps, bnW, bnB, transpose } = convWeights.bind(args);
  const bias = convB ?? bnRm.zerosLike();
  const scale = bnRv.add(bnEps).rsqrt();
  const factor = (bnW ?? bnRm.onesLike()).mul(scale);
  const ones = new Array<number>(convW.ndim - 2).fill(1);
  const weight = convW.mul(factor.reshape([...(transpose ? [1, -1] : [-1, 1]), ...ones])).to(convW.dtype);
  const moved = bias
    .sub(bnRm)
    .mul(scale)
    .mul(bnW ?? bnRm.onesLike())
    .add(bnB ?? bnRm.zerosLike());
  return [
    new Parameter(weight.detach(), convW.requiresGrad),
    new Parameter(moved.to((convB ?? convW).dtype).detach(), bias.requiresGrad),
  ];
}

/**
 * A linear layer that does what it and a batch norm after it do, both in evaluation mode.
 *
 * @param linear the layer
 * @param bn the batch norm
 */
export function fuseLinearBnEval<L extends FusedLinear>(
  ...args: Arguments<typeof linearEval, { linear: L; bn: FusedNorm }>
): L {
  const given = linearEval.bind(args);
  const [linear, bn] = [given.linear as L, given.bn as FusedNorm];
  return fused(linear, bn, (mean, variance, { weight, bias }) => {
    if (linear.outFeatures !== bn.numFeatures && bn.numFeatures !== 1)
      throw new AssertionError(
        `To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got linear.out_features=${linear.outFeatures} and bn.num_features=${bn.numFeatures}`,
      );
    return fuseLinearBnWeights(weight, bias, mean, variance, bn.eps, bn.weight!, bn.bias!);
  });
}

/**
 * The weight and the bias of a linear layer with a batch norm in it.
 *
 * @param linearW the layer's weight
 * @param linearB its bias
 * @param bnRm the batch norm's running mean
 * @param bnRv its running variance
 * @param bnEps what it adds to variances
 * @param bnW its weight
 * @param bnB its bias
 */
export function fuseLinearBnWeights(
  ...args: Arguments<typeof linearWeights>
): readonly [weight: Parameter, bias: Parameter] {
  const { linearW, linearB, bnRm, bnRv, bnEps, bnW, bnB } = linearWeights.bind(args);
  const bias = linearB ?? bnRm.zerosLike();
  const scale = bnW.mul(bnRv.add(bnEps).rsqrt());
  const weight = linearW.mul(scale.unsqueeze(-1).to(linearW.dtype));
  const moved = bias
    .sub(bnRm)
    .mul(scale)
    .add(bnB)
    .to((linearB ?? linearW).dtype);
  return [
    new Parameter(weight.detach(), linearW.requiresGrad),
    new Parameter(moved.detach(), bias.requiresGrad),
  ];
}
