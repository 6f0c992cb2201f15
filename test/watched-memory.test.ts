// Memory of the native engine's outside of JavaScript's heap: see src/backends/cpu/watched_memory.ts.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const script = fileURLToPath(new URL('support/kept_and_dropped.mjs', import.meta.url));
const MEBIBYTE = 2 ** 20;

describe.runIf(torch.backends.cpu.engine() === 'native')('large results', () => {
  it('that are dropped in a loop which never yields lie in the memory of earlier ones', () => {
    const [a, b] = [torch.ones(MEBIBYTE), torch.ones(MEBIBYTE)];
    const before = torch.memoryStats().reservedBytes;
    let sum = a;
    for (let i = 0; i < 500; i++) sum = a.add(b, { alpha: i });
    expect(sum.min().item()).toBe(500);
    // Of the 2,000 MiB that were handed out.
    expect(torch.memoryStats().reservedBytes - before).toBeLessThan(400 * MEBIBYTE);
  });

  it('that are kept hold their values while others come and go', () => {
    const kept: torch.Tensor[] = [];
    for (let i = 0; i < 200; i++) {
      const made = torch.full([64, 1024], i);
      if (i % 20 === 0) kept.push(made.t());
    }
    expect(kept.map((view) => [view.min().item(), view.max().item()])).toEqual(
      kept.map((_, i) => [20 * i, 20 * i]),
    );
  });

  it('leave the count of what is alive when they are collected', async () => {
    const { aliveBytes } = torch.memoryStats();
    for (let i = 0; i < 100; i++) torch.ones(MEBIBYTE);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (let i = 0; i < 8; i++) torch.ones(MEBIBYTE);
    expect(torch.memoryStats().aliveBytes - aliveBytes).toBeLessThan(200 * MEBIBYTE);
  });

  it('keep the bytes that the user was shown', () => {
    const shown: Float32Array[] = [];
    for (let i = 0; i < 40; i++) shown.push(torch.full([MEBIBYTE], i + 0.5).numpy().data as Float32Array);
    for (const [i, values] of shown.entries())
      expect([values[0], values[MEBIBYTE - 1]]).toEqual([i + 0.5, i + 0.5]);
  });

  // Every request for memory collects then, and what has died is overwritten, so that a use after that would show.
  it('are the same to the bit where all that is dead is overwritten at once', async () => {
    const results = await Promise.all(
      ['0', '1'].map((strict) =>
        run(process.execPath, [script], { env: { ...process.env, FLAMBEAU_STRICT_MEMORY: strict } }),
      ),
    );
    const [usual, strict] = results.map(({ stdout }) => JSON.parse(stdout) as unknown[]);
    expect(usual.length).toBeGreaterThan(10);
    expect(strict).toEqual(usual);
  }, 300_000);
});
