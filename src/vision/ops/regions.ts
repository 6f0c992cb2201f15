/**
 * Pooling of regions of images. Every bin of a region is a bag of places of its image, each with its weight, so that the sum or the
 * maximum is `embeddingBag`'s, which has gradients; where the places are is computed here, of the boxes' values.
 */
import '../../ops/nn/embedding_bag.js';
import { float32, int32 } from '../../core/dtype.js';
import { denseCopy } from '../../core/elements.js';
import { AssertionError, IndexError, RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import { tensor } from '../../ops/from_data.js';

/** Boxes by their corners: for each image those of it, or rows that begin with the number of the image. */
export type Regions = Tensor | readonly Tensor[];

/** The boxes with the numbers of their images. @throws AssertionError in torchvision's words for other shapes */
export function regionsOf(boxes: Regions): Tensor {
  const columns = (one: Tensor): number => {
    if (one.ndim < 2)
      throw new IndexError(
        `Dimension out of range (expected to be in range of [-${one.ndim}, ${one.ndim - 1}], but got 1)`,
      );
    return one.shape[1];
  };
  if (!Array.isArray(boxes)) {
    if (columns(boxes as Tensor) !== 5)
      throw new AssertionError('The boxes tensor shape is not correct as Tensor[K, 5]');
    return boxes as Tensor;
  }
  const list = boxes as readonly Tensor[];
  if (list.some((one) => columns(one) !== 4))
    throw new AssertionError(
      'The shape of the tensor in the boxes list is not correct as List[Tensor[L, 4]]',
    );
  const numbers = list.map((one, i) => ops.fullLike(one.narrow(1, 0, 1), i));
  return ops.cat([ops.cat(numbers), ops.cat([...list])], 1);
}

/** Places along one axis, bin by bin: those of bin i stand from `bounds[i]` to `bounds[i + 1]`. */
export class Places {
  readonly bounds: number[] = [0];
  readonly at: number[] = [];
  readonly weights: number[] = [];

  add(place: number, weight: number): void {
    // Samples near each other share places.
    const first = this.bounds[this.bounds.length - 1];
    for (let i = this.at.length - 1; i >= first && i > this.at.length - 3; i--)
      if (this.at[i] === place) {
        this.weights[i] += weight;
        return;
      }
    this.at.push(place);
    this.weights.push(weight);
  }

  endBin(): void {
    this.bounds.push(this.at.length);
  }
}

/** One region: the image that it is of, and the places of its bins along both axes. */
export interface Region {
  readonly image: number;
  readonly rows: Places;
  readonly columns: Places;
}

/** How the numbers of a dtype are rounded on the way. */
export type Rounding = (x: number) => number;

/**
 * Reads boxes and says where the places are.
 *
 * @param place finds them for a box by its corners, with the sizes of the image and of the result
 */
export function placed(
  input: Tensor,
  rois: Tensor,
  place: (box: readonly number[], near: Rounding) => readonly [rows: Places, columns: Places],
): Region[] {
  const numbers = denseCopy(rois.detach());
  const near: Rounding = input.dtype === float32 ? Math.fround : (x) => x;
  return Array.from({ length: rois.shape[0] }, (_, i) => {
    const [image, ...box] = Array.from(numbers.subarray(5 * i, 5 * i + 5), Number);
    const [rows, columns] = place(box, near);
    return { image: Math.trunc(image), rows, columns };
  });
}

/** How a bag becomes one number: by the weighted sum, the mean or the maximum. */
type Mode = 'sum' | 'mean' | 'max';

/**
 * Pools regions [K, C, height, width] of images. With `byPosition` bins see only channels of their own: of channels
 * [C · height · width], as position-sensitive pooling has it.
 */
export function poolRegions(
  input: Tensor,
  regions: readonly Region[],
  [height, width]: readonly number[],
  mode: Mode,
  byPosition: boolean,
): Tensor {
  const [images, allChannels, rowCount, columnCount] = input.shape;
  const bins = height * width;
  const parts = byPosition ? bins : 1;
  const channels = allChannels / parts;
  const outside = regions.find(({ image }) => image < 0 || image >= images);
  if (outside !== undefined)
    throw new IndexError(`the region's image ${outside.image} is not among the ${images} of the input`);

  const total = regions.reduce((sum, { rows, columns }) => sum + rows.at.length * columns.at.length, 0);
  const places = new Int32Array(total);
  const weights = new Float64Array(mode === 'sum' ? total : 0);
  const begins = new Int32Array(regions.length * bins);
  let next = 0;
  let bag = 0;
  for (const { image, rows, columns } of regions)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const part = byPosition ? y * width + x : 0;
        begins[bag++] = next;
        for (let r = rows.bounds[y]; r < rows.bounds[y + 1]; r++) {
          const line = (image * rowCount + rows.at[r]) * columnCount;
          for (let c = columns.bounds[x]; c < columns.bounds[x + 1]; c++) {
            places[next] = (line + columns.at[c]) * parts + part;
            if (mode === 'sum') weights[next] = rows.weights[r] * columns.weights[c];
            next++;
          }
        }
      }

  // Channels last: then a place is a row.
  const table = input
    .view([images, channels, parts, rowCount, columnCount])
    .permute([0, 3, 4, 2, 1])
    .reshape([-1, channels]);
  const on = <T extends Int32Array | Float64Array>(values: T) => tensor(values, { device: input.device });
  const pooled = F.embeddingBag(on(places).to(int32), table, {
    offsets: on(begins).to(int32),
    mode,
    ...(mode === 'sum' && { perSampleWeights: on(weights).to(input.dtype) }),
  });
  return pooled.view([regions.length, height, width, channels]).permute([0, 3, 1, 2]).contiguous();
}

/** @throws RuntimeError unless the images and the boxes are of one dtype */
export function checkAlike(input: Tensor, rois: Tensor): void {
  if (input.dtype !== rois.dtype) throw new RuntimeError('input should have the same type as rois');
}
