import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { nn, optim } = torch;
const { AveragedModel, SWALR, getEmaAvgFn, getEmaMultiAvgFn, getSwaAvgFn, updateBn } = optim.swaUtils;

/** What is near to Python's numbers. */
const near = (values: number[]) => values.map((value) => expect.closeTo(value, 6) as number);
const numbers = (tensor: torch.Tensor) => tensor.flatten().tolist() as number[];

describe('Averages of weights', () => {
  torch.manualSeed(0);
  const net = new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3), new nn.Linear(3, 1));
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
  const scheduler = new SWALR(optimizer, 0.5, { annealEpochs: 3, annealStrategy: 'cos' });
  const mean = new AveragedModel(net);
  const ema = new AveragedModel(net, { multiAvgFn: getEmaMultiAvgFn(0.9), useBuffers: true });
  const single = new AveragedModel(net, { avgFn: getEmaAvgFn(0.9) });
  const swa = new AveragedModel(net, { avgFn: getSwaAvgFn() });
  const data = torch.randn(5, 4, 2);
  const rates: number[] = [];
  for (const x of data) {
    optimizer.zeroGrad();
    net.forward(x).square().mean().backward();
    optimizer.step();
    scheduler.step();
    rates.push(optimizer.paramGroups[0].lr);
    for (const average of [mean, ema, single, swa]) average.updateParameters(net);
  }
  const of = (model: { module: torch.nn.Sequential }) =>
    model.module.children() as [torch.nn.Linear, torch.nn.BatchNorm1d, torch.nn.Linear];

  it("are Python's", () => {
    expect(numbers(of(mean)[0].weight)).toEqual(
      near([
        -0.0408024787902832, 0.3778129518032074, -0.5831068754196167, -0.519136905670166, -0.2271949052810669,
        0.24640199542045593,
      ]),
    );
    expect(numbers(of(swa)[0].weight)).toEqual(near(numbers(of(mean)[0].weight)));
    expect(numbers(of(ema)[0].bias!)).toEqual(
      near([-0.014010035432875156, 0.5606575012207031, -0.06275151669979095]),
    );
    expect(numbers(of(ema)[1].runningMean!)).toEqual(
      near([-0.003972406033426523, 0.10462160408496857, -0.010578899644315243]),
    );
    expect(numbers(of(single)[2].weight)).toEqual(
      near([0.10708128660917282, -0.08047386258840561, -0.0894273966550827]),
    );
    // Buffers follow the network otherwise.
    expect(numbers(of(single)[1].runningMean!)).toEqual(
      numbers((net.children()[1] as torch.nn.BatchNorm1d).runningMean!),
    );
    expect(Object.keys(mean.stateDict())[0]).toBe('n_averaged');
    expect(mean.nAveraged.item()).toBe(5);
  });

  it('get the statistics of their batch norms by a pass over data', async () => {
    await updateBn(
      [...data].map((x) => [x, 1]),
      mean,
    );
    const norm = of(mean)[1];
    expect(numbers(norm.runningMean!)).toEqual(
      near([0.0035713184624910355, 0.6624307632446289, -0.011765728704631329]),
    );
    expect(numbers(norm.runningVar!)).toEqual(
      near([0.12561015784740448, 0.27661243081092834, 0.09230255335569382]),
    );
    expect(norm.momentum).toBe(0.1);
    expect(mean.training).toBe(true);
  });

  it('come with rates that go to one of their own', () => {
    expect(rates).toEqual(near([0.2, 0.4, 0.5, 0.5, 0.5]));
    expect(scheduler.stateDict()).toEqual({
      _anneal_strategy: 'cos',
      anneal_epochs: 3,
      base_lrs: [0.1],
      last_epoch: 5,
      _step_count: 6,
      _is_initial: false,
      _get_lr_called_within_step: false,
      _last_lr: [0.5],
    });
    const run = (options: object, steps: number) => {
      const sgd = new optim.SGD(net.parameters(), { lr: 0.1 });
      const rates = new SWALR(sgd, { swaLr: 0.5, ...options });
      return Array.from({ length: steps }, () => {
        sgd.step();
        rates.step();
        return sgd.paramGroups[0].lr;
      });
    };
    expect(run({ annealEpochs: 2, annealStrategy: 'linear' }, 4)).toEqual(near([0.3, 0.5, 0.5, 0.5]));
    expect(run({ annealEpochs: 0 }, 2)).toEqual([0.5, 0.5]);
    expect(String(optimizer)).toContain('    nesterov: False\n    swa_lr: 0.5\n');
  });

  it("refuse in PyTorch's words", () => {
    const rates = (options: object) => () => new SWALR(optimizer, { swaLr: 0.5, ...options });
    expect(rates({ annealStrategy: 'x' })).toThrow(
      "anneal_strategy must be one of 'cos' or 'linear', instead got x",
    );
    expect(rates({ annealEpochs: -1 })).toThrow('anneal_epochs must be equal or greater than 0, got -1');
    expect(rates({ swaLr: [0.5, 1] })).toThrow(
      'swa_lr must have the same length as optimizer.param_groups. swa_lr has 2 values, param_groups has 1.',
    );
    expect(() => getEmaAvgFn(2)).toThrow(
      'Invalid decay value 2 provided. Please provide a value in [0,1] range.',
    );
    expect(() => new AveragedModel(net, { avgFn: getSwaAvgFn(), multiAvgFn: getEmaMultiAvgFn() })).toThrow(
      new torch.AssertionError('Only one of avg_fn and multi_avg_fn should be provided'),
    );
  });
});

