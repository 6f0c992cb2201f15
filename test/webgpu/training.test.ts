import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import type { WebGpuBackend } from '../../src/backends/webgpu/backend.js';
import * as torch from '../../src/index.js';
import { expectSame, hasAdapter } from './device.js';

const { nn } = torch;

/** The tutorial's network on smaller images: convolutions, pooling, linear layers. */
class Net extends nn.Module {
  conv1 = new nn.Conv2d(3, 4, 3);
  pool = new nn.MaxPool2d(2, 2);
  conv2 = new nn.Conv2d(4, 6, 3);
  fc1 = new nn.Linear(6 * 2 * 2, 16);
  fc2 = new nn.Linear(16, 5);

  override forward(x: torch.Tensor): torch.Tensor {
    x = this.pool.forward(this.conv1.forward(x).relu());
    x = this.pool.forward(this.conv2.forward(x).relu());
    return this.fc2.forward(this.fc1.forward(x.flatten(1)).relu());
  }
}

type MakeOptimizer = (parameters: Iterable<torch.nn.Parameter>) => torch.optim.Optimizer;

async function train(device: string, make: MakeOptimizer, steps: number): Promise<[number[], Net]> {
  torch.manualSeed(0);
  const net = new Net();
  const images = torch.randn([8, 3, 14, 14]).to(device);
  const labels = torch.randint(0, 5, [8]).to(device);
  net.to(device);
  const optimizer = make(net.parameters());
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    optimizer.zeroGrad();
    const loss = nn.functional.crossEntropy(net.forward(images), labels);
    loss.backward();
    optimizer.step();
    losses.push(await loss.itemAsync());
  }
  return [losses, net];
}

