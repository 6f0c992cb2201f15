/** Tangents of results: what every kind of op shares. */

import { gradientsOf } from '../autograd/backward.js';
import { reduceTo } from '../autograd/fit_gradient.js';
import { enableGrad } from '../autograd/modes.js';
import type { Gradient } from '../autograd/node.js';
import { likeLayout } from '../autograd/tangent_layout.js';
import { isComplexNumber } from '../core/complex.js';
import { context } from '../core/context.js';
import { sameShape } from '../core/layout.js';
import { asLeaf, Tensor } from '../core/tensor.js';
import type { Schema } from './schema.js';

/** Arguments and results by name, as formulas read them. */
export type Values = Readonly<Record<string, unknown>>;

/** A parameter's tangent; a list for a list of tensors. */
export type ParameterTangent = Gradient | readonly Gradient[];

export function valuesOf(schema: Schema, args: readonly unknown[], results: readonly Tensor[]): Values {
  const values: Record<string, unknown> = {};
  const sizes: Record<string, unknown> = {};
  for (const [i, { name }] of schema.parameters.entries()) {
    const arg = args[i];
    values[name] = arg;
    if (arg instanceof Tensor) sizes[name] = arg.shape;
    else if (Array.isArray(arg)) sizes[name] = arg.map((t) => (t instanceof Tensor ? t.shape : undefined));
  }
  for (const [i, { name }] of schema.returns.entries()) values[name] = results[i];
  values.result = results[0];
  values.sizes = sizes;
  return values;
}

/** Whether complex numbers are among the arguments. */
export function hasComplex(args: readonly unknown[]): boolean {
  return args.some((arg) => {
    if (arg instanceof Tensor) return arg.dtype.isComplex;
    return Array.isArray(arg) ? hasComplex(arg) : isComplexNumber(arg);
  });
}

/** An op with formulas for its gradients. */
interface Differentiated {
  readonly schema: Schema;
  gradients(
    values: Values,
    grads: readonly Gradient[],
    needs: readonly boolean[],
    isComplex: boolean,
  ): readonly (ParameterTangent | undefined)[];
}

/**
 * The Jacobian times the tangents, from the formulas for gradients: those give the transposed Jacobian times u, which is
 * linear in u, so that its own gradient with respect to u, at any u, is the product wanted.
 * At ones, since a formula may be written with logarithms of u.
 * (J. Townsend, "A new trick for calculating Jacobian vector products", 2017.)
 */
export function transposed(
  op: Differentiated,
  values: Values,
  inputs: readonly ParameterTangent[],
  results: readonly Tensor[],
): readonly Gradient[] {
  const tensors = op.schema.parameters.map((p) => values[p.name]);
  const createGraph =
    context().grad &&
    [...tensors.flat(), ...inputs.flat()].some((t) => t instanceof Tensor && t.requiresGrad);
  return enableGrad(() => {
    const us = results.map((r) => (r.dtype.isDifferentiable ? asLeaf(r.detach().onesLike()) : null));
    const gradients = op.gradients(
      values,
      us,
      inputs.map((t) => t !== null),
      hasComplex(tensors),
    );
    const products: Tensor[] = [];
    const vectors: Tensor[] = [];
    for (const [i, tangent] of inputs.entries()) {
      const parts = [gradients[i] ?? null].flat();
      for (const [k, v] of [tangent].flat().entries()) {
        const g = parts[k] ?? null;
        if (v === null || g === null || !g.requiresGrad) continue;
        products.push(reduceTo(g, v));
        vectors.push(v);
      }
    }
    const wanted = us.filter((u) => u !== null);
    const found =
      products.length === 0
        ? wanted.map(() => null)
        : gradientsOf(products, wanted, vectors, { createGraph });
    let next = 0;
    return us.map((u) => (u === null ? null : found[next++]));
  });
}

/** The tangent with its result's shape, dtype and layout, in memory of its own. */
export function fitTangent(tangent: Tensor, result: Tensor, inputs: readonly Gradient[]): Tensor {
  const fits =
    sameShape(tangent.shape, result.shape) &&
    sameShape(tangent.strides, result.strides) &&
    tangent.dtype === result.dtype &&
    !inputs.some((t) => t?.storage === tangent.storage);
  return fits ? tangent : likeLayout(result).copy_(tangent);
}

/** The sum of what is there; null if nothing is. */
export function sumOf(...terms: readonly Gradient[]): Gradient {
  return terms.reduce((sum, term) => (sum === null || term === null ? (sum ?? term) : sum.add(term)), null);
}
