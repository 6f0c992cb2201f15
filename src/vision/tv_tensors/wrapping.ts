import { type Arguments, signature } from '../../core/signature/signature.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { type BoundingBoxFormat, type ClampingMode, isRotated } from './bounding_boxes.js';
import { TVTensor } from './tv_tensor.js';

const ofWrap = signature(
  "wrap(Tensor wrappee, *, TVTensor like, str? format=None, int[]? canvas_size=None, str? clamping_mode='like')",
);

/**
 * A tensor as what another is, with that one's description.
 *
 * @param wrappee the tensor
 * @param like what it is to be
 * @param format how its boxes are written, if otherwise
 * @param canvasSize the size of its picture, if another
 * @param clampingMode what is done with boxes that reach outside, if something else
 */
export function wrap<T extends Tensor>(...args: Arguments<typeof ofWrap, { like: T }>): T {
  const { wrappee, like, format, canvasSize, clampingMode } = ofWrap.bind(args);
  if (!(like instanceof TVTensor)) return wrappee as T;
  const changes = {
    ...(format !== null && { format }),
    ...(canvasSize !== null && { canvasSize }),
    ...(clampingMode !== 'like' && { clampingMode: clampingMode as ClampingMode }),
  };
  return (like as TVTensor).wrap(wrappee as Tensor, changes) as Tensor as T;
}

/** Whether boxes of a format are turned. */
export const isRotatedBoundingFormat = signed('is_rotated_bounding_format(str format)', ({ format }) =>
  isRotated(format as BoundingBoxFormat),
);
