import { formatTuple } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { readOptions } from '../arguments.js';
import { Module } from '../module.js';

interface FlattenOptions {
  /** Default 1. */
  startDim?: number;
  /** Default -1. */
  endDim?: number;
}

/** Makes one dimension of those from `startDim` to `endDim`. */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(startDim?: number | FlattenOptions, endDim?: number | FlattenOptions) {
    super();
    const given = readOptions('Flatten', { startDim: 1, endDim: -1 }, [startDim, endDim]);
    this.startDim = given.startDim;
    this.endDim = given.endDim;
  }

  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/** Makes several dimensions of one. */
export class Unflatten extends Module {
  constructor(
    readonly dim: number,
    readonly unflattenedSize: readonly number[],
  ) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input.unflatten(this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${formatTuple(this.unflattenedSize)}`;
  }
}
