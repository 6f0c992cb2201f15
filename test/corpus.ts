/**
 * Replays PyTorch's operator database, recorded in `../shared/conformance` (its README gives the format): rebuilds the
 * inputs, calls the op by its dotted path, compares results, gradients, method and in-place forms.
 */
import { existsSync, readFileSync } from 'node:fs';
import { grad } from '../src/autograd/functions.js';
import { type DType, dtypeByName } from '../src/core/dtype.js';
import { pyfloat } from '../src/core/scalar.js';
import { Tensor } from '../src/core/tensor.js';
import { functionsOf, ops } from '../src/ops/registry.js';
import { camelCase } from '../src/ops/schema.js';

const folder = new URL('../../shared/conformance/', import.meta.url);

/** Whether the recorded database is there. */
export const corpusExists = existsSync(folder);

type Json = null | boolean | string | number | Json[] | { [key: string]: Json };

interface Descriptor {
  readonly r: string;
  readonly d: string;
  readonly s: number[];
  readonly k?: string;
  readonly rg?: number;
  readonly st?: number[];
  readonly o?: number;
  readonly sid?: number;
  readonly fill?: number;
  readonly rtol?: number;
  readonly atol?: number;
  readonly ill?: number;
}

interface Step {
  readonly fn: string;
  readonly args: Json[];
  readonly kwargs: Record<string, Json>;
}

interface Case extends Partial<Step> {
  readonly kind: 'sample' | 'error';
  readonly id: string;
  readonly dtype: string;
  readonly steps?: Step[];
  readonly ret?: Json;
  readonly out: Json;
  readonly op_args?: Json[];
  readonly op_kwargs?: Record<string, Json>;
  readonly tol?: [number, number];
  readonly grad?: {
    readonly cots: [number, number][];
    readonly grads: [number, number | null][];
    readonly post?: Json;
  };
  readonly method?: boolean | string;
  readonly inplace?: boolean | string;
  readonly random?: boolean;
  readonly out_is_input?: boolean;
  readonly regex?: string;
  readonly type?: string;
  readonly message?: string;
  readonly tensors: Descriptor[];
}

interface Header {
  readonly fn: string;
  readonly method: string | null;
  readonly inplace: string | null;
}

/** What this library does not have, so that a case says nothing about it. */
class Unsupported extends Error {}

type Store = Map<string, Uint8Array>;

function readStore(url: URL): Store {
  const file = readFileSync(url);
  const length = Number(file.readBigUInt64LE(0));
  const header: Record<string, { data_offsets: [number, number] }> = JSON.parse(
    file.subarray(8, 8 + length).toString(),
  );
  const store: Store = new Map();
  for (const [key, { data_offsets: at }] of Object.entries(header))
    store.set(key, file.subarray(8 + length + at[0], 8 + length + at[1]));
  return store;
}

function dtypeNamed(name: string): DType {
  const dtype = dtypeByName(name);
  if (dtype === undefined) throw new Unsupported(name);
  return dtype;
}

function fromBytes(bytes: Uint8Array, dtype: DType): Tensor {
  const flat = ops.empty([bytes.length / dtype.itemsize], { dtype });
  const memory = flat.storage.host()!;
  const start = memory.byteOffset + flat.offset * dtype.itemsize;
  new Uint8Array(memory.buffer, start, bytes.length).set(bytes);
  return flat;
}

class Replay {
  private readonly tensors = new Map<number, Tensor>();
  private readonly storages = new Map<number, Tensor>();
  private readonly steps: unknown[] = [];

  constructor(
    private readonly record: Case,
    private readonly store: Store,
  ) {}

  tensor(i: number): Tensor {
    let t = this.tensors.get(i);
    if (t !== undefined) return t;
    const d = this.record.tensors[i];
    const dtype = dtypeNamed(d.d);
    if (d.fill !== undefined) t = ops.full(d.s, d.fill, { dtype });
    else {
      let flat = d.sid === undefined ? undefined : this.storages.get(d.sid);
      flat ??= fromBytes(this.store.get(d.k!)!, dtype);
      if (d.sid !== undefined) this.storages.set(d.sid, flat);
      t = d.st === undefined ? flat.reshape(d.s) : flat.asStrided(d.s, d.st, d.o!);
      if (d.rg) t = t.detach().requiresGrad_();
    }
    this.tensors.set(i, t);
    return t;
  }

