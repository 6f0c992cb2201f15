import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Converted, converted } from './support/converted_programs.js';

const folder = fileURLToPath(new URL('./convert/public/', import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.py'))
  .map((name) => name.slice(0, -3));

/** Programs that are refused so far. */
const refused: ReadonlySet<string> = new Set([
  'dqn_cartpole',
  'gan_gaussians',
  'learning_by_examples',
  'lstm_forecasting',
  'makemore_mlp',
  'micrograd_nn',
  'nanogpt',
  'nn_tutorial',
  'reinforce',
  'resnet_scratch',
  'saliency',
  'snli',
  'tensors_tutorial',
  'time_sequence_prediction',
  'unet',
  'word_language_model',
]);

describe('programs that were written without the converter in mind', () => {
  let found = new Map<string, Converted>();

  beforeAll(async () => {
    found = await converted(
      'converted-public',
      new Map(names.map((name) => [name, readFileSync(`${folder}${name}.py`, 'utf8')])),
    );
  }, 240_000);

  it.each(names)('%s prints what PyTorch prints, or is refused at a line', (name) => {
    const { conversion, complaints, printed } = found.get(name)!;
    const errors = conversion.diagnostics.filter(({ severity }) => severity === 'error');
    // The compiler's word is one, too: nothing of these runs.
    if (refused.has(name)) {
      expect(errors.length + complaints.length).toBeGreaterThan(0);
      return;
    }
    expect(errors).toEqual([]);
    expect(complaints).toEqual([]);
    expect(printed).toBe(readFileSync(`${folder}${name}.txt`, 'utf8'));
  });
});
