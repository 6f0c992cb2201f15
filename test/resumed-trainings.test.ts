import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { type Facts, type Parameters, type State, Training } from './checkpoints/resumed_training.mjs';

/** Made by `checkpoints/resume.py record`, with PyTorch. */
const golden = JSON.parse(
  readFileSync(new URL('golden/resumed.json.golden', import.meta.url), 'utf8'),
) as Facts & { pairs: [string, string][]; file: string };
const recorded = (await torch.load(Buffer.from(golden.file, 'base64'), { weightsOnly: false })) as {
  before: State;
  after: Parameters;
}[];

describe('A training that PyTorch began', () => {
  it.each(golden.pairs.map((pair, i) => [...pair, i] as const))(
    'goes on alike: %s with %s',
    (optimizer, scheduler, i) => {
      const training = new Training(golden, optimizer, scheduler);
      training.load(recorded[i].before);
      training.train(golden.more);
      const { weight, bias } = training.differences(recorded[i].after);
      expect(weight).toBeLessThan(golden.tolerance);
      expect(bias).toBeLessThan(golden.tolerance);
    },
  );

  it('keeps the milestones of MultiStepLR, also through JSON', async () => {
    const begun = new Training(golden, 'SGD', 'MultiStepLR');
    begun.train(golden.first);
    const state = (await torch.load(await torch.save(begun.state()))) as State;
    const { milestones, ...rest } = state.scheduler as { milestones: Map<number, number> };
    const json = JSON.stringify({ ...rest, milestones: Object.fromEntries(milestones) });
    const resumed = new Training(golden, 'SGD', 'MultiStepLR');
    resumed.load({ ...state, scheduler: JSON.parse(json) as object });
    begun.train(golden.more);
    resumed.train(golden.more);
    expect(resumed.differences(begun)).toEqual({ weight: 0, bias: 0 });
  });
});
