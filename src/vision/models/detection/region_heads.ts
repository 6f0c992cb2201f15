/** The heads of R-CNNs, which look at proposed regions. */
import { float16, float32, float64, int64 } from '../../../core/dtype.js';
import { TypeError, ValueError } from '../../../core/errors.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { F } from '../../../nn/functions.js';
import type { Module } from '../../../nn/module.js';
import { boxIou } from '../../ops/box_overlaps.js';
import { batchedNms, clipBoxesToImage, removeSmallBoxes, trueAt } from '../../ops/boxes.js';
import type { FeatureMaps } from '../../ops/feature_pyramid.js';
import type { ImageSize, MultiScaleRoIAlign } from '../../ops/multi_scale_align.js';
import { SnakeModule } from '../../ops/snake_module.js';
import {
  BalancedPositiveNegativeSampler,
  BELOW_LOW_THRESHOLD,
  BETWEEN_THRESHOLDS,
  Matcher,
} from './anchor_matching.js';
import { BoxCoder } from './box_coding.js';
import type { Detection, DetectionLosses, DetectionTarget } from './detection_types.js';
import {
  fastRCNNLoss,
  keypointRCNNInference,
  keypointRCNNLoss,
  maskRCNNInference,
  maskRCNNLoss,
} from './region_losses.js';

/** The settings of `RoIHeads`. */
export interface HeadSettings {
  readonly boxRoiPool: MultiScaleRoIAlign;
  readonly boxHead: Module;
  readonly boxPredictor: Module;
  readonly fgIouThresh: number;
  readonly bgIouThresh: number;
  readonly batchSizePerImage: number;
  readonly positiveFraction: number;
  readonly bboxRegWeights: readonly number[] | null;
  readonly scoreThresh: number;
  readonly nmsThresh: number;
  readonly detectionsPerImg: number;
}

/** Regions of the images that training looks at. */
interface Samples {
  readonly proposals: Tensor[];
  /** The objects that they stand for. */
  readonly matches: Tensor[];
  /** The classes of those; 0 for none. */
  readonly labels: Tensor[];
  readonly goals: Tensor[];
}

/** Tells the classes of regions, corrects their boxes, and finds masks and places in them. */
export class RoIHeads extends SnakeModule {
  declare boxRoiPool: MultiScaleRoIAlign;
  declare boxHead: Module;
  declare boxPredictor: Module;
  declare maskRoiPool: MultiScaleRoIAlign | null;
  declare maskHead: Module | null;
  declare maskPredictor: Module | null;
  declare keypointRoiPool: MultiScaleRoIAlign | null;
  declare keypointHead: Module | null;
  declare keypointPredictor: Module | null;
  /** How sure a detection must be. */
  scoreThresh: number;
  /** How much detections of a class may overlap. */
  nmsThresh: number;
  /** How many detections an image has at most. */
  detectionsPerImg: number;
  private readonly matcher: Matcher;
  private readonly sampler: BalancedPositiveNegativeSampler;
  private readonly boxCoder: BoxCoder;

  /** @internal */
  constructor(settings: HeadSettings) {
    super();
    this.matcher = new Matcher(settings.fgIouThresh, settings.bgIouThresh, false);
    this.sampler = new BalancedPositiveNegativeSampler(settings.batchSizePerImage, settings.positiveFraction);
    this.boxCoder = new BoxCoder(settings.bboxRegWeights ?? [10, 10, 5, 5]);
    this.boxRoiPool = settings.boxRoiPool;
    this.boxHead = settings.boxHead;
    this.boxPredictor = settings.boxPredictor;
    this.scoreThresh = settings.scoreThresh;
    this.nmsThresh = settings.nmsThresh;
    this.detectionsPerImg = settings.detectionsPerImg;
    this.maskRoiPool = null;
    this.maskHead = null;
    this.maskPredictor = null;
    this.keypointRoiPool = null;
    this.keypointHead = null;
    this.keypointPredictor = null;
  }

  override forward(
    features: FeatureMaps,
    proposals: readonly Tensor[],
    imageShapes: readonly ImageSize[],
    targets: readonly DetectionTarget[] | null,
  ): [found: Detection[], losses: DetectionLosses] {
    if (targets !== null) this.checkTypes(targets);
    const samples = this.training ? this.samplesOf(proposals, targets) : null;
    const regions = samples?.proposals ?? proposals;
    const pooled = this.boxHead.forward(this.boxRoiPool.forward(features, [...regions], imageShapes));
    const [logits, corrections] = this.boxPredictor.forward(pooled) as [Tensor, Tensor];
    const apply = (pool: MultiScaleRoIAlign, head: Module, predictor: Module, boxes: Tensor[]): Tensor =>
      predictor.forward(head.forward(pool.forward(features, boxes, imageShapes))) as Tensor;
    const { maskRoiPool, maskHead, maskPredictor } = this;
    const { keypointRoiPool, keypointHead, keypointPredictor } = this;

    if (samples !== null) {
      const [lossClassifier, lossBoxReg] = fastRCNNLoss(logits, corrections, samples.labels, samples.goals);
      const losses: Record<string, Tensor> = { lossClassifier, lossBoxReg };
      const positive = samples.labels.map((label) => trueAt(label.gt(0)));
      const boxes = positive.map((at, i) => samples.proposals[i].indexSelect(0, at));
      const matches = positive.map((at, i) => samples.matches[i].indexSelect(0, at));
      if (maskRoiPool !== null && maskHead !== null && maskPredictor !== null) {
        const masks = apply(maskRoiPool, maskHead, maskPredictor, boxes);
        const [goals, labels] = [targets!.map((t) => t.masks!), targets!.map((t) => t.labels)];
        losses.lossMask = maskRCNNLoss(masks, boxes, goals, labels, matches);
      }
      if (keypointRoiPool !== null && keypointHead !== null && keypointPredictor !== null) {
        const maps = apply(keypointRoiPool, keypointHead, keypointPredictor, boxes);
        const goals = targets!.map((t) => t.keypoints!);
        losses.lossKeypoint = keypointRCNNLoss(maps, boxes, goals, matches);
      }
      return [[], losses];
    }

    let found: Detection[] = this.detections(logits, corrections, proposals, imageShapes);
    const boxes = found.map((one) => one.boxes);
    if (maskRoiPool !== null && maskHead !== null && maskPredictor !== null) {
      const masks = maskRCNNInference(
        apply(maskRoiPool, maskHead, maskPredictor, boxes),
        found.map((one) => one.labels),
      );
      found = found.map((one, i) => ({ ...one, masks: masks[i] }));
    }
    if (keypointRoiPool !== null && keypointHead !== null && keypointPredictor !== null) {
      const places = keypointRCNNInference(
        apply(keypointRoiPool, keypointHead, keypointPredictor, boxes),
        boxes,
      );
      found = found.map((one, i) => ({ ...one, ...places[i] }));
    }
    return [found, {}];
  }

