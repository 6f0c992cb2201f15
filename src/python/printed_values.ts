import { Size } from '../core/layout.js';

/** A value with its type in Python, where JavaScript's value does not tell: `float`, `list[float]`, `tuple[int, float]`, `dict[str, float]`. */
export interface Typed {
  readonly value: unknown;
  readonly type: string;
}

class TypedValue implements Typed {
  constructor(
    readonly value: unknown,
    readonly type: string,
  ) {}
}

/** A value with its type, for functions that print it. */
export const as = (value: unknown, type: string): Typed => new TypedValue(value, type);

/** The value and the type that is known of it. */
export function opened(value: unknown, type = ''): { value: unknown; type: string } {
  return value instanceof TypedValue ? { value: value.value, type: value.type } : { value, type };
}

/** What Python's `str` gives. `type` says what JavaScript's value does not: see `Typed`. */
export function str(value: unknown, type = ''): string {
  const own = opened(value, type);
  return typeof own.value === 'string' ? own.value : repr(own.value, own.type);
}

/** What Python's `repr` gives. */
export function repr(value: unknown, type = ''): string {
  if (value instanceof TypedValue) return repr(value.value, value.type);
  if (value === null || value === undefined) return 'None';
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
      return type === 'float' || !Number.isInteger(value) ? floatText(value) : intText(value);
    case 'string':
      return quoted(value);
    case 'function':
      return `<function ${value.name}>`;
    case 'object':
      return objectText(value, type);
    default:
      return String(value);
  }
}

/** Parts of a type between brackets. */
function inner(type: string): string[] {
  const from = type.indexOf('[');
  if (from < 0) return [];
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const letter of type.slice(from + 1, -1)) {
    if (letter === '[') depth++;
    if (letter === ']') depth--;
    if (letter === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += letter;
  }
  return [...parts, part.trim()];
}

function objectText(value: object, type: string): string {
  const types = inner(type);
  if (Array.isArray(value)) {
    if (type === 'size' || value instanceof Size) return `torch.Size([${value.join(', ')}])`;
    if (type.startsWith('tuple')) {
      const items = value.map((item, i) => repr(item, (types.at(-1) === '...' ? types[0] : types[i]) ?? ''));
      return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
    }
    // A list of lists is as deep as it is: what its numbers are is said once.
    const of = types[0] ?? (type === 'float' ? 'float' : '');
    const text = `[${value.map((item) => repr(item, of)).join(', ')}]`;
    return 'maxlen' in value ? `deque(${text}, maxlen=${String(value.maxlen)})` : text;
  }
  const [key, item] = [types[0] ?? '', types[1] ?? ''];
  if (value instanceof Map)
    return `{${[...value].map(([k, v]) => `${repr(k, key)}: ${repr(v, item)}`).join(', ')}}`;
  if (value instanceof Set)
    return value.size === 0 ? 'set()' : `{${[...value].map((one) => repr(one, key)).join(', ')}}`;
  if (value instanceof Error) return `${value.name}(${quoted(value.message)})`;
  if (Object.getPrototypeOf(value) === Object.prototype)
    return `{${Object.entries(value)
      .map(([k, v]) => `${quoted(k)}: ${repr(v, item)}`)
      .join(', ')}}`;
  // NumPy's arrays and numbers say themselves how they stand in a list.
  if ('repr' in value && typeof value.repr === 'function') return String(value.repr());
  return String(value);
}

function intText(value: number): string {
  return Math.abs(value) < 1e21 ? String(value === 0 ? 0 : value) : BigInt(value).toString();
}

/** The shortest digits that are this float, as Python writes them. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits, exponent] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 16)
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  const text = Math.abs(value) < 1e-6 ? value.toFixed(20) : String(value);
  return text.includes('.') ? text : `${text}.0`;
}

function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r');
  if (escaped.includes("'") && !escaped.includes('"')) return `"${escaped}"`;
  return `'${escaped.replaceAll("'", "\\'")}'`;
}

/** Whether Python takes a value for true: empty texts and collections are not. */
export function truth(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map || value instanceof Set) return value.size > 0;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.keys(value).length > 0;
  return Boolean(value);
}
