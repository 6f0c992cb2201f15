import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { expectSame, hasAdapter } from './device.js';

const { nn, optim } = torch;

type Tensors = Record<string, torch.Tensor>;

const load = async (file: Uint8Array, mapLocation: torch.MapLocation) =>
  (await torch.load(file, { mapLocation })) as Tensors;

describe.skipIf(!hasAdapter)('a checkpoint and the GPU', () => {
  const values = torch.arange(6).reshape(2, 3).float();

  it.each<[string, torch.MapLocation]>([
    ['its name', 'webgpu'],
    ['its name and number', 'webgpu:0'],
    ['a Device', torch.device('webgpu', 0)],
    ['the place in the file', { cpu: 'webgpu' }],
    ['a function', () => 'webgpu'],
    ['a function that gives a Device', () => torch.device('webgpu')],
  ])('is loaded there by %s', async (_, mapLocation) => {
    const names = ['float32', 'float16', 'bfloat16', 'int64', 'int16', 'uint8', 'bool'] as const;
    const saved = Object.fromEntries(names.map((name) => [name, values.to(torch[name])]));
    for (const zip of [true, false]) {
      const file = await torch.save(saved, null, { _useNewZipfileSerialization: zip });
      const loaded = await load(file, mapLocation);
      for (const name of names) {
        expect(String(loaded[name]!.device)).toBe('webgpu:0');
        await expectSame(loaded[name]!, saved[name]!);
      }
    }
  });

  it('is split between devices by a function, which is asked once per storage', async () => {
    const asked: string[] = [];
    const file = await torch.save({
      a: values,
      row: values.select(0, 1),
      b: torch.ones(2),
      c: torch.ones(3),
    });
    const loaded = await load(file, (storage, location) => {
      asked.push(`${storage.nbytes} bytes of ${location}`);
      if (storage.nbytes === 24) return 'webgpu';
      return storage.nbytes === 8 ? storage : null;
    });
    expect(asked).toEqual(['24 bytes of cpu', '8 bytes of cpu', '12 bytes of cpu']);
    expect(Object.values(loaded).map(({ device }) => device.type)).toEqual([
      'webgpu',
      'webgpu',
      'cpu',
      'cpu',
    ]);
    expect(loaded.b!.tolist()).toEqual([1, 1]);
  });

  it('keeps views of one memory', async () => {
    for (const zip of [true, false]) {
      const file = await torch.save({ x: values, column: values.select(1, 1), all: values.t() }, null, {
        _useNewZipfileSerialization: zip,
      });
      const { x, column, all } = await load(file, 'webgpu');
      column!.fill_(9);
      const expected = torch
        .tensor([
          [0, 9, 2],
          [3, 9, 5],
        ])
        .float();
      await expectSame(x!, expected);
      await expectSame(all!, expected.t());
    }
  });

  it('gives parameters that share memory and want gradients', async () => {
    const weight = new nn.Parameter(values.clone());
    const file = await torch.save({ weight, same: weight, frozen: new nn.Parameter(torch.ones(2), false) });
    const loaded = await load(file, 'webgpu');
    expect(loaded.weight).toBeInstanceOf(nn.Parameter);
    expect(loaded.weight!.isLeaf && loaded.weight!.requiresGrad).toBe(true);
    expect(loaded.frozen!.requiresGrad).toBe(false);
    loaded.weight!.square().sum().backward();
    await expectSame(loaded.weight!.grad!, values.mul(2));
    torch.noGrad(() => loaded.weight!.zero_());
    await expectSame(loaded.same!.detach(), torch.zeros(2, 3));
  });

  it('goes back and forth between devices', async () => {
    const there = { x: values.to('webgpu'), half: values.to('webgpu').half() };
    const here = await load(await torch.save(there), 'cpu');
    await expectSame(here.x!, values);
    const again = await load(await torch.save(here), 'webgpu');
    await expectSame(again.half!, values.half());
    expect(Buffer.from(await torch.save(again))).toEqual(Buffer.from(await torch.save(here)));
  });

  it('waits for what is on its way', async () => {
    const arriving = values.to('webgpu').to('cpu');
    for (const zip of [true, false]) {
      const file = await torch.save({ arriving, row: arriving.t() }, null, {
        _useNewZipfileSerialization: zip,
      });
      const { arriving: loaded, row } = await load(file, 'cpu');
      expect(loaded!.tolist()).toEqual(values.tolist());
      row!.fill_(5);
      expect(loaded!.tolist()).toEqual(torch.full([2, 3], 5).tolist());
    }
  });

  it('refuses what the device cannot hold, and leaves nothing there', async () => {
    const file = await torch.save({ a: torch.ones(1000), b: torch.ones(2, { dtype: torch.float64 }) });
    const before = torch.webgpu.memoryAllocated();
    await expect(load(file, 'webgpu')).rejects.toThrow("doesn't support float64");
    await expect(load(file, 'cuda')).rejects.toThrow('Attempting to deserialize object on a CUDA device');
    await expect(load(file, 'abacus')).rejects.toThrow(
      "don't know how to restore data location of torch.storage.UntypedStorage (tagged with abacus)",
    );
    expect(torch.webgpu.memoryAllocated()).toBe(before);
    await expect(load(file, () => 'webgpu')).rejects.toThrow("doesn't support float64");
  });

  it.each(['cpu', 'webgpu'])(
    "goes on training where another device's checkpoint ended, read to %s",
    async (to) => {
      const make = (device: string) => {
        torch.manualSeed(0);
        const net = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 1)).to(device);
        const optimizer = new optim.Adam(net.parameters(), { lr: 0.1 });
        const step = () => {
          optimizer.zeroGrad();
          net.forward(values.to(device)).square().sum().backward();
          optimizer.step();
        };
        return { net, optimizer, step };
      };
      const first = make('cpu');
      for (let i = 0; i < 3; i++) first.step();
      const file = await torch.save({ net: first.net.stateDict(), optimizer: first.optimizer.stateDict() });
      first.step();
      const second = make('webgpu');
      const state = (await torch.load(file, { mapLocation: to })) as {
        net: Tensors;
        optimizer: torch.optim.OptimizerStateDict;
      };
      second.net.loadStateDict(state.net);
      second.optimizer.loadStateDict(state.optimizer);
      second.step();
      for (const [name, value] of Object.entries(second.net.stateDict()))
        await expectSame(value, first.net.stateDict()[name]!, { rtol: 1e-4, atol: 1e-5 });
    },
  );

  it('on the device must be awaited before a module of the CPU takes it', async () => {
    const there = new nn.Linear(3, 2).to('webgpu');
    const here = new nn.Linear(3, 2);
    const before = here.weight.tolist();
    expect(() => here.loadStateDict(there.stateDict())).toThrow("await source.to('cpu').ready()");
    expect(here.weight.tolist()).toEqual(before);
  });
});

