/** Maxima and means of the pixels of regions: `roiPool` and `psRoiPool`. */
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { pair, positionChannels } from './region_align.js';
import { checkAlike, Places, placed, poolRegions, type Region, type Rounding, regionsOf } from './regions.js';

/** Away from zero from halves, as C's `round` does. */
const rounded = (x: number): number => Math.sign(x) * Math.round(Math.abs(x));

/**
 * Regions whose bins are all pixels that they touch.
 *
 * @param extra what is added to lengths: 1 if both ends of a box belong to it
 * @param last how far before the end of the image bins end
 */
function coveredRegions(
  input: Tensor,
  rois: Tensor,
  size: readonly number[],
  spatialScale: number,
  extra: 0 | 1,
  last: 0 | 1,
): Region[] {
  const along = (from: number, to: number, axis: 0 | 1, near: Rounding): Places => {
    const places = new Places();
    const scale = near(spatialScale);
    const [start, end] = [from, to].map((x) => rounded(near(x * scale)));
    const bins = size[axis];
    const step = near(Math.max(end - start + extra, 1) / bins);
    const within = (place: number) => Math.min(Math.max(place + start, 0), input.shape[2 + axis] - last);
    for (let bin = 0; bin < bins; bin++) {
      const stop = within(Math.ceil(near((bin + 1) * step)));
      for (let place = within(Math.floor(near(bin * step))); place < stop; place++) places.add(place, 1);
      places.endBin();
    }
    return places;
  };
  return placed(input, rois, ([x1, y1, x2, y2], near) => [along(y1, y2, 0, near), along(x1, x2, 1, near)]);
}

/**
 * Features of regions, as maxima of the pixels of each bin (Girshick, 2015). There are gradients by the images, none by the boxes,
 * which are read.
 *
 * @param input images [N, C, H, W]
 * @param boxes boxes by their corners: [K, 5] that begin with the number of their image, or for each image [L, 4]
 * @param outputSize the height and width of the result
 * @param spatialScale what coordinates are multiplied by, if the images are smaller than what the boxes are of
 */
export const roiPool = signed(
  'roi_pool(Tensor input, Tensor|Tensor[] boxes, int|int[] output_size, float spatial_scale=1.0)',
  ({ input, boxes, outputSize, spatialScale }): Tensor => {
    const rois = regionsOf(boxes);
    const size = pair(outputSize);
    checkAlike(input, rois);
    if (rois.isMeta) return input.newEmpty([rois.shape[0], input.shape[1], ...size]);
    const regions = coveredRegions(input, rois, size, spatialScale, 1, 0);
    return poolRegions(input, regions, size, 'max', false);
  },
);

/**
 * Means of the pixels of each bin of regions, of channels of its own (Dai et al., 2016): bin (i, j) of channel c sees those at
 * (c · height + i) · width + j.
 *
 * @param input images [N, C · height · width, H, W]
 * @param boxes boxes by their corners: [K, 5] that begin with the number of their image, or for each image [L, 4]
 * @param outputSize the height and width of the result
 * @param spatialScale what coordinates are multiplied by, if the images are smaller than what the boxes are of
 */
export const psRoiPool = signed(
  'ps_roi_pool(Tensor input, Tensor|Tensor[] boxes, int|int[] output_size, float spatial_scale=1.0)',
  ({ input, boxes, outputSize, spatialScale }): Tensor => {
    const rois = regionsOf(boxes);
    const size = pair(outputSize);
    checkAlike(input, rois);
    const channels = positionChannels(input, size[0], size[1]);
    if (rois.isMeta) return input.newEmpty([rois.shape[0], channels, ...size]);
    const regions = coveredRegions(input, rois, size, spatialScale, 0, 1);
    return poolRegions(input, regions, size, 'mean', true);
  },
);
