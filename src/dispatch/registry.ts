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
import { Entry, type MakeOp } from './op_entry.js';
import { PointwiseOp } from './pointwise_op.js';
import { MutationOp, PrimitiveOp } from './primitive_op.js';
import type { PointwiseRow, PrimitiveRow, Row, RowBase } from './row.js';
import { type Arguments, headOf, parseSchema, type Returns, type Schema } from './schema.js';
import { twinOf, waiting } from './twins.js';

type Function = (...args: unknown[]) => unknown;

/** What of a schema and its row says which names there are. */
export interface RowHead {
  readonly name: string;
  readonly overload: string;
  readonly isOfSelf: boolean;
  /** The row, whose bodies do not count. */
  readonly row: Partial<RowBase> & Readonly<Record<string, unknown>>;
}

type RowTaker = (source: string, row: Row<string>, made: MakeOp) => boolean;

/** Whether somebody takes a row, so that it is not installed. */
let takes: RowTaker | null = null;

/** Shows every row that is read from now on to somebody who may take it: to what has installed its head, and to the build. */
export function takeRows(taker: RowTaker): void {
  takes = taker;
}

/** Makers of every op, in the order of the rows. */
const makers: MakeOp[] = [];
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

/** Every op, in the order of the rows: what the generated sources and the docs are made from. */
export const allOps = (): Op[] => makers.map((make) => make());

/** Entries of functions and of methods, for generating signatures. */
export function entries(): { functions: Iterable<Entry>; methods: Iterable<Entry> } {
  return { functions: functionEntries.values(), methods: methodEntries.values() };
}

/** An op as rows call it: with all of its arguments, in the order of its schema. */
export interface OpFunction<S extends string> {
  (...args: Arguments<S>): Returns<S>;
  readonly op: Op;
}

/** A maker that makes one op. */
function once(make: MakeOp): MakeOp {
  let made: Op | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * Installs a row's function, method, in-place form and aliases. The op itself is made when one of them is first called: a program uses few of
 * all, and should not wait for the others when it starts.
 *
 * @param source the schema in PyTorch's notation
 * @returns the op, for rows that call it directly
 */
export function op<const S extends string, const K extends string = never>(
  source: S,
  row: Row<S, K>,
): OpFunction<S> {
  const { name: own, overload, isOfSelf } = headOf(source);
  const made = once(() => make(parseSchema(source), row as Row<string>));
  if (!takes?.(source, row as Row<string>, made))
    installRow({ name: own, overload, isOfSelf, row: row as unknown as RowHead['row'] }, made);
  const { copies } = row as { readonly copies?: string };
  if (copies !== undefined)
    op(source.replace(/^[^(]+/, overload === '' ? copies : `${copies}.${overload}`), {
      doc: `A copy of what \`${camelCase(own)}\` shows.`,
      method: false,
      composite: (...args: unknown[]) => copyOf(dispatch(made(), args) as Tensor | readonly Tensor[]),
    } as unknown as Row<string>);
  const call = (...args: Arguments<S>): Returns<S> => dispatch(made(), args) as Returns<S>;
  return Object.defineProperty(call, 'op', { get: made }) as OpFunction<S>;
}

/** Installs what a head names. The op is made when one of the names is first called. */
export function installRow({ name: own, isOfSelf, row }: RowHead, made: MakeOp): void {
  makers.push(made);
  const isMutation = 'mutate' in row;
  const names = [own, ...(row.aliases ?? [])];
  const inplace = row.inplace ?? ('pointwise' in row || isMutation);
  let form: MakeOp | null = null;
  if (inplace && isOfSelf && (isMutation || !own.startsWith('_'))) {
    form = once(() => inPlaceForm(made(), { ...made().schema, name: `${own}_` }));
    makers.push(form);
  }
  if (!isMutation || row.functional !== false)
    for (const name of names) {
      const isFunctional = (row.module ?? name).startsWith('nn.functional');
      const isEither = row.inplaceArgument === true && isFunctional;
      install(name, isEither ? once(() => new EitherOp(made(), form!())) : made, row, isOfSelf);
    }
  if (form !== null)
    for (const name of names) if (!name.includes('.')) install(`${name}_`, form, row, isOfSelf);
}

/** Row-major copies of views. */
function copyOf(views: Tensor | readonly Tensor[]): unknown {
  if (!(views instanceof Tensor)) return views.map(copyOf);
  return views.clone({ memoryFormat: contiguousFormat });
}

function make(schema: Schema, row: Row<string>): Op {
  if ('pointwise' in row) return new PointwiseOp(schema, row as PointwiseRow);
  if ('composite' in row) return new CompositeOp(schema, row);
  if ('mutate' in row) return new MutationOp(schema, row);
  return new PrimitiveOp(schema, row as PrimitiveRow<string>);
}

function install(path: string, made: MakeOp, row: Partial<RowBase>, isOfSelf: boolean): void {
  const dot = path.lastIndexOf('.');
  if (dot >= 0) {
    const { module: _, ...rest } = row;
    installIn(path.slice(0, dot), path.slice(dot + 1), made, { ...rest, method: false }, isOfSelf);
  } else installIn(row.module ?? '', path, made, row, isOfSelf);
}

function installIn(
  module: string,
  name: string,
  made: MakeOp,
  row: Partial<RowBase>,
  isOfSelf: boolean,
): void {
  const isInPlaceName = name.endsWith('_');
  if (row.function ?? (!isInPlaceName || module !== '')) {
    const entry = entryOf(functionEntries, module, name);
    entry.add(made, row);
    const functions = functionsOf(module);
    functions[camelCase(name)] ??= withName(camelCase(name), (...args: unknown[]) => entry.call(args, false));
    if (row.reads) {
      functions[twinOf(name)] ??= withName(twinOf(name), (...args: unknown[]) =>
        waiting(args, () => entry.call(args, false)),
      );
    }
  }
  if (row.method ?? (module === '' && isOfSelf)) {
    const entry = entryOf(methodEntries, '', name);
    entry.add(made, row);
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
