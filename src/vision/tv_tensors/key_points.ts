import { ValueError } from '../../core/errors.js';
import { formatSize } from '../../core/printing.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import type { TensorData } from '../../ops/from_data.js';
import { type CanvasSize, canvasOf } from './bounding_boxes.js';
import { TVTensor, tensorOf } from './tv_tensor.js';

const points = signature(
  'KeyPoints(Any data, *, int[] canvas_size, ScalarType? dtype=None, Device? device=None, bool? requires_grad=None)',
);

/** Points [..., 2] of a picture, each [x, y]: of polygons, skeletons, or alone. A sample has at most one of it. */
export class KeyPoints extends TVTensor {
  /** The picture's height and width. */
  declare readonly canvasSize: CanvasSize;

  /**
   * @param data the points
   * @param canvasSize the picture's height and width
   * @param dtype their type, by default that of the data
   * @param device where they are kept, by default where the data is
   * @param requiresGrad whether gradients are recorded, by default as for the data
   */
  constructor(...args: Arguments<typeof points, { data: TensorData; canvasSize: readonly number[] }>) {
    const given = points.bind(args);
    const tensor = tensorOf(given);
    if (tensor.ndim !== 1 && tensor.shape[tensor.ndim - 1] !== 2)
      throw new ValueError(`Expected a tensor of shape (..., 2), not ${formatSize(tensor.shape)}`);
    super(tensor.ndim === 1 ? tensor.unsqueeze(0) : tensor);
    Object.assign(this, { canvasSize: canvasOf(given.canvasSize) });
  }

  /** A tensor as points like these, but for what is given anew. */
  override wrap(tensor: Tensor, changes: { readonly canvasSize?: readonly number[] } = {}): this {
    const canvasSize = canvasOf(changes.canvasSize ?? this.canvasSize);
    return Object.assign(super.wrap(tensor), { canvasSize });
  }

  protected override described(): string {
    return `canvas_size=(${this.canvasSize.join(', ')})`;
  }
}
