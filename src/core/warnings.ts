/** Warnings: PyTorch's `UserWarning`s, each shown once, as Python does by default. */

let isAlways = false;
/** Texts that have been shown. */
const shown = new Set<string>();
/** Texts name values, so a long program could have any number of them. */
const MOST = 1000;

/** Tells the user something that is no error but likely a mistake; the same text only once, unless `torch.setWarnAlways(true)` was called. */
export function warn(message: string): void {
  if (!isAlways) {
    if (shown.has(message)) return;
    if (shown.size >= MOST) shown.clear();
    shown.add(message);
  }
  console.warn(`UserWarning: ${message}`);
}

/** Shows a warning as often as it is given, not only for the first time. */
export function showAlways(always: boolean): void {
  isAlways = always;
}

/** Whether every warning is shown each time. */
export function isShownAlways(): boolean {
  return isAlways;
}
