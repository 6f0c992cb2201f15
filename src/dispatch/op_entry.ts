/** A public name and the ops that it stands for: where calls come in. */

import { camelCase } from '../core/camel_case.js';
import { asReader } from '../core/reading.js';
import { Tensor } from '../core/tensor.js';
import { bind, namedArguments } from './bind.js';
import { dispatch } from './dispatch.js';
import { ExpressionOp } from './expression_op.js';
import { mismatchError, renamed } from './mismatch.js';
import { entered, invoke } from './mode.js';
import type { Op } from './op.js';
import { areOrdinary } from './ordinary.js';
import { checkTargets, writeResults } from './out.js';
import { refuseComplex } from './real_only.js';
import type { RowBase } from './row.js';
import type { Schema } from './schema.js';

/** Makes an op, or gives the one that it has made. */
export type MakeOp = () => Op;

/** All overloads of one public name. */
export class Entry {
  private readonly makers: MakeOp[] = [];
  /** Made when one is first asked for. */
  private made: readonly Op[] | null = null;
  /** Whether an overload reads values, so that there is an asynchronous twin. */
  reads = false;

  constructor(
    /** `''` for the top level. */
    readonly module: string,
    /** PyTorch's name. */
    readonly name: string,
  ) {}

  get ops(): readonly Op[] {
    this.made ??= this.makers.map((make) => make());
    return this.made;
  }

  add(make: MakeOp, { reads }: Partial<RowBase>): void {
    this.makers.push(make);
    this.made = null;
    this.reads ||= reads === true;
  }

  call(args: unknown[], isMethod: boolean): unknown {
    return entered === 0 ? this.answer(args, isMethod) : this.invoke(args, isMethod);
  }

  /** Lets a mode answer. (A closure in `call` would cost every call.) */
  private invoke(args: unknown[], isMethod: boolean): unknown {
    return invoke(this.module, this.name, args, isMethod, () => this.answer(args, isMethod));
  }

  /** Runs the first op that takes the arguments. */
  private answer(args: unknown[], isMethod: boolean): unknown {
    const { ops } = this;
    const named = namedArguments(args);
    for (let i = 0; i < ops.length; i++) {
      const bound = bind(ops[i].schema, args, named);
      if (bound !== null) return this.run(ops[i], bound);
    }
    return this.answerOther(args, named, isMethod);
  }

  private run(op: Op, bound: unknown[]): unknown {
    const { row, schema } = op;
    if (row.realOnly !== undefined) refuseComplex(row.realOnly, bound);
    const result = row.reads ? this.read(op, bound) : dispatch(op, bound);
    return schema.returns.length === 1 ? result : withNames(schema, result);
  }

  private read(op: Op, bound: unknown[]): unknown {
    return asReader(camelCase(this.name), () => dispatch(op, bound));
  }

  /** Answers calls that no op takes as they stand: with `out`, or with NumPy's names. */
  private answerOther(args: unknown[], named: Record<string, unknown> | null, isMethod: boolean): unknown {
    const { ops } = this;
    const takesOut = !isMethod && this.takesOut;
    if (takesOut && named !== null && 'out' in named) {
      const { out, ...options } = named;
      return this.answerInto([...args.slice(0, -1), options], out ?? null);
    }
    // PyTorch's own bindings take NumPy's names; `nn.functional` is written in Python.
    const takesNumpy = this.module !== 'nn.functional';
    for (const op of ops) {
      const others = renamed(op.schema, args, takesNumpy);
      const bound = others === null ? null : bind(op.schema, others);
      if (bound !== null) return this.run(op, bound);
    }
    // Functions of these modules are called so in PyTorch's own bindings.
    const prefix = ['special', 'linalg'].includes(this.module) ? `${this.module}_` : '';
    const schemas = ops.map((op) => op.schema);
    throw mismatchError(prefix + this.name, schemas, args, { isMethod, takesNumpy, takesOut });
  }

  /** Whether it takes `out`. Ops that change an argument have no other place for their result, and `nn.functional` is written in Python. */
  private get takesOut(): boolean {
    const { positions } = this.ops[0].schema;
    return (
      this.module !== 'nn.functional' &&
      !this.name.endsWith('_') &&
      !positions.has('inplace') &&
      !positions.has('running_mean')
    );
  }

  /** Computes, then writes the results into the tensors given as `out`; null: there are none. */
  private answerInto(args: unknown[], out: unknown): unknown {
    if (out === null) return this.answer(args, false);
    const targets = checkTargets(this.name, args, Array.isArray(out) ? out : [out]);
    if (targets.length === 1 && this.isComputedInto(targets[0], args)) return out;
    const result = this.answer(args, false);
    writeResults(this.name, result instanceof Tensor ? [result] : (result as readonly Tensor[]), targets);
    return out;
  }

  /** Computes into a tensor without a copy, where no mode looks on, and the op and the tensor allow it. */
  private isComputedInto(out: Tensor, args: unknown[]): boolean {
    if (entered !== 0 || out.inference || out.requiresGrad || out.storage.ended !== null) return false;
    const named = namedArguments(args);
    for (const op of this.ops) {
      const bound = bind(op.schema, args, named);
      if (bound === null) continue;
      if (!(op instanceof ExpressionOp) || !areOrdinary(op, bound)) return false;
      return op.row.realOnly === undefined && op.executeInto(out, bound);
    }
    return false;
  }
}

/** By schemas: what lists of their results inherit from, with a getter for each name. */
const namedLists = new Map<Schema, object>();

/** Gives several results their names: `const { values, indices } = x.max({ dim: 1 })`. */
function withNames(schema: Schema, result: unknown): unknown {
  if (schema.returns[0].name === 'result0') return result;
  let list = namedLists.get(schema);
  if (list === undefined) {
    list = namedList(schema);
    namedLists.set(schema, list);
  }
  // Six times as fast as properties of its own for each result.
  return Object.setPrototypeOf(result, list);
}

function namedList({ returns }: Schema): object {
  const list = Object.create(Array.prototype, { constructor: { value: Array } });
  for (const [i, { name }] of returns.entries())
    Object.defineProperty(list, camelCase(name), {
      get() {
        return this[i];
      },
    });
  return list;
}
