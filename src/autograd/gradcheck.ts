/** Numerical checks of gradients, in float64 and complex128. */

import { complex128, float64 } from '../core/dtype.js';
import { AssertionError, RuntimeError, ValueError } from '../core/errors.js';
import { interleaved } from '../core/interleaved.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { withLevel } from '../dispatch/forward_level.js';
import { dualAt } from './dual.js';
import { grad } from './grad.js';
import { enableGrad, noGrad } from './modes.js';

const gradcheckSignature = signature(
  'gradcheck(Callable func, Tensor|Tensor[] inputs, *, float eps=1e-06, float atol=1e-05, float rtol=0.001, bool raise_exception=True, bool check_forward_ad=False, bool check_backward_ad=True)',
);
const gradgradcheckSignature = signature(
  'gradgradcheck(Callable func, Tensor|Tensor[] inputs, Tensor|Tensor[]? grad_outputs=None, *, float eps=1e-06, float atol=1e-05, float rtol=0.001, bool raise_exception=True, bool check_fwd_over_rev=False, bool check_rev_over_rev=True)',
);

/** Options of `gradcheck`. */
export type CheckedFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

class GradcheckError extends RuntimeError {
  override name = 'GradcheckError';
}

function outputs(fn: CheckedFunction, inputs: readonly Tensor[]): readonly Tensor[] {
  const result = fn(...inputs);
  return (result instanceof Tensor ? [result] : [...result]).filter((t) => t.dtype.isDifferentiable);
}

/** The elements in float64; complex numbers count as two, their parts. */
function elements(t: Tensor): Float64Array {
  return t.to(t.isComplex() ? complex128 : float64).toArray() as Float64Array;
}

/** A tensor like `t` of zeros but for element `j`, as `elements` counts. */
function unit(t: Tensor, j: number): Tensor {
  const result = t.detach().zerosLike().contiguous();
  const { storage, dtype, offset } = t.isComplex() ? interleaved(result) : result;
  new Tensor(storage, dtype, [1], [1], offset + j).fill_(1);
  return result;
}

/** ∂ outputs / ∂ input by central differences: one row per input element, one column per output element. */
function numerical(
  fn: CheckedFunction,
  inputs: readonly Tensor[],
  which: number,
  eps: number,
): Float64Array[][] {
  const input = inputs[which];
  return noGrad(() => {
    const flat = input.detach();
    const rows: Float64Array[][] = [];
    const base = elements(flat);
    const n = base.length;
    const at = (i: number, x: number): Float64Array[] => {
      const values = Float64Array.from(base);
      values[i] = x;
      const changed = flat.newEmpty(input.shape);
      const memory = changed.storage.host()!;
      new Float64Array(memory.buffer, memory.byteOffset, n).set(values);
      const args = inputs.map((t, k) => (k === which ? changed : t.detach()));
      return outputs(fn, args).map(elements);
    };
    for (let i = 0; i < n; i++) {
      const above = at(i, base[i] + eps);
      const below = at(i, base[i] - eps);
      rows.push(above.map((a, o) => a.map((x, j) => (x - below[o][j]) / (2 * eps))));
    }
    return rows;
  });
}

/**
 * Compares the gradients of `fn` with finite differences. Inputs that require grad must be float64 or complex128; the
 * parts of complex numbers are varied and compared one by one.
 *
 * @returns true
 * @throws GradcheckError naming the first mismatch (unless `raiseException` is false)
 */
