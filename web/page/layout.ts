/** The frame of all pages: the header with its navigation, and a line that tells what is going on. */
import { element } from './element.js';

const pages = [
  ['tensors', 'Tensors'],
  ['autograd', 'Autograd'],
  ['networks', 'Networks'],
  ['classifier', 'Classifier'],
  ['training', 'Live training'],
  ['teach', 'Teach it'],
  ['inside', 'Looking inside'],
  ['notebook', 'Notebook'],
  ['convert', 'From Python'],
  ['mysteries', 'Mysteries'],
] as const;

/** The name of the page that is shown, in whatever language. */
const here = () =>
  location.pathname
    .split('/')
    .at(-1)!
    .replace(/(\.zh)?\.html$/, '');

/** Puts the header before the page's main part. */
export function layOut(): HTMLElement {
  const links = pages.map(([name, title]) =>
    element(
      'li',
      {},
      element('a', { href: `./${name}.html`, ...(name === here() && { 'aria-current': 'page' }) }, title),
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

/** The link at a page's end that leads to the next one. */
export function nextPage(): HTMLElement {
  const [name, title] = pages[pages.findIndex(([name]) => name === here()) + 1];
  return element(
    'p',
    { class: 'next' },
    element('a', { href: `./${name}.html`, rel: 'next' }, `Next: ${title}`),
  );
}

/** How one runs a snippet from its editor. */
export const runKeys = /Mac|iPhone|iPad/.test(navigator.platform) ? 'Cmd+Enter' : 'Ctrl+Enter';

/** A line that screen readers tell when it changes. */
export class Status {
  readonly element = element('p', { class: 'status', role: 'status' });
  text = '';

  /** Says something; `unseen` is for those alone who hear it, in place of what the page shows elsewhere. */
  say(text: string, unseen = ''): void {
    if (unseen === '' && text === this.text) return;
    this.text = text;
    this.element.replaceChildren(
      text,
      ...(unseen === '' ? [] : [element('span', { class: 'unseen' }, unseen)]),
    );
  }
}

/** A time as one says it: `31 ms`, `2 min 3 s`. */
export function duration(seconds: number): string {
  if (seconds < 0.1) return `${Math.max(1, Math.round(1000 * seconds))} ms`;
  if (seconds < 10) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  return whole < 90 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