describe.skipIf(!hasAdapter)('other files and the GPU', () => {
  it('safetensors go there by the option device', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flambeau-webgpu-'));
    try {
      const file = join(folder, 'x.safetensors');
      const x = torch.arange(12).reshape(4, 3).float();
      await torch.safetensors.saveFile({ x, weight: torch.ones(2, 3), bias: torch.zeros(2) }, file);
      for (const device of ['webgpu', torch.device('webgpu', 0)]) {
        const loaded = await torch.safetensors.loadFile(file, { device });
        expect(String(loaded.x!.device)).toBe('webgpu:0');
        await expectSame(loaded.x!, x);
        await using opened = await torch.safetensors.safeOpen(file, { device });
        await expectSame(await opened.getTensor('x'), x);
        const rows = await opened.getSlice('x').index('1:3', 2);
        expect(rows.device.type).toBe('webgpu');
        await expectSame(rows, torch.tensor([5, 8]).float());
      }
      const net = new nn.Linear(3, 2).to('webgpu');
      await torch.safetensors.saveModel(net, file);
      const other = new nn.Linear(3, 2).to('webgpu');
      expect(await torch.safetensors.loadModel(other, file)).toEqual([[], []]);
      await expectSame(other.weight.detach(), await net.weight.detach().cpu().ready());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
