/** Faults of the device are told with the op's name, harm nothing else, and nobody waits forever. */
import { describe, expect, it } from 'vitest';
import type { WebGpuBackend } from '../../src/backends/webgpu/backend.js';
import type { Gpu } from '../../src/backends/webgpu/gpu.js';
import * as torch from '../../src/index.js';
import { hasAdapter } from './device.js';

const onGpu = { device: 'webgpu' } as const;
const gpuOf = (x: torch.Tensor): Gpu => (x.storage.backend as WebGpuBackend).gpu;
/** The GPU's own device, which tests may lose. */
const deviceOf = (x: torch.Tensor): GPUDevice => (gpuOf(x) as unknown as { device: GPUDevice }).device;

describe.skipIf(!hasAdapter)('a pipeline that fails', () => {
  const runBad = (gpu: Gpu, key: string) =>
    gpu.run({
      name: 'bad_op',
      key,
      source: () => 'this is no shader',
      access: '',
      blocks: [],
      parameters: [],
      groups: 1,
    });

  it('is named, and harms nothing that was recorded before or after', async () => {
    const x = torch.arange(6, onGpu);
    const before = x.add(1);
    runBad(gpuOf(x), 'bad 1');
    const after = before.mul(2);
    await expect(torch.webgpu.synchronize()).rejects.toThrow(/^bad_op failed on webgpu:0: .*parsing WGSL/s);
    expect(await before.tolistAsync()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await after.tolistAsync()).toEqual([2, 4, 6, 8, 10, 12]);
  });

  it('is told again when it is tried again', async () => {
    const x = torch.zeros(1, onGpu);
    for (let i = 0; i < 2; i++) {
      runBad(gpuOf(x), 'bad 2');
      await expect(x.itemAsync()).rejects.toThrow('bad_op failed on webgpu:0');
    }
    expect(await x.itemAsync()).toBe(0);
  });
});

describe.skipIf(!hasAdapter)('memory', () => {
  it('that no adapter has for one tensor is refused at once', async () => {
    const x = torch.ones(3, onGpu);
    let error: unknown;
    try {
      torch.empty([2 ** 20, 2 ** 20], onGpu);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(torch.OutOfMemoryError);
    expect(String(error)).toContain('WebGPU out of memory: tried to allocate 4398046511104 bytes');
    expect(await x.sum().itemAsync()).toBe(3);
  });

  it('that turns out to be missing is told by the op that uses it', async () => {
    const x = torch.ones(3, onGpu);
    const device = deviceOf(x);
    const create = device.createBuffer;
    let large: torch.Tensor;
    try {
      // The answer of drivers when memory is short.
      device.createBuffer = (descriptor) => {
        const buffer = create.call(device, descriptor);
        const pop = device.popErrorScope;
        device.popErrorScope = () => {
          device.popErrorScope = pop;
          return pop
            .call(device)
            .then(() => ({ message: 'no memory is left\nat all' }) as GPUOutOfMemoryError);
        };
        return buffer;
      };
      large = torch.empty([2 ** 20], onGpu);
    } finally {
      device.createBuffer = create;
    }
    await torch.webgpu.synchronize();
    let error: unknown;
    try {
      large.add(1);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(torch.OutOfMemoryError);
    expect(String(error)).toMatch(
      /WebGPU out of memory in add: the device had no 4194304 bytes for one tensor \(no memory is left\)/,
    );
    await expect(large.tolistAsync()).rejects.toThrow('WebGPU out of memory in copying from webgpu:0');
    expect(await x.sum().itemAsync()).toBe(3);
  });
});

describe.skipIf(!hasAdapter)('a device that is lost', () => {
  it('fails what is under way and what comes, and another can be started', async () => {
    const x = torch.ones(3, onGpu);
    const here = torch.ones(3);
    const underWay = x.exp().tolistAsync();
    deviceOf(x).destroy();
    await expect(underWay).rejects.toThrow(torch.RuntimeError);
    await expect((async () => x.sum().itemAsync())()).rejects.toThrow(torch.RuntimeError);
    expect(() => x.add(1)).toThrow(/the device webgpu:0 was lost \(during \w+/);
    expect(torch.webgpu.isAvailable()).toBe(false);
    expect(() => here.to('webgpu')).toThrow('was lost');
    expect(here.add(1).tolist()).toEqual([2, 2, 2]);

    await torch.webgpu.init();
    expect(torch.webgpu.isAvailable()).toBe(true);
    const y = here.to('webgpu');
    expect(await y.add(1).tolistAsync()).toEqual([2, 2, 2]);
    expect(() => x.add(1)).toThrow('was lost');
    expect(() => y.add(x)).toThrow('Expected all tensors to be on the same device');
    expect(await y.sum().itemAsync()).toBe(3);
  });
});
