/** The mode that notes what is called. */
import { camelCase } from '../core/camel_case.js';
import { context } from '../core/context.js';
import { isPlainObject } from '../core/plain.js';
import { Tensor } from '../core/tensor.js';
import { dispatch } from '../dispatch/dispatch.js';
import { type Callee, type Mode, type Next, withModes, without } from '../dispatch/mode.js';
import type { Op } from '../dispatch/op.js';
import { functionsOf } from '../dispatch/registry.js';
import type { Module } from '../nn/module.js';
import { Graph } from './graph.js';
import type { FxArguments, FxNamedArguments, FxNode } from './graph_node.js';
import { TraceError } from './trace_error.js';

/** Where a tensor comes from: a node's result, or what lies in it. */
interface Source {
  readonly node: FxNode;
  readonly path: readonly (string | number)[];
}

/** Notes calls in a graph. */
abstract class Recorder implements Mode {
  /** Nothing else holds what is traced. */
  readonly remembers = true;
  readonly graph = new Graph();
  /** Parameters, buffers and constants that the graph reads, by their paths. */
  readonly tensors = new Map<string, Tensor>();
  private readonly sources = new Map<Tensor, Source>();
  private readonly items = new Map<FxNode, Map<string | number, FxNode>>();
  private constants = 0;
  /** Takes back what has been noted. */
  private readonly undo: (() => void)[] = [];

  constructor(
    /** The tensors of what is traced, with their paths. */
    private readonly held: ReadonlyMap<Tensor, string>,
  ) {}

  abstract call(op: Op, args: unknown[], next: Next): unknown;

  /** An input. */
  placeholder(target: string, value: unknown): void {
    this.note(value, this.graph.add('placeholder', target), []);
  }

  /** The result. */
  output(value: unknown): void {
    this.graph.add('output', 'output', [this.argument(value)]);
  }

  /** Refuses to read what is traced: the graph could not follow. */
  read(tensor: object): void {
    if (tensor instanceof Tensor && this.isTraced(tensor)) throw this.refusal();
  }

  protected abstract refusal(): Error;

  /** Runs `fn` where nothing is noted. */
  protected unseen<R>(fn: () => R): R {
    return withModes(
      without(context().modes, (mode) => mode === this),
      fn,
    );
  }

  private isTraced(value: unknown): boolean {
    if (value instanceof Tensor) return this.sources.has(value) || this.held.has(value);
    if (Array.isArray(value)) return value.some((item) => this.isTraced(item));
    return isPlainObject(value) && Object.values(value).some((item) => this.isTraced(item));
  }

  /** Whether a call with these arguments belongs in the graph: any other gives a constant. */
  protected concerns(args: readonly unknown[]): boolean {
    return args.some((arg) => this.isTraced(arg));
  }

  /** Remembers that a value, or the tensors in it, are a node's. */
  protected note(value: unknown, node: FxNode, path: readonly (string | number)[]): void {
    if (value instanceof Tensor) this.setSource(value, { node, path });
    else if (Array.isArray(value))
      for (const [i, item] of value.entries()) this.note(item, node, [...path, i]);
    else if (isPlainObject(value))
      for (const [key, item] of Object.entries(value)) this.note(item, node, [...path, key]);
  }

  private setSource(tensor: Tensor, source: Source): void {
    const before = this.sources.get(tensor);
    this.sources.set(tensor, source);
    this.undo.push(() => {
      if (before === undefined) this.sources.delete(tensor);
      else this.sources.set(tensor, before);
    });
  }

  /** Notes what `body` does, or if it cannot be followed nothing of it. @returns whether it could */
  protected attempt(body: () => void): boolean {
    const [nodes, noted] = [this.graph.nodes.length, this.undo.length];
    try {
      body();
      return true;
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      for (const step of this.undo.splice(noted).reverse()) step();
      this.graph.truncate(nodes);
      return false;
    }
  }

  /** An argument with nodes in place of tensors. */
  protected argument(value: unknown): unknown {
    if (value instanceof Tensor) return this.nodeOf(value);
    if (Array.isArray(value)) {
      const list = value.map((item) => this.argument(item));
      return Object.isFrozen(value) ? Object.freeze(list) : list;
    }
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.argument(item)]));
  }

  private nodeOf(tensor: Tensor): FxNode {
    let source = this.sources.get(tensor);
    if (source === undefined) {
      const path = this.held.get(tensor) ?? `_tensor_constant${this.constants++}`;
      this.tensors.set(path, tensor);
      source = { node: this.graph.add('get_attr', path), path: [] };
      this.setSource(tensor, source);
    }
    return source.path.reduce((node: FxNode, key) => this.item(node, key), source.node);
  }

  private item(node: FxNode, key: string | number): FxNode {
    let items = this.items.get(node);
    if (items === undefined) {
      items = new Map();
      this.items.set(node, items);
    }
    let item = items.get(key);
    if (item === undefined) {
      item = this.graph.add('call_function', 'getitem', [node, key], {}, ([list, at]) =>
        Reflect.get(list as object, at as PropertyKey),
      );
      items.set(key, item);
      this.undo.push(() => items.delete(key));
    }
    return item;
  }

  /** Splits a call's arguments into those by position and those by name. */
  protected split(args: readonly unknown[]): [FxArguments, FxNamedArguments] {
    const given = args.filter((arg, i) => arg !== undefined || i < args.length - 1);
    const last = given.at(-1);
    const named = isPlainObject(last) ? last : null;
    const rest = named === null ? given : given.slice(0, -1);
    return [
      rest.map((arg) => this.argument(arg ?? null)),
      named === null ? {} : (this.argument(named) as FxNamedArguments),
    ];
  }

  /** Notes the call of an op with bound arguments. */
  protected noteOp(op: Op, args: readonly unknown[], results: unknown): void {
    const { name, parameters } = op.schema;
    let count = parameters.length;
    while (count > 0 && isDefault(args[count - 1], parameters[count - 1].default)) count--;
    const given = args.slice(0, count).map((arg) => this.argument(arg));
    const run = (values: readonly unknown[]) =>
      dispatch(
        op,
        args.map((arg, i) => (i < count ? values[i] : arg)),
      );
    const node = this.graph.add(
      'call_function',
      `torch.ops.aten.${name}.${op.schema.overload || 'default'}`,
      given,
      {},
      run,
      name,
    );
    this.note(results, node, []);
  }
}