/** A step of training on the device. */
function trainer(): { net: Net; step: () => void } {
  torch.manualSeed(0);
  const net = new Net().to('webgpu');
  const images = torch.randn([4, 3, 14, 14], { device: 'webgpu' });
  const labels = torch.randint(0, 5, [4]).to('webgpu');
  const optimizer = new torch.optim.Adam(net.parameters(), { lr: 0.01 });
  return {
    net,
    step() {
      optimizer.zeroGrad();
      nn.functional.crossEntropy(net.forward(images), labels).backward();
      optimizer.step();
    },
  };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe.skipIf(!hasAdapter)('training', () => {
  it.each<[string, MakeOptimizer]>([
    ['SGD', (p) => new torch.optim.SGD(p, { lr: 0.05, momentum: 0.9 })],
    ['Adam', (p) => new torch.optim.Adam(p, { lr: 0.01 })],
    ['AdamW', (p) => new torch.optim.AdamW(p, { lr: 0.01, amsgrad: true })],
    ['RMSprop', (p) => new torch.optim.RMSprop(p, { lr: 0.01 })],
  ])('gives the losses of the CPU with %s', async (_, make) => {
    const [[there, net], [here, expected]] = [await train('webgpu', make, 8), await train('cpu', make, 8)];
    for (const [i, loss] of there.entries()) expect(Math.abs(loss - here[i]!)).toBeLessThan(1e-3);
    expect(here[7]).toBeLessThan(here[0]!);
    await expectSame(net.fc1.weight, expected.fc1.weight, { rtol: 1e-2, atol: 1e-3 });
  });

  it('updates many parameters with one dispatch, as far as the adapter has bindings', async () => {
    const run = async (device: string): Promise<[torch.Tensor[], number]> => {
      torch.manualSeed(0);
      // Two that lie in one storage, one whose elements lie far apart, one without any, one of another dtype.
      const whole = torch.randn([2, 300]).to(device);
      const far = torch.randn([4, 6]).to(device).t().narrow(0, 1, 3);
      const others = [
        torch.randn([70]),
        torch.randn([]),
        torch.randn([0, 3]),
        torch.randn([5]).to(torch.float16),
      ];
      const parameters = [
        whole.select(0, 0),
        whole.select(0, 1),
        far,
        ...others.map((t) => t.to(device)),
      ].map((t) => t.requiresGrad_());
      const groups = [{ params: parameters.slice(0, 4) }, { params: parameters.slice(4), lr: 0.3 }];
      const optimizer = new torch.optim.SGD(groups, { lr: 0.1, momentum: 0.9, weightDecay: 0.1 });
      let dispatches = 0;
      for (let step = 0; step < 3; step++) {
        optimizer.zeroGrad();
        for (const [i, parameter] of parameters.entries())
          parameter
            .mul(i + step)
            .sin()
            .sum()
            .backward();
        if (device === 'webgpu') {
          const counted = vi.spyOn((whole.storage.backend as WebGpuBackend).gpu, 'run');
          optimizer.step();
          dispatches = counted.mock.calls.filter(([{ groups: n }]) => n > 0).length;
          counted.mockRestore();
        } else optimizer.step();
      }
      return [parameters, dispatches];
    };
    const [[there, dispatches], [here]] = [await run('webgpu'), await run('cpu')];
    for (const [i, parameter] of there.entries())
      await expectSame(
        parameter,
        here[i]!,
        parameter.dtype === torch.float16 ? { rtol: 2e-3, atol: 2e-3 } : {},
      );
    // Six have elements. Two are updated by themselves, two must not be updated at once.
    expect(dispatches).toBeLessThanOrEqual(5);
  });

  it('updates large parameters by themselves, and the small ones between them together', async () => {
    const run = async (device: string): Promise<[torch.Tensor[], number]> => {
      torch.manualSeed(3);
      const shapes = [[200, 200], [3], [4000, 10], [5]];
      const parameters = shapes.map((shape) => torch.randn(shape).to(device).requiresGrad_());
      for (const parameter of parameters) parameter.sin().sum().backward();
      const optimizer = new torch.optim.SGD(parameters, { lr: 0.1 });
      if (device === 'cpu') {
        optimizer.step();
        return [parameters, 0];
      }
      const counted = vi.spyOn((parameters[0]!.storage.backend as WebGpuBackend).gpu, 'run');
      optimizer.step();
      const dispatches = counted.mock.calls.length;
      counted.mockRestore();
      return [parameters, dispatches];
    };
    const [[there, dispatches], [here]] = [await run('webgpu'), await run('cpu')];
    for (const [i, parameter] of there.entries()) await expectSame(parameter, here[i]!);
    expect(dispatches).toBe(3);
  });

  it('takes a step of Adam over eight parameters in as few dispatches as there are bindings for', () => {
    const { net, step } = trainer();
    step();
    const { gpu } = net.fc1.weight.storage.backend as WebGpuBackend;
    const counted = vi.spyOn(gpu, 'run');
    step();
    const updates = counted.mock.calls.filter(([{ name }]) => name === 'optimizer step');
    counted.mockRestore();
    // Parameter, gradient and two averages.
    expect(updates.length).toBe(Math.ceil(8 / Math.floor(gpu.limits.bindings / 4)));
  });

  /** Loops of sixty rounds that never read a value. */
  const loops: Readonly<Record<string, (net: Net, round: () => Promise<void>) => Promise<void>>> = {
    'over a DataLoader': async (_, round) => {
      const numbers = new torch.utils.data.TensorDataset(torch.zeros([60]));
      for await (const _ of new torch.utils.data.DataLoader(numbers)) await round();
    },
    'that awaits ready()': async (net, round) => {
      for (let i = 0; i < 60; i++) {
        await round();
        await net.fc1.weight.ready();
      }
    },
  };

  it.each(Object.keys(loops))('does not run ahead of the device without end in a loop %s', async (name) => {
    const { net, step } = trainer();
    const { backlog } = (net.fc1.weight.storage.backend as WebGpuBackend).gpu;
    await torch.webgpu.synchronize();
    let [most, aRound] = [0, 0];
    await loops[name]!(net, async () => {
      const before = backlog.size;
      step();
      step();
      await null;
      aRound = Math.max(aRound, backlog.size - before);
      most = Math.max(most, backlog.size);
    });
    expect(aRound).toBeGreaterThan(20);
    // Without a wait all would be before it.
    expect(most).toBeLessThan(1024 + 2 * aRound);
    expect(60 * aRound).toBeGreaterThan(2 * most);
  });

  it('leaves nothing behind in a scope but gradients, without the garbage collector', async () => {
    const { step } = trainer();
    const allocated: number[] = [];
    const reserved: number[] = [];
    for (let i = 0; i < 12; i++) {
      torch.scope(step);
      allocated.push(torch.webgpu.memoryAllocated());
      reserved.push(torch.webgpu.memoryReserved());
    }
    await torch.webgpu.synchronize();
    // The first step makes gradients and momentum.
    expect(new Set(allocated.slice(1)).size).toBe(1);
    expect(new Set(reserved.slice(2)).size).toBe(1);
  });

  it('meets the same buffers in every step, so that neither buffers nor bind groups are made anew', async () => {
    const { net, step } = trainer();
    const { gpu } = net.fc1.weight.storage.backend as WebGpuBackend;
    const { device } = gpu as unknown as { device: GPUDevice };
    const run = async (steps: number): Promise<void> => {
      for (let i = 0; i < steps; i++) {
        torch.scope(step);
        await torch.webgpu.synchronize();
      }
    };
    // Buffers of earlier tests must not come back meanwhile.
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await run(3);
    const made = [vi.spyOn(device, 'createBindGroup'), vi.spyOn(device, 'createBuffer')];
    await run(5);
    const counts = made.map(({ mock }) => mock.calls.length);
    for (const spy of made) spy.mockRestore();
    expect(counts).toEqual([0, 0]);
  });

  it('comes back to the same memory when the garbage collector has run', async () => {
    const { step } = trainer();
    const settled = async (): Promise<number> => {
      for (let i = 0; i < 3; i++) {
        collectGarbage();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return torch.webgpu.memoryAllocated();
    };
    const run = async (steps: number): Promise<number> => {
      for (let i = 0; i < steps; i++) {
        step();
        if (i % 5 === 4) await torch.webgpu.synchronize();
      }
      return settled();
    };
    const first = await run(5);
    expect(await run(20)).toBe(first);
  });

  it('gives back what a while of work did not need', async () => {
    const empty = () => torch.empty([300, 300], { device: 'webgpu' });
    for (const x of Array.from({ length: 40 }, empty)) x.dispose();
    const before = torch.webgpu.memoryReserved();
    for (let i = 0; i < 100_000; i++) empty().dispose();
    expect(before - torch.webgpu.memoryReserved()).toBeGreaterThan(30 * 4 * 300 * 300);
  });

  it('keeps memory bounded over 200 steps', async () => {
    const device = 'webgpu';
    const weight = torch.randn([256, 256], { device, requiresGrad: true });
    const optimizer = new torch.optim.SGD([weight], { lr: 0.01 });
    const x = torch.randn([256, 256], { device });
    let most = 0;
    for (let step = 0; step < 200; step++) {
      torch.scope(() => {
        optimizer.zeroGrad();
        weight.mul(x).square().mean().backward();
        optimizer.step();
      });
      if (step % 20 === 0) await torch.webgpu.synchronize();
      most = Math.max(most, torch.webgpu.memoryReserved());
    }
    // Of each step only the gradients outlive the scope, until the next: 50 MiB in all.
    expect(most).toBeLessThan(24 * 2 ** 20);
  });

  it('keeps memory bounded without scopes, where the loop waits now and then', async () => {
    let x = torch.zeros([64, 1024], { device: 'webgpu' });
    const reserved: number[] = [];
    for (let step = 0; step < 600; step++) {
      x = x.add(1).mul(0.5);
      if (step % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
      reserved.push(torch.webgpu.memoryReserved());
    }
    expect(Math.abs((await x.mean().itemAsync()) - 1)).toBeLessThan(1e-5);
    // 1,200 results of 256 KiB would be 300 MiB.
    expect(Math.max(...reserved)).toBeLessThan(150 * 2 ** 20);
  });
});
