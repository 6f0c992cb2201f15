import { KeyError, TypeError, ValueError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import type { TensorData } from '../../ops/from_data.js';
import { TVTensor, tensorOf } from './tv_tensor.js';

/**
 * How a box is written: by two corners, by a corner or the middle with its size, and turned boxes by these and an angle in degrees, or by four
 * corners, the first being the top left one.
 */
export const BoundingBoxFormat = {
  XYXY: 'XYXY',
  XYWH: 'XYWH',
  CXCYWH: 'CXCYWH',
  XYWHR: 'XYWHR',
  CXCYWHR: 'CXCYWHR',
  XYXYXYXY: 'XYXYXYXY',
} as const;

/** A value of the enum of that name. */
export type BoundingBoxFormat = keyof typeof BoundingBoxFormat;

/** A format, or its name in small letters. */
export type FormatLike = BoundingBoxFormat | Lowercase<BoundingBoxFormat>;

/** How boxes that reach outside are cut off: turned ones to what encloses the rest or to what is enclosed; null leaves them. */
export type ClampingMode = 'soft' | 'hard' | null;

/** Height and width of the picture that boxes or points belong to. */
export type CanvasSize = readonly [height: number, width: number];

/** @throws KeyError if there is no such format */
export function formatOf(format: unknown): BoundingBoxFormat {
  const name = String(format).toUpperCase();
  if (Object.hasOwn(BoundingBoxFormat, name)) return name as BoundingBoxFormat;
  throw new KeyError(`'${name}'`);
}

/** Whether boxes of a format are turned. */
export const isRotated = (format: BoundingBoxFormat): boolean =>
  format === 'XYWHR' || format === 'CXCYWHR' || format === 'XYXYXYXY';

/** @throws TypeError unless it is [height, width] */
export function canvasOf(size: unknown): CanvasSize {
  if (Array.isArray(size) && size.length === 2) return Object.freeze([size[0], size[1]]) as CanvasSize;
  throw new TypeError(`canvasSize must be [height, width], not ${typeName(size)}`);
}

const boxes = signature(
  "BoundingBoxes(Any data, *, str format, int[] canvas_size, str? clamping_mode='soft', ScalarType? dtype=None, Device? device=None, bool? requires_grad=None)",
);

/** Boxes [N, 4], or turned ones [N, 5] or [N, 8], in a picture. A sample has at most one of it. */
export class BoundingBoxes extends TVTensor {
  /** How they are written. */
  declare readonly format: BoundingBoxFormat;
  /** The picture's height and width. */
  declare readonly canvasSize: CanvasSize;
  /** How transforms cut off boxes that reach outside. */
  declare readonly clampingMode: ClampingMode;

  /**
   * @param data the boxes
   * @param format how they are written
   * @param canvasSize the picture's height and width
   * @param clampingMode what transforms do with boxes that reach outside
   * @param dtype their type, by default that of the data
   * @param device where they are kept, by default where the data is
   * @param requiresGrad whether gradients are recorded, by default as for the data
   */
  constructor(
    ...args: Arguments<
      typeof boxes,
      { data: TensorData; format: FormatLike; canvasSize: readonly number[]; clampingMode: ClampingMode }
    >
  ) {
    const given = boxes.bind(args);
    const tensor = tensorOf(given);
    const format = formatOf(given.format);
    if (!tensor.isFloatingPoint() && isRotated(format))
      throw new ValueError(`Rotated bounding boxes should be floating point tensors, got ${tensor.dtype}.`);
    super(rowsOf(tensor));
    describe(this, {
      format,
      canvasSize: given.canvasSize,
      clampingMode: given.clampingMode as ClampingMode,
    });
  }

  /** A tensor as boxes like these, but for what is given anew. */
  override wrap(
    tensor: Tensor,
    changes: {
      readonly format?: FormatLike;
      readonly canvasSize?: readonly number[];
      readonly clampingMode?: ClampingMode;
    } = {},
  ): this {
    const { format, canvasSize, clampingMode } = this;
    return describe(super.wrap(tensor), { format, canvasSize, clampingMode, ...changes });
  }

  protected override described(): string {
    const { format, canvasSize, clampingMode } = this;
    return `format=BoundingBoxFormat.${format}, canvas_size=(${canvasSize.join(', ')}), clamping_mode=${clampingMode ?? 'None'}`;
  }
}

/** Boxes as rows; one may come without its dimension. */
export function rowsOf(tensor: Tensor): Tensor {
  if (tensor.ndim === 1) return tensor.unsqueeze(0);
  if (tensor.ndim === 2) return tensor;
  throw new ValueError(`Expected a 1D or 2D tensor, got ${tensor.ndim}D`);
}

function describe<B extends BoundingBoxes>(
  tensor: B,
  about: { format: FormatLike; canvasSize: readonly number[]; clampingMode: ClampingMode },
): B {
  const { clampingMode } = about;
  if (clampingMode !== null && clampingMode !== 'hard' && clampingMode !== 'soft')
    throw new ValueError(`clamping_mode must be None, hard or soft, got ${clampingMode}.`);
  return Object.assign(tensor, {
    format: formatOf(about.format),
    canvasSize: canvasOf(about.canvasSize),
    clampingMode,
  });
}
