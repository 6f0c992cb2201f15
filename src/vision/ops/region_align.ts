/** Means of samples of regions: `roiAlign` and `psRoiAlign`. */
import { notImplementedFor, RuntimeError } from '../../core/errors.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { checkAlike, Places, placed, poolRegions, type Region, type Rounding, regionsOf } from './regions.js';

/** The height and width of what is made of a region; one number for both. */
export type PooledSize = number | readonly number[];

/** Bins of a stretch from `start`, each the mean of `samples` between pixels; what lies outside is zero. */
function sampledPlaces(
  start: number,
  length: number,
  bins: number,
  samples: number,
  size: number,
  near: Rounding,
): Places {
  const places = new Places();
  const step = near(length / bins);
  for (let bin = 0; bin < bins; bin++) {
    const first = near(start + near(bin * step));
    for (let i = 0; i < samples; i++) {
      let at = near(first + near(near((i + 0.5) * step) / samples));
      if (!(at >= -1 && at <= size)) continue;
      at = Math.max(at, 0);
      const low = Math.min(Math.trunc(at), size - 1);
      const share = low === size - 1 ? 0 : near(at - low);
      places.add(low, (1 - share) / samples);
      if (share > 0) places.add(low + 1, share / samples);
    }
    places.endBin();
  }
  return places;
}

/** The size as two numbers. */
export const pair = (size: PooledSize): readonly number[] => (typeof size === 'number' ? [size, size] : size);

/** How boxes become samples. */
interface Sampling {
  readonly spatialScale: number;
  readonly samplingRatio: number;
  /** The number that is taken from coordinates. */
  readonly offset: number;
  /** The least size of a region. */
  readonly least: number;
}

/** Regions whose bins have samples in even steps. */
function sampledRegions(input: Tensor, rois: Tensor, size: readonly number[], how: Sampling): Region[] {
  const along = (from: number, to: number, axis: 0 | 1, near: Rounding): Places => {
    const scale = near(how.spatialScale);
    const [start, end] = [from, to].map((x) => near(near(x * scale) - how.offset));
    const length = Math.max(near(end - start), how.least);
    const bins = size[axis];
    const samples = how.samplingRatio > 0 ? how.samplingRatio : Math.ceil(near(length / bins));
    return sampledPlaces(start, length, bins, samples, input.shape[2 + axis], near);
  };
  return placed(input, rois, ([x1, y1, x2, y2], near) => [along(y1, y2, 0, near), along(x1, x2, 1, near)]);
}

const sizes = 'int|int[] output_size, float spatial_scale' as const;

/**
 * Features of regions, as means of samples between the pixels (He et al., 2017). There are gradients by the images, none by the
 * boxes, which are read.
 *
 * @param input images [N, C, H, W]
 * @param boxes boxes by their corners: [K, 5] that begin with the number of their image, or for each image [L, 4]
 * @param outputSize the height and width of the result
 * @param spatialScale what coordinates are multiplied by, if the images are smaller than what the boxes are of
 * @param samplingRatio how many samples a bin has in each direction; 0 or less: one for each pixel that it covers
 * @param aligned whether coordinates are moved by half a pixel, so that they are the centres of pixels
 */
export const roiAlign = signed(
  `roi_align(Tensor input, Tensor|Tensor[] boxes, ${sizes}=1.0, int sampling_ratio=-1, bool aligned=False)`,
  ({ input, boxes, outputSize, spatialScale, samplingRatio, aligned }): Tensor => {
    const rois = regionsOf(boxes);
    const [height, width] = pair(outputSize);
    checkAlike(input, rois);
    if (!input.isFloatingPoint()) throw notImplementedFor('roi_align_forward_kernel', input.dtype.scalarName);
    if (rois.isMeta) return input.newEmpty([rois.shape[0], input.shape[1], height, width]);
    const how = {
      spatialScale,
      samplingRatio,
      offset: aligned ? 0.5 : 0,
      least: aligned ? Number.NEGATIVE_INFINITY : 1,
    };
    const size = [height, width];
    return poolRegions(input, sampledRegions(input, rois, size, how), size, 'sum', false);
  },
);

/**
 * As `roiAlign`, but each bin sees channels of its own (Li et al., 2017): bin (i, j) of channel c those at
 * (c · height + i) · width + j.
 *
 * @param input images [N, C · height · width, H, W]
 * @param boxes boxes by their corners: [K, 5] that begin with the number of their image, or for each image [L, 4]
 * @param outputSize the height and width of the result
 * @param spatialScale what coordinates are multiplied by, if the images are smaller than what the boxes are of
 * @param samplingRatio how many samples a bin has in each direction; 0 or less: one for each pixel that it covers
 */
export const psRoiAlign = signed(
  `ps_roi_align(Tensor input, Tensor|Tensor[] boxes, ${sizes}=1.0, int sampling_ratio=-1)`,
  ({ input, boxes, outputSize, spatialScale, samplingRatio }): Tensor => {
    const rois = regionsOf(boxes);
    const [height, width] = pair(outputSize);
    checkAlike(input, rois);
    const channels = positionChannels(input, height, width);
    if (rois.isMeta) return input.newEmpty([rois.shape[0], channels, height, width]);
    const how = { spatialScale, samplingRatio, offset: 0.5, least: Number.NEGATIVE_INFINITY };
    const size = [height, width];
    return poolRegions(input, sampledRegions(input, rois, size, how), size, 'sum', true);
  },
);

/** The channels of a result of bins with channels of their own. @throws RuntimeError unless they come out even */
export function positionChannels(input: Tensor, height: number, width: number): number {
  if (input.shape[1] % (height * width) !== 0)
    throw new RuntimeError('input channels must be a multiple of pooling height * pooling width');
  return input.shape[1] / (height * width);
}
