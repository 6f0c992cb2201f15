/**
 * Traces of the samples of the recorded operator database gives the same when it is replayed, with the sample's tensors and with others:
 * so no tensor that a call depends on has become a constant.
 */
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import { describe, expect, it, vi } from 'vitest';
import { call, exists } from '../conformance/call.js';
import { type Case, readVariant, type Step, stemsOf, type Variant } from '../conformance/corpus.js';
import { Inputs } from '../conformance/inputs.js';

const corpus = fileURLToPath(new URL('../../shared/conformance', import.meta.url));
const stems = stemsOf(corpus);
if (stems === null) console.warn('../shared/conformance is absent: the tracer is not tried on it.');
vi.spyOn(console, 'warn').mockImplementation(() => {});

const { makeFx } = torch.fx.experimental.proxyTensor;

function run(record: Case, inputs: Inputs): unknown {
  const step = ({ fn, args, kwargs }: Step) =>
    call(
      fn,
      args.map((arg) => inputs.decode(arg)),
      inputs.options(kwargs),
      false,
    );
  if (record.fn !== null) return step(record as Step);
  for (const one of record.steps ?? []) inputs.steps.push(step(one));
  return record.ret === undefined ? null : inputs.decode(record.ret);
}

/** The case's tensors, anew: of floats, times a factor. */
function fresh(record: Case, { store }: Variant, factor: number): [Inputs, torch.Tensor[]] {
  const inputs = new Inputs(record, store, 'cpu');
  const tensors = record.tensors.flatMap(({ r }, i) => {
    if (r !== 'in' && r !== 'const') return [];
    const made = inputs.tensor(i);
    if (factor === 1 || made.dtype !== torch.float32) return [made];
    const other = made.detach().mul(factor).requiresGrad_(made.requiresGrad);
    inputs.replace(i, other);
    return [other];
  });
  return [inputs, tensors];
}

/** A tree of results as text; tensors as bytes. An error where there is none. */
function outcome(body: () => unknown): string {
  const text = (value: unknown): string => {
    if (value instanceof torch.Tensor) {
      const flat = (value.dtype.isComplex ? torch.viewAsReal(value) : value).detach();
      return `${value.dtype} [${value.shape.join()}] ${flat.toArray().join()}`;
    }
    return Array.isArray(value) ? `(${value.map(text).join('; ')})` : String(value);
  };
  torch.manualSeed(0);
  try {
    return text(body());
  } catch (error) {
    return (error as Error).message;
  }
}

const isThere = (path: string): boolean => exists(path, (name) => name in torch.Tensor.prototype);

/** Functions that read values themselves, which no graph could follow. */
const reads = new Set(['allclose', 'equal', 'histogramdd', 'item', 'is_nonzero', 'tolist']);
/** Functions whose results are what is in memory. */
const uninitialised = new Set([
  'empty',
  'empty_like',
  'empty_permuted',
  'empty_strided',
  'new_empty',
  'new_empty_strided',
]);

/** Whether the library refuses the call, as it does what it lacks. */
function isRefused(body: () => unknown): boolean {
  try {
    body();
    return false;
  } catch {
    return true;
  }
}

/** Whether the function reads values itself, so that it cannot be traced. */
function refusedToRead(body: () => unknown): boolean {
  torch.manualSeed(0);
  try {
    body();
    return false;
  } catch (error) {
    if (error instanceof torch.fx.TraceError) return true;
    throw error;
  }
}

describe.skipIf(stems === null)('a trace, replayed, gives what the call gives', () => {
  it.each((stems ?? []).filter((stem) => !uninitialised.has(stem)))('%s', (stem) => {
    const variant = readVariant(corpus, stem);
    const samples = variant.cases.filter(
      ({ kind, dtype, id, fn, steps }) =>
        kind === 'sample' &&
        (dtype === 'float32' || (variant.header.dtypes.every((d) => d !== 'float32') && dtype === 'int64')) &&
        /^\d+$/.test(id) &&
        (fn === null ? (steps ?? []).map((s) => s.fn) : [fn]).every(isThere),
    );
    for (const record of samples.slice(0, 6)) {
      if (isRefused(() => run(record, fresh(record, variant, 1)[0]))) continue;
      const tracers = {
        symbolicTrace: (f: () => unknown, tensors: torch.Tensor[]) => torch.fx.symbolicTrace(f, tensors),
        makeFx: (f: () => unknown, tensors: torch.Tensor[]) => makeFx(f)(...tensors),
      };
      for (const [name, trace] of Object.entries(tracers)) {
        const [inputs, tensors] = fresh(record, variant, 1);
        let traced!: torch.fx.GraphModule;
        const isUntraced = refusedToRead(() => {
          traced = trace(() => run(record, inputs), tensors);
        });
        if (isUntraced) {
          expect(reads, `${name} ${record.id} reads values`).toContain(stem);
          continue;
        }
        for (const factor of [1, 0.75]) {
          const [[own], [, others]] = [fresh(record, variant, factor), fresh(record, variant, factor)];
          const expected = outcome(() => run(record, own));
          expect(
            outcome(() => traced.forward(...others)),
            `${name} ${record.id} × ${factor}`,
          ).toBe(expected);
        }
      }
    }
  });
});