  decode(x: Json): unknown {
    if (x === null || typeof x !== 'object') return x;
    if (Array.isArray(x)) return x.map((y) => this.decode(y));
    const [[kind, v]] = Object.entries(x);
    switch (kind) {
      case 't':
        return this.tensor(v as number);
      case 'r': {
        const [step, ...path] = v as number[];
        return path.reduce((y, j) => (y as unknown[])[j], this.steps[step]);
      }
      case 'i':
        return typeof v === 'string' ? BigInt(v) : v;
      case 'f': {
        const value = v === 'nan' ? Number.NaN : Number(String(v).replace('inf', 'Infinity'));
        return Number.isInteger(value) ? pyfloat(value) : value;
      }
      case 'dtype':
        return dtypeNamed(v as string);
      case 'size':
        return v;
      case 'tu':
      case 'l':
        return (v as Json[]).map((y) => this.decode(y));
      case 'd':
        return Object.fromEntries(
          Object.entries(v as Record<string, Json>).map(([k, y]) => [k, this.decode(y)]),
        );
      case 'nt':
        return (x.v as Json[]).map((y) => this.decode(y));
      default:
        throw new Unsupported(`an argument of kind ${kind}`);
    }
  }

  private call({ fn, args, kwargs }: Step): unknown {
    const values = args.map((a) => this.decode(a));
    const named = Object.entries(kwargs).map(([k, v]) => [camelCase(k), this.decode(v)] as const);
    if (named.length > 0) values.push(Object.fromEntries(named));
    return invoke(fn, values);
  }

  run(): unknown {
    const { record } = this;
    if (record.fn) return this.call(record as Step);
    if (record.steps === undefined) throw new Unsupported('a call that was not traced');
    for (const step of record.steps) this.steps.push(this.call(step));
    return record.ret === undefined ? null : this.decode(record.ret);
  }

  /** The arguments for the method and in-place forms. */
  arguments(): unknown[] {
    const { record } = this;
    const values = (record.op_args ?? record.args!).map((a) => this.decode(a));
    const named = Object.entries(record.op_kwargs ?? record.kwargs ?? {});
    if (named.length > 0)
      values.push(Object.fromEntries(named.map(([k, v]) => [camelCase(k), this.decode(v)])));
    return values;
  }

  /** What differs from the record, or null. */
  compare(tree: Json, actual: unknown): string | null {
    if (tree !== null && typeof tree === 'object' && !Array.isArray(tree)) {
      if ('t' in tree) return this.close(actual as Tensor | null, tree.t as number, 'result');
      for (const k of ['tu', 'l', 'v'])
        if (k in tree) {
          const items = tree[k] as Json[];
          for (const [i, item] of items.entries()) {
            const problem = this.compare(item, (actual as unknown[])[i]);
            if (problem) return problem;
          }
          return null;
        }
      if ('meta' in tree) return null;
      const expected = this.decode(tree);
      const value = typeof expected === 'object' && expected !== null ? Number(expected) : expected;
      if (Array.isArray(value))
        return JSON.stringify(actual) === JSON.stringify(value) ? null : `${actual} instead of ${value}`;
      if (typeof value === 'number' && Math.abs(Number(actual) - value) <= 1e-6 * (1 + Math.abs(value)))
        return null;
      return Object.is(actual, value) ? null : `${actual} instead of ${value}`;
    }
    return actual === tree ? null : `${actual} instead of ${tree}`;
  }

