import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { check } from '../conformance/check.js';
import { classesIn, classStemsOf } from '../conformance/classes/corpus.js';
import { runClass } from '../conformance/classes/run.js';
import { type Case, type Header, type Json, stemsOf, type Variant } from '../conformance/corpus.js';
import { classFigures, opFigures, readFloor, shortfall } from '../conformance/floor.js';
import { runVariant } from '../conformance/run.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const floor = readFloor(here('../conformance/floor.json'));
const forAll = readFloor(here('../conformance/classes/floor.json'));
/** L-BFGS goes another way after one bit that differs, and WebAssembly has no fused multiply-adds. */
const classFloor = torch.backends.cpu.engine() === 'native' ? { ...forAll, 'optim.LBFGS': [5, 4] } : forAll;
const sample = here('../conformance/sample');
const corpus = here('../../shared/conformance');

/** Every op passes at least as many cases as it ever did. Raise the floor with `npm run conformance -- --raise-floor`. */
function holdsFloor(folder: string): (stem: string) => Promise<void> {
  return async (stem) => {
    const { counts, failures } = await runVariant(folder, stem);
    expect(shortfall(floor, opFigures, stem, counts), listed(failures)).toEqual([]);
  };
}

const listed = (failures: readonly { readonly id: string; readonly why: string }[]): string =>
  failures.map(({ id, why }) => `${id}: ${why}`).join('\n');

describe('the sample of the recorded operator database', () => {
  it.each(stemsOf(sample)!)('%s', holdsFloor(sample));

  it('is of ops that pass', () => {
    expect(stemsOf(sample)!.filter((stem) => !(floor[stem]?.[0] > 0))).toEqual([]);
  });
});

const stems = stemsOf(corpus);
if (stems === null) console.warn('../shared/conformance is absent: only its sample is tried.');

describe.skipIf(stems === null)('the recorded operator database', () => {
  it.each(stems ?? [])('%s', holdsFloor(corpus));

  it('has every op of the floor', () => {
    expect(Object.keys(floor).filter((stem) => !stems!.includes(stem))).toEqual([]);
  });
});

describe('the sample of the recorded classes', () => {
  it.each(classStemsOf(sample))('%s', async (stem) => {
    const { failures } = await runClass(sample, stem);
    expect(failures).toEqual([]);
  });
});

const classes = classesIn(corpus);

describe.skipIf(classes === null)('the recorded classes', () => {
  const all = classes === null ? [] : classStemsOf(classes);

  it.each(all)('%s', async (stem) => {
    const { counts, failures } = await runClass(classes!, stem);
    expect(shortfall(classFloor, classFigures, stem, counts), listed(failures)).toEqual([]);
  });

  it('has every class of the floor', () => {
    expect(Object.keys(classFloor).filter((stem) => !all.includes(stem))).toEqual([]);
  });
});

