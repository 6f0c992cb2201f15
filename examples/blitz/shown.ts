/** How Python's `print` shows a value: strings as they are, `true` as `True`, arrays with brackets. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value) && value.constructor === Array) return `[${value.map(shown).join(', ')}]`;
  return String(value);
}
