import { ValueError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import * as init from '../../nn/init.js';
import { Module } from '../../nn/module.js';
import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Linear, ReLU, Sequential } from '../../nn/modules/index.js';
import { Conv2dNormActivation, SqueezeExcitation } from '../ops/blocks.js';
import { type LayerFactory, makeLayer } from '../ops/layer_factories.js';
import { ofX, SnakeModule } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import { makeDivisible, roundEven } from './channels.js';
import type { WeightsTable } from './model_weights.js';
import {
  RegNet_X_1_6GF_Weights,
  RegNet_X_3_2GF_Weights,
  RegNet_X_8GF_Weights,
  RegNet_X_16GF_Weights,
  RegNet_X_32GF_Weights,
  RegNet_X_400MF_Weights,
  RegNet_X_800MF_Weights,
  RegNet_Y_1_6GF_Weights,
  RegNet_Y_3_2GF_Weights,
  RegNet_Y_8GF_Weights,
  RegNet_Y_16GF_Weights,
  RegNet_Y_32GF_Weights,
  RegNet_Y_128GF_Weights,
  RegNet_Y_400MF_Weights,
  RegNet_Y_800MF_Weights,
} from './weights/regnet_weights.js';

/** The first convolution. */
class SimpleStemIN extends Conv2dNormActivation {
  constructor(inputs: number, outputs: number, normLayer: LayerFactory, activationLayer: LayerFactory) {
    super(inputs, outputs, { kernelSize: 3, stride: 2, normLayer, activationLayer });
  }
}

class BottleneckTransform extends Sequential {
  constructor(
    inputs: number,
    outputs: number,
    stride: number,
    normLayer: LayerFactory,
    activationLayer: LayerFactory,
    groupWidth: number,
    multiplier: number,
    seRatio: number | null,
  ) {
    const width = roundEven(outputs * multiplier);
    const groups = Math.floor(width / groupWidth);
    const layer = { stride: 1, normLayer, activationLayer };
    super({
      a: new Conv2dNormActivation(inputs, width, { kernelSize: 1, ...layer }),
      b: new Conv2dNormActivation(width, width, { kernelSize: 3, ...layer, stride, groups }),
      ...(seRatio !== null &&
        seRatio !== 0 && {
          se: new SqueezeExcitation(width, roundEven(seRatio * inputs), { activation: activationLayer }),
        }),
      c: new Conv2dNormActivation(width, outputs, { kernelSize: 1, ...layer, activationLayer: null }),
    });
  }
}

class ResBottleneckBlock extends Module {
  declare proj: Module | null;
  declare f: BottleneckTransform;
  declare activation: Module;

  constructor(
    inputs: number,
    outputs: number,
    stride: number,
    normLayer: LayerFactory,
    activationLayer: LayerFactory,
    groupWidth = 1,
    multiplier = 1,
    seRatio: number | null = null,
  ) {
    super();
    this.proj =
      inputs !== outputs || stride !== 1
        ? new Conv2dNormActivation(inputs, outputs, {
            kernelSize: 1,
            stride,
            normLayer,
            activationLayer: null,
          })
        : null;
    this.f = new BottleneckTransform(
      inputs,
      outputs,
      stride,
      normLayer,
      activationLayer,
      groupWidth,
      multiplier,
      seRatio,
    );
    this.activation = makeLayer(activationLayer, { inplace: true });
  }

  override forward(x: Tensor): Tensor {
    const passed = this.proj === null ? x : (this.proj.forward(x) as Tensor);
    return this.activation.forward(passed.add(this.f.forward(x))) as Tensor;
  }
}

class AnyStage extends Sequential {}

const blockParams = signature(
  'BlockParams(int[] depths, int[] widths, int[] group_widths, float[] bottleneck_multipliers, int[] strides, float? se_ratio=None)',
);
const fromInitParams = signature(
  'from_init_params(int depth, int w_0, float w_a, float w_m, int group_width, float bottleneck_multiplier=1.0, float? se_ratio=None)',
);

/** Settings of RegNet's stages. */
export class BlockParams {
  readonly depths: readonly number[];
  readonly widths: readonly number[];
  readonly groupWidths: readonly number[];
  readonly bottleneckMultipliers: readonly number[];
  readonly strides: readonly number[];
  readonly seRatio: number | null;

  /**
   * @param depths how many blocks each stage has
   * @param widths the channels of each stage
   * @param groupWidths the channels of a group in each stage
   * @param bottleneckMultipliers how many times its channels a stage has inside
   * @param strides how far the kernel of each stage's first block moves
   * @param seRatio how many of the channels `SqueezeExcitation` has inside; null: there is none
   */
  constructor(...args: Arguments<typeof blockParams>) {
    const given = blockParams.bind(args);
    this.depths = given.depths;
    this.widths = given.widths;
    this.groupWidths = given.groupWidths;
    this.bottleneckMultipliers = given.bottleneckMultipliers;
    this.strides = given.strides;
    this.seRatio = given.seRatio;
  }

