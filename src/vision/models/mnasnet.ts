import { ValueError } from '../../core/errors.js';
import { formatFloat } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import * as init from '../../nn/init.js';
import { Module } from '../../nn/module.js';
import { BatchNorm2d, Conv2d, Dropout, Linear, ReLU, Sequential } from '../../nn/modules/index.js';
import { asGiven } from '../../nn/settings.js';
import { ofX } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import { initializeMobile } from './initial_weights.js';
import type { WeightsTable } from './model_weights.js';
import {
  MNASNet0_5_Weights,
  MNASNet0_75_Weights,
  MNASNet1_0_Weights,
  MNASNet1_3_Weights,
} from './weights/mnasnet_weights.js';

/** TensorFlow's momentum, from the other side. */
const momentum = 1 - 0.9997;

const norm = (channels: number) => new BatchNorm2d(channels, { momentum });
const relu = () => new ReLU({ inplace: true });
const pointwise = (from: number, to: number) => new Conv2d(from, to, 1, { bias: false });
const depthwise = (channels: number, kernel: number, stride: number) =>
  new Conv2d(channels, channels, kernel, {
    padding: kernel >> 1,
    stride,
    groups: channels,
    bias: false,
  });

class _InvertedResidual extends Module {
  declare layers: Sequential;
  private readonly addsInput: boolean;

  constructor(inputs: number, outputs: number, kernel: number, stride: number, expansion: number) {
    super();
    const inner = inputs * expansion;
    this.layers = new Sequential(
      pointwise(inputs, inner),
      norm(inner),
      relu(),
      depthwise(inner, kernel, stride),
      norm(inner),
      relu(),
      pointwise(inner, outputs),
      norm(outputs),
    );
    this.addsInput = inputs === outputs && stride === 1;
  }

  override forward(input: Tensor): Tensor {
    const found = this.layers.forward(input);
    return this.addsInput ? found.add(input) : found;
  }
}

/** Blocks of which the first may change the size and the channels. */
function stack(
  inputs: number,
  outputs: number,
  kernel: number,
  stride: number,
  expansion: number,
  repeats: number,
): Sequential {
  const blocks = [new _InvertedResidual(inputs, outputs, kernel, stride, expansion)];
  while (blocks.length < repeats) blocks.push(new _InvertedResidual(outputs, outputs, kernel, 1, expansion));
  return new Sequential(...blocks);
}

/** The multiple of 8 near a number, rather above than below it. */
function nearMultiple(value: number): number {
  const near = Math.max(8, Math.floor(Math.trunc(value + 4) / 8) * 8);
  return near >= 0.9 * value ? near : near + 8;
}

const parameters = 'int num_classes=1000, float dropout=0.2' as const;
const mnasNet = signature(`MNASNet(float alpha, ${parameters})`);

/** MNASNet-B1 (Tan et al., 2019). */
export class MNASNet extends Module {
  declare alpha: number;
  declare numClasses: number;
  declare layers: Sequential;
  declare classifier: Sequential;

  /**
   * @param alpha what numbers of channels are multiplied by
   * @param numClasses the size of the result
   * @param dropout the probability with which elements are dropped in training
   */
  constructor(...args: Arguments<typeof mnasNet>) {
    super();
    const { alpha, numClasses, ...given } = mnasNet.bind(args);
    if (alpha <= 0) throw new ValueError(`alpha should be greater than 0.0 instead of ${formatFloat(alpha)}`);
    this.alpha = alpha;
    this.numClasses = numClasses;
    const depths = [32, 16, 24, 40, 80, 96, 192, 320].map((depth) => nearMultiple(depth * alpha));
    this.layers = new Sequential(
      new Conv2d(3, depths[0], 3, { padding: 1, stride: 2, bias: false }),
      norm(depths[0]),
      relu(),
      depthwise(depths[0], 3, 1),
      norm(depths[0]),
      relu(),
      new Conv2d(depths[0], depths[1], 1, { padding: 0, stride: 1, bias: false }),
      norm(depths[1]),
      stack(depths[1], depths[2], 3, 2, 3, 3),
      stack(depths[2], depths[3], 5, 2, 3, 3),
      stack(depths[3], depths[4], 5, 2, 6, 3),
      stack(depths[4], depths[5], 3, 1, 6, 2),
      stack(depths[5], depths[6], 5, 2, 6, 4),
      stack(depths[6], depths[7], 3, 1, 6, 1),
      new Conv2d(depths[7], 1280, 1, { padding: 0, stride: 1, bias: false }),
      norm(1280),
      relu(),
    );
    this.classifier = new Sequential(
      new Dropout(asGiven(given, 'dropout'), true),
      new Linear(1280, numClasses),
    );
    initializeMobile(this, (layer) => {
      init.kaimingUniform_(layer.weight, { mode: 'fan_out', nonlinearity: 'sigmoid' });
    });
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    return this.classifier.forward(this.layers.forward(x).mean([2, 3]));
  }
}

const build = (name: string, weights: WeightsTable, alpha: number) =>
  modelBuilder({ name, weights, options: parameters, make: (given) => new MNASNet(alpha, given) });

/** MNASNet with half of its channels. */
export const mnasnet0_5 = /* @__PURE__ */ build('mnasnet0_5', MNASNet0_5_Weights, 0.5);
/** MNASNet with three quarters of its channels. */
export const mnasnet0_75 = /* @__PURE__ */ build('mnasnet0_75', MNASNet0_75_Weights, 0.75);
/** MNASNet. */
export const mnasnet1_0 = /* @__PURE__ */ build('mnasnet1_0', MNASNet1_0_Weights, 1);
/** MNASNet with 1.3 times as many channels. */
export const mnasnet1_3 = /* @__PURE__ */ build('mnasnet1_3', MNASNet1_3_Weights, 1.3);
