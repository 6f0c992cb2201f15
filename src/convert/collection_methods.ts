import { learnField, type Walked, walked } from './call_arguments.js';
import { callbackOf } from './callbacks.js';
import { binding, type Code, type Converter, called, tied } from './converter.js';
import { learn } from './name_scope.js';
import { combined } from './operator_expressions.js';
import type { Expression, Of } from './syntax.js';
import {
  bool,
  describe,
  elementOf,
  join,
  learnAttribute,
  listOf,
  natural,
  never,
  none,
  type Type,
  unknown,
} from './type_rules.js';

/** Learns what a collection holds from what is put into it. */
export function learnHolder(c: Converter, holder: Expression, type: Type): void {
  if (holder.kind === 'name') {
    const variable = c.scope.find(holder.id);
    if (variable !== undefined) learn(c, variable.current, type);
  } else if (holder.kind === 'attribute') {
    const object = c.expression(holder.object);
    if (object.type.k === 'instance' && learnAttribute(object.type.of, holder.name, type)) c.changed = true;
  } else if (holder.kind === 'index') {
    const object = c.expression(holder.object);
    if (object.type.k === 'dict') learnHolder(c, holder.object, { ...object.type, value: type });
    if (object.type.k === 'list' && !object.type.isSize) learnHolder(c, holder.object, listOf(type));
  }
}

const objectOfCall = (place: Of<'call'>): Expression => (place.callee as Of<'attribute'>).object;

const codes = (given: readonly Walked[]): string =>
  given.map(({ value }) => tied(value, binding.arrow)).join(', ');

export function listMethod(c: Converter, place: Of<'call'>, object: Code, name: string): Code {
  if (name === 'tolist' && object.code.startsWith('py.storage(')) return object;
  const code = tied(object, binding.call);
  const of = elementOf(object.type);
  const holder = objectOfCall(place);
  const given = walked(c, place.args, (_, own) =>
    own === null ? of : own === 'key' ? callbackOf([of]) : undefined,
  );
  const [first] = given;
  const isList = object.type.k === 'list' && !object.type.isSize;
  switch (name) {
    case 'append':
      if (first === undefined || !isList) break;
      learnHolder(c, holder, listOf(first.value.type));
      return called(`${code}.push(${codes(given)})`, none);
    case 'extend':
      if (first === undefined || !isList) break;
      learnHolder(c, holder, listOf(elementOf(first.value.type)));
      return called(`${code}.push(...${tied(first.value, binding.arrow)})`, none);
    case 'insert':
      if (given.length !== 2) break;
      learnHolder(c, holder, listOf(given[1].value.type));
      return called(`${code}.splice(${first.value.code}, 0, ${given[1].value.code})`, none);
    case 'pop':
      if (first === undefined && c.catches('IndexError', 'LookupError'))
        return called(`${c.helper('pop')}(${object.code})`, of);
      if (first === undefined) return called(`${code}.pop()!`, of);
      if (first.value.code === '0' && !c.catches('IndexError', 'LookupError'))
        return called(`${code}.shift()!`, of);
      return called(`${c.helper('pop')}(${object.code}, ${first.value.code})`, of);
    case 'popleft':
      return called(`${code}.shift()!`, of);
    case 'clear':
      return called(`${code}.splice(0)`, none);
    case 'copy':
      return called(`[...${code}]`, object.type);
    case 'index':
      if (given.length !== 1) break;
      return called(`${c.helper('indexOf')}(${object.code}, ${codes(given)})`, natural);
    case 'count':
      return called(`${c.helper('countOf')}(${object.code}, ${codes(given)})`, natural);
    case 'reverse':
      return called(`${code}.reverse()`, none);
    case 'remove':
      return called(`${c.helper('remove')}(${object.code}, ${codes(given)})`, none);
    case 'appendleft':
      if (first === undefined || !isList) break;
      learnHolder(c, holder, listOf(first.value.type));
      return called(`${c.helper('appendleft')}(${object.code}, ${codes(given)})`, none);
    case 'sort': {
      const key = given.find(({ name: own }) => own === 'key');
      const reverse = given.find(({ name: own }) => own === 'reverse');
      const options = sortOptions(key, reverse);
      return called(
        `${code}.splice(0, ${code}.length, ...${c.helper('sorted')}(${object.code}${options}))`,
        none,
      );
    }
    default:
  }
  c.error(place, `'${name}' of ${describe(object.type)} is not converted.`);
  return called(`${code}.${name}(${codes(given)})`, unknown);
}

/** The options of a sorting helper. */
export function sortOptions(key: Walked | undefined, reverse: Walked | undefined): string {
  const options = [
    ...(key === undefined || key.value.type.k === 'none' ? [] : [`key: ${key.value.code}`]),
    ...(reverse === undefined ? [] : [`reverse: ${reverse.value.code}`]),
  ];
  return options.length === 0 ? '' : `, { ${options.join(', ')} }`;
}

