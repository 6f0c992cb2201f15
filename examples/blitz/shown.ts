/**
 * How Python's `print` shows a value: strings as they are, but between quotes inside of others; `true` as `True`, arrays with
 * brackets, plain objects and maps as dictionaries, what does not say what it is by its class.
 */
export function shown(value: unknown): string {
  return typeof value === 'string' ? value : part(value);
}

/** The same for a value inside of another one. */
function part(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value) && value.constructor === Array) return `[${value.map(part).join(', ')}]`;
  if (ArrayBuffer.isView(value) && value.toString === Array.prototype.toString)
    return `[${value.toString().replaceAll(',', ', ')}]`;
  if (value instanceof Map) return dictionary([...value]);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return dictionary(Object.entries(value));
  const text = String(value);
  return text === '[object Object]' ? `<${value.constructor.name} object>` : text;
}

function dictionary(entries: readonly (readonly [unknown, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${part(key)}: ${part(value)}`).join(', ')}}`;
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = text.replace(/[\n\r\t\\]/g, (character) => escapes[character]);
  return quote + (quote === "'" ? inside.replaceAll("'", "\\'") : inside) + quote;
}
