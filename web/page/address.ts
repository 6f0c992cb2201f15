/** Settings in a page's address, so that it can be kept and sent. */

/** What the address says of a setting, or null. */
export const setting = (name: string): string | null => new URLSearchParams(location.search).get(name);

/** Lets the address name the settings that are not as usual. */
export function writeSettings(
  settings: Iterable<readonly [name: string, value: string, usual: string]>,
): void {
  const given = new URLSearchParams();
  for (const [name, value, usual] of settings) if (value !== usual) given.set(name, value);
  history.replaceState(null, '', `${location.pathname}${given.size === 0 ? '' : `?${given}`}`);
}
