import { TypeError, ValueError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { PyFloat } from '../../core/pyfloat.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import * as init from '../../nn/init.js';
import { ofInput } from '../../nn/inputs.js';
import { Module } from '../../nn/module.js';
import {
  AdaptiveAvgPool2d,
  Conv2d,
  Flatten,
  GELU,
  LayerNorm,
  Linear,
  Sequential,
} from '../../nn/modules/index.js';
import { Parameter } from '../../nn/parameter.js';
import { Conv2dNormActivation, Permute, StochasticDepth } from '../ops/blocks.js';
import { type LayerFactory, makeLayer, partial } from '../ops/layer_factories.js';
import { ofX, SnakeModule } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import type { WeightsTable } from './model_weights.js';
import {
  ConvNeXt_Base_Weights,
  ConvNeXt_Large_Weights,
  ConvNeXt_Small_Weights,
  ConvNeXt_Tiny_Weights,
} from './weights/convnext_weights.js';

/** Normalization over the channels of images. */
class LayerNorm2d extends LayerNorm {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return super.forward(input.permute([0, 2, 3, 1])).permute([0, 3, 1, 2]);
  }
}

class CNBlock extends SnakeModule {
  declare layerScale: Parameter;
  declare block: Sequential;
  declare stochasticDepth: StochasticDepth;

  constructor(
    dim: number,
    layerScale: number,
    probability: number,
    normLayer: LayerFactory = partial(LayerNorm, { eps: 1e-6 }),
  ) {
    super();
    this.block = new Sequential(
      new Conv2d(dim, dim, 7, { padding: 3, groups: dim, bias: true }),
      new Permute([0, 2, 3, 1]),
      makeLayer(normLayer, dim),
      new Linear(dim, 4 * dim),
      new GELU(),
      new Linear(4 * dim, dim),
      new Permute([0, 3, 1, 2]),
    );
    this.layerScale = new Parameter(ops.ones([dim, 1, 1]).mul(layerScale));
    this.stochasticDepth = new StochasticDepth(new PyFloat(probability), 'row');
  }

  override forward(input: Tensor): Tensor {
    const found = this.layerScale.mul(this.block.forward(input));
    return this.stochasticDepth.forward(found).add_(input);
  }
}

const blockConfig = signature('CNBlockConfig(int input_channels, int? out_channels, int num_layers)');

/** Settings of a stage of ConvNeXt. */
export class CNBlockConfig {
  readonly inputChannels: number;
  readonly outChannels: number | null;
  readonly numLayers: number;

  /**
   * @param inputChannels the channels of its blocks
   * @param outChannels the channels to which it leads; null in the last stage
   * @param numLayers how many blocks there are
   */
  constructor(...args: Arguments<typeof blockConfig>) {
    const { inputChannels, outChannels, numLayers } = blockConfig.bind(args);
    this.inputChannels = inputChannels;
    this.outChannels = outChannels;
    this.numLayers = numLayers;
  }

  toString(): string {
    const { inputChannels, outChannels, numLayers } = this;
    return `CNBlockConfig(input_channels=${inputChannels}, out_channels=${formatValue(outChannels)}, num_layers=${numLayers})`;
  }
}

libraryClass(CNBlockConfig);

const common =
  'float layer_scale=1e-6, int num_classes=1000, Layer? block=None, Layer? norm_layer=None' as const;
const convNeXt = signature(`ConvNeXt(Any block_setting, float stochastic_depth_prob=0.0, ${common})`);

/** ConvNeXt (Liu et al., 2022). */
export class ConvNeXt extends Module {
  declare features: Sequential;
  declare avgpool: AdaptiveAvgPool2d;
  declare classifier: Sequential;

