/** Texts that a reader changed: they last as long as the tab, whatever page it shows meanwhile. */

/** Reads what is kept under a name; null if nothing is, or if the browser keeps nothing for this page. */
export function draft(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a text, or with null forgets it. */
export function keepDraft(name: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, text);
  } catch {
    // It is a convenience.
  }
}
