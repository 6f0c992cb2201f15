import { element } from '../page/element.js';
import type { Failure, Output } from '../worker/messages.js';
import { failureView, outputView } from './output_view.js';

/** So many characters of an output are read out; the rest is there to be read. */
const mostSpoken = 200;

/** All that a snippet has left, one below the other. */
export class Outputs {
  readonly element: HTMLElement;
  /** Pictures by their titles: one of the same title takes the place of what was there. */
  private readonly titled = new Map<string, HTMLElement>();

  constructor(label: string) {
    this.element = element('div', { class: 'output', role: 'group', 'aria-label': label });
    this.element.hidden = true;
  }

  get isEmpty(): boolean {
    return this.element.childElementCount === 0;
  }

  /** Takes the outputs of an earlier run away. */
  clear(): void {
    this.element.replaceChildren();
    this.titled.clear();
    this.element.hidden = true;
  }

  show(output: Output): void {
    this.element.hidden = false;
    const view = outputView(output);
    const title = 'title' in output ? output.title : null;
    const before = title === null ? undefined : this.titled.get(title);
    if (title !== null) this.titled.set(title, view);
    if (before === undefined) this.element.append(view);
    else before.replaceWith(view);
  }

  fail(failure: Failure): void {
    this.element.hidden = false;
    this.element.append(failureView(failure));
  }

  /** Lets arrow keys scroll what is wider than the page. Looked at once: each look lays out the page anew. */
  settle(): void {
    for (const pre of [...this.element.querySelectorAll('pre')].filter(
      ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth,
    ))
      pre.tabIndex = 0;
  }

  /** The beginning of what was printed, to be read out. */
  get printed(): string {
    const texts = [...this.element.querySelectorAll('pre')].map((pre) => pre.textContent);
    return texts.join(' ').slice(0, mostSpoken);
  }
}
