import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { argumentsFor, type Constructor, type Way, ways } from '../conformance/classes/construct.js';
import type {
  ClassHeader,
  ClassRecord,
  DistributionRecord,
  ErrorRecord,
  KlRecord,
  ModuleRecord,
  OptimizerRecord,
  Parameter,
  SchedulerRecord,
} from '../conformance/classes/corpus.js';
import { classReportOf, count, newOutcome } from '../conformance/classes/report.js';
import { check, findClass } from '../conformance/classes/run.js';
import { classesDocument, classesIn, libraryClasses, pathOf } from '../conformance/classes/table.js';
import { Values } from '../conformance/classes/values.js';
import type { Descriptor } from '../conformance/corpus.js';

const bytes = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer);
const isTrue = new Uint8Array([1, 1, 1]);
const store = new Map<string, Uint8Array>([
  ['x', bytes(1, -2, 3)],
  ['ones', bytes(1, 1, 1)],
  ['zeros', bytes(0, 0, 0)],
  ['half', bytes(0.5, 0.5, 0.5)],
  ['quarter', bytes(0.25, 0.25, 0.25)],
  ['thirds', bytes(0.75, 0.75, 0.75)],
  ['true', isTrue],
]);
const tensor = (r: string, k: string, more: Partial<Descriptor> = {}): Descriptor => ({
  r,
  d: 'float32',
  s: [3],
  k,
  ...more,
});

const signatureOf = (text: string): Parameter[] =>
  text.split(', ').map((part) => {
    const [name, value] = part.split('=');
    if (name.startsWith('*')) return [name];
    return value === undefined ? [name, 'both'] : [name, 'both', { i: Number(value) }];
  });

const verdict = (record: ClassRecord, header: Partial<ClassHeader>, Class?: Constructor | null) => {
  const whole: ClassHeader = { name: record.class, path: 'torch.nn.Case', signature: [], ...header };
  return check({ header: whole, store }, record, Class === undefined ? findClass(whole.path) : Class);
};

describe('the ways to construct', () => {
  const values = new Values({ tensors: [] }, new Map());
  const arranged = (
    way: Way,
    signature: string,
    args: number[],
    kwargs: Record<string, number>,
    first: unknown[] = [],
  ) =>
    argumentsFor(
      way,
      signatureOf(signature),
      {
        args: args.map((i) => ({ i })),
        kwargs: Object.fromEntries(Object.entries(kwargs).map(([k, i]) => [k, { i }])),
      },
      values,
      first,
    );
  const signature = 'in_features, out_features, bias=7, pad=8';

  it('gives arguments as recorded, in the library’s spelling', () => {
    expect(arranged('as given', signature, [1], { out_features: 2 })).toEqual([1, { outFeatures: 2 }]);
  });

  it('gives all by name in one object', () => {
    const all = [{ inFeatures: 1, outFeatures: 2, pad: 3 }];
    expect(arranged('by name', signature, [1, 2], { pad: 3 })).toEqual(all);
  });

  it('gives all by position, with defaults where nothing was given', () => {
    expect(arranged('by position', signature, [1], { out_features: 2, pad: 3 })).toEqual([1, 2, 7, 3]);
    expect(arranged('by position', signature, [1, 2], {})).toEqual([1, 2, 7, 8]);
  });

  it('goes by position no further than what is required and missing', () => {
    expect(arranged('by position', 'a, b, c=3', [1], { c: 5 })).toEqual([1, { c: 5 }]);
  });

  it('puts first what no record holds', () => {
    expect(arranged('by name', 'optimizer, step_size', [], { step_size: 2 }, ['o'])).toEqual([
      { optimizer: 'o', stepSize: 2 },
    ]);
    expect(arranged('by position', 'optimizer, step_size', [], { step_size: 2 }, ['o'])).toEqual(['o', 2]);
  });

  it('leaves arguments without names where they are', () => {
    for (const way of ways) expect(arranged(way, '*args', [1, 2], {})).toEqual([1, 2]);
  });
});

