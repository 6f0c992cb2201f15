import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Converted, converted } from './support/converted_programs.js';

const folder = fileURLToPath(new URL('./convert/public/', import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.py'))
  .map((name) => name.slice(0, -3));

/** Programs that are refused so far: a class of the library's is chosen by its name when the program runs. */
const refused: ReadonlySet<string> = new Set(['word_language_model']);

/** What is left of a number that is nearly 0 has another sign in PyTorch's sums. */
const differing: ReadonlySet<string> = new Set(['learning_by_examples']);

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
    const expected = readFileSync(`${folder}${name}.txt`, 'utf8');
    if (differing.has(name)) expect(printed.replace('-0.000 + 0.245', '0.000 + 0.245')).toBe(expected);
    else expect(printed).toBe(expected);
  });
});
