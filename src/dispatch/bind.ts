/** Arguments as given by the caller, bound to a schema's parameters the way PyTorch's argument parser does. */

import { isComplexNumber } from '../core/complex.js';
import { Device, toDevice } from '../core/device.js';
import { DType } from '../core/dtype.js';
import { noPinnedMemory, TypeError, unexpectedKeyword, ValueError } from '../core/errors.js';
import { Generator } from '../core/generator.js';
import { Layout, MemoryFormat } from '../core/memory_format.js';
import { isPlainObject } from '../core/plain.js';
import { PyFloat } from '../core/pyfloat.js';
import { isScalar, type Scalar } from '../core/scalar.js';
import { MISMATCH, typeOf } from '../core/signature/parameter_types.js';
import { Tensor } from '../core/tensor.js';
import type { Parameter, Schema } from './schema.js';

/** One value per parameter, or null if the arguments do not fit. */
export function bind(
  schema: Schema,
  args: readonly unknown[],
  options = namedArguments(args),
): unknown[] | null {
  const { parameters, positional } = schema;
  const given = options === null ? args.length : args.length - 1;
  const bound = new Array<unknown>(parameters.length);
  let taken = given;
  if (given > positional || (schema.variadic && given === positional)) {
    // Sizes as numbers: ones(2, 3), x.view(-1). Tensors one by one: blockDiag(a, b).
    if (!schema.variadic) return null;
    const last = positional - 1;
    if (given > positional || typeof args[last] === 'number' || args[last] instanceof Tensor) {
      const rest = args.slice(last, given);
      const fits = parameters[last].type === 'Tensor[]' ? isTensor : isInt;
      for (const item of rest) if (!fits(item)) return null;
      bound[last] = rest;
      taken = last;
    }
  }
  for (let i = 0; i < taken; i++) {
    const arg = args[i];
    const parameter = parameters[i];
    if (parameter.takesTensor && arg instanceof Tensor) {
      bound[i] = arg;
      continue;
    }
    const value = arg === undefined ? fallback(parameter) : convert(parameter, arg);
    if (value === MISMATCH) return null;
    bound[i] = value;
  }
  const filled = Math.min(given, positional);
  if (options !== null) for (let i = 0; i < filled; i++) if (parameters[i].camel in options) return null;
  let used = 0;
  for (let i = filled; i < parameters.length; i++) {
    const parameter = parameters[i];
    const named = options === null ? undefined : options[parameter.camel];
    if (named === undefined) {
      if (options !== null && parameter.camel in options) used++;
      const value = fallback(parameter);
      if (value === MISMATCH) return null;
      bound[i] = value;
    } else {
      const value = convert(parameter, named);
      if (value === MISMATCH) return null;
      bound[i] = value;
      used++;
    }
  }
  if (options !== null && used < Object.keys(options).length) return null;
  return bound;
}

/** The trailing object of arguments by name; null if there is none. */
export function namedArguments(args: readonly unknown[]): Record<string, unknown> | null {
  const last = args[args.length - 1];
  return isPlainObject(last) ? last : null;
}

/** NumPy's names of parameters, which PyTorch's own bindings take, too. */
const numpyNames: Readonly<Record<string, string>> = {
  axis: 'dim',
  keepdims: 'keepdim',
  x: 'input',
  a: 'input',
  x1: 'input',
  x2: 'other',
};

/** The arguments with other names replaced by the parameters' own; null if none has to be. */
export function renamed(
  { parameters }: Schema,
  args: readonly unknown[],
  takesNumpy: boolean,
): unknown[] | null {
  const options = args.at(-1);
  if (!isPlainObject(options)) return null;
  let changed = false;
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    const isOwn = (p: Parameter): boolean => p.camel === key;
    const found = parameters.some(isOwn)
      ? undefined
      : (parameters.find((p) => p.aliases.includes(key)) ??
        (takesNumpy ? parameters.find((p) => p.camel === numpyNames[key]) : undefined));
    // Given by both names, it stays unknown by the second.
    const name = found === undefined || found.camel in options || found.camel in result ? key : found.camel;
    changed ||= name !== key;
    result[name] = value;
  }
  return changed ? [...args.slice(0, -1), result] : null;
}