  /**
   * The settings that follow from RegNet's few numbers (Radosavovic et al., 2020): widths grow by `wA` from block to block and are rounded
   * to powers of `wM` times `w0`.
   *
   * @param depth how many blocks there are
   * @param w0 the channels of the first block
   * @param wA by how much channels grow
   * @param wM how many times the channels of a stage the next one's are
   * @param groupWidth the channels of a group
   * @param bottleneckMultiplier how many times its channels a stage has inside
   * @param seRatio how many of the channels `SqueezeExcitation` has inside; null: there is none
   */
  static fromInitParams(...args: Arguments<typeof fromInitParams>): BlockParams {
    const { depth, w0, wA, wM, groupWidth, bottleneckMultiplier, seRatio } = fromInitParams.bind(args);
    if (wA < 0 || w0 <= 0 || wM <= 1 || w0 % 8 !== 0) throw new ValueError('Invalid RegNet settings');
    const blocks = Array.from({ length: depth }, (_, i) => {
      const power = roundEven(Math.log((i * wA + w0) / w0) / Math.log(wM));
      return roundEven((w0 * wM ** power) / 8) * 8;
    });
    const starts = blocks.flatMap((width, i) => (width === blocks[i - 1] ? [] : [i]));
    const inner = starts.map((start) => Math.trunc(blocks[start] * bottleneckMultiplier));
    const groupWidths = inner.map((width) => Math.min(groupWidth, width));
    return new BlockParams({
      depths: starts.map((start, i) => (starts[i + 1] ?? depth) - start),
      widths: inner.map((width, i) =>
        Math.trunc(makeDivisible(width, groupWidths[i]) / bottleneckMultiplier),
      ),
      groupWidths,
      bottleneckMultipliers: starts.map(() => bottleneckMultiplier),
      strides: starts.map(() => 2),
      seRatio,
    });
  }
}

libraryClass(BlockParams);

const parameters =
  'int num_classes=1000, int stem_width=32, Layer? stem_type=None, Layer? block_type=None, Layer? norm_layer=None, Layer? activation=None' as const;
const regNet = signature(`RegNet(Any block_params, ${parameters})`);

/** RegNet (Radosavovic et al., 2020): stages of bottlenecks with groups. */
export class RegNet extends SnakeModule {
  declare stem: Module;
  declare trunkOutput: Sequential;
  declare avgpool: AdaptiveAvgPool2d;
  declare fc: Linear;

  /**
   * @param blockParams the settings of its stages
   * @param numClasses the size of the result
   * @param stemWidth the channels of the first convolution
   * @param stemType makes what comes first; null: a convolution
   * @param blockType makes a block; null: RegNet's own
   * @param normLayer makes the normalization; null: batch norms
   * @param activation makes activations; null: rectifiers
   */
  constructor(...args: Arguments<typeof regNet, { blockParams: BlockParams }>) {
    super();
    const { numClasses, stemWidth, ...given } = regNet.bind(args);
    const params = given.blockParams as BlockParams;
    const block = given.blockType ?? ResBottleneckBlock;
    const norm = given.normLayer ?? BatchNorm2d;
    const activation = given.activation ?? ReLU;
    this.stem = makeLayer(given.stemType ?? SimpleStemIN, 3, stemWidth, norm, activation);
    let width = stemWidth;
    const stages: Record<string, Module> = {};
    for (const [i, depth] of params.depths.entries()) {
      const outputs = params.widths[i];
      const blocks: Record<string, Module> = {};
      for (let j = 0; j < depth; j++)
        blocks[`block${i + 1}-${j}`] = makeLayer(
          block,
          j === 0 ? width : outputs,
          outputs,
          j === 0 ? params.strides[i] : 1,
          norm,
          activation,
          params.groupWidths[i],
          params.bottleneckMultipliers[i],
          params.seRatio,
        );
      stages[`block${i + 1}`] = new AnyStage(blocks);
      width = outputs;
    }
    this.trunkOutput = new Sequential(stages);
    this.avgpool = new AdaptiveAvgPool2d([1, 1]);
    this.fc = new Linear(width, numClasses);
    this.initialize();
  }

  private initialize(): void {
    for (const m of this.modules()) {
      if (m instanceof Conv2d) {
        const fanOut = m.kernelSize[0] * m.kernelSize[1] * m.outChannels;
        init.normal_(m.weight, 0, Math.sqrt(2 / fanOut));
      } else if (m instanceof BatchNorm2d) {
        init.ones_(m.weight!);
        init.zeros_(m.bias!);
      } else if (m instanceof Linear) {
        init.normal_(m.weight, 0, 0.01);
        init.zeros_(m.bias!);
      }
    }
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const found = this.trunkOutput.forward(this.stem.forward(x));
    return this.fc.forward(ops.flatten(this.avgpool.forward(found), 1));
  }
}

