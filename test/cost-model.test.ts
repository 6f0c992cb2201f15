/** The model of what training costs on many processes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  allReduceTime,
  costTable,
  dataParallelCost,
  exchangeTime,
  fitLink,
  shardedCost,
  zeroCost,
} from '../examples/distributed/cost_model.js';

const link = { alpha: 2e-6, beta: 1e-10 };
const work = { parameters: 20e6, blocks: 10, compute: 0.09, states: 2 };

describe('The model of cost', () => {
  it('finds the α and β that times were made of', () => {
    for (const count of [2, 3, 8]) {
      const sizes = [8, 1024, 65_536, 4e6, 64e6];
      const found = fitLink(
        sizes.map((bytes) => [bytes, allReduceTime(bytes, count, link)] as const),
        count,
      );
      expect(found.alpha / link.alpha).toBeCloseTo(1, 6);
      expect(found.beta / link.beta).toBeCloseTo(1, 6);
    }
  });

  it('takes nothing but computing on one process', () => {
    for (const cost of [dataParallelCost, zeroCost, shardedCost])
      expect(cost(work, 1, link).time).toBe(work.compute);
  });

  it('hides behind the backward pass all but the last bucket, where there is time for it', () => {
    const last = allReduceTime(8e6, 4, link);
    expect(dataParallelCost(work, 4, link).time).toBeCloseTo(0.09 + last, 12);
    // A network ten times as slow: what is sent is all there is to wait for.
    const slow = { alpha: 2e-6, beta: 1e-8 };
    const all = 10 * allReduceTime(8e6, 4, slow);
    const hidden = (9 * (0.09 * 2)) / 3 / 10;
    expect(dataParallelCost(work, 4, slow).time).toBeCloseTo(0.09 + all - hidden, 12);
  });

  it('waits for gradients of sharded blocks', () => {
    const each = exchangeTime(8e6, 4, link);
    expect(shardedCost(work, 4, link).time).toBeCloseTo(0.09 + 12 * each, 12);
  });

  it('counts bytes', () => {
    expect(dataParallelCost(work, 8, link).memory).toBe(80e6 * 5);
    expect(zeroCost(work, 8, link).memory).toBe(80e6 * 3.25);
    expect(shardedCost(work, 8, link).memory).toBe(80e6 / 2 + 24e6);
  });

  it('is told as a table for 1 to 1,000 processes', () => {
    const lines = costTable(work, link).split('\n');
    expect(lines).toHaveLength(12);
    expect(lines[0].trim()).toMatch(/^processes +DDP: ms +computes +MB +ZeRO: ms/);
    expect(lines[1]).toMatch(/^ +1 +90\.0 +100 % +400\.0/);
    expect(lines[11]).toMatch(/^ +1000 /);
  });
});

describe('distributed:model', () => {
  const program = fileURLToPath(new URL('../dist/examples/distributed/model.js', import.meta.url));

  it('predicts from figures', () => {
    const output = execFileSync(
      process.execPath,
      [
        program,
        '--alpha',
        '2',
        '--bandwidth',
        '10',
        '--compute',
        '90',
        '--parameters',
        '20000000',
        '--blocks',
        '10',
      ],
      { encoding: 'utf8' },
    );
    expect(output).toContain('given: α = 2.00 µs a message, 1 / β = 10.00 GB/s; 90.0 ms of computing a step');
    expect(output).toContain(costTable(work, link));
  });

  it('wants two processes, or figures', () => {
    const { status, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('start two processes or more, or give --alpha and --bandwidth');
  });
});
