import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Mode, withMode } from '../src/dispatch/mode.js';
import * as torch from '../src/index.js';
import { difference, evaluate, golden } from './support/golden.js';

const { nn, optim } = torch;
const lr = optim.lrScheduler;

interface Golden {
  readonly optimizers: Record<
    string,
    {
      dtype: string;
      /** All parameters after each of six steps. */
      trace: number[][];
      /** Names of the state of each parameter. */
      keys: Record<string, string[]>;
      groups: Record<string, unknown>[];
      repr: string;
    }
  >;
  readonly schedulers: Record<
    string,
    { trace: number[][]; metrics: number[] | null; state: Record<string, unknown> }
  >;
}

const recorded = golden<Golden>('optim');
const numbers = (t: torch.Tensor): number[] => Array.from(t.detach().toArray(), Number);

afterEach(() => void vi.restoreAllMocks());

function problem(dtype: torch.DType): { p: torch.nn.Parameter[]; loss: () => torch.Tensor } {
  const a = new nn.Parameter(
    torch.tensor(
      [
        [0.5, -1.2, 3],
        [2, 0.1, -0.7],
      ],
      { dtype },
    ),
  );
  const b = new nn.Parameter(torch.tensor([0.3, -0.4], { dtype }));
  const loss = () =>
    a.mul(a).mul(torch.arange(1, 4)).sum().add(b.sub(1).pow(4).sum()).add(a.sum(1).mul(b).sum());
  return { p: [a, b], loss };
}