export function dictMethod(c: Converter, place: Of<'call'>, object: Code, name: string): Code {
  const type = object.type as Extract<Type, { k: 'dict' }>;
  const { key, value, isRecord } = type;
  const code = tied(object, binding.call);
  const given = walked(c, place.args, (i) => (i === 1 ? value : undefined));
  const [first, second] = given;
  switch (name) {
    case 'keys':
      return called(isRecord ? `Object.keys(${object.code})` : `[...${code}.keys()]`, listOf(key));
    case 'values':
      return called(isRecord ? `Object.values(${object.code})` : `[...${code}.values()]`, listOf(value));
    case 'items':
      return called(
        isRecord ? `Object.entries(${object.code})` : `[...${code}.entries()]`,
        listOf({ k: 'tuple', items: [key, value] }),
      );
    case 'get': {
      const [text] = first?.source.kind === 'string' ? first.source.parts : [];
      if (type.isOpen && typeof text === 'string') {
        const holder = objectOfCall(place);
        const own = c.currentFunction?.parameters.find(
          ({ source }) => holder.kind === 'name' && source.name === holder.id,
        );
        if (own !== undefined) learnField(c, own, text, second?.value.type ?? none);
        const fallback = second?.value ?? { code: 'null', binds: binding.primary, type: none };
        return {
          code: `${code}.${text} ?? ${tied(fallback, binding.or + 2)}`,
          binds: binding.conditional,
          type: join(type.fields?.get(text) ?? never, fallback.type),
        };
      }
      const found = isRecord ? `${code}[${first.value.code}]` : `${code}.get(${first.value.code})`;
      const fallback = second?.value ?? { code: 'null', binds: binding.primary, type: none };
      return {
        code: `${found} ?? ${tied(fallback, binding.or + 2)}`,
        binds: binding.conditional,
        type: second === undefined ? { k: 'optional', of: value } : join(value, second.value.type),
      };
    }
    case 'pop':
      if (first === undefined) break;
      return called(
        `${c.helper('popped')}(${object.code}, ${codes(given)})`,
        second === undefined ? value : join(value, second.value.type),
      );
    case 'most_common':
      return called(
        `${c.helper('mostCommon')}(${[object.code, ...(first === undefined ? [] : [first.value.code])].join(', ')})`,
        listOf({ k: 'tuple', items: [key, natural] }),
      );
    case 'update': {
      if (first === undefined || first.value.type.k !== 'dict') break;
      learnHolder(c, objectOfCall(place), {
        ...type,
        key: first.value.type.key,
        value: first.value.type.value,
      });
      if (isRecord) return called(`Object.assign(${object.code}, ${first.value.code})`, none);
      const entries = first.value.type.isRecord ? `Object.entries(${first.value.code})` : first.value.code;
      return called(`${c.helper('update')}(${object.code}, ${entries})`, none);
    }
    case 'setdefault':
      if (second === undefined) break;
      if (isRecord && first.source.kind === 'string')
        return {
          code: `${code}[${first.value.code}] ??= ${tied(second.value, binding.arrow)}`,
          binds: binding.arrow,
          type: value,
        };
      if (isRecord) break;
      learnHolder(c, objectOfCall(place), { ...type, key: first.value.type, value: second.value.type });
      return called(`${c.helper('setdefault')}(${object.code}, ${codes(given)})`, value);
    case 'copy':
      return called(isRecord ? `{ ...${object.code} }` : `new Map(${object.code})`, type);
    case 'clear':
      if (!isRecord) return called(`${code}.clear()`, none);
      break;
    default:
  }
  c.error(place, `'${name}' of a dict is not converted.`);
  return called(`${code}.${name}(${codes(given)})`, unknown);
}

export function setMethod(c: Converter, place: Of<'call'>, object: Code, name: string): Code {
  const code = tied(object, binding.call);
  const given = walked(c, place.args);
  const [first] = given;
  switch (name) {
    case 'add':
      learnHolder(c, objectOfCall(place), { k: 'set', of: first?.value.type ?? unknown });
      return called(`${code}.add(${codes(given)})`, none);
    case 'remove':
      if (c.catches('KeyError', 'LookupError')) break;
      return called(`${code}.delete(${codes(given)})`, none);
    case 'discard':
      return called(`${code}.delete(${codes(given)})`, none);
    case 'clear':
      return called(`${code}.clear()`, none);
    case 'pop':
      break;
    case 'union':
    case 'intersection':
    case 'difference':
    case 'symmetric_difference': {
      const operator = { union: '|', intersection: '&', difference: '-', symmetric_difference: '^' }[name];
      if (given.length !== 1 || first.value.type.k !== 'set') break;
      return combined(c, place, operator, object, first.value, place, first.source);
    }
    case 'issubset':
      if (first?.value.type.k !== 'set') break;
      return called(`[...${code}].every((one) => ${tied(first.value, binding.call)}.has(one))`, bool);
    case 'issuperset':
      if (first?.value.type.k !== 'set') break;
      return called(`[...${tied(first.value, binding.call)}].every((one) => ${code}.has(one))`, bool);
    case 'update':
      learnHolder(c, objectOfCall(place), {
        k: 'set',
        of: first === undefined ? unknown : elementOf(first.value.type),
      });
      return called(`${c.helper('addAll')}(${object.code}, ${codes(given)})`, none);
    case 'copy':
      return called(`new Set(${object.code})`, object.type);
    default:
  }
  c.error(place, `'${name}' of a set is not converted.`);
  return called(`${code}.${name}(${codes(given)})`, unknown);
}
