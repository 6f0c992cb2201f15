import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import * as torch from '../src/index.js';

const { profiler } = torch;
const F = torch.nn.functional;
const { profile, recordFunction, schedule, ProfilerAction, ProfilerActivity } = profiler;

const net = () => {
  torch.manualSeed(0);
  return new torch.nn.Sequential(new torch.nn.Linear(4, 8), new torch.nn.ReLU(), new torch.nn.Linear(8, 2));
};
const x = torch.rand(3, 4);

/** A table with its times taken out. */
const form = (table: string) =>
  table
    .replace(/( *)([\d.]+(?:%|us|ms|s))(?=\s)/g, (text) => '#'.padStart(text.length))
    .replace(/total: +#/, 'total: #')
    .split('\n');

describe('a profile', () => {
  it('counts calls by name, each within the one that made it', async () => {
    const found = await profile(() => net().forward(x).sum().backward());
    const counts = new Map([...found.keyAverages()].map(({ key, count }) => [key, count]));
    expect(counts.get('aten::linear')).toBe(2);
    expect(counts.get('aten::addmm')).toBe(2);
    expect(counts.get('AddmmBackward0')).toBe(2);
    expect(counts.get('autograd::engine::evaluate_function: AddmmBackward0')).toBe(2);
    const linear = found.events().find(({ name }) => name === 'aten::linear')!;
    expect(linear.cpuChildren.map(({ name }) => name)).toEqual(['aten::t', 'aten::addmm']);
    expect(linear.cpuChildren.every(({ cpuParent }) => cpuParent === linear)).toBe(true);
    const node = found.events().find(({ name }) => name === 'AddmmBackward0')!;
    expect(node.cpuChildren.map(({ name }) => name)).toContain('aten::mm');
  });

  it('records the kernels that run without a profile', async () => {
    const norm = new torch.nn.LayerNorm(4);
    const output = norm.forward(torch.rand(3, 4)).sum();
    const profile = await torch.profiler.profile(() => output.backward());
    const names = profile.keyAverages().map((event) => event.key);
    expect(names).toContain('aten::_layer_norm_backward');
    expect(names).not.toContain('aten::rsqrt');
  });

  it('has times of which the own parts add up', async () => {
    const found = await profile(() => net().forward(x).sum().backward());
    const events = found.events();
    for (const event of events) {
      expect(event.selfCpuTimeTotal).toBeGreaterThanOrEqual(-1e-6);
      expect(event.timeRange.elapsedUs()).toBe(event.cpuTimeTotal);
    }
    const top = events.filter(({ cpuParent }) => cpuParent === null);
    const total = top.reduce((sum, { cpuTimeTotal }) => sum + cpuTimeTotal, 0);
    expect(found.selfCpuTimeTotal).toBeCloseTo(total, 3);
    expect(found.keyAverages().selfCpuTimeTotal).toBeCloseTo(total, 3);
    expect(found.totalAverage().count).toBe(events.length);
  });

  it("prints PyTorch's table", async () => {
    const found = await profile({ recordShapes: true, profileMemory: true }, () => {
      const y = x.mm(torch.ones(4, 2));
      recordFunction('relu it', () => y.relu());
    });
    const table = found.keyAverages({ groupByInputShape: true }).table();
    expect(form(table)).toEqual([
      '--------------  ------------  ------------  ------------  ------------  ------------  ------------  ------------  ------------  ----------------------------  ',
      '          Name    Self CPU %      Self CPU   CPU total %     CPU total  CPU time avg       CPU Mem  Self CPU Mem    # of Calls                  Input Shapes  ',
      '--------------  ------------  ------------  ------------  ------------  ------------  ------------  ------------  ------------  ----------------------------  ',
      '    aten::ones             #             #             #             #             #          32 B          32 B             1      [[], [], [], [], [], []]  ',
      '      aten::mm             #             #             #             #             #          24 B          24 B             1              [[3, 4], [4, 2]]  ',
      '       relu it             #             #             #             #             #          24 B           0 B             1                            []  ',
      '    aten::relu             #             #             #             #             #          24 B          24 B             1                      [[3, 2]]  ',
      '--------------  ------------  ------------  ------------  ------------  ------------  ------------  ------------  ------------  ----------------------------  ',
      'Self CPU time total: #',
      '',
    ]);
  });

  it('sorts, cuts and heads its table as it is told', async () => {
    const found = await profile(() => {
      for (let i = 0; i < 3; i++) x.exp();
      torch.nn.functional.linear(x, torch.ones(2, 4));
    });
    const names = (table: string) => table.split('\n').map((line) => line.trim().split(/ {2,}/)[0]);
    const most = found.keyAverages().table({ sortBy: 'count', rowLimit: 1, header: 'Calls', timeUnit: 'ms' });
    expect(names(most).slice(0, 2)).toEqual([expect.stringMatching(/^=+$/), 'Calls']);
    expect(names(most)[5]).toBe('aten::exp');
    expect(most).toMatch(/Self CPU time total: [\d.]+ms\n$/);
    expect(names(found.table({ topLevelEventsOnly: true }))).toEqual([
      expect.stringMatching(/^=+$/),
      'This report only display top-level ops statistics',
      expect.stringMatching(/^-+$/),
      'Name',
      expect.stringMatching(/^-+$/),
      'aten::exp',
      'aten::exp',
      'aten::exp',
      'aten::ones',
      'aten::linear',
      expect.stringMatching(/^-+$/),
      expect.stringMatching(/^Self CPU time total/),
      '',
    ]);
    expect(() => found.table({ sortBy: 'x' })).toThrow("'FunctionEvent' object has no attribute 'x'");
    expect((await profile(() => {})).table()).toBe('');
  });

  it('sees all of a function that awaits, and nothing of what runs beside it', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const run = profile(async () => {
      await gate;
      await recordFunction('part', async () => {
        await Promise.resolve();
        x.exp();
      });
    });
    await Promise.resolve();
    x.sin();
    open();
    const events = (await run).events();
    expect(events.map(({ name }) => name)).toEqual(['part', 'aten::exp']);
    expect(events[1].cpuParent).toBe(events[0]);
  });

  it('sees what passes other modes: vmap, autocast', async () => {
    const found = await torch.vmap((row: torch.Tensor) => {
      expect(row.shape).toEqual([4]);
      return row.exp();
    })(x);
    const inside = await profile(() => {
      torch.vmap((row: torch.Tensor) => row.exp())(x);
      torch.autocast('cpu', () => net().forward(x));
    });
    expect(found.shape).toEqual([3, 4]);
    const counts = new Map([...inside.keyAverages()].map(({ key, count }) => [key, count]));
    expect(counts.get('aten::exp')).toBe(1);
    expect(counts.get('aten::addmm')).toBe(2);
    const outside = await torch.autocast('cpu', () => profile(() => net().forward(x)));
    expect(outside.events().map(({ name }) => name)).toContain('aten::addmm');
  });

  it('shows steps of optimizers', async () => {
    const model = net();
    const optimizer = new torch.optim.SGD(model.parameters(), { lr: 0.1 });
    model.forward(x).sum().backward();
    const found = await profile(() => optimizer.step());
    expect(found.events()[0].name).toBe('Optimizer.step#SGD.step');
    expect(found.events()[0].cpuChildren.length).toBeGreaterThan(0);
  });

  it('starts and stops where a program says so', async () => {
    const made = await profile();
    expect(() => made.keyAverages()).toThrow('Profiler must be initialized before getting key averages');
    expect(() => made.stop()).toThrow('Profiler must be initialized before stopping trace');
    await expect(made.exportChromeTrace('x.json')).rejects.toThrow(
      'Profiler must be initialized before exporting chrome trace',
    );
    x.sin();
    made.start();
    x.exp();
    made.stop();
    x.cos();
    expect(made.events().map(({ name }) => name)).toEqual(['aten::exp']);
    expect(made.keyAverages()).toHaveLength(1);
  });

  it('follows a schedule', async () => {
    const ready: [step: number, counts: [string, number][]][] = [];
    await profile(
      {
        schedule: schedule({ wait: 1, warmup: 1, active: 2, repeat: 1 }),
        onTraceReady: (made) =>
          void ready.push([made.stepNum, made.keyAverages().map(({ key, count }) => [key, count])]),
      },
      (made) => {
        for (let i = 0; i < 6; i++) {
          x.exp();
          made.step();
        }
      },
    );
    expect(ready).toEqual([
      [
        4,
        [
          ['ProfilerStep*', 2],
          ['aten::exp', 2],
        ],
      ],
    ]);
  });

  it('writes a trace that viewers read', async () => {
    const found = await profile({ recordShapes: true }, () => recordFunction('all', () => x.exp()));
    const file = join(await mkdtemp(join(tmpdir(), 'flambeau-')), 'trace.json');
    await found.exportChromeTrace(file);
    const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as {
      traceEvents: Record<string, unknown>[];
    };
    const calls = traceEvents.filter(({ ph }) => ph === 'X');
    expect(calls.map(({ name, cat }) => [name, cat])).toEqual([
      ['all', 'user_annotation'],
      ['aten::exp', 'cpu_op'],
    ]);
    expect(calls[1].args).toMatchObject({ 'Input Dims': [[3, 4]] });
    const [all, exp] = calls as unknown as { ts: number; dur: number }[];
    expect(exp.ts).toBeGreaterThanOrEqual(all.ts);
    expect(exp.ts + exp.dur).toBeLessThanOrEqual(all.ts + all.dur);
  });

  it('counts operations as PyTorch does', async () => {
    const [a, b] = [torch.ones(4, 5), torch.ones(5, 6)];
    const [c, d] = [torch.ones(2, 3, 4), torch.ones(2, 4, 5)];
    const found = await profile({ withFlops: true }, () => {
      a.mm(b);
      torch.addmm(torch.ones(6), a, b);
      c.bmm(d);
      torch.baddbmm(torch.ones(2, 3, 5), c, d);
      F.conv2d(torch.ones(2, 4, 9, 9), torch.ones(6, 2, 3, 3), { groups: 2, stride: 2, padding: 1 });
      a.mul(a);
      a.add(1);
      a.exp();
    });
    const counts = found
      .events()
      .filter(({ flops, cpuParent }) => flops > 0 && cpuParent === null)
      .map(({ name, flops }) => [name, flops]);
    expect(counts).toEqual([
      ['aten::mm', 240],
      ['aten::addmm', 240],
      ['aten::bmm', 240],
      ['aten::baddbmm', 240],
      ['aten::conv2d', 10800],
      ['aten::mul', 20],
      ['aten::add', 20],
    ]);
    const lines = found.keyAverages().table().split('\n');
    expect(lines[1]).toMatch(/# of Calls {3}Total FLOPs {2}$/);
    expect(lines.find((line) => line.includes('aten::conv2d'))).toMatch(/ 1 {5}10800\.000 {2}$/);
    expect(lines.find((line) => line.includes('aten::exp'))).toMatch(/ 1 {12}-- {2}$/);
    expect((await profile(() => a.mm(b))).table()).not.toContain('FLOPs');
  });

  it('writes a trace for each recording where TensorBoard looks for them', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'flambeau-')), 'traces');
    const onTraceReady = torch.profiler.tensorboardTraceHandler(folder, { workerName: 'one', useGzip: true });
    const cycle = schedule({ wait: 0, warmup: 0, active: 1, repeat: 3 });
    await profile({ schedule: cycle, onTraceReady }, (found) => {
      found.addMetadata('model', 'small');
      found.addMetadataJson('sizes', '[1, 2]');
      for (let i = 0; i < 3; i++) {
        x.exp();
        found.step();
      }
      expect(() => found.addMetadataJson('sizes', '[1')).toThrow('the value of sizes is not JSON');
    });
    const files = readdirSync(folder);
    expect(files).toHaveLength(3);
    for (const file of files) {
      expect(file).toMatch(/^one\.\d+\.pt\.trace\.json\.gz$/);
      const trace = JSON.parse(gunzipSync(readFileSync(join(folder, file))).toString());
      expect(trace).toMatchObject({ model: 'small', sizes: [1, 2] });
      expect(JSON.stringify(trace.traceEvents)).toContain('aten::exp');
    }
  });

  it('is there as torch.autograd.profiler, too', async () => {
    const found = await torch.autograd.profiler.profile(() => x.exp());
    expect(found.functionEvents.map(String)[0]).toMatch(
      /^<FunctionEvent id=0 name=aten::exp cpu_time=[\d.]+(us|ms|s) /,
    );
    expect(String(found)).toBe(found.table());
    expect((await torch.autograd.profiler.profile(false, () => x.exp())).events()).toHaveLength(0);
  });

  it('fails as its function does, and records no more then', async () => {
    await expect(
      profile(() => {
        throw new torch.ValueError('mine');
      }),
    ).rejects.toThrow('mine');
    await expect(profile({ activities: [] }, () => {})).rejects.toThrow('No valid profiler activities found');
    await expect(profile({ activities: 3 as never }, () => {})).rejects.toThrow(
      "'int' object is not iterable",
    );
    expect(profiler.supportedActivities()).toEqual(new Set([ProfilerActivity.CPU]));
  });
});

