/** Directional derivatives, by finite differences and by both modes of autograd: what `gradcheck` compares. */

import { complex128, float64 } from '../core/dtype.js';
import { Tensor } from '../core/tensor.js';
import { withLevel } from '../dispatch/forward_level.js';
import { dualAt } from './dual.js';
import { grad } from './grad.js';
import { noGrad } from './modes.js';

export type CheckedFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** A vector over the elements of a tensor; complex numbers count as two, their parts. */
export type Vector = Float64Array;

export function outputsOf(fn: CheckedFunction, inputs: readonly Tensor[]): readonly Tensor[] {
  const result = fn(...inputs);
  return (result instanceof Tensor ? [result] : [...result]).filter((t) => t.dtype.isDifferentiable);
}

/** The elements in float64. */
export function elements(t: Tensor): Vector {
  return t.to(t.isComplex() ? complex128 : float64).toArray() as Vector;
}

/** A tensor like `t` of these elements. */
function filled(t: Tensor, values: Vector): Tensor {
  const wide = t.detach().newEmpty(t.shape, { dtype: t.isComplex() ? complex128 : float64 });
  const memory = wide.storage.host()!;
  new Float64Array(memory.buffer, memory.byteOffset, values.length).set(values);
  return wide.to(t.dtype);
}

/** How many elements a tensor has as `elements` counts. */
export const countOf = (t: Tensor): number => t.numel() * (t.isComplex() ? 2 : 1);

/** The vector of zeros but for element `i`. */
export function unit(n: number, i: number): Vector {
  const result = new Float64Array(n);
  result[i] = 1;
  return result;
}

export const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
export const sumOf = (a: Vector): number => a.reduce((sum, x) => sum + x, 0);

/** The derivatives of all outputs along a direction of one input, by central differences. */
export function numerical(
  fn: CheckedFunction,
  inputs: readonly Tensor[],
  which: number,
  direction: Vector,
  eps: number,
): Vector[] {
  const base = elements(inputs[which].detach());
  const at = (step: number): Vector[] => {
    const values = base.map((x, i) => x + step * direction[i]);
    const args = inputs.map((t, k) => (k === which ? filled(t, values) : t.detach()));
    return outputsOf(fn, args).map(elements);
  };
  return noGrad(() => {
    const [above, below] = [at(eps), at(-eps)];
    return above.map((a, o) => a.map((x, j) => (x - below[o][j]) / (2 * eps)));
  });
}

/** The gradient of an output's product with a vector; null if the output does not depend on the input. */
export function pulled(output: Tensor, vector: Vector, input: Tensor): Tensor | null {
  if (!output.requiresGrad) return null;
  const options = { retainGraph: true, allowUnused: true };
  return grad(output, input, filled(output, vector), options)[0];
}

/** The tangents of all outputs along a direction of one input. */
export function pushed(
  fn: CheckedFunction,
  inputs: readonly Tensor[],
  which: number,
  direction: Vector,
): Vector[] {
  return withLevel((level) => {
    const args = inputs.map((t, k) => (k === which ? dualAt(level, t, filled(t, direction)) : t));
    return outputsOf(fn, args).map((y) => elements((level.get(y) ?? y.zerosLike()).detach()));
  });
}
