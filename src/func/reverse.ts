/** `grad`, `gradAndValue` and `vjp`: the backward pass as a transform of functions. */
import { grad as autogradGrad } from '../autograd/grad.js';
import { enableGrad } from '../autograd/modes.js';
import { context } from '../core/context.js';
import { RuntimeError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { typeName } from '../core/repr.js';
import { type Signature, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { type Argnums, checkOutputs, type Fn, positions, replaceAt, splitAux } from './argnums.js';
import { Transform } from './levels.js';
import { flatten, formatSpec, type TreeSpec, treeMap, unflatten } from './tree.js';

/** The arguments that are differentiated by. */
export type Picked<A extends readonly unknown[], N> = N extends number
  ? A[N]
  : N extends readonly number[]
    ? { -readonly [I in keyof N]: A[N[I] & number] }
    : never;

export interface GradFunctionOptions<N extends Argnums, X extends boolean> {
  /** By which arguments: a position, or several. Default 0. */
  argnums?: N;
  /** The function returns `[output, aux]`, and `aux` is handed on. Default false. */
  hasAux?: X;
}

interface Entered {
  readonly transform: Transform;
  /** Tensors that the function was given in place of the arguments picked. */
  readonly inner: readonly Tensor[];
  readonly spec: TreeSpec;
  readonly result: unknown;
}

/** Calls a function with arguments that gradients flow to. */
function enter(func: Fn, args: readonly unknown[], argnums: Argnums | null): Entered {
  const transform = new Transform();
  const places = argnums === null ? args.map((_, i) => i) : positions(argnums, args.length);
  const picked = flatten(places.map((i) => args[i]));
  return enableGrad(() => {
    const inner = picked.leaves.map((leaf) => transform.enter(leaf));
    const given = replaceAt(args, places, unflatten(picked.spec, inner) as unknown[]);
    const result = transform.run(() => func(...(given as never[])));
    return { transform, inner, spec: picked.spec, result };
  });
}

function leaveTree(transform: Transform, tree: unknown): unknown {
  return treeMap((leaf) => (leaf instanceof Tensor ? transform.leave(leaf) : leaf), tree);
}

/** Gradients by all inputs, zero where an output does not depend on one. */
function gradients(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  cotangents: readonly Tensor[] | null,
  retainGraph: boolean,
  createGraph: boolean,
): Tensor[] {
  const used = outputs.flatMap((y, i) => (y.requiresGrad ? [i] : []));
  if (used.length === 0) return inputs.map((x) => x.detach().zerosLike());
  return autogradGrad(
    used.map((i) => outputs[i]),
    inputs,
    cotangents === null ? null : used.map((i) => cotangents[i]),
    { retainGraph, createGraph, allowUnused: true, materializeGrads: true },
  ) as Tensor[];
}

const api = 'grad_and_value(f)(*args)';

function gradsOf(
  func: Fn,
  args: readonly unknown[],
  argnums: Argnums,
  hasAux: boolean,
): { grads: unknown; value: Tensor; aux: unknown } {
  const { transform, inner, spec, result } = enter(func, args, argnums);
  const [value, aux] = splitAux(result, hasAux, api);
  if (!(value instanceof Tensor))
    throw new RuntimeError(`${api}: Expected f(*args) to return a Tensor, got <class '${typeName(value)}'>`);
  if (value.ndim !== 0)
    throw new RuntimeError(
      `${api}: Expected f(*args) to return a scalar Tensor, got tensor with ${value.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?`,
    );
  const found = gradients([value], inner, null, true, transform.isRecorded).map((g) => transform.leave(g));
  const picked = unflatten(spec, found) as unknown[];
  return {
    grads: typeof argnums === 'number' ? picked[0] : picked,
    value: transform.leave(value),
    aux: leaveTree(transform, aux),
  };
}

const gradSignature = signature('grad(Callable func, Any argnums=0, bool has_aux=False)');
const gradAndValueSignature = signature('grad_and_value(Callable func, Any argnums=0, bool has_aux=False)');

function settings(
  of: Signature<`${string}(Callable func, Any argnums=0, bool has_aux=False)`>,
  given: readonly unknown[],
) {
  const bound = of.bind(given) as { func: unknown; argnums: unknown; hasAux: boolean };
  return { func: bound.func as Fn, places: bound.argnums as Argnums, withAux: bound.hasAux };
}

/**
 * The function that gives the gradient of `func`, whose result must be one number. Nests, for higher derivatives.
 *
 * @param argnums by which arguments: a position, or several
 *
 * @example
 * const x = torch.tensor(0.5);
 * const cosine = torch.func.grad((t: torch.Tensor) => t.sin())(x);
 */
export function grad<A extends readonly unknown[], X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [output: Tensor, aux: X],
  argnums: N,
  hasAux: true,
): (...args: A) => readonly [gradient: Picked<A, N>, aux: X];
export function grad<A extends readonly unknown[], X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [output: Tensor, aux: X],
  options: GradFunctionOptions<N, true> & { hasAux: true },
): (...args: A) => readonly [gradient: Picked<A, N>, aux: X];
export function grad<A extends readonly unknown[], const N extends Argnums = 0>(
  func: (...args: A) => Tensor,
  argnums?: N | GradFunctionOptions<N, false>,
  hasAux?: false,
): (...args: A) => Picked<A, N>;
export function grad<A extends readonly unknown[], const N extends Argnums = 0>(options: {
  func: (...args: A) => Tensor;
  argnums?: N;
  hasAux?: false;
}): (...args: A) => Picked<A, N>;
export function grad<A extends readonly unknown[], X, const N extends Argnums = 0>(options: {
  func: (...args: A) => readonly [output: Tensor, aux: X];
  argnums?: N;
  hasAux: true;
}): (...args: A) => readonly [gradient: Picked<A, N>, aux: X];
export function grad(...given: unknown[]): (...args: unknown[]) => unknown {
  const { func, places, withAux } = settings(gradSignature, given);
  return (...args) => {
    const { grads, aux } = gradsOf(func, args, places, withAux);
    return withAux ? [grads, aux] : grads;
  };
}

