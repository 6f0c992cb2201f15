import { ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { Module } from '../../nn/module.js';
import { BatchNorm2d, Conv2d, Linear, MaxPool2d, ReLU, Sequential } from '../../nn/modules/index.js';
import { type LayerFactory, makeLayer } from '../ops/layer_factories.js';
import { ofX } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import type { WeightsTable } from './model_weights.js';
import {
  ShuffleNet_V2_X0_5_Weights,
  ShuffleNet_V2_X1_0_Weights,
  ShuffleNet_V2_X1_5_Weights,
  ShuffleNet_V2_X2_0_Weights,
} from './weights/shufflenet_v2_weights.js';

/** The channels of groups dealt out in turn. */
function shuffled(x: Tensor, groups: number): Tensor {
  const [batch, channels, height, width] = x.shape;
  const dealt = x
    .view([batch, groups, channels / groups, height, width])
    .transpose(1, 2)
    .contiguous();
  return dealt.view([batch, channels, height, width]);
}

/** Half of the channels are passed on, or both halves are convolved where the size shrinks. */
class InvertedResidual extends Module {
  declare stride: number;
  declare branch1: Sequential;
  declare branch2: Sequential;

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    if (stride < 1 || stride > 3) throw new ValueError('illegal stride value');
    this.stride = stride;
    const half = outputs >> 1;
    if (stride === 1 && inputs !== half << 1)
      throw new ValueError(
        `Invalid combination of stride ${stride}, inp ${inputs} and oup ${outputs} values. If stride == 1 then inp should be equal to oup // 2 << 1.`,
      );
    const depthwise = (n: number) => new Conv2d(n, n, 3, stride, 1, { bias: false, groups: n });
    const pointwise = (n: number) => new Conv2d(n, half, 1, { stride: 1, padding: 0, bias: false });
    const relu = () => new ReLU({ inplace: true });
    this.branch1 =
      stride > 1
        ? new Sequential(
            depthwise(inputs),
            new BatchNorm2d(inputs),
            pointwise(inputs),
            new BatchNorm2d(half),
            relu(),
          )
        : new Sequential();
    this.branch2 = new Sequential(
      pointwise(stride > 1 ? inputs : half),
      new BatchNorm2d(half),
      relu(),
      depthwise(half),
      new BatchNorm2d(half),
      pointwise(half),
      new BatchNorm2d(half),
      relu(),
    );
  }

  override forward(x: Tensor): Tensor {
    if (this.stride > 1) return shuffled(ops.cat([this.branch1.forward(x), this.branch2.forward(x)], 1), 2);
    const [kept, changed] = x.chunk(2, 1);
    return shuffled(ops.cat([kept, this.branch2.forward(changed)], 1), 2);
  }
}

const parameters = 'int num_classes=1000, Layer? inverted_residual=None' as const;
const shuffleNet = signature(`ShuffleNetV2(int[] stages_repeats, int[] stages_out_channels, ${parameters})`);

/** ShuffleNet v2 (Ma et al., 2018). */
export class ShuffleNetV2 extends Module {
  declare conv1: Sequential;
  declare maxpool: MaxPool2d;
  declare stage2: Sequential;
  declare stage3: Sequential;
  declare stage4: Sequential;
  declare conv5: Sequential;
  declare fc: Linear;

  /**
   * @param stagesRepeats how many blocks each of the three stages has
   * @param stagesOutChannels the channels of the first convolution, of the stages and of the last convolution
   * @param numClasses the size of the result
   * @param invertedResidual makes a block of its inputs, outputs and stride; null: ShuffleNet's own
   */
  constructor(...args: Arguments<typeof shuffleNet>) {
    super();
    const { stagesRepeats, stagesOutChannels, numClasses, invertedResidual } = shuffleNet.bind(args);
    if (stagesRepeats.length !== 3)
      throw new ValueError('expected stages_repeats as list of 3 positive ints');
    if (stagesOutChannels.length !== 5)
      throw new ValueError('expected stages_out_channels as list of 5 positive ints');
    const block: LayerFactory = invertedResidual ?? InvertedResidual;
    const around = (from: number, to: number, kernel: number, stride: number) =>
      new Sequential(
        new Conv2d(from, to, kernel, stride, kernel >> 1, { bias: false }),
        new BatchNorm2d(to),
        new ReLU({ inplace: true }),
      );
    let [channels] = stagesOutChannels;
    const last = stagesOutChannels[4];
    this.conv1 = around(3, channels, 3, 2);
    this.maxpool = new MaxPool2d(3, { stride: 2, padding: 1 });
    const stage = (i: number): Sequential => {
      const outputs = stagesOutChannels[i + 1];
      const blocks = [makeLayer(block, channels, outputs, 2)];
      while (blocks.length < stagesRepeats[i]) blocks.push(makeLayer(block, outputs, outputs, 1));
      channels = outputs;
      return new Sequential(...blocks);
    };
    this.stage2 = stage(0);
    this.stage3 = stage(1);
    this.stage4 = stage(2);
    this.conv5 = around(channels, last, 1, 1);
    this.fc = new Linear(last, numClasses);
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    let out = this.maxpool.forward(this.conv1.forward(x));
    for (const stage of [this.stage2, this.stage3, this.stage4, this.conv5]) out = stage.forward(out);
    return this.fc.forward(out.mean([2, 3]));
  }
}

const build = (name: string, weights: WeightsTable, channels: readonly number[]) =>
  modelBuilder({
    name,
    weights,
    options: parameters,
    make: (given) => new ShuffleNetV2([4, 8, 4], channels, given),
  });

/** ShuffleNet v2 with half of its channels. */
export const shufflenetV2X0_5 = /* @__PURE__ */ build(
  'shufflenet_v2_x0_5',
  ShuffleNet_V2_X0_5_Weights,
  [24, 48, 96, 192, 1024],
);
/** ShuffleNet v2. */
export const shufflenetV2X1_0 = /* @__PURE__ */ build(
  'shufflenet_v2_x1_0',
  ShuffleNet_V2_X1_0_Weights,
  [24, 116, 232, 464, 1024],
);
/** ShuffleNet v2 with half as many channels more. */
export const shufflenetV2X1_5 = /* @__PURE__ */ build(
  'shufflenet_v2_x1_5',
  ShuffleNet_V2_X1_5_Weights,
  [24, 176, 352, 704, 1024],
);
/** ShuffleNet v2 with twice as many channels. */
export const shufflenetV2X2_0 = /* @__PURE__ */ build(
  'shufflenet_v2_x2_0',
  ShuffleNet_V2_X2_0_Weights,
  [24, 244, 488, 976, 2048],
);
