import { ValueError } from '../../core/errors.js';
import type { PyFloat } from '../../core/pyfloat.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import * as init from '../../nn/init.js';
import { Module } from '../../nn/module.js';
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Linear,
  MaxPool2d,
  Sequential,
} from '../../nn/modules/index.js';
import { asGiven } from '../../nn/settings.js';
import { type LayerFactory, makeLayer } from '../ops/layer_factories.js';
import { ofX, SnakeModule } from '../ops/snake_module.js';
import { asInceptionWants, BasicConv2d } from './basic_conv2d.js';
import { modelBuilder } from './builder.js';
import { GoogLeNet_Weights } from './weights/googlenet_weights.js';

/** Results of GoogLeNet in training, by position and by name. */
export interface GoogLeNetOutputs
  extends Readonly<Record<0, Tensor>>,
    Readonly<Record<1 | 2, Tensor | null>>,
    Iterable<Tensor | null> {
  readonly logits: Tensor;
  readonly auxLogits2: Tensor | null;
  readonly auxLogits1: Tensor | null;
}

class Inception extends Module {
  declare branch1: Module;
  declare branch2: Sequential;
  declare branch3: Sequential;
  declare branch4: Sequential;

  constructor(
    inputs: number,
    ch1x1: number,
    ch3x3red: number,
    ch3x3: number,
    ch5x5red: number,
    ch5x5: number,
    poolProj: number,
  ) {
    super();
    const conv = (from: number, to: number, kernelSize: number, padding = 0) =>
      new BasicConv2d(from, to, { kernelSize, padding });
    this.branch1 = conv(inputs, ch1x1, 1);
    this.branch2 = new Sequential(conv(inputs, ch3x3red, 1), conv(ch3x3red, ch3x3, 3, 1));
    // torchvision's kernel is 3, where the paper's is 5.
    this.branch3 = new Sequential(conv(inputs, ch5x5red, 1), conv(ch5x5red, ch5x5, 3, 1));
    this.branch4 = new Sequential(
      new MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }),
      conv(inputs, poolProj, 1),
    );
  }

  override forward(x: Tensor): Tensor {
    const { branch1, branch2, branch3, branch4 } = this;
    return ops.cat(
      [branch1, branch2, branch3, branch4].map((branch) => branch.forward(x) as Tensor),
      1,
    );
  }
}

/** A classifier on the features of the middle, for training. */
class InceptionAux extends Module {
  declare conv: Module;
  declare fc1: Linear;
  declare fc2: Linear;
  declare dropout: Dropout;

  constructor(inputs: number, numClasses: number, { dropout }: { dropout: number | PyFloat }) {
    super();
    this.conv = new BasicConv2d(inputs, 128, { kernelSize: 1 });
    this.fc1 = new Linear(2048, 1024);
    this.fc2 = new Linear(1024, numClasses);
    this.dropout = new Dropout(dropout);
  }

  override forward(x: Tensor): Tensor {
    const narrow = this.conv.forward(F.adaptiveAvgPool2d(x, [4, 4])) as Tensor;
    const inner = F.relu(this.fc1.forward(ops.flatten(narrow, 1)), true);
    return this.fc2.forward(this.dropout.forward(inner));
  }
}

const parameters =
  'int num_classes=1000, bool aux_logits=True, bool transform_input=False, bool? init_weights=None, Layer[]? blocks=None, float dropout=0.2, float dropout_aux=0.7' as const;
const googLeNet = signature(`GoogLeNet(${parameters})`);

/** GoogLeNet (Szegedy et al., 2015), with batch norms. In training, classifiers in the middle give their results, too. */
export class GoogLeNet extends SnakeModule {
  declare auxLogits: boolean;
  declare transformInput: boolean;
  declare conv1: Module;
  declare maxpool1: MaxPool2d;
  declare conv2: Module;
  declare conv3: Module;
  declare maxpool2: MaxPool2d;
  declare inception3a: Module;
  declare inception3b: Module;
  declare maxpool3: MaxPool2d;
  declare inception4a: Module;
  declare inception4b: Module;
  declare inception4c: Module;
  declare inception4d: Module;
  declare inception4e: Module;
  declare maxpool4: MaxPool2d;
  declare inception5a: Module;
  declare inception5b: Module;
  declare aux1: Module | null;
  declare aux2: Module | null;
  declare avgpool: AdaptiveAvgPool2d;
  declare dropout: Dropout;
  declare fc: Linear;

