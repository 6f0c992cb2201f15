import { type Walked, walked } from './call_arguments.js';
import { binding, type Code, type Converter, called, primary, tied } from './converter.js';
import { ClassInfo } from './python_types.js';
import { quoted } from './string_literals.js';
import type { Of } from './syntax.js';
import { bool, learnAttribute, none, optional, present, str, type Type, unknown } from './type_rules.js';

/** The class of plain objects that a place of the program makes. */
export function shapeAt(c: Converter, at: number, wish: string): ClassInfo {
  let found = c.classes.get(at);
  if (found === undefined) {
    found = new ClassInfo(wish, c.names.fresh(wish), null);
    found.isShape = true;
    c.classes.set(at, found);
  }
  return found;
}

/** `argparse.ArgumentParser(…)`: what it makes has an attribute for each option. */
export function newParser(c: Converter, place: Of<'call'>, given: readonly Walked[]): Code {
  let of = c.classes.get(place.at);
  if (of === undefined) {
    of = new ClassInfo('ArgumentParser', 'py.ArgumentParser', null);
    of.namespace = new ClassInfo('Options', c.names.fresh('Options'), null);
    of.namespace.isShape = true;
    c.classes.set(place.at, of);
  }
  const text = given.find(({ name }) => name === 'description');
  return called(`new ${c.helper('ArgumentParser')}(${text === undefined ? '' : text.value.code})`, {
    k: 'instance',
    of,
  });
}

/** `Namespace(a=1)`: a plain object. */
export function newNamespace(c: Converter, place: Of<'call'>, given: readonly Walked[]): Code {
  const of = shapeAt(c, place.at, 'Settings');
  const parts = given.map(({ name, value, source }) => {
    if (name === null) c.error(source, 'This is converted with names only.');
    else if (learnAttribute(of, name, value.type)) c.changed = true;
    return `${name}: ${tied(value, binding.arrow)}`;
  });
  const type: Type = { k: 'instance', of };
  return { code: `{ ${parts.join(', ')} } as ${c.typeText(type)}`, binds: binding.relation, type };
}

const kinds: Readonly<Record<string, Type>> = {
  int: { k: 'int' },
  float: { k: 'float' },
  str,
};

/** A call of a parser's method. */
export function parserCall(c: Converter, place: Of<'call'>, object: Code, of: ClassInfo, name: string): Code {
  const shape = of.namespace!;
  const code = tied(object, binding.call);
  const given = walked(c, place.args);
  if (name === 'parse_args') {
    const list = given.map(({ value }) => value.code).join(', ');
    const type: Type = { k: 'instance', of: shape };
    return called(`${code}.parseArgs<${c.typeText(type)}>(${list})`, type);
  }
  if (name !== 'add_argument') {
    c.error(place, `'${name}' of an ArgumentParser is not converted.`);
    return called(`${code}.${name}()`, unknown);
  }
  const named = new Map(given.flatMap((one) => (one.name === null ? [] : [[one.name, one] as const])));
  for (const [own, { source }] of named)
    if (!/^(type|default|action|choices|required|dest|help|metavar)$/.test(own))
      c.error(source, `'${own}' of an option is not converted.`);
  const flags = given.filter((one) => one.name === null);
  const long = flags.map(({ source }) => (source.kind === 'string' ? String(source.parts[0]) : ''));
  const word = long.find((one) => one.startsWith('--')) ?? long[0] ?? '';
  const [dest] = named.get('dest')?.source.kind === 'string' ? textOf(named.get('dest')!) : [word];
  const field = dest.replace(/^-+/, '').replaceAll('-', '_');
  const [action] = named.has('action') ? textOf(named.get('action')!) : ['store'];
  const isSwitch = action === 'store_true' || action === 'store_false';
  if (!isSwitch && action !== 'store') c.error(place, `The action '${action}' is not converted.`);
  const kind = named.get('type')?.source;
  const kindName = kind === undefined ? 'str' : c.text(kind);
  if (!isSwitch && !Object.hasOwn(kinds, kindName))
    c.error(kind ?? place, `Options of the type '${kindName}' are not converted: take int, float or str.`);
  const fallback = named.get('default');
  const isRequired = named.get('required')?.value.code === 'true' || !word.startsWith('-');
  const own = isSwitch ? bool : (kinds[kindName] ?? str);
  const isThere = isRequired || isSwitch || (fallback !== undefined && fallback.value.type.k !== 'none');
  const type = isThere ? own : optional(own);
  void none;
  void present;
  if (learnAttribute(shape, field, type)) c.changed = true;
  const settings = [
    ...(isSwitch ? [`action: ${quoted(action)}`] : kindName === 'str' ? [] : [`type: ${quoted(kindName)}`]),
    ...['default', 'choices', 'required', 'dest', 'help', 'metavar'].flatMap((one) => {
      const value = named.get(one);
      return value === undefined ? [] : [`${one}: ${tied(value.value, binding.arrow)}`];
    }),
  ];
  const names = `[${long.map(quoted).join(', ')}]`;
  const list = settings.length === 0 ? names : `${names}, { ${settings.join(', ')} }`;
  return { ...primary(`${code}.addArgument(${list})`, { k: 'none' }), binds: binding.call };
}

const textOf = ({ source }: Walked): string[] => (source.kind === 'string' ? [source.parts.join('')] : ['']);
