import * as torch from '../../src/index.js';

/** A value as a failing property shows it. */
export function show(value: unknown): string {
  if (value instanceof torch.Tensor)
    return `${value.dtype.name}[${value.shape}]s(${value.strides})o${value.offset}${value.requiresGrad ? 'g' : ''}`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return `{ ${Object.entries(value)
      .map(([k, v]) => `${k}: ${show(v)}`)
      .join(', ')} }`;
  return Object.is(value, -0) ? '-0' : String(value);
}
