/** Figures of all kinds of networks, with their errors. */
import type { Results, RowResult } from '../../examples/mysteries/results.js';
import { type Estimate, written } from '../../examples/mysteries/statistics.js';
import { element } from '../page/element.js';
import { words } from './words.js';

/** Bars begin where the differences can be seen. */
const leastOf = (rows: readonly RowResult[], name: string) =>
  Math.max(0, 10 * Math.floor((Math.min(...rows.map(({ scores }) => scores[name].mean)) - 5) / 10));

export function resultTable(results: Results, networks: number, replicates: number): HTMLElement {
  const rows = results.rows();
  const names = Object.keys(rows[0].scores);
  const [first, ...others] = names;
  const digits = first === 'accuracy' ? 2 : 1;
  const least = leastOf(rows, first);
  const heading = (text: string, attributes = {}) => element('th', { scope: 'col', ...attributes }, text);
  const ofScore = (name: string) => ({ 'data-score': name });
  return element(
    'table',
    { class: 'results' },
    element('caption', {}, words.resultsOf(replicates)),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        heading(words.row),
        heading(words.scores[first]),
        heading(words.minusSingle),
        ...others.map((name) => heading(words.scores[name], ofScore(name))),
        element('td', { class: 'bar' }),
      ),
    ),
    element(
      'tbody',
      {},
      ...rows.map(({ row, scores, gain }) =>
        element(
          'tr',
          { 'data-row': row },
          element(
            'th',
            { scope: 'row' },
            element('span', { class: `colour of-${row}`, 'aria-hidden': 'true' }),
            words.rowTitle(row, networks),
          ),
          element('td', ofScore(first), written(scores[first], digits)),
          element('td', ofScore('gain'), gain === null ? '' : written(gain, digits, true)),
          ...others.map((name) =>
            element('td', ofScore(name), scores[name] === undefined ? '' : written(scores[name], 1)),
          ),
          element('td', { class: 'bar', 'aria-hidden': 'true' }, bar(row, scores[first], least)),
        ),
      ),
    ),
  );
}

/** A bar from `least` to 100, with a line as long as two standard errors at its end. */
function bar(row: string, { mean, error }: Estimate, least: number): HTMLElement {
  const at = (value: number) => (100 * (Math.min(Math.max(value, least), 100) - least)) / (100 - least);
  const filled = element('span', { class: `filled of-${row}`, style: `width: ${at(mean)}%` });
  if (error === null) return element('span', { class: 'place' }, filled);
  const [from, to] = [at(mean - error), at(mean + error)];
  const whisker = element('span', { class: 'whisker', style: `left: ${from}%; width: ${to - from}%` });
  return element('span', { class: 'place' }, filled, whisker);
}
