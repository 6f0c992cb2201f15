/** ResNet (He et al., 2016), ResNeXt (Xie et al., 2017) and Wide ResNet (Zagoruyko and Komodakis, 2016). */
import { NotImplementedError, ValueError } from '../../core/errors.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import * as init from '../../nn/init.js';
import type { Module } from '../../nn/module.js';
import { ReLU } from '../../nn/modules/activation.js';
import { Sequential } from '../../nn/modules/container.js';
import { Conv2d } from '../../nn/modules/conv.js';
import { Linear } from '../../nn/modules/linear.js';
import { BatchNorm2d, GroupNorm } from '../../nn/modules/normalization.js';
import { AdaptiveAvgPool2d, MaxPool2d } from '../../nn/modules/pooling.js';
import { type LayerFactory, makeLayer } from '../ops/layer_factories.js';
import { ofX, SnakeModule } from '../ops/snake_module.js';
import { checkExpected, modelBuilder } from './builder.js';
import type { WeightsTable } from './model_weights.js';
import {
  ResNet18_Weights,
  ResNet34_Weights,
  ResNet50_Weights,
  ResNet101_Weights,
  ResNet152_Weights,
  ResNeXt50_32X4D_Weights,
  ResNeXt101_32X8D_Weights,
  ResNeXt101_64X4D_Weights,
  Wide_ResNet50_2_Weights,
  Wide_ResNet101_2_Weights,
} from './weights/resnet_weights.js';

const conv3x3 = (inPlanes: number, outPlanes: number, stride = 1, groups = 1, dilation = 1) =>
  new Conv2d(inPlanes, outPlanes, 3, { stride, padding: dilation, groups, bias: false, dilation });

const conv1x1 = (inPlanes: number, outPlanes: number, stride = 1) =>
  new Conv2d(inPlanes, outPlanes, 1, { stride, bias: false });

const blockParameters =
  'int inplanes, int planes, int stride=1, Any downsample=None, int groups=1, int base_width=64, int dilation=1, Layer? norm_layer=None' as const;
const basicBlock = signature(`BasicBlock(${blockParameters})`);
const bottleneck = signature(`Bottleneck(${blockParameters})`);

/** Two convolutions beside a shortcut. */
export class BasicBlock extends SnakeModule {
  static readonly expansion = 1;

  declare conv1: Conv2d;
  declare bn1: Module;
  declare relu: ReLU;
  declare conv2: Conv2d;
  declare bn2: Module;
  declare downsample: Module | null;
  declare stride: number;

  /**
   * @param inplanes the channels of the input
   * @param planes the channels of the convolutions
   * @param stride how far the first kernel moves
   * @param downsample makes the shortcut of the result's size; null: it has that
   * @param groups must be 1
   * @param baseWidth must be 64
   * @param dilation must be 1
   * @param normLayer makes the normalization; null: batch norms
   */
  constructor(...args: Arguments<typeof basicBlock, { downsample: Module | null }>) {
    super();
    const { inplanes, planes, stride, downsample, groups, baseWidth, dilation, normLayer } =
      basicBlock.bind(args);
    const norm = normLayer ?? BatchNorm2d;
    if (groups !== 1 || baseWidth !== 64)
      throw new ValueError('BasicBlock only supports groups=1 and base_width=64');
    if (dilation > 1) throw new NotImplementedError('Dilation > 1 not supported in BasicBlock');
    this.conv1 = conv3x3(inplanes, planes, stride);
    this.bn1 = makeLayer(norm, planes);
    this.relu = new ReLU({ inplace: true });
    this.conv2 = conv3x3(planes, planes);
    this.bn2 = makeLayer(norm, planes);
    this.downsample = downsample as Module | null;
    this.stride = stride;
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const inner = this.relu.forward(this.bn1.forward(this.conv1.forward(x)) as Tensor);
    const out = this.bn2.forward(this.conv2.forward(inner)) as Tensor;
    const identity = this.downsample === null ? x : (this.downsample.forward(x) as Tensor);
    return this.relu.forward(out.add_(identity));
  }
}

/** Three convolutions, narrow in the middle, beside a shortcut. The stride is that of the middle one (ResNet V1.5). */
export class Bottleneck extends SnakeModule {
  static readonly expansion = 4;

  declare conv1: Conv2d;
  declare bn1: Module;
  declare conv2: Conv2d;
  declare bn2: Module;
  declare conv3: Conv2d;
  declare bn3: Module;
  declare relu: ReLU;
  declare downsample: Module | null;
  declare stride: number;

