/** Numerical checks of gradients. */

import { complex128, float64 } from '../core/dtype.js';
import { AssertionError, RuntimeError, ValueError } from '../core/errors.js';
import { Generator } from '../core/generator.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import {
  type CheckedFunction,
  countOf,
  dot,
  elements,
  numerical,
  outputsOf,
  pulled,
  pushed,
  sumOf,
  unit,
  type Vector,
} from './directional_derivatives.js';
import { Function } from './function.js';
import { grad } from './grad.js';
import { enableGrad } from './modes.js';

export type { CheckedFunction };

/** Parameters of both functions, but for the modes that are checked. */
const settings =
  'float eps=1e-06, float atol=1e-05, float rtol=0.001, bool raise_exception=True, float nondet_tol=0.0, bool check_undefined_grad=True, bool check_grad_dtypes=False, bool check_batched_grad=False';

const gradcheckSignature = signature(
  `gradcheck(Callable func, Tensor|Tensor[] inputs, *, ${settings}, bool check_forward_ad=False, bool check_backward_ad=True, bool fast_mode=False)` as const,
);
const gradgradcheckSignature = signature(
  `gradgradcheck(Callable func, Tensor|Tensor[] inputs, Tensor|Tensor[]? grad_outputs=None, *, ${settings}, bool check_fwd_over_rev=False, bool check_rev_over_rev=True, bool fast_mode=False)` as const,
);

class GradcheckError extends RuntimeError {
  override name = 'GradcheckError';
}

interface Settings {
  readonly eps: number;
  readonly atol: number;
  readonly rtol: number;
  readonly nondetTol: number;
  readonly checkUndefinedGrad: boolean;
  readonly checkGradDtypes: boolean;
  readonly checkBatchedGrad: boolean;
  readonly checkForwardAd: boolean;
  readonly checkBackwardAd: boolean;
  readonly fastMode: boolean;
}

/** A function at its inputs. */
interface Point {
  readonly fn: CheckedFunction;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly settings: Settings;
}

/** @throws ValueError or RuntimeError in PyTorch's words */
function checkInputs(inputs: readonly Tensor[]): void {
  for (const [i, t] of inputs.entries()) {
    if (!t.requiresGrad) continue;
    if (t.dtype !== float64 && t.dtype !== complex128)
      warn(
        `Input #${i} requires gradient and is not a double precision floating point or complex. This check will likely fail if all the inputs are not of double precision floating point or complex. `,
      );
    if (t.shape.some((size, d) => size > 1 && t.strides[d] <= 0))
      throw new RuntimeError(
        `The ${i}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck.`,
      );
  }
  if (!inputs.some((t) => t.requiresGrad))
    throw new ValueError(
      'gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.',
    );
}

const differs = (a: number, n: number, atol: number, rtol: number): boolean =>
  Math.abs(a - n) > atol + rtol * Math.abs(n) || Number.isNaN(a) !== Number.isNaN(n);

const mismatch = (mode: string, k: number, o: number, a: number, n: number): string =>
  `Jacobian ${mode}mismatch for output ${o} with respect to input ${k},\nnumerical:${n}\nanalytical:${a}\n`;

const forwardMode = 'computed with forward mode ';

/** The elements of an output's gradient. @throws GradcheckError if it is no gradient of that input */
function gradientAlong({ outputs, inputs, settings }: Point, o: number, vector: Vector, k: number): Vector {
  const found = pulled(outputs[o], vector, inputs[k]);
  if (found === null) return new Float64Array(countOf(inputs[k]));
  if (found.dtype !== inputs[k].dtype && settings.checkGradDtypes)
    throw new GradcheckError('Gradient has dtype mismatch');
  if (String(found.shape) !== String(inputs[k].shape))
    throw new GradcheckError('Analytical gradient has incorrect size');
  return elements(found.detach());
}