function fallback(parameter: Parameter): unknown {
  return parameter.optional ? parameter.default : MISMATCH;
}

function isTensor(value: unknown): boolean {
  return value instanceof Tensor;
}

function isInt(value: unknown): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** @throws ValueError in PyTorch's words for an integer of more than 64 bits */
function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new ValueError('Overflow when unpacking long long');
  return value;
}

function toInt(value: unknown): number | typeof MISMATCH {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : MISMATCH;
  if (typeof value === 'bigint') return Number(int64(value));
  if (value instanceof Tensor && value.numel() === 1 && !value.dtype.isDifferentiable) return value.item();
  return MISMATCH;
}

function toScalar(value: unknown): Scalar | typeof MISMATCH {
  if (!isScalar(value)) return MISMATCH;
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value)
    return value;
  throw new ValueError(value < 0 ? "can't convert negative int to unsigned" : 'int too big to convert');
}

function toFloat(value: unknown): number | typeof MISMATCH {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof PyFloat) return value.value;
  if (value instanceof Tensor && value.ndim === 0 && !value.isComplex()) return value.item();
  return MISMATCH;
}

/** The value as a parameter's type, or MISMATCH. */
function convert(parameter: Parameter, value: unknown): unknown {
  if (value === null) return parameter.nullable ? null : MISMATCH;
  switch (parameter.type) {
    case 'Tensor':
      return value instanceof Tensor ? value : MISMATCH;
    case 'Tensor|Scalar':
      return value instanceof Tensor ? value : toScalar(value);
    case 'Scalar':
      if (isScalar(value)) return toScalar(value);
      if (value instanceof Tensor && value.ndim === 0 && !value.requiresGrad && value.isComplex())
        return value.itemComplex();
      if (value instanceof Tensor && value.ndim === 0 && !value.requiresGrad)
        return value.isFloatingPoint() ? new PyFloat(value.item()) : value.item();
      return MISMATCH;
    case 'int':
      return toInt(value);
    case 'float':
      return toFloat(value);
    case 'bool':
      return typeof value === 'boolean' ? value : MISMATCH;
    case 'str':
      return typeof value === 'string' ? value : MISMATCH;
    case 'ScalarType':
      return value instanceof DType ? value : MISMATCH;
    case 'Device':
      return typeof value === 'string' || value instanceof Device ? toDevice(value) : MISMATCH;
    case 'Generator':
      return value instanceof Generator ? value : MISMATCH;
    case 'Callable':
      return typeof value === 'function' ? value : MISMATCH;
    case 'MemoryFormat':
      return value instanceof MemoryFormat ? value : MISMATCH;
    case 'Layout':
      return value instanceof Layout ? value : MISMATCH;
    case 'Pinned':
      if (value === true) throw noPinnedMemory();
      return value === false ? value : MISMATCH;
    case 'int[]':
      return list(parameter, value, toInt);
    case 'int?[]':
      return list(parameter, value, (v) => (v === null ? null : toInt(v)));
    case 'int[][]':
      return list(parameter, value, (v) => list(parameter, v, toInt));
    case 'float[]':
      return list(parameter, value, toFloat);
    case 'Scalar[]':
      return list(parameter, value, toScalar);
    case 'bool[]':
      return list(parameter, value, (v) => (typeof v === 'boolean' ? v : MISMATCH));
    case 'Tensor[]':
      return list(parameter, value, (v) => (v instanceof Tensor ? v : MISMATCH));
    case 'Tensor?[]':
      return list(parameter, value, (v) => (v instanceof Tensor || v === null ? v : MISMATCH));
    // One that a module has defined.
    default:
      return typeOf(parameter.type).convert(value);
  }
}