/** Whether an argument is its parameter's default. */
function isDefault(value: unknown, given: unknown): boolean {
  if (value === given) return true;
  return (
    Array.isArray(value) &&
    Array.isArray(given) &&
    value.length === given.length &&
    value.every((v, i) => v === given[i])
  );
}

/** Notes calls of functions, methods and leaf modules as they are written. */
export class SymbolicTracer extends Recorder {
  /** The leaf modules that were called, by their paths. */
  readonly modules = new Map<string, Module>();

  constructor(
    held: ReadonlyMap<Tensor, string>,
    private readonly refuse: () => Error,
  ) {
    super(held);
  }

  protected override refusal(): Error {
    return this.refuse();
  }

  invoke({ module, name, isMethod }: Callee, args: readonly unknown[], run: () => unknown): unknown {
    const isNoted = this.concerns(args);
    const [positional, named] = isNoted ? withInplace(module, name, ...this.split(args)) : [[], {}];
    const result = this.unseen(run);
    if (!isNoted) return result;
    const path = module === '' ? '' : `${module}.`;
    const node = isMethod
      ? this.graph.add('call_method', name, positional, named)
      : this.graph.add('call_function', `torch.${path}${name}`, positional, named, (values, options) =>
          functionsOf(module)[camelCase(name)](
            ...values,
            ...(Object.keys(options).length > 0 ? [options] : []),
          ),
        );
    this.note(result, node, []);
    return result;
  }

  /** Calls that have no name, as indexing and properties. */
  override call(op: Op, args: unknown[], next: Next): unknown {
    if (!this.concerns(args)) return next(op, args);
    // Before the call: what changes its argument gives that another source.
    const results = next(op, args);
    this.noteOp(op, args, results);
    return results;
  }

  /** Notes the call of a leaf module. */
  callModule(path: string, module: Module, args: readonly unknown[], run: () => unknown): unknown {
    if (!this.isInSight() || !this.concerns(args)) return run();
    const [positional, named] = this.split(args);
    const result = this.unseen(run);
    this.modules.set(path, module);
    this.note(result, this.graph.add('call_module', path, positional, named), []);
    return result;
  }

  /** The paths of the modules in whose `forward` nodes were noted. */
  readonly scopes = new Map<FxNode, string>();
  private scope = '';

  /** Runs a module that is no leaf: what it calls is noted as its own. */
  within(path: string, run: () => unknown): unknown {
    const outer = this.scope;
    this.attribute();
    this.scope = path;
    try {
      return run();
    } finally {
      this.attribute();
      this.scope = outer;
    }
  }

  /** Ends the trace. */
  override output(value: unknown): void {
    this.attribute();
    super.output(value);
  }

  /** Remembers where the latest nodes come from. */
  private attribute(): void {
    const { nodes } = this.graph;
    for (let i = nodes.length - 1; i >= 0 && !this.scopes.has(nodes[i]); i--)
      this.scopes.set(nodes[i], this.scope);
  }

  private isInSight(): boolean {
    for (let stack = context().modes; stack !== null; stack = stack.below)
      if (stack.mode === this) return true;
    return false;
  }
}

/** Functions of `nn.functional` that hand `inplace` on by name. */
const withInplaceArgument = new Set(
  'celu elu hardsigmoid hardswish hardtanh leaky_relu mish relu relu6 selu silu threshold'.split(' '),
);

/** The names that torch.fx shows, although the caller did not write them. */
function withInplace(
  module: string,
  name: string,
  args: FxArguments,
  named: FxNamedArguments,
): [FxArguments, FxNamedArguments] {
  if (module !== 'nn.functional' || !withInplaceArgument.has(name)) return [args, named];
  const last = args.at(-1);
  return typeof last === 'boolean'
    ? [args.slice(0, -1), { ...named, inplace: last }]
    : [args, { ...named, inplace: named.inplace ?? false }];
}

/** Notes the ops that everything else is made of. A composite that reads values on its way stays whole. */
export class PrimitiveTracer extends Recorder {
  constructor(private readonly refuse: () => Error) {
    super(new Map());
  }

  protected override refusal(): Error {
    return this.refuse();
  }

  override call(op: Op, args: unknown[], next: Next): unknown {
    const { length } = this.graph.nodes;
    if (op.isComposite && !op.row.reads) {
      let results: unknown;
      const isFollowed = this.attempt(() => {
        results = op.execute(args);
      });
      // Where nothing was called that it is made of, it has done something itself.
      if (isFollowed && (this.graph.nodes.length > length || !this.concerns(args))) return results;
    }
    const results = next(op, args);
    this.noteOp(op, args, results);
    return results;
  }
}
