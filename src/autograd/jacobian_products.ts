/** `torch.autograd.functional`: products with Jacobians and Hessians, and these themselves, by the backward pass. */
import { context } from '../core/context.js';
import { AssertionError, NotImplementedError, RuntimeError, TypeError } from '../core/errors.js';
import { formatSize } from '../core/printing.js';
import { typeName } from '../core/repr.js';
import type { Like } from '../core/results.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { concatenated } from './concatenation.js';
import { grad } from './grad.js';
import { enableGrad, setGradEnabled } from './modes.js';
import type { Gradient } from './node.js';

/** One tensor, or several. */
export type TensorOrTensors = Tensor | readonly Tensor[];
type Fn = (...inputs: never[]) => unknown;

/** A function of these inputs: of one tensor, or of as many as there are. */
export type FunctionOf<Inputs extends TensorOrTensors, Result> = (
  ...inputs: Inputs extends Tensor
    ? [input: Tensor]
    : Inputs extends readonly unknown[]
      ? { -readonly [K in keyof Inputs]: Tensor }
      : never
) => Result;

export interface ProductOptions {
  /** Record the computation, so that the results can be differentiated. Default false. */
  createGraph?: boolean;
  /** Refuse a function whose outputs do not depend on an input, instead of giving zeros. Default false. */
  strict?: boolean;
}

export interface JacobianOptions extends ProductOptions {
  /** Accepted for PyTorch's sake: rows come one by one. */
  vectorize?: boolean;
  /** `'reverse-mode'` (default); forward mode is `torch.func.jacfwd`. */
  strategy?: 'reverse-mode' | 'forward-mode';
}

const product = (name: string) =>
  signature(`${name}(Callable func, Any inputs, Any v=None, bool create_graph=False, bool strict=False)`);

const [vjpSignature, jvpSignature, vhpSignature, hvpSignature] = ['vjp', 'jvp', 'vhp', 'hvp'].map(product);
const jacobianSignature = signature(
  "jacobian(Callable func, Any inputs, bool create_graph=False, bool strict=False, bool vectorize=False, 'reverse-mode'|'forward-mode' strategy='reverse-mode')",
);
const hessianSignature = signature(
  "hessian(Callable func, Any inputs, bool create_graph=False, bool strict=False, bool vectorize=False, 'reverse-mode'|'forward-mode' outer_jacobian_strategy='reverse-mode')",
);

/** The arguments of a product. */
interface Product extends Required<ProductOptions> {
  readonly func: Fn;
  readonly inputs: TensorOrTensors;
  readonly v: TensorOrTensors | null;
}

const bound = (of: ReturnType<typeof product>, args: readonly unknown[]): Product =>
  of.bind(args) as unknown as Product;

interface Tuple {
  readonly isTuple: boolean;
  readonly list: readonly Tensor[];
}

function tuple(value: unknown, what: string, api: string): Tuple {
  const isTuple = Array.isArray(value);
  const list = isTuple ? (value as unknown[]) : [value];
  for (const [i, item] of list.entries())
    if (!(item instanceof Tensor))
      throw new TypeError(
        `The ${what} given to ${api} must be either a Tensor or a tuple of Tensors but the ${isTuple ? `value at index ${i} has` : `given ${what} has`} type <class '${typeName(item)}'>.`,
      );
  return { isTuple, list: list as Tensor[] };
}

const untuple = <T>(list: readonly T[], isTuple: boolean): T | readonly T[] => (isTuple ? list : list[0]);

/** Tensors of the caller's as ones to differentiate by, told apart from the same ones captured by the function. */
function fresh(list: readonly Tensor[], createGraph: boolean, needsGraph = true): Tensor[] {
  return list.map((t) => {
    if (createGraph && t.requiresGrad) return t.viewAs(t);
    const leaf = t.detach();
    return needsGraph ? leaf.requiresGrad_() : leaf;
  });
}

const finished = (list: readonly Tensor[], createGraph: boolean): readonly Tensor[] =>
  createGraph ? list : list.map((t) => t.detach());

