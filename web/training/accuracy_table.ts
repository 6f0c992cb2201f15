import { element } from '../page/element.js';
import type { TestResult } from '../worker/messages.js';

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
const percent = (part: number, of: number) => `${((100 * part) / Math.max(of, 1)).toFixed(1)} %`;

/** How often the network is right: in all, and for every class. */
export function accuracyTable(classes: readonly string[], { correct, total }: TestResult) {
  const sentence = `The network is right about ${percent(sum(correct), sum(total))} of ${sum(total).toLocaleString('en')} test images.`;
  const row = (name: string, right: number, of: number) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      element('td', {}, percent(right, of)),
      element('td', {}, `${right} of ${of}`),
      element(
        'td',
        { class: 'share', 'aria-hidden': 'true' },
        element('span', { style: `width: ${(100 * right) / Math.max(of, 1)}%` }),
      ),
    );
  const heading = (text: string) => element('th', { scope: 'col' }, text);
  const table = element(
    'table',
    { class: 'accuracy' },
    element('caption', {}, sentence),
    element(
      'thead',
      {},
      element('tr', {}, heading('Class'), heading('Accuracy'), heading('Right'), element('td', {})),
    ),
    element('tbody', {}, ...classes.map((name, i) => row(name, correct[i], total[i]))),
  );
  return { table, sentence, accuracy: (100 * sum(correct)) / Math.max(sum(total), 1) };
}