  close(actual: Tensor | null, i: number, what: string): string | null {
    const d = this.record.tensors[i];
    if (!(actual instanceof Tensor)) return `${what} is missing`;
    if (`torch.${d.d}` !== String(actual.dtype)) return `${what} has ${actual.dtype} instead of torch.${d.d}`;
    if (String(actual.shape) !== String(d.s))
      return `${what} has shape [${actual.shape}] instead of [${d.s}]`;
    if (d.ill) return null;
    const expected = this.tensor(i).detach().toArray();
    const got = actual.detach().toArray();
    const tolerance = this.record.tol ?? [0, 0];
    let [rtol, atol] = [d.rtol ?? tolerance[0], d.atol ?? tolerance[1]];
    if (d.d === 'float16') rtol = Math.max(rtol, 1e-3);
    if (d.d === 'bfloat16') rtol = Math.max(rtol, 1.6e-2);
    if (!actual.dtype.isFloatingPoint) [rtol, atol] = [0, 0];
    for (let k = 0; k < expected.length; k++) {
      const [a, e] = [Number(got[k]), Number(expected[k])];
      if (Object.is(a, e) || a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
      if (!(Math.abs(a - e) <= atol + rtol * Math.abs(e))) return `${what}[${k}] is ${a} instead of ${e}`;
    }
    return null;
  }

  check(header: Header): string | null {
    const { record } = this;
    const result = this.run();
    let problem = this.compare(record.out, result);
    if (problem || record.grad === undefined || record.grad.post !== undefined) return problem;
    const outs = tensorsOf(record.out);
    const results = leaves(result);
    const roots = record.grad.cots.map(([out]) => results[outs.indexOf(out)]);
    const inputs = record.grad.grads.map(([input]) => this.tensor(input));
    const cotangents = record.grad.cots.map(([, cot]) => this.tensor(cot));
    const gradients = grad(roots, inputs, cotangents, { allowUnused: true });
    for (const [k, [input, expected]] of record.grad.grads.entries()) {
      if (expected === null) continue;
      const got = gradients[k] ?? inputs[k].detach().zerosLike();
      problem = this.close(got, expected, `gradient of input ${input} of ${header.fn}`);
      if (problem) return problem;
    }
    return null;
  }
}

function leaves(x: unknown): Tensor[] {
  if (x instanceof Tensor) return [x];
  return Array.isArray(x) ? x.flatMap(leaves) : [];
}

function tensorsOf(tree: Json): number[] {
  if (tree === null || typeof tree !== 'object' || Array.isArray(tree)) return [];
  if ('t' in tree) return [tree.t as number];
  return ['tu', 'l', 'v'].flatMap((k) => (k in tree ? (tree[k] as Json[]).flatMap(tensorsOf) : []));
}

function invoke(path: string, values: unknown[]): unknown {
  const parts = path.split('.').slice(1);
  const last = camelCase(parts.pop()!);
  if (parts[0] === 'Tensor') {
    const [self, ...rest] = values as [Record<string, (...args: unknown[]) => unknown>, ...unknown[]];
    if (typeof self[last] !== 'function') throw new Unsupported(path);
    return self[last](...rest);
  }
  const found = functionsOf(parts.join('.'))[last];
  if (found === undefined) throw new Unsupported(path);
  return found(...values);
}

/** The method or in-place form against the record; null if it agrees or there is nothing to compare. */
function checkForm(
  form: string,
  expected: boolean | string | undefined,
  record: Case,
  store: Store,
): string | null {
  if (expected !== true && !(typeof expected === 'string' && expected.endsWith('Error'))) return null;
  const replay = new Replay(record, store);
  const [self, ...rest] = replay.arguments();
  if (!(self instanceof Tensor)) return null;
  // A form that must fail may do so because of how its operand lies in memory, which a clone would lose.
  const isCopied = form.endsWith('_') && expected === true;
  const target = (isCopied ? self.detach().clone() : self.detach()) as unknown as Record<
    string,
    (...a: unknown[]) => unknown
  >;
  const method = camelCase(form);
  if (typeof target[method] !== 'function') return `there is no method ${method}`;
  if (expected !== true) {
    try {
      target[method](...rest);
    } catch {
      return null;
    }
    return `${method} did not fail`;
  }
  const problem = replay.compare(record.out, target[method](...rest));
  return problem && `${method}: ${problem}`;
}

export interface Report {
  passed: number;
  readonly skipped: Map<string, number>;
  readonly failures: string[];
}

/** Replays one file; `wanted` may leave cases out. */
export function replay(stem: string, wanted: (record: Case) => boolean = () => true): Report {
  const [head, ...lines] = readFileSync(new URL(`ops/${stem}.jsonl`, folder), 'utf8')
    .trim()
    .split('\n');
  const header = JSON.parse(head) as Header;
  const store = readStore(new URL(`ops/${stem}.safetensors`, folder));
  const report: Report = { passed: 0, skipped: new Map(), failures: [] };
  const skip = (why: string) => report.skipped.set(why, (report.skipped.get(why) ?? 0) + 1);
  for (const line of lines) {
    const record = JSON.parse(line) as Case;
    if (record.random || !wanted(record)) {
      skip('not wanted');
      continue;
    }
    const tag = `${stem} ${record.dtype} ${record.kind} ${record.id}`;
    try {
      if (record.kind === 'error') {
        const problem = checkError(record, store);
        if (problem) report.failures.push(`${tag}: ${problem}`);
        else report.passed++;
        continue;
      }
      const problem =
        new Replay(record, store).check(header) ??
        (header.method === null ? null : checkForm(header.method, record.method, record, store)) ??
        (header.inplace === null || header.inplace.startsWith('wrapper')
          ? null
          : checkForm(header.inplace, record.inplace, record, store));
      if (problem) report.failures.push(`${tag}: ${problem}`);
      else report.passed++;
    } catch (error) {
      if (error instanceof Unsupported) skip(error.message);
      else report.failures.push(`${tag}: ${(error as Error).name}: ${(error as Error).message}`);
    }
  }
  return report;
}

function checkError(record: Case, store: Store): string | null {
  const test = new Replay(record, store);
  try {
    test.run();
  } catch (error) {
    if (error instanceof Unsupported) throw error;
    const { name, message } = error as Error;
    const named = name === record.type || (record.type === 'RuntimeError' && name === 'NotImplementedError');
    if (named && new RegExp(record.regex!, 's').test(message)) return null;
    return `${name} '${message}' instead of ${record.type} '${record.message}'`;
  }
  return `no error instead of ${record.type} '${record.message}'`;
}
