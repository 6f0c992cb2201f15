/** How likely the network finds each class. */
import { element } from '../page/element.js';

const percent = (share: number) => `${Math.round(100 * share)} %`;

/** A table with a bar for every class, the likeliest in bold. */
export function likelihoods(classes: readonly string[], probabilities: readonly number[]): HTMLTableElement {
  const most = Math.max(...probabilities);
  return element(
    'table',
    { class: 'accuracy likelihoods' },
    element('caption', {}, `It is: ${classes[probabilities.indexOf(most)]}, ${percent(most)} sure.`),
    element(
      'tbody',
      {},
      ...classes.map((name, i) =>
        element(
          'tr',
          probabilities[i] === most ? { class: 'likeliest' } : {},
          element('th', { scope: 'row' }, name),
          element('td', {}, percent(probabilities[i])),
          element(
            'td',
            { class: 'share', 'aria-hidden': 'true' },
            element('span', { style: `width: ${100 * probabilities[i]}%` }),
          ),
        ),
      ),
    ),
  );
}