describe('the check of a module', () => {
  const record: ModuleRecord = {
    kind: 'module',
    id: '0',
    dtype: 'float32',
    class: 'PReLU',
    seed: 1,
    training: true,
    args: [],
    kwargs: { init: { f: 0.5 } },
    repr: 'PReLU(num_parameters=1)',
    state: [['weight', 4]],
    parameters: ['weight'],
    buffers: [],
    forward: { args: [{ t: 0 }], kwargs: {} },
    out: { t: 1 },
    state_after: [],
    grad: {
      cots: [[1, 2]],
      grads: [[0, 3]],
      parameters: [['weight', 5]],
    },
    tol: [1e-6, 1e-6],
    tensors: [
      tensor('in', 'x', { rg: 1 }),
      tensor('out', 'out'),
      tensor('cot', 'ones'),
      tensor('grad', 'grad'),
      tensor('state', 'half', { s: [1], k: 'weight' }),
      tensor('grad', 'half', { s: [1], k: 'slope' }),
    ],
  };
  store.set('out', bytes(1, -1, 3));
  store.set('grad', bytes(1, 0.5, 1));
  store.set('weight', bytes(0.5));
  store.set('slope', bytes(-2));
  const header = { path: 'torch.nn.PReLU', signature: signatureOf('num_parameters=1, init=0.25') };
  const of = (changes: Partial<ModuleRecord>, Class?: Constructor) =>
    verdict({ ...record, ...changes }, header, Class);

  it('accepts what agrees', async () => {
    expect((await of({})).problem).toBeNull();
  });

  it.each<[string, Partial<ModuleRecord>, string]>([
    ['how it prints', { repr: 'PReLU()' }, 'repr is "PReLU(num_parameters=1)" instead of "PReLU()"'],
    ['initial values', { kwargs: { init: { f: 0.25 } } }, 'state weight[0] is 0.25 instead of 0.5'],
    ['names of state', { state: [] }, 'the list of state is "weight"'],
    ['names of parameters', { parameters: [] }, 'the list of parameters is "weight"'],
    ['names of buffers', { buffers: ['mean'] }, 'the list of buffers is ""'],
    ['results', { out: { t: 2 } }, 'the result[1] is -1 instead of 1'],
    ['the number of results', { out: { tu: [{ t: 1 }] } }, 'instead of a list of 1'],
    ['state afterwards', { state_after: [['weight', 5]] }, 'state afterwards weight[0] is 0.5 instead of -2'],
    [
      'gradients',
      { grad: { ...record.grad!, grads: [[0, 2]] } },
      'the gradient of input 0[1] is 0.5 instead of 1',
    ],
    [
      'a gradient that should be none',
      { grad: { ...record.grad!, parameters: [['weight', null]] } },
      'the gradient of weight is not zero',
    ],
  ])('finds %s', async (_, changes, why) => {
    expect((await of(changes)).problem).toContain(why);
  });

  it('finds a way to construct that does something else', async () => {
    class Positional extends torch.nn.PReLU {
      constructor(numParameters?: unknown, init?: unknown) {
        super(typeof numParameters === 'object' ? 1 : 1, typeof init === 'number' ? init : 0.5);
        Object.defineProperty(this, 'constructor', { value: torch.nn.PReLU });
        if (typeof numParameters === 'number') this.training = !this.training;
        if (typeof numParameters === 'number') torch.nn.init.zeros_(this.weight);
      }
    }
    const { problem, made } = await of({}, Positional as Constructor);
    expect(problem).toBe('by position: state weight[0] is 0 instead of 0.5');
    expect(made).toMatchObject({ 'as given': null, 'by name': null });
  });

  it('finds that a class is missing', async () => {
    expect((await verdict(record, { path: 'torch.nn.Frobnicate' })).problem).toBe(
      'torch.nn.Frobnicate is missing',
    );
  });
});

