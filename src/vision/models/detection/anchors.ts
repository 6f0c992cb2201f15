/** Boxes all over an image, from which those of objects are found. */
import { float32, int32 } from '../../../core/dtype.js';
import { AssertionError, ValueError } from '../../../core/errors.js';
import { formatBool, formatFloat } from '../../../core/repr.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { takesNothing } from '../../../core/signature/takes.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { Module } from '../../../nn/module.js';
import { tensor } from '../../../ops/from_data.js';
import type { ImageList } from './image_list.js';

/** Numbers for each of the features; one list for all. */
export type AnchorSettings = readonly number[] | readonly (readonly number[])[];

const generator = signature('AnchorGenerator(Any sizes=None, Any aspect_ratios=None)');
const ofImages = signature('forward(Any image_list, Tensor[] feature_maps)');

const isNested = (settings: AnchorSettings): settings is readonly (readonly number[])[] =>
  Array.isArray(settings[0]);

/** Boxes of some sizes and shapes around the pixels of features (Ren et al., 2015). */
export class AnchorGenerator extends Module {
  readonly sizes: readonly (readonly number[])[];
  readonly aspectRatios: readonly (readonly number[])[];
  /** The boxes of a pixel, for each of the features. */
  private readonly cells: readonly Tensor[];

  /**
   * @param sizes for each of the features the sizes of boxes; null: 128, 256 and 512
   * @param aspectRatios for each of the features the heights by the widths; null: 0.5, 1 and 2
   */
  constructor(
    ...args: Arguments<
      typeof generator,
      { sizes?: AnchorSettings | null; aspectRatios?: AnchorSettings | null }
    >
  ) {
    super();
    const given = generator.bind(args);
    const sizes = (given.sizes ?? [[128, 256, 512]]) as AnchorSettings;
    const ratios = (given.aspectRatios ?? [[0.5, 1, 2]]) as AnchorSettings;
    this.sizes = isNested(sizes) ? sizes : sizes.map((size) => [size]);
    const { length } = this.sizes;
    this.aspectRatios = isNested(ratios) ? ratios : new Array(length).fill(ratios);
    this.cells = this.sizes
      .slice(0, this.aspectRatios.length)
      .map((scales, i) => cellAnchors(scales, this.aspectRatios[i]));
  }

  /** How many boxes a pixel has, for each of the features. */
  numAnchorsPerLocation(): number[] {
    return this.cells.map((_, i) => this.sizes[i].length * this.aspectRatios[i].length);
  }

  /** For each image the boxes of all features, the first one's first. */
  override forward(...args: Arguments<typeof ofImages, { imageList: ImageList }>): Tensor[] {
    const [imageList, maps] = ofImages.inOrder(args, this);
    const { tensors, imageSizes } = imageList as ImageList;
    if (maps.length !== this.cells.length)
      throw new AssertionError(
        'Anchors should be Tuple[Tuple[int]] because each feature map could potentially have different sizes and aspect ratios. There needs to be a match between the number of feature maps passed and the number of sizes / aspect ratios specified.',
      );
    const [height, width] = tensors.shape.slice(-2);
    const { dtype, device } = maps[0];
    const all = maps.map((map, i) => {
      const [rows, columns] = map.shape.slice(-2);
      const shifts = (count: number, stride: number) =>
        ops.arange(count, { dtype: int32, device }).mul(stride);
      const y = shifts(rows, Math.floor(height / rows))
        .unsqueeze(1)
        .expand([rows, columns]);
      const x = shifts(columns, Math.floor(width / columns)).expand([rows, columns]);
      const moved = ops.stack([x, y, x, y], -1).view([-1, 1, 4]);
      return moved.add(this.cells[i].to({ dtype, device })).view([-1, 4]);
    });
    const anchors = ops.cat(all);
    return imageSizes.map(() => anchors);
  }
}

takesNothing(AnchorGenerator.prototype, ['numAnchorsPerLocation']);

/** Boxes around zero of whole numbers. */
function cellAnchors(scales: readonly number[], ratios: readonly number[]): Tensor {
  const floats = (numbers: readonly number[]) => tensor([...numbers], { dtype: float32, device: 'cpu' });
  const heights = floats(ratios).sqrt().unsqueeze(1);
  const sized = (factors: Tensor) => factors.mul(floats(scales)).view([-1]);
  const [w, h] = [sized(heights.reciprocal()), sized(heights)];
  return ops.stack([w.neg(), h.neg(), w, h], 1).div(2).round();
}