describe('state of any form', () => {
  const maker = {
    SGD: (p: torch.Tensor[]) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
    Adam: (p: torch.Tensor[]) => new optim.Adam(p, { lr: 0.1, amsgrad: true }),
    AdamW: (p: torch.Tensor[]) => new optim.AdamW(p, { lr: 0.1 }),
    NAdam: (p: torch.Tensor[]) => new optim.NAdam(p, { lr: 0.1 }),
    RAdam: (p: torch.Tensor[]) => new optim.RAdam(p, { lr: 0.1 }),
    Adamax: (p: torch.Tensor[]) => new optim.Adamax(p, { lr: 0.1 }),
    Adagrad: (p: torch.Tensor[]) => new optim.Adagrad(p, { lr: 0.1 }),
    Adadelta: (p: torch.Tensor[]) => new optim.Adadelta(p, { lr: 0.1 }),
    RMSprop: (p: torch.Tensor[]) => new optim.RMSprop(p, { lr: 0.1, momentum: 0.5 }),
  };
  type Dict = Record<string, unknown>;
  const scalar = (value: unknown) => torch.tensor(value as number, { dtype: torch.float64 });
  /** Forms of the same state that Python's capturable or compiled training, and older versions, write. */
  const forms: Readonly<Record<string, (state: Dict, group: Dict) => void>> = {
    'options in tensors': (_, group) => {
      for (const [name, value] of Object.entries(group)) {
        if (typeof value === 'number') group[name] = scalar(value);
        if (name === 'betas') group[name] = Object.freeze((value as number[]).map(scalar));
      }
    },
    'a learning rate of one element': (_, group) => {
      group.lr = torch.tensor([group.lr as number], { dtype: torch.float64 });
    },
    'counts of one element': (state) => {
      for (const name of ['step', 'mu_product'])
        if (name in state) state[name] = (state[name] as torch.Tensor).view([1]);
    },
    'whole counts': (state) => {
      if ('step' in state) state.step = (state.step as torch.Tensor).to(torch.int64);
    },
    'counts that are numbers': (state) => {
      for (const name of ['step', 'mu_product'])
        if (name in state) state[name] = (state[name] as torch.Tensor).item();
    },
    'what is not there yet': (state) => {
      state.later = null;
    },
  };

  const steps = (optimizer: torch.optim.Optimizer, p: torch.Tensor, factor: number) => {
    for (let i = 1; i <= 3; i++) {
      p.grad = p
        .detach()
        .mul(i * factor)
        .cos();
      optimizer.step();
    }
    return numbers(p);
  };
  const parameter = (values: number[]) => new nn.Parameter(torch.tensor(values, { dtype: torch.float64 }));

  it.each(Object.entries(maker))('goes on with %s', (_, make) => {
    const p = parameter([1, 2, 3]);
    const first = make([p]);
    const saving = () => {
      const { state, param_groups: groups } = first.stateDict();
      const copy = (kept: object) =>
        Object.entries(kept).map(([key, value]) => [
          key,
          value instanceof torch.Tensor ? value.clone() : value,
        ]);
      return {
        state: new Map([...state].map(([key, kept]) => [key, Object.fromEntries(copy(kept)) as Dict])),
        param_groups: groups.map((group) => ({ ...group })),
      };
    };
    const start = steps(first, p, 1);
    const expected = (() => {
      const q = parameter(start);
      const optimizer = make([q]);
      optimizer.loadStateDict(saving());
      return steps(optimizer, q, 2);
    })();
    expect(expected.every(Number.isFinite)).toBe(true);
    for (const [name, change] of Object.entries(forms))
      for (const inMaps of [false, true]) {
        const saved = saving();
        for (const kept of saved.state.values()) for (const group of saved.param_groups) change(kept, group);
        const toMap = (dict: object) => new Map(Object.entries(dict));
        const given = inMaps
          ? toMap({
              state: new Map([...saved.state].map(([key, kept]) => [key, toMap(kept)])),
              param_groups: saved.param_groups.map(toMap),
            })
          : saved;
        const q = parameter(start);
        const optimizer = make([q]);
        optimizer.loadStateDict(given as never);
        expect([name, inMaps, difference(steps(optimizer, q, 2), expected) < 1e-6]).toEqual([
          name,
          inMaps,
          true,
        ]);
      }
  });

  it('is refused as a whole where it is none, and stays as it was', () => {
    const p = parameter([1]);
    const optimizer = new optim.Adam([p]);
    steps(optimizer, p, 1);
    const before = optimizer.stateDict();
    const load = (state: unknown) => () => optimizer.loadStateDict(state as never);
    expect(load(new Map([[1, 2]]))).toThrow(torch.TypeError);
    expect(load({ state: null, param_groups: [] })).toThrow('needs what stateDict() of an optimizer gives');
    expect(load({ state: {}, param_groups: [{}] })).toThrow("doesn't match the size of optimizer's group");
    expect(String(optimizer.stateDict().state.get(0)!.exp_avg)).toBe(String(before.state.get(0)!.exp_avg));
  });
});

describe('update rules follow PyTorch step by step', () => {
  it.each(Object.entries(recorded.optimizers))('%s', (source, { dtype, trace, keys, groups, repr }) => {
    const { p, loss } = problem(dtype === 'float64' ? torch.float64 : torch.float32);
    const optimizer = evaluate<torch.optim.Optimizer>(source, { optim, p });
    for (const expected of trace) {
      optimizer.zeroGrad();
      loss().backward();
      optimizer.step();
      expect(difference(p.flatMap(numbers), expected)).toBeLessThan(dtype === 'float64' ? 1e-13 : 2e-6);
    }
    const state = optimizer.stateDict();
    expect(Object.fromEntries([...state.state].map(([k, v]) => [k, Object.keys(v)]))).toEqual(keys);
    expect(state.param_groups).toEqual(groups);
    expect(String(optimizer)).toBe(repr);
  });

  it.each(Object.entries(recorded.optimizers))(
    '%s goes on from its state dict',
    (source, { dtype, trace }) => {
      const type = dtype === 'float64' ? torch.float64 : torch.float32;
      const [first, second] = [problem(type), problem(type)];
      const a = evaluate<torch.optim.Optimizer>(source, { optim, p: first.p });
      const b = evaluate<torch.optim.Optimizer>(source, { optim, p: second.p });
      const step = (optimizer: torch.optim.Optimizer, loss: () => torch.Tensor): void => {
        optimizer.zeroGrad();
        loss().backward();
        optimizer.step();
      };
      for (let i = 0; i < 3; i++) step(a, first.loss);
      torch.noGrad(() => first.p.forEach((p, i) => void second.p[i].copy_(p)));
      b.loadStateDict(a.stateDict());
      for (let i = 3; i < 6; i++) step(b, second.loss);
      expect(difference(second.p.flatMap(numbers), trace[5])).toBeLessThan(
        dtype === 'float64' ? 1e-13 : 2e-6,
      );
    },
  );
});

