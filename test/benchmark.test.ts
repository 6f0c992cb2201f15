/** `torch.utils.benchmark`. Texts are what PyTorch prints of the same times (`golden/benchmark_measurements.py`). */
import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { Compare, Measurement, TaskSpec, Timer } = torch.utils.benchmark;

interface Recorded {
  readonly numberPerRun: number;
  readonly rawTimes: readonly number[];
  readonly task: Readonly<Record<string, string | number>>;
}
interface Golden {
  readonly singles: readonly (Recorded & { readonly text: string; readonly figures: number })[];
  readonly tables: readonly {
    readonly results: readonly Recorded[];
    readonly calls: readonly (readonly [name: string, args: readonly boolean[]])[];
    readonly text: string;
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('golden/benchmark.json.golden', import.meta.url), 'utf8'),
) as Golden;

function measured({ numberPerRun, rawTimes, task }: Recorded): InstanceType<typeof Measurement> {
  const { stmt, setup, label, sub_label, description, env, num_threads } = task as Record<string, never>;
  const taskSpec = new TaskSpec({
    stmt,
    setup,
    label,
    subLabel: sub_label,
    description,
    env,
    numThreads: num_threads ?? 1,
  });
  return new Measurement({ numberPerRun, rawTimes, taskSpec });
}