  /**
   * @param inplanes the channels of the input
   * @param planes a fourth of the channels of the result
   * @param stride how far the middle kernel moves
   * @param downsample makes the shortcut of the result's size; null: it has that
   * @param groups into how many groups the middle's channels are cut
   * @param baseWidth the width of a group, of 64
   * @param dilation the spacing of the middle kernel's elements
   * @param normLayer makes the normalization; null: batch norms
   */
  constructor(...args: Arguments<typeof bottleneck, { downsample: Module | null }>) {
    super();
    const { inplanes, planes, stride, downsample, groups, baseWidth, dilation, normLayer } =
      bottleneck.bind(args);
    const norm = normLayer ?? BatchNorm2d;
    const width = Math.trunc(planes * (baseWidth / 64)) * groups;
    const outputs = planes * Bottleneck.expansion;
    this.conv1 = conv1x1(inplanes, width);
    this.bn1 = makeLayer(norm, width);
    this.conv2 = conv3x3(width, width, stride, groups, dilation);
    this.bn2 = makeLayer(norm, width);
    this.conv3 = conv1x1(width, outputs);
    this.bn3 = makeLayer(norm, outputs);
    this.relu = new ReLU({ inplace: true });
    this.downsample = downsample as Module | null;
    this.stride = stride;
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const narrow = this.relu.forward(this.bn1.forward(this.conv1.forward(x)) as Tensor);
    const middle = this.relu.forward(this.bn2.forward(this.conv2.forward(narrow)) as Tensor);
    const out = this.bn3.forward(this.conv3.forward(middle)) as Tensor;
    const identity = this.downsample === null ? x : (this.downsample.forward(x) as Tensor);
    return this.relu.forward(out.add_(identity));
  }
}

/** A class of blocks that a `ResNet` is made of. */
export type ResNetBlock = typeof BasicBlock | typeof Bottleneck;

const parameters =
  'int num_classes=1000, bool zero_init_residual=False, int groups=1, int width_per_group=64, bool[]? replace_stride_with_dilation=None, Layer? norm_layer=None' as const;
const resnet = signature(`ResNet(Layer block, int[] layers, ${parameters})`);

/** A residual network of four stages of blocks. */
export class ResNet extends SnakeModule {
  declare conv1: Conv2d;
  declare bn1: Module;
  declare relu: ReLU;
  declare maxpool: MaxPool2d;
  declare layer1: Sequential;
  declare layer2: Sequential;
  declare layer3: Sequential;
  declare layer4: Sequential;
  declare avgpool: AdaptiveAvgPool2d;
  declare fc: Linear;
  /** Into how many groups a bottleneck's channels are cut. */
  declare groups: number;
  /** The width of a group, of 64. */
  declare baseWidth: number;

  /**
   * @param block the class of its blocks: `BasicBlock` or `Bottleneck`
   * @param layers how many blocks each of the four stages has
   * @param numClasses the size of the result
   * @param zeroInitResidual whether each block is the identity at first
   * @param groups into how many groups a bottleneck's channels are cut
   * @param widthPerGroup the width of a group, of 64
   * @param replaceStrideWithDilation whether the last three stages keep the size and spread their kernels instead
   * @param normLayer makes the normalization; null: batch norms
   */
  constructor(...args: Arguments<typeof resnet, { block: ResNetBlock }>) {
    super();
    const { block, layers, numClasses, zeroInitResidual, groups, widthPerGroup, ...given } =
      resnet.bind(args);
    this.groups = groups;
    this.baseWidth = widthPerGroup;
    const norm: LayerFactory = given.normLayer ?? BatchNorm2d;
    const dilated = given.replaceStrideWithDilation ?? [false, false, false];
    if (dilated.length !== 3)
      throw new ValueError(
        `replace_stride_with_dilation should be None or a 3-element tuple, got ${formatValue(dilated)}`,
      );
    const { expansion } = block as ResNetBlock;
    let inplanes = 64;
    let dilation = 1;
    const stage = (planes: number, blocks: number, step: number, dilate: boolean): Sequential => {
      const before = dilation;
      const stride = dilate ? 1 : step;
      if (dilate) dilation *= step;
      const outputs = planes * expansion;
      const downsample =
        stride !== 1 || inplanes !== outputs
          ? new Sequential(conv1x1(inplanes, outputs, stride), makeLayer(norm, outputs))
          : null;
      const list = [
        makeLayer(block, inplanes, planes, stride, downsample, groups, widthPerGroup, before, norm),
      ];
      inplanes = outputs;
      for (let i = 1; i < blocks; i++)
        list.push(makeLayer(block, inplanes, planes, 1, null, groups, widthPerGroup, dilation, norm));
      return new Sequential(...list);
    };
    this.conv1 = new Conv2d(3, inplanes, 7, { stride: 2, padding: 3, bias: false });
    this.bn1 = makeLayer(norm, inplanes);
    this.relu = new ReLU({ inplace: true });
    this.maxpool = new MaxPool2d(3, { stride: 2, padding: 1 });
    this.layer1 = stage(64, layers[0], 1, false);
    this.layer2 = stage(128, layers[1], 2, dilated[0]);
    this.layer3 = stage(256, layers[2], 2, dilated[1]);
    this.layer4 = stage(512, layers[3], 2, dilated[2]);
    this.avgpool = new AdaptiveAvgPool2d([1, 1]);
    this.fc = new Linear(512 * expansion, numClasses);
    this.initialize(zeroInitResidual);
  }

