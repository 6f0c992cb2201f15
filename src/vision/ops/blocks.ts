/** Blocks that many models are made of. */
import { PyFloat } from '../../core/pyfloat.js';
import { formatFloat } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { ops } from '../../dispatch/registry.js';
import { ofInput } from '../../nn/inputs.js';
import { Module } from '../../nn/module.js';
import { Sequential } from '../../nn/modules/container.js';
import { Conv2d, Conv3d, type Sizes } from '../../nn/modules/conv.js';
import { Dropout } from '../../nn/modules/dropout.js';
import { Linear } from '../../nn/modules/linear.js';
import { AdaptiveAvgPool2d } from '../../nn/modules/pooling.js';
import { settingText, take } from '../../nn/settings.js';
import { type LayerFactory, makeLayer } from './layer_factories.js';
import { ofX, SnakeModule } from './snake_module.js';
import { stochasticDepth } from './stochastic_depth.js';

const parameters = <const Norm extends string>(norm: Norm) =>
  `int in_channels, int out_channels, int|int[] kernel_size=3, int|int[] stride=1, int|int[]|str? padding=None, int groups=1, Layer? norm_layer='${norm}', Layer? activation_layer='ReLU', int|int[] dilation=1, bool? inplace=True, bool? bias=None` as const;

const convNormActivation = signature(
  `ConvNormActivation(${parameters('BatchNorm2d')}, Layer? conv_layer=None)`,
);
const conv2dNormActivation = signature(`Conv2dNormActivation(${parameters('BatchNorm2d')})`);
const conv3dNormActivation = signature(`Conv3dNormActivation(${parameters('BatchNorm3d')})`);

type Settings = ReturnType<typeof conv2dNormActivation.bind>;

/** The padding with which a convolution of stride 1 keeps the size. */
function keepingSize(kernelSize: Sizes, dilation: Sizes): Sizes {
  if (typeof kernelSize === 'number' && typeof dilation === 'number')
    return ((kernelSize - 1) >> 1) * dilation;
  const length = typeof kernelSize === 'number' ? (dilation as readonly number[]).length : kernelSize.length;
  const at = (sizes: Sizes, i: number) => (typeof sizes === 'number' ? sizes : sizes[i]);
  return Array.from({ length }, (_, i) => ((at(kernelSize, i) - 1) >> 1) * at(dilation, i));
}

function layersOf(given: Settings, conv: LayerFactory): Module[] {
  const { kernelSize, stride, groups, dilation, normLayer, activationLayer, inplace } = given;
  const padding = given.padding ?? keepingSize(kernelSize, dilation);
  const bias = given.bias ?? normLayer === null;
  const options = { dilation, groups, bias };
  const layers = [makeLayer(conv, given.inChannels, given.outChannels, kernelSize, stride, padding, options)];
  if (normLayer !== null) layers.push(makeLayer(normLayer, given.outChannels));
  if (activationLayer !== null)
    layers.push(inplace === null ? makeLayer(activationLayer) : makeLayer(activationLayer, { inplace }));
  return layers;
}

/** A convolution, a normalization and an activation. */
export class ConvNormActivation extends Sequential {
  declare outChannels: number;

  /**
   * @param inChannels the channels of the input
   * @param outChannels the channels of the output
   * @param kernelSize the size of the kernel
   * @param stride how far the kernel moves
   * @param padding what is added on both sides; null: what keeps the size
   * @param groups into how many groups channels are cut that do not see each other
   * @param normLayer makes the normalization; null for none
   * @param activationLayer makes the activation; null for none
   * @param dilation the spacing of the kernel's elements
   * @param inplace whether the activation changes its input; null leaves that to it
   * @param bias whether the convolution has a bias; null: where nothing normalizes
   * @param convLayer makes the convolution
   */
  constructor(...args: Arguments<typeof convNormActivation>) {
    const { convLayer, ...given } = convNormActivation.bind(args, new.target.name);
    super(...layersOf(given, convLayer ?? Conv2d));
    this.outChannels = given.outChannels;
    if (new.target === ConvNormActivation)
      warn(
        "Don't use ConvNormActivation directly, please use Conv2dNormActivation and Conv3dNormActivation instead.",
      );
  }
}

/** A convolution of images, a normalization and an activation. */
export class Conv2dNormActivation extends ConvNormActivation {
  /**
   * @param inChannels the channels of the input
   * @param outChannels the channels of the output
   * @param kernelSize the size of the kernel
   * @param stride how far the kernel moves
   * @param padding what is added on both sides; null: what keeps the size
   * @param groups into how many groups channels are cut that do not see each other
   * @param normLayer makes the normalization; null for none
   * @param activationLayer makes the activation; null for none
   * @param dilation the spacing of the kernel's elements
   * @param inplace whether the activation changes its input; null leaves that to it
   * @param bias whether the convolution has a bias; null: where nothing normalizes
   */
  constructor(...args: Arguments<typeof conv2dNormActivation>) {
    super({ ...conv2dNormActivation.bind(args), convLayer: Conv2d });
  }
}

/** A convolution of volumes or videos, a normalization and an activation. */
export class Conv3dNormActivation extends ConvNormActivation {
  /**
   * @param inChannels the channels of the input
   * @param outChannels the channels of the output
   * @param kernelSize the size of the kernel
   * @param stride how far the kernel moves
   * @param padding what is added on both sides; null: what keeps the size
   * @param groups into how many groups channels are cut that do not see each other
   * @param normLayer makes the normalization; null for none
   * @param activationLayer makes the activation; null for none
   * @param dilation the spacing of the kernel's elements
   * @param inplace whether the activation changes its input; null leaves that to it
   * @param bias whether the convolution has a bias; null: where nothing normalizes
   */
  constructor(...args: Arguments<typeof conv3dNormActivation>) {
    super({ ...conv3dNormActivation.bind(args), convLayer: Conv3d });
  }
}