describe('the check of an optimizer', () => {
  const record: OptimizerRecord = {
    kind: 'optimizer',
    id: '0',
    dtype: 'float32',
    class: 'SGD',
    params: [0],
    kwargs: { lr: { f: 0.5 } },
    repr: String(new torch.optim.SGD([new torch.nn.Parameter(torch.ones(3))], { lr: 0.5 })),
    steps: 2,
    grads: [[1], [1]],
    after: [[2], [3]],
    losses: [],
    state: {},
    param_groups: [{ lr: { f: 0.5 }, momentum: { i: 0 }, params: { l: [{ i: 0 }] } }].map((group) => ({
      ...group,
      dampening: { i: 0 },
      weight_decay: { i: 0 },
      nesterov: false,
      maximize: false,
      foreach: null,
      differentiable: false,
      fused: null,
    })),
    tol: [1e-6, 1e-6],
    tensors: [
      tensor('in', 'ones', { rg: 1 }),
      tensor('grad', 'half'),
      tensor('out', 'thirds'),
      tensor('out', 'half'),
    ],
  };
  const header = {
    path: 'torch.optim.SGD',
    signature: [['params', 'both'], ['lr', 'both', { f: 0.001 }] as const] as const,
  };
  const of = (changes: Partial<OptimizerRecord>) => verdict({ ...record, ...changes }, header);

  it('accepts what agrees', async () => {
    expect((await of({})).problem).toBeNull();
  });

  it.each<[string, Partial<OptimizerRecord>, string]>([
    ['how it prints', { repr: 'SGD ()' }, 'repr is'],
    ['parameters', { after: [[2], [2]] }, 'parameter 0 after step 1[0] is 0.5 instead of 0.75'],
    ['state that is not there', { state: { 0: { momentum_buffer: { t: 1 } } } }, 'the list of state is ""'],
    ['options', { param_groups: [{ lr: { f: 1 } }] }, 'group 0 of the state dict'],
  ])('finds %s', async (_, changes, why) => {
    expect((await of(changes)).problem).toContain(why);
  });

  it('follows a closure whose loss is quadratic', async () => {
    // ½ x² + x summed has the gradient x + 1; its loss of ones is 4.5.
    const identity = new Uint8Array(new Float32Array([1, 0, 0, 0, 1, 0, 0, 0, 1]).buffer);
    store.set('identity', identity);
    store.set('loss', bytes(4.5));
    const closure: Partial<OptimizerRecord> = {
      steps: 1,
      closure: { quadratic: [1] },
      after: [[2]],
      losses: [{ t: 3 }],
      tensors: [
        tensor('in', 'ones', { rg: 1 }),
        tensor('in', 'identity', { s: [3, 3] }),
        tensor('out', 'zeros'),
        tensor('out', 'loss', { s: [] }),
      ],
    };
    expect((await of(closure)).problem).toBeNull();
    store.set('loss', bytes(4));
    expect((await of(closure)).problem).toContain('the loss of step 0[0] is 4.5 instead of 4');
  });
});

describe('the check of a scheduler', () => {
  const lrs = [0.1, 0.01, 0.001, 0.0001];
  const groups = (lr: number) => [
    [lr, 0.9, null],
    [0.2 * lr, 0.9, null],
  ];
  const record = {
    kind: 'scheduler',
    id: '0',
    dtype: 'float64',
    class: 'StepLR',
    optimizer: 'SGD',
    kwargs: { step_size: { i: 1 } },
    initial: groups(lrs[0]),
    lrs: lrs.slice(1).map(groups),
    metrics: null,
    resume_after: 1,
    last_lr: [lrs[3], 0.2 * lrs[3]],
    tensors: [],
  } as unknown as SchedulerRecord;
  const header = {
    path: 'torch.optim.lr_scheduler.StepLR',
    signature: [
      ['optimizer', 'both'],
      ['step_size', 'both'],
      ['gamma', 'both', { f: 0.1 }] as const,
    ] as const,
  };
  const of = (changes: object) => verdict({ ...record, ...changes }, header);

  it('accepts what agrees', async () => {
    expect((await of({})).problem).toBeNull();
  });

  it.each<[string, object, string]>([
    ['learning rates', { kwargs: { step_size: { i: 2 } } }, 'lr of group 0 after step 0 is 0.1 instead of'],
    ['those at the start', { initial: groups(1) }, 'lr of group 0 at the start is 0.1 instead of 1'],
    ['the last of them', { last_lr: [1, 1] }, 'getLastLr()[0] is'],
    ['the names of the state', { state_dict_keys: ['gamma'] }, 'the state dict is'],
    ['Python that no one translated', { python: 'StepLR(o, 1)' }, 'no translation of StepLR(o, 1)'],
  ])('finds %s', async (_, changes, why) => {
    expect((await of(changes)).problem).toContain(why);
  });

  it('finds one that cannot be taken up again', async () => {
    class Forgetful extends torch.optim.lrScheduler.StepLR {
      override loadStateDict(): void {}
    }
    const everyOther = { ...record, kwargs: { step_size: { i: 2 } }, lrs: [0.1, 0.01, 0.01].map(groups) };
    const changes = { ...everyOther, last_lr: [] } as unknown as SchedulerRecord;
    expect((await verdict(changes, header)).problem).toBeNull();
    const { problem, made } = await verdict(changes, header, Forgetful as unknown as Constructor);
    expect(made).toEqual({ 'as given': null, 'by name': null, 'by position': null });
    expect(problem).toBe('lr of group 0 after step 1 is 0.1 instead of 0.01');
  });
});

