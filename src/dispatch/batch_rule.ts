/** The notation by which a row says how its op runs over stacks of tensors (`batch`). */
import type { Arguments, Returns, TensorNames } from './schema.js';

/** Facts of a call beside its arguments, for rules. */
export interface Stack<N extends string = string> {
  /** How many tensors are stacked. */
  readonly size: number;
  /** By parameter: whether it is stacked; a list is if one of its tensors is, and then all of them are. */
  readonly has: Readonly<Record<N, boolean>>;
}

/**
 * How a row's op runs where tensors stand for stacks of such tensors, whose dimension comes first.
 *
 * - 'leading': as it is, since it takes any dimensions before those that it looks at; what is not stacked is expanded.
 * - 'broadcast': as it is, since its tensors broadcast; their other dimensions are aligned.
 * - 'folded': the stack becomes part of the first dimension of all tensors.
 * - 'loop': one by one, as what says nothing does; for composites that read values.
 * - `draws`: it draws random numbers, as `vmap` was told: as many as `size` says, for tensors 'like' its own, or by one of these rules.
 * - `dims`: parameters that number dimensions of the first tensor move past the stack's.
 * - a function: by other ops, given the arguments (what is not stacked as it is); its results have the stack's dimension first. Where
 *   it knows no way it returns null.
 */
export type Batching<S extends string> =
  | 'leading'
  | 'broadcast'
  | 'folded'
  | 'loop'
  | { readonly dims: readonly string[] }
  | { readonly draws: 'size' | 'like' | 'leading' | 'broadcast' | 'loop' | BatchRule<S> }
  | BatchRule<S>;

export type BatchRule<S extends string> = (
  ...args: [...Arguments<S>, Stack<TensorNames<S> & string>]
) => Returns<S> | null;
