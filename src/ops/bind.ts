/** Arguments as given by the caller, bound to a schema's parameters the way PyTorch's argument parser does. */

import { Device, toDevice } from '../core/device.js';
import { DType } from '../core/dtype.js';
import { TypeError, ValueError } from '../core/errors.js';
import { Generator } from '../core/generator.js';
import { Layout, MemoryFormat } from '../core/memory_format.js';
import { isPlainObject } from '../core/plain.js';
import { isComplexNumber, isScalar, PyFloat, type Scalar } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import type { Parameter, Schema } from './schema.js';

const MISMATCH = Symbol('mismatch');

/** One value per parameter, or null if the arguments do not fit. */
export function bind(schema: Schema, args: readonly unknown[]): unknown[] | null {
  const { parameters, positional } = schema;
  let given = args.length;
  let options: Record<string, unknown> | null = null;
  if (given > 0 && isPlainObject(args[given - 1])) options = args[--given] as Record<string, unknown>;
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
    const value = arg === undefined ? fallback(parameters[i]) : convert(parameters[i], arg);
    if (value === MISMATCH) return null;
    bound[i] = value;
  }
  let used = 0;
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i];
    if (i < given && i < positional) {
      if (options !== null && parameter.camel in options) return null;
      continue;
    }
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
  return typeof value === 'bigint' ? int64(value) : value;
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
    default:
      throw new SyntaxError(`no such parameter type: ${parameter.type}`);
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
  if (value === null || value === undefined) return 'NoneType';
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
  'int[]': 'tuple of ints',
  'int[][]': 'tuple of tuples of ints',
  'float[]': 'tuple of floats',
  'Tensor[]': 'tuple of Tensors',
};

function pythonType(parameter: Parameter): string {
  return pythonTypes[parameter.type] ?? parameter.type;
}

/** The error for arguments that fit none of the schemas, in PyTorch's words. */
export function mismatchError(
  name: string,
  schemas: readonly Schema[],
  args: readonly unknown[],
  isMethod: boolean,
): TypeError {
  if (schemas.length === 1) return new TypeError(explain(name, schemas[0], args, isMethod ? 1 : 0));
  const shown = isMethod ? args.slice(1) : args;
  const last = shown.at(-1);
  const positional = (isPlainObject(last) ? shown.slice(0, -1) : shown).map(typeName);
  const named = isPlainObject(last) ? Object.entries(last).map(([k, v]) => `${k}=${typeName(v)}`) : [];
  const forms = schemas.map((s) => ` * (${describe(s, isMethod)})`).join('\n');
  return new TypeError(
    `${name}() received an invalid combination of arguments - got (${[...positional, ...named].join(', ')}), but expected one of:\n${forms}\n`,
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
    parts.push(`${pythonType(p)} ${p.name === 'self' ? 'input' : p.camel}${p.optional ? ` = ${value}` : ''}`);
  }
  return parts.join(', ');
}

function explain(name: string, schema: Schema, args: readonly unknown[], skip: number): string {
  const { parameters, positional } = schema;
  const last = args.at(-1);
  const options = isPlainObject(last) ? last : null;
  const given = options === null ? args.length : args.length - 1;
  const missing = parameters.filter((p, i) => !p.optional && i >= given && options?.[p.camel] === undefined);
  // The plural is PyTorch's own.
  if (missing.length > 0)
    return `${name}() missing ${missing.length} required positional argument${missing.length > 1 ? '' : 's'}: ${missing.map((p) => `"${p.camel}"`).join(', ')}`;
  if (given > positional && !schema.variadic) {
    const count = positional - skip;
    return `${name}() takes ${count} positional argument${count === 1 ? '' : 's'} but ${given - skip} ${given - skip === 1 ? 'was' : 'were'} given`;
  }
  for (const [key, value] of Object.entries(options ?? {})) {
    const index = parameters.findIndex((p) => p.camel === key);
    if (index < 0)
      return `${name}() got an unexpected keyword argument '${key}' (valid: ${parameters
        .slice(skip)
        .map((p) => p.camel)
        .join(', ')})`;
    if (index < given) return `${name}() got multiple values for argument '${key}'`;
    if (value !== undefined && convert(parameters[index], value) === MISMATCH)
      return `${name}(): argument '${key}' must be ${pythonType(parameters[index])}, not ${typeName(value)}`;
  }
  for (let i = 0; i < Math.min(given, positional); i++) {
    const p = parameters[i];
    if (args[i] === undefined || convert(p, args[i]) !== MISMATCH) continue;
    const culprit = Array.isArray(args[i]) ? listCulprit(p, args[i] as unknown[]) : null;
    return `${name}(): argument '${p.name === 'self' ? 'input' : p.camel}' (position ${i + 1 - skip}) must be ${pythonType(p)}, not ${typeName(args[i])}${culprit ?? ''}`;
  }
  return `${name}(): argument '${parameters[positional - 1].camel}' must be ${pythonType(parameters[positional - 1])}`;
}

function listCulprit(parameter: Parameter, items: unknown[]): string | null {
  const one: Parameter = { ...parameter, type: parameter.type.replace('[]', '').replace('?', ''), length: 0 };
  const at = items.findIndex((item) => convert(one, item) === MISMATCH);
  return at < 0 ? null : ` (found ${typeName(items[at])} at index ${at})`;
}
