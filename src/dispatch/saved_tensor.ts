/** Tensors that a recorded call keeps for its backward pass. */
import type { Storage } from '../backends/backend.js';
import { context } from '../core/context.js';
import { checkAlive } from '../core/disposed.js';
import { RuntimeError } from '../core/errors.js';
import { formatShape } from '../core/layout.js';
import { gradNode, Tensor } from '../core/tensor.js';

/** A tensor kept for the backward pass, in whatever form. */
export interface Kept {
  /** The parts of it that may lie in memory. */
  readonly held: unknown;
  /** Whether code of the user's keeps it. */
  readonly isPacked: boolean;
  /** Lets go of it. @param dead takes its memory if nobody else knows of that any more */
  release(dead: Storage[]): void;
  /** The tensor. @param user what needs it */
  unpack(user: string): Tensor;
}

declare module '../core/context.js' {
  interface Saving {
    /** Keeps a tensor. */
    keep(tensor: Tensor): Kept;
  }
}

/** A tensor kept as it is, and its version then. */
export class SavedTensor implements Kept {
  readonly isPacked = false;
  private readonly version: number;

  /** @param output which result of its user it is; -1: none */
  constructor(
    private readonly tensor: Tensor,
    private readonly output: number,
  ) {
    this.version = tensor.storage.version;
    tensor.storage.saves++;
    if (tensor.inference)
      throw new RuntimeError(
        'Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use `torch.noGrad()` instead of `torch.inferenceMode()`.',
      );
  }

  get held(): Tensor {
    return this.tensor;
  }

  release(dead: Storage[]): void {
    const { storage } = this.tensor;
    if (--storage.saves === 0 && storage.internal) dead.push(storage);
  }

  unpack(user: string): Tensor {
    const { tensor, version } = this;
    checkAlive(tensor, `the backward pass of ${user}`);
    if (tensor.storage.version === version) return tensor;
    // A result that was changed in place has another node by now.
    const isResult = this.output >= 0;
    const maker = isResult ? user : gradNode(tensor)?.name();
    const output = isResult ? this.output : tensor.autograd?.output;
    const origin =
      maker === undefined ? '' : `, which is output ${output} of ${maker.replace(/Backward\d*$/, '')},`;
    throw new RuntimeError(
      `one of the variables needed for gradient computation has been modified by an inplace operation: [torch.${tensor.dtype.scalarName}Tensor ${formatShape(tensor.shape)}]${origin} is at version ${tensor.storage.version}; expected version ${version} instead. Hint: an operation whose name ends in '_' has changed it since it was used; write the one without '_', or change x.clone().`,
    );
  }
}

export type SavedValue = Kept | null | readonly (Kept | null)[];

/** Keeps a tensor, as hooks want it where there are any. @param output which result of its user it is; -1: none */
export function keepTensor(tensor: Tensor, output = -1): Kept {
  const { saving } = context();
  return saving === null ? new SavedTensor(tensor, output) : saving.keep(tensor);
}

export function save(value: unknown, output = -1): SavedValue {
  if (value instanceof Tensor) return keepTensor(value, output);
  return Array.isArray(value)
    ? value.map((item: Tensor | null) => (item === null ? null : keepTensor(item)))
    : null;
}

export function unpack(value: SavedValue, user: string): Tensor | null | readonly (Tensor | null)[] {
  if (value === null) return null;
  return isOne(value) ? value.unpack(user) : value.map((item) => item?.unpack(user) ?? null);
}

/** Whether what was kept is one tensor, and no list of them. */
export const isOne = (value: NonNullable<SavedValue>): value is Kept => 'unpack' in value;
