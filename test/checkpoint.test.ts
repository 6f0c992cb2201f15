import * as torch from 'flambeau';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const { nn } = torch;
const {
  checkpoint,
  CheckpointPolicy,
  checkpointSequential,
  createSelectiveCheckpointContexts,
  setCheckpointDebugEnabled,
  setCheckpointEarlyStop,
  CheckpointError,
} = torch.utils.checkpoint;

const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text));
});
afterEach(() => vi.restoreAllMocks());

const ones = () => torch.ones(5, { requiresGrad: true });
const f = (x: torch.Tensor) => x.sin().exp();

describe('A checkpoint', () => {
  it.each([true, false])('has the gradients of what it runs (useReentrant: %s)', (useReentrant) => {
    torch.manualSeed(0);
    const net = new nn.Sequential(
      new nn.Linear(4, 8),
      new nn.GELU(),
      new nn.Dropout(0.5),
      new nn.Linear(8, 3),
    );
    const x = torch.randn(6, 4, { requiresGrad: true });
    const gradients = (run: () => torch.Tensor) => {
      torch.manualSeed(1);
      for (const p of [x, ...net.parameters()]) p.grad = null;
      const y = run();
      y.square().sum().backward();
      return [y, torch.rand(1), x.grad!, ...net.parameters().map((p) => p.grad!)].map((t) => t.tolist());
    };
    const plain = gradients(() => net.forward(x));
    expect(gradients(() => checkpoint(net, x, { useReentrant }))).toEqual(plain);
    expect(gradients(() => checkpointSequential(net, 2, x, { useReentrant }))).toEqual(plain);
    const other = gradients(() => checkpoint(net, x, { useReentrant, preserveRngState: false }));
    expect(other[0]).toEqual(plain[0]);
    expect(other.at(-2)).not.toEqual(plain.at(-2));
  });

  it('keeps none of what is between its inputs and its results', () => {
    let kept = 0;
    let runs = 0;
    const part = (x: torch.Tensor) => {
      runs++;
      return f(f(x));
    };
    const count = (fn: () => torch.Tensor) =>
      torch.autograd.graph.savedTensorsHooks(
        (x) => {
          kept++;
          return x.detach();
        },
        (x) => x,
        fn,
      );
    count(() => part(ones()));
    expect(kept).toBe(4);
    kept = 0;
    const x = ones();
    const y = count(() => checkpoint(part, x, { useReentrant: false }));
    // The input alone.
    expect([kept, runs]).toEqual([1, 2]);
    y.sum().backward();
    expect(runs).toBe(3);
  });

  it('differentiates twice, within another, and by grad', () => {
    const x = torch.randn(3, { dtype: torch.float64, requiresGrad: true });
    const inner = (x: torch.Tensor) => checkpoint(f, x.mul(2), { useReentrant: false });
    const outer = (x: torch.Tensor) =>
      checkpoint((x: torch.Tensor) => inner(x).mul(x), x, { useReentrant: false });
    expect(torch.autograd.gradcheck(outer, [x])).toBe(true);
    expect(torch.autograd.gradgradcheck(outer, [x])).toBe(true);
    const plain = torch.autograd.grad(f(x.mul(2)).mul(x).sum(), x)[0];
    expect(torch.autograd.grad(outer(x).sum(), x)[0].tolist()).toEqual(plain.tolist());
  });

  it('runs again under the autocast of its first run', () => {
    const linear = new nn.Linear(4, 4);
    const dtypes: torch.DType[] = [];
    const part = (x: torch.Tensor) => {
      const y = linear.forward(x);
      dtypes.push(y.dtype);
      return y.sin().exp();
    };
    for (const useReentrant of [true, false]) {
      const x = torch.ones(2, 4, { requiresGrad: true });
      torch
        .autocast('cpu', () => checkpoint(part, x, { useReentrant }))
        .sum()
        .backward();
    }
    expect(dtypes.map(String)).toEqual(new Array(4).fill('torch.bfloat16'));
  });

  it('takes surroundings for either run', () => {
    const log: string[] = [];
    const noting =
      (text: string) =>
      <R>(fn: () => R) => {
        log.push(text);
        return fn();
      };
    const contextFn = () => [noting('forward'), noting('again')] as const;
    checkpoint(f, ones(), { useReentrant: false, contextFn }).sum().backward();
    expect(log).toEqual(['forward', 'again']);
  });

  it('stops its second run as soon as all is there', () => {
    const ended: number[] = [];
    let runs = 0;
    const part = (x: torch.Tensor) => {
      const run = ++runs;
      const y = x.exp();
      ended.push(run);
      return y;
    };
    const run = (options: object) =>
      checkpoint(part, ones(), { useReentrant: false, ...options })
        .sum()
        .backward();
    run({});
    expect(ended).toEqual([1]);
    run({ earlyStop: false });
    expect(ended).toEqual([1, 3, 4]);
    setCheckpointEarlyStop(false, () => run({}));
    expect(ended).toEqual([1, 3, 4, 5, 6]);
  });

  it('asks for a choice of its kind', () => {
    expect(checkpoint(f, ones()).gradFn!.name()).toBe('CheckpointFunctionBackward');
    checkpointSequential([f, f], 2, ones());
    expect(warnings[0]).toContain('the useReentrant parameter should be passed explicitly.');
    expect(warnings[1]).toContain('torch.utils.checkpoint.checkpoint_sequential: the useReentrant parameter');
    checkpoint(f, torch.ones(2), { useReentrant: true });
    expect(warnings.at(-1)).toContain('None of the inputs have requires_grad=True. Gradients will be None');
  });
});

