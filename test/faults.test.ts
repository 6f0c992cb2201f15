import * as torch from 'flambeau';
import { afterEach, describe, expect, it } from 'vitest';

const { nn } = torch;
/** Errors that the user's code throws: they must come out as it is. */
const fault = new Error('the fault');
const fail = (): never => {
  throw fault;
};

/** How often a fault is repeated: what leaks adds up. */
const TIMES = 25;

class Squares extends torch.autograd.Function {
  static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor, where: string) {
    if (where === 'forward') fail();
    ctx.saveForBackward(x);
    ctx.where = where;
    return x.square();
  }
  static override backward(ctx: torch.autograd.FunctionContext, grad: torch.Tensor) {
    if (ctx.where === 'backward') torch.noGrad(fail);
    return [grad.mul(ctx.savedTensors[0]).mul(2), null];
  }
}

/** The library as it should be: modes as at the start, and gradients, modules and optimizers that work. */
function checkHealthy(): void {
  expect(torch.isGradEnabled()).toBe(true);
  expect(torch.isInferenceModeEnabled()).toBe(false);
  const x = torch.tensor([1, 2, 3], { dtype: torch.float64 }).requiresGrad_();
  const y = Squares.apply(x.mul(2), '').sum();
  expect(y.gradFn).not.toBeNull();
  y.backward();
  expect(x.grad!.tolist()).toEqual([8, 16, 24]);
  const layer = new nn.Linear(3, 1, { bias: false, dtype: torch.float64 } as never);
  const optimizer = new torch.optim.SGD(layer.parameters(), { lr: 1 });
  const before = layer.weight.tolist() as number[][];
  layer.forward(x.detach()).sum().backward();
  optimizer.step();
  const after = layer.weight.tolist() as number[][];
  for (const [i, value] of [1, 2, 3].entries()) expect(after[0][i]).toBeCloseTo(before[0][i] - value, 12);
  const kept = torch.scope(() => torch.ones(2).add(1));
  expect(kept.tolist()).toEqual([2, 2]);
  expect(torch.inferenceMode(() => torch.ones(1).isInference())).toBe(true);
}

const leaf = () => torch.ones(3).requiresGrad_();
const layer = () => new nn.Linear(2, 2);

/** Everything that calls code of the user's, with code that throws. */
const faults: Readonly<Record<string, () => unknown>> = {
  'a hook of a tensor': () => {
    const x = leaf();
    const y = x.mul(2);
    y.registerHook(fail);
    y.sum().backward();
  },
  'a hook of a leaf': () => {
    const x = leaf();
    x.registerHook(fail);
    x.mul(2).sum().backward();
  },
  'a post-accumulate hook': () => {
    const x = leaf();
    x.registerPostAccumulateGradHook(fail);
    x.mul(2).sum().backward();
  },
  'a forward hook': () => {
    const module = layer();
    module.registerForwardHook(fail);
    module.forward(torch.ones(2));
  },
  'a forward pre-hook': () => {
    const module = layer();
    module.registerForwardPreHook(fail);
    module.forward(torch.ones(2));
  },
  'a full backward hook': () => {
    const module = layer();
    module.registerFullBackwardHook(fail);
    module.forward(torch.ones(1, 2).requiresGrad_()).sum().backward();
  },
  "a module's forward": () => {
    class Broken extends nn.Module {
      inner = layer();
      override forward(x: torch.Tensor): torch.Tensor {
        this.inner.forward(x);
        return fail();
      }
    }
    new nn.Sequential(layer(), new Broken()).forward(torch.ones(2));
  },
  'forward of a custom function': () => Squares.apply(leaf(), 'forward'),
  'backward of a custom function': () => Squares.apply(leaf(), 'backward').sum().backward(),
  'backward that is itself recorded': () => {
    const x = leaf();
    torch.autograd.grad(Squares.apply(x, 'backward').sum(), x, { createGraph: true });
  },
  noGrad: () => torch.noGrad(() => torch.enableGrad(fail)),
  inferenceMode: () => torch.inferenceMode(() => torch.noGrad(fail)),
  'a scope': () =>
    torch.scope(() => {
      torch.ones(1000);
      return torch.scope(fail);
    }),
  'a closure of an optimizer': () => new torch.optim.SGD([leaf()], { lr: 1 }).step(fail),
  'a function under jvp': () =>
    torch.func.jvp((_x: torch.Tensor) => fail(), [torch.ones(2)], [torch.ones(2)]),
  'a schedule': () => {
    const optimizer = new torch.optim.SGD([leaf()], { lr: 1 });
    new torch.optim.lrScheduler.LambdaLR(optimizer, fail);
  },
};

