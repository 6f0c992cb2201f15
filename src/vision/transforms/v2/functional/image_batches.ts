import type { Tensor } from '../../../../core/tensor.js';

/** Changes images [..., C, H, W] as one batch [N, C, H, W]. */
export function inFour(images: Tensor, change: (batch: Tensor) => Tensor): Tensor {
  if (images.ndim <= 4) return images.ndim < 4 ? change(images.unsqueeze(0)).squeeze(0) : change(images);
  const batch = change(images.reshape([-1, ...images.shape.slice(-3)]));
  return batch.reshape([...images.shape.slice(0, -3), ...batch.shape.slice(1)]);
}

/** Changes masks [..., H, W] as images; those without a channel are [1, H, W] meanwhile. */
export function asPlanes(masks: Tensor, change: (image: Tensor) => Tensor): Tensor {
  return masks.ndim < 3 ? change(masks.unsqueeze(0)).squeeze(0) : change(masks);
}
