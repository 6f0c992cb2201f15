import { callbackTypes } from './callbacks.js';
import { pyfloatOf } from './coerce.js';
import { binding, type Code, type Converter, primary, tied } from './converter.js';
import type { FunctionInfo, ParameterInfo } from './python_types.js';
import { quoted } from './string_literals.js';
import type { Argument, Expression } from './syntax.js';
import { join, joined, never, sameType, str, type Type } from './type_rules.js';

/** An argument that was walked. */
export interface Walked {
  readonly source: Expression;
  readonly name: string | null;
  readonly stars: number;
  readonly value: Code;
}

/** Walks arguments, with what their places ask for. */
export function walked(
  c: Converter,
  args: readonly Argument[],
  wanted?: (i: number, name: string | null) => Type | undefined,
): Walked[] {
  return args.map(({ name, stars, value }, i) => {
    const asked = stars > 0 ? undefined : wanted?.(i, name);
    const code = c.expression(value, asked);
    const given = callbackTypes(asked);
    // A function of the program's that the library calls.
    if (given !== null && code.type.k === 'function' && value.kind !== 'lambda')
      for (const [k, parameter] of code.type.of.parameters.entries())
        learnParameter(c, parameter, given[k] ?? never);
    return { source: value, name, stars, value: code };
  });
}

/** The arguments of a call of the program's own function, in its order: what it names, what `**` gathers, and the rest. */
export function ownArguments(
  c: Converter,
  place: Expression,
  of: FunctionInfo,
  args: readonly Argument[],
): string {
  of.isCalled = true;
  const { parameters } = of;
  const rest = parameters.find(({ source }) => source.stars === 1);
  const open = parameters.find(({ source }) => source.stars === 2);
  const plain = parameters.filter(({ source }) => source.stars === 0);
  const byPosition = plain.filter(({ source }) => !source.isNamed);
  const wantedOf = (i: number, name: string | null) =>
    (name === null ? byPosition[i] : plain.find(({ source }) => source.name === name))?.type;
  const given = walked(c, args, wantedOf);
  const codes = new Map<ParameterInfo, string>();
  const extra: string[] = [];
  const extraTypes: Type[] = [];
  const named: string[] = [];
  let isLoose = false;
  let at = 0;
  const put = (parameter: ParameterInfo, value: Code, source: Expression) => {
    learnParameter(c, parameter, value.type);
    codes.set(parameter, fitted(c, value, parameter.type, source));
  };
  const putNamed = (name: string, value: Code, source: Expression): void => {
    const parameter = plain.find(({ source: own }) => own.name === name);
    if (parameter !== undefined) {
      if (codes.has(parameter)) c.error(source, `${of.name}() got multiple values for argument '${name}'.`);
      put(parameter, value, source);
    } else if (open !== undefined) {
      learnField(c, open, name, value.type);
      const code = tied(value, binding.arrow);
      named.push(code === name ? name : `${name}: ${code}`);
    } else c.error(source, `${of.name}() has no parameter '${name}'.`);
  };
  for (const { name, stars, value, source } of given) {
    if (stars === 2) spreadNames(c, value, source, putNamed);
    else if (stars === 1) {
      const isTuple = value.type.k === 'tuple';
      const fills = byPosition.length - at;
      if (isTuple && value.type.items.length <= fills && /^[\w.]+$/.test(value.code)) {
        for (const [i, item] of value.type.items.entries())
          put(byPosition[at++], primary(`${value.code}[${i}]`, item), source);
        continue;
      }
      const items = isTuple ? value.type.items : null;
      for (let i = 0; at < byPosition.length && (items === null || i < items.length); i++)
        learnParameter(c, byPosition[at++], items?.[i] ?? c.elementOf(value.type));
      isLoose = fills > 0;
      if (rest !== undefined) extraTypes.push(...(items?.slice(fills) ?? [c.elementOf(value.type)]));
      else if (items !== null && items.length > fills)
        c.error(source, `${of.name}() takes ${byPosition.length} arguments, and these are ${items.length}.`);
      if (rest !== undefined && items === null) learnParameter(c, rest, variadic(c.elementOf(value.type)));
      extra.push(`...${tied(value, binding.arrow)}`);
    } else if (name === null) {
      const parameter = byPosition[at++];
      if (parameter !== undefined && !isLoose) put(parameter, value, source);
      else if (rest !== undefined || isLoose) {
        extraTypes.push(value.type);
        extra.push(tied(value, binding.arrow));
      } else c.error(source, `${of.name}() takes ${byPosition.length} arguments, and this is one more.`);
    } else putNamed(name, value, source);
  }
  if (rest !== undefined && !given.some(({ stars, value }) => stars === 1 && value.type.k !== 'tuple'))
    learnParameter(c, rest, { k: 'tuple', items: extraTypes });
  const ordered = plain.map((parameter) => codes.get(parameter));
  if (open !== undefined) ordered.push(named.length === 0 ? undefined : `{ ${named.join(', ')} }`);
  const last = ordered.findLastIndex((code) => code !== undefined);
  if (isLoose && (given.some(({ name, stars }) => name !== null || stars === 2) || named.length > 0))
    c.error(place, `What '*' fills of ${of.name}() is not known beside names: give all by name, or none.`);
  const isMissing = plain.findIndex(({ source }, i) => source.fallback === null && ordered[i] === undefined);
  if (isMissing >= 0 && !isLoose)
    c.error(place, `${of.name}() misses its argument '${plain[isMissing].source.name}'.`);
  return [
    ...ordered
      .slice(0, extra.length > 0 && !isLoose ? ordered.length : last + 1)
      .map((code) => code ?? 'undefined'),
    ...extra,
  ].join(', ');
}