const defaultBoxes = signature(
  'DefaultBoxGenerator(Any aspect_ratios, float min_ratio=0.15, float max_ratio=0.9, float[]? scales=None, int[]? steps=None, bool clip=True)',
);

/** Boxes around the pixels of features, in parts of the image's size (Liu et al., 2016). */
export class DefaultBoxGenerator extends Module {
  readonly aspectRatios: readonly (readonly number[])[];
  readonly scales: readonly number[];
  readonly steps: readonly number[] | null;
  readonly clip: boolean;
  /** Widths and heights of the boxes of a pixel, for each of the features. */
  private readonly sizes: readonly (readonly (readonly number[])[])[];

  /**
   * @param aspectRatios for each of the features the shapes that boxes have beside squares
   * @param minRatio the size of boxes of the first features, by the image's
   * @param maxRatio the size of boxes of the last features
   * @param scales the sizes themselves, one more than there are features
   * @param steps the pixels of the image that a pixel of the features stands for; null: as their sizes say
   * @param clip whether no box is larger than the image
   */
  constructor(...args: Arguments<typeof defaultBoxes, { aspectRatios: readonly (readonly number[])[] }>) {
    super();
    const given = defaultBoxes.bind(args);
    this.aspectRatios = given.aspectRatios as readonly (readonly number[])[];
    const { steps, minRatio, maxRatio } = given;
    const count = this.aspectRatios.length;
    if (steps !== null && steps.length !== count)
      throw new ValueError('aspect_ratios and steps should have the same length');
    this.steps = steps;
    this.clip = given.clip;
    const spread = (k: number) => minRatio + ((maxRatio - minRatio) * k) / (count - 1);
    this.scales =
      given.scales ??
      (count > 1 ? [...Array.from({ length: count }, (_, k) => spread(k)), 1] : [minRatio, maxRatio]);
    this.sizes = this.aspectRatios.map((ratios, k) => {
      const scale = this.scales[k];
      const between = Math.sqrt(scale * this.scales[k + 1]);
      const stretched = ratios.flatMap((ratio) => {
        const [w, h] = [scale * Math.sqrt(ratio), scale / Math.sqrt(ratio)];
        return [
          [w, h],
          [h, w],
        ];
      });
      return [[scale, scale], [between, between], ...stretched];
    });
  }

  /** How many boxes a pixel has, for each of the features. */
  numAnchorsPerLocation(): number[] {
    return this.aspectRatios.map((ratios) => 2 + 2 * ratios.length);
  }

  /** For each image the boxes of all features, the first one's first. */
  override forward(...args: Arguments<typeof ofImages, { imageList: ImageList }>): Tensor[] {
    const [imageList, maps] = ofImages.inOrder(args, this);
    const { tensors, imageSizes } = imageList as ImageList;
    const [height, width] = tensors.shape.slice(-2);
    const { dtype, device } = maps[0];
    const all = maps.map((map, k) => {
      const [rows, columns] = map.shape.slice(-2);
      const step = this.steps?.[k];
      const centres = (count: number, parts: number) =>
        ops.arange(count, { device }).add(0.5).div(parts).to(dtype);
      const y = centres(rows, step === undefined ? rows : height / step).unsqueeze(1);
      const x = centres(columns, step === undefined ? columns : width / step);
      const at = ops.stack([x.expand([rows, columns]), y.expand([rows, columns])], -1).view([-1, 1, 2]);
      const whole = tensor(
        this.sizes[k].map((pair) => [...pair]),
        { dtype, device },
      );
      const half = (this.clip ? whole.clamp(0, 1) : whole).mul(0.5);
      return ops.cat([at.sub(half), at.add(half)], -1).view([-1, 4]);
    });
    const scale = tensor([width, height, width, height], { dtype, device });
    const boxes = ops.cat(all).mul(scale);
    return imageSizes.map(() => boxes);
  }

  override extraRepr(): string {
    const list = (numbers: readonly number[]) => `[${numbers.join(', ')}]`;
    const lists = this.aspectRatios.map(list).join(', ');
    const scales = this.scales.map(formatFloat).join(', ');
    const steps = this.steps === null ? 'None' : list(this.steps);
    return `aspect_ratios=[${lists}], clip=${formatBool(this.clip)}, scales=[${scales}], steps=${steps}`;
  }
}

takesNothing(DefaultBoxGenerator.prototype, ['numAnchorsPerLocation']);