const squeezeExcitation = signature(
  "SqueezeExcitation(int input_channels, int squeeze_channels, Layer activation='ReLU', Layer scale_activation='Sigmoid')",
);

/** Channels times factors that follow from the means of all channels (Hu et al., 2018). */
export class SqueezeExcitation extends SnakeModule {
  declare avgpool: AdaptiveAvgPool2d;
  declare fc1: Conv2d;
  declare fc2: Conv2d;
  declare activation: Module;
  declare scaleActivation: Module;

  /**
   * @param inputChannels the channels of the input
   * @param squeezeChannels the channels between the two products
   * @param activation makes the activation between them
   * @param scaleActivation makes the activation of the factors
   */
  constructor(...args: Arguments<typeof squeezeExcitation>) {
    super();
    const given = squeezeExcitation.bind(args);
    this.avgpool = new AdaptiveAvgPool2d(1);
    this.fc1 = new Conv2d(given.inputChannels, given.squeezeChannels, 1);
    this.fc2 = new Conv2d(given.squeezeChannels, given.inputChannels, 1);
    this.activation = makeLayer(given.activation);
    this.scaleActivation = makeLayer(given.scaleActivation);
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const squeezed = this.activation.forward(this.fc1.forward(this.avgpool.forward(input))) as Tensor;
    const scale = this.scaleActivation.forward(this.fc2.forward(squeezed)) as Tensor;
    return scale.mul(input);
  }
}

const mlp = signature(
  "MLP(int in_channels, int[] hidden_channels, Layer? norm_layer=None, Layer activation_layer='ReLU', bool? inplace=None, bool bias=True, float dropout=0.0)",
);

/** Products with activations and dropout between them, and dropout behind the last. */
export class MLP extends Sequential {
  /**
   * @param inChannels the size of the input's last dimension
   * @param hiddenChannels the sizes after each product
   * @param normLayer makes the normalization behind each product but the last
   * @param activationLayer makes the activation behind it
   * @param inplace whether activations and dropout change their inputs; null leaves that to them
   * @param bias whether products add something
   * @param dropout the probability with which elements are dropped in training
   */
  constructor(...args: Arguments<typeof mlp>) {
    const { inChannels, hiddenChannels, normLayer, activationLayer, inplace, bias, dropout } = mlp.bind(
      args,
      new.target.name,
    );
    const options = inplace === null ? {} : { inplace };
    const layers: Module[] = [];
    let size = inChannels;
    for (const [i, hidden] of hiddenChannels.entries()) {
      layers.push(new Linear(size, hidden, { bias }));
      if (i < hiddenChannels.length - 1) {
        if (normLayer !== null) layers.push(makeLayer(normLayer, hidden));
        layers.push(makeLayer(activationLayer, options));
      }
      layers.push(new Dropout(new PyFloat(dropout), options));
      size = hidden;
    }
    super(...layers);
  }
}

const depth = signature("StochasticDepth(float p, 'batch'|'row' mode)");

/** `stochasticDepth` as a layer. */
export class StochasticDepth extends Module {
  declare p: number;
  declare mode: 'batch' | 'row';

  /**
   * @param p the probability of zero
   * @param mode whether whole batches or single rows are dropped
   */
  constructor(...args: Arguments<typeof depth>) {
    super();
    take(this, depth.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return stochasticDepth(input, this.p, this.mode, this.training);
  }

  override extraRepr(): string {
    return `p=${settingText(this, 'p')}, mode=${this.mode}`;
  }
}

const permute = signature('Permute(int[] dims)');

/** The input with its dimensions in another order. */
export class Permute extends Module {
  declare dims: readonly number[];

  /** @param dims the dimensions in their new order */
  constructor(...args: Arguments<typeof permute>) {
    super();
    take(this, permute.bind(args));
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    return x.permute(this.dims);
  }
}

const frozenBatchNorm = signature('FrozenBatchNorm2d(int num_features, float eps=1e-5)');

/** Batch normalization whose statistics and factors are fixed. */
export class FrozenBatchNorm2d extends SnakeModule {
  declare eps: number;
  declare weight: Tensor;
  declare bias: Tensor;
  declare runningMean: Tensor;
  declare runningVar: Tensor;

  /**
   * @param numFeatures the number of channels
   * @param eps added to the variance
   */
  constructor(...args: Arguments<typeof frozenBatchNorm>) {
    super();
    const { numFeatures, eps } = frozenBatchNorm.bind(args);
    this.eps = eps;
    this.registerBuffer('weight', ops.ones([numFeatures]));
    this.registerBuffer('bias', ops.zeros([numFeatures]));
    this.registerBuffer('runningMean', ops.zeros([numFeatures]));
    this.registerBuffer('runningVar', ops.ones([numFeatures]));
  }

  /** Checkpoints of ordinary batch norms have a count of batches, too. */
  protected override upgradeStateDict(stateDict: Record<string, unknown>, prefix: string): void {
    Reflect.deleteProperty(stateDict, `${prefix}num_batches_tracked`);
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const shape = [1, -1, 1, 1];
    const scale = this.weight.reshape(shape).mul(this.runningVar.reshape(shape).add(this.eps).rsqrt());
    const bias = this.bias.reshape(shape).sub(this.runningMean.reshape(shape).mul(scale));
    return x.mul(scale).add(bias);
  }

  override extraRepr(): string {
    return `${this.weight.shape[0]}, eps=${formatFloat(this.eps)}`;
  }
}
