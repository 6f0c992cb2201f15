import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import * as init from '../../nn/init.js';
import { Module } from '../../nn/module.js';
import type { StateDict } from '../../nn/module_state.js';
import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  Linear,
  MaxPool2d,
  ModuleDict,
  ReLU,
  Sequential,
} from '../../nn/modules/index.js';
import { checkpoint } from '../../utils/checkpoint/index.js';
import { ofX } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import type { WeightsTable } from './model_weights.js';
import {
  DenseNet121_Weights,
  DenseNet161_Weights,
  DenseNet169_Weights,
  DenseNet201_Weights,
} from './weights/densenet_weights.js';

interface Growth {
  readonly growthRate: number;
  readonly bnSize: number;
  readonly dropRate: number;
  readonly memoryEfficient: boolean;
}

/** Adds channels to what all layers before have found. */
class _DenseLayer extends Module {
  declare norm1: BatchNorm2d;
  declare relu1: ReLU;
  declare conv1: Conv2d;
  declare norm2: BatchNorm2d;
  declare relu2: ReLU;
  declare conv2: Conv2d;
  private readonly dropRate: number;
  private readonly memoryEfficient: boolean;

  constructor(inputs: number, { growthRate, bnSize, dropRate, memoryEfficient }: Growth) {
    super();
    const inner = bnSize * growthRate;
    this.norm1 = new BatchNorm2d(inputs);
    this.relu1 = new ReLU({ inplace: true });
    this.conv1 = new Conv2d(inputs, inner, 1, { stride: 1, bias: false });
    this.norm2 = new BatchNorm2d(inner);
    this.relu2 = new ReLU({ inplace: true });
    this.conv2 = new Conv2d(inner, growthRate, 3, { stride: 1, padding: 1, bias: false });
    this.dropRate = dropRate;
    this.memoryEfficient = memoryEfficient;
  }

  private bottleneck(inputs: readonly Tensor[]): Tensor {
    return this.conv1.forward(this.relu1.forward(this.norm1.forward(ops.cat(inputs, 1))));
  }

  override forward(input: Tensor | readonly Tensor[]): Tensor {
    const inputs = input instanceof Tensor ? [input] : input;
    const saves = this.memoryEfficient && inputs.some((one) => one.requiresGrad);
    const narrow = saves
      ? (checkpoint((...parts: Tensor[]) => this.bottleneck(parts), ...inputs, {
          useReentrant: false,
        }) as Tensor)
      : this.bottleneck(inputs);
    const found = this.conv2.forward(this.relu2.forward(this.norm2.forward(narrow)));
    return this.dropRate > 0 ? F.dropout(found, this.dropRate, this.training) : found;
  }
}

class _DenseBlock extends ModuleDict<_DenseLayer> {
  constructor(layers: number, inputs: number, growth: Growth) {
    super();
    for (let i = 0; i < layers; i++)
      this.addModule(`denselayer${i + 1}`, new _DenseLayer(inputs + i * growth.growthRate, growth));
  }

  override forward(input: Tensor): Tensor {
    const features = [input];
    for (const layer of this.values()) features.push(layer.forward(features));
    return ops.cat(features, 1);
  }
}

class _Transition extends Sequential {
  constructor(inputs: number, outputs: number) {
    super({
      norm: new BatchNorm2d(inputs),
      relu: new ReLU({ inplace: true }),
      conv: new Conv2d(inputs, outputs, 1, { stride: 1, bias: false }),
      pool: new AvgPool2d(2, { stride: 2 }),
    });
  }
}

const denseNet = signature(
  'DenseNet(int growth_rate=32, int[] block_config=[6,12,24,16], int num_init_features=64, int bn_size=4, float drop_rate=0, int num_classes=1000, bool memory_efficient=False)',
);
const parameters =
  'int bn_size=4, float drop_rate=0, int num_classes=1000, bool memory_efficient=False' as const;

/** DenseNet-BC (Huang et al., 2017): every layer sees what all before it in its block have found. */
export class DenseNet extends Module {
  declare features: Sequential;
  declare classifier: Linear;

  /**
   * @param growthRate how many channels each layer adds
   * @param blockConfig how many layers each block has
   * @param numInitFeatures how many channels the first convolution has
   * @param bnSize how many times `growthRate` a layer's inner channels are
   * @param dropRate the probability with which a layer's elements are dropped in training
   * @param numClasses the size of the result
   * @param memoryEfficient whether inner results are computed again for gradients instead of kept
   */
  constructor(...args: Arguments<typeof denseNet>) {
    super();
    const { blockConfig, numInitFeatures, numClasses, ...growth } = denseNet.bind(args);
    this.features = new Sequential({
      conv0: new Conv2d(3, numInitFeatures, 7, { stride: 2, padding: 3, bias: false }),
      norm0: new BatchNorm2d(numInitFeatures),
      relu0: new ReLU({ inplace: true }),
      pool0: new MaxPool2d(3, { stride: 2, padding: 1 }),
    });
    let channels = numInitFeatures;
    for (const [i, layers] of blockConfig.entries()) {
      this.features.addModule(`denseblock${i + 1}`, new _DenseBlock(layers, channels, growth));
      channels += layers * growth.growthRate;
      if (i === blockConfig.length - 1) continue;
      this.features.addModule(`transition${i + 1}`, new _Transition(channels, channels >> 1));
      channels >>= 1;
    }
    this.features.addModule('norm5', new BatchNorm2d(channels));
    this.classifier = new Linear(channels, numClasses);
    for (const m of this.modules()) {
      if (m instanceof Conv2d) init.kaimingNormal_(m.weight);
      else if (m instanceof BatchNorm2d) {
        init.constant_(m.weight!, 1);
        init.constant_(m.bias!, 0);
      } else if (m instanceof Linear) init.constant_(m.bias!, 0);
    }
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const out = F.relu(this.features.forward(x), true);
    return this.classifier.forward(ops.flatten(F.adaptiveAvgPool2d(out, [1, 1]), 1));
  }
}

/** Published weights are of a time when names had dots: `norm.1` is `norm1`. */
function renamed(state: StateDict): StateDict {
  const old = /^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$/;
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key.replace(old, '$1$2'), value]));
}

const build = (
  name: string,
  weights: WeightsTable,
  growthRate: number,
  blockConfig: readonly number[],
  numInitFeatures: number,
) =>
  modelBuilder({
    name,
    weights,
    options: parameters,
    make: (given) => new DenseNet({ growthRate, blockConfig, numInitFeatures, ...given }),
    renamed,
  });

/** DenseNet-121. */
export const densenet121 = /* @__PURE__ */ build('densenet121', DenseNet121_Weights, 32, [6, 12, 24, 16], 64);
/** DenseNet-161. */
export const densenet161 = /* @__PURE__ */ build('densenet161', DenseNet161_Weights, 48, [6, 12, 36, 24], 96);
/** DenseNet-169. */
export const densenet169 = /* @__PURE__ */ build('densenet169', DenseNet169_Weights, 32, [6, 12, 32, 32], 64);
/** DenseNet-201. */
export const densenet201 = /* @__PURE__ */ build('densenet201', DenseNet201_Weights, 32, [6, 12, 48, 32], 64);