  private checkTypes(targets: readonly DetectionTarget[]): void {
    for (const { boxes, labels, keypoints } of targets) {
      if (![float32, float64, float16].includes(boxes.dtype))
        throw new TypeError(`target boxes must of float type, instead got ${boxes.dtype}`);
      if (labels.dtype !== int64)
        throw new TypeError(`target labels must of int64 type, instead got ${labels.dtype}`);
      if (this.keypointPredictor === null) continue;
      if (keypoints === undefined)
        throw new ValueError('Every element of targets should have a keypoints key');
      if (keypoints.dtype !== float32)
        throw new TypeError(`target keypoints must of float type, instead got ${keypoints.dtype}`);
    }
  }

  private samplesOf(given: readonly Tensor[], targets: readonly DetectionTarget[] | null): Samples {
    if (targets === null) throw new ValueError('targets should not be None');
    for (const name of ['boxes', 'labels', ...(this.maskPredictor === null ? [] : ['masks'])] as const)
      if (!targets.every((target) => name in target))
        throw new ValueError(`Every element of targets should have a ${name} key`);
    const { dtype } = given[0];
    const truth = targets.map(({ boxes }) => boxes.to(dtype));
    // The true boxes are proposals, too.
    const all = given.map((some, i) => ops.cat([some, truth[i]]));
    const assigned = all.map((some, i) => this.assigned(some, truth[i], targets[i].labels));
    const samples = this.sampler.sample(assigned.map(({ label }) => label));
    const chosen = samples.map(({ positive, negative }) => trueAt(positive.logicalOr(negative)));
    const at = (list: readonly Tensor[]) => list.map((x, i) => x.indexSelect(0, chosen[i]));
    const proposals = at(all);
    const matches = at(assigned.map(({ match }) => match));
    const matched = matches.map((match, i) =>
      (truth[i].numel() === 0 ? truth[i].newZeros([1, 4]) : truth[i]).indexSelect(0, match),
    );
    return {
      proposals,
      matches,
      labels: at(assigned.map(({ label }) => label)),
      goals: this.boxCoder.encode(matched, proposals),
    };
  }

  private assigned(proposals: Tensor, boxes: Tensor, labels: Tensor): { match: Tensor; label: Tensor } {
    if (boxes.numel() === 0) {
      const none = ops.zeros([proposals.shape[0]], { dtype: int64, device: proposals.device });
      return { match: none, label: none };
    }
    const matches = this.matcher.match(boxIou(boxes, proposals));
    const match = matches.clamp({ min: 0 });
    const label = labels
      .indexSelect(0, match)
      .to(int64)
      .maskedFill(matches.eq(BELOW_LOW_THRESHOLD), 0)
      .maskedFill(matches.eq(BETWEEN_THRESHOLDS), -1);
    return { match, label };
  }

  /** For each image what was found, the best first. */
  private detections(
    logits: Tensor,
    corrections: Tensor,
    proposals: readonly Tensor[],
    imageShapes: readonly ImageSize[],
  ): Detection[] {
    const classes = logits.shape[1];
    const counts = proposals.map(({ shape }) => shape[0]);
    const boxes = this.boxCoder.decode(corrections, proposals).reshape([-1, classes, 4]).split(counts, 0);
    const scores = F.softmax(logits, -1).split(counts, 0);
    return boxes.map((some, i) => {
      // Without the background.
      const each = clipBoxesToImage(some, imageShapes[i]).slice(1, 1).reshape([-1, 4]);
      const score = scores[i].slice(1, 1).reshape([-1]);
      const label = ops
        .arange(1, classes, { device: logits.device })
        .expand([some.shape[0], classes - 1])
        .reshape([-1]);
      const sure = trueAt(score.gt(this.scoreThresh));
      const large = sure.indexSelect(0, removeSmallBoxes(each.indexSelect(0, sure), 1e-2));
      const at = (x: Tensor) => x.indexSelect(0, large);
      const kept = batchedNms(at(each), at(score), at(label), this.nmsThresh).slice(
        0,
        0,
        this.detectionsPerImg,
      );
      const pick = (x: Tensor) => at(x).indexSelect(0, kept);
      return { boxes: pick(each), labels: pick(label), scores: pick(score) };
    });
  }
}
