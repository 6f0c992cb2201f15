/** Transforms of samples for their boxes and points. */
import { ValueError } from '../../../core/errors.js';
import { formatSize } from '../../../core/printing.js';
import { formatFloat, typeName } from '../../../core/repr.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { Tensor } from '../../../core/tensor.js';
import { unflatten } from '../../../func/tree.js';
import { BoundingBoxes, type ClampingMode, type FormatLike } from '../../tv_tensors/bounding_boxes.js';
import { KeyPoints } from '../../tv_tensors/key_points.js';
import { Mask } from '../../tv_tensors/tv_image.js';
import { asPlain, type TVTensor } from '../../tv_tensors/tv_tensor.js';
import {
  clampBoundingBoxes,
  clampKeypoints,
  convertBoundingBoxFormat,
  rowsWhere,
  validBoxes,
  validPoints,
} from './functional/box_functions.js';
import { partsOf, type Settings, Transform } from './sample_transform.js';
import { getBoundingBoxes, getKeypoints, type LabelsGetter, labelsFinder } from './samples.js';

const ofConvert = signature('ConvertBoundingBoxFormat(str format)');

/** Gives boxes another format. */
export class ConvertBoundingBoxFormat extends Transform {
  readonly format: FormatLike;

  /** @param format the format */
  constructor(...args: Arguments<typeof ofConvert, { format: FormatLike }>) {
    const given = ofConvert.bind(args);
    super(given);
    this.format = given.format as FormatLike;
  }

  protected override isTransformed(part: unknown): boolean {
    return part instanceof BoundingBoxes;
  }

  protected override transform(input: unknown): unknown {
    return convertBoundingBoxFormat(input as BoundingBoxes, { newFormat: this.format });
  }
}

const ofClamp = signature("ClampBoundingBoxes(str? clamping_mode='auto')");

/** Cuts boxes off at the edges of their picture. */
export class ClampBoundingBoxes extends Transform {
  readonly clampingMode: ClampingMode | 'auto';

  /** @param clampingMode how turned boxes are cut off; `auto` for their own mode */
  constructor(...args: Arguments<typeof ofClamp, { clampingMode: ClampingMode | 'auto' }>) {
    const given = ofClamp.bind(args);
    super(given);
    this.clampingMode = given.clampingMode as ClampingMode | 'auto';
  }

  protected override isTransformed(part: unknown): boolean {
    return part instanceof BoundingBoxes;
  }

  protected override transform(input: unknown): unknown {
    return clampBoundingBoxes(input as BoundingBoxes, { clampingMode: this.clampingMode });
  }
}

const ofClampPoints = signature('ClampKeyPoints()');

/** Moves points to the edges of their picture where they are outside. */
export class ClampKeyPoints extends Transform {
  constructor(...args: Arguments<typeof ofClampPoints>) {
    super(ofClampPoints.bind(args));
  }

  protected override isTransformed(part: unknown): boolean {
    return part instanceof KeyPoints;
  }

  protected override transform(input: unknown): unknown {
    return clampKeypoints(input as KeyPoints);
  }
}

const ofMode = signature('SetClampingMode(str? clamping_mode)');

/** Tells boxes how later transforms cut them off. */
export class SetClampingMode extends Transform {
  readonly clampingMode: ClampingMode;

  /** @param clampingMode the mode */
  constructor(...args: Arguments<typeof ofMode, { clampingMode: ClampingMode }>) {
    const given = ofMode.bind(args);
    const { clampingMode } = given;
    super(given);
    if (clampingMode !== null && clampingMode !== 'soft' && clampingMode !== 'hard')
      throw new ValueError(`clamping_mode must be soft, hard or None, got ${clampingMode}`);
    this.clampingMode = clampingMode;
  }

  protected override isTransformed(part: unknown): boolean {
    return part instanceof BoundingBoxes;
  }

  protected override transform(input: unknown): unknown {
    const boxes = input as BoundingBoxes;
    return boxes.wrap(asPlain(boxes).clone(), { clampingMode: this.clampingMode });
  }
}

/** Takes boxes or points out of samples, and what belongs to them. */
abstract class Sanitizing extends Transform {
  readonly #find: (sample: unknown) => unknown;

  constructor(settings: Settings) {
    super(settings);
    this.#find = labelsFinder(settings.labelsGetter);
  }

  /** Which of the boxes or points stay. */
  protected abstract valid(of: TVTensor): Tensor;