  /**
   * @param blockSetting the settings of its stages
   * @param stochasticDepthProb the probability with which the last block is left out in training; it grows from 0
   * @param layerScale what each block's result is multiplied by at first
   * @param numClasses the size of the result
   * @param block makes a block of its channels, `layerScale` and the probability; null: ConvNeXt's own
   * @param normLayer makes the normalization between stages; null: one over the channels
   */
  constructor(...args: Arguments<typeof convNeXt, { blockSetting: readonly CNBlockConfig[] }>) {
    super();
    const { stochasticDepthProb, layerScale, numClasses, ...given } = convNeXt.bind(args);
    const setting = given.blockSetting as readonly CNBlockConfig[];
    if (Array.isArray(setting) && setting.length === 0)
      throw new ValueError('The block_setting should not be empty');
    if (!Array.isArray(setting) || !setting.every((one) => one instanceof CNBlockConfig))
      throw new TypeError('The block_setting should be List[CNBlockConfig]');
    const block: LayerFactory = given.block ?? CNBlock;
    const normLayer: LayerFactory = given.normLayer ?? partial(LayerNorm2d, { eps: 1e-6 });
    const layers: Module[] = [
      new Conv2dNormActivation(3, setting[0].inputChannels, {
        kernelSize: 4,
        stride: 4,
        padding: 0,
        normLayer,
        activationLayer: null,
        bias: true,
      }),
    ];
    const blocks = setting.reduce((sum, { numLayers }) => sum + numLayers, 0);
    let id = 0;
    for (const { inputChannels, outChannels, numLayers } of setting) {
      const stage: Module[] = [];
      while (stage.length < numLayers) {
        const probability = (stochasticDepthProb * id++) / (blocks - 1);
        stage.push(makeLayer(block, inputChannels, layerScale, probability));
      }
      layers.push(new Sequential(...stage));
      if (outChannels !== null)
        layers.push(
          new Sequential(
            makeLayer(normLayer, inputChannels),
            new Conv2d(inputChannels, outChannels, 2, { stride: 2 }),
          ),
        );
    }
    this.features = new Sequential(...layers);
    this.avgpool = new AdaptiveAvgPool2d(1);
    const last = setting.at(-1)!;
    const channels = last.outChannels ?? last.inputChannels;
    this.classifier = new Sequential(
      makeLayer(normLayer, channels),
      new Flatten(1),
      new Linear(channels, numClasses),
    );
    for (const m of this.modules()) {
      if (!(m instanceof Conv2d || m instanceof Linear)) continue;
      init.truncNormal_(m.weight, { std: 0.02 });
      if (m.bias !== null) init.zeros_(m.bias);
    }
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    return this.classifier.forward(this.avgpool.forward(this.features.forward(x)));
  }
}

/** Its stages have `blocks` blocks, and each twice the channels of the one before. */
const build = (
  name: string,
  weights: WeightsTable,
  channels: number,
  blocks: readonly number[],
  probability: string,
) =>
  modelBuilder({
    name,
    weights,
    options: `float stochastic_depth_prob=0.1, ${common}`.replace(
      '=0.1',
      `=${probability}`,
    ) as `float stochastic_depth_prob=0.1, ${typeof common}`,
    make: (given) => {
      const setting = blocks.map(
        (count, i) => new CNBlockConfig(channels << i, i < 3 ? channels << (i + 1) : null, count),
      );
      return new ConvNeXt(setting, given);
    },
  });

/** ConvNeXt, the tiny one. */
export const convnextTiny = /* @__PURE__ */ build(
  'convnext_tiny',
  ConvNeXt_Tiny_Weights,
  96,
  [3, 3, 9, 3],
  '0.1',
);
/** ConvNeXt, the small one. */
export const convnextSmall = /* @__PURE__ */ build(
  'convnext_small',
  ConvNeXt_Small_Weights,
  96,
  [3, 3, 27, 3],
  '0.4',
);
/** ConvNeXt, the one between. */
export const convnextBase = /* @__PURE__ */ build(
  'convnext_base',
  ConvNeXt_Base_Weights,
  128,
  [3, 3, 27, 3],
  '0.5',
);
/** ConvNeXt, the large one. */
export const convnextLarge = /* @__PURE__ */ build(
  'convnext_large',
  ConvNeXt_Large_Weights,
  192,
  [3, 3, 27, 3],
  '0.5',
);
