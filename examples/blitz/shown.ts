/**
 * How Python's `print` shows a value: strings as they are, `true` as `True`, arrays with brackets, plain objects and maps as
 * dictionaries, what does not say what it is by its class.
 */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value) && value.constructor === Array) return `[${value.map(shown).join(', ')}]`;
  if (value instanceof Map) return dictionary([...value]);
  if (ArrayBuffer.isView(value) && value.toString === Array.prototype.toString)
    return `[${value.toString().replaceAll(',', ', ')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return dictionary(Object.entries(value));
  const text = String(value);
  return text === '[object Object]' ? `<${value.constructor.name} object>` : text;
}

function dictionary(entries: readonly (readonly [unknown, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${shown(key)}: ${shown(value)}`).join(', ')}}`;
}
