import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import * as init from '../../nn/init.js';
import { Module } from '../../nn/module.js';
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
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
import type { WeightsTable } from './model_weights.js';
import {
  VGG11_BN_Weights,
  VGG11_Weights,
  VGG13_BN_Weights,
  VGG13_Weights,
  VGG16_BN_Weights,
  VGG16_Weights,
  VGG19_BN_Weights,
  VGG19_Weights,
} from './weights/vgg_weights.js';

const parameters = 'int num_classes=1000, bool init_weights=True, float dropout=0.5' as const;
const vgg = signature(`VGG(Any features, ${parameters})`);

/** VGG (Simonyan and Zisserman, 2015). */
export class VGG extends Module {
  declare features: Module;
  declare avgpool: AdaptiveAvgPool2d;
  declare classifier: Sequential;

  /**
   * @param features finds the features of an image, 512 channels
   * @param numClasses the size of the result
   * @param initWeights whether weights are drawn anew for such a network
   * @param dropout the probability with which elements are dropped in training
   */
  constructor(...args: Arguments<typeof vgg, { features: Module }>) {
    super();
    const given = vgg.bind(args);
    const p = asGiven(given, 'dropout');
    this.features = given.features as Module;
    this.avgpool = new AdaptiveAvgPool2d([7, 7]);
    this.classifier = new Sequential(
      new Linear(512 * 7 * 7, 4096),
      new ReLU(true),
      new Dropout(p),
      new Linear(4096, 4096),
      new ReLU(true),
      new Dropout(p),
      new Linear(4096, given.numClasses),
    );
    if (given.initWeights) this.initialize();
  }

  private initialize(): void {
    for (const m of this.modules()) {
      if (m instanceof Conv2d) {
        init.kaimingNormal_(m.weight, { mode: 'fan_out', nonlinearity: 'relu' });
        if (m.bias !== null) init.constant_(m.bias, 0);
      } else if (m instanceof BatchNorm2d) {
        init.constant_(m.weight!, 1);
        init.constant_(m.bias!, 0);
      } else if (m instanceof Linear) {
        init.normal_(m.weight, 0, 0.01);
        init.constant_(m.bias!, 0);
      }
    }
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const features = this.avgpool.forward(this.features.forward(x) as Tensor);
    return this.classifier.forward(ops.flatten(features, 1));
  }
}

type Layout = 'A' | 'B' | 'D' | 'E';

/** How many convolutions each of the five stages has, by the paper's names. */
const layouts: Readonly<Record<Layout, readonly number[]>> = {
  A: [1, 1, 2, 2, 2],
  B: [2, 2, 2, 2, 2],
  D: [2, 2, 3, 3, 3],
  E: [2, 2, 4, 4, 4],
};

function featuresOf(layout: Layout, batchNorm: boolean): Sequential {
  const layers: Module[] = [];
  let inputs = 3;
  for (const [stage, count] of layouts[layout].entries()) {
    const channels = Math.min(64 << stage, 512);
    for (let i = 0; i < count; i++) {
      layers.push(new Conv2d(inputs, channels, 3, { padding: 1 }));
      if (batchNorm) layers.push(new BatchNorm2d(channels));
      layers.push(new ReLU({ inplace: true }));
      inputs = channels;
    }
    layers.push(new MaxPool2d(2, { stride: 2 }));
  }
  return new Sequential(...layers);
}

const build = (name: string, weights: WeightsTable, layout: Layout) =>
  modelBuilder({
    name,
    weights,
    options: parameters,
    make: (given) => new VGG(featuresOf(layout, name.endsWith('_bn')), given),
    pretrained: (settings, { meta }) => {
      settings.set('init_weights', false);
      if (meta.categories !== null) settings.overwrite('num_classes', meta.categories.length);
    },
  });

/** VGG with 11 layers. */
export const vgg11 = /* @__PURE__ */ build('vgg11', VGG11_Weights, 'A');
/** VGG with 11 layers and batch norms. */
export const vgg11Bn = /* @__PURE__ */ build('vgg11_bn', VGG11_BN_Weights, 'A');
/** VGG with 13 layers. */
export const vgg13 = /* @__PURE__ */ build('vgg13', VGG13_Weights, 'B');
/** VGG with 13 layers and batch norms. */
export const vgg13Bn = /* @__PURE__ */ build('vgg13_bn', VGG13_BN_Weights, 'B');
/** VGG with 16 layers. */
export const vgg16 = /* @__PURE__ */ build('vgg16', VGG16_Weights, 'D');
/** VGG with 16 layers and batch norms. */
export const vgg16Bn = /* @__PURE__ */ build('vgg16_bn', VGG16_BN_Weights, 'D');
/** VGG with 19 layers. */
export const vgg19 = /* @__PURE__ */ build('vgg19', VGG19_Weights, 'E');
/** VGG with 19 layers and batch norms. */
export const vgg19Bn = /* @__PURE__ */ build('vgg19_bn', VGG19_BN_Weights, 'E');