describe('a schedule', () => {
  const { NONE, WARMUP, RECORD, RECORD_AND_SAVE } = ProfilerAction;

  it('says what to do at each step', () => {
    const of = schedule({ wait: 1, warmup: 1, active: 2, repeat: 2, skipFirst: 1 });
    const cycle = [NONE, WARMUP, RECORD, RECORD_AND_SAVE];
    expect(Array.from({ length: 12 }, (_, i) => of(i))).toEqual([NONE, ...cycle, ...cycle, NONE, NONE, NONE]);
    expect(() => of(-1)).toThrow('Step must be non-negative. Got -1.');
    expect(() => schedule({ wait: 1, warmup: 1, active: 0 })).toThrow(
      'Invalid profiler schedule arguments. Got wait=1 (need >= 0), warmup=1 (need >= 0), active=0 (need > 0), repeat=0 (need >= 0), skip_first=0 (need >= 0).',
    );
  });

  it('that ends a recording without saving it is warned of', async () => {
    const warned: string[] = [];
    vi.spyOn(console, 'warn').mockImplementation((text: string) => void warned.push(text));
    await profile({ schedule: (step) => (step === 0 ? RECORD : NONE) }, (made) => made.step());
    expect(warned).toEqual(['UserWarning: Incorrect schedule: RECORD followed by NONE']);
    vi.restoreAllMocks();
  });
});

describe('recordFunction', () => {
  it('gives what its function gives, with a profile or without', () => {
    expect(recordFunction('a', () => 1)).toBe(1);
    expect(recordFunction('a', 'args', () => 1)).toBe(1);
    expect(recordFunction({ name: 'a', fn: () => 1 })).toBe(1);
    expect(() => recordFunction('a', 'b' as never)).toThrow('must be callable');
  });
});
