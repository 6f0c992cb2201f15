/** The one place where calls with tensors of other layouts than the strided one part from all others. */
import type { Shape } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import type { Op } from './op.js';

/** Functions that the module of another layout provides. */
export interface LayoutRules {
  /** Answers a call of which an argument has another layout; null where none has. */
  call(op: Op, args: readonly unknown[]): unknown;
  /** Makes a sparse tensor of values [n, …] at indices [dimensions, n]. */
  make(indices: Tensor, values: Tensor, size: Shape): Tensor;
}

/** Null where `torch.sparse` has not been imported. */
export let layoutRules: LayoutRules | null = null;

export function setLayoutRules(rules: LayoutRules): void {
  layoutRules = rules;
}

/** Whether there has been a tensor of another layout; until then no call looks for one. */
export let hasOtherLayouts = false;

export function noteOtherLayout(): void {
  hasOtherLayouts = true;
}
