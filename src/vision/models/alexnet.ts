import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { Module } from '../../nn/module.js';
import {
  AdaptiveAvgPool2d,
  Conv2d,
  Dropout,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from '../../nn/modules/index.js';
import { asGiven } from '../../nn/settings.js';
import { ofX } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import { AlexNet_Weights } from './weights/alexnet_weights.js';

const parameters = 'int num_classes=1000, float dropout=0.5' as const;
const alexNet = signature(`AlexNet(${parameters})`);

/** AlexNet, as one column (Krizhevsky, 2014). */
export class AlexNet extends Module {
  declare features: Sequential;
  declare avgpool: AdaptiveAvgPool2d;
  declare classifier: Sequential;

  /**
   * @param numClasses the size of the result
   * @param dropout the probability with which elements are dropped in training
   */
  constructor(...args: Arguments<typeof alexNet>) {
    super();
    const given = alexNet.bind(args);
    const p = asGiven(given, 'dropout');
    const relu = () => new ReLU({ inplace: true });
    const pool = () => new MaxPool2d(3, { stride: 2 });
    this.features = new Sequential(
      new Conv2d(3, 64, 11, { stride: 4, padding: 2 }),
      relu(),
      pool(),
      new Conv2d(64, 192, 5, { padding: 2 }),
      relu(),
      pool(),
      new Conv2d(192, 384, 3, { padding: 1 }),
      relu(),
      new Conv2d(384, 256, 3, { padding: 1 }),
      relu(),
      new Conv2d(256, 256, 3, { padding: 1 }),
      relu(),
      pool(),
    );
    this.avgpool = new AdaptiveAvgPool2d([6, 6]);
    this.classifier = new Sequential(
      new Dropout(p),
      new Linear(256 * 6 * 6, 4096),
      relu(),
      new Dropout(p),
      new Linear(4096, 4096),
      relu(),
      new Linear(4096, given.numClasses),
    );
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    return this.classifier.forward(ops.flatten(this.avgpool.forward(this.features.forward(x)), 1));
  }
}

/** AlexNet. */
export const alexnet = /* @__PURE__ */ modelBuilder({
  name: 'alexnet',
  weights: AlexNet_Weights,
  options: parameters,
  make: (given) => new AlexNet(given),
});