describe('A checkpoint refuses', () => {
  const changing = (second: (x: torch.Tensor) => torch.Tensor) => {
    let runs = 0;
    return (x: torch.Tensor) => (runs++ === 0 ? f(x) : second(x));
  };
  const run = (second: (x: torch.Tensor) => torch.Tensor, options: object = {}) =>
    checkpoint(changing(second), ones(), { useReentrant: false, ...options })
      .sum()
      .backward();

  it('a second run that saves other tensors', () => {
    expect(() => run((x) => x.sin())).toThrow(CheckpointError);
    expect(() => run((x) => x.sin())).toThrow(
      'torch.utils.checkpoint: A different number of tensors was saved during the original forward and recomputation.\nNumber of tensors saved during forward: 2\nNumber of tensors saved during recomputation: 1.\n',
    );
    expect(() => run((x) => f(x.narrow(0, 0, 2)))).toThrow(
      "tensor at position 0:\nsaved metadata: {'shape': torch.Size([5]), 'dtype': torch.float32, 'device': device(type='cpu')}\nrecomputed metadata: {'shape': torch.Size([2])",
    );
    expect(() => run((x) => f(x).exp(), { earlyStop: false })).toThrow(
      'torch.utils.checkpoint: trying to save more tensors during recomputation than during the original forward pass.',
    );
    expect(() => run((x) => x.sin(), { debug: true })).toThrow(
      'Operations executed during recomputation:\n\nfloat32[5] = torch.ops.aten.sin(float32[5])\n',
    );
    expect(() => setCheckpointDebugEnabled(true, () => run((x) => x.sin()))).toThrow(
      'because you passed `debug: true`',
    );
  });

  it('settings that do not go together', () => {
    expect(() => checkpoint(f, ones(), { useReentrant: true, debug: true })).toThrow(
      new torch.ValueError('Passing `contextFn` or `debug` is only supported when useReentrant: false.'),
    );
    expect(() => checkpoint(f, ones(), { useReentrant: false, determinismCheck: 'x' as never })).toThrow(
      "determinismCheck should be one of ['default', 'none'], but got x",
    );
    expect(() => checkpointSequential([f, f, f], 5, ones(), { useReentrant: false })).toThrow(
      'range() arg 3 must not be zero',
    );
    expect(() => checkpoint(3 as never, ones(), { useReentrant: false })).toThrow(
      "'int' object is not callable",
    );
    expect(() => checkpoint(async (x: torch.Tensor) => x, ones(), { useReentrant: false })).toThrow(
      'must not be async',
    );
  });

  it('grad, and results without gradients, where it runs a pass of its own', () => {
    const x = ones();
    const y = checkpoint(f, x, { useReentrant: true });
    expect(() => torch.autograd.grad(y.sum(), x)).toThrow(
      'When useReentrant: true, torch.utils.checkpoint is incompatible with .grad() or passing an `inputs` parameter to .backward().',
    );
    const z = checkpoint((x: torch.Tensor) => x.detach(), x, { useReentrant: true });
    expect(() => z.sum().backward()).toThrow(
      'none of output has requires_grad=True, this checkpoint() is not necessary',
    );
  });
});

