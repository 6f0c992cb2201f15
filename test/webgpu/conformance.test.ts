import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stemsOf } from '../../conformance/corpus.js';
import { torch } from '../../conformance/library.js';
import { agreement, type Outcome } from '../../conformance/report.js';
import { runVariant } from '../../conformance/run.js';
import { hasAdapter } from './device.js';

const corpus = fileURLToPath(new URL('../../../shared/conformance', import.meta.url));
const stems = stemsOf(corpus);
if (stems === null) console.warn('../shared/conformance is absent: the GPU is not tried on it.');
// The runner sees the built package, which has a device of its own.
if (hasAdapter && stems !== null) await torch.webgpu.init();

/**
 * One sample in ten of each op, of the dtypes that the device has. (`npm run conformance -- --device webgpu` tries them all.)
 */
const dtypes = ['float32', 'int64', 'bool'];
const every = 10;
/** PyTorch's own words on devices without float64. */
const refused = /doesn't support (float64|complex128)/;
/** Of what is not refused: the rest are positions among equal elements, which any order may give. */
const floor = 0.99;
/** With what is refused. */
const floorOfAll = 0.95;

describe.skipIf(!hasAdapter || stems === null)('the recorded operator database on the GPU', () => {
  it('passes nearly all that the CPU passes', { timeout: 300_000 }, async () => {
    const [cpu, gpu]: [Outcome[], Outcome[]] = [[], []];
    for (const stem of stems!) {
      gpu.push(await runVariant(corpus, stem, { dtypes, every, device: 'webgpu' }));
      cpu.push(await runVariant(corpus, stem, { dtypes, every }));
    }
    const why = gpu.flatMap(({ failures }) => failures.map((f) => `${f.stem} ${f.id}: ${f.why}`)).join('\n');
    const withoutRefusals = gpu.map((outcome) => ({
      ...outcome,
      failures: outcome.failures.filter((f) => !refused.test(f.why)),
    }));
    const share = (outcomes: readonly Outcome[], dtype: string): number => {
      const [both, all] = agreement(cpu, outcomes)[dtype]!;
      expect(all, dtype).toBeGreaterThan(100);
      return both / all;
    };
    for (const dtype of dtypes) {
      expect(share(gpu, dtype), `${dtype}\n${why}`).toBeGreaterThanOrEqual(floorOfAll);
      expect(share(withoutRefusals, dtype), `${dtype}\n${why}`).toBeGreaterThanOrEqual(floor);
    }
  });
});