function list(parameter: Parameter, value: unknown, item: (v: unknown) => unknown): unknown {
  if (!Array.isArray(value)) {
    if (parameter.length === 0) return MISMATCH;
    const one = item(value);
    return one === MISMATCH ? MISMATCH : new Array(parameter.length).fill(one);
  }
  const result = new Array<unknown>(value.length);
  for (let i = 0; i < value.length; i++) {
    const one = item(value[i]);
    if (one === MISMATCH) return MISMATCH;
    result[i] = one;
  }
  // int[2] of one element stands for both.
  if (parameter.length > 1 && result.length === 1) return new Array(parameter.length).fill(result[0]);
  return result;
}

// ---- what to say when nothing fits ---------------------------------------------------------------------------------

/** Python's name for the type of a value. */
export function typeName(value: unknown): string {
  if (value === null) return 'NoneType';
  if (value === undefined) return 'undefined';
  if (value instanceof Tensor) return 'Tensor';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int' : 'float';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof PyFloat) return 'float';
  if (isComplexNumber(value)) return 'complex';
  if (value instanceof DType) return 'torch.dtype';
  if (value instanceof Device) return 'torch.device';
  if (value instanceof MemoryFormat) return 'torch.memory_format';
  if (value instanceof Layout) return 'torch.layout';
  if (Array.isArray(value)) return 'list';
  if (isPlainObject(value)) return 'dict';
  if (typeof value === 'function') return 'function';
  // A generator's class has no name.
  return value.constructor?.name || ('next' in (value as object) ? 'generator' : 'object');
}

const pythonTypes: Readonly<Record<string, string>> = {
  'Tensor|Scalar': 'Tensor',
  Scalar: 'Number',
  ScalarType: 'torch.dtype',
  Device: 'torch.device',
  MemoryFormat: 'torch.memory_format',
  Layout: 'torch.layout',
  Pinned: 'bool',
  'int[]': 'tuple of ints',
  'int[][]': 'tuple of tuples of ints',
  'float[]': 'tuple of floats',
  'Tensor[]': 'tuple of Tensors',
};

function pythonType(parameter: Parameter): string {
  return pythonTypes[parameter.type] ?? parameter.type;
}

export interface Caller {
  readonly isMethod: boolean;
  /** Whether NumPy's names of parameters are taken. */
  readonly takesNumpy: boolean;
  readonly takesOut: boolean;
}

/** The error for arguments that fit none of the schemas, in PyTorch's words. */
export function mismatchError(
  name: string,
  schemas: readonly Schema[],
  args: readonly unknown[],
  { isMethod, takesNumpy, takesOut }: Caller,
): TypeError {
  const skip = isMethod ? 1 : 0;
  const last = args.at(-1);
  const options = isPlainObject(last) && args.length > skip ? last : {};
  const keys = Object.keys(options);
  const given = args.length - (options === last ? 1 : 0);
  const valid = [
    ...new Set(schemas.flatMap((s) => s.parameters.slice(skip).flatMap((p) => [p.camel, ...p.aliases]))),
  ];
  if (takesOut) valid.push('out');
  const forms = schemas.map((schema) => renamed(schema, args, takesNumpy) ?? args);
  for (const key of keys)
    if (!valid.includes(key) && forms.every((form) => key in (form.at(-1) as object)))
      return unexpectedKeyword(name, key, valid);
  // As in PyTorch, if only one can have been meant, that one tells what is wrong.
  const count = given + keys.length;
  const plausible = schemas.filter(
    ({ parameters, variadic }) =>
      count >= parameters.filter((p) => !p.optional).length && (variadic || count <= parameters.length),
  );
  const meant = schemas.length === 1 ? schemas[0] : plausible.length === 1 ? plausible[0] : null;
  if (meant !== null) return new TypeError(explain(name, meant, forms[schemas.indexOf(meant)], given, skip));
  const shown = [
    ...args.slice(skip, given).map(typeName),
    ...keys.map((key) => `${key}=${typeName(options[key])}`),
  ];
  return new TypeError(
    `${name}() received an invalid combination of arguments - got (${shown.join(', ')}), but expected one of:\n${schemas.map((s) => ` * (${describe(s, isMethod)})`).join('\n')}\n`,
  );
}

