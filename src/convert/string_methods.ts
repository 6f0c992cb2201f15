import { walked } from './call_arguments.js';
import { binding, type Code, type Converter, called, tied } from './converter.js';
import type { Of } from './syntax.js';
import { bool, int, listOf, str, type Type, unknown } from './type_rules.js';

/** Methods that are one of JavaScript's, with another name. */
const simple: Readonly<Record<string, readonly [name: string, type: Type]>> = {
  upper: ['toUpperCase', str],
  lower: ['toLowerCase', str],
  startswith: ['startsWith', bool],
  endswith: ['endsWith', bool],
  find: ['indexOf', int],
  rfind: ['lastIndexOf', int],
};

export function stringMethod(c: Converter, place: Of<'call'>, object: Code, name: string): Code {
  const code = tied(object, binding.call);
  if (name === 'format') return formatted(c, place, object);
  const given = walked(c, place.args);
  const list = given.map(({ value }) => tied(value, binding.arrow)).join(', ');
  const [first, second] = given;
  if (/^(find|rfind|index|center|ljust|rjust|zfill)$/.test(name)) c.checkCounted(place);
  if ((name === 'startswith' || name === 'endswith') && first?.value.type.k === 'tuple') {
    const own = name === 'startswith' ? 'startsWith' : 'endsWith';
    return called(`${first.value.code}.some((part) => ${code}.${own}(part))`, bool);
  }
  if (Object.hasOwn(simple, name)) {
    const [own, type] = simple[name];
    return called(`${code}.${own}(${list})`, type);
  }
  switch (name) {
    case 'strip':
    case 'lstrip':
    case 'rstrip':
      if (first === undefined)
        return called(`${code}.${{ strip: 'trim', lstrip: 'trimStart', rstrip: 'trimEnd' }[name]}()`, str);
      return called(`${c.helper(name)}(${object.code}, ${list})`, str);
    case 'split':
      if (first === undefined) return called(`${c.helper('words')}(${object.code})`, listOf(str));
      if (given.length === 1 && first.source.kind === 'string' && first.value.code.length > 2)
        return called(`${code}.split(${list})`, listOf(str));
      if (given.length > 2 || first.name !== null || first.value.type.k !== 'str') break;
      return called(`${c.helper('split')}(${object.code}, ${list})`, listOf(str));
    case 'rsplit':
      if (first === undefined || given.length > 2 || first.name !== null) break;
      return called(`${c.helper('rsplit')}(${object.code}, ${list})`, listOf(str));
    case 'partition':
      return called(`${c.helper('partition')}(${object.code}, ${list})`, {
        k: 'tuple',
        items: [str, str, str],
      });
    case 'replace':
      if (given.length === 3) return called(`${c.helper('replace')}(${object.code}, ${list})`, str);
      if (second?.source.kind === 'string' && !second.value.code.includes('$'))
        return called(`${code}.replaceAll(${list})`, str);
      if (second === undefined) break;
      return called(
        `${code}.replaceAll(${first.value.code}, () => ${tied(second.value, binding.arrow)})`,
        str,
      );
    case 'splitlines':
      if (first !== undefined) break;
      return called(`${c.helper('splitlines')}(${object.code})`, listOf(str));
    case 'index':
      if (given.length !== 1) break;
      return called(`${c.helper('place')}(${object.code}, ${list})`, { k: 'int', isNatural: true });
    case 'isspace':
      return called(`/^\\s+$/.test(${object.code})`, bool);
    case 'isalnum':
      return called(`/^[\\p{L}\\p{N}]+$/u.test(${object.code})`, bool);
    case 'isupper':
    case 'islower':
      return called(`${c.helper(name)}(${object.code})`, bool);
    case 'swapcase':
      return called(`${c.helper(name)}(${object.code})`, str);
    case 'join': {
      if (first === undefined) break;
      const { type } = first.value;
      const isArray = type.k === 'list' || type.k === 'tuple';
      const items = isArray ? tied(first.value, binding.call) : `[...${tied(first.value, binding.call)}]`;
      return called(`${items}.join(${object.code})`, str);
    }
    case 'count':
      return called(`(${code}.split(${list}).length - 1)`, { k: 'int', isNatural: true });
    case 'isdigit':
      return called(`/^\\d+$/.test(${object.code})`, bool);
    case 'isalpha':
      return called(`/^\\p{L}+$/u.test(${object.code})`, bool);
    case 'capitalize':
    case 'title':
    case 'zfill':
    case 'ljust':
    case 'rjust':
    case 'center':
      return called(
        `${c.helper(name)}(${[object.code, list].filter((part) => part !== '').join(', ')})`,
        str,
      );
    default:
  }
  c.error(place, `'${name}' of a str is not converted.`);
  return called(`${code}.${name}(${list})`, unknown);
}

/** `'…{}…'.format(…)`, as a call of the helper. */
function formatted(c: Converter, place: Of<'call'>, object: Code): Code {
  const given = walked(c, place.args);
  const texts = given
    .filter(({ name }) => name === null)
    .map(({ value, source }) => withSpec(c, value, source));
  const named = given
    .filter(({ name }) => name !== null)
    .map(({ name, value, source }) => `${name}: ${withSpec(c, value, source)}`);
  const list = [
    object.code,
    `[${texts.join(', ')}]`,
    ...(named.length > 0 ? [`{ ${named.join(', ')} }`] : []),
  ];
  return called(`${c.helper('formatted')}(${list.join(', ')})`, str);
}

/** A value that knows how Python prints it. */
function withSpec(c: Converter, value: Code, source: { readonly at: number; readonly end: number }): string {
  const spec = c.spec(value.type);
  c.checkPrinted(source, value.type);
  return spec === null ? tied(value, binding.arrow) : `${c.helper('as')}(${value.code}, '${spec}')`;
}
