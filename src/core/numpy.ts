/** PyTorch's errors where the memory of a tensor is asked for as an array of NumPy's. */
import type { Device } from './device.js';
import { RuntimeError, TypeError } from './errors.js';

export function checkNoGradient(requiresGrad: boolean): void {
  if (requiresGrad)
    throw new RuntimeError(
      "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
    );
}

/** The error for a tensor whose memory is a device's. */
export function notOnHost(device: Device): TypeError {
  return new TypeError(
    `can't convert ${device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first.`,
  );
}
