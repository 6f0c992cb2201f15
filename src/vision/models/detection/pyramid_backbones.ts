/** Features for detectors from models of classification. */
import { ValueError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { warn } from '../../../core/warnings.js';
import type { Module } from '../../../nn/module.js';
import {
  type ExtraFPNBlock,
  type FeatureMaps,
  FeaturePyramidNetwork,
  LastLevelMaxPool,
} from '../../ops/feature_pyramid.js';
import type { LayerFactory } from '../../ops/layer_factories.js';
import { ofX, SnakeModule } from '../../ops/snake_module.js';
import { IntermediateLayerGetter, type ReturnLayers } from '../intermediate_layers.js';
import type { MobileNetV3 } from '../mobilenet_v3.js';
import type { ResNet } from '../resnet.js';
import { stagesOf } from '../segmentation/mobile_stages.js';

const backboneWithFpn = signature(
  'BackboneWithFPN(Any backbone, Object return_layers, int[] in_channels_list, int out_channels, Any extra_blocks=None, Layer? norm_layer=None)',
);

/** Inner features of a model as a pyramid. */
export class BackboneWithFPN extends SnakeModule {
  declare body: IntermediateLayerGetter;
  declare fpn: FeaturePyramidNetwork;
  /** The channels of every level. */
  readonly outChannels: number;

  /**
   * @param backbone the model
   * @param returnLayers new names of features, by the names of the layers: `{ layer4: '0' }`
   * @param inChannelsList their channels
   * @param outChannels the channels of every level
   * @param extraBlocks adds further levels; null: one, by every second pixel of the last
   * @param normLayer makes the normalization; null for none
   */
  constructor(
    ...args: Arguments<
      typeof backboneWithFpn,
      { backbone: Module; returnLayers: ReturnLayers; extraBlocks?: ExtraFPNBlock | null }
    >
  ) {
    super();
    const given = backboneWithFpn.bind(args);
    const { inChannelsList, outChannels, normLayer } = given;
    this.body = new IntermediateLayerGetter(given.backbone as Module, {
      returnLayers: given.returnLayers as ReturnLayers,
    });
    const extraBlocks = (given.extraBlocks ?? new LastLevelMaxPool()) as ExtraFPNBlock;
    this.fpn = new FeaturePyramidNetwork(inChannelsList, outChannels, { extraBlocks, normLayer });
    this.outChannels = outChannels;
  }

  override forward(...args: Arguments<typeof ofX>): FeatureMaps {
    const [x] = ofX.inOrder(args, this);
    return this.fpn.forward(this.body.forward(x as Tensor));
  }
}

/** The settings of a backbone. */
export interface PyramidSettings {
  /** How many of its stages are trained, from the last one on. */
  readonly trainableLayers: number;
  readonly returnedLayers?: readonly number[];
  readonly extraBlocks?: ExtraFPNBlock;
  readonly normLayer?: LayerFactory | null;
}

/** The pyramid of a residual network. */
export function residualPyramid(resnet: ResNet, settings: PyramidSettings): BackboneWithFPN {
  const { trainableLayers: count, returnedLayers = [1, 2, 3, 4], extraBlocks, normLayer } = settings;
  const trained = ['layer4', 'layer3', 'layer2', 'layer1', 'conv1'].slice(0, count);
  if (count === 5) trained.push('bn1');
  for (const [name, parameter] of resnet.namedParameters())
    if (!trained.some((layer) => name.startsWith(layer))) parameter.requiresGrad_(false);
  const returnLayers = Object.fromEntries(returnedLayers.map((k, i) => [`layer${k}`, String(i)]));
  const first = resnet.fc.inFeatures / 8;
  const channels = returnedLayers.map((k) => first * 2 ** (k - 1));
  return new BackboneWithFPN(resnet, {
    returnLayers,
    inChannelsList: channels,
    outChannels: 256,
    extraBlocks,
    normLayer,
  });
}

/** Freezes all but the last stages of MobileNet's features. */
export function freezeStages({ features }: MobileNetV3, trainableLayers: number): void {
  const stages = stagesOf(features);
  const layers = features.namedChildren();
  const first = trainableLayers === 0 ? layers.length : Number(stages[stages.length - trainableLayers].name);
  for (const [, layer] of layers.slice(0, first))
    for (const parameter of layer.parameters()) parameter.requiresGrad_(false);
}

/** The pyramid of the last two stages of MobileNet. */
export function mobilePyramid(mobilenet: MobileNetV3, trainableLayers: number): BackboneWithFPN {
  freezeStages(mobilenet, trainableLayers);
  const last = stagesOf(mobilenet.features).slice(-2);
  const returnLayers = Object.fromEntries(last.map(({ name }, i) => [name, String(i)]));
  const inChannelsList = last.map(({ channels }) => channels);
  return new BackboneWithFPN(mobilenet.features, { returnLayers, inChannelsList, outChannels: 256 });
}

/** How many stages are trained: those that were asked for, if the others are good for something. */
export function trainableLayersOf(
  isTrained: boolean,
  asked: number | null,
  most: number,
  usual: number,
): number {
  if (!isTrained) {
    if (asked !== null)
      warn(
        `Changing trainable_backbone_layers has no effect if neither pretrained nor pretrained_backbone have been set to True, falling back to trainable_backbone_layers=${most} so that all layers are trainable`,
      );
    return most;
  }
  const count = asked ?? usual;
  if (count < 0 || count > most)
    throw new ValueError(`Trainable backbone layers should be in the range [0,${most}], got ${count} `);
  return count;
}