export function gradcheck(...args: Arguments<typeof gradcheckSignature, { func: CheckedFunction }>): boolean {
  const { func, inputs, eps, atol, rtol, raiseException, checkForwardAd, checkBackwardAd } =
    gradcheckSignature.bind(args);
  const fn = func as CheckedFunction;
  if (!checkForwardAd && !checkBackwardAd)
    throw new AssertionError('Expected at least one of checkForwardAd or checkBackwardAd to be true');
  const list = inputs instanceof Tensor ? [inputs] : inputs;
  if (!list.some((t) => t.requiresGrad))
    throw new ValueError(
      'gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True.',
    );
  for (const [i, t] of list.entries())
    if (t.requiresGrad && t.dtype !== float64 && t.dtype !== complex128)
      throw new ValueError(`gradcheck expects float64 or complex128 inputs: input ${i} is ${t.dtype}`);
  const results = outputs(fn, list);
  const mismatch = (mode: string, k: number, i: number, o: number, j: number, a: number, n: number) =>
    Math.abs(a - n) > atol + rtol * Math.abs(n) || Number.isNaN(a) !== Number.isNaN(n)
      ? `Jacobian ${mode}mismatch for output ${o} with respect to input ${k},\nnumerical:${n}\nanalytical:${a}\n(element ${i} of the input, element ${j} of the output)`
      : null;
  const problemOf = (k: number): string | null => {
    const expected = numerical(fn, list, k, eps);
    if (checkForwardAd)
      for (const [i, row] of expected.entries())
        for (const [o, column] of pushed(fn, list, k, i).entries())
          for (const [j, a] of column.entries()) {
            const text = mismatch('computed with forward mode ', k, i, o, j, a, row[o][j]);
            if (text !== null) return text;
          }
    if (checkBackwardAd)
      for (const [o, out] of results.entries())
        for (let j = 0; j < elements(out.detach()).length; j++) {
          const given = pulled(out, j, list[k]);
          if (String(given.shape) !== String(list[k].shape))
            return `gradient of input ${k} has sizes ${given.shape}, the input ${list[k].shape}`;
          for (const [i, a] of elements(given).entries()) {
            const text = mismatch('', k, i, o, j, a, expected[i][o][j]);
            if (text !== null) return text;
          }
        }
    return null;
  };
  for (const [k, input] of list.entries()) {
    const problem = input.requiresGrad ? problemOf(k) : null;
    if (problem !== null && raiseException) throw new GradcheckError(problem);
    if (problem !== null) return false;
  }
  return true;
}

/** A row of the Jacobian: the gradient of one element of an output. */
function pulled(output: Tensor, element: number, input: Tensor): Tensor {
  const found = output.requiresGrad
    ? grad(output, input, unit(output, element), { retainGraph: true, allowUnused: true })[0]
    : null;
  return found ?? input.detach().zerosLike();
}

/** A column of the Jacobian, by outputs: their tangents along one element of an input. */
function pushed(
  fn: CheckedFunction,
  inputs: readonly Tensor[],
  which: number,
  element: number,
): Float64Array[] {
  return withLevel((level) => {
    const args = inputs.map((t, k) => (k === which ? dualAt(level, t, unit(t, element)) : t));
    return outputs(fn, args).map((y) => elements((level.get(y) ?? y.zerosLike()).detach()));
  });
}

/**
 * `gradcheck` of the gradient itself: the second derivatives. Cotangents are random unless given.
 *
 * @param gradOutputs one per output of `fn`
 */
export function gradgradcheck(
  ...args: Arguments<typeof gradgradcheckSignature, { func: CheckedFunction }>
): boolean {
  const { func, inputs, gradOutputs, checkFwdOverRev, checkRevOverRev, ...rest } =
    gradgradcheckSignature.bind(args);
  const fn = func as CheckedFunction;
  const list = inputs instanceof Tensor ? [inputs] : [...inputs];
  const results = outputs(fn, list);
  const given =
    gradOutputs === null
      ? results.map((t) => t.detach().clone().uniform_(-1, 1).requiresGrad_())
      : gradOutputs instanceof Tensor
        ? [gradOutputs]
        : [...gradOutputs];
  const wanted = list.flatMap((t, i) => (t.requiresGrad ? [i] : []));
  const gradient: CheckedFunction = (...args) => {
    const xs = args.slice(0, list.length).map((t, i) => {
      if (t.requiresGrad || !wanted.includes(i)) return t;
      return t.detach().requiresGrad_();
    });
    const cotangents = args.slice(list.length);
    const ys = outputs(fn, xs);
    const used = ys.flatMap((y, i) => (y.requiresGrad ? [i] : []));
    if (used.length === 0) return wanted.map((i) => xs[i].zerosLike());
    return grad(
      used.map((i) => ys[i]),
      wanted.map((i) => xs[i]),
      used.map((i) => cotangents[i]),
      { createGraph: true, allowUnused: true, materializeGrads: true },
    ) as Tensor[];
  };
  // The numerical side evaluates gradients, which must be recorded even inside noGrad.
  const recorded: CheckedFunction = (...args) => enableGrad(() => gradient(...args));
  if (!checkFwdOverRev && !checkRevOverRev)
    throw new AssertionError('Expected at least one of checkFwdOverRev or checkRevOverRev to be true');
  return gradcheck(recorded, [...list, ...given], {
    ...rest,
    checkForwardAd: checkFwdOverRev,
    checkBackwardAd: checkRevOverRev,
  });
}