function vector(v: unknown, like: Tuple, api: string, createGraph: boolean): Tensor[] {
  const { list } = tuple(v, 'v', api);
  if (list.length !== like.list.length)
    throw new RuntimeError(
      like.isTuple
        ? `v is a tuple of invalid length: should be ${like.list.length} but got ${list.length}.`
        : 'The given v should contain a single Tensor.',
    );
  for (const [i, t] of list.entries()) {
    const [given, expected] = [formatSize(t.shape), formatSize(like.list[i].shape)];
    if (given !== expected)
      throw new RuntimeError(
        `${like.isTuple ? `Entry ${i} in ` : ''}v has invalid size: should be ${expected} but got ${given}.`,
      );
  }
  return fresh(list, createGraph, false);
}

const isSingle = ({ list }: { list: readonly Tensor[] }): boolean =>
  list.length === 1 && list[0].numel() === 1;

function checkOutputs(outputs: readonly Tensor[], strict: boolean): void {
  for (const [i, output] of outputs.entries())
    if (strict && !output.requiresGrad)
      throw new RuntimeError(
        `Output ${i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.`,
      );
}

/** Gradients where there are any. */
function gradients(
  outputs: readonly Gradient[],
  inputs: readonly Tensor[],
  vectors: readonly Tensor[] | null,
  createGraph: boolean,
  retainGraph = createGraph,
): Gradient[] {
  const used = outputs.flatMap((y, i) => (y?.requiresGrad ? [i] : []));
  if (used.length === 0) return inputs.map(() => null);
  const roots = used.map((i) => outputs[i] as Tensor);
  const given = vectors === null ? null : used.map((i) => vectors[i]);
  return grad(roots, inputs, given, { createGraph, retainGraph, allowUnused: true });
}

/** Complaints of strict mode, by the step that found something missing. */
const missing = {
  back: (i: number) =>
    `The output of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
  backTrick: (i: number) =>
    `The gradient with respect to the input is independent of entry ${i} in the grad_outputs when using the double backward trick to compute forward mode gradients. This is not allowed in strict mode.`,
  doubleBack: (i: number) =>
    `The jacobian of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
  doubleBackTrick: (i: number) =>
    `The hessian of the user-provided function is independent of entry ${i} in the grad_jacobian. This is not allowed in strict mode as it prevents from using the double backward trick to replace forward mode AD.`,
};

function filled(
  found: readonly Gradient[],
  like: readonly Tensor[],
  { strict, createGraph }: Required<ProductOptions>,
  step: keyof typeof missing,
): Tensor[] {
  return found.map((g, i) => {
    if (g === null && strict) throw new RuntimeError(missing[step](i));
    if (g !== null && strict && createGraph && !g.requiresGrad)
      throw new RuntimeError(
        `The ${step.startsWith('double') ? 'hessian' : 'jacobian'} of the user-provided function is independent of input ${i}. This is not allowed in strict mode when createGraph: true.`,
      );
    return g ?? like[i].detach().zerosLike();
  });
}

/** The function's inputs and outputs, recorded. */
function call(func: Fn, inputs: unknown, api: string, createGraph: boolean, strict: boolean) {
  const given = tuple(inputs, 'inputs', api);
  const leaves = fresh(given.list, createGraph);
  const outputs = tuple(func(...(leaves as never[])), 'outputs of the user-provided function', api);
  checkOutputs(outputs.list, strict);
  return { inputs: { isTuple: given.isTuple, list: leaves }, outputs };
}

/** Runs with recording on if it is wanted, else as it was. */
const recording = <R>(createGraph: boolean, fn: () => R): R =>
  setGradEnabled(createGraph || context().grad, fn);

/**
 * The outputs of `func`, and `v` times its Jacobian.
 *
 * @param v one tensor per output; needed unless the output is one number
 */
