import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Converted, converted } from './support/converted_programs.js';

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`./convert/${name}`, import.meta.url)), 'utf8');

/** The pieces of a text, by their titles. */
const pieces = (text: string): [title: string, piece: string][] =>
  text
    .split(/^# --- /m)
    .slice(1)
    .map((piece) => [piece.slice(0, piece.indexOf('\n')), piece.slice(piece.indexOf('\n') + 1)]);

const sources = pieces(read('unusual.py'));
const expected = new Map(pieces(read('unusual.txt')));

describe('unusual Python', () => {
  let found = new Map<string, Converted>();
  let same = 0;

  beforeAll(async () => {
    found = await converted(
      'converted-unusual',
      new Map(sources.map(([, source], i) => [`piece${i}`, source])),
    );
  }, 120_000);

  it.each(sources.map(([title], i) => [title, i] as const))(
    '%s: it is refused, or prints what Python prints',
    (title, i) => {
      const { conversion, complaints, printed } = found.get(`piece${i}`)!;
      const isTold = conversion.diagnostics.length > 0 || complaints.length > 0;
      const isOverflow = printed.includes('RAISED OverflowError');
      if (printed === expected.get(title)) same++;
      else if (!isTold && !isOverflow) expect(printed).toBe(expected.get(title));
    },
  );

  it('most of it is not refused', () => {
    expect(same / sources.length).toBeGreaterThan(0.7);
  });
});