/** As `grad`, but the function returned gives `[gradient, value]`, with `hasAux` `[gradient, [value, aux]]`. */
export function gradAndValue<A extends readonly unknown[], X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [output: Tensor, aux: X],
  argnums: N,
  hasAux: true,
): (...args: A) => readonly [gradient: Picked<A, N>, value: readonly [output: Tensor, aux: X]];
export function gradAndValue<A extends readonly unknown[], X, const N extends Argnums = 0>(
  func: (...args: A) => readonly [output: Tensor, aux: X],
  options: GradFunctionOptions<N, true> & { hasAux: true },
): (...args: A) => readonly [gradient: Picked<A, N>, value: readonly [output: Tensor, aux: X]];
export function gradAndValue<A extends readonly unknown[], const N extends Argnums = 0>(
  func: (...args: A) => Tensor,
  argnums?: N | GradFunctionOptions<N, false>,
  hasAux?: false,
): (...args: A) => readonly [gradient: Picked<A, N>, value: Tensor];
export function gradAndValue<A extends readonly unknown[], const N extends Argnums = 0>(options: {
  func: (...args: A) => Tensor;
  argnums?: N;
  hasAux?: false;
}): (...args: A) => readonly [gradient: Picked<A, N>, value: Tensor];
export function gradAndValue<A extends readonly unknown[], X, const N extends Argnums = 0>(options: {
  func: (...args: A) => readonly [output: Tensor, aux: X];
  argnums?: N;
  hasAux: true;
}): (...args: A) => readonly [gradient: Picked<A, N>, value: readonly [output: Tensor, aux: X]];
export function gradAndValue(...given: unknown[]): (...args: unknown[]) => unknown {
  const { func, places, withAux } = settings(gradAndValueSignature, given);
  return (...args) => {
    const { grads, value, aux } = gradsOf(func, args, places, withAux);
    return [grads, withAux ? [value, aux] : value];
  };
}

/** Gives the arguments' gradients for gradients of the outputs, as often as it is called. */
export type VjpFunction<A extends readonly unknown[], R> = (
  cotangents: R,
  options?: { retainGraph?: boolean; createGraph?: boolean },
) => A;

export function vjpOf(
  func: Fn,
  args: readonly unknown[],
  argnums: Argnums | null,
  hasAux: boolean,
): {
  output: unknown;
  pullback: (cotangents: unknown, options?: { createGraph?: boolean }) => unknown[];
  aux: unknown;
} {
  const { transform, inner, spec, result } = enter(func, args, argnums);
  const [output, aux] = splitAux(result, hasAux, 'vjp(f, *primals)');
  const { leaves, spec: outputSpec } = flatten(output);
  const outputs = checkOutputs(leaves, 'vjp(f, *primals)');
  for (const y of outputs)
    if (!y.dtype.isDifferentiable)
      throw new RuntimeError(
        `vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype ${y.dtype}`,
      );
  const pullback = (
    cotangents: unknown,
    options: { retainGraph?: boolean; createGraph?: boolean } = {},
  ): unknown[] => {
    const given = flatten(cotangents);
    const [form, expected] = [formatSpec(given.spec), formatSpec(outputSpec)];
    if (form !== expected)
      throw new RuntimeError(
        `Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. cotangents: ${form}, primal output: ${expected}`,
      );
    const { retainGraph = true, createGraph = context().grad } = options;
    const found = gradients(outputs, inner, given.leaves as Tensor[], retainGraph, createGraph);
    return unflatten(
      spec,
      found.map((g) => transform.leave(g)),
    ) as unknown[];
  };
  return { output: leaveTree(transform, output), pullback, aux: leaveTree(transform, aux) };
}

/**
 * The output of `func` and the function that takes gradients of the output back to the arguments.
 *
 * @param primals the arguments of `func`; last may come `{ hasAux: true }`, where `func` returns `[output, aux]`
 *
 * @example
 * const [y, pullback] = torch.func.vjp((t: torch.Tensor) => t.sin(), torch.rand(3));
 * const [gradient] = pullback(torch.onesLike(y));
 */
export function vjp<A extends readonly unknown[], R, X>(
  func: (...primals: A) => readonly [output: R, aux: X],
  ...primals: readonly [...A, { hasAux: true }]
): readonly [output: R, pullback: VjpFunction<A, R>, aux: X];
export function vjp<A extends readonly unknown[], R>(
  func: (...primals: A) => R,
  ...primals: A
): readonly [output: R, pullback: VjpFunction<A, R>];
export function vjp(...args: readonly unknown[]): readonly unknown[] {
  // An object with tensors in it is an argument of the function, any other holds names.
  const last = args.at(-1);
  const isOptions = isPlainObject(last) && !flatten(last).leaves.some((leaf) => leaf instanceof Tensor);
  const { func, hasAux } = vjpSignature.bind(
    isOptions ? [args[0] === last ? undefined : args[0], last] : [args[0]],
  );
  const primals = args.slice(1, isOptions ? -1 : undefined);
  const { output, pullback, aux } = vjpOf(func as Fn, primals, null, hasAux);
  return hasAux ? [output, pullback, aux] : [output, pullback];
}

const vjpSignature = signature('vjp(Callable func, *, bool has_aux=False)');