export function vjp<const Inputs extends TensorOrTensors, const Output extends TensorOrTensors>(
  func: FunctionOf<Inputs, Output>,
  inputs: Inputs,
  v?: TensorOrTensors | null | ({ v?: TensorOrTensors | null } & ProductOptions),
  createGraph?: boolean | ProductOptions,
  strict?: boolean | { strict?: boolean },
): [outputs: Like<Output>, vjp: Like<Inputs>];
export function vjp<const Inputs extends TensorOrTensors, const Output extends TensorOrTensors>(
  options: { func: FunctionOf<Inputs, Output>; inputs: Inputs; v?: TensorOrTensors | null } & ProductOptions,
): [outputs: Like<Output>, vjp: Like<Inputs>];
export function vjp(...args: unknown[]): unknown {
  const { func, inputs, v, ...options } = bound(vjpSignature, args);
  const { create, called, vectors } = enableGrad(() => {
    const made = call(func, inputs, 'vjp', options.createGraph, options.strict);
    if (v === null && !isSingle(made.outputs))
      throw new RuntimeError(
        'The vector v can only be None if the user-provided function returns a single Tensor with a single element.',
      );
    const w = v === null ? null : vector(v, made.outputs, 'vjp', options.createGraph);
    return { create: options.createGraph, called: made, vectors: w };
  });
  const found = recording(create, () =>
    filled(
      gradients(called.outputs.list, called.inputs.list, vectors, create),
      called.inputs.list,
      options,
      'back',
    ),
  );
  return [
    untuple(finished(called.outputs.list, create), called.outputs.isTuple),
    untuple(finished(found, create), called.inputs.isTuple),
  ];
}

/** The vector a product with inputs takes; null stands for the one number that there is. */
function inputVector(
  v: TensorOrTensors | null,
  inputs: Tuple,
  api: string,
  createGraph: boolean,
): readonly Tensor[] | null {
  if (v !== null) return vector(v, inputs, api, createGraph);
  if (!isSingle(inputs))
    throw new RuntimeError(
      'The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.',
    );
  return null;
}

/**
 * The outputs of `func`, and its Jacobian times `v`, by two backward passes; `torch.func.jvp` takes one forward.
 *
 * @param v one tensor per input; needed unless the input is one number
 */
export function jvp<const Inputs extends TensorOrTensors, const Output extends TensorOrTensors>(
  func: FunctionOf<Inputs, Output>,
  inputs: Inputs,
  v?: TensorOrTensors | null | ({ v?: TensorOrTensors | null } & ProductOptions),
  createGraph?: boolean | ProductOptions,
  strict?: boolean | { strict?: boolean },
): [outputs: Like<Output>, jvp: Like<Output>];
export function jvp<const Inputs extends TensorOrTensors, const Output extends TensorOrTensors>(
  options: { func: FunctionOf<Inputs, Output>; inputs: Inputs; v?: TensorOrTensors | null } & ProductOptions,
): [outputs: Like<Output>, jvp: Like<Output>];
export function jvp(...args: unknown[]): unknown {
  const { func, inputs, v, ...options } = bound(jvpSignature, args);
  const create = options.createGraph;
  const { called, vectors, cotangents, back } = enableGrad(() => {
    const w = inputVector(v, tuple(inputs, 'inputs', 'jvp'), 'jvp', create);
    const made = call(func, inputs, 'jvp', create, options.strict);
    const us = made.outputs.list.map((y) => y.detach().zerosLike().requiresGrad_());
    const found = gradients(made.outputs.list, made.inputs.list, us, true);
    for (const [i, g] of found.entries())
      if (options.strict && g === null) throw new RuntimeError(missing.back(i));
    return { called: made, vectors: w, cotangents: us, back: found };
  });
  const found = recording(create, () =>
    filled(gradients(back, cotangents, vectors, create), called.outputs.list, options, 'backTrick'),
  );
  return [
    untuple(finished(called.outputs.list, create), called.outputs.isTuple),
    untuple(finished(found, create), called.outputs.isTuple),
  ];
}

/** The value of a function of one number, and its gradient, recorded. */
function gradientOf(
  func: Fn,
  inputs: TensorOrTensors,
  v: TensorOrTensors | null,
  api: string,
  { createGraph, strict }: Required<ProductOptions>,
) {
  const vectors = inputVector(v, tuple(inputs, 'inputs', api), api, createGraph);
  const called = call(func, inputs, api, createGraph, strict);
  if (called.outputs.isTuple)
    throw new RuntimeError(`The function given to ${api} should return a single Tensor`);
  if (!isSingle(called.outputs))
    throw new RuntimeError(
      `The Tensor returned by the function given to ${api} should contain a single element`,
    );
  const gradient = gradients(called.outputs.list, called.inputs.list, null, true);
  for (const [i, g] of gradient.entries())
    if (strict && g === null) throw new RuntimeError(missing.back(i));
    else if (strict && !g!.requiresGrad)
      throw new RuntimeError(
        `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${i} is independent of the input. This is not allowed in strict mode. You should ensure that your function is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).`,
      );
  return { ...called, vectors, gradient };
}

