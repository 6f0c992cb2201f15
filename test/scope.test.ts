import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { nn } = torch;

/** Bytes of storages alive now. */
const alive = () => torch.memoryStats().aliveBytes;
const big = () => torch.ones(1000);

describe('dispose()', () => {
  it('gives memory back at once, and twice is fine', () => {
    const before = torch.memoryStats();
    const x = torch.ones(100_000);
    expect(torch.memoryStats().aliveBytes - before.aliveBytes).toBeGreaterThanOrEqual(400_000);
    expect(torch.memoryStats().aliveCount - before.aliveCount).toBe(1);
    x.dispose();
    x.dispose();
    expect(x.isDisposed).toBe(true);
    expect(torch.memoryStats().aliveCount).toBe(before.aliveCount);
  });

  it('makes every later use an error that names the op, the argument and the reason', () => {
    const x = torch.ones(2, 3).requiresGrad_();
    const y = torch.ones(2, 3);
    x.dispose();
    const uses: [string, () => unknown][] = [
      ["add(): argument 'other' (position 2)", () => y.add(x)],
      ["mul(): argument 'self' (position 1)", () => x.mul(2)],
      ["view(): argument 'self' (position 1)", () => x.view(6)],
      ["cat(): an item of argument 'tensors' (position 1)", () => torch.cat([y, x])],
      ["copy_(): argument 'src' (position 2)", () => y.copy_(x)],
      ["cross_entropy(): argument 'input'", () => nn.functional.crossEntropy(x, torch.tensor([0, 1]))],
      ["linear(): argument 'input'", () => nn.functional.linear(x, y)],
      ['indexPut_()', () => y.indexPut_([':'], x)],
      ['index()', () => x.index(0)],
      ['tolist()', () => x.tolist()],
      ['toArray()', () => x.toArray()],
      ['numpy()', () => x.requiresGrad_(false).numpy()],
      ['toString()', () => String(x)],
      ['data', () => x.data],
      ["data's assignment", () => Reflect.set(y, 'data', x)],
      ["the gradient's assignment", () => Reflect.set(y, 'grad', x)],
      ['backward()', () => x.backward(y)],
      ['Parameter()', () => new nn.Parameter(x)],
    ];
    for (const [start, use] of uses) {
      expect(use, start).toThrow(torch.RuntimeError);
      let message = '';
      try {
        use();
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message.slice(0, start.length)).toBe(start);
      expect(message).toContain(
        'uses a disposed tensor of shape [2, 3]: its memory was given back by dispose()',
      );
    }
    expect(y.tolist()).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  it('leaves what a tensor is, and shows it in inspection without an error', async () => {
    const x = torch.ones(2, 3);
    x.dispose();
    expect(x.shape).toEqual([2, 3]);
    const { inspect } = await import('node:util');
    expect(inspect(x)).toBe('tensor(<disposed>, size=[2, 3])');
  });

  it('of a tensor ends its views; of a view the view alone', () => {
    const x = big();
    const [left, right] = [x.narrow(0, 0, 10), x.narrow(0, 10, 10)];
    left.dispose();
    expect(() => left.sum()).toThrow('sum(): argument');
    expect(right.sum().item()).toBe(10);
    expect(x.sum().item()).toBe(1000);
    x.dispose();
    expect(() => right.sum()).toThrow('uses a disposed tensor');
  });

  it('never hands memory to others that `data` still shares', () => {
    const x = big();
    const { data } = x;
    x.dispose();
    const others = Array.from({ length: 20 }, () => torch.zeros(1000));
    expect(data.sum().item()).toBe(1000);
    data.dispose();
    expect(others.every((t) => t.sum().item() === 0)).toBe(true);
  });

  it('leaves memory that the user holds', () => {
    const mine = Float32Array.of(1, 2, 3);
    torch.fromNumpy(mine).dispose();
    const x = torch.ones(3);
    const shown = x.numpy();
    x.dispose();
    torch.zeros(3);
    expect([...mine, ...(shown.data as Float32Array)]).toEqual([1, 2, 3, 1, 1, 1]);
  });

  it('of what the backward pass needs is an error that names the node', () => {
    const x = torch.ones(3).requiresGrad_();
    const y = x.exp();
    const loss = y.sum();
    y.dispose();
    expect(() => loss.backward()).toThrow(
      'the backward pass of ExpBackward0 uses a disposed tensor of shape [3]',
    );
    expect(x.grad).toBeNull();
  });

  it('is what `using` does', () => {
    let kept: torch.Tensor;
    {
      using x = torch.ones(3);
      kept = x;
      expect(kept.sum().item()).toBe(3);
    }
    expect(() => kept.sum()).toThrow('the end of a using declaration');
  });
});

describe('a scope', () => {
  it('ends what is made inside and not returned', () => {
    const outside = big();
    const before = torch.memoryStats();
    let left: torch.Tensor | undefined;
    const y = torch.scope(() => {
      left = outside.mul(2);
      return left.add(1);
    });
    expect(torch.memoryStats().aliveCount).toBe(before.aliveCount + 1);
    expect(y.sum().item()).toBe(3000);
    expect(outside.sum().item()).toBe(1000);
    expect(() => left!.sum()).toThrow(
      "sum(): argument 'self' (position 1) uses a disposed tensor of shape [1000]: it ended with the torch.scope that it was made in; return it from there to keep it",
    );
  });

  it('finds results in arrays, objects, Maps, Sets, modules and objects of classes', () => {
    class Pair {
      constructor(
        readonly a: torch.Tensor,
        readonly b: unknown,
      ) {}
    }
    const result = torch.scope(() => ({
      list: [big(), [big()]],
      map: new Map<unknown, unknown>([
        ['key', big()],
        [big(), 1],
      ]),
      set: new Set([big()]),
      net: new nn.BatchNorm1d(4),
      pair: new Pair(big(), { deep: big() }),
    }));
    const { list, map, set, net, pair } = result;
    const found = [
      list,
      ...map.keys(),
      ...map.values(),
      ...set,
      pair.a,
      (pair.b as { deep: unknown }).deep,
    ].flat(2);
    const tensors = found.filter((t) => t instanceof torch.Tensor);
    expect(tensors).toHaveLength(7);
    for (const t of tensors) expect(t.sum().item()).toBe(1000);
    expect(net.forward(torch.randn(3, 4)).shape).toEqual([3, 4]);
  });

  it('does not run getters to find them', () => {
    const result = torch.scope(() => ({
      get trap(): never {
        throw new Error('a getter ran');
      },
      kept: big(),
    }));
    expect(result.kept.sum().item()).toBe(1000);
  });

  it('keeps the memory of a view that it returns', () => {
    const view = torch.scope(() => torch.arange(1000).view(10, 100).select(0, 3));
    for (let i = 0; i < 20; i++) torch.zeros([1000], { dtype: torch.int64 });
    expect(view.sum().item()).toBe(34950);
  });

  it('keeps what autograd needs for a result', () => {
    const w = torch.ones(1000).requiresGrad_();
    const loss = torch.scope(() => w.mul(2).exp().sum());
    for (let i = 0; i < 20; i++) torch.zeros(1000);
    loss.backward();
    expect(w.grad!.sum().item()).toBeCloseTo(2000 * Math.exp(2), 0);
  });

  it('keeps what a custom Function saves, in whichever way', () => {
    class Scale extends torch.autograd.Function {
      static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
        ctx.saveForBackward(x.mul(3));
        ctx.two = torch.full([1000], 2);
        return x.clone();
      }

      static override backward(ctx: torch.autograd.FunctionContext, grad: torch.Tensor) {
        return grad.mul(ctx.savedTensors[0]).mul(ctx.two as torch.Tensor);
      }
    }
    const x = torch.ones(1000).requiresGrad_();
    const y = torch.scope(() => Scale.apply(x));
    for (let i = 0; i < 20; i++) torch.zeros(1000);
    y.sum().backward();
    expect(x.grad!.sum().item()).toBe(6000);
  });

  it('keeps gradients of tensors from outside, also with createGraph', () => {
    const x = torch.full([1000], 3).float().requiresGrad_();
    torch.scope(() => x.pow(3).sum().backward({ createGraph: true }));
    for (let i = 0; i < 20; i++) torch.zeros(1000);
    expect(x.grad!.sum().item()).toBe(27_000);
    const [second] = torch.autograd.grad(x.grad!.sum(), x);
    expect(second!.sum().item()).toBe(18_000);
  });

  it('keeps what is assigned to `grad` and `data`, to buffers and as parameters', () => {
    const p = new nn.Parameter(torch.zeros(1000));
    const q = torch.zeros(1000);
    const norm = new nn.BatchNorm1d(1000);
    const linear = new nn.Linear(1000, 1);
    torch.scope(() => {
      p.grad = big();
      q.data = big();
      norm.runningMean = big();
      norm.registerBuffer('extra', big());
      linear.weight = new nn.Parameter(torch.ones(1, 1000));
    });
    for (let i = 0; i < 20; i++) torch.zeros(1000);
    const extra = Reflect.get(norm, 'extra') as torch.Tensor;
    for (const t of [p.grad!, q, norm.runningMean!, extra, linear.weight]) expect(t.sum().item()).toBe(1000);
  });

  it('does not keep a gradient of a tensor that it ends', () => {
    let leaf: torch.Tensor | undefined;
    torch.scope(() => {
      leaf = torch.ones(1000).requiresGrad_();
      leaf.mul(2).sum().backward();
    });
    expect(leaf!.isDisposed).toBe(true);
    expect(leaf!.grad!.isDisposed).toBe(true);
  });

  it('keeps the graph that an in-place change gives a tensor from outside', () => {
    const w = torch.ones(1000).requiresGrad_();
    const total = torch.zeros(1000);
    const row = torch.zeros(3, 1000);
    torch.scope(() => {
      total.add_(w.exp());
      row.select(0, 1).add_(w.exp());
    });
    for (let i = 0; i < 20; i++) torch.zeros(1000);
    total.sum().add(row.sum()).backward();
    expect(w.grad!.sum().item()).toBeCloseTo(2000 * Math.E, 0);
  });

  it.each(['SGD', 'Adam', 'RMSprop', 'Adagrad', 'NAdam'] as const)('keeps the state of %s', (name) => {
    const run = (within: <R>(fn: () => R) => R) => {
      const p = new nn.Parameter(torch.linspace(-1, 1, 1000));
      const options = name === 'SGD' ? { lr: 0.1, momentum: 0.9 } : { lr: 0.1 };
      const optimizer = new torch.optim[name]([p], options);
      for (let i = 0; i < 5; i++)
        within(() => {
          optimizer.zeroGrad();
          p.pow(4).sum().backward();
          optimizer.step();
        });
      return p.toArray();
    };
    expect(run(torch.scope)).toEqual(run((fn) => fn()));
  });

  it('nests: what an inner one leaves ends with the outer one', () => {
    const before = torch.memoryStats().aliveCount;
    let [inner, middle]: torch.Tensor[] = [];
    const result = torch.scope(() => {
      middle = torch.scope(() => {
        inner = big();
        return inner.mul(2);
      });
      expect(inner.isDisposed).toBe(true);
      return middle.add(1);
    });
    expect(middle.isDisposed).toBe(true);
    expect(torch.memoryStats().aliveCount).toBe(before + 1);
    expect(result.sum().item()).toBe(3000);
  });

  it('nested keeps a gradient through both ends', () => {
    const x = torch.ones(1000).requiresGrad_();
    torch.scope(() => {
      torch.scope(() => x.mul(2).sum().backward());
      torch.zeros(1000);
    });
    for (let i = 0; i < 20; i++) torch.zeros(1000);
    expect(x.grad!.sum().item()).toBe(2000);
  });

  it('works inside noGrad and inferenceMode, and these inside it', () => {
    for (const mode of [torch.noGrad, torch.inferenceMode<torch.Tensor>]) {
      let temporary: torch.Tensor | undefined;
      const y = mode(() =>
        torch.scope(() => {
          temporary = big();
          return temporary.add(1);
        }),
      );
      expect([y.sum().item(), temporary!.isDisposed]).toEqual([2000, true]);
      const z = torch.scope(() =>
        mode(() => {
          temporary = big();
          return temporary.add(1);
        }),
      );
      expect([z.sum().item(), temporary!.isDisposed]).toEqual([2000, true]);
    }
  });

  it('does not touch generators', () => {
    torch.scope(() => {
      const g = new torch.Generator().manualSeed(0);
      torch.rand(4, { generator: g });
    });
    const expected = torch.rand(4, { generator: new torch.Generator().manualSeed(1) }).tolist();
    const g = new torch.Generator();
    torch.scope(() => g.manualSeed(1));
    expect(torch.rand(4, { generator: g }).tolist()).toEqual(expected);
  });

  it('ends a graph of 100,000 nodes without recursion', () => {
    const w = torch.ones(1).requiresGrad_();
    const y = torch.scope(() => {
      let x = w.mul(1);
      for (let i = 0; i < 100_000; i++) x = x.add(1);
      return x;
    });
    expect(y.item()).toBe(100_001);
  });

  it('forgets storages that end inside', () => {
    torch.scope(() => {
      for (let i = 0; i < 5000; i++) big().dispose();
      const made = Reflect.get(
        Reflect.get(Reflect.get(big(), 'storage') as object, 'scope') as object,
        'made',
      ) as unknown[];
      expect(made.length).toBeLessThan(2000);
    });
  });
});

describe('an async scope', () => {
  const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

  it('lasts until the promise settles', async () => {
    let temporary: torch.Tensor | undefined;
    const y = await torch.scope(async () => {
      temporary = big();
      await turn();
      const late = temporary.add(1);
      await turn();
      return [late.add(1)];
    });
    expect(y[0].sum().item()).toBe(3000);
    expect(() => temporary!.add(1)).toThrow('uses a disposed tensor');
  });

  it('keeps apart what runs at the same time', async () => {
    let foreign: torch.Tensor | undefined;
    const outside = (async () => {
      await turn();
      foreign = big();
    })();
    const sums = await Promise.all(
      [1, 2, 3].map((n) =>
        torch.scope(async () => {
          const x = big().mul(n);
          await outside;
          await turn();
          const y = torch.scope(() => x.add(1));
          return y.sum().item();
        }),
      ),
    );
    expect(sums).toEqual([2000, 3000, 4000]);
    expect(foreign!.sum().item()).toBe(1000);
  });

  it('leaves what is made after its end to the garbage collector', async () => {
    let late: Promise<torch.Tensor> | undefined;
    await torch.scope(async () => {
      late = (async () => {
        await turn();
        await turn();
        return big().add(1);
      })();
    });
    expect((await late!).sum().item()).toBe(2000);
  });

  it('goes around the steps of a DataLoader, and around the loop', async () => {
    const data = new torch.utils.data.TensorDataset(torch.arange(20).view(10, 2).float());
    const loader = new torch.utils.data.DataLoader(data, { batchSize: 4 });
    const sums: number[] = [];
    const batches: torch.Tensor[] = [];
    for await (const [batch] of loader) {
      const sum = torch.scope(() => batch.mul(2).sum());
      sums.push(sum.item());
      batches.push(batch);
    }
    expect(batches.map((b) => b.sum().item() * 2)).toEqual(sums);
    const count = torch.memoryStats().aliveCount;
    const again = await torch.scope(async () => {
      const found: number[] = [];
      for await (const [batch] of loader) found.push(batch.mul(2).sum().item());
      for (const [batch] of loader) found.push(batch.mul(2).sum().item());
      return found;
    });
    expect(again).toEqual([...sums, ...sums]);
    expect(torch.memoryStats().aliveCount).toBeLessThanOrEqual(count);
  });
});

describe('an error inside a scope', () => {
  class Boom extends Error {}
  const fail = (): never => {
    throw new Boom();
  };

  it('ends what was made, and the next scope works', async () => {
    const before = torch.memoryStats().aliveCount;
    let temporary: torch.Tensor | undefined;
    const make = () => {
      temporary = big();
      return fail();
    };
    expect(() => torch.scope(make)).toThrow(Boom);
    expect(temporary!.isDisposed).toBe(true);
    expect(() => torch.scope(() => torch.scope(make))).toThrow(Boom);
    await expect(torch.scope(async () => make())).rejects.toThrow(Boom);
    expect(temporary!.isDisposed).toBe(true);
    expect(torch.memoryStats().aliveCount).toBe(before);
    expect(
      torch
        .scope(() => big().mul(2))
        .sum()
        .item(),
    ).toBe(2000);
  });

  it('in an op leaves its operands as they were', () => {
    const x = big();
    expect(() => torch.scope(() => x.add(torch.ones(7)))).toThrow(torch.RuntimeError);
    expect(x.sum().item()).toBe(1000);
  });

  it('in a hook or a custom Function leaves gradients and later passes right', () => {
    class Failing extends torch.autograd.Function {
      static override forward(_ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
        return x.clone();
      }

      static override backward(_ctx: torch.autograd.FunctionContext): torch.Tensor {
        return torch.scope(() => big() && fail());
      }
    }
    const w = torch.ones(1000).requiresGrad_();
    expect(() => torch.scope(() => Failing.apply(w.mul(2)).sum().backward())).toThrow(Boom);
    expect(() =>
      torch.scope(() => {
        const y = w.mul(2);
        y.registerHook(() => torch.scope(() => big() && fail()));
        y.exp().sum().backward();
      }),
    ).toThrow(Boom);
    expect(w.grad).toBeNull();
    torch.scope(() => w.mul(3).sum().backward());
    expect(w.grad!.sum().item()).toBe(3000);
  });

  it('does not stop at a result that cannot be walked: everything stays', () => {
    let made: torch.Tensor | undefined;
    expect(() =>
      torch.scope(() => {
        made = big();
        return new Proxy({}, { ownKeys: fail });
      }),
    ).toThrow(Boom);
    expect(made!.sum().item()).toBe(1000);
    expect(
      torch
        .scope(() => big().mul(2))
        .sum()
        .item(),
    ).toBe(2000);
  });
});

describe('hooks and Functions with scopes of their own', () => {
  it('give the gradients that they give without', () => {
    class Square extends torch.autograd.Function {
      static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
        ctx.saveForBackward(x);
        return torch.scope(() => x.mul(x));
      }

      static override backward(ctx: torch.autograd.FunctionContext, grad: torch.Tensor) {
        return torch.scope(() => grad.mul(2).mul(ctx.savedTensors[0]));
      }
    }
    const w = torch.linspace(0, 1, 1000).requiresGrad_();
    const y = Square.apply(w.exp());
    y.registerHook((grad) => torch.scope(() => grad.mul(2).add(0)));
    y.sum().backward();
    expect(w.grad!.sub(w.mul(2).exp().mul(4)).abs().max().item()).toBeLessThan(1e-4);
  });
});

