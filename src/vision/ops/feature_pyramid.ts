/** Pyramids of features of several sizes. */
import { TypeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { typeName } from '../../dispatch/type_name.js';
import { F } from '../../nn/functions.js';
import * as init from '../../nn/init.js';
import { ModuleList } from '../../nn/modules/container.js';
import { Conv2d } from '../../nn/modules/conv.js';
import { Conv2dNormActivation } from './blocks.js';
import { SnakeModule } from './snake_module.js';

/** Features of several sizes by name, the largest first. */
export type FeatureMaps = Readonly<Record<string, Tensor>>;

const ofResults = signature('forward(Tensor[] results, Tensor[] x, str[] names)');

/** Adds further levels to a `FeaturePyramidNetwork`. */
export abstract class ExtraFPNBlock extends SnakeModule {
  /**
   * @param results the levels of the pyramid, the largest first
   * @param x what they were made of
   * @param names their names
   * @returns all levels and all names
   */
  abstract override forward(
    ...args: Arguments<typeof ofResults>
  ): [results: readonly Tensor[], names: readonly string[]];
}

/** One level more: every second pixel of the last. */
export class LastLevelMaxPool extends ExtraFPNBlock {
  override forward(...args: Arguments<typeof ofResults>): [readonly Tensor[], readonly string[]] {
    const [results, , names] = ofResults.inOrder(args, this);
    const last = F.maxPool2d(results.at(-1)!, { kernelSize: 1, stride: 2, padding: 0 });
    return [
      [...results, last],
      [...names, 'pool'],
    ];
  }
}

const lastLevels = signature('LastLevelP6P7(int in_channels, int out_channels)');

/** Two levels more, by convolutions of the last one, as RetinaNet has them. */
export class LastLevelP6P7 extends ExtraFPNBlock {
  declare p6: Conv2d;
  declare p7: Conv2d;
  private readonly usesResult: boolean;

  /**
   * @param inChannels the channels of what the first is made of: of the last level, or of what that was made of
   * @param outChannels the channels of the levels
   */
  constructor(...args: Arguments<typeof lastLevels>) {
    super();
    const { inChannels, outChannels } = lastLevels.bind(args);
    this.p6 = new Conv2d(inChannels, outChannels, 3, 2, 1);
    this.p7 = new Conv2d(outChannels, outChannels, 3, 2, 1);
    for (const layer of [this.p6, this.p7]) {
      init.kaimingUniform_(layer.weight, { a: 1 });
      init.constant_(layer.bias!, 0);
    }
    this.usesResult = inChannels === outChannels;
  }

  override forward(...args: Arguments<typeof ofResults>): [readonly Tensor[], readonly string[]] {
    const [results, x, names] = ofResults.inOrder(args, this);
    const p6 = this.p6.forward((this.usesResult ? results : x).at(-1)!);
    return [
      [...results, p6, this.p7.forward(F.relu(p6))],
      [...names, 'p6', 'p7'],
    ];
  }
}

const pyramid = signature(
  'FeaturePyramidNetwork(int[] in_channels_list, int out_channels, Any extra_blocks=None, Layer? norm_layer=None)',
);
const ofMaps = signature('forward(Object x)');

/** A pyramid of features, of which smaller levels go into larger ones (Lin et al., 2017). */
export class FeaturePyramidNetwork extends SnakeModule {
  declare innerBlocks: ModuleList<Conv2dNormActivation>;
  declare layerBlocks: ModuleList<Conv2dNormActivation>;
  declare extraBlocks: ExtraFPNBlock | null;

  /**
   * @param inChannelsList the channels of the features, the largest first
   * @param outChannels the channels of every level
   * @param extraBlocks adds further levels; null: there are none
   * @param normLayer makes the normalization; null for none
   */
  constructor(...args: Arguments<typeof pyramid, { extraBlocks?: ExtraFPNBlock | null }>) {
    super();
    const { inChannelsList, outChannels, extraBlocks, normLayer } = pyramid.bind(args);
    this.innerBlocks = new ModuleList();
    this.layerBlocks = new ModuleList();
    for (const channels of inChannelsList) {
      if (channels === 0) throw new ValueError('in_channels=0 is currently not supported');
      const options = { normLayer, activationLayer: null };
      this.innerBlocks.append(
        new Conv2dNormActivation(channels, outChannels, { kernelSize: 1, padding: 0, ...options }),
      );
      this.layerBlocks.append(
        new Conv2dNormActivation(outChannels, outChannels, { kernelSize: 3, ...options }),
      );
    }
    for (const m of this.modules())
      if (m instanceof Conv2d) {
        init.kaimingUniform_(m.weight, { a: 1 });
        if (m.bias !== null) init.constant_(m.bias, 0);
      }
    if (extraBlocks !== null && !(extraBlocks instanceof ExtraFPNBlock))
      throw new TypeError(`extra_blocks should be of type ExtraFPNBlock not ${typeName(extraBlocks)}`);
    this.extraBlocks = extraBlocks as ExtraFPNBlock | null;
  }

  /** Older checkpoints have the convolutions by themselves. */
  protected override upgradeStateDict(stateDict: Record<string, unknown>, prefix: string): void {
    for (const block of ['inner_blocks', 'layer_blocks'])
      for (let i = 0; i < this.innerBlocks.length; i++)
        renameKeys(stateDict, `${prefix}${block}.${i}.`, `${prefix}${block}.${i}.0.`);
  }

  override forward(...args: Arguments<typeof ofMaps, { x: FeatureMaps }>): FeatureMaps {
    const maps = ofMaps.bind(args, 'FeaturePyramidNetwork.forward').x as FeatureMaps;
    const names = Object.keys(maps);
    const x = Object.values(maps);
    const last = x.length - 1;
    let inner = this.innerBlocks.at(last).forward(x[last]);
    const results = [this.layerBlocks.at(last).forward(inner)];
    for (let i = last - 1; i >= 0; i--) {
      const lateral = this.innerBlocks.at(i).forward(x[i]);
      const size = lateral.shape.slice(-2);
      inner = lateral.add(F.interpolate(inner, { size, mode: 'nearest' }));
      results.unshift(this.layerBlocks.at(i).forward(inner));
    }
    const [levels, all] = this.extraBlocks?.forward(results, x, names) ?? [results, names];
    return Object.fromEntries(all.map((name, i) => [name, levels[i]]));
  }
}

/** Moves the weight and the bias of a layer to another place of a checkpoint, if they are there. */
export function renameKeys(stateDict: Record<string, unknown>, from: string, to: string): void {
  for (const name of ['weight', 'bias'])
    if (`${from}${name}` in stateDict) {
      stateDict[`${to}${name}`] = stateDict[`${from}${name}`];
      Reflect.deleteProperty(stateDict, `${from}${name}`);
    }
}
