/** Numbers and tuples as Python's `repr` writes them: they stand in modules' descriptions and in error texts. */

/** A Python float: the shortest digits that read back the same, with a point or an exponent. */
export function formatFloat(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  if (x === 0) return Object.is(x, -0) ? '-0.0' : '0.0';
  const [mantissa, exponent] = Math.abs(x).toExponential().split('e') as [string, string];
  const digits = mantissa.replace('.', '');
  const power = Number(exponent);
  const sign = x < 0 ? '-' : '';
  // Python changes to an exponent below 1e-4 and from 1e16 on.
  if (power < -4 || power >= 16)
    return `${sign}${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, '0');
  return `${sign}${whole}.${digits.slice(power + 1) || '0'}`;
}

/** A number by the rule that a safe integer is Python's int and any other number its float. */
export function formatNumber(x: number): string {
  return Number.isSafeInteger(x) && !Object.is(x, -0) ? String(x) : formatFloat(x);
}

/** A tuple of ints: `(2, 3)`, `(2,)`, `()`. */
export function formatTuple(values: readonly number[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(', ')})`;
}

/** Any argument: `None`, `True`, `'mean'`, `0.1`, `(1, 2)`. */
export function formatValue(value: unknown): string {
  return formatWithin(value, []);
}

/** @param around the lists that it stands in, which may stand in themselves */
function formatWithin(value: unknown, around: readonly unknown[]): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'number') return formatNumber(value);
  if (Array.isArray(value)) {
    if (around.includes(value)) return '(...)';
    const items = value.map((item) => formatWithin(item, [...around, value]));
    return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
  }
  return String(value);
}

/** Names the type of a value as Python does. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? 'int' : 'float';
    case 'bigint':
      return 'int';
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'function':
      return 'function';
    default:
      if (value === null || value === undefined) return 'NoneType';
      if (Array.isArray(value)) return 'list';
      return value.constructor === Object || value.constructor === undefined
        ? 'dict'
        : value.constructor.name;
  }
}

/** `True` or `False`. */
export function formatBool(value: boolean): string {
  return value ? 'True' : 'False';
}
