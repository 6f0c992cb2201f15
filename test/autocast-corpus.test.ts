/**
 * Autocast against PyTorch's: `golden/autocast.json.golden` holds, of every sample of the recorded operator database, the dtypes of what
 * `with torch.autocast('cpu')` makes where they are others than without, once for the float32 samples as they are and
 * once with their tensors cast to bfloat16.
 */
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { call, exists } from '../conformance/call.js';
import { type Case, readVariant, type Step, stemsOf } from '../conformance/corpus.js';
import { Inputs } from '../conformance/inputs.js';
import { golden } from './support/golden.js';

/** By dtype of the inputs and op: which samples give which dtypes. */
const recorded = golden<Record<'float32' | 'bfloat16', Record<string, Record<string, string[]>>>>('autocast');

const corpus = fileURLToPath(new URL('../../shared/conformance', import.meta.url));
const stems = stemsOf(corpus);
if (stems === null) console.warn('../shared/conformance is absent: autocast is not tried on it.');

class HalfInputs extends Inputs {
  override tensor(position: number): torch.Tensor {
    const tensor = super.tensor(position);
    return tensor.dtype === torch.float32 ? tensor.detach().to(torch.bfloat16) : tensor;
  }
}

const kinds = { float32: Inputs, bfloat16: HalfInputs };

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

function dtypesOf(value: unknown): string[] {
  if (value instanceof torch.Tensor) return [String(value.dtype).slice(6)];
  return Array.isArray(value) ? value.flatMap(dtypesOf) : [];
}

/** The dtypes of the results, or null where there are none: not every kernel takes every dtype. */
function attempt(body: () => unknown): string | null {
  torch.manualSeed(0);
  try {
    return dtypesOf(body()).join(' ');
  } catch {
    return null;
  }
}

const isThere = (path: string): boolean => exists(path, (name) => name in torch.Tensor.prototype);

/** PyTorch's pseudo-inverse is made of products, whose results are narrow; ours is one op, which keeps float32. */
const isWhole = (stem: string): boolean => stem.startsWith('linalg.pinv');

describe.skipIf(stems === null)("autocast('cpu') gives the dtypes that PyTorch's gives", () => {
  it('but for pseudo-inverses, which keep float32, and refuse what is bfloat16 already', () => {
    const a = torch.randn(3, 2);
    torch.autocast('cpu', () => {
      expect(torch.linalg.pinv(a).dtype).toBe(torch.float32);
      expect(() => torch.linalg.pinv(a.matmul(a.mT))).toThrow('linalg.pinv(BFloat16{[3, 3]})');
    });
  });

  it.each((stems ?? []).filter((stem) => !isWhole(stem)))('%s', (stem) => {
    const variant = readVariant(corpus, stem);
    const samples = variant.cases.filter(
      ({ kind, dtype, id, fn, steps }) =>
        kind === 'sample' &&
        dtype === 'float32' &&
        /^\d+$/.test(id) &&
        (fn === null ? (steps ?? []).map((s) => s.fn) : [fn]).every(isThere),
    );
    for (const dtype of ['float32', 'bfloat16'] as const) {
      const inputs = (record: Case) => new kinds[dtype](record, variant.store, 'cpu');
      for (const record of samples) {
        const found = attempt(() => torch.autocast('cpu', () => run(record, inputs(record))));
        const [told] =
          Object.entries(recorded[dtype][stem] ?? {}).find(([, ids]) => ids.includes(record.id)) ?? [];
        const expected = told ?? attempt(() => run(record, inputs(record)));
        if (told !== undefined || expected !== null) expect(found, `${dtype} ${record.id}`).toBe(expected);
      }
    }
  });
});
