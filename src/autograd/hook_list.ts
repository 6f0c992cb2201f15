import { RemovableHandle } from '../core/grad_fn.js';
/** Hooks in the order in which they are called. */

/** How a hook is called. */
export interface HookSettings {
  /** Before those that are there already. */
  readonly prepend?: boolean;
  /** With arguments by name, too. */
  readonly withKwargs?: boolean;
  /** Even if the call fails. */
  readonly alwaysCall?: boolean;
}

/** A hook, and how it is called. */
export interface HookEntry<H> extends HookSettings {
  readonly hook: H;
}

/** Hooks of one kind. Registered twice, a function is two hooks. */
export class HookList<H> {
  readonly #entries: HookEntry<H>[] = [];

  /** @param onRemoved is told when one has been taken away */
  constructor(private readonly onRemoved: () => void = () => {}) {}

  get length(): number {
    return this.#entries.length;
  }

  add(hook: H, settings: HookSettings = {}): RemovableHandle {
    const entry = { ...settings, hook };
    if (settings.prepend) this.#entries.unshift(entry);
    else this.#entries.push(entry);
    return new RemovableHandle(() => {
      const i = this.#entries.indexOf(entry);
      if (i < 0) return;
      this.#entries.splice(i, 1);
      this.onRemoved();
    });
  }

  /** Removes those that are meant, and returns them. */
  take(isMeant: (hook: H) => boolean): readonly H[] {
    const taken = this.#entries.filter(({ hook }) => isMeant(hook));
    for (const entry of taken) this.#entries.splice(this.#entries.indexOf(entry), 1);
    if (taken.length > 0) this.onRemoved();
    return taken.map(({ hook }) => hook);
  }

  /** Takes over another's hooks. */
  addAll(others: HookList<H>): void {
    this.#entries.push(...others.entries());
  }

  /** Those that are there now, however they change while they are called. */
  entries(): readonly HookEntry<H>[] {
    return [...this.#entries];
  }

  hooks(): readonly H[] {
    return this.#entries.map(({ hook }) => hook);
  }
}
