/** Masks by which positions look at themselves and at those before them. */
import type { DeviceLike } from '../../core/device.js';
import type { DType } from '../../core/dtype.js';
import { sameShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';

/** The mask [size, size]: 0 where a position may look, -Infinity where it may not. */
export function causalMask(size: number, device: DeviceLike | null, dtype: DType | null): Tensor {
  return ops.full([size, size], -Infinity, { device, dtype: dtype ?? null }).triu(1);
}

/** Whether a mask is the causal one: as was said, or by comparing. */
export function isCausalMask(mask: Tensor | null, said: boolean | null, size: number): boolean {
  if (said !== null || mask === null || !mask.isReadable) return said ?? false;
  if (!sameShape(mask.shape, [size, size])) return false;
  return (
    mask
      .eq(causalMask(size, mask.device, mask.dtype))
      .all()
      .item() === 1
  );
}
