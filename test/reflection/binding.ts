/** How something public binds its arguments: by the schemas of rows, or by a signature. */
import { camelCase } from '../../src/core/camel_case.js';
// The rows are read with it.
import '../../src/index.js';
import { Signature } from '../../src/core/signature/signature.js';
import type { Op } from '../../src/dispatch/op.js';
import type { Entry } from '../../src/dispatch/op_entry.js';
import { entries } from '../../src/dispatch/registry.js';
import { twinOf } from '../../src/dispatch/twins.js';

export interface Parameter {
  readonly camel: string;
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly keywordOnly: boolean;
  readonly variadic: boolean;
  readonly optional: boolean;
  readonly default: unknown;
}

/** One list of parameters that a callable has. */
export interface Form {
  readonly parameters: readonly Parameter[];
  /** Where it is an op's. */
  readonly op: Op | null;
}

type Call = (...args: unknown[]) => unknown;

const byPath = (list: Iterable<Entry>): ReadonlyMap<string, Entry> => {
  const found = new Map<string, Entry>();
  for (const entry of list) {
    const prefix = entry.module === '' ? '' : `${entry.module}.`;
    for (const name of [camelCase(entry.name), ...(entry.reads ? [twinOf(entry.name)] : [])])
      found.set(prefix + name, entry);
  }
  return found;
};
const opFunctions = byPath(entries().functions);
const opMethods = byPath(entries().methods);

const formsOf = (entry: Entry): Form[] =>
  entry.ops.map((op) => ({
    op,
    parameters: op.schema.parameters.map((p) => ({ ...p, variadic: false })),
  }));

/** The forms of a function of the rows, by its path in `torch`; null for another. */
export function opForms(path: string): Form[] | null {
  const entry = opFunctions.get(path);
  return entry === undefined ? null : formsOf(entry);
}

/** The forms of a tensor's method that a row has. The first parameter is the tensor. */
export function methodForms(name: string): Form[] | null {
  const entry = opMethods.get(name);
  return entry === undefined ? null : formsOf(entry);
}

/** The signature that a call asks first; null if it asks none. */
export async function signatureOf(call: Call): Promise<Form | null> {
  let found: Signature<string> | null = null;
  const { bind, inOrder } = Signature.prototype;
  const watch = (method: Call): Call =>
    function (this: Signature<string>, ...args: unknown[]) {
      found ??= this;
      return method.apply(this, args);
    };
  Signature.prototype.bind = watch(bind as Call) as typeof bind;
  Signature.prototype.inOrder = watch(inOrder as Call) as typeof inOrder;
  try {
    await call({ noSuchName: 1 });
  } catch {
    // Whether it is refused is asked elsewhere.
  } finally {
    Signature.prototype.bind = bind;
    Signature.prototype.inOrder = inOrder;
  }
  if (found === null) return null;
  return { op: null, parameters: (found as Signature<string>).parameters };
}