describe('a measurement', () => {
  it.each(golden.singles.map((one, i) => [i, one] as const))('prints as in PyTorch: %i', (_, one) => {
    // The address of an object there means nothing here.
    expect(String(measured(one))).toBe(one.text.replace(/ at 0x[0-9a-f]+>/, '>'));
    expect(measured(one).significantFigures).toBe(one.figures);
  });

  it('has statistics of the time of one run', () => {
    const one = measured({ numberPerRun: 2, rawTimes: [2, 4, 6, 8, 20], task: { stmt: 'x' } });
    expect(one.times).toEqual([1, 2, 3, 4, 10]);
    expect([one.median, one.mean, one.iqr]).toEqual([3, 4, 2]);
    expect([one.meetsConfidence(), one.meetsConfidence({ threshold: 0.7 }), one.hasWarnings]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('is joined with others of the same task', () => {
    const [first, second] = [1, 3].map((time) =>
      measured({ numberPerRun: 2, rawTimes: [time], task: { stmt: 'x', label: 'a' } }),
    );
    const other = measured({ numberPerRun: 1, rawTimes: [9], task: { stmt: 'x', label: 'b' } });
    const merged = Measurement.merge([first, other, second]);
    expect(merged.map(({ label, rawTimes }) => [label, rawTimes])).toEqual([
      ['a', [0.5, 1.5]],
      ['b', [9]],
    ]);
  });
});

describe('a table of measurements', () => {
  it.each(golden.tables.map((table, i) => [i, table] as const))('is as PyTorch\u2019s: %i', (_, table) => {
    const compare = new Compare(table.results.map(measured));
    const methods: Record<string, (...args: boolean[]) => void> = {
      trim_significant_figures: () => compare.trimSignificantFigures(),
      highlight_warnings: () => compare.highlightWarnings(),
      colorize: (...args) => compare.colorize(...args),
    };
    for (const [name, args] of table.calls) methods[name](...args);
    expect(String(compare)).toBe(table.text);
  });

  it('takes measurements only', () => {
    expect(() => new Compare([1 as never])).toThrow(
      'Expected an instance of `Measurement`, got int instead.',
    );
  });
});

/** A clock that code moves on, so that times are known. */
function clock() {
  const state = { now: 0, calls: 0 };
  return {
    state,
    timer: () => state.now,
    code: (seconds: number) => () => {
      state.now += seconds;
      state.calls++;
    },
  };
}

describe('a timer', () => {
  it('runs code as often as it is told, after a hundredth of that', () => {
    const { state, timer, code } = clock();
    const one = new Timer(code(0.25), { timer }).timeit(300);
    expect([one.numberPerRun, one.rawTimes, state.calls]).toEqual([300, [75], 303]);
    expect(one.median).toBe(0.25);
  });

  it('runs blocks that the clock counts for nothing in, for the time that it is given', () => {
    const { timer, code } = clock();
    const blocks: [number, number][] = [];
    const one = new Timer(code(2 ** -12), { timer }).blockedAutorange(
      (number, seconds) => blocks.push([number, seconds]),
      0.5,
    );
    expect(one.numberPerRun).toBe(10);
    expect(one.rawTimes.length).toBe(205);
    expect(blocks).toEqual(one.rawTimes.map((seconds) => [10, seconds]));
  });

  it('measures until times scatter little, or for as long as it may', () => {
    const { state, timer } = clock();
    const wild = () => {
      state.calls++;
      state.now += state.calls % 2 === 0 ? 4 : 1;
    };
    expect(new Timer(wild, { timer }).adaptiveAutorange({ maxRunTime: 40 }).rawTimes.length).toBeGreaterThan(
      10,
    );
    const steady = () => {
      state.now += 1;
    };
    expect(new Timer(steady, { timer }).adaptiveAutorange().rawTimes).toEqual([1, 1, 1, 1]);
  });

  it('gives code a copy of the globals, in which the setup puts more', () => {
    const globals = { x: torch.ones(2) };
    const seen: unknown[] = [];
    const timer = new Timer(
      ({ x, y }) => seen.push([x, y]),
      (all) => Object.assign(all, { y: 2 }),
      { globals },
    );
    timer.timeit(1);
    expect(seen[0]).toEqual([globals.x, 2]);
    expect(Object.keys(globals)).toEqual(['x']);
  });

  it('shows the source of the code', () => {
    const task = (fn: () => unknown) => new Timer(fn).timeit(1).stmt;
    const x = torch.ones(2);
    expect(task(() => x.add(1))).toBe('x.add(1)');
    expect(
      task(() => {
        const y = x.mul(2);
        return y.add(1);
      }),
    ).toBe('const y = x.mul(2);\nreturn y.add(1);');
  });

  it('has one thread meanwhile, unless told otherwise', () => {
    const before = torch.getNumThreads();
    const counts = new Set<number>();
    new Timer(() => counts.add(torch.getNumThreads())).timeit(1);
    expect([...counts]).toEqual([1]);
    expect(torch.getNumThreads()).toBe(before);
    expect(() => new Timer(() => 1, { numThreads: 0 })).toThrow('set_num_threads expects a positive integer');
  });

  it('waits for promises where it is asked to, and refuses them elsewhere', async () => {
    const { state, timer } = clock();
    const code = async () => {
      await null;
      state.now += 2;
    };
    expect((await new Timer(code, { timer }).timeitAsync(3)).rawTimes).toEqual([6]);
    expect((await new Timer(code, { timer }).blockedAutorangeAsync()).median).toBe(2);
    expect((await new Timer(code, { timer }).adaptiveAutorangeAsync()).median).toBe(2);
    expect(() => new Timer(code, { timer }).timeit(3)).toThrow(
      'the code returns a promise: measure it with timeitAsync',
    );
  });

  it('lets errors of the code through, and leaves threads as they were', () => {
    const before = torch.getNumThreads();
    const timer = new Timer(() => torch.ones(2).matmul(torch.ones(3)));
    expect(() => timer.blockedAutorange()).toThrow(torch.RuntimeError);
    expect(torch.getNumThreads()).toBe(before);
  });
});

describe('what a report of a fault says', () => {
  it('names the library, the engine and the machine', () => {
    const info = torch.utils.collectEnv.getEnvInfo();
    expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(info.threads).toBe(torch.getNumThreads());
    expect(info.runtime).toContain(process.versions.node);
    const text = torch.utils.collectEnv.getPrettyEnvInfo();
    for (const fact of [info.version!, info.engine, info.runtime, info.os, info.cpu, 'Is WebGPU available: '])
      expect(text).toContain(fact);
  });
});