  private initialize(zeroInitResidual: boolean): void {
    for (const m of this.modules()) {
      if (m instanceof Conv2d) init.kaimingNormal_(m.weight, { mode: 'fan_out', nonlinearity: 'relu' });
      else if (m instanceof BatchNorm2d || m instanceof GroupNorm) {
        init.constant_(m.weight!, 1);
        init.constant_(m.bias!, 0);
      }
    }
    if (!zeroInitResidual) return;
    for (const m of this.modules()) {
      const last = m instanceof Bottleneck ? m.bn3 : m instanceof BasicBlock ? m.bn2 : null;
      const weight = last === null ? null : (Reflect.get(last, 'weight') as Tensor | null);
      if (weight !== null) init.constant_(weight, 0);
    }
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    let out = this.relu.forward(this.bn1.forward(this.conv1.forward(x)) as Tensor);
    out = this.maxpool.forward(out);
    out = this.layer1.forward(out);
    out = this.layer2.forward(out);
    out = this.layer3.forward(out);
    out = this.layer4.forward(out);
    return this.fc.forward(ops.flatten(this.avgpool.forward(out), 1));
  }
}

const build = (name: string, weights: WeightsTable, block: ResNetBlock, layers: readonly number[]) =>
  modelBuilder({
    name,
    weights,
    options: parameters,
    make: (given) => new ResNet(block, layers, given),
  });

/** As `build`, of bottlenecks with so many groups of so many channels, which callers cannot choose. */
const grouped = (
  name: string,
  weights: WeightsTable,
  layers: readonly number[],
  groups: number,
  width: number,
) =>
  modelBuilder({
    name,
    weights,
    options: parameters
      .replace('groups=1', `groups=${groups}`)
      .replace('group=64', `group=${width}`) as typeof parameters,
    make: (given) => {
      checkExpected('groups', given.groups, groups);
      checkExpected('width_per_group', given.widthPerGroup, width);
      return new ResNet(Bottleneck, layers, given);
    },
  });

/** ResNet-18. */
export const resnet18 = /* @__PURE__ */ build('resnet18', ResNet18_Weights, BasicBlock, [2, 2, 2, 2]);
/** ResNet-34. */
export const resnet34 = /* @__PURE__ */ build('resnet34', ResNet34_Weights, BasicBlock, [3, 4, 6, 3]);
/** ResNet-50. */
export const resnet50 = /* @__PURE__ */ build('resnet50', ResNet50_Weights, Bottleneck, [3, 4, 6, 3]);
/** ResNet-101. */
export const resnet101 = /* @__PURE__ */ build('resnet101', ResNet101_Weights, Bottleneck, [3, 4, 23, 3]);
/** ResNet-152. */
export const resnet152 = /* @__PURE__ */ build('resnet152', ResNet152_Weights, Bottleneck, [3, 8, 36, 3]);
/** ResNeXt-50 with 32 groups of 4 channels. */
export const resnext50_32x4d = /* @__PURE__ */ grouped(
  'resnext50_32x4d',
  ResNeXt50_32X4D_Weights,
  [3, 4, 6, 3],
  32,
  4,
);
/** ResNeXt-101 with 32 groups of 8 channels. */
export const resnext101_32x8d = /* @__PURE__ */ grouped(
  'resnext101_32x8d',
  ResNeXt101_32X8D_Weights,
  [3, 4, 23, 3],
  32,
  8,
);
/** ResNeXt-101 with 64 groups of 4 channels. */
export const resnext101_64x4d = /* @__PURE__ */ grouped(
  'resnext101_64x4d',
  ResNeXt101_64X4D_Weights,
  [3, 4, 23, 3],
  64,
  4,
);
/** ResNet-50 with bottlenecks twice as wide. */
export const wideResnet50_2 = /* @__PURE__ */ grouped(
  'wide_resnet50_2',
  Wide_ResNet50_2_Weights,
  [3, 4, 6, 3],
  1,
  128,
);
/** ResNet-101 with bottlenecks twice as wide. */
export const wideResnet101_2 = /* @__PURE__ */ grouped(
  'wide_resnet101_2',
  Wide_ResNet101_2_Weights,
  [3, 4, 23, 3],
  1,
  128,
);
