import { formatTuple } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { take } from '../settings.js';

const flatten = signature('Flatten(int start_dim=1, int end_dim=-1)');

/** The input with its dimensions from `startDim` to `endDim` made one; by default all but the first. */
export class Flatten extends Module {
  declare startDim: number;
  declare endDim: number;

  /**
   * @param startDim the first dimension to join
   * @param endDim the last one
   */
  constructor(...args: Arguments<typeof flatten>) {
    super();
    take(this, flatten.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return ops.flatten(input, this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

const unflatten = signature('Unflatten(int dim, int[] unflattened_size)');

/** The input with its dimension `dim` made several, of the sizes `unflattenedSize`. */
export class Unflatten extends Module {
  declare dim: number;
  declare unflattenedSize: readonly number[];

  /**
   * @param dim the dimension to divide
   * @param unflattenedSize the sizes that it gets; one may be -1
   */
  constructor(...args: Arguments<typeof unflatten>) {
    super();
    take(this, unflatten.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return input.unflatten(this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${formatTuple(this.unflattenedSize)}`;
  }
}