describe('Hooks of optimizers', () => {
  const make = () => {
    const p = new nn.Parameter(torch.ones(1));
    p.grad = torch.ones(1);
    return new optim.SGD([p], { lr: 0.5 });
  };

  it('are called around each step, and around those of all', () => {
    const log: string[] = [];
    const handles = [
      optim.optimizer.registerOptimizerStepPreHook(() => void log.push('all before')),
      optim.optimizer.registerOptimizerStepPostHook(() => void log.push('all after')),
    ];
    const sgd = make();
    const closure = () => 7;
    sgd.registerStepPreHook((optimizer, args) => {
      expect(optimizer).toBe(sgd);
      log.push(`before ${args.length}`);
      return [[closure], {}];
    });
    const post = sgd.registerStepPostHook((_, args) => void log.push(`after ${args.length}`));
    expect(sgd.step()).toBe(7);
    expect(log).toEqual(['all before', 'before 0', 'after 1', 'all after']);
    for (const handle of [...handles, post]) handle.remove();
    log.length = 0;
    sgd.step();
    expect(log).toEqual(['before 0']);
    sgd.registerStepPreHook(() => 3 as never);
    expect(() => sgd.step()).toThrow(
      'step must return None or a tuple of (new_args, new_kwargs), but got 3.',
    );
    const lbfgs = new optim.LBFGS([new nn.Parameter(torch.ones(1))]);
    lbfgs.registerStepPostHook(() => void log.push('lbfgs'));
    lbfgs.step(() => lbfgs.paramGroups[0].params[0].square().sum());
    expect(log.at(-1)).toBe('lbfgs');
  });

  it('see states on their way out and in', () => {
    const sgd = make();
    const log: string[] = [];
    sgd.registerStateDictPreHook(() => void log.push('pre'));
    sgd.registerStateDictPostHook((_, state) => ({ ...state, extra: 1 }));
    sgd.registerStateDictPostHook(() => void log.push('first'), { prepend: true });
    const state = sgd.stateDict();
    expect(Object.keys(state)).toEqual(['state', 'param_groups', 'extra']);
    expect(log).toEqual(['pre', 'first']);
    sgd.registerLoadStateDictPreHook((_, given) => {
      given.param_groups = given.param_groups.map((group) => ({ ...group, lr: 3 }));
    });
    sgd.registerLoadStateDictPostHook(({ paramGroups }) => void log.push(`lr ${paramGroups[0].lr}`));
    sgd.loadStateDict(state);
    expect(log.at(-1)).toBe('lr 3');
    expect(state.param_groups[0].lr).toBe(0.5);
  });
});
