import './confusion_table.css';
import { picture } from '../look/picture.js';
import { element } from '../page/element.js';
import type { Confusion, Snapshot } from '../worker/messages.js';

/** So many images of one mistake are shown. */
const mostImages = 24;

/** Which class is taken for which: the right ones in rows, the guesses in columns. A mistake shows its images when it is pressed. */
export function confusionTable({ classes, counts, mistakes, images }: Confusion): HTMLElement {
  const worst = Math.max(1, ...counts.flatMap((row, truth) => row.filter((_, guess) => guess !== truth)));
  const view = element('div', { class: 'mistakes', 'aria-live': 'polite' });
  let pressed: HTMLElement | null = null;
  const show = (truth: number, guess: number, button: HTMLElement) => {
    pressed?.setAttribute('aria-pressed', 'false');
    pressed = button;
    button.setAttribute('aria-pressed', 'true');
    const found = mistakes.flatMap((one, i) => (one.truth === truth && one.guess === guess ? [i] : []));
    const count = counts[truth][guess];
    const text = `${count} × ${classes[truth]} taken for ${classes[guess]}${found.length < count || count > mostImages ? ', some of them' : ''}:`;
    view.replaceChildren(
      element('p', {}, text),
      ...(found.length > 0 ? [picture(chosen(images, found.slice(0, mostImages)))] : []),
    );
  };
  const cell = (count: number, truth: number, guess: number) => {
    const shade = truth === guess || count === 0 ? 0 : 0.08 + (0.3 * count) / worst;
    const style = `background: rgb(213 94 0 / ${shade.toFixed(2)})`;
    if (truth === guess || count === 0)
      return element('td', { class: truth === guess ? 'right' : 'none' }, String(count));
    const button: HTMLElement = element(
      'button',
      {
        type: 'button',
        style,
        'aria-pressed': 'false',
        'aria-label': `${count} × ${classes[truth]} taken for ${classes[guess]}`,
        onclick: () => show(truth, guess, button),
      },
      String(count),
    );
    return element('td', {}, button);
  };
  const right = counts.reduce((sum, row, i) => sum + row[i], 0);
  const total = counts.flat().reduce((sum, count) => sum + count, 0);
  const heading = (text: string, scope: string) => element('th', { scope }, text);
  const table = element(
    'table',
    { class: 'confusion' },
    element(
      'caption',
      {},
      `${right.toLocaleString('en')} of ${total.toLocaleString('en')} are right (${((100 * right) / total).toFixed(1)} %). What it is stands at the left, what it is taken for above.`,
    ),
    element('thead', {}, element('tr', {}, element('td', {}), ...classes.map((one) => heading(one, 'col')))),
    element(
      'tbody',
      {},
      ...counts.map((row, truth) =>
        element(
          'tr',
          {},
          heading(classes[truth], 'row'),
          ...row.map((count, guess) => cell(count, truth, guess)),
        ),
      ),
    ),
  );
  // The most frequent mistake is shown to begin with.
  table.querySelector<HTMLElement>(`button[aria-label^="${worst} × "]`)?.click();
  return element('div', {}, element('div', { class: 'scrolled' }, table), view);
}

/** Some of the images. */
function chosen({ shape, values, dtype }: Snapshot, places: readonly number[]): Snapshot {
  const size = values.length / shape[0];
  const taken = new Float64Array(places.length * size);
  for (const [i, place] of places.entries())
    taken.set(values.subarray(place * size, (place + 1) * size), i * size);
  return { shape: [places.length, ...shape.slice(1)], dtype, values: taken };
}
