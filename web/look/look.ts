import { element } from '../page/element.js';
import type { Snapshot } from '../worker/messages.js';
import { heatMap } from './heat_map.js';
import { picture } from './picture.js';
import { asImages } from './values.js';

/** Offers to look at a printed tensor as a heat map, or as an image where it has the shape of one. */
export function lookAt(snapshot: Snapshot): HTMLElement {
  const name = `${snapshot.dtype} [${snapshot.shape.join(', ')}]`;
  const view = element('div', { class: 'view' });
  const ways = [
    { title: 'Heat map', show: heatMap },
    ...(asImages(snapshot) === null ? [] : [{ title: 'Image', show: picture }]),
  ];
  const buttons = ways.map(({ title, show }) => {
    const button = element(
      'button',
      {
        type: 'button',
        'aria-pressed': 'false',
        'aria-label': `${title} of ${name}`,
        onclick: () => {
          const wasShown = button.getAttribute('aria-pressed') === 'true';
          for (const other of buttons) other.setAttribute('aria-pressed', 'false');
          view.replaceChildren();
          if (wasShown) return;
          button.setAttribute('aria-pressed', 'true');
          view.append(show(snapshot));
        },
      },
      title,
    );
    return button;
  });
  return element(
    'div',
    { class: 'look' },
    element('div', { class: 'ways', role: 'group', 'aria-label': `Look at ${name}` }, ...buttons),
    view,
  );
}