describe('memoryStats()', () => {
  it('counts what is alive, what is pooled, and the peak', () => {
    torch.resetPeakMemoryStats();
    const start = torch.memoryStats();
    expect(start.peakBytes).toBe(start.aliveBytes);
    torch.scope(() => {
      const x = torch.ones(250_000);
      x.mul(2);
      const inside = torch.memoryStats();
      expect(inside.aliveBytes - start.aliveBytes).toBeGreaterThanOrEqual(2_000_000);
      expect(inside.aliveCount - start.aliveCount).toBe(2);
      expect(inside.reservedBytes).toBeGreaterThanOrEqual(inside.aliveBytes + inside.pooledBytes);
    });
    const end = torch.memoryStats();
    expect(end.aliveBytes).toBeLessThanOrEqual(start.aliveBytes);
    expect(end.aliveCount).toBeLessThanOrEqual(start.aliveCount);
    expect(end.peakBytes - start.aliveBytes).toBeGreaterThanOrEqual(2_000_000);
    expect(end.peakCount - start.aliveCount).toBe(2);
    expect(end.pooledBytes - start.pooledBytes).toBeGreaterThanOrEqual(0);
    const pooled = end.pooledBytes + end.aliveBytes;
    torch.scope(() => torch.ones(250_000).mul(2));
    expect(torch.memoryStats().pooledBytes + alive()).toBe(pooled);
    torch.resetPeakMemoryStats();
    expect(torch.memoryStats().peakBytes).toBe(alive());
  });
});
