/** SSDlite (Sandler et al., 2018; Howard et al., 2019). */
import type { Tensor } from '../../../core/tensor.js';
import * as init from '../../../nn/init.js';
import type { Module } from '../../../nn/module.js';
import { ReLU6 } from '../../../nn/modules/activation.js';
import { ModuleList, Sequential } from '../../../nn/modules/container.js';
import { Conv2d } from '../../../nn/modules/conv.js';
import { BatchNorm2d } from '../../../nn/modules/normalization.js';
import { Conv2dNormActivation } from '../../ops/blocks.js';
import type { FeatureMaps } from '../../ops/feature_pyramid.js';
import { type LayerFactory, partial } from '../../ops/layer_factories.js';
import { SnakeModule } from '../../ops/snake_module.js';
import { type MobileNetV3, mobilenetV3Large } from '../mobilenet_v3.js';
import { stagesOf } from '../segmentation/mobile_stages.js';
import { DefaultBoxGenerator } from './anchors.js';
import { detectorBuilder } from './detection_builder.js';
import { SSDLite320_MobileNet_V3_Large_Weights } from './detection_weights.js';
import { freezeStages } from './pyramid_backbones.js';
import { SSD, SSDHead, SSDScoringHead, ssdOptions } from './ssd.js';

/** Draws convolutions from a normal distribution, and makes their biases zero. */
function initializeNormally<M extends Module>(module: M): M {
  for (const m of module.modules())
    if (m instanceof Conv2d) {
      init.normal_(m.weight, 0, 0.03);
      if (m.bias !== null) init.constant_(m.bias, 0);
    }
  return module;
}

/** Convolutions channel by channel and pixel by pixel, which tell so many numbers of the boxes of each pixel. */
function scoringLayers(
  channels: readonly number[],
  anchors: readonly number[],
  columns: number,
  normLayer: LayerFactory,
): ModuleList {
  const layers = channels.map((n, i) => {
    const options = { kernelSize: 3, groups: n, normLayer, activationLayer: ReLU6 };
    return new Sequential(new Conv2dNormActivation(n, n, options), new Conv2d(n, columns * anchors[i], 1));
  });
  return initializeNormally(new ModuleList<Module>(layers));
}

class SSDLiteClassificationHead extends SSDScoringHead {}
class SSDLiteRegressionHead extends SSDScoringHead {}
class SSDLiteHead extends SSDHead {}

function extraBlock(inputs: number, outputs: number, normLayer: LayerFactory): Sequential {
  const inner = Math.floor(outputs / 2);
  const options = { normLayer, activationLayer: ReLU6 };
  return new Sequential(
    new Conv2dNormActivation(inputs, inner, { kernelSize: 1, ...options }),
    new Conv2dNormActivation(inner, inner, { kernelSize: 3, stride: 2, groups: inner, ...options }),
    new Conv2dNormActivation(inner, outputs, { kernelSize: 1, ...options }),
  );
}

class SSDLiteFeatureExtractorMobileNet extends SnakeModule {
  declare features: Sequential;
  declare extra: ModuleList<Sequential>;
  readonly outChannels: readonly number[];

  constructor(mobilenet: MobileNetV3, normLayer: LayerFactory) {
    super();
    const layers = mobilenet.features.children();
    const [c4, last] = stagesOf(mobilenet.features).slice(-2);
    const at = Number(c4.name);
    // The first features end within a block: before its size shrinks.
    const block = (Reflect.get(layers[at], 'block') as Sequential).namedChildren();
    const [[, expansion], ...rest] = block;
    this.features = new Sequential(
      new Sequential(...layers.slice(0, at), expansion),
      // The rest of the block keeps its names.
      new Sequential(new Sequential(Object.fromEntries(rest)), ...layers.slice(at + 1)),
    );
    const outputs = [512, 256, 256, 128];
    this.extra = initializeNormally(
      new ModuleList(
        outputs.map((n, i) => extraBlock(i === 0 ? last.channels : outputs[i - 1], n, normLayer)),
      ),
    );
    this.outChannels = [Reflect.get(expansion, 'outChannels') as number, last.channels, ...outputs];
  }

  override forward(given: Tensor): FeatureMaps {
    let x = given;
    const maps: Tensor[] = [];
    for (const block of [...this.features, ...this.extra]) {
      x = block.forward(x) as Tensor;
      maps.push(x);
    }
    return Object.fromEntries(maps.map((map, i) => [String(i), map]));
  }
}

/** SSDlite of images of 320 pixels, on MobileNet v3. */
export const ssdlite320MobilenetV3Large = /* @__PURE__ */ detectorBuilder({
  name: 'ssdlite320_mobilenet_v3_large',
  weights: SSDLite320_MobileNet_V3_Large_Weights,
  backbone: mobilenetV3Large,
  backboneWeights: 'IMAGENET1K_V1',
  stages: [6, 6],
  options: `${ssdOptions
    .replace('score_thresh=0.01', 'score_thresh=0.001')
    .replace('nms_thresh=0.45', 'nms_thresh=0.55')
    .replace('per_img=200', 'per_img=300')
    .replace(
      'candidates=400',
      'candidates=300',
    )}, Layer? norm_layer=None` as `${typeof ssdOptions}, Layer? norm_layer=None`,
  features: ({ weights, progress }, { normLayer }) =>
    mobilenetV3Large({
      weights,
      progress,
      normLayer: normLayer ?? narrowNorm,
      reducedTail: weights === null,
    }),
  make: (mobilenet: MobileNetV3, numClasses, { normLayer, ...options }, { weights, trainableLayers }) => {
    const norm = normLayer ?? narrowNorm;
    if (weights === null) initializeNormally(mobilenet);
    freezeStages(mobilenet, trainableLayers);
    const backbone = new SSDLiteFeatureExtractorMobileNet(mobilenet, norm);
    const anchorGenerator = new DefaultBoxGenerator(
      Array.from({ length: 6 }, () => [2, 3]),
      { minRatio: 0.2, maxRatio: 0.95 },
    );
    const anchors = anchorGenerator.numAnchorsPerLocation();
    const { outChannels } = backbone;
    const layers = (columns: number) => scoringLayers(outChannels, anchors, columns, norm);
    const head = new SSDLiteHead(
      new SSDLiteClassificationHead(layers(numClasses), numClasses),
      new SSDLiteRegressionHead(layers(4), 4),
    );
    return new SSD(backbone, anchorGenerator, [320, 320], numClasses, {
      ...options,
      head,
      imageMean: options.imageMean ?? [0.5, 0.5, 0.5],
      imageStd: options.imageStd ?? [0.5, 0.5, 0.5],
    } as never);
  },
});

const narrowNorm = partial(BatchNorm2d, { eps: 0.001, momentum: 0.03 });