/** The value of `func`, which must be one number, and `v` times its Hessian. */
export function vhp<const Inputs extends TensorOrTensors>(
  func: FunctionOf<Inputs, Tensor>,
  inputs: Inputs,
  v?: TensorOrTensors | null | ({ v?: TensorOrTensors | null } & ProductOptions),
  createGraph?: boolean | ProductOptions,
  strict?: boolean | { strict?: boolean },
): [output: Tensor, vhp: Like<Inputs>];
export function vhp<const Inputs extends TensorOrTensors>(
  options: { func: FunctionOf<Inputs, Tensor>; inputs: Inputs; v?: TensorOrTensors | null } & ProductOptions,
): [output: Tensor, vhp: Like<Inputs>];
export function vhp(...args: unknown[]): unknown {
  const { func, inputs, v, ...options } = bound(vhpSignature, args);
  const create = options.createGraph;
  const called = enableGrad(() => gradientOf(func, inputs, v, 'vhp', options));
  const found = recording(create, () =>
    filled(
      gradients(called.gradient, called.inputs.list, called.vectors, create),
      called.inputs.list,
      options,
      'doubleBack',
    ),
  );
  return [finished(called.outputs.list, create)[0], untuple(finished(found, create), called.inputs.isTuple)];
}

/** The value of `func`, which must be one number, and its Hessian times `v`; `vhp` is faster and, mostly, the same. */
export function hvp<const Inputs extends TensorOrTensors>(
  func: FunctionOf<Inputs, Tensor>,
  inputs: Inputs,
  v?: TensorOrTensors | null | ({ v?: TensorOrTensors | null } & ProductOptions),
  createGraph?: boolean | ProductOptions,
  strict?: boolean | { strict?: boolean },
): [output: Tensor, hvp: Like<Inputs>];
export function hvp<const Inputs extends TensorOrTensors>(
  options: { func: FunctionOf<Inputs, Tensor>; inputs: Inputs; v?: TensorOrTensors | null } & ProductOptions,
): [output: Tensor, hvp: Like<Inputs>];
export function hvp(...args: unknown[]): unknown {
  const { func, inputs, v, ...options } = bound(hvpSignature, args);
  const create = options.createGraph;
  const { called, directions, twice } = enableGrad(() => {
    const made = gradientOf(func, inputs, v, 'hvp', options);
    const us = made.inputs.list.map((x) => x.detach().zerosLike().requiresGrad_());
    return { called: made, directions: us, twice: gradients(made.gradient, made.inputs.list, us, true) };
  });
  const found = recording(create, () =>
    filled(
      gradients(twice, directions, called.vectors, create),
      called.inputs.list,
      options,
      'doubleBackTrick',
    ),
  );
  return [finished(called.outputs.list, create)[0], untuple(finished(found, create), called.inputs.isTuple)];
}

