import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { WebGpuBackend } from '../../src/backends/webgpu/backend.js';
import * as torch from '../../src/index.js';
import { expectSame, hasAdapter } from './device.js';

const onGpu = { device: 'webgpu' } as const;

describe.skipIf(!hasAdapter)('the device', () => {
  it('tells what it is', () => {
    expect(torch.webgpu.isAvailable()).toBe(true);
    expect(torch.webgpu.deviceCount()).toBe(1);
    expect(torch.webgpu.getDeviceName().length).toBeGreaterThan(0);
    expect(String(torch.ones(2, onGpu).device)).toBe('webgpu:0');
  });

  it('takes what the adapter has or what all adapters have, and knows nothing else', async () => {
    const { limits } = (torch.ones(1, onGpu).storage.backend as WebGpuBackend).gpu;
    const least = { bindings: 8, bufferBytes: 2 ** 27, groups: 65535 };
    if (process.env.FLAMBEAU_WEBGPU_LIMITS === 'default') expect(limits).toEqual(least);
    else
      for (const name of ['bindings', 'bufferBytes', 'groups'] as const)
        expect(limits[name]).toBeGreaterThanOrEqual(least[name]);
    await expect(torch.webgpu.init({ limits: 'none' as 'default' })).rejects.toThrow(
      "limits must be 'adapter' or 'default', not none",
    );
    await expect(torch.webgpu.init({ power: 1 } as object)).rejects.toThrow(
      "unexpected keyword argument 'power'",
    );
  });

  it('lets a process end in the midst of its work', async () => {
    const program = `
      import * as torch from 'flambeau';
      await torch.webgpu.init();
      const a = torch.ones([16, 16], { device: 'webgpu' });
      let b = a;
      for (let i = 0; i < 300; i++) b = b.matmul(a).mul(0.01);
      process.exit(0);`;
    for (let i = 0; i < 4; i++)
      await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  });

  it.each(['float32', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'] as const)(
    'carries %s there and back',
    async (name) => {
      const values = torch
        .tensor([
          [0, 1, 2, 3, 100],
          [5, 60, 7, 8, 9],
          [0, 0, 1, 1, 2],
        ])
        .to(torch[name]);
      for (const view of [values, values.t(), values.narrow(1, 1, 3), values.select(0, 2)]) {
        const there = view.to('webgpu');
        await expectSame(there, view);
        await expectSame(await there.to('cpu').ready(), view);
        await expectSame(await there.t().clone().cpu().ready(), view.t());
      }
    },
  );

  it('is saved as tensors of the CPU, which every reader knows', async () => {
    const x = torch.arange(6).reshape(2, 3).to('webgpu');
    for (const zip of [true, false]) {
      const file = await torch.save({ x, column: x.data.select(1, 0) }, null, {
        _useNewZipfileSerialization: zip,
      });
      const loaded = (await torch.load(file)) as { x: torch.Tensor; column: torch.Tensor };
      expect(String(loaded.x.device)).toBe('cpu');
      expect(loaded.x.tolist()).toEqual([
        [0, 1, 2],
        [3, 4, 5],
      ]);
      loaded.column.fill_(7);
      expect(loaded.x.tolist()).toEqual([
        [7, 1, 2],
        [7, 4, 5],
      ]);
    }
  });

  it('goes to other files by way of the CPU', async () => {
    const x = torch.arange(6).reshape(2, 3).to('webgpu');
    const folder = mkdtempSync(join(tmpdir(), 'flambeau-webgpu-'));
    try {
      const file = join(folder, 'x.safetensors');
      await torch.safetensors.saveFile({ x, y: torch.ones(2) }, file);
      const loaded = await torch.safetensors.loadFile(file);
      await expectSame(loaded.x!, torch.arange(6).reshape(2, 3));
      await expectSame(loaded.y!, torch.ones(2));
      await expect(torch.numpy.save(join(folder, 'x.npy'), x)).rejects.toThrow(
        "can't convert webgpu:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first.",
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('makes tensors there', async () => {
    await expectSame(torch.zeros(2, 3, onGpu), torch.zeros(2, 3));
    await expectSame(torch.full([3], -Infinity, onGpu), torch.full([3], -Infinity));
    await expectSame(torch.arange(2, 20, 3, onGpu), torch.arange(2, 20, 3));
    await expectSame(torch.linspace(0, 1, 7, onGpu), torch.linspace(0, 1, 7));
    await expectSame(torch.eye(3, onGpu), torch.eye(3));
    await expectSame(
      torch.tensor(
        [
          [1, 2],
          [3, 4],
        ],
        onGpu,
      ),
      torch.tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    await expectSame(torch.ones(3, onGpu).newZeros([2]), torch.zeros(2));
  });

  it('reads by waiting only, and says so', async () => {
    const x = torch.tensor([3.5], onGpu);
    expect(() => x.item()).toThrow('item() cannot wait for the device webgpu:0; use await itemAsync()');
    expect(() => x.tolist()).toThrow('use await tolistAsync()');
    expect(() => x.toArray()).toThrow('use await toArrayAsync()');
    expect(() => String(x)).toThrow('use await toStringAsync()');
    expect(await x.itemAsync()).toBe(3.5);
    expect(await x.tolistAsync()).toEqual([3.5]);
    expect(await x.toStringAsync()).toBe("tensor([3.5000], device='webgpu:0')");
    expect(await torch.tensor(2n ** 60n + 1n, onGpu).itemBigintAsync()).toBe(2n ** 60n + 1n);
  });

  it('reads what was there when it was asked, whatever comes next', async () => {
    const x = torch.ones(2, { device: 'webgpu' });
    const read = [x.tolistAsync(), x.toStringAsync(), x.to('cpu').tolistAsync()];
    x.add_(1);
    expect(await Promise.all(read)).toEqual([[1, 1], "tensor([1., 1.], device='webgpu:0')", [1, 1]]);
    expect(await x.tolistAsync()).toEqual([2, 2]);
  });

  it('prints what was there before its scope ended', async () => {
    const [text, numbers] = torch.scope(() => {
      const x = torch.arange(3, onGpu).mul(2);
      return [x.t().toStringAsync(), x.tolistAsync()];
    });
    expect(await text).toBe("tensor([0, 2, 4], device='webgpu:0')");
    expect(await numbers).toEqual([0, 2, 4]);
  });

  it('prints tangents, too', async () => {
    const { dualLevel, makeDual } = torch.autograd.forwardAd;
    const texts = dualLevel(() => [
      makeDual(torch.ones(2, onGpu), torch.tensor([1.5, 2], onGpu)).toStringAsync(),
      makeDual(torch.tensor(3, onGpu).float(), torch.tensor(1.5, onGpu)).toStringAsync(),
    ]);
    expect(await Promise.all(texts)).toEqual([
      "tensor([1., 1.], device='webgpu:0',\n       tangent=tensor([1.5000, 2.0000], device='webgpu:0'))",
      "tensor(3., device='webgpu:0', tangent=1.5)",
    ]);
  });

  it('sends to the CPU at once, to be awaited before use', async () => {
    const x = torch.ones(3, onGpu).mul(2).cpu();
    expect(() => x.add(1)).toThrow('still on its way from webgpu:0: await its ready()');
    expect(() => x.item()).toThrow();
    expect((await x.ready()).tolist()).toEqual([2, 2, 2]);
  });

  it('refuses float64 in the words of PyTorch for such devices', () => {
    const words =
      "Cannot convert a WebGPU Tensor to float64 dtype as the WebGPU framework doesn't support float64. Please use float32 instead.";
    expect(() => torch.zeros(2, { ...onGpu, dtype: torch.float64 })).toThrow(words);
    expect(() => torch.zeros(2, onGpu).double()).toThrow(words);
    expect(() => torch.zeros(2, { dtype: torch.float64 }).to('webgpu')).toThrow(words);
  });

  it('gives float64 to the CPU, converted there', async () => {
    const x = await torch.tensor([1.5, 2.5], onGpu).to('cpu', torch.float64).ready();
    expect(x.dtype).toBe(torch.float64);
    expect(x.tolist()).toEqual([1.5, 2.5]);
  });

  it('does not mix devices, except for numbers', async () => {
    const [there, here] = [torch.ones(2, onGpu), torch.ones(2)];
    const words = (a: string, b: string) =>
      `Expected all tensors to be on the same device, but found at least two devices, ${a} and ${b}!`;
    expect(() => there.add(here)).toThrow(words('webgpu:0', 'cpu'));
    expect(() => here.mul(there)).toThrow(words('cpu', 'webgpu:0'));
    const odd = (argument: string, method: string) =>
      `Expected all tensors to be on the same device, but got ${argument} is on cpu, different from other tensors on webgpu:0 (when checking argument in method ${method})`;
    expect(() => there.unsqueeze(0).mm(here.unsqueeze(1))).toThrow(odd('mat2', 'mm'));
    expect(() => here.unsqueeze(0).mm(there.unsqueeze(1))).toThrow(odd('self', 'mm'));
    expect(() => torch.cat([there, here])).toThrow(odd('tensors', 'cat'));
    expect(() => torch.cat([here, there])).toThrow(odd('tensors', 'cat'));
    expect(() => torch.nn.functional.linear(there, here.expand(3, 2))).toThrow(odd('mat2', 'mm'));
    expect(() => there.gather(0, torch.tensor([0]))).toThrow(odd('index', 'gather'));
    expect(() => torch.meshgrid(there, here)).toThrow('meshgrid expects all tensors to have the same device');
    expect(() => here.index(torch.tensor([0]).to('webgpu'))).toThrow(
      'indices should be either on cpu or on the same device as the indexed tensor (cpu)',
    );
    await expectSame(there.index(torch.tensor([1])), torch.ones(1));
    await expectSame(there.maskedFill(there.gt(0), torch.tensor(4)), torch.tensor([4, 4]).float());
    await expectSame(there.add(torch.tensor(2)), torch.tensor([3, 3]).float());
  });

  it('waits for what was asked of it, also where nothing can go wrong', async () => {
    const x = torch.ones([160, 160], onGpu);
    const { gpu } = x.storage.backend as WebGpuBackend;
    const queue = (gpu as unknown as { device: GPUDevice }).device.queue;
    await torch.webgpu.synchronize();
    let y = x;
    for (let i = 0; i < 20; i++) y = y.mm(x).div(160);
    const order: string[] = [];
    gpu.submit();
    const worked = queue.onSubmittedWorkDone().then(() => order.push('work'));
    await torch.webgpu.synchronize();
    order.push('synchronize');
    await worked;
    expect(order).toEqual(['work', 'synchronize']);
    expect(await y.mean().itemAsync()).toBeCloseTo(1);
  });

  it('is the only one of its kind', () => {
    expect(String(torch.ones(2, { device: 'webgpu:0' }).device)).toBe('webgpu:0');
    expect(() => torch.ones(2, { device: 'webgpu:1' })).toThrow(
      'invalid device ordinal: there is no webgpu:1, only webgpu:0',
    );
  });

  it('draws from generators of its own, whose states can be taken up again', async () => {
    const g = new torch.Generator('webgpu').manualSeed(5);
    await torch.rand(1000, { ...onGpu, generator: g }).ready();
    const copy = g.cloneState();
    const next = torch.randn(3, { ...onGpu, generator: g });
    await expectSame(torch.randn(3, { ...onGpu, generator: copy }), await next.cpu().ready());
    expect(() => torch.rand(2, { ...onGpu, generator: new torch.Generator() })).toThrow(
      "Expected a 'webgpu' device type for generator but found 'cpu'",
    );
  });

  it('gives modules back to the CPU with gradients and buffers', async () => {
    torch.manualSeed(0);
    const { nn } = torch;
    const [net, twin] = [0, 0].map(() => new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2)));
    twin!.loadStateDict(net!.stateDict());
    const x = torch.randn([4, 3]);
    net!.to('webgpu').forward(x.to('webgpu')).square().sum().backward();
    twin!.forward(x).square().sum().backward();
    await net!.to('cpu').ready();
    for (const [name, expected] of Object.entries(twin!.stateDict()))
      await expectSame(net!.stateDict()[name]!, expected);
    for (const [i, parameter] of [...net!.parameters()].entries())
      await expectSame(parameter.grad!, [...twin!.parameters()][i]!.grad!);
    expect(net!.forward(x).shape).toEqual([4, 2]);
  });

  it('carries gradients back to where the parameters are', async () => {
    const w = torch.tensor([1, 2, 3], { requiresGrad: true });
    w.to('webgpu').square().sum().backward();
    const grad = await w.grad!.ready();
    expect(grad.device.type).toBe('cpu');
    expect(grad.tolist()).toEqual([2, 4, 6]);
  });

  it('reports an index out of range when its result is awaited, and goes on', async () => {
    const x = torch.arange(4, onGpu);
    const bad = x.indexSelect(0, torch.tensor([1, 9], onGpu));
    await expect(bad.tolistAsync()).rejects.toThrow('index 9 is out of bounds for dimension 0 with size 4');
    expect(await x.add(1).tolistAsync()).toEqual([1, 2, 3, 4]);
  });

  it('refuses a tensor larger than the adapter binds', () => {
    expect(() => torch.empty([2 ** 34], onGpu)).toThrow('WebGPU out of memory');
  });

  it('frees what is disposed, and pools it', () => {
    const before = torch.webgpu.memoryAllocated();
    const x = torch.ones([64, 1024], onGpu);
    expect(torch.webgpu.memoryAllocated()).toBeGreaterThanOrEqual(before + 64 * 1024 * 4);
    x.dispose();
    expect(torch.webgpu.memoryAllocated()).toBe(before);
    expect(() => x.add(1)).toThrow('disposed');
    torch.webgpu.emptyCache();
    expect(torch.webgpu.memoryReserved()).toBe(torch.webgpu.memoryAllocated());
  });
});