const build = (
  name: string,
  weights: WeightsTable,
  [depth, w0, wA, wM, groupWidth]: readonly [number, number, number, number, number],
) =>
  modelBuilder({
    name,
    weights,
    options: parameters,
    make: (given) => {
      const seRatio = name.startsWith('regnet_y') ? 0.25 : null;
      return new RegNet(BlockParams.fromInitParams(depth, w0, wA, wM, groupWidth, { seRatio }), given);
    },
  });

/** RegNet Y of 400 millions of operations, with `SqueezeExcitation`. */
export const regnetY400mf = /* @__PURE__ */ build(
  'regnet_y_400mf',
  RegNet_Y_400MF_Weights,
  [16, 48, 27.89, 2.09, 8],
);
/** RegNet Y of 800 millions of operations, with `SqueezeExcitation`. */
export const regnetY800mf = /* @__PURE__ */ build(
  'regnet_y_800mf',
  RegNet_Y_800MF_Weights,
  [14, 56, 38.84, 2.4, 16],
);
/** RegNet Y of 1.6 thousands of millions of operations, with `SqueezeExcitation`. */
export const regnetY1_6gf = /* @__PURE__ */ build(
  'regnet_y_1_6gf',
  RegNet_Y_1_6GF_Weights,
  [27, 48, 20.71, 2.65, 24],
);
/** RegNet Y of 3.2 thousands of millions of operations, with `SqueezeExcitation`. */
export const regnetY3_2gf = /* @__PURE__ */ build(
  'regnet_y_3_2gf',
  RegNet_Y_3_2GF_Weights,
  [21, 80, 42.63, 2.66, 24],
);
/** RegNet Y of 8 thousands of millions of operations, with `SqueezeExcitation`. */
export const regnetY8gf = /* @__PURE__ */ build(
  'regnet_y_8gf',
  RegNet_Y_8GF_Weights,
  [17, 192, 76.82, 2.19, 56],
);
/** RegNet Y of 16 thousands of millions of operations, with `SqueezeExcitation`. */
export const regnetY16gf = /* @__PURE__ */ build(
  'regnet_y_16gf',
  RegNet_Y_16GF_Weights,
  [18, 200, 106.23, 2.48, 112],
);
/** RegNet Y of 32 thousands of millions of operations, with `SqueezeExcitation`. */
export const regnetY32gf = /* @__PURE__ */ build(
  'regnet_y_32gf',
  RegNet_Y_32GF_Weights,
  [20, 232, 115.89, 2.53, 232],
);
/** RegNet Y of 128 thousands of millions of operations, with `SqueezeExcitation`. */
export const regnetY128gf = /* @__PURE__ */ build(
  'regnet_y_128gf',
  RegNet_Y_128GF_Weights,
  [27, 456, 160.83, 2.52, 264],
);
/** RegNet X of 400 millions of operations. */
export const regnetX400mf = /* @__PURE__ */ build(
  'regnet_x_400mf',
  RegNet_X_400MF_Weights,
  [22, 24, 24.48, 2.54, 16],
);
/** RegNet X of 800 millions of operations. */
export const regnetX800mf = /* @__PURE__ */ build(
  'regnet_x_800mf',
  RegNet_X_800MF_Weights,
  [16, 56, 35.73, 2.28, 16],
);
/** RegNet X of 1.6 thousands of millions of operations. */
export const regnetX1_6gf = /* @__PURE__ */ build(
  'regnet_x_1_6gf',
  RegNet_X_1_6GF_Weights,
  [18, 80, 34.01, 2.25, 24],
);
/** RegNet X of 3.2 thousands of millions of operations. */
export const regnetX3_2gf = /* @__PURE__ */ build(
  'regnet_x_3_2gf',
  RegNet_X_3_2GF_Weights,
  [25, 88, 26.31, 2.25, 48],
);
/** RegNet X of 8 thousands of millions of operations. */
export const regnetX8gf = /* @__PURE__ */ build(
  'regnet_x_8gf',
  RegNet_X_8GF_Weights,
  [23, 80, 49.56, 2.88, 120],
);
/** RegNet X of 16 thousands of millions of operations. */
export const regnetX16gf = /* @__PURE__ */ build(
  'regnet_x_16gf',
  RegNet_X_16GF_Weights,
  [22, 216, 55.59, 2.1, 128],
);
/** RegNet X of 32 thousands of millions of operations. */
export const regnetX32gf = /* @__PURE__ */ build(
  'regnet_x_32gf',
  RegNet_X_32GF_Weights,
  [23, 320, 69.86, 2.0, 168],
);
