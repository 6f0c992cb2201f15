/** What all pages have: the header with its navigation, and a line that tells what is going on. */
import '../style.css';
import { element } from './element.js';

const pages = [
  ['tensors', 'Tensors'],
  ['autograd', 'Autograd'],
  ['networks', 'Networks'],
  ['classifier', 'Classifier'],
  ['training', 'Live training'],
] as const;

/** Puts the header before the page's main part. */
export function layOut(): HTMLElement {
  const here = location.pathname
    .split('/')
    .at(-1)!
    .replace(/\.html$/, '');
  const links = pages.map(([name, title]) =>
    element(
      'li',
      {},
      element('a', { href: `./${name}.html`, ...(name === here && { 'aria-current': 'page' }) }, title),
    ),
  );
  const header = element(
    'header',
    { class: 'site' },
    element('a', { class: 'home', href: './index.html' }, 'Flambeau'),
    element('nav', { 'aria-label': 'Chapters' }, element('ul', {}, ...links)),
  );
  const main = document.querySelector('main')!;
  main.id = 'main';
  main.tabIndex = -1;
  document.body.prepend(element('a', { class: 'skip', href: '#main' }, 'Skip to the content'), header);
  return main;
}

/** A line that screen readers tell when it changes. */
export class Status {
  readonly element = element('p', { class: 'status', role: 'status' });

  say(text: string): void {
    if (this.element.textContent !== text) this.element.textContent = text;
  }
}

/** A time as one says it: `0.31 s`, `2 min 3 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