/** Compares Jacobians element by element. @throws GradcheckError at the first that differs */
function checkEveryElement(point: Point, k: number): void {
  const { fn, inputs, outputs, settings } = point;
  const { eps, atol, rtol } = settings;
  const n = countOf(inputs[k]);
  const directions = Array.from({ length: n }, (_, i) => unit(n, i));
  const expected = directions.map((direction) => numerical(fn, inputs, k, direction, eps));
  const compare = (mode: string, i: number, o: number, j: number, a: number) => {
    const value = expected[i][o][j];
    if (differs(a, value, atol, rtol))
      throw new GradcheckError(
        `${mismatch(mode, k, o, a, value)}(element ${i} of the input, element ${j} of the output)`,
      );
  };
  if (settings.checkForwardAd)
    for (const [i, direction] of directions.entries())
      for (const [o, column] of pushed(fn, inputs, k, direction).entries())
        for (const [j, a] of column.entries()) compare(forwardMode, i, o, j, a);
  if (settings.checkBackwardAd)
    for (const [o, output] of outputs.entries()) {
      const count = countOf(output);
      for (let j = 0; j < count; j++)
        for (const [i, a] of gradientAlong(point, o, unit(count, j), k).entries()) compare('', i, o, j, a);
    }
}

/** A positive vector of length 1, out of a stream of its own. */
function randomVector(t: Tensor, generator: Generator): Vector {
  const drawn = elements(t.detach().newEmpty(countOf(t), { dtype: float64 }).uniform_(0, 1, { generator }));
  const length = Math.sqrt(dot(drawn, drawn));
  return drawn.map((x) => x / length);
}

const onlySlowOk =
  "Fast gradcheck failed but element-wise differences are small. This means that the\ntest might've passed with `fastMode: false`!";

/** Compares Jacobians along one random direction. @throws GradcheckError */
function checkOneDirection(point: Point, k: number, generator: Generator): void {
  const { fn, inputs, outputs, settings } = point;
  if (countOf(inputs[k]) === 0) return;
  const u = randomVector(inputs[k], generator);
  const expected = numerical(fn, inputs, k, u, settings.eps);
  const fail = (mode: string, o: number, a: number, n: number): never => {
    let slow = onlySlowOk;
    try {
      checkEveryElement(point, k);
    } catch (error) {
      if (!(error instanceof GradcheckError)) throw error;
      slow = error.message;
    }
    throw new GradcheckError(
      `${mismatch(mode, k, o, a, n)}\nThe above quantities relating the numerical and analytical jacobians are computed in fast mode. Below, we recompute numerical and analytical jacobians in slow mode:\n\n${slow}`,
    );
  };
  // The tolerance of each element, as far as the vectors let it through.
  const along = settings.atol * sumOf(u);
  if (settings.checkForwardAd)
    for (const [o, column] of pushed(fn, inputs, k, u).entries())
      for (const [j, a] of column.entries())
        if (differs(a, expected[o][j], along, settings.rtol)) fail(forwardMode, o, a, expected[o][j]);
  if (settings.checkBackwardAd)
    for (const [o, output] of outputs.entries()) {
      const v = randomVector(output, generator);
      const [a, n] = [dot(gradientAlong(point, o, v, k), u), dot(expected[o], v)];
      if (differs(a, n, along * sumOf(v), settings.rtol)) fail('', o, a, n);
    }
}

/** @throws GradcheckError if the same pass gives something else when it is run again */
function checkReentrance(point: Point, k: number, generator: Generator): void {
  for (const [o, output] of point.outputs.entries()) {
    const v = randomVector(output, generator);
    const [first, second] = [0, 1].map(() => gradientAlong(point, o, v, k));
    const { nondetTol } = point.settings;
    if (first.some((x, i) => Math.abs(x - second[i]) > nondetTol))
      throw new GradcheckError(
        `Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although analytical gradient matches numerical gradient.The tolerance for nondeterminism was ${nondetTol}.`,
      );
  }
}

/** Passes values on, and no gradient. */
class UndefinedGrad extends Function {
  static override forward(_: unknown, x: Tensor): Tensor {
    return x.viewAs(x);
  }

  static override backward(): null {
    return null;
  }
}