/** A uniform distribution on [0, scale) of PyTorch's shape, which has what the check asks of any. */
class Uniform {
  readonly hasRsample = true;
  readonly hasEnumerateSupport = false;
  readonly eventShape: number[] = [];
  readonly scale: torch.Tensor;
  readonly support = { check: (x: torch.Tensor) => x.ge(0), toString: () => 'Half()' };

  constructor(scale: torch.Tensor | { scale: torch.Tensor }) {
    this.scale = scale instanceof torch.Tensor ? scale : scale.scale;
  }
  get batchShape() {
    return [...this.scale.shape];
  }
  get mean() {
    return this.scale.div(2);
  }
  get mode(): never {
    throw new torch.NotImplementedError('no mode');
  }
  get variance() {
    return this.scale.square().div(12);
  }
  get stddev() {
    return this.variance.sqrt();
  }
  entropy() {
    return this.scale.log();
  }
  perplexity() {
    return this.scale;
  }
  rsample(shape: number[]) {
    return torch.rand([...shape, ...this.batchShape]).mul(this.scale);
  }
  sample(shape: number[]) {
    return this.rsample(shape).detach();
  }
  logProb(value: torch.Tensor) {
    return this.scale.log().neg().add(value.mul(0));
  }
  cdf(value: torch.Tensor) {
    return value.div(this.scale);
  }
  icdf(u: torch.Tensor) {
    return u.mul(this.scale);
  }
  expand(shape: number[]) {
    return new Uniform(this.scale.expand(shape));
  }
  toString() {
    return `Uniform(scale: torch.Size([${this.batchShape}]))`;
  }
}

