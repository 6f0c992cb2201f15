import { snakeCase } from '../core/camel_case.js';
import { inspect } from '../core/inspect.js';
import { libraryClass } from '../core/object.js';
import { isPlainObject } from '../core/plain.js';
import { formatValue } from '../core/repr.js';
import { takes, takesNothing } from '../core/signature/takes.js';

/** The kinds of node. */
export type Opcode = 'placeholder' | 'get_attr' | 'call_function' | 'call_method' | 'call_module' | 'output';

/** Arguments of nodes: nodes, anything that is no tensor, and lists and plain objects of such. */
export type FxArgument = unknown;

export type FxArguments = readonly FxArgument[];
export type FxNamedArguments = Readonly<Record<string, FxArgument>>;

/** Calls `fn` for each node in an argument and puts what it returns in its place. */
export function mapNodes(argument: FxArgument, fn: (node: FxNode) => unknown): unknown {
  if (argument instanceof FxNode) return fn(argument);
  if (Array.isArray(argument)) {
    const list = argument.map((item) => mapNodes(item, fn));
    return Object.isFrozen(argument) ? Object.freeze(list) : list;
  }
  if (!isPlainObject(argument)) return argument;
  return Object.fromEntries(Object.entries(argument).map(([key, item]) => [key, mapNodes(item, fn)]));
}

/** Operators of JavaScript, under Python's names. */
const operators: Readonly<Record<string, string>> = { getitem: 'operator.getitem' };

/** A step of a graph: a call, an input, a parameter or the result. */
export class FxNode {
  /** The nodes that use it. */
  readonly users = new Set<FxNode>();
  #args: FxArguments = [];
  #kwargs: FxNamedArguments = {};

  constructor(
    /** The kind of step. */
    readonly op: Opcode,
    /** Its name, which no other node of the graph has. */
    readonly name: string,
    /** The callee, in PyTorch's spelling: `'torch.flatten'`, a method's name, a submodule's or parameter's path, the name of an input. */
    public target: string,
    args: FxArguments,
    kwargs: FxNamedArguments,
    /** @internal Carries a call out. */
    readonly run:
      | ((args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>) => unknown)
      | null = null,
  ) {
    this.args = args;
    this.kwargs = kwargs;
  }

  /** The arguments by position. */
  get args(): FxArguments {
    return this.#args;
  }

  set args(args: FxArguments) {
    this.#args = args;
    this.#use();
  }

  /** The arguments by name, as TypeScript spells them. */
  get kwargs(): FxNamedArguments {
    return this.#kwargs;
  }

  set kwargs(kwargs: FxNamedArguments) {
    this.#kwargs = kwargs;
    this.#use();
  }

  /** The nodes whose results it uses, each once. */
  get allInputNodes(): readonly FxNode[] {
    const found = new Set<FxNode>();
    mapNodes([this.#args, this.#kwargs], (node) => found.add(node));
    return [...found];
  }

  #inputs: readonly FxNode[] = [];

  #use(): void {
    for (const node of this.#inputs) node.users.delete(this);
    this.#inputs = this.allInputNodes;
    for (const node of this.#inputs) node.users.add(this);
  }

  /** Lets every node that uses this one use another. @returns the nodes that have been changed */
  replaceAllUsesWith(replaceWith: FxNode): FxNode[] {
    const changed = [...this.users];
    const swap = (node: FxNode) => (node === this ? replaceWith : node);
    for (const user of changed) {
      user.args = mapNodes(user.args, swap) as FxArguments;
      user.kwargs = mapNodes(user.kwargs, swap) as FxNamedArguments;
    }
    return changed;
  }

  /** @internal Forgets what it uses. */
  detach(): void {
    this.args = [];
    this.kwargs = {};
  }

  /** The node's line in the text of its graph. */
  formatNode(): string {
    if (this.op === 'output') return `return ${formatResult(this.args[0])}`;
    const start = `%${this.name} : [num_users=${this.users.size}] = ${this.op}[target=${operators[this.target] ?? this.target}]`;
    if (this.op === 'get_attr') return start;
    if (this.op === 'placeholder')
      return this.args.length === 0 ? start : `${start}(default=${formatResult(this.args[0])})`;
    const args = this.args.map(formatArgument);
    const kwargs = Object.entries(this.kwargs).map(
      ([name, value]) => `${snakeCase(name)}: ${formatArgument(value)}`,
    );
    return `${start}(args = (${args.join(', ')}${args.length === 1 ? ',' : ''}), kwargs = {${kwargs.join(', ')}})`;
  }

  toString(): string {
    return this.name;
  }

  /** @internal */
  [inspect](): string {
    return this.name;
  }
}

takes(FxNode.prototype, ['replace_all_uses_with(Any replace_with)']);
takesNothing(FxNode.prototype, ['formatNode']);
libraryClass(FxNode);

/** An argument as graphs print it. */
function formatArgument(value: FxArgument): string {
  if (value instanceof FxNode) return `%${value.name}`;
  if (typeof value === 'string') return value;
  return formatNested(value, formatArgument);
}

/** A value as Python's `repr` writes it, nodes by their names. */
export function formatResult(value: FxArgument): string {
  if (value instanceof FxNode) return value.name;
  return formatNested(value, formatResult, (key) => `'${key}'`);
}

function formatNested(
  value: FxArgument,
  format: (item: FxArgument) => string,
  formatKey = (key: string): string => key,
): string {
  if (Array.isArray(value)) {
    const items = value.map(format);
    if (!Object.isFrozen(value)) return `[${items.join(', ')}]`;
    return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
  }
  if (isPlainObject(value))
    return `{${Object.entries(value)
      .map(([key, item]) => `${formatKey(key)}: ${format(item)}`)
      .join(', ')}}`;
  return formatValue(value);
}