  /**
   * @param numClasses the size of the result
   * @param auxLogits whether there are classifiers in the middle
   * @param transformInput whether images come normalized as torchvision does, not as the original network has it
   * @param initWeights whether weights are drawn anew for such a network
   * @param blocks makes convolutions, Inception blocks and classifiers in the middle
   * @param dropout the probability with which elements are dropped in training
   * @param dropoutAux the same in the classifiers in the middle
   */
  constructor(...args: Arguments<typeof googLeNet>) {
    super();
    const given = googLeNet.bind(args);
    const { numClasses, auxLogits } = given;
    const blocks: readonly LayerFactory[] = given.blocks ?? [BasicConv2d, Inception, InceptionAux];
    if (given.initWeights === null)
      warn(
        'The default weight initialization of GoogleNet will be changed in future releases of torchvision. If you wish to keep the old behavior (which leads to long initialization times due to scipy/scipy#11299), please set init_weights=True.',
      );
    if (blocks.length !== 3) throw new ValueError(`blocks length should be 3 instead of ${blocks.length}`);
    const [conv, inception, aux] = blocks;
    const pool = (size: number) => new MaxPool2d(size, { stride: 2, ceilMode: true });
    this.auxLogits = auxLogits;
    this.transformInput = given.transformInput;
    this.conv1 = makeLayer(conv, 3, 64, { kernelSize: 7, stride: 2, padding: 3 });
    this.maxpool1 = pool(3);
    this.conv2 = makeLayer(conv, 64, 64, { kernelSize: 1 });
    this.conv3 = makeLayer(conv, 64, 192, { kernelSize: 3, padding: 1 });
    this.maxpool2 = pool(3);
    this.inception3a = makeLayer(inception, 192, 64, 96, 128, 16, 32, 32);
    this.inception3b = makeLayer(inception, 256, 128, 128, 192, 32, 96, 64);
    this.maxpool3 = pool(3);
    this.inception4a = makeLayer(inception, 480, 192, 96, 208, 16, 48, 64);
    this.inception4b = makeLayer(inception, 512, 160, 112, 224, 24, 64, 64);
    this.inception4c = makeLayer(inception, 512, 128, 128, 256, 24, 64, 64);
    this.inception4d = makeLayer(inception, 512, 112, 144, 288, 32, 64, 64);
    this.inception4e = makeLayer(inception, 528, 256, 160, 320, 32, 128, 128);
    this.maxpool4 = pool(2);
    this.inception5a = makeLayer(inception, 832, 256, 160, 320, 32, 128, 128);
    this.inception5b = makeLayer(inception, 832, 384, 192, 384, 48, 128, 128);
    const ofAux = { dropout: asGiven(given, 'dropoutAux') };
    this.aux1 = auxLogits ? makeLayer(aux, 512, numClasses, ofAux) : null;
    this.aux2 = auxLogits ? makeLayer(aux, 528, numClasses, ofAux) : null;
    this.avgpool = new AdaptiveAvgPool2d([1, 1]);
    this.dropout = new Dropout(asGiven(given, 'dropout'));
    this.fc = new Linear(1024, numClasses);
    if (given.initWeights ?? true) this.initialize();
  }

  private initialize(): void {
    for (const m of this.modules()) {
      if (m instanceof Conv2d || m instanceof Linear)
        init.truncNormal_(m.weight, { mean: 0, std: 0.01, a: -2, b: 2 });
      else if (m instanceof BatchNorm2d) {
        init.constant_(m.weight!, 1);
        init.constant_(m.bias!, 0);
      }
    }
  }

  override forward(...args: Arguments<typeof ofX>): Tensor | GoogLeNetOutputs {
    const [input] = ofX.inOrder(args, this);
    const through = (x: Tensor, ...modules: readonly Module[]): Tensor =>
      modules.reduce((value, module) => module.forward(value) as Tensor, x);
    const { maxpool1, conv2, conv3, maxpool2, maxpool3, maxpool4, training } = this;
    let x = this.transformInput ? asInceptionWants(input) : input;
    x = through(x, this.conv1, maxpool1, conv2, conv3, maxpool2);
    x = through(x, this.inception3a, this.inception3b, maxpool3, this.inception4a);
    const aux1 = this.aux1 !== null && training ? (this.aux1.forward(x) as Tensor) : null;
    x = through(x, this.inception4b, this.inception4c, this.inception4d);
    const aux2 = this.aux2 !== null && training ? (this.aux2.forward(x) as Tensor) : null;
    x = through(x, this.inception4e, maxpool4, this.inception5a, this.inception5b, this.avgpool);
    x = through(ops.flatten(x, 1), this.dropout, this.fc);
    if (!training || !this.auxLogits) return x;
    return Object.assign([x, aux2, aux1] as const, { logits: x, auxLogits2: aux2, auxLogits1: aux1 });
  }
}

/** GoogLeNet. Loaded weights have no classifiers in the middle unless `auxLogits` is asked for. */
export const googlenet = /* @__PURE__ */ modelBuilder({
  name: 'googlenet',
  weights: GoogLeNet_Weights,
  options: parameters,
  make: (given) => new GoogLeNet(given),
  pretrained: (settings, { meta }) => {
    if (!settings.has('transform_input')) settings.set('transform_input', true);
    settings.overwrite('aux_logits', true);
    settings.overwrite('init_weights', false);
    settings.overwrite('num_classes', meta.categories!.length);
  },
  loaded: (model, settings) => {
    if (settings.given('aux_logits') === true) {
      warn(
        'auxiliary heads in the pretrained googlenet model are NOT pretrained, so make sure to train them',
      );
      return;
    }
    model.auxLogits = false;
    model.aux1 = null;
    model.aux2 = null;
  },
});