/** The Jacobian as rows are computed one by one: by output, then by input. */
function rows(func: Fn, inputs: unknown, api: string, { createGraph, strict }: Required<ProductOptions>) {
  return enableGrad(() => {
    const called = call(func, inputs, api, createGraph, strict);
    const blocks = called.outputs.list.map((y, o) => {
      const parts: Tensor[][] = called.inputs.list.map(() => []);
      const flat = y.reshape([-1]);
      for (let k = 0; k < y.numel(); k++) {
        const found = gradients([flat.select(0, k)], called.inputs.list, null, createGraph, true);
        for (const [i, x] of called.inputs.list.entries()) {
          const g = found[i];
          if (strict && g === null)
            throw new RuntimeError(
              `Output ${o} of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
            );
          if (strict && createGraph && !g!.requiresGrad)
            throw new RuntimeError(
              `The jacobian of the user-provided function is independent of input ${o}. This is not allowed in strict mode when createGraph: true.`,
            );
          parts[i].push((g ?? x.detach().zerosLike()).reshape([1, -1]));
        }
      }
      return called.inputs.list.map((x, i) => concatenated(parts[i], y).view([...y.shape, ...x.shape]));
    });
    return { ...called, blocks };
  });
}

/**
 * The Jacobian of `func`: of the output's sizes, then the input's; a list by outputs, of lists by inputs, where there are
 * several.
 */
export function jacobian<const Inputs extends TensorOrTensors, const Output extends TensorOrTensors>(
  func: FunctionOf<Inputs, Output>,
  inputs: Inputs,
  createGraph?: boolean | JacobianOptions,
  strict?: boolean,
  vectorize?: boolean,
  strategy?: JacobianOptions['strategy'],
): Like<Output, Like<Inputs>>;
export function jacobian<const Inputs extends TensorOrTensors, const Output extends TensorOrTensors>(
  options: { func: FunctionOf<Inputs, Output>; inputs: Inputs } & JacobianOptions,
): Like<Output, Like<Inputs>>;
export function jacobian(...args: unknown[]): unknown {
  const { func, inputs, vectorize, strategy: mode, ...options } = jacobianSignature.bind(args);
  if (mode !== 'reverse-mode' && mode !== 'forward-mode')
    throw new AssertionError(
      'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".',
    );
  if (mode === 'forward-mode')
    throw new NotImplementedError(
      options.createGraph
        ? 'torch.autograd.functional.jacobian: `createGraph: true` and `strategy: "forward-mode"` are not supported together (yet). Please either set `createGraph: false` or `strategy: "reverse-mode"`.'
        : 'Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for `vectorize=True`.',
    );
  if (options.strict && vectorize)
    throw new RuntimeError(
      'torch.autograd.functional.jacobian: `strict: true` and `vectorize: true` are not supported together. Please either set `strict: false` or `vectorize: false`.',
    );
  const found = rows(func as Fn, inputs, 'jacobian', options);
  const byOutput = found.blocks.map((row) => {
    const list = finished(row, options.createGraph);
    return found.inputs.isTuple ? list : list[0];
  });
  return untuple(byOutput as never[], found.outputs.isTuple);
}

/** The Hessian of `func`, which must be one number: of the input's sizes twice; by pairs of inputs where there are several. */
export function hessian<const Inputs extends TensorOrTensors>(
  func: FunctionOf<Inputs, Tensor>,
  inputs: Inputs,
  createGraph?: boolean | ProductOptions,
  strict?: boolean,
): Like<Inputs, Like<Inputs>>;
export function hessian<const Inputs extends TensorOrTensors>(
  options: { func: FunctionOf<Inputs, Tensor>; inputs: Inputs } & ProductOptions & {
      vectorize?: boolean;
      outerJacobianStrategy?: JacobianOptions['strategy'];
    },
): Like<Inputs, Like<Inputs>>;
export function hessian(...args: unknown[]): unknown {
  const {
    func,
    inputs,
    vectorize,
    outerJacobianStrategy: strategy,
    ...options
  } = hessianSignature.bind(args);
  const { isTuple } = tuple(inputs, 'inputs', 'hessian');
  const single = (...xs: Tensor[]): Tensor => {
    const output = (func as Fn)(...(xs as never[]));
    const { isTuple: several, list } = tuple(output, 'outputs of the user-provided function', 'hessian');
    checkOutputs(list, options.strict);
    if (several) throw new RuntimeError('The function given to hessian should return a single Tensor');
    if (list[0].numel() !== 1)
      throw new RuntimeError(
        'The Tensor returned by the function given to hessian should contain a single element',
      );
    return list[0].squeeze();
  };
  const gradient = (...xs: Tensor[]): TensorOrTensors => {
    const found = jacobian(single, xs, true) as readonly Tensor[];
    for (const [i, g] of found.entries())
      if (options.strict && !g.requiresGrad)
        throw new RuntimeError(
          `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${i} is independent of the input. This is not allowed in strict mode. You should ensure that your function is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).`,
        );
    return isTuple ? found : found[0];
  };
  return jacobian(gradient, inputs as TensorOrTensors, { ...options, vectorize, strategy });
}
