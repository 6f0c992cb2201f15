/** Results as text. */
import type { Row } from './events.js';
import type { Results, RowResult } from './results.js';
import { written } from './statistics.js';
import type { Study } from './study.js';

/** Rows by their names in words. */
export function rowTitle(row: Row, { networks, untuned }: Pick<Study, 'networks' | 'untuned'>): string {
  const titles: Readonly<Record<Row, string>> = {
    single: 'single network',
    control: 'single, by the students’ schedule',
    untuned: `single, learning rate ${untuned?.learningRate}`,
    'self-distilled': 'self-distilled',
    distilled: `distilled from ${networks}`,
    ensemble: `ensemble of ${networks}`,
    joint: `${networks} trained as one`,
  };
  return titles[row];
}

/** Percents with so many digits as their errors have something to say of. */
const digits = (scores: RowResult['scores']) => ('accuracy' in scores ? 2 : 1);

/** A table: scores of each row, and what the first of them gains over single networks. */
export function table(results: Results, study: Study): string {
  const rows = results.rows();
  if (rows.length === 0) return '';
  const names = Object.keys(rows[0].scores);
  const heads = ['', names[0], 'minus single', ...names.slice(1)];
  const lines = rows.map(({ row, scores, gain }) => {
    const places = digits(scores);
    const score = (name: string) => (name in scores ? written(scores[name], places) : '');
    const positive = gain?.error == null ? '' : ` (${gain.positive} of ${gain.of} positive)`;
    const difference = gain === null ? '' : written(gain, places, true) + positive;
    return [rowTitle(row, study), score(names[0]), difference, ...names.slice(1).map(score)];
  });
  const widths = heads.map((head, i) => Math.max(head.length, ...lines.map((line) => line[i].length)));
  return [heads, ...lines]
    .map((line) =>
      line
        .map((text, i) => text.padEnd(widths[i]))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
