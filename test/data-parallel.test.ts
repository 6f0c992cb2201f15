/**
 * Trainings on 1, 2 and 4 ranks, which are threads here, beside PyTorch's over gloo (test/golden/data_parallel.py), and what is refused.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';
import { describe, expect, it } from 'vitest';
import { programsOf } from './support/data_parallel_programs.mjs';
import { difference, golden } from './support/golden.js';
import { runRanks } from './support/thread_ranks.mjs';

interface Result {
  readonly losses: number[];
  readonly norms: number[];
  readonly mean?: number[];
  readonly stats?: number[];
  readonly buffers?: unknown;
}
type ByProgram<T> = Readonly<Record<string, T>>;

const recorded = golden<ByProgram<Readonly<Record<number, readonly Result[]>>>>('data_parallel');
const program = new URL('./support/data_parallel_programs.mjs', import.meta.url);

async function run<T = ByProgram<Result>>(
  size: number,
  given: readonly string[],
  blocks = true,
): Promise<T[]> {
  const answers = await runRanks(size, program, { blocks, given });
  for (const { error } of answers) expect(error).toBe(undefined);
  return answers.map(({ result }) => result as T);
}

const all = Object.keys(recorded);
/** A forward pass within `join` waits for buffers. */
const withoutJoin = all.filter((name) => !name.startsWith('joined'));

describe('Data-parallel training', { timeout: 180_000 }, () => {
  it.each([
    [1, true, all],
    [2, true, all],
    [4, true, all],
    [2, false, withoutJoin],
  ] as const)('goes as PyTorch’s on %i ranks, whose backend blocks: %s', async (size, blocks, names) => {
    const results = await run(size, names, blocks);
    for (const name of names)
      for (const [rank, expected] of recorded[name][size].entries()) {
        const actual = results[rank][name];
        const where = `${name}, rank ${rank}`;
        expect(difference(actual.losses.slice(0, 2), expected.losses.slice(0, 2)), where).toBeLessThan(1e-6);
        expect(difference(actual.losses, expected.losses), where).toBeLessThan(1e-5);
        // Adam magnifies what is left of gradients that are zero.
        expect(difference(actual.norms, expected.norms), where).toBeLessThan(name === 'gpt' ? 1e-3 : 1e-5);
        // Without blocking buffers are sent after the backward pass, not before the next forward pass.
        if (blocks) expect(difference(actual.mean ?? [], expected.mean ?? []), where).toBeLessThan(1e-6);
        expect(actual.stats, where).toEqual(expected.stats);
        expect(actual.norms, where).toEqual(results[0][name].norms);
      }
  });

  it('goes as that of one process on the joined batch', async () => {
    const names = ['tutorial', 'gpt', 'accumulated', 'syncNormed'];
    const alone = programsOf({ torch, dist, parallel: false });
    for (const size of [2, 4]) {
      const ranks = await run(
        size,
        names.filter((name) => name !== 'accumulated'),
      );
      for (const name of Object.keys(ranks[0])) {
        const expected = (await alone[name]()) as Result;
        const means = expected.losses.map(
          (_, i) => ranks.reduce((sum, rank) => sum + rank[name].losses[i], 0) / size,
        );
        expect(difference(means.slice(0, 3), expected.losses.slice(0, 3)), name).toBeLessThan(1e-6);
        expect(difference(means, expected.losses), name).toBeLessThan(1e-5);
        const numbers = (of: Result) => [of.buffers ?? []].flat(3).map(Number);
        expect(difference(numbers(ranks[size - 1][name]), numbers(expected)), name).toBeLessThan(1e-5);
      }
    }
  });

  it('goes so with a Trainer, too, of which the first process logs', async () => {
    interface Trained {
      readonly weights: number[];
      readonly loss: number;
      readonly logs: number;
    }
    const alone = (await programsOf({ torch, dist, parallel: false }).trainer()) as Trained;
    const ranks = await run<{ trainer: Trained }>(2, ['trainer']);
    for (const [rank, { trainer }] of ranks.entries()) {
      expect(difference(trainer.weights, alone.weights)).toBeLessThan(1e-6);
      expect(trainer.loss).toBeCloseTo(alone.loss, 5);
      expect(trainer).toMatchObject({ steps: 6, isFirst: rank === 0, epoch: 2 });
      expect(trainer.logs).toBe(rank === 0 ? alone.logs : 0);
    }
    expect(alone.logs).toBeGreaterThan(0);
  });

  it('goes alike with hooks that send less, or take their time', async () => {
    const names = ['tutorial', 'brainHalf', 'wrappedHalf', 'batchedPowerSGD', 'asyncHook'];
    const [{ tutorial, ...others }] = await run(2, names);
    for (const [name, { losses }] of Object.entries(others)) {
      expect(losses.slice(0, 2), name).toEqual(
        tutorial.losses.slice(0, 2).map((loss) => expect.closeTo(loss, 4)),
      );
      expect(difference(losses, tutorial.losses), name).toBeLessThan(name === 'asyncHook' ? 1e-6 : 1e-2);
    }
    expect(others.brainHalf.losses).not.toEqual(tutorial.losses);
  });

  it.each([true, false])('refuses what would go wrong, on a backend that blocks: %s', async (blocks) => {
    const [zero, one] = (await run<{ errors: ByProgram<string> }>(2, ['errors'], blocks)).map(
      (r) => r.errors,
    );
    const model = 'RuntimeError: DDP expects same model across all ranks, but Rank';
    expect(zero.shapes).toContain('[0]: params in process 1 appear not to match sizes');
    expect(one.shapes).toBe(
      'RuntimeError: [1]: params[0] in this process with sizes [2, 3] appears not to match sizes of the same param in process 0.',
    );
    expect(one.dimensions).toContain('with sizes [2, 2, 1] appears not to match');
    expect(zero.counts).toContain(`${model} 0 has 2 params, while rank 1 has inconsistent`);
    expect(one.counts).toContain(`${model} 1 has 1 params, while rank 0 has inconsistent 2 params.`);
    expect(zero.sparse).toContain('reduces no sparse gradients, as weight has one');
    for (const name of ['step', 'finish', 'again']) {
      expect(zero[name]).toContain('Expected to have finished reduction in the prior iteration');
      expect(zero[name]).toContain('did not receive grad for rank 0: idle.weight, idle.bias');
      expect(one[name]).toContain('Parameter indices which did not receive grad for rank 1: 2 3');
    }
    expect(zero.twice).toContain('Expected to mark a variable ready only once.');
    const wait = blocks ? 'nothing' : 'the gradients are still being reduced: `await ddp.finish()`';
    for (const name of ['unawaited', 'gradient', 'forward']) expect(zero[name]).toContain(wait);
    expect(zero.gradients).toEqual([
      [1, 1],
      [1, 1],
    ]);
    if (!blocks) return;
    expect(zero.outOfInputs).toBe('RuntimeError: Rank 0 exhausted all inputs.');
    expect(one.outOfInputs).toContain('Detected at least one rank that exhausted inputs.');
  });
});

