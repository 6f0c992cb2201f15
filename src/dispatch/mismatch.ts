/** Calls that no form of a function takes as they stand: other names of parameters, and PyTorch's words for what is wrong. */
import { TypeError, unexpectedKeyword } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { MISMATCH } from '../core/signature/parameter_types.js';
import { itemConversion } from './argument_conversions.js';
import type { Parameter, Schema } from './schema.js';
import { typeName } from './type_name.js';

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
      isSpread && (given > positional || p.convert([one]) !== MISMATCH)
        ? args.slice(i, given)
        : isPositional
          ? one
          : options[p.camel];
    if (value === undefined && (!isPositional || p.optional)) {
      if (!p.optional) missing.push(p.camel);
      continue;
    }
    if (missing.length > 0 || p.convert(value) !== MISMATCH) continue;
    return `${name}(): ${wrong(p, value, i - skip, isPositional)}`;
  }
  // The plural is PyTorch's own.
  return `${name}() missing ${missing.length} required positional argument${missing.length > 1 ? '' : 's'}: ${missing.map((p) => `"${p}"`).join(', ')}`;
}

/** Says what is wrong with a value at this position among those that can be given. */
function wrong(parameter: Parameter, value: unknown, position: number, isPositional: boolean): string {
  const { camel, type } = parameter;
  const where = isPositional ? ` (position ${position + 1})` : '';
  const convert = itemConversion(type);
  const at =
    convert !== null && Array.isArray(value) ? value.findIndex((item) => convert(item) === MISMATCH) : -1;
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
