/** Phones and older browsers: one thread, no relaxed SIMD, a gigabyte of WebAssembly's memory. test/browsers.test.ts has the first two in WebKit. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { trainSmall } from './support/small_training.mjs';

const program = fileURLToPath(new URL('support/small_device.mjs', import.meta.url));
const GIBIBYTE = 2 ** 30;

describe('the plainest engine with a gigabyte', () => {
  it('trains as any other, and keeps more than fits into it', async () => {
    const pages = GIBIBYTE / 2 ** 16;
    const { stdout } = await promisify(execFile)(process.execPath, [
      `--wasm-max-mem-pages=${pages}`,
      program,
    ]);
    const { largest, engine, threads, sums, losses } = JSON.parse(stdout) as {
      largest: number;
      engine: string;
      threads: number;
      sums: number[];
      losses: number[];
    };
    expect({ largest, engine, threads }).toEqual({ largest: GIBIBYTE, engine: 'wasm', threads: 1 });
    expect(sums).toEqual([0, 50 * 2 ** 23, 95 * 2 ** 23]);
    const expected: number[] = trainSmall(torch);
    for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[i], 5);
  });
});
