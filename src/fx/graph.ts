import { camelCase } from '../core/camel_case.js';
import { RuntimeError } from '../core/errors.js';
import { inspect } from '../core/inspect.js';
import { libraryClass } from '../core/object.js';
import { isPlainObject } from '../core/plain.js';
import { PyFloat } from '../core/pyfloat.js';
import { formatNumber } from '../core/repr.js';
import { takes, takesNothing } from '../core/signature/takes.js';
import {
  type FxArgument,
  type FxArguments,
  type FxNamedArguments,
  FxNode,
  formatResult,
  type Opcode,
} from './graph_node.js';
import { Names } from './names.js';

/** Computation of a function, step by step. */
export class Graph {
  private readonly list: FxNode[] = [];
  private readonly names = new Names();

  /** The steps in their order. */
  get nodes(): readonly FxNode[] {
    return this.list;
  }

  /** @internal Adds a step at the end. */
  add(
    op: Opcode,
    target: string,
    args: FxArguments = [],
    kwargs: FxNamedArguments = {},
    run: FxNode['run'] = null,
    name: string = target,
  ): FxNode {
    const isPath = op === 'call_module' || op === 'get_attr';
    const node = new FxNode(op, this.names.create(name, isPath), target, args, kwargs, run);
    this.list.push(node);
    return node;
  }

  /** @internal Takes the last steps away, so that there are so many. */
  truncate(length: number): void {
    for (const node of this.list.splice(length)) node.detach();
  }

  /** Takes a step away that no other uses. @throws RuntimeError if one does */
  eraseNode(toErase: FxNode): void {
    if (toErase.users.size > 0)
      throw new RuntimeError(
        `Tried to erase Node ${toErase} but it still had ${toErase.users.size} users in the graph: {${[...toErase.users].map((user) => `${user}: None`).join(', ')}}!`,
      );
    const at = this.list.indexOf(toErase);
    if (at < 0) throw new RuntimeError(`Attempting to remove ${toErase} from wrong graph!`);
    this.list.splice(at, 1);
    toErase.detach();
  }

  /** Takes the steps away that nothing uses, but for inputs and those that change something. @returns whether there were any */
  eliminateDeadCode(): boolean {
    const before = this.list.length;
    for (const node of [...this.list].reverse())
      if (
        node.users.size === 0 &&
        !['placeholder', 'output', 'call_module'].includes(node.op) &&
        !/[^_]_$/.test(node.target)
      )
        this.eraseNode(node);
    return this.list.length < before;
  }

  /** Prints the steps as a table. */
  printTabular(): void {
    const rows = this.list.map((node) => [
      node.op,
      node.name,
      node.target,
      formatTuple(node.args),
      formatResult(node.kwargs),
    ]);
    console.log(table(['opcode', 'name', 'target', 'args', 'kwargs'], rows));
  }

  /** The graph as a method in TypeScript: what `GraphModule.code` shows. */
  get code(): string {
    const inputs = this.list.filter(({ op }) => op === 'placeholder');
    const lines = this.list.flatMap((node) => codeOf(node) ?? []);
    return `forward(${inputs.map(({ name }) => name).join(', ')}) {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
  }

  toString(): string {
    return ['graph():', ...this.list.map((node) => `    ${node.formatNode()}`)].join('\n');
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

takes(Graph.prototype, ['erase_node(Any to_erase)']);
takesNothing(Graph.prototype, ['eliminateDeadCode', 'printTabular']);
libraryClass(Graph);

function formatTuple(args: FxArguments): string {
  return formatResult(Object.freeze([...args]));
}

/** A table as the package tabulate lays it out. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length + 2, ...rows.map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n');
}

/** A step as a statement. */
function codeOf({ op, name, target, args, kwargs }: FxNode): string | null {
  const values = args.map(literal);
  const named = Object.entries(kwargs).map(([key, value]) => `${key}: ${literal(value)}`);
  if (named.length > 0) values.push(`{ ${named.join(', ')} }`);
  switch (op) {
    case 'placeholder':
      return null;
    case 'output':
      return `return ${values[0]};`;
    case 'get_attr':
      return `const ${name} = ${path(target)};`;
    case 'call_module':
      return `const ${name} = ${path(target)}.forward(${values.join(', ')});`;
    case 'call_method':
      return `const ${name} = ${values[0]}.${camelCase(target)}(${values.slice(1).join(', ')});`;
    case 'call_function':
      if (target === 'getitem') return `const ${name} = ${values[0]}[${values[1]}];`;
      return `const ${name} = ${target.split('.').map(camelCase).join('.')}(${values.join(', ')});`;
  }
}

/** `this.sub['0']`. */
function path(target: string): string {
  return target
    .split('.')
    .reduce(
      (code, part) => (/^[a-zA-Z_$][\w$]*$/.test(part) ? `${code}.${part}` : `${code}['${part}']`),
      'this',
    );
}

/** An argument as TypeScript writes it. */
function literal(value: FxArgument): string {
  if (value instanceof FxNode) return value.name;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (isPlainObject(value))
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${literal(item)}`)
      .join(', ')} }`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof PyFloat) return `torch.pyfloat(${formatNumber(value.value)})`;
  return String(value);
}