  protected abstract found(parts: readonly unknown[]): TVTensor;

  protected abstract wrongNumber(of: TVTensor, label: Tensor): string;

  /** Whether a part belongs to the boxes or points, beside the labels. */
  protected abstract belongs(part: unknown): part is TVTensor;

  /** @internal */
  protected override applied(sample: unknown): unknown {
    const given = this.#find(sample);
    const labels = given === null ? [] : Array.isArray(given) ? given : [given];
    const wrong: unknown = labels.find((label) => !(label instanceof Tensor));
    if (wrong !== undefined)
      throw new ValueError(
        `The labels in the input to forward() must be a tensor or None, got <class '${typeName(wrong)}'> instead.`,
      );
    const { leaves, spec } = partsOf(sample);
    const of = this.found(leaves);
    for (const label of labels as Tensor[])
      if (label.shape[0] !== of.shape[0]) throw new ValueError(this.wrongNumber(of, label));
    const valid = this.valid(of);
    return unflatten(
      spec,
      leaves.map((part) => {
        if (labels.includes(part)) return rowsWhere(asPlain(part as Tensor), valid);
        if (!this.belongs(part) || part.shape[0] !== valid.shape[0]) return part;
        return part.wrap(rowsWhere(asPlain(part), valid));
      }),
    );
  }
}

const ofSanitize = signature(
  "SanitizeBoundingBoxes(float min_size=1.0, float min_area=1.0, Any labels_getter='default')",
);

/** Takes boxes that are too small or outside out of samples, with their masks and labels. */
export class SanitizeBoundingBoxes extends Sanitizing {
  readonly minSize: number;
  readonly minArea: number;
  readonly labelsGetter: LabelsGetter;

  /**
   * @param minSize the least width and height
   * @param minArea the least area
   * @param labelsGetter what finds the labels, one or several tensors; null if there are none
   */
  constructor(...args: Arguments<typeof ofSanitize, { labelsGetter: LabelsGetter }>) {
    const given = ofSanitize.bind(args);
    const { minSize, minArea } = given;
    if (minSize < 1) throw new ValueError(`min_size must be >= 1, got ${formatFloat(minSize)}.`);
    if (minArea < 1) throw new ValueError(`min_area must be >= 1, got ${formatFloat(minArea)}.`);
    super(given);
    this.minSize = minSize;
    this.minArea = minArea;
    this.labelsGetter = given.labelsGetter as LabelsGetter;
  }

  protected override found(parts: readonly unknown[]): BoundingBoxes {
    return getBoundingBoxes(parts);
  }

  protected override valid(boxes: BoundingBoxes): Tensor {
    return validBoxes(asPlain(boxes), boxes.format, boxes.canvasSize, this.minSize, this.minArea);
  }

  protected override wrongNumber(boxes: TVTensor, label: Tensor): string {
    return (
      `Number of boxes (shape=${formatSize(boxes.shape)}) and must match the number of labels.` +
      `Found labels with shape=${formatSize(label.shape)}).`
    );
  }

  protected override belongs(part: unknown): part is TVTensor {
    return part instanceof BoundingBoxes || part instanceof Mask;
  }
}

const ofSanitizePoints = signature('SanitizeKeyPoints(Any labels_getter=None)');

/** Takes points that are outside out of samples, with their labels; of groups of points whole ones. */
export class SanitizeKeyPoints extends Sanitizing {
  readonly labelsGetter: LabelsGetter;

  /** @param labelsGetter what finds the labels, one or several tensors; null if there are none */
  constructor(...args: Arguments<typeof ofSanitizePoints, { labelsGetter: LabelsGetter }>) {
    const given = ofSanitizePoints.bind(args);
    super(given);
    this.labelsGetter = given.labelsGetter as LabelsGetter;
  }

  protected override found(parts: readonly unknown[]): KeyPoints {
    return getKeypoints(parts);
  }

  protected override valid(points: KeyPoints): Tensor {
    return validPoints(asPlain(points), points.canvasSize);
  }

  protected override wrongNumber(points: TVTensor, label: Tensor): string {
    return (
      `Number of kepyoints (shape=${formatSize(points.shape)}) must match the number of labels.` +
      `Found labels with shape=${formatSize(label.shape)}).`
    );
  }

  protected override belongs(part: unknown): part is TVTensor {
    return part instanceof KeyPoints;
  }
}
