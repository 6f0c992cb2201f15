import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const script = fileURLToPath(new URL('support/train_steps.mjs', import.meta.url));

describe('memory', () => {
  // WebAssembly frees in finalizers, which run only when a loop yields.
  it.runIf(torch.backends.cpu.engine() === 'native')(
    'stays below 300 MB in 20,000 training steps that never yield',
    async () => {
      const { stdout } = await run(process.execPath, [script, '20000', '4']);
      const { peakMegabytes, loss } = JSON.parse(stdout) as { peakMegabytes: number; loss: number };
      expect(Number.isFinite(loss)).toBe(true);
      expect(peakMegabytes).toBeLessThan(300);
    },
    900_000,
  );

  it('of gradients is used again without harm to those that are kept', () => {
    const x = torch.ones(64, 64).requiresGrad_();
    const kept: torch.Tensor[] = [];
    for (let i = 1; i <= 20; i++) {
      x.grad = null;
      x.mul(i).exp().log().sum().backward();
      kept.push(x.grad!);
    }
    for (const [i, grad] of kept.entries()) {
      expect(grad.min().item()).toBeCloseTo(i + 1, 4);
      expect(grad.max().item()).toBeCloseTo(i + 1, 4);
    }
  });
});
