/** Which features each network has learned: a row for each, with two squares for each class. */

import type { Measured, Row } from '../../examples/mysteries/events.js';
import { classCount, learnedFrom } from '../../examples/mysteries/feature_counts.js';
import { element } from '../page/element.js';
import { words } from './words.js';

/** As dark as it gets. */
const darkest = 2.4 * learnedFrom;

/** Networks in the order in which they are compared. */
const order: readonly Row[] = ['single', 'ensemble', 'distilled', 'self-distilled', 'control', 'joint'];

export function featureTable(measured: readonly Measured[], networks: number): HTMLElement {
  const heading = (text: string, unseen = '') =>
    element('th', { scope: 'col' }, text, element('span', { class: 'unseen' }, unseen));
  const classes = Array.from({ length: classCount }, (_, i) => i);
  const groups = order.flatMap((row) => {
    const found = measured.filter((one) => one.row === row && one.strengths !== null);
    // An ensemble of more networks takes the place of one of fewer.
    const shown = row === 'ensemble' ? found.slice(-1) : found;
    if (shown.length === 0) return [];
    const size = row === 'ensemble' ? shown[0].network + 1 : networks;
    const title = row === 'single' ? words.members : words.rowTitle(row, size);
    const head = element('th', { scope: 'rowgroup', colspan: String(classCount + 2) }, title);
    const rows = shown.map(({ network, strengths, row }) =>
      featureRow(row === 'ensemble' || row === 'joint' ? '' : String(network + 1), strengths!),
    );
    return [element('tbody', { class: `of-${row}` }, element('tr', {}, head), ...rows)];
  });
  return element(
    'table',
    { class: 'features' },
    element('caption', {}, words.featuresOf),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('td', {}),
        ...classes.map((i) => {
          const cell = heading('', words.classTitle(i));
          cell.prepend(element('span', { 'aria-hidden': 'true' }, String(i)));
          return cell;
        }),
        heading(words.learned),
      ),
    ),
    ...groups,
  );
}

function featureRow(name: string, strengths: readonly number[]): HTMLElement {
  const isLearned = (feature: number) => strengths[feature] >= learnedFrom;
  const square = (feature: number) => {
    const shade = Math.min(1, Math.max(0, strengths[feature] / darkest));
    return element('span', {
      class: isLearned(feature) ? 'feature learned' : 'feature',
      style: `--strength: ${Math.round(100 * shade)}%`,
    });
  };
  const cells = Array.from({ length: classCount }, (_, i) => {
    const pair = [2 * i, 2 * i + 1];
    return element(
      'td',
      {},
      element('span', { class: 'pair', 'aria-hidden': 'true' }, ...pair.map(square)),
      element('span', { class: 'unseen' }, words.learnedOf(pair.filter(isLearned).length)),
    );
  });
  const count = strengths.filter((_, feature) => isLearned(feature)).length;
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    ...cells,
    element('td', { class: 'count' }, String(count)),
  );
}