describe('the check of a distribution', () => {
  torch.manualSeed(5);
  const drawn = torch.rand([3, 3]);
  torch.manualSeed(6);
  const redrawn = torch.rand([2, 3]);
  const stored = (t: torch.Tensor) => bytes(...(t.reshape([-1]).tolist() as number[]));
  const nine = { s: [3, 3] };
  const six = { s: [2, 3] };
  const entries: [string, string, Partial<Descriptor>, Uint8Array][] = [
    ['in', 'd:scale', { rg: 1 }, bytes(1, 1, 1)],
    ['out', 'd:sample', nine, stored(drawn)],
    ['in', 'd:value', nine, stored(drawn)],
    ['out', 'd:zeros9', nine, bytes(0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['out', 'd:true9', { ...nine, d: 'bool' }, new Uint8Array(9).fill(1)],
    ['out', 'd:zeros6', six, bytes(0, 0, 0, 0, 0, 0)],
    ['cot', 'd:ones9', nine, bytes(1, 1, 1, 1, 1, 1, 1, 1, 1)],
    ['grad', 'd:three', {}, bytes(-3, -3, -3)],
    ['out', 'd:rsample', six, stored(redrawn)],
    ['cot', 'd:ones6', six, bytes(1, 1, 1, 1, 1, 1)],
    ['grad', 'd:sums', {}, stored(redrawn.sum(0))],
    ['out', 'half', {}, store.get('half')!],
    ['out', 'd:variance', {}, bytes(1 / 12, 1 / 12, 1 / 12)],
    ['out', 'd:stddev', {}, bytes(12 ** -0.5, 12 ** -0.5, 12 ** -0.5)],
    ['out', 'zeros', {}, store.get('zeros')!],
    ['out', 'ones', {}, store.get('ones')!],
  ];
  for (const [, key, , data] of entries) store.set(key, data);
  const t = (key: string) => ({ t: entries.findIndex(([, k]) => k === key) });
  const record: DistributionRecord = {
    kind: 'distribution',
    id: '0',
    dtype: 'float32',
    class: 'Uniform',
    args: [t('d:scale')],
    kwargs: {},
    repr: 'Uniform(scale: torch.Size([3]))',
    batch_shape: [3],
    event_shape: [],
    has_rsample: true,
    has_enumerate_support: false,
    support: 'Half()',
    mean: t('half'),
    mode: { raises: 'NotImplementedError' },
    variance: t('d:variance'),
    stddev: t('d:stddev'),
    entropy: t('zeros'),
    perplexity: t('ones'),
    sample_seed: 5,
    sample: t('d:sample'),
    value: t('d:value'),
    log_prob: t('d:zeros9'),
    cdf: t('d:value'),
    u: t('half'),
    icdf: t('half'),
    support_check: t('d:true9'),
    expanded_log_prob: t('d:zeros6'),
    log_prob_grad: { cot: t('d:ones9').t, grads: [[0, t('d:three').t]] },
    rsample: { seed: 6, out: t('d:rsample').t, cot: t('d:ones6').t, grads: [[0, t('d:sums').t]] },
    tol: [1e-6, 1e-6],
    tensors: entries.map(([r, k, more]) => tensor(r, k, more)),
  };
  const header = { path: 'torch.distributions.Uniform', signature: signatureOf('scale') };
  const of = (changes: Partial<DistributionRecord>) =>
    verdict({ ...record, ...changes }, header, Uniform as unknown as Constructor);

  it('accepts what agrees', async () => {
    expect((await of({})).problem).toBeNull();
  });

  it.each<[string, Partial<DistributionRecord>, string]>([
    ['how it prints', { repr: 'Uniform()' }, 'repr is'],
    ['shapes', { batch_shape: [] }, 'batchShape is "3" instead of ""'],
    ['what it can do', { has_enumerate_support: true }, 'hasEnumerateSupport is "false"'],
    ['support', { support: 'Real()' }, 'support is "Half()" instead of "Real()"'],
    ['an attribute', { mean: t('ones') }, 'mean[0] is 0.5 instead of 1'],
    ['a value where there is none', { mean: { raises: 'NotImplementedError' } }, 'mean: no error instead of'],
    ['another error', { mode: { raises: 'ValueError' } }, "mode: NotImplementedError 'no mode' instead of"],
    ['samples', { sample_seed: 1 }, 'sample()[0] is'],
    ['probabilities', { log_prob: t('d:value') }, 'logProb()[0] is'],
    ['cdf', { cdf: t('d:zeros9') }, 'cdf()[0] is'],
    ['icdf', { icdf: t('ones') }, 'icdf()[0] is 0.5 instead of 1'],
    ['the check of support', { support_check: t('d:ones9') }, 'support.check() has torch.bool'],
    ['those of the expanded', { expanded_log_prob: t('d:ones6') }, 'expand().logProb()[0] is'],
    [
      'gradients of logProb',
      { log_prob_grad: { cot: t('d:ones9').t, grads: [[0, t('ones').t]] } },
      'the gradient of logProb() by input 0[0] is -3 instead of 1',
    ],
    ['samples with gradients', { rsample: { ...record.rsample!, seed: 7 } }, 'rsample()[0] is'],
    [
      'gradients of samples',
      { rsample: { ...record.rsample!, grads: [[0, null]] } },
      'the gradient of rsample() by input 0 is not zero',
    ],
  ])('finds %s', async (_, changes, why) => {
    expect((await of(changes)).problem).toContain(why);
  });

  it('compares divergences', async () => {
    const kl: KlRecord = {
      kind: 'kl',
      id: '0',
      dtype: 'float32',
      class: 'Uniform',
      p: ['Uniform', [t('d:scale')]],
      q: ['Uniform', [t('half')]],
      out: t('half'),
      tensors: record.tensors,
    };
    const lookup = (path: string) =>
      path.endsWith('.Uniform') ? Uniform : (p: Uniform, q: Uniform) => p.scale.sub(q.scale);
    const of = (out: KlRecord['out']) =>
      check({ header: { name: '', ...header }, store }, { ...kl, out }, Uniform as never, lookup);
    expect((await of(t('half'))).problem).toBeNull();
    expect((await of(t('ones'))).problem).toBe('klDivergence()[0] is 0.5 instead of 1');
  });
});

describe('the check of errors', () => {
  const record: ErrorRecord = {
    kind: 'error',
    id: 'err0',
    dtype: 'error',
    class: 'PReLU',
    args: [],
    kwargs: {},
    type: 'ValueError',
    message: 'groups must be a positive integer',
    tensors: [tensor('in', 'x')],
  };
  const conv = {
    path: 'torch.nn.Conv2d',
    signature: signatureOf(
      'in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1',
    ),
  };
  const bad = { args: [{ i: 1 }, { i: 1 }, { i: 1 }], kwargs: { groups: { i: 0 } } };

  it('wants those of the class and the text', async () => {
    const of = async (changes: Partial<ErrorRecord>) =>
      (await verdict({ ...record, ...bad, ...changes }, conv)).problem;
    expect(await of({})).toBeNull();
    expect(await of({ regex: 'must be a positive' })).toBeNull();
    expect(await of({ type: 'TypeError' })).toContain(
      "ValueError 'groups must be a positive integer' instead",
    );
    expect(await of({ message: 'something else' })).toContain("instead of ValueError 'something else'");
    expect(await of({ regex: 'else', message: 'something else' })).toContain('instead of');
    expect(await of({ kwargs: {} })).toContain('no error');
    // Where PyTorch's own text does not fit its pattern, the text decides.
    expect(await of({ regex: 'something else' })).toBeNull();
  });

  it('wants those of forward after a construction that works', async () => {
    const linear = { path: 'torch.nn.Linear', signature: signatureOf('in_features, out_features') };
    const forward: Partial<ErrorRecord> = {
      on: 'forward',
      args: [{ i: 2 }, { i: 2 }],
      forward: { args: [{ t: 0 }], kwargs: {} },
      type: 'RuntimeError',
      regex: 'size mismatch|cannot be multiplied',
      message: 'size mismatch',
    };
    expect((await verdict({ ...record, ...forward }, linear)).problem).toBeNull();
    expect((await verdict({ ...record, ...forward, args: [{ i: 3 }, { i: 2 }] }, linear)).problem).toContain(
      'no error',
    );
  });

  it('wants those of a step with gradients', async () => {
    class Refusing {
      readonly paramGroups: { readonly params: torch.Tensor[] }[];
      constructor(params: torch.Tensor[]) {
        this.paramGroups = [{ params }];
      }
      step(): void {
        if (this.paramGroups[0].params[0].grad !== null) throw new torch.ValueError('refused');
      }
    }
    const step: Partial<ErrorRecord> = { on: 'step', params: { l: [{ t: 0 }] }, message: 'refused' };
    const header = { path: 'torch.optim.Refusing', signature: signatureOf('params') };
    expect((await verdict({ ...record, ...step }, header, Refusing as never)).problem).toBeNull();
  });
});

describe('the report of classes', () => {
  const record = (kind: ClassRecord['kind'], id: string) => ({ kind, id }) as ClassRecord;
  const made = { 'as given': null, 'by name': 'wrong', 'by position': null };
  const linear = newOutcome('nn.Linear', 'torch.nn.Linear', true);
  count(linear, record('module', '0'), { problem: null, made });
  count(linear, record('module', '1'), { problem: 'wrong', made });
  count(linear, record('error', 'err0'), { problem: null });
  const missing = newOutcome('lr_scheduler.SWALR', 'torch.optim.lr_scheduler.SWALR', false);
  count(missing, record('scheduler', '0'), { problem: 'missing' });
  const report = classReportOf([linear, missing]);

  it('counts classes, missing ones as failed', () => {
    expect(report.classes).toEqual({
      'nn.Linear': { records: 2, passed: 1, errors: 1, errorsPassed: 1, exists: true },
      'lr_scheduler.SWALR': { records: 1, passed: 0, errors: 0, errorsPassed: 0, exists: false },
    });
    expect(report.failures).toEqual([
      { class: 'nn.Linear', id: '1', why: 'wrong' },
      { class: 'lr_scheduler.SWALR', id: '0', why: 'missing' },
    ]);
  });

  it('counts kinds of classes apart, and those that exist', () => {
    const { modules, schedulers, optimizers } = report.totals;
    expect(modules).toMatchObject({ classes: 1, exist: 1, records: 2, passed: 1 });
    expect(modules.existing).toMatchObject({
      constructions: 2,
      made: { 'as given': 2, 'by name': 0, 'by position': 2 },
    });
    expect(schedulers).toMatchObject({ classes: 1, exist: 0, records: 1, existing: { records: 0 } });
    expect(optimizers.classes).toBe(0);
  });
});

describe('docs/modules.md', () => {
  const document = readFileSync(new URL('../docs/modules.md', import.meta.url), 'utf8');

  it('lists the classes that there are (else: npm run classes)', () => {
    expect(classesIn(document)).toEqual([...libraryClasses()].sort());
  });

  it('is read back as it is written', () => {
    const missing = newOutcome('lr_scheduler.SWALR', 'torch.optim.lr_scheduler.SWALR', false);
    const written = classesDocument(['torch.nn.Linear'], [missing]);
    expect(written).toContain(`| \`${pathOf('lr_scheduler.SWALR')}\` | missing `);
    expect(classesIn(written)).toEqual(['torch.nn.Linear']);
  });
});
