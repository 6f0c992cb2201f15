import { ValueError } from '../../core/errors.js';
import { formatTuple } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { Module } from '../../nn/module.js';
import { boxArea } from './box_formats.js';
import { trueAt } from './boxes.js';
import type { FeatureMaps } from './feature_pyramid.js';
import { pair, roiAlign } from './region_align.js';
import { regionsOf } from './regions.js';

/** The height and the width of an image. */
export type ImageSize = readonly number[];

const ofRegions = signature('forward(Object x, Tensor[] boxes, Any image_shapes)');
const multiScale = signature(
  'MultiScaleRoIAlign(str[] featmap_names, int|int[] output_size, int sampling_ratio, *, int canonical_scale=224, int canonical_level=4)',
);

/** `roiAlign` on features of several sizes: each box is looked up in those that fit its size (Lin et al., 2017). */
export class MultiScaleRoIAlign extends Module {
  readonly featmapNames: readonly string[];
  readonly outputSize: readonly number[];
  readonly samplingRatio: number;
  readonly canonicalScale: number;
  readonly canonicalLevel: number;
  private scales: readonly number[] | null = null;

  /**
   * @param featmapNames the names of the features that are looked at
   * @param outputSize the height and width of the result
   * @param samplingRatio how many samples a bin has in each direction; 0 or less: one for each pixel that it covers
   * @param canonicalScale the size of boxes that belong to the canonical level
   * @param canonicalLevel how often the size of the features of that level was halved
   */
  constructor(...args: Arguments<typeof multiScale>) {
    super();
    const given = multiScale.bind(args);
    this.featmapNames = given.featmapNames;
    this.outputSize = pair(given.outputSize);
    this.samplingRatio = given.samplingRatio;
    this.canonicalScale = given.canonicalScale;
    this.canonicalLevel = given.canonicalLevel;
  }

  /** Features by name, for each image boxes [L, 4], and the sizes of the images: features of regions [K, C, height, width]. */
  override forward(
    ...args: Arguments<typeof ofRegions, { x: FeatureMaps; imageShapes: readonly ImageSize[] }>
  ): Tensor {
    const { x, boxes, imageShapes } = ofRegions.bind(args, 'MultiScaleRoIAlign.forward');
    const maps = Object.entries(x as FeatureMaps)
      .filter(([name]) => this.featmapNames.includes(name))
      .map(([, map]) => map);
    // As in torchvision the first images say it for all that follow.
    this.scales ??= scalesOf(maps, imageShapes as readonly ImageSize[]);
    const { scales } = this;
    const rois = regionsOf(boxes);
    const align = (level: number, some: Tensor): Tensor =>
      roiAlign(maps[level], some, this.outputSize, scales[level], this.samplingRatio);
    if (maps.length === 1) return align(0, rois);
    const levels = this.levelsOf(rois);
    const members = maps.map((_, level) => trueAt(levels.eq(level)));
    const found = members.map((some, level) => align(level, rois.indexSelect(0, some)).to(maps[0].dtype));
    return ops.cat(found).indexSelect(0, ops.cat(members).argsort());
  }

  /** The features that each box is looked up in. */
  private levelsOf(rois: Tensor): Tensor {
    const scales = this.scales!;
    const [least, most] = [scales[0], scales[scales.length - 1]].map((scale) =>
      Math.trunc(-Math.log2(scale)),
    );
    const size = boxArea(rois.narrow(1, 1, 4)).sqrt();
    const level = size.div(this.canonicalScale).log2().add(this.canonicalLevel).add(1e-6).floor();
    return level.clamp(least, most).long().sub(least);
  }

  override extraRepr(): string {
    const names = `[${this.featmapNames.map((name) => `'${name}'`).join(', ')}]`;
    return `featmap_names=${names}, output_size=${formatTuple(this.outputSize)}, sampling_ratio=${this.samplingRatio}`;
  }
}

/** How much smaller features are than the images: powers of two. */
function scalesOf(maps: readonly Tensor[], imageShapes: readonly ImageSize[]): number[] {
  if (imageShapes.length === 0) throw new ValueError('images list should not be empty');
  const height = Math.max(...imageShapes.map(([h]) => h));
  return maps.map((map) => 2 ** Math.round(Math.log2(map.shape.at(-2)! / height)));
}