/** Runs backward passes in which some or all outputs have no gradient, and others zeros. @throws GradcheckError */
function checkUndefined({ fn, inputs, outputs }: Point): void {
  const wanted = inputs.filter((t) => t.requiresGrad);
  const hidden = [outputs.map(() => true)];
  if (outputs.length > 1) hidden.push(...outputs.map((_, i) => outputs.map((_, o) => o === i)));
  for (const isHidden of hidden) {
    const results = outputsOf(fn, inputs).map((y, o) => (isHidden[o] ? UndefinedGrad.apply(y) : y) as Tensor);
    const used = results.filter((y) => y.requiresGrad);
    if (used.length === 0) continue;
    const zeros = used.map((y) => y.detach().zerosLike());
    const gradients = (() => {
      try {
        return grad(used, wanted, zeros, { allowUnused: true }) as (Tensor | null)[];
      } catch (cause) {
        throw new GradcheckError('Expected backward function to handle undefined output grads.', { cause });
      }
    })();
    for (const gradient of gradients)
      if (gradient !== null && elements(gradient.detach()).some((x) => x !== 0))
        throw new GradcheckError(
          'Expected all input grads to be undefined or zero when all output grads are undefined or zero.',
        );
  }
}

/** Compares a backward pass for a stack of gradients with one for each. @throws GradcheckError */
function checkBatched({ inputs, outputs }: Point, generator: Generator): void {
  const wanted = inputs.filter((t) => t.requiresGrad);
  for (const [o, output] of outputs.entries()) {
    if (!output.requiresGrad) continue;
    const stack = output
      .detach()
      .newEmpty([2, ...output.shape])
      .normal_(0, 1, { generator });
    const pass = (given: Tensor, isGradsBatched: boolean): Tensor[] =>
      grad(output, wanted, given, { retainGraph: true, materializeGrads: true, isGradsBatched }) as Tensor[];
    const single = [0, 1].map((i) => pass(stack.select(0, i), false));
    const together = (() => {
      try {
        return pass(stack, true);
      } catch (cause) {
        throw new GradcheckError(`While computing batched gradients, got: ${(cause as Error).message}`, {
          cause,
        });
      }
    })();
    for (const [k, found] of together.entries())
      for (const [i, one] of single.entries())
        if (!found.select(0, i).allclose(one[k]))
          throw new GradcheckError(
            `For output ${o} and input ${k}:\n\ngradcheck or gradgradcheck failed while testing batched gradient computation.\n\nGot:\n${found.select(0, i)}\n\nExpected:\n${one[k]}`,
          );
  }
}

function checkAll(point: Point): void {
  const generator = new Generator();
  const { settings } = point;
  for (const [k, input] of point.inputs.entries()) {
    if (!input.requiresGrad) continue;
    if (settings.fastMode) checkOneDirection(point, k, generator);
    else checkEveryElement(point, k);
    if (settings.checkBackwardAd) checkReentrance(point, k, generator);
  }
  if (!settings.checkBackwardAd) return;
  if (settings.checkBatchedGrad) checkBatched(point, generator);
  if (settings.checkUndefinedGrad) checkUndefined(point);
}

/**
 * Compares the gradients of `fn` with finite differences. Inputs that require grad should be float64 or complex128; the
 * parts of complex numbers are varied and compared one by one.
 *
 * @param nondetTol how much two runs of the same backward pass may differ
 * @param checkUndefinedGrad whether to run backward passes in which outputs have no gradient
 * @param checkGradDtypes whether gradients must have their inputs' dtypes
 * @param checkBatchedGrad whether to compare backward passes for stacks of gradients (`isGradsBatched`) with single ones
 * @param fastMode whether to compare along one random direction instead of element by element
 * @returns true
 * @throws GradcheckError naming the first mismatch (unless `raiseException` is false)
 */
export function gradcheck(...args: Arguments<typeof gradcheckSignature, { func: CheckedFunction }>): boolean {
  const { func, inputs, raiseException, ...settings } = gradcheckSignature.bind(args);
  const fn = func as CheckedFunction;
  if (!settings.checkForwardAd && !settings.checkBackwardAd)
    throw new AssertionError('Expected at least one of checkForwardAd or checkBackwardAd to be true');
  if (settings.checkBatchedGrad && !settings.checkBackwardAd)
    throw new AssertionError('Setting checkBatchedGrad: true requires checkBackwardAd to be true');
  const list = inputs instanceof Tensor ? [inputs] : inputs;
  checkInputs(list);
  try {
    checkAll({ fn, inputs: list, outputs: outputsOf(fn, list), settings });
  } catch (error) {
    if (!raiseException && error instanceof GradcheckError) return false;
    throw error;
  }
  return true;
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
  const results = outputsOf(fn, list);
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
    const ys = outputsOf(fn, xs);
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