describe('optimizers', () => {
  const parameter = (): torch.nn.Parameter => new nn.Parameter(torch.ones(2));

  it('keep options per group', () => {
    const [a, b] = [parameter(), parameter()];
    const optimizer = new optim.SGD([{ params: [a] }, { params: b, lr: 1 }], { lr: 0.1 });
    a.grad = torch.ones(2);
    b.grad = torch.ones(2);
    optimizer.step();
    expect([a.tolist(), b.tolist()].flat()).toEqual([expect.closeTo(0.9), expect.closeTo(0.9), 0, 0]);
    optimizer.paramGroups[0].lr = 0.5;
    optimizer.addParamGroup({ params: [parameter()], momentum: 0.9 });
    expect(optimizer.paramGroups.map((group) => group.lr)).toEqual([0.5, 1, 0.1]);
    expect(() => optimizer.addParamGroup({ params: [a] })).toThrow(
      'some parameters appear in more than one parameter group',
    );
  });

  it('skip parameters without gradient, and drop gradients', () => {
    const [a, b] = [parameter(), parameter()];
    const optimizer = new optim.Adam([a, b]);
    a.grad = torch.ones(2);
    optimizer.step();
    expect(b.tolist()).toEqual([1, 1]);
    expect(optimizer.state.size).toBe(1);
    optimizer.zeroGrad({ setToNone: false });
    expect(a.grad?.tolist()).toEqual([0, 0]);
    optimizer.zeroGrad();
    expect(a.grad).toBeNull();
  });

  it('change parameters behind autograd, which notices', () => {
    const a = parameter();
    const used = a.mul(a);
    a.grad = torch.ones(2);
    new optim.SGD([a], 0.1).step();
    expect(() => used.sum().backward()).toThrow('has been modified by an inplace operation');
  });

  it('take a closure and named parameters', () => {
    const fc = new nn.Linear(1, 1);
    const optimizer = new optim.SGD(fc.namedParameters(), { lr: 0.1 });
    expect(optimizer.paramGroups[0].paramNames).toEqual(['weight', 'bias']);
    const loss = torch.noGrad(() =>
      optimizer.step(() => {
        const value = fc.forward(torch.ones(1, 1)).sum();
        value.backward();
        return value;
      }),
    );
    expect(loss).toBeInstanceOf(torch.Tensor);
    expect(fc.weight.grad!.tolist()).toEqual([[1]]);
  });

  it('refuse what PyTorch refuses', () => {
    const p = [parameter()];
    expect(() => new optim.SGD(p, -1)).toThrow('Invalid learning rate: -1');
    expect(() => new optim.SGD(p, -0.5)).toThrow('Invalid learning rate: -0.5');
    expect(() => new optim.SGD(p, { momentum: -1 })).toThrow('Invalid momentum value: -1');
    expect(() => new optim.SGD(p, { nesterov: true })).toThrow(
      'Nesterov momentum requires a momentum and zero dampening',
    );
    expect(() => new optim.Adam(p, { betas: [1, 0.9] })).toThrow('Invalid beta parameter at index 0: 1');
    expect(() => new optim.Adam(p, { eps: -1e-5 })).toThrow('Invalid epsilon value: -1e-05');
    expect(() => new optim.Adadelta(p, { rho: 1.5 })).toThrow('Invalid rho value: 1.5');
    expect(() => new optim.SGD([])).toThrow('optimizer got an empty parameter list');
    expect(() => new optim.SGD(p[0])).toThrow('params argument given to the optimizer should be an iterable');
    expect(() => new optim.SGD([p[0].mul(2)])).toThrow("can't optimize a non-leaf Tensor");
    expect(() => new optim.SGD([3 as unknown as torch.Tensor])).toThrow(
      'optimizer can only optimize Tensors, but one of the params is int',
    );
    expect(() => new optim.SGD(p, { learningRate: 1 } as object)).toThrow(
      "SGD() got an unexpected keyword argument 'learningRate'",
    );
    const other = new optim.SGD([parameter(), parameter()]);
    expect(() => other.loadStateDict(new optim.SGD(p).stateDict())).toThrow(
      "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
    );
  });
});