const variadic = (of: Type): Type => ({ k: 'list', of, isTuple: true });

/** A dict of which the keys are known, which `**` takes apart. */
function spreadNames(
  c: Converter,
  value: Code,
  source: Expression,
  put: (name: string, value: Code, source: Expression) => void,
): void {
  const { type } = value;
  if (type.k === 'never') return;
  if (source.kind === 'dict' && source.entries.every(({ key }) => key?.kind === 'string')) {
    for (const { key, value: own } of source.entries)
      put((key as Extract<Expression, { kind: 'string' }>).parts.join(''), c.expression(own), own);
    return;
  }
  if (type.k !== 'dict' || type.fields === undefined || !/^[\w.]+$/.test(value.code)) {
    c.error(
      source,
      "'**' takes apart a dict whose keys are known, as a literal has them, under a name of its own.",
    );
    return;
  }
  for (const [name, own] of type.fields) {
    const code = /^[A-Za-z_$][\w$]*$/.test(name) ? `${value.code}.${name}` : `${value.code}[${quoted(name)}]`;
    put(name, primary(code, own), source);
  }
}

/** A name that `**` of a function gathers. */
export function learnField(c: Converter, parameter: ParameterInfo, name: string, type: Type): void {
  const known = parameter.type.k === 'dict' ? parameter.type : null;
  const before = known?.fields?.get(name);
  const all = join(before ?? never, type);
  if (before !== undefined && sameType(all, before)) return;
  const fields = new Map([...(known?.fields ?? []), [name, all] as const]);
  parameter.type = openDict(fields);
  c.changed = true;
}

/** The type of `**kwargs`. */
export const openDict = (fields: ReadonlyMap<string, Type>): Type => ({
  k: 'dict',
  key: str,
  value: joined(fields.values()),
  isRecord: true,
  fields,
  isOpen: true,
});

/** Learns of a parameter's type from the argument of a call. */
export function learnParameter(c: Converter, parameter: ParameterInfo | undefined, type: Type): void {
  if (parameter === undefined || parameter.isAnnotated) return;
  const all = join(parameter.type, type);
  if (sameType(all, parameter.type)) return;
  parameter.type = all;
  c.changed = true;
}

/** A value where a type is asked for that takes more. */
export function fitted(c: Converter, value: Code, wanted: Type, source: Expression): string {
  return pyfloatOf(c, value, wanted, source);
}
