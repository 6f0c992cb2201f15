/** Begins each of the files that share a process with the library's first random numbers, and fails one that leaves the library's settings changed. */
import { afterAll, beforeAll, expect } from 'vitest';
import { isShared } from './own_process.js';

type Library = typeof import('../../src/index.js');

/** What a file may change for others. */
const settings = (torch: Library) => ({
  grad: torch.isGradEnabled(),
  inference: torch.isInferenceModeEnabled(),
  anomalies: torch.isAnomalyEnabled(),
  deterministic: torch.areDeterministicAlgorithmsEnabled(),
  autocast: torch.isAutocastEnabled('cpu'),
  warnings: torch.isWarnAlwaysEnabled(),
  threads: torch.getNumThreads(),
  printing: { ...torch.getPrintoptions() },
  dtype: String(torch.getDefaultDtype()),
  device: String(torch.getDefaultDevice()),
});

/** PyTorch's first seed. */
const firstSeed = 67280421310721n;

// Lines outside of tests change settings, too: the file is imported after this one, and before its hooks run.
if (isShared(expect.getState().testPath!)) {
  const torch = await import('../../src/index.js');
  const before = settings(torch);
  beforeAll(() => void torch.manualSeed(firstSeed));
  afterAll(() => expect(settings(torch)).toEqual(before));
}
