/** Blocks of EfficientNet and their settings. */
import { ValueError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { PyFloat } from '../../core/pyfloat.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import type { Module } from '../../nn/module.js';
import { Sequential, SiLU } from '../../nn/modules/index.js';
import { Conv2dNormActivation, SqueezeExcitation, StochasticDepth } from '../ops/blocks.js';
import { type LayerFactory, partial } from '../ops/layer_factories.js';
import { SnakeModule } from '../ops/snake_module.js';
import { makeDivisible } from './channels.js';

interface Stage {
  readonly expandRatio: number;
  readonly kernel: number;
  readonly stride: number;
  readonly inputChannels: number;
  readonly outChannels: number;
  readonly numLayers: number;
}

/** Settings of a stage of blocks. */
export abstract class BlockConfig {
  readonly expandRatio: number;
  readonly kernel: number;
  readonly stride: number;
  readonly inputChannels: number;
  readonly outChannels: number;
  readonly numLayers: number;

  protected constructor(
    stage: Stage,
    /** Makes a block of its settings, the probability of its being left out, and what makes normalizations. */
    readonly block: LayerFactory,
  ) {
    this.expandRatio = stage.expandRatio;
    this.kernel = stage.kernel;
    this.stride = stage.stride;
    this.inputChannels = stage.inputChannels;
    this.outChannels = stage.outChannels;
    this.numLayers = stage.numLayers;
  }

  /** The settings of blocks behind the stage's first, which keep the size. @internal */
  following(): BlockConfig {
    const copy = Object.create(this) as BlockConfig;
    return Object.defineProperties(copy, {
      inputChannels: { value: this.outChannels },
      stride: { value: 1 },
    });
  }

  /** The channels inside of a block. @internal */
  get expanded(): number {
    return makeDivisible(this.inputChannels * this.expandRatio, 8);
  }
}

libraryClass(BlockConfig);

/** Runs a block, and adds its input where shapes agree. */
abstract class Residual extends SnakeModule {
  declare block: Sequential;
  declare stochasticDepth: StochasticDepth;
  declare outChannels: number;
  private readonly addsInput: boolean;

  constructor(config: BlockConfig, layers: readonly Module[], probability: number) {
    super();
    this.block = new Sequential(...layers);
    this.stochasticDepth = new StochasticDepth(new PyFloat(probability), 'row');
    this.outChannels = config.outChannels;
    this.addsInput = config.stride === 1 && config.inputChannels === config.outChannels;
  }

  override forward(input: Tensor): Tensor {
    const found = this.block.forward(input);
    return this.addsInput ? this.stochasticDepth.forward(found).add_(input) : found;
  }
}

function checkStride({ stride }: BlockConfig): void {
  if (stride < 1 || stride > 2) throw new ValueError('illegal stride value');
}

/** A convolution per channel between one that adds channels and one that takes them away. */
class MBConv extends Residual {
  constructor(config: BlockConfig, probability: number, normLayer: LayerFactory) {
    checkStride(config);
    const { inputChannels, expanded, outChannels, kernel, stride } = config;
    const layer = { normLayer, activationLayer: SiLU };
    const layers: Module[] = [];
    if (expanded !== inputChannels)
      layers.push(new Conv2dNormActivation(inputChannels, expanded, { kernelSize: 1, ...layer }));
    layers.push(
      new Conv2dNormActivation(expanded, expanded, {
        kernelSize: kernel,
        stride,
        groups: expanded,
        ...layer,
      }),
      new SqueezeExcitation(expanded, Math.max(1, inputChannels >> 2), {
        activation: partial(SiLU, { inplace: true }),
      }),
      new Conv2dNormActivation(expanded, outChannels, {
        kernelSize: 1,
        normLayer,
        activationLayer: null,
      }),
    );
    super(config, layers, probability);
  }
}

/** A whole convolution in place of the first two. */
class FusedMBConv extends Residual {
  constructor(config: BlockConfig, probability: number, normLayer: LayerFactory) {
    checkStride(config);
    const { inputChannels, expanded, outChannels, kernel, stride } = config;
    const layer = { kernelSize: kernel, stride, normLayer, activationLayer: SiLU };
    const layers =
      expanded === inputChannels
        ? [new Conv2dNormActivation(inputChannels, outChannels, layer)]
        : [
            new Conv2dNormActivation(inputChannels, expanded, layer),
            new Conv2dNormActivation(expanded, outChannels, {
              kernelSize: 1,
              normLayer,
              activationLayer: null,
            }),
          ];
    super(config, layers, probability);
  }
}

const stageParameters =
  'float expand_ratio, int kernel, int stride, int input_channels, int out_channels, int num_layers' as const;
const mbConv = signature(
  `MBConvConfig(${stageParameters}, float width_mult=1.0, float depth_mult=1.0, Layer? block=None)`,
);
const fused = signature(`FusedMBConvConfig(${stageParameters}, Layer? block=None)`);

/** Settings of a stage of EfficientNet's blocks. */
export class MBConvConfig extends BlockConfig {
  /**
   * @param expandRatio how many times the input's channels there are inside
   * @param kernel the size of the kernel
   * @param stride how far the first block's kernel moves
   * @param inputChannels the channels of the input
   * @param outChannels the channels of the result
   * @param numLayers how many blocks there are
   * @param widthMult what numbers of channels are multiplied by
   * @param depthMult what the number of blocks is multiplied by
   * @param block makes a block; null: EfficientNet's own
   */
  constructor(...args: Arguments<typeof mbConv>) {
    const { widthMult, depthMult, block, ...stage } = mbConv.bind(args);
    super(
      {
        ...stage,
        inputChannels: makeDivisible(stage.inputChannels * widthMult, 8),
        outChannels: makeDivisible(stage.outChannels * widthMult, 8),
        numLayers: Math.ceil(stage.numLayers * depthMult),
      },
      block ?? MBConv,
    );
  }
}

/** Settings of a stage of EfficientNet v2's fused blocks. */
export class FusedMBConvConfig extends BlockConfig {
  /**
   * @param expandRatio how many times the input's channels there are inside
   * @param kernel the size of the kernel
   * @param stride how far the first block's kernel moves
   * @param inputChannels the channels of the input
   * @param outChannels the channels of the result
   * @param numLayers how many blocks there are
   * @param block makes a block; null: EfficientNet's own
   */
  constructor(...args: Arguments<typeof fused>) {
    const { block, ...stage } = fused.bind(args);
    super(stage, block ?? FusedMBConv);
  }
}
