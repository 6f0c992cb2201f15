/** The one place where calls with tensors of other layouts than the strided one part from all others. */
import type { Shape } from '../core/layout.js';
import type { Layout } from '../core/memory_format.js';
import type { Tensor } from '../core/tensor.js';
import type { Op } from './op.js';

/** Functions that the module of another layout provides. */
export interface LayoutRules {
  /** Answers a call of which an argument has another layout; null where none has. */
  call(op: Op, args: readonly unknown[]): unknown;
  /** Makes a sparse tensor of values [n, …] at indices [dimensions, n]. */
  make(indices: Tensor, values: Tensor, size: Shape): Tensor;
  /** The layout of a name as `torch.sparse_coo`; undefined where there is none. */
  layoutOf(name: string): Layout | undefined;
  /**
   * Makes a tensor of the parts that a file has of it, which need not belong together.
   *
   * @throws RuntimeError unless they do
   */
  rebuild(layout: Layout, parts: readonly Tensor[], size: Shape, isCoalesced: boolean): Tensor;
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
