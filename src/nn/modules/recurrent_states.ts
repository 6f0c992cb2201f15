/** States of recurrent networks and cells, and how their parameters begin. */
import { TypeError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import * as init from '../init.js';
import type { Module } from '../module.js';

/** New values for a module's parameters: uniform within 1 / sqrt(hiddenSize). */
export function resetUniformly(module: Module, hiddenSize: number): void {
  const bound = hiddenSize > 0 ? 1 / Math.sqrt(hiddenSize) : 0;
  for (const parameter of module.parameters()) init.uniform_(parameter, -bound, bound);
}

/** States to begin with: zeros beside an input. */
export const zeros = (size: readonly number[], { dtype, device }: Tensor): Tensor =>
  ops.zeros(size, { dtype, device });

/** The one state of a network that is no LSTM. */
export const listOf = (hx: Tensor | null): [Tensor] | null => (hx === null ? null : [hx]);

/** The state and the cell of an LSTM. */
export type Pair = readonly [h: Tensor, c: Tensor];

/** @throws TypeError unless an LSTM's states are a pair */
export function pairOf(hx: unknown, owner: object): Pair | null {
  if (hx === null) return null;
  if (!Array.isArray(hx) || hx.length !== 2)
    throw new TypeError(
      `${owner.constructor.name}.forward(): argument 'hx' must be tuple of 2 Tensors, not ${typeName(hx)}; write [h0, c0]`,
    );
  return hx as unknown as Pair;
}
