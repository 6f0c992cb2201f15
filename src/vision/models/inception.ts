import { ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { ops } from '../../dispatch/registry.js';
import * as init from '../../nn/init.js';
import type { Module } from '../../nn/module.js';
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Linear,
  MaxPool2d,
} from '../../nn/modules/index.js';
import { asGiven } from '../../nn/settings.js';
import { type LayerFactory, makeLayer } from '../ops/layer_factories.js';
import { ofX, SnakeModule } from '../ops/snake_module.js';
import { asInceptionWants, BasicConv2d } from './basic_conv2d.js';
import { modelBuilder } from './builder.js';
import {
  InceptionA,
  InceptionAux,
  InceptionB,
  InceptionC,
  InceptionD,
  InceptionE,
  spreadOf,
} from './inception_blocks.js';
import { Inception_V3_Weights } from './weights/inception_weights.js';

/** Results of Inception v3 in training, by position and by name. */
export interface InceptionOutputs
  extends Readonly<Record<0, Tensor>>,
    Readonly<Record<1, Tensor | null>>,
    Iterable<Tensor | null> {
  readonly logits: Tensor;
  readonly auxLogits: Tensor | null;
}

const parameters =
  'int num_classes=1000, bool aux_logits=True, bool transform_input=False, Layer[]? inception_blocks=None, bool? init_weights=None, float dropout=0.5' as const;
const inception3 = signature(`Inception3(${parameters})`);

/** Inception v3 (Szegedy et al., 2016), for images of 299 × 299. In training, a classifier in the middle gives its result, too. */
export class Inception3 extends SnakeModule {
  declare auxLogits: boolean;
  declare transformInput: boolean;
  declare Conv2d_1a_3x3: Module;
  declare Conv2d_2a_3x3: Module;
  declare Conv2d_2b_3x3: Module;
  declare maxpool1: MaxPool2d;
  declare Conv2d_3b_1x1: Module;
  declare Conv2d_4a_3x3: Module;
  declare maxpool2: MaxPool2d;
  declare Mixed_5b: Module;
  declare Mixed_5c: Module;
  declare Mixed_5d: Module;
  declare Mixed_6a: Module;
  declare Mixed_6b: Module;
  declare Mixed_6c: Module;
  declare Mixed_6d: Module;
  declare Mixed_6e: Module;
  declare AuxLogits: Module | null;
  declare Mixed_7a: Module;
  declare Mixed_7b: Module;
  declare Mixed_7c: Module;
  declare avgpool: AdaptiveAvgPool2d;
  declare dropout: Dropout;
  declare fc: Linear;