describe('A checkpoint that chooses', () => {
  const x = () => torch.arange(9).view([3, 3]).div(10).requiresGrad_();
  const body = (x: torch.Tensor) => torch.sigmoid(x.mm(x).mm(x)).mul(x);

  function gradient(contextFn: (() => ReturnType<typeof createSelectiveCheckpointContexts>) | null) {
    const input = x();
    checkpoint(body, input, { useReentrant: false, contextFn }).sum().backward();
    return input.grad!.tolist();
  }

  const plain = x();
  body(plain).sum().backward();
  const expected = plain.grad!.tolist();

  it('runs what it kept no second time', () => {
    const factor = (opList: string[]) => {
      const drawn: torch.Tensor[] = [];
      const input = x();
      const multiply = (x: torch.Tensor) => {
        drawn.push(torch.rand(3, 3));
        return x.mul(drawn.at(-1)!);
      };
      const contextFn = () => createSelectiveCheckpointContexts(opList);
      checkpoint(multiply, input, { useReentrant: false, contextFn, preserveRngState: false })
        .sum()
        .backward();
      return drawn.map((t) => t.equal(input.grad!));
    };
    expect(factor([])).toEqual([false, true]);
    expect(factor(['aten.rand.default'])).toEqual([true, true]);
  });

  it('asks a policy for each result', () => {
    const asked: string[] = [];
    const found = gradient(() =>
      createSelectiveCheckpointContexts((ctx, op, ...args) => {
        asked.push(`${op} ${ctx.isRecompute} ${(ctx.opOutput as torch.Tensor).shape} ${args.length}`);
        return op === 'aten.sigmoid.default' ? CheckpointPolicy.MUST_SAVE : CheckpointPolicy.PREFER_RECOMPUTE;
      }),
    );
    expect(found).toEqual(expected);
    expect(asked).toEqual([
      'aten.mm.default false 3,3 2',
      'aten.mm.default false 3,3 2',
      'aten.sigmoid.default false 3,3 1',
      'aten.mul.Tensor false 3,3 2',
    ]);
  });

  it('has the gradients of what it runs', () => {
    expect(gradient(() => createSelectiveCheckpointContexts(['aten.mm.default']))).toEqual(expected);
  });

  it('chooses beneath autocast', () => {
    const autocast = (contextFn: (() => ReturnType<typeof createSelectiveCheckpointContexts>) | null) => {
      const input = x();
      torch
        .autocast('cpu', () => checkpoint(body, input, { useReentrant: false, contextFn }))
        .sum()
        .backward();
      return input.grad!.tolist();
    };
    expect(autocast(() => createSelectiveCheckpointContexts(['aten.mm.default']))).toEqual(autocast(null));
  });

  it('refuses what PyTorch refuses', () => {
    const mm = () => createSelectiveCheckpointContexts(['aten.mm.default']);
    const input = x();
    const again = checkpoint(body, input, { useReentrant: false, contextFn: mm }).sum();
    again.backward({ retainGraph: true });
    expect(() => again.backward()).toThrow('Trying to backward an extra time.');
    const changing = (x: torch.Tensor) => {
      const y = x.mm(x);
      const z = y.exp();
      y.mul_(2);
      return z;
    };
    const run = (allowCacheEntryMutation: boolean) =>
      checkpoint(changing, x(), {
        useReentrant: false,
        contextFn: () => createSelectiveCheckpointContexts(['aten.mm.default'], { allowCacheEntryMutation }),
      })
        .sum()
        .backward();
    expect(() => run(false)).toThrow('Tensor cached during selective activation checkpoint has been mutated');
    run(true);
    expect(() => createSelectiveCheckpointContexts(['aten.mm'])).toThrow(
      "Expected op in `opList` to be the name of an op with its overload but got: aten.mm of type string. For example, if you have 'aten.mm', change it to 'aten.mm.default'.",
    );
    expect(() => createSelectiveCheckpointContexts(3 as never)).toThrow(
      'policyFnOrList must be either a function or a list of ops.',
    );
  });
});