describe('npm run distributed', () => {
  const example = (name: string) =>
    fileURLToPath(new URL(`../dist/examples/${name}/main.js`, import.meta.url));

  it.each([
    ['distributed', ['--strategy', 'ddp'], 'ddp', 'cifar_net.pt'],
    ['distributed', ['--strategy', 'fsdp'], 'fsdp', 'cifar_net.pt'],
    ['distributed', ['--network', 'gpt', '--strategy', 'zero'], 'zero', 'small_gpt.pt'],
    ['blitz', ['--distributed', '--batch-size', '32'], 'ddp', 'cifar_net.pt'],
  ])('trains on the processes that were started: %s %o', (name, args, strategy, file) => {
    const out = mkdtempSync(join(tmpdir(), 'flambeau-distributed-'));
    try {
      const all = ['--conditions=module', example(name), ...args, '--epochs', '1', '--out', out];
      const printed = execFileSync(process.execPath, all, { encoding: 'utf8' });
      const head = new RegExp(
        `1 processes \\(single, ${strategy}\\), 32 of 32 \\w+ each a step\nepoch 1/1: loss \\d\\.\\d{4}`,
      );
      expect(printed).toMatch(head);
      expect(/accuracy/.test(printed)).toBe(file === 'cifar_net.pt');
      expect(readdirSync(out)).toEqual([file]);
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});

describe('DistributedDataParallel of one process', () => {
  const wrapped = async (use: (net: torch.nn.Linear) => unknown): Promise<void> => {
    await dist.initProcessGroup('single');
    try {
      await use(new torch.nn.Linear(2, 1));
    } finally {
      await dist.destroyProcessGroup();
    }
  };

  it('names parameters as PyTorch’s, and keeps what a module gives', () =>
    wrapped((net) => {
      const ddp = new dist.DistributedDataParallel(net);
      expect(Object.keys(ddp.stateDict())).toEqual(['module.weight', 'module.bias']);
      expect(ddp.forward(torch.ones(3, 2)).shape).toEqual([3, 1]);
    }));

  it('is what DistributedSampler asks', () =>
    wrapped(() => {
      const { numReplicas, rank } = new torch.utils.data.DistributedSampler([1, 2, 3]);
      expect([numReplicas, rank]).toEqual([1, 0]);
    }));

  it.each([
    ['a module without parameters', () => new torch.nn.ReLU(), "module doesn't have any parameter"],
    [
      'frozen parameters',
      () => new torch.nn.Linear(1, 1).requiresGrad_(false),
      "module doesn't have any parameter",
    ],
    [
      'a module that is wrapped already',
      () => new torch.nn.Sequential(new dist.DistributedDataParallel(new torch.nn.Linear(1, 1))),
      'is or contains a DistributedDataParallel',
    ],
    ['uninitialized parameters', () => new torch.nn.LazyLinear(1), 'Modules with uninitialized parameters'],
    [
      'parameters on several kinds of devices',
      () => new torch.nn.Sequential(new torch.nn.Linear(1, 1), new torch.nn.Linear(1, 1, { device: 'meta' })),
      'must be on the same type of devices',
    ],
  ])('refuses %s', (_, make, message) =>
    wrapped(() => expect(() => new dist.DistributedDataParallel(make())).toThrow(message)),
  );

  it('refuses a second hook, and devices', () =>
    wrapped((net) => {
      const ddp = new dist.DistributedDataParallel(net);
      ddp.registerCommHook(null, dist.allreduceHook);
      expect(() => ddp.registerCommHook(null, dist.allreduceHook)).toThrow('can only be called once');
      expect(() => new dist.DistributedDataParallel(net, [0])).toThrow('deviceIds and outputDevice');
      expect(() => new dist.PowerSGDState(null, { startPowerSgdIter: 1 })).toThrow(
        'Expect `startPowerSgdIter` > 1',
      );
    }));

  it('fills buckets in the order in which gradients come, the first with less', () =>
    wrapped(() => {
      const { nn } = torch;
      const net = new nn.Sequential(...[300, 300, 10].map((n, i) => new nn.Linear([300, 300, 300][i], n)));
      const ddp = new dist.DistributedDataParallel(net, { bucketCapMbList: [0.01, 0.3, 25] });
      const seen: number[][][] = [];
      ddp.registerCommHook(null, (group, bucket) => {
        seen.push(bucket.parameters().map((parameter) => [...parameter.shape]));
        expect([bucket.isLast(), bucket.index()]).toEqual([
          seen.length === 1 || seen.length === 4,
          seen.length === 1 ? 0 : seen.length - 2,
        ]);
        return dist.allreduceHook(group as null, bucket);
      });
      for (let i = 0; i < 2; i++) ddp.forward(torch.ones(1, 300)).sum().backward();
      // One bucket of all in the first iteration, which shows the order.
      expect(seen.map((shapes) => shapes.length)).toEqual([6, 2, 2, 2]);
      expect(seen[1].flat(2).sort()).toEqual([10, 10, 300].sort());
    }));

  it('puts SyncBatchNorm in the place of batch norms', () =>
    wrapped(() => {
      const { nn } = torch;
      const net = new nn.Sequential(new nn.Linear(2, 3), new nn.Sequential(new nn.BatchNorm1d(3)));
      const converted = dist.SyncBatchNorm.convertSyncBatchnorm(net);
      expect(converted).toBe(net);
      expect(String(converted)).toContain(
        '(0): SyncBatchNorm(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)',
      );
      expect(dist.SyncBatchNorm.convertSyncBatchnorm(new nn.BatchNorm2d(2))).toBeInstanceOf(
        dist.SyncBatchNorm,
      );
      expect(converted.forward(torch.ones(4, 2)).shape).toEqual([4, 3]);
      expect(() => new dist.SyncBatchNorm(3).forward(torch.ones(3))).toThrow('expected at least 2D input');
    }));
});
