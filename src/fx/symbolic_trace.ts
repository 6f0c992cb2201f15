import { AssertionError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { withMode } from '../dispatch/mode.js';
import * as nn from '../nn/index.js';
import { Module } from '../nn/module.js';
import { GraphModule } from './graph_module.js';
import { TraceError } from './trace_error.js';
import { PrimitiveTracer, SymbolicTracer } from './tracer.js';

type AnyFunction = (...args: never[]) => unknown;

/** The library's own layers, which are called as a whole. Containers are not. */
const layers = new Set<unknown>(Object.values(nn));
const containers = new Set<unknown>([nn.Sequential, nn.ModuleList, nn.ModuleDict, Module]);

/** Whether a module is called as a whole: the library's own layers are. */
export const isLeaf = ({ constructor }: Module): boolean =>
  layers.has(constructor) && !containers.has(constructor);

/** The names of a function's parameters, as far as its text tells them; the first may be unnamed. */
function parameterNames(fn: AnyFunction, count: number, unnamed = 'input'): string[] {
  const text = Function.prototype.toString.call(fn);
  const [, single, list = ''] = /^(?:async\s+)?(?:([\w$]+)\s*=>|[^(]*\(([^)]*)\))/.exec(text) ?? [];
  const names = single === undefined ? list.split(',').map((part) => part.trim()) : [single];
  return Array.from({ length: count }, (_, i) => {
    const name = /^[\w$]+/.exec(names[i] ?? '')?.[0];
    if (name !== undefined) return name;
    return i === 0 ? unnamed : `arg_${i}`;
  });
}

/** Lets modules tell a tracer that they are called, while `fn` runs. */
function watching<R>(
  root: Module,
  tracer: SymbolicTracer,
  isWhole: (module: Module) => boolean,
  fn: () => R,
): R {
  const undo: (() => void)[] = [];
  for (const [path, module] of root.namedModules()) {
    if (module === root) continue;
    const own = Object.getOwnPropertyDescriptor(module, 'forward');
    const forward = module.forward as (...args: unknown[]) => unknown;
    Object.defineProperty(module, 'forward', {
      configurable: true,
      writable: true,
      enumerable: false,
      value: isWhole(module)
        ? (...args: unknown[]) => tracer.callModule(path, module, args, () => forward.apply(module, args))
        : (...args: unknown[]) => tracer.within(path, () => forward.apply(module, args)),
    });
    undo.push(() => {
      Reflect.deleteProperty(module, 'forward');
      if (own !== undefined) Object.defineProperty(module, 'forward', own);
    });
  }
  try {
    return fn();
  } finally {
    for (const step of undo) step();
  }
}

/** How something is traced. */
interface Tracing {
  /** Whether a module is called as a whole. */
  readonly isWhole?: (module: Module) => boolean;
  /** Name of the first input if that cannot be seen. */
  readonly unnamed?: string;
  /** The tensors that belong to it, with their paths. */
  readonly held?: ReadonlyMap<Tensor, string>;
}

/** The parameters and buffers of a module by their paths. */
function heldBy(root: Module | AnyFunction): Map<Tensor, string> {
  if (!(root instanceof Module)) return new Map();
  return new Map([...root.namedParameters(), ...root.namedBuffers()].map(([path, tensor]) => [tensor, path]));
}

/** The computation of a module or a function, as a tracer notes it. */
export function traced(
  root: Module | AnyFunction,
  inputs: readonly unknown[],
  { isWhole = isLeaf, unnamed, held = heldBy(root) }: Tracing = {},
): SymbolicTracer {
  const tracer = new SymbolicTracer(
    held,
    () => new TraceError('symbolically traced variables cannot be used as inputs to control flow'),
  );
  const fn = (root instanceof Module ? root.forward : root) as AnyFunction;
  for (const [i, name] of parameterNames(fn, inputs.length, unnamed).entries())
    tracer.placeholder(name, inputs[i]);
  const run = () => withMode(tracer, () => fn.apply(root, inputs as never[]));
  tracer.output(root instanceof Module ? watching(root, tracer, isWhole, run) : run());
  return tracer;
}

const symbolicTraceSignature = signature('symbolic_trace(Any root, Any example_inputs)');

/**
 * Notes what a module or a function computes: a graph of the functions, methods and layers that it calls, which the module that
 * is returned replays, also with inputs of other sizes where the function asks for none.
 *
 * TypeScript has no numbers that stand for others, so that the function runs with inputs that are given, on the device they are on: `'meta'`
 * does if the module is there, too. Sizes, numbers and what is computed of no input become constants. Values must not be read.
 *
 * @param root a module, or a function of tensors
 * @param exampleInputs what it is called with
 * @throws TraceError where the function reads values, to branch on them for instance
 *
 * @example
 * const traced = torch.fx.symbolicTrace(net, [torch.zeros(1, 3, 32, 32)]);
 * console.log(String(traced.graph), traced.code);
 * traced.forward(images);
 */
export function symbolicTrace(
  ...args:
    | [root: Module | AnyFunction, exampleInputs: readonly unknown[]]
    | [root: Module | AnyFunction, options: { exampleInputs: readonly unknown[] }]
    | [options: { root: Module | AnyFunction; exampleInputs: readonly unknown[] }]
): GraphModule {
  const bound = symbolicTraceSignature.bind(args);
  const root = bound.root as Module | AnyFunction;
  const inputs = bound.exampleInputs as readonly unknown[];
  if (!(root instanceof Module) && typeof root !== 'function')
    throw new AssertionError(`Expected FunctionType, got <class '${typeName(root)}'>`);
  const tracer = traced(root, inputs);
  return new GraphModule(tracer.modules, tracer.tensors, tracer.graph);
}

const makeFxSignature = signature('make_fx(Callable f)');

/**
 * A function that notes which ops `f` comes to, down to those with kernels of their own.
 *
 * @example
 * const graph = torch.fx.experimental.proxyTensor.makeFx(torch.func.grad(f))(x).graph;
 */
export function makeFx(
  ...args: [f: AnyFunction] | [options: { f: AnyFunction }]
): (...inputs: readonly unknown[]) => GraphModule {
  const f = makeFxSignature.bind(args).f as AnyFunction;
  return (...inputs) => {
    const tracer = new PrimitiveTracer(
      () =>
        new TraceError(
          "It appears that you're trying to get value out of a tracing tensor with aten._local_scalar_dense.default - erroring out! It's likely that this is caused by data-dependent control flow or similar.",
        ),
    );
    for (const [i, name] of parameterNames(f, inputs.length).entries())
      tracer.placeholder(`${name}_1`, inputs[i]);
    tracer.output(withMode(tracer, () => f(...(inputs as never[]))));
    return new GraphModule(new Map(), tracer.tensors, tracer.graph);
  };
}