describe('learning-rate schedules follow PyTorch', () => {
  function setting(): torch.optim.SGD {
    const [p, q] = [new nn.Parameter(torch.zeros(1)), new nn.Parameter(torch.zeros(1))];
    return new optim.SGD([{ params: [p] }, { params: [q], lr: 0.02 }], { lr: 0.1, momentum: 0.9 });
  }

  type Scheduler = { step(metric?: number): void } & torch.optim.lrScheduler.LRScheduler;
  const make = (source: string, o: torch.optim.SGD): Scheduler => evaluate<Scheduler>(source, { lr, o });

  it.each(Object.entries(recorded.schedulers))('%s', (source, { trace, metrics, state }) => {
    const o = setting();
    const scheduler = make(source, o);
    for (const [i, expected] of trace.entries()) {
      const values = o.paramGroups.map((group) => group.lr);
      if (expected.length === 3) values.push(o.paramGroups[0].momentum);
      expect(difference(values, expected)).toBeLessThan(1e-15);
      if (i > 0) expect(scheduler.getLastLr()).toEqual(values.slice(0, 2));
      o.step();
      if (i < trace.length - 1) scheduler.step(metrics?.[i]);
    }
    const mine = scheduler.stateDict();
    // Private settings of Python's that ours has no use for.
    const ignored = ['_scale_fn_ref', '_get_lr_called_within_step', '_is_initial'];
    expect(Object.keys(state).filter((key) => !(key in mine) && !ignored.includes(key))).toEqual([]);
    for (const key of ['last_epoch', 'base_lrs', '_last_lr', 'best', 'num_bad_epochs', '_step_count'])
      if (key in state && typeof state[key] !== 'string')
        expect(difference([mine[key]].flat() as number[], [state[key]].flat() as number[])).toBeLessThan(
          1e-15,
        );
  });

  it.each(Object.entries(recorded.schedulers))(
    '%s goes on from its state dict',
    (source, { trace, metrics }) => {
      const [first, second] = [setting(), setting()];
      const a = make(source, first);
      for (let i = 0; i < 5; i++) {
        first.step();
        a.step(metrics?.[i]);
      }
      const b = make(source, second);
      second.loadStateDict(first.stateDict());
      b.loadStateDict(a.stateDict());
      for (let i = 5; i < trace.length - 1; i++) {
        second.step();
        b.step(metrics?.[i]);
      }
      const values = second.paramGroups.map((group) => group.lr);
      expect(difference(values, trace.at(-1)!.slice(0, 2))).toBeLessThan(1e-15);
    },
  );

  it('takes Maps for dicts, as torch.load may give them', () => {
    const optimizer = setting();
    const scheduler = new lr.StepLR(optimizer, 2);
    optimizer.step();
    scheduler.step();
    const other = new lr.StepLR(setting(), 5);
    other.loadStateDict(new Map(Object.entries(scheduler.stateDict())) as never);
    expect([other.lastEpoch, other.stepSize]).toEqual([1, 2]);
  });

  it('warns where the order is wrong, and refuses what PyTorch refuses', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const scheduler = new lr.StepLR(setting(), 2);
    scheduler.step();
    expect(warn.mock.calls[0][0]).toContain(
      'Detected call of `lr_scheduler.step()` before `optimizer.step()`',
    );
    expect(() => new lr.StepLR(3 as unknown as torch.optim.SGD, 2)).toThrow('int is not an Optimizer');
    expect(() => new lr.LambdaLR(setting(), [() => 1])).toThrow('Expected 2 lr_lambdas, but got 1');
    expect(() => new lr.ReduceLROnPlateau(setting(), { factor: 1 })).toThrow('Factor should be < 1.0.');
    expect(() => new lr.ReduceLROnPlateau(setting(), 'mid' as 'min')).toThrow('mode mid is unknown!');
    expect(() => new lr.CosineAnnealingWarmRestarts(setting(), 0)).toThrow(
      'Expected positive integer T_0, but got 0',
    );
    expect(() => new lr.StepLR(setting(), 2, { lastEpoch: 3 })).toThrow(
      "param 'initial_lr' is not specified in param_groups[0] when resuming scheduler with last_epoch >= 0.",
    );
  });
});