describe('an error that the user throws', () => {
  afterEach(checkHealthy);

  it.each(Object.entries(faults))('in %s comes out as it is, and leaves the library as it was', (_, run) => {
    for (let i = 0; i < TIMES; i++) {
      let caught: unknown = null;
      try {
        run();
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(fault);
      expect(torch.isGradEnabled()).toBe(true);
      expect(torch.isInferenceModeEnabled()).toBe(false);
    }
  });

  it('after an await is as good as before one', async () => {
    const late = async (): Promise<never> => {
      await null;
      return fail();
    };
    for (let i = 0; i < TIMES; i++) {
      await expect(torch.noGrad(late)).rejects.toBe(fault);
      await expect(torch.inferenceMode(() => torch.noGrad(late))).rejects.toBe(fault);
      await expect(torch.scope(late)).rejects.toBe(fault);
      expect(torch.isGradEnabled()).toBe(true);
    }
  });

  it('in a scope frees what was made there', () => {
    const attempt = () => {
      try {
        torch.scope(() => {
          for (let k = 0; k < 10; k++) torch.ones(1000).mul(k);
          fail();
        });
      } catch {}
    };
    attempt();
    const { aliveCount } = torch.memoryStats();
    for (let i = 0; i < TIMES; i++) attempt();
    expect(torch.memoryStats().aliveCount).toBeLessThanOrEqual(aliveCount);
  });

  it('in a hook leaves a graph that runs again, or says why not', () => {
    const x = leaf();
    const y = x.mul(2);
    const z = y.mul(y).sum();
    const hook = y.registerHook(fail);
    expect(() => z.backward({ retainGraph: true })).toThrow(fault);
    expect(x.grad).toBeNull();
    hook.remove();
    z.backward();
    expect(x.grad!.tolist()).toEqual([8, 8, 8]);
    expect(() => z.backward()).toThrow('Trying to backward through the graph a second time');
  });

  it('does not leave half a gradient in a leaf that is reached twice', () => {
    const x = leaf();
    const [a, b] = [x.mul(2), x.mul(3)];
    b.registerHook(fail);
    expect(() => a.add(b).sum().backward()).toThrow(fault);
    expect(x.grad).toBeNull();
  });

  it('in a data set, sampler or collate function ends that pass over the data only', async () => {
    const { DataLoader } = torch.utils.data;
    let isBroken = true;
    const set = { length: 4, at: (i: number) => (isBroken && i === 2 ? fail() : i) };
    const all = async (loader: AsyncIterable<unknown>) => {
      const values: unknown[] = [];
      for await (const batch of loader) values.push((batch as torch.Tensor).tolist());
      return values;
    };
    for (let i = 0; i < TIMES; i++) {
      isBroken = true;
      const loader = new DataLoader(set, { batchSize: 2 });
      await expect(all(loader)).rejects.toThrow('the fault');
      isBroken = false;
      expect(await all(loader)).toEqual([
        [0, 1],
        [2, 3],
      ]);
    }
    const sampler = {
      *[Symbol.iterator]() {
        yield 0;
        fail();
      },
    } as Iterable<number>;
    await expect(all(new DataLoader(set, { sampler }))).rejects.toBe(fault);
    await expect(all(new DataLoader(set, { collateFn: fail }))).rejects.toThrow('the fault');
  });
});
