/** The types of the notation at run time: what fits each, and what Python calls it. */
import { Device, toDevice } from '../device.js';
import { DType } from '../dtype.js';
import { MemoryFormat } from '../memory_format.js';
import { asRecord, isPlainObject } from '../plain.js';
import { PyFloat } from '../pyfloat.js';
import type { Alternative, SignatureParameter } from './notation.js';

/** The result of `convert` for a value that does not fit. */
export const MISMATCH = Symbol('mismatch');

export interface ParameterType {
  /** Its name in error texts; default: that in the notation. */
  readonly name?: string;
  /** The value as the function shall find it, or MISMATCH. */
  readonly convert: (value: unknown) => unknown;
  /** Whether a plain object can be a value of it, and not only hold arguments by name. */
  readonly takesObjects?: boolean;
}

const types = new Map<string, ParameterType>();

/** Makes a type known under the name that it has in signatures. */
export function defineParameterType(name: string, type: ParameterType): void {
  types.set(name, type);
}

/** A type of values that one predicate knows. */
export function accepting(fits: (value: unknown) => boolean, name?: string): ParameterType {
  return { convert: (value) => (fits(value) ? value : MISMATCH), ...(name !== undefined && { name }) };
}

defineParameterType('int', {
  convert: (value) => {
    if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value);
    return Number.isSafeInteger(value) ? value : MISMATCH;
  },
});
// A whole number of any size, for seeds.
defineParameterType('int64', {
  name: 'int',
  convert: (value) => (typeof value === 'bigint' || Number.isSafeInteger(value) ? value : MISMATCH),
});
defineParameterType('float', {
  convert: (value) => {
    if (typeof value === 'number') return value;
    if (value instanceof PyFloat) return value.value;
    return typeof value === 'bigint' ? Number(value) : MISMATCH;
  },
});
defineParameterType(
  'bool',
  accepting((value) => typeof value === 'boolean'),
);
defineParameterType(
  'str',
  accepting((value) => typeof value === 'string'),
);
defineParameterType(
  'ScalarType',
  accepting((value) => value instanceof DType, 'torch.dtype'),
);
defineParameterType('Device', {
  name: 'torch.device',
  convert: (value) => (typeof value === 'string' || value instanceof Device ? toDevice(value) : MISMATCH),
});
defineParameterType(
  'MemoryFormat',
  accepting((value) => value instanceof MemoryFormat, 'torch.memory_format'),
);
defineParameterType(
  'Callable',
  accepting((value) => typeof value === 'function', 'callable'),
);
defineParameterType('Dict', {
  name: 'dict',
  convert: (value) => {
    const record = asRecord(value);
    return isPlainObject(record) ? record : MISMATCH;
  },
  takesObjects: true,
});
defineParameterType(
  'Iterable',
  accepting((value) => typeof value === 'object' && value !== null && Symbol.iterator in value, 'iterable'),
);
// A plain object in the place of the one holds names, in that of the other it is the value.
defineParameterType('Any', { convert: (value) => value });
defineParameterType('Object', { convert: (value) => value, takesObjects: true });

/** The type of that name. @throws SyntaxError if there is none */
export function typeOf(name: string): ParameterType {
  const type = types.get(name);
  if (type === undefined) throw new SyntaxError(`no such parameter type: ${name}`);
  return type;
}

/** The value as a parameter's type, or MISMATCH. */
export function convert(parameter: SignatureParameter, value: unknown): unknown {
  if (value === null && parameter.nullable) return null;
  for (const alternative of parameter.alternatives) {
    const converted = alternative.list
      ? convertList(alternative, value)
      : typeOf(alternative.name).convert(value);
    if (converted !== MISMATCH) return converted;
  }
  return MISMATCH;
}

function convertList({ name, length, nullableItems }: Alternative, value: unknown): unknown {
  const type = typeOf(name);
  const item = (one: unknown): unknown => (one === null && nullableItems ? null : type.convert(one));
  if (!Array.isArray(value)) {
    const one = length > 0 ? item(value) : MISMATCH;
    return one === MISMATCH ? MISMATCH : new Array(length).fill(one);
  }
  const list = value.map(item);
  if (list.includes(MISMATCH)) return MISMATCH;
  // A tuple stays one, since some errors show it.
  return Object.isFrozen(value) ? Object.freeze(list) : list;
}

/** Whether a plain object in this parameter's place can be its value. */
export function takesObjects({ alternatives }: SignatureParameter): boolean {
  return alternatives.some(({ name, list }) => !list && typeOf(name).takesObjects);
}

/** Python's name of a parameter's type, for error texts. */
export function describeType({ alternatives, nullable }: SignatureParameter): string {
  const names = alternatives.map(({ name, list, length }) => {
    const one = typeOf(name).name ?? name;
    if (!list) return one;
    return length > 0 ? `${one} or tuple of ${one}s` : `tuple of ${one}s`;
  });
  return [...new Set(names), ...(nullable ? ['None'] : [])].join(' or ');
}