describe("a user's own schedule", () => {
  const { LRScheduler } = torch.optim.lrScheduler;
  const optimizer = () => new torch.optim.SGD([new torch.nn.Parameter(torch.zeros(1))], { lr: 0.5 });

  class Own extends LRScheduler {
    constructor(
      optimizer: torch.optim.Optimizer,
      readonly rates: readonly number[],
      begins = true,
    ) {
      super(optimizer);
      if (begins) this.start();
    }
    override getLr(): number[] {
      return [...this.rates];
    }
  }

  it('sets what getLr() gives', () => {
    const target = optimizer();
    new Own(target, [0.25]);
    expect(target.paramGroups[0].lr).toBe(0.25);
  });

  it('says if it has not begun, and if its rates are not one per group', () => {
    const target = optimizer();
    expect(() => new Own(target, [1], false).step()).toThrow('Own has not begun: call this.start()');
    expect(() => new Own(target, [1, 2])).toThrow(
      'one learning rate per parameter group, of which there are 1',
    );
    expect(target.paramGroups[0].lr).toBe(0.5);
  });
});

describe('a schedule that divides by zero says so, and leaves the learning rate', () => {
  const { lrScheduler } = torch.optim;
  type Made = (optimizer: torch.optim.Optimizer) => { step(): void };
  const cases: [string, Made, string, number][] = [
    ['StepLR', (o) => new lrScheduler.StepLR(o, 0), 'integer modulo by zero', 0.1],
    ['ConstantLR', (o) => new lrScheduler.ConstantLR(o, 0, 1), 'float division by zero', 0],
    ['CosineAnnealingLR', (o) => new lrScheduler.CosineAnnealingLR(o, 0), 'integer modulo by zero', 0.1],
    [
      'PolynomialLR',
      (o) => new lrScheduler.PolynomialLR(o, 1, -1),
      '0.0 cannot be raised to a negative power',
      0.1,
    ],
  ];
  it.each(cases)('%s', (_, make, message, lr) => {
    const optimizer = new torch.optim.SGD([new torch.nn.Parameter(torch.zeros(1))], { lr: 0.1 });
    const scheduler = make(optimizer);
    optimizer.step();
    expect(() => scheduler.step()).toThrow(`ZeroDivisionError: ${message}`);
    expect(optimizer.paramGroups[0].lr).toBe(lr);
  });

  it('OneCycleLR', () => {
    const optimizer = new torch.optim.SGD([new torch.nn.Parameter(torch.zeros(1))], { lr: 0.1 });
    const options = { maxLr: 1, totalSteps: 5, divFactor: 0, cycleMomentum: false };
    expect(() => new lrScheduler.OneCycleLR(optimizer, options)).toThrow('float division by zero');
  });
});

