import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const script = fileURLToPath(new URL('support/train_steps.mjs', import.meta.url));

describe('memory', () => {
  it("of the user's may have no bytes at all", () => {
    const none = torch.fromNumpy(new Float32Array(0));
    const nowhere = torch.fromNumpy(new BigInt64Array(0));
    const shown = torch.zeros(0, 3);
    shown.numpy();
    for (const empty of [none, shown, torch.fromNumpy(new Float32Array(new SharedArrayBuffer(0)))]) {
      expect(empty.sum().item()).toBe(0);
      expect(empty.mean().item()).toBeNaN();
      expect(empty.gt(0).any().tolist()).toBe(false);
      expect(empty.softmax(0).shape).toEqual(empty.shape);
    }
    const table = torch.ones(3, 2);
    expect(table.indexSelect(0, nowhere).shape).toEqual([0, 2]);
    expect(table.index(nowhere).shape).toEqual([0, 2]);
    expect(torch.nn.functional.embedding(nowhere, table).shape).toEqual([0, 2]);
    expect(table.take(nowhere).shape).toEqual([0]);
    expect(torch.bincount(nowhere).shape).toEqual([0]);
    expect(torch.searchsorted(torch.ones(2), none).shape).toEqual([0]);
    expect(
      table.maskedSelect(torch.fromNumpy(new Uint8Array(0)).to(torch.bool).view([0, 1, 1])).shape,
    ).toEqual([0]);
    expect(shown.matmul(torch.ones(3, 2)).shape).toEqual([0, 2]);
    expect(none.uniform_().shape).toEqual([0]);
    const loss = torch.nn.functional.crossEntropy(shown, nowhere, { reduction: 'sum' } as never);
    expect(loss.item()).toBe(0);
  });

  // They would take a gigabyte or two if none of it came back. Native ones need 140 MB, however many they are; WebAssembly's grows in leaps.
  const [steps, most] = torch.backends.cpu.engine() === 'native' ? [4_000, 200] : [2_000, 400];
  it(`stays below ${most} MB in ${steps} training steps that never yield`, async () => {
    const { stdout } = await run(process.execPath, [script, String(steps), '4']);
    const { peakMegabytes, loss } = JSON.parse(stdout) as { peakMegabytes: number; loss: number };
    expect(Number.isFinite(loss)).toBe(true);
    expect(peakMegabytes).toBeLessThan(most);
  }, 900_000);

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