describe('the runner', () => {
  const header: Header = {
    name: 'case',
    variant: '',
    class: 'OpInfo',
    fn: null,
    method: null,
    inplace: null,
    dtypes: ['float32'],
    supports_autograd: true,
    gauge: false,
  };

  const float32 = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer);
  const store = new Map([
    ['x', float32(1, -2, 3)],
    ['abs', float32(1, 2, 3)],
    ['sign', float32(1, -1, 1)],
    ['ones', float32(1, 1, 1)],
    ['wrong', float32(1, 2, 4)],
  ]);

  const tensor = (r: string, k: string, more: object = {}) => ({ r, d: 'float32', s: [3], k, ...more });
  const base: Case = {
    kind: 'sample',
    id: '0',
    dtype: 'float32',
    fn: 'torch.abs',
    args: [{ t: 0 }],
    kwargs: {},
    out: { t: 1 },
    tol: [1e-6, 1e-6],
    tensors: [
      tensor('in', 'x', { rg: 1 }),
      tensor('out', 'abs'),
      tensor('cot', 'ones'),
      tensor('grad', 'sign'),
    ],
    grad: { cots: [[1, 2]], grads: [[0, 3]] },
  };

  const verdict = (changes: Partial<Case>, form: Partial<Header> = {}) => {
    const variant: Variant = { stem: 'case', header: { ...header, ...form }, cases: [], store };
    return check(variant, { ...base, ...changes }, 'cpu');
  };

  const withTensor = (position: number, changes: object): Partial<Case> => ({
    tensors: base.tensors.map((d, i) => (i === position ? { ...d, ...changes } : d)),
  });

  it('accepts what agrees', async () => {
    expect(await verdict({})).toEqual({ problem: null, gradient: null });
  });

  it.each<[string, Partial<Case>, string]>([
    ['values', withTensor(1, { k: 'wrong' }), 'the result[2] is 3 instead of 4'],
    ['a dtype', withTensor(1, { d: 'int32' }), 'the result has torch.float32 instead of torch.int32'],
    ['a shape', withTensor(1, { s: [3, 1] }), 'the result has shape [3] instead of [3,1]'],
    ['a gradient', withTensor(3, { k: 'wrong' }), 'the gradient of input 0[1] is -1 instead of 2'],
    ['a view that is none', withTensor(1, { al: 0 }), 'the result does not share memory with input 0'],
    ['a missing function', { fn: 'torch.frobnicate' }, 'Missing: torch.frobnicate is missing'],
    ['a missing dtype', withTensor(0, { d: 'quint8' }), 'Missing: torch.quint8 is missing'],
    ['a missing argument', { kwargs: { speed: { i: 1 } } }, "unexpected keyword argument 'speed'"],
    ['the number of results', { out: { tu: [{ t: 1 }] } }, 'there are no results instead of 1'],
    ['a value', { out: { i: 5 } }, 'instead of 5'],
  ])('finds %s', async (_, changes, why) => {
    expect((await verdict(changes)).problem).toContain(why);
  });

  it('finds a view where PyTorch has none, and one at the wrong place', async () => {
    const view = { fn: 'torch.flatten', grad: undefined, tensors: [base.tensors[0], tensor('out', 'x')] };
    expect((await verdict(view)).problem).toContain('shares memory with input 0');
    const elsewhere = { ...view, tensors: [base.tensors[0], tensor('out', 'x', { al: 0, oo: 1 })] };
    expect((await verdict(elsewhere)).problem).toContain('begins at 0 of its storage instead of 1');
  });

  it('tries the method and the in-place form', async () => {
    const methods = { method: 'abs', inplace: 'abs_' };
    expect((await verdict({ method: true, inplace: true }, methods)).problem).toBeNull();
    expect((await verdict({ inplace: 'dtype:int64' }, methods)).problem).toContain('abs_: the result has');
    expect((await verdict({ inplace: 'RuntimeError' }, methods)).problem).toBe('abs_: no RuntimeError');
    expect((await verdict({ method: true }, { method: 'sign' })).problem).toContain('sign: the result[1]');
    expect((await verdict({ inplace: true }, { inplace: 'abs' })).problem).toBe(
      'abs: the result is not self',
    );
  });

  const failing = (fn: string, args: Json[], type: string, regex: string): Partial<Case> => ({
    kind: 'error',
    fn,
    args,
    type,
    regex,
    message: regex,
    grad: undefined,
  });

  it('wants errors of the class and the text', async () => {
    const reshape = (type: string, regex: string) =>
      verdict(failing('torch.reshape', [{ t: 0 }, { l: [{ i: 2 }] }], type, regex));
    expect((await reshape('RuntimeError', "shape '\\[2\\]' is invalid")).problem).toBeNull();
    expect((await reshape('ValueError', "shape '\\[2\\]' is invalid")).problem).toContain(
      'instead of ValueError',
    );
    expect((await reshape('RuntimeError', 'something else')).problem).toContain(
      "instead of RuntimeError 'some",
    );
    const none = await verdict(failing('torch.abs', [{ t: 0 }], 'TypeError', '.*'));
    expect(none.problem).toContain('no error');
  });

  it('follows steps and compares the form of outputs whose gauge is free', async () => {
    const steps = { fn: null, steps: [{ fn: 'torch.neg', args: [{ t: 0 }], kwargs: {} }], ret: { r: [0] } };
    const post = {
      steps: [{ fn: 'torch.abs', args: [{ t: 1 }], kwargs: {} }],
      ret: { r: [0] },
      out: { t: 4 },
    };
    const record: Partial<Case> = {
      ...steps,
      grad: { cots: [[0, 2]], grads: [[0, 3]], post },
      tensors: [...base.tensors, tensor('post', 'abs')],
    };
    // The raw result is -x, which differs from the recorded |x| by its sign alone.
    expect((await verdict(record, { gauge: true })).problem).toBeNull();
    expect((await verdict(record, { gauge: false })).problem).toContain('the result[0] is -1');
    const wrong = { ...record, tensors: [...base.tensors, tensor('post', 'wrong')] };
    expect((await verdict(wrong, { gauge: true })).problem).toContain('the form[2] is 3 instead of 4');
  });
});