describe('options that are Python’s floats, or tensors', () => {
  const parameter = () => new torch.nn.Parameter(torch.tensor([1, 2]).float());

  it('are told as such', () => {
    const { RMSprop, Adadelta, Adam } = torch.optim;
    const of = (momentum: number | torch.PyFloat) => () => new RMSprop([parameter()], { momentum });
    expect(of(torch.pyfloat(-1))).toThrow('Invalid momentum value: -1.0');
    expect(of(-1)).toThrow(/^Invalid momentum value: -1$/);
    expect(() => new Adadelta([parameter()], { rho: 1.5 })).toThrow('Invalid rho value: 1.5');
    expect(() => new Adam([parameter()], { betas: [1, 0.5] })).toThrow(
      'Invalid beta parameter at index 0: 1.0',
    );
    expect(() => new Adam([parameter()], { lr: torch.tensor(-0.5) })).toThrow('Invalid learning rate: -0.5');
  });

  it('are printed as such, in every group as it was given', () => {
    const groups = [{ params: [parameter()] }, { params: [parameter()], momentum: 1 }];
    const text = String(new torch.optim.SGD(groups, { momentum: torch.pyfloat(1), lr: torch.tensor(0.5) }));
    expect(text.match(/momentum: .*/g)).toEqual(['momentum: 1.0', 'momentum: 1']);
    expect(text.match(/ lr: .*/g)).toEqual([' lr: 0.5', ' lr: 0.5']);
  });

  it('may be the betas of Adam', () => {
    const x = parameter();
    const betas = [torch.tensor(0.9), torch.tensor(0.99)] as const;
    const adam = new torch.optim.Adam([x], { lr: torch.tensor(0.1), betas });
    for (const grad of [
      [1, 2],
      [-1, 0.5],
      [0.3, 0.2],
    ]) {
      x.grad = torch.tensor(grad).float();
      adam.step();
    }
    // PyTorch's values and words.
    for (const [i, value] of [0.895958662033081, 1.7464003562927246].entries())
      expect(Math.abs((x.tolist() as number[])[i] - value)).toBeLessThan(1e-6);
    expect(String(adam)).toContain('betas: (tensor(0.9000), tensor(0.9900))\n');
    expect(String(adam)).toContain('lr: 0.10000000149011612\n');
    const mixed = [0.9, torch.tensor(0.9)] as unknown as typeof betas;
    expect(() => new torch.optim.Adam([x], { betas: mixed })).toThrow(
      'betas must be either both floats or both Tensors',
    );
    expect(() => new torch.optim.AdamW([x], { betas, foreach: true })).toThrow(
      'betas[0] as a Tensor is not supported for capturable=False and foreach=True',
    );
    expect(() => new torch.optim.Adam([x], { betas: [torch.ones(2), torch.ones(2)] })).toThrow(
      'Tensor betas[0] must be 1-element',
    );
  });

  it('are multiplied in float32 by NAdam', () => {
    const x = new torch.nn.Parameter(torch.tensor([1, 2], { dtype: torch.float64 }));
    const nadam = new torch.optim.NAdam([x]);
    for (let i = 0; i < 8; i++) {
      x.grad = torch.tensor([1, 2], { dtype: torch.float64 });
      nadam.step();
    }
    expect((nadam.stateDict().state.get(0)!.mu_product as torch.Tensor).item()).toBe(0.0016914170701056719);
  });

  it('leave what a scheduler does not change out of its state', () => {
    const { OneCycleLR } = torch.optim.lrScheduler;
    const of = (cycleMomentum: boolean) =>
      new OneCycleLR(new torch.optim.Adam([parameter()]), 0.1, { totalSteps: 5, cycleMomentum }).stateDict();
    expect('use_beta1' in of(false)).toBe(false);
    expect(of(true).use_beta1).toBe(true);
  });
});

describe('a step of an optimizer', () => {
  it('is an op that modes see', () => {
    const seen: string[] = [];
    const watching: Mode = {
      remembers: false,
      call(op, args, next) {
        seen.push(op.schema.name);
        return next(op, args);
      },
    };
    const p = new torch.nn.Parameter(torch.ones(2));
    p.grad = torch.ones(2);
    withMode(watching, () => new torch.optim.SGD([p], { lr: 0.5 }).step());
    expect(seen).toContain('_fused_update');
    expect(p.tolist()).toEqual([0.5, 0.5]);
  });
});
