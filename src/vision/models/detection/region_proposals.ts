/** Regions of an image in which there may be objects (Ren et al., 2015). */
import { float32, int64 } from '../../../core/dtype.js';
import { ValueError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { F } from '../../../nn/functions.js';
import * as init from '../../../nn/init.js';
import type { Module } from '../../../nn/module.js';
import { Sequential } from '../../../nn/modules/container.js';
import { Conv2d } from '../../../nn/modules/conv.js';
import { Conv2dNormActivation } from '../../ops/blocks.js';
import { boxIou } from '../../ops/box_overlaps.js';
import { batchedNms, clipBoxesToImage, removeSmallBoxes, trueAt } from '../../ops/boxes.js';
import { type FeatureMaps, renameKeys } from '../../ops/feature_pyramid.js';
import { SnakeModule } from '../../ops/snake_module.js';
import {
  BalancedPositiveNegativeSampler,
  BELOW_LOW_THRESHOLD,
  BETWEEN_THRESHOLDS,
  Matcher,
} from './anchor_matching.js';
import type { AnchorGenerator } from './anchors.js';
import { BoxCoder } from './box_coding.js';
import type { DetectionLosses, DetectionTarget } from './detection_types.js';
import type { ImageList } from './image_list.js';

const rpnHead = signature('RPNHead(int in_channels, int num_anchors, int conv_depth=1)');
const ofMaps = signature('forward(Tensor[] x)');

/** Scores and corrections of the boxes of each pixel of features. */
export class RPNHead extends SnakeModule {
  declare conv: Sequential;
  declare clsLogits: Conv2d;
  declare bboxPred: Conv2d;

  /**
   * @param inChannels the channels of the features
   * @param numAnchors how many boxes a pixel has
   * @param convDepth how many convolutions come before
   */
  constructor(...args: Arguments<typeof rpnHead>) {
    super();
    const { inChannels, numAnchors, convDepth } = rpnHead.bind(args);
    const layer = () => new Conv2dNormActivation(inChannels, inChannels, { kernelSize: 3, normLayer: null });
    this.conv = new Sequential(...Array.from({ length: convDepth }, layer));
    this.clsLogits = new Conv2d(inChannels, numAnchors, 1);
    this.bboxPred = new Conv2d(inChannels, numAnchors * 4, 1);
    for (const m of this.modules())
      if (m instanceof Conv2d) {
        init.normal_(m.weight, 0, 0.01);
        if (m.bias !== null) init.constant_(m.bias, 0);
      }
  }

  /** Older checkpoints have the convolution by itself. */
  protected override upgradeStateDict(stateDict: Record<string, unknown>, prefix: string): void {
    renameKeys(stateDict, `${prefix}conv.`, `${prefix}conv.0.0.`);
  }

  override forward(...args: Arguments<typeof ofMaps>): [scores: Tensor[], corrections: Tensor[]] {
    const [x] = ofMaps.inOrder(args, this);
    const inner = x.map((map) => this.conv.forward(map) as Tensor);
    return [inner.map((map) => this.clsLogits.forward(map)), inner.map((map) => this.bboxPred.forward(map))];
  }
}

/** A map of the boxes of pixels, [N, A · columns, H, W], box by box: [N, H · W · A, columns]. */
export function boxByBox(map: Tensor, columns: number): Tensor {
  const [batch, , height, width] = map.shape;
  return map.view([batch, -1, columns, height, width]).permute([0, 3, 4, 1, 2]).reshape([batch, -1, columns]);
}

/** Settings that differ between training and use. */
export interface ByMode {
  readonly training: number;
  readonly testing: number;
}

/** The settings of a `RegionProposalNetwork`. */
export interface ProposalSettings {
  readonly anchorGenerator: AnchorGenerator;
  readonly head: Module;
  readonly fgIouThresh: number;
  readonly bgIouThresh: number;
  readonly batchSizePerImage: number;
  readonly positiveFraction: number;
  readonly preNmsTopN: ByMode;
  readonly postNmsTopN: ByMode;
  readonly nmsThresh: number;
  readonly scoreThresh: number;
}

/** Proposes regions, and in training tells how good they are. */
export class RegionProposalNetwork extends SnakeModule {
  declare anchorGenerator: AnchorGenerator;
  declare head: Module;
  private readonly boxCoder = new BoxCoder([1, 1, 1, 1]);
  private readonly matcher: Matcher;
  private readonly sampler: BalancedPositiveNegativeSampler;

  /** @internal */
  constructor(private readonly settings: ProposalSettings) {
    super();
    this.anchorGenerator = settings.anchorGenerator;
    this.head = settings.head;
    this.matcher = new Matcher(settings.fgIouThresh, settings.bgIouThresh, true);
    this.sampler = new BalancedPositiveNegativeSampler(settings.batchSizePerImage, settings.positiveFraction);
  }

  /** For each image the regions [N, 4], and in training the losses. */
  override forward(
    images: ImageList,
    features: FeatureMaps,
    targets: readonly DetectionTarget[] | null,
  ): [proposals: Tensor[], losses: DetectionLosses] {
    const maps = Object.values(features);
    const [scores, corrections] = this.head.forward(maps) as [Tensor[], Tensor[]];
    const anchors = this.anchorGenerator.forward(images, maps);
    const counts = scores.map(({ shape: [, a, h, w] }) => a * h * w);
    const objectness = ops.cat(
      scores.map((map) => boxByBox(map, 1)),
      1,
    );
    const deltas = ops
      .cat(
        corrections.map((map) => boxByBox(map, 4)),
        1,
      )
      .reshape([-1, 4]);
    const boxes = this.boxCoder.decode(deltas.detach(), anchors).view([anchors.length, -1, 4]);
    const proposals = this.filtered(boxes, objectness.detach().squeeze(2), images, counts);
    if (!this.training) return [proposals, {}];
    if (targets === null) throw new ValueError('targets should not be None');
    const assigned = anchors.map((some, i) => this.assigned(some, targets[i].boxes));
    const labels = assigned.map(({ label }) => label);
    const matched = assigned.map(({ box }) => box);
    return [
      proposals,
      this.losses(objectness.flatten(), deltas, labels, this.boxCoder.encode(matched, anchors)),
    ];
  }

  /** For each anchor whether there is an object (-1: left out), and its box. */
  private assigned(anchors: Tensor, boxes: Tensor): { label: Tensor; box: Tensor } {
    if (boxes.numel() === 0) {
      const like = { dtype: float32, device: anchors.device };
      return { label: ops.zeros([anchors.shape[0]], like), box: ops.zeros(anchors.shape, like) };
    }
    const matches = this.matcher.match(boxIou(boxes, anchors));
    const label = matches
      .ge(0)
      .float()
      .maskedFill(matches.eq(BELOW_LOW_THRESHOLD), 0)
      .maskedFill(matches.eq(BETWEEN_THRESHOLDS), -1);
    return { label, box: boxes.indexSelect(0, matches.clamp({ min: 0 })) };
  }

  /** For each image the best regions that do not overlap too much, the best first. */
  private filtered(
    boxes: Tensor,
    objectness: Tensor,
    images: ImageList,
    counts: readonly number[],
  ): Tensor[] {
    const { settings } = this;
    const of = (limit: ByMode) => (this.training ? limit.training : limit.testing);
    const { device } = boxes;
    const levels = ops.cat(counts.map((count, i) => ops.full([count], i, { dtype: int64, device })));
    let offset = 0;
    const tops = objectness.split([...counts], 1).map((level, i) => {
      const [, indices] = level.topk(Math.min(of(settings.preNmsTopN), counts[i]), 1);
      const moved = indices.add(offset);
      offset += counts[i];
      return moved;
    });
    const best = ops.cat(tops, 1);
    return images.imageSizes.map((size, i) => {
      const top = best.select(0, i);
      const scores = objectness.select(0, i).indexSelect(0, top).sigmoid();
      const clipped = clipBoxesToImage(boxes.select(0, i).indexSelect(0, top), size);
      const large = removeSmallBoxes(clipped, 1e-3);
      const good = large.indexSelect(0, trueAt(scores.indexSelect(0, large).ge(settings.scoreThresh)));
      const found = clipped.indexSelect(0, good);
      const groups = levels.indexSelect(0, top).indexSelect(0, good);
      const kept = batchedNms(found, scores.indexSelect(0, good), groups, settings.nmsThresh);
      return found.indexSelect(0, kept.slice(0, 0, of(settings.postNmsTopN)));
    });
  }

  private losses(objectness: Tensor, deltas: Tensor, labels: Tensor[], goals: Tensor[]): DetectionLosses {
    const samples = this.sampler.sample(labels);
    const positive = trueAt(ops.cat(samples.map((sample) => sample.positive)));
    const negative = trueAt(ops.cat(samples.map((sample) => sample.negative)));
    const sampled = ops.cat([positive, negative]);
    const at = (x: Tensor, index: Tensor) => x.indexSelect(0, index);
    const box = F.smoothL1Loss(at(deltas, positive), at(ops.cat(goals), positive), {
      beta: 1 / 9,
      reduction: 'sum',
    });
    return {
      lossObjectness: F.binaryCrossEntropyWithLogits(at(objectness, sampled), at(ops.cat(labels), sampled)),
      lossRpnBoxReg: box.div(sampled.numel()),
    };
  }
}
