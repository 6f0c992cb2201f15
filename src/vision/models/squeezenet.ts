import { ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import * as init from '../../nn/init.js';
import { Module } from '../../nn/module.js';
import { AdaptiveAvgPool2d, Conv2d, Dropout, MaxPool2d, ReLU, Sequential } from '../../nn/modules/index.js';
import { asGiven } from '../../nn/settings.js';
import { ofX, SnakeModule } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import type { WeightsTable } from './model_weights.js';
import { SqueezeNet1_0_Weights, SqueezeNet1_1_Weights } from './weights/squeezenet_weights.js';

/** A narrow convolution, and two beside each other on what it finds. */
class Fire extends SnakeModule {
  declare squeeze: Conv2d;
  declare squeezeActivation: ReLU;
  declare expand1x1: Conv2d;
  declare expand1x1Activation: ReLU;
  declare expand3x3: Conv2d;
  declare expand3x3Activation: ReLU;

  constructor(inputs: number, narrow: number, wide: number) {
    super();
    this.squeeze = new Conv2d(inputs, narrow, 1);
    this.squeezeActivation = new ReLU({ inplace: true });
    this.expand1x1 = new Conv2d(narrow, wide, 1);
    this.expand1x1Activation = new ReLU({ inplace: true });
    this.expand3x3 = new Conv2d(narrow, wide, 3, { padding: 1 });
    this.expand3x3Activation = new ReLU({ inplace: true });
  }

  override forward(x: Tensor): Tensor {
    const squeezed = this.squeezeActivation.forward(this.squeeze.forward(x));
    const one = this.expand1x1Activation.forward(this.expand1x1.forward(squeezed));
    return ops.cat([one, this.expand3x3Activation.forward(this.expand3x3.forward(squeezed))], 1);
  }
}

type Version = '1_0' | '1_1';

const parameters = 'int num_classes=1000, float dropout=0.5' as const;
const squeezeNet = signature(`SqueezeNet('1_0'|'1_1' version='1_0', ${parameters})`);

/** SqueezeNet (Iandola et al., 2016). */
export class SqueezeNet extends Module {
  declare numClasses: number;
  declare features: Sequential;
  declare classifier: Sequential;

  /**
   * @param version '1_0', that of the paper, or '1_1', which computes less
   * @param numClasses the size of the result
   * @param dropout the probability with which elements are dropped in training
   */
  constructor(...args: Arguments<typeof squeezeNet>) {
    super();
    const { version, numClasses, ...given } = squeezeNet.bind(args);
    this.numClasses = numClasses;
    this.features = new Sequential(...featuresOf(version));
    const last = new Conv2d(512, numClasses, 1);
    this.classifier = new Sequential(
      new Dropout(asGiven(given, 'dropout')),
      last,
      new ReLU({ inplace: true }),
      new AdaptiveAvgPool2d([1, 1]),
    );
    for (const m of this.modules()) {
      if (!(m instanceof Conv2d)) continue;
      if (m === last) init.normal_(m.weight, 0, 0.01);
      else init.kaimingUniform_(m.weight);
      if (m.bias !== null) init.constant_(m.bias, 0);
    }
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    return ops.flatten(this.classifier.forward(this.features.forward(x)), 1);
  }
}

function featuresOf(version: Version): Module[] {
  if (version !== '1_0' && version !== '1_1')
    throw new ValueError(`Unsupported SqueezeNet version ${String(version)}: 1_0 or 1_1 expected`);
  const pool = () => new MaxPool2d(3, { stride: 2, ceilMode: true });
  const first = version === '1_0' ? new Conv2d(3, 96, 7, { stride: 2 }) : new Conv2d(3, 64, 3, { stride: 2 });
  const fires = [
    () => new Fire(version === '1_0' ? 96 : 64, 16, 64),
    () => new Fire(128, 16, 64),
    () => new Fire(128, 32, 128),
    () => new Fire(256, 32, 128),
    () => new Fire(256, 48, 192),
    () => new Fire(384, 48, 192),
    () => new Fire(384, 64, 256),
    () => new Fire(512, 64, 256),
  ];
  // Before which of them the size is halved.
  const halved = version === '1_0' ? [0, 3, 7] : [0, 2, 4];
  const rest = fires.flatMap((fire, i) => (halved.includes(i) ? [pool(), fire()] : [fire()]));
  return [first, new ReLU({ inplace: true }), ...rest];
}

const build = (name: string, weights: WeightsTable, version: Version) =>
  modelBuilder({ name, weights, options: parameters, make: (given) => new SqueezeNet(version, given) });

/** SqueezeNet 1.0. */
export const squeezenet1_0 = /* @__PURE__ */ build('squeezenet1_0', SqueezeNet1_0_Weights, '1_0');
/** SqueezeNet 1.1. */
export const squeezenet1_1 = /* @__PURE__ */ build('squeezenet1_1', SqueezeNet1_1_Weights, '1_1');