function describe(schema: Schema, isMethod: boolean): string {
  const parts: string[] = [];
  let star = false;
  for (const p of schema.parameters.slice(isMethod ? 1 : 0)) {
    if (p.keywordOnly && !star) {
      star = true;
      parts.push('*');
    }
    const value =
      p.default === null ? 'None' : p.default === true ? 'True' : p.default === false ? 'False' : p.default;
    parts.push(`${pythonType(p)} ${p.camel}${p.optional ? ` = ${value}` : ''}`);
  }
  return parts.join(', ');
}

/** Finds what keeps the arguments, of which `given` are by position, from fitting: the first thing from the left. */
function explain(
  name: string,
  { parameters, positional, required, variadic }: Schema,
  args: readonly unknown[],
  given: number,
  skip: number,
): string {
  const last = args.at(-1);
  const options: Readonly<Record<string, unknown>> = given < args.length && isPlainObject(last) ? last : {};
  if (given > positional && !variadic) {
    const [count, least] = [positional - skip, required - skip];
    const range = count === least ? count : `from ${least} to ${count}`;
    return `${name}() takes ${range} positional argument${count === 1 ? '' : 's'} but ${given - skip} ${given - skip === 1 ? 'was' : 'were'} given`;
  }
  const missing: string[] = [];
  for (const [i, p] of parameters.entries()) {
    const isPositional = i < given && i < positional;
    if (isPositional && p.camel in options) return `${name}() got multiple values for argument '${p.camel}'`;
    const one = args[i];
    // Sizes as numbers: what the last parameter is given by position is its list.
    const isSpread = variadic && isPositional && i === positional - 1 && !Array.isArray(one);
    const value =
      isSpread && (given > positional || convert(p, [one]) !== MISMATCH)
        ? args.slice(i, given)
        : isPositional
          ? one
          : options[p.camel];
    if (value === undefined && (!isPositional || p.optional)) {
      if (!p.optional) missing.push(p.camel);
      continue;
    }
    if (missing.length > 0 || convert(p, value) !== MISMATCH) continue;
    return `${name}(): ${wrong(p, value, i - skip, isPositional)}`;
  }
  // The plural is PyTorch's own.
  return `${name}() missing ${missing.length} required positional argument${missing.length > 1 ? '' : 's'}: ${missing.map((p) => `"${p}"`).join(', ')}`;
}

/** Says what is wrong with a value at this position among those that can be given. */
function wrong(parameter: Parameter, value: unknown, position: number, isPositional: boolean): string {
  const { camel, type } = parameter;
  const where = isPositional ? ` (position ${position + 1})` : '';
  const isList = type.endsWith('[]');
  const one: Parameter = { ...parameter, type: type.slice(0, -2), nullable: type.includes('?'), length: 0 };
  const at = isList && Array.isArray(value) ? value.findIndex((item) => convert(one, item) === MISMATCH) : -1;
  if (at >= 0) {
    const found = typeName((value as unknown[])[at]);
    if (type.startsWith('Tensor'))
      return `expected Tensor as element ${at} in argument ${position}, but got ${found}`;
    if (at > 0)
      return `argument '${camel}' failed to unpack the object at pos ${at + 1} with error "type must be ${pythonType(parameter)},but got ${found}"`;
    if (isPositional)
      return `argument '${camel}'${where} must be ${pythonType(parameter)}, but found element of type ${found} at pos 0`;
  }
  return `argument '${camel}'${where} must be ${pythonType(parameter)}, not ${typeName(value)}`;
}
