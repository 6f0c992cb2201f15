/** From rows to what users call: functions, methods, in-place forms, `out`, aliases. */

import { camelCase } from '../core/camel_case.js';
import { RuntimeError } from '../core/errors.js';
import { contiguousFormat } from '../core/memory_format.js';
import { libraryModule } from '../core/object.js';
import { Tensor } from '../core/tensor.js';
import type { Functions } from '../generated/signatures.js';
import { CompositeOp, EitherOp } from './composite_op.js';
import { dispatch } from './dispatch.js';
import { inPlaceForm } from './in_place_op.js';
import type { Op } from './op.js';
import { Entry } from './op_entry.js';
import { PointwiseOp } from './pointwise_op.js';
import { MutationOp, PrimitiveOp } from './primitive_op.js';
import type { MutationRow, PointwiseRow, PrimitiveRow, Row, RowBase } from './row.js';
import { type Arguments, parseSchema, type Returns, type Schema } from './schema.js';
import { twinOf, waiting } from './twins.js';

type Function = (...args: unknown[]) => unknown;

/** Every op, in the order of the rows: what the generated sources and the docs are made from. */
export const allOps: Op[] = [];
const functionEntries = new Map<string, Entry>();
const methodEntries = new Map<string, Entry>();
/** Functions by module, then by camel-case name. */
const modules = new Map<string, Record<string, Function>>();

/** The functions of a module: `''` for the top level. */
export function functionsOf(module: string): Record<string, Function> {
  let functions = modules.get(module);
  if (functions === undefined) {
    functions = libraryModule(module === '' ? 'torch' : `torch.${module}`) as Record<string, Function>;
    modules.set(module, functions);
  }
  return functions;
}

/** The top level's functions, for bodies of rows. */
export const ops = functionsOf('') as unknown as Functions;

/** Entries of functions and of methods, for generating signatures. */
export function entries(): { functions: Iterable<Entry>; methods: Iterable<Entry> } {
  return { functions: functionEntries.values(), methods: methodEntries.values() };
}

/** An op as rows call it: with all of its arguments, in the order of its schema. */
export interface OpFunction<S extends string> {
  (...args: Arguments<S>): Returns<S>;
  readonly op: Op;
}

/**
 * Reads a row: makes the op and installs its function, method, in-place form and aliases.
 *
 * @param source the schema in PyTorch's notation
 * @returns the op, for rows that call it directly
 */
export function op<const S extends string, const K extends string = never>(
  source: S,
  row: Row<S, K>,
): OpFunction<S> {
  const schema = parseSchema(source);
  const made = make(schema, row as Row<string>);
  const isMutation = 'mutate' in row;
  const names = [schema.name, ...(row.aliases ?? [])];
  const inplace = row.inplace ?? ('pointwise' in row || isMutation);
  const first = schema.parameters[0];
  let form: Op | null = null;
  if (inplace && first?.name === 'self' && (isMutation || !schema.name.startsWith('_'))) {
    const written = { ...schema, name: `${schema.name}_` };
    form = inPlaceForm(made, written);
    allOps.push(form);
  }
  if (!isMutation || (row as MutationRow<S>).functional !== false)
    for (const name of names) {
      const isFunctional = (row.module ?? name).startsWith('nn.functional');
      install(name, row.inplaceArgument && isFunctional ? new EitherOp(made, form!) : made, row);
    }
  if (form !== null) for (const name of names) if (!name.includes('.')) install(`${name}_`, form, row);
  const { copies } = row as { readonly copies?: string };
  if (copies !== undefined) {
    const overload = schema.overload === '' ? '' : `.${schema.overload}`;
    op(source.replace(/^[^(]+/, `${copies}${overload}`), {
      doc: `A copy of what \`${camelCase(schema.name)}\` shows.`,
      method: false,
      composite: (...args: unknown[]) => copyOf(dispatch(made, args) as Tensor | readonly Tensor[]),
    } as unknown as Row<string>);
  }
  return Object.assign((...args: Arguments<S>) => dispatch(made, args) as Returns<S>, { op: made });
}

/** Row-major copies of views. */
function copyOf(views: Tensor | readonly Tensor[]): unknown {
  if (!(views instanceof Tensor)) return views.map(copyOf);
  return views.clone({ memoryFormat: contiguousFormat });
}

function make(schema: Schema, row: Row<string>): Op {
  let made: Op;
  if ('pointwise' in row) made = new PointwiseOp(schema, row as PointwiseRow);
  else if ('composite' in row) made = new CompositeOp(schema, row);
  else if ('mutate' in row) made = new MutationOp(schema, row);
  else made = new PrimitiveOp(schema, row as PrimitiveRow<string>);
  allOps.push(made);
  return made;
}

function install(path: string, made: Op, row: RowBase): void {
  const dot = path.lastIndexOf('.');
  if (dot >= 0) {
    const { module: _, ...rest } = row;
    installIn(path.slice(0, dot), path.slice(dot + 1), made, { ...rest, method: false });
  } else installIn(row.module ?? '', path, made, row);
}

function installIn(module: string, name: string, made: Op, row: RowBase): void {
  const isInPlaceName = name.endsWith('_');
  if (row.function ?? (!isInPlaceName || module !== '')) {
    const entry = entryOf(functionEntries, module, name);
    entry.ops.push(made);
    const functions = functionsOf(module);
    functions[camelCase(name)] ??= withName(camelCase(name), (...args: unknown[]) => entry.call(args, false));
    if (row.reads) {
      functions[twinOf(name)] ??= withName(twinOf(name), (...args: unknown[]) =>
        waiting(args, () => entry.call(args, false)),
      );
    }
  }
  if (row.method ?? (module === '' && made.schema.parameters[0]?.name === 'self')) {
    const entry = entryOf(methodEntries, '', name);
    entry.ops.push(made);
    installMethod(camelCase(name), entry);
    if (row.reads) {
      installMethod(twinOf(name), { call: (args) => waiting(args, () => entry.call(args, true)) });
    }
  }
}

/** Gives a function the name by which consoles and stack traces call it. */
function withName<F extends object>(name: string, fn: F): F {
  return Object.defineProperty(fn, 'name', { value: name, configurable: true });
}

/** Stand-ins for methods whose rows may be left out. */
const standIns = new WeakSet<object>();

/**
 * Says of methods whose rows come with another module that a program which does not load that lacks them.
 *
 * @param module its name: `'linalg'`
 */
export function comesWith(module: string, methods: readonly string[]): void {
  for (const name of methods) {
    installMethod(name, {
      call() {
        throw new RuntimeError(
          `Tensor.${name} is part of torch.${module}, which this program has left out: import { ${module} } from 'flambeau', and mention it`,
        );
      },
    });
    standIns.add(Reflect.get(Tensor.prototype, name) as object);
  }
}

function installMethod(name: string, entry: { call(args: unknown[], isMethod: boolean): unknown }): void {
  const { value } = Object.getOwnPropertyDescriptor(Tensor.prototype, name) ?? {};
  if (value !== undefined && !standIns.has(value as object)) return;
  Object.defineProperty(Tensor.prototype, name, {
    value: withName(name, function (this: Tensor, ...args: unknown[]): unknown {
      return entry.call([this, ...args], true);
    }),
    writable: true,
    configurable: true,
  });
}

function entryOf(map: Map<string, Entry>, module: string, name: string): Entry {
  const key = `${module}.${name}`;
  let entry = map.get(key);
  if (entry === undefined) {
    entry = new Entry(module, name);
    map.set(key, entry);
  }
  return entry;
}
