/** Tensors that a recorded call keeps for its backward pass. */
import type { Storage } from '../backends/backend.js';
import { gradNode } from '../core/autograd_state.js';
import { checkAlive } from '../core/disposed.js';
import { RuntimeError } from '../core/errors.js';
import { formatShape } from '../core/layout.js';
import { Tensor } from '../core/tensor.js';

/** A tensor kept for the backward pass, and its version then. */
export class SavedTensor {
  private readonly version: number;

  constructor(readonly tensor: Tensor) {
    this.version = tensor.storage.version;
    tensor.storage.saves++;
    if (tensor.inference)
      throw new RuntimeError(
        'Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use `torch.noGrad()` instead of `torch.inferenceMode()`.',
      );
  }

  /** Lets go of it. @param dead takes its memory if nobody else knows of that any more */
  release(dead: Storage[]): void {
    const { storage } = this.tensor;
    if (--storage.saves === 0 && storage.internal) dead.push(storage);
  }

  /** @param user what needs it */
  unpack(user: string): Tensor {
    const { tensor, version } = this;
    checkAlive(tensor, `the backward pass of ${user}`);
    if (tensor.storage.version === version) return tensor;
    const node = gradNode(tensor);
    const origin = node === null ? '' : `, which is output ${tensor.autograd!.output} of ${node.name()},`;
    throw new RuntimeError(
      `one of the variables needed for gradient computation has been modified by an inplace operation: [torch.${tensor.dtype.scalarName}Tensor ${formatShape(tensor.shape)}]${origin} is at version ${tensor.storage.version}; expected version ${version} instead. Hint: an operation whose name ends in '_' has changed it since it was used; write the one without '_', or change x.clone().`,
    );
  }
}

export type SavedValue = SavedTensor | null | readonly (SavedTensor | null)[];

export function save(value: unknown): SavedValue {
  if (value instanceof Tensor) return new SavedTensor(value);
  return Array.isArray(value) ? value.map((item) => (item === null ? null : new SavedTensor(item))) : null;
}

export function unpack(value: SavedValue, user: string): Tensor | null | readonly (Tensor | null)[] {
  if (value === null) return null;
  return value instanceof SavedTensor ? value.unpack(user) : value.map((item) => item?.unpack(user) ?? null);
}
