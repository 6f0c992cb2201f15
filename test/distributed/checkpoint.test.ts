/** Checkpoints of many processes: resharding, PyTorch's format both ways, and what is refused. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as torch from 'flambeau';
import { checkpoint } from 'flambeau/distributed';
import { describe, expect, it, vi } from 'vitest';
import { exchange, python } from '../support/python.js';
import { byRanks } from '../support/ranks.js';
import { runRanks } from '../support/thread_ranks.mjs';

const programs = new URL('./checkpoint_programs.mjs', import.meta.url);
const { at, run } = exchange();

describe('A checkpoint', () => {
  it.each([
    [1, 2],
    [2, 4],
    [4, 1],
  ])('that %i ranks save, %i ranks load', async (saving, loading) => {
    const folder = at(`by${saving}`);
    await byRanks(saving, programs, 'save', { folder, seed: 7 });
    const files = readdirSync(folder).sort();
    expect(files).toEqual([
      '.metadata',
      ...Array.from({ length: saving }, (_, rank) => `__${rank}_0.distcp`),
    ]);
    expect(await byRanks(loading, programs, 'load', { folder, seed: 7 })).toEqual(Array(loading).fill(true));
  });

  it('takes the place of another in one step', async () => {
    const folder = at('again');
    await checkpoint.save({ x: torch.ones(2) }, { checkpointId: folder });
    await checkpoint.save({ x: torch.zeros(2) }, { checkpointId: folder });
    expect(readdirSync(folder).sort()).toEqual(['.metadata', '__0_1.distcp']);
    await expect(
      checkpoint.save(
        { x: torch.ones(2) },
        { storageWriter: new checkpoint.FileSystemWriter(folder, { overwrite: false }) },
      ),
    ).rejects.toThrow('Checkpoint already exists and overwrite=false.');
    const state = { x: torch.ones(2) };
    await checkpoint.load(state, { checkpointId: folder });
    expect(state.x.tolist()).toEqual([0, 0]);
  });

  it('fails on all ranks if it fails on one, and leaves the one before as it was', async () => {
    const folder = at('fails');
    await checkpoint.save({ x: torch.ones(2) }, { checkpointId: folder });
    const before = readdirSync(folder);
    const texts = await byRanks<string>(2, programs, 'saveOneFails', { folder });
    for (const text of texts) expect(text).toContain('(RANK 1) TypeError: own1 is a function');
    expect(readdirSync(folder)).toEqual(before);
  });

  it('is not touched by one that a full disk stops', async () => {
    const checkpointId = at('full');
    await checkpoint.save({ x: torch.ones(2) }, { checkpointId });
    const before = readdirSync(checkpointId);
    const handle = await open(join(checkpointId, '.metadata'));
    const files = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    const { writeFile } = files;
    for (let whole = 0; ; whole++) {
      let left = whole;
      const spy = vi.spyOn(files, 'writeFile').mockImplementation(async function (
        this: typeof handle,
        ...args
      ) {
        if (left-- <= 0) {
          await writeFile.call(this, 'half');
          throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        }
        return writeFile.apply(this, args);
      });
      const error = await checkpoint.save({ x: torch.zeros(2) }, { checkpointId }).then(
        () => null,
        (reason: Error) => reason,
      );
      spy.mockRestore();
      if (error === null) break;
      expect(error.message).toContain('ENOSPC');
      expect(readdirSync(checkpointId)).toEqual(before);
      const state = { x: torch.zeros(2) };
      await checkpoint.load(state, { checkpointId });
      expect(state.x.tolist()).toEqual([1, 1]);
    }
    expect(readdirSync(checkpointId).sort()).toEqual(['.metadata', '__0_1.distcp']);
  });

  it('is refused where something is missing, of another size, cut short or damaged', async () => {
    const folder = at('damaged');
    const checkpointId = folder;
    await checkpoint.save({ x: torch.arange(100), n: 3 }, { checkpointId });
    const load = (state: Record<string, unknown>) => checkpoint.load(state, { checkpointId });
    await expect(load({ y: torch.ones(2) })).rejects.toThrow('Missing key in checkpoint state_dict: y.');
    await expect(load({ x: torch.ones(2) })).rejects.toThrow(
      'Size mismatch between saved [100] and current: [2] for x',
    );
    await expect(load({ n: torch.ones(2) })).rejects.toThrow('n is a tensor, and none in the checkpoint');
    await expect(load({ x: null })).rejects.toThrow('there must be one here that it is loaded into');
    await checkpoint.load(
      { y: torch.ones(2) },
      {
        storageReader: new checkpoint.FileSystemReader(folder),
        planner: new checkpoint.DefaultLoadPlanner({ allowPartialLoad: true }),
      },
    );
    const file = join(folder, '__0_0.distcp');
    const whole = readFileSync(file);
    truncateSync(file, whole.length - 1);
    const x = torch.zeros(100, { dtype: torch.int64 });
    await expect(load({ x, n: 0 })).rejects.toThrow('was cut short');
    writeFileSync(file, Buffer.alloc(whole.length));
    await expect(load({ x, n: 0 })).rejects.toThrow('is damaged');
    expect(x.sum().item()).toBe(0);
    rmSync(file);
    await expect(load({ x, n: 0 })).rejects.toThrow('lacks its file __0_0.distcp');
    await expect(checkpoint.load({ x }, { checkpointId: at('nowhere') })).rejects.toThrow(
      'there is no .metadata',
    );
  });

  it('is refused where its metadata makes no sense', async () => {
    const folder = at('hostile');
    await checkpoint.save({ x: torch.arange(100) }, { checkpointId: folder });
    const file = join(folder, '.metadata');
    const metadata = readFileSync(file);
    const load = () => checkpoint.load({ x: torch.zeros(100) }, { checkpointId: folder });
    for (const [from, to, error] of [
      ['__0_0.distcp', '../x.distcp/', 'is no name of a file of a checkpoint'],
      ['torch\nSize', 'tarch\nSize', 'a size is described wrongly'],
      ['relative_path', 'relative_bath', 'is no name of a file'],
      ['TensorStorageMetadata', 'TensorStorageNetadata', 'there is no TensorStorageMetadata'],
    ]) {
      const text = metadata.toString('latin1');
      expect(text).toContain(from);
      writeFileSync(file, text.replaceAll(from, to), 'latin1');
      await expect(load()).rejects.toThrow(error);
    }
    for (let length = 0; length < metadata.length; length += 13) {
      writeFileSync(file, metadata.subarray(0, length));
      await expect(load()).rejects.toThrow('.metadata is damaged');
    }
    writeFileSync(file, metadata);
    await load();
  });
});

describe('asyncSave', () => {
  it('saves what was there when it was called, while training goes on', async () => {
    const folder = at('async');
    const program = new URL('./async_save_programs.mjs', import.meta.url);
    for (const { error, result } of await runRanks(2, program, { given: { folder } })) {
      expect(error).toBe(undefined);
      expect(result).toEqual({
        first: [1.5, 1.5, 1.5],
        own: [0, 1, 2, 3, 4, 5],
        list: [1, 2],
        second: [7, 7, 7],
        error: expect.stringContaining('(RANK 1) TypeError: bad is a function'),
      });
    }
  });

  it('is called with values that can be saved', async () => {
    expect(() => new checkpoint.DefaultSavePlanner({ enablePlanCaching: true })).toThrow(
      'plans are made anew',
    );
    await expect(checkpoint.asyncSave({ x: 1 })).rejects.toThrow('`checkpointId` must be specified');
    const checkpointId = at('nested');
    const planner = new checkpoint.DefaultSavePlanner({ flattenStateDict: false });
    await checkpoint.save({ m: { x: torch.ones(2) } }, { checkpointId, planner });
    const state = { m: {} as Record<string, unknown> };
    await checkpoint.load(state, {
      checkpointId,
      planner: new checkpoint.DefaultLoadPlanner({ flattenStateDict: false }),
    });
    expect(String(state.m.x)).toBe('tensor([1., 1.])');
  });
});

describe.runIf(python !== undefined)("PyTorch's checkpoints", () => {
  it('are loaded', async () => {
    const folder = at('of-pytorch');
    run(`
import torch, torch.distributed.checkpoint as dcp
dcp.save({'w': torch.arange(6.).reshape(2, 3).T, 'n': 3, 'l': [torch.ones(2), 'x', {'a': 1.5}], 'm': {'b': torch.tensor(2), 'i': {0: torch.ones(1)}},
  'h': torch.arange(4).bfloat16()}, checkpoint_id='${folder}')`);
    const state = {
      w: torch.zeros(3, 2),
      n: 0,
      l: [torch.zeros(2), '', { a: 0 }],
      m: { b: torch.tensor(0), i: new Map([[0, torch.zeros(1)]]) },
      h: torch.zeros(4, { dtype: torch.bfloat16 }),
    };
    await checkpoint.load(state, { checkpointId: folder });
    expect(state.w.tolist()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect([state.n, state.l[1], state.l[2], state.m.b.item(), state.m.i.get(0)!.item()]).toEqual([
      3,
      'x',
      { a: 1.5 },
      2,
      1,
    ]);
    expect(state.h.float().tolist()).toEqual([0, 1, 2, 3]);
  });

  it('are what it loads of ours', async () => {
    const folder = at('for-pytorch');
    await byRanks(2, programs, 'save', { folder, seed: 7 });
    const printed = run(`
import torch, torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save
state = {'model': torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Linear(7, 3)).state_dict(), 'step': 0, 'list': [torch.zeros(2), '']}
dcp.load(state, checkpoint_id='${folder}')
print(state['step'], state['list'])
dcp_to_torch_save('${folder}', '${at('whole.pt')}')
whole = torch.load('${at('whole.pt')}')
print(whole['plain'], whole['optimizer']['param_groups'][0]['lr'], torch.equal(whole['model']['1.weight'], state['model']['1.weight']))`);
    expect(printed.trim()).toBe("7 [tensor([7., 7.]), 'text']\n[1, 2, 3] 0.1 True");
  });
});