  /**
   * @param numClasses the size of the result
   * @param auxLogits whether there is a classifier in the middle
   * @param transformInput whether images come normalized as torchvision does, not as the original network has it
   * @param inceptionBlocks makes convolutions, the blocks A to E and the classifier in the middle
   * @param initWeights whether weights are drawn anew for such a network
   * @param dropout the probability with which elements are dropped in training
   */
  constructor(...args: Arguments<typeof inception3>) {
    super();
    const given = inception3.bind(args);
    const { numClasses, auxLogits } = given;
    const blocks: readonly LayerFactory[] = given.inceptionBlocks ?? [
      BasicConv2d,
      InceptionA,
      InceptionB,
      InceptionC,
      InceptionD,
      InceptionE,
      InceptionAux,
    ];
    if (given.initWeights === null)
      warn(
        'The default weight initialization of inception_v3 will be changed in future releases of torchvision. If you wish to keep the old behavior (which leads to long initialization times due to scipy/scipy#11299), please set init_weights=True.',
      );
    if (blocks.length !== 7)
      throw new ValueError(`length of inception_blocks should be 7 instead of ${blocks.length}`);
    const [conv, a, b, c, d, e, aux] = blocks;
    this.auxLogits = auxLogits;
    this.transformInput = given.transformInput;
    this.Conv2d_1a_3x3 = makeLayer(conv, 3, 32, { kernelSize: 3, stride: 2 });
    this.Conv2d_2a_3x3 = makeLayer(conv, 32, 32, { kernelSize: 3 });
    this.Conv2d_2b_3x3 = makeLayer(conv, 32, 64, { kernelSize: 3, padding: 1 });
    this.maxpool1 = new MaxPool2d(3, { stride: 2 });
    this.Conv2d_3b_1x1 = makeLayer(conv, 64, 80, { kernelSize: 1 });
    this.Conv2d_4a_3x3 = makeLayer(conv, 80, 192, { kernelSize: 3 });
    this.maxpool2 = new MaxPool2d(3, { stride: 2 });
    this.Mixed_5b = makeLayer(a, 192, { poolFeatures: 32 });
    this.Mixed_5c = makeLayer(a, 256, { poolFeatures: 64 });
    this.Mixed_5d = makeLayer(a, 288, { poolFeatures: 64 });
    this.Mixed_6a = makeLayer(b, 288);
    this.Mixed_6b = makeLayer(c, 768, { channels7x7: 128 });
    this.Mixed_6c = makeLayer(c, 768, { channels7x7: 160 });
    this.Mixed_6d = makeLayer(c, 768, { channels7x7: 160 });
    this.Mixed_6e = makeLayer(c, 768, { channels7x7: 192 });
    this.AuxLogits = auxLogits ? makeLayer(aux, 768, numClasses) : null;
    this.Mixed_7a = makeLayer(d, 768);
    this.Mixed_7b = makeLayer(e, 1280);
    this.Mixed_7c = makeLayer(e, 2048);
    this.avgpool = new AdaptiveAvgPool2d([1, 1]);
    this.dropout = new Dropout(asGiven(given, 'dropout'));
    this.fc = new Linear(2048, numClasses);
    if (given.initWeights ?? true) this.initialize();
  }

  private initialize(): void {
    for (const m of this.modules()) {
      if (m instanceof Conv2d || m instanceof Linear)
        init.truncNormal_(m.weight, { mean: 0, std: spreadOf(m), a: -2, b: 2 });
      else if (m instanceof BatchNorm2d) {
        init.constant_(m.weight!, 1);
        init.constant_(m.bias!, 0);
      }
    }
  }

  protected override stateKey(property: string): string {
    return property === 'AuxLogits' ? property : super.stateKey(property);
  }

  override forward(...args: Arguments<typeof ofX>): Tensor | InceptionOutputs {
    const [input] = ofX.inOrder(args, this);
    const through = (x: Tensor, ...modules: readonly Module[]): Tensor =>
      modules.reduce((value, module) => module.forward(value) as Tensor, x);
    let x = this.transformInput ? asInceptionWants(input) : input;
    x = through(x, this.Conv2d_1a_3x3, this.Conv2d_2a_3x3, this.Conv2d_2b_3x3, this.maxpool1);
    x = through(x, this.Conv2d_3b_1x1, this.Conv2d_4a_3x3, this.maxpool2);
    x = through(x, this.Mixed_5b, this.Mixed_5c, this.Mixed_5d);
    x = through(x, this.Mixed_6a, this.Mixed_6b, this.Mixed_6c, this.Mixed_6d, this.Mixed_6e);
    const aux = this.AuxLogits !== null && this.training ? (this.AuxLogits.forward(x) as Tensor) : null;
    x = through(x, this.Mixed_7a, this.Mixed_7b, this.Mixed_7c, this.avgpool, this.dropout);
    x = this.fc.forward(ops.flatten(x, 1));
    if (!this.training || !this.auxLogits) return x;
    return Object.assign([x, aux] as const, { logits: x, auxLogits: aux });
  }
}

/** Inception v3. Weights are those of a model with the classifier in the middle. */
export const inceptionV3 = /* @__PURE__ */ modelBuilder({
  name: 'inception_v3',
  weights: Inception_V3_Weights,
  options: parameters,
  make: (given) => new Inception3(given),
  pretrained: (settings, { meta }) => {
    if (!settings.has('transform_input')) settings.set('transform_input', true);
    settings.overwrite('aux_logits', true);
    settings.overwrite('init_weights', false);
    settings.overwrite('num_classes', meta.categories!.length);
  },
});
