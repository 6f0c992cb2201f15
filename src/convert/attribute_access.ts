import { binding, type Code, type Converter, called, primary, tied } from './converter.js';
import { pythonName, within } from './library_paths.js';
import { entryOf, memberOf, refined, staticOf, typeOf } from './library_signatures.js';
import { arrayMember } from './numpy_calls.js';
import { unwrapped } from './operator_expressions.js';
import { libraryName } from './own_names.js';
import { pythonValue } from './python_names.js';
import type { Expression, Of } from './syntax.js';
import {
  describe,
  float,
  joined,
  listOf,
  natural,
  present,
  str,
  type Type,
  tensorOf,
  unknown,
} from './type_rules.js';

/** The name itself where the object is a module of the program's own, whose names stand in the program; null elsewhere. */
export const ofOwnModule = (c: Converter, { at, end, object, name }: Of<'attribute'>): Expression | null =>
  c.moduleAliases.size > 0 && c.moduleAliases.has(c.text(object))
    ? { at, end, kind: 'name', id: name }
    : null;

export function attribute(c: Converter, expression: Of<'attribute'>): Code {
  const own = ofOwnModule(c, expression);
  if (own !== null) return c.expression(own);
  const object = c.expression(expression.object);
  const found = member(c, expression, unwrapped(object), expression.name);
  return c.scope.narrowed.has(c.text(expression)) ? { ...found, type: present(found.type) } : found;
}

/** What stands under a name of a value. */
export function member(c: Converter, place: Of<'attribute'>, object: Code, name: string): Code {
  const { type } = object;
  const text = (own: string) => `${tied(object, binding.call)}.${own}`;
  switch (type.k) {
    case 'never':
      return called(text(name), { k: 'never' });
    case 'library':
      if (name === '__name__') return called(text('name'), str);
      return libraryMember(c, place, object, type.path, name);
    case 'python':
      if (name === '__name__')
        return object.code.endsWith(' as Error)')
          ? called(`${object.code}.name`, str)
          : primary(`'${type.path}'`, str);
      return pythonValue(c, place, `${type.path}.${name}`);
    case 'tensor':
      return tensorMember(c, place, object, name);
    case 'array': {
      const own = arrayMember(object, name);
      if (own !== null) return own;
      break;
    }
    case 'instance':
      return instanceMember(c, place, object, name);
    case 'class': {
      const owner = type.of.ownerOf(name);
      if (owner !== undefined) {
        if (!owner.statics.has(name)) c.changed = true;
        owner.statics.add(name);
        return called(text(name), owner.constants.get(name)!);
      }
      const method = type.of.method(name);
      if (method !== undefined) return called(text(method.own), { k: 'function', of: method });
      if (name === '__name__') return called(text('name'), str);
      if (name === 'apply' && type.of.ancestor === 'autograd.Function')
        return {
          code: `(...inputs: ${c.libraryCode('Tensor')}[]) => ${text('apply')}(...inputs)`,
          binds: binding.arrow,
          type: { k: 'callable', returns: type.of.method('forward')?.returns ?? tensorOf('float') },
        };
      break;
    }
    case 'object':
      return objectMember(c, place, object, type.path, name, type.item);
    case 'tuple': {
      const own = type.names?.indexOf(name) ?? -1;
      if (own >= 0 && type.isNamed) return called(`${tied(object, binding.call)}[${own}]`, type.items[own]);
      const at = type.names?.indexOf(libraryName(name)) ?? -1;
      if (at >= 0) return called(text(libraryName(name)), type.items[at]);
      break;
    }
    case 'dict': {
      // A method as a value, as in `max(counts, key=counts.get)`.
      if (name === 'get')
        return {
          code: `(key) => ${type.isRecord ? `${tied(object, binding.call)}[key]` : `${text('get')}(key)!`}`,
          binds: binding.arrow,
          type: { k: 'callable', returns: type.value },
        };
      break;
    }
    case 'union': {
      // What all of its classes have.
      const all = type.of.map((one) => (one.k === 'instance' ? one.of.attribute(name) : undefined));
      if (all.every((one) => one !== undefined)) return called(text(name), joined(all));
      const classes = type.of.map((one) => (one.k === 'class' ? one.of.ownerOf(name) : undefined));
      if (classes.every((one) => one !== undefined)) {
        for (const one of classes) {
          if (!one.statics.has(name)) c.changed = true;
          one.statics.add(name);
        }
        return called(text(name), joined(classes.map((one) => one.constants.get(name)!)));
      }
      // Those that have it: of others Python says that they have not, and JavaScript that it is undefined.
      const having = type.of.filter((one) => one.k === 'instance' && one.of.attribute(name) !== undefined);
      if (having.length > 0)
        return called(
          `(${object.code} as ${having.map((one) => c.typeText(one)).join(' | ')}).${name}`,
          joined(having.map((one) => (one as Extract<Type, { k: 'instance' }>).of.attribute(name) as Type)),
        );
      break;
    }
    case 'device':
      if (name === 'type') return called(text('type'), str);
      break;
    case 'dtype':
      if (['is_floating_point', 'is_complex', 'itemsize'].includes(name))
        return called(text(libraryName(name)), { k: 'bool' });
      break;
    case 'function':
      if (name === '__name__') return called(text('name'), str);
      break;
    case 'unknown':
      c.needs(place.object, `'${c.text(place.object)}', of which '${name}' is asked,`, type);
      return called(text(name), unknown);
    default:
  }
  c.error(place, `'${name}' of ${describe(type)} cannot be converted.`);
  return called(text(name), unknown);
}

function libraryMember(c: Converter, place: Of<'attribute'>, object: Code, path: string, name: string): Code {
  const own = within(path, name);
  const entry = entryOf(own);
  const code = `${object.code}.${libraryName(name)}`;
  if (entry === undefined) {
    const staticMember = staticOf(path, libraryName(name));
    if (staticMember !== undefined)
      return called(code, { k: 'library', path: `${path}#${libraryName(name)}` });
    if (path === '' && /^(Float|Double|Long|Int|Bool)?Tensor$/.test(name))
      return called(code, { k: 'library', path: name });
    c.error(place, `${pythonName(path === '' ? name : `${path}.${name}`)} is not in Flambeau.`);
    return called(code, unknown);
  }
  if (entry.v !== undefined) {
    const type = typeOf(entry.v);
    return called(code, type.k === 'number' ? float : type);
  }
  return called(code, { k: 'library', path: own });
}

function tensorMember(c: Converter, place: Of<'attribute'>, object: Code, name: string): Code {
  const own = libraryName(name);
  const code = `${tied(object, binding.call)}.${own}`;
  const numbers = object.type.k === 'tensor' ? object.type.numbers : '?';
  if (name === 'shape') return called(code, { k: 'list', of: natural, isSize: true });
  if (name === 'grad') return called(code, { k: 'optional', of: tensorOf('float') });
  const found = memberOf('Tensor', own);
  if (found === undefined) {
    c.error(place, `Tensors have no '${name}' in Flambeau.`);
    return called(code, unknown);
  }
  if (typeof found !== 'string') {
    c.error(place, `'${name}' is a method: it is converted where it is called.`);
    return called(code, unknown);
  }
  const type = refined(typeOf(found), own);
  return called(code, type.k === 'tensor' ? tensorOf(numbers) : type);
}

function instanceMember(c: Converter, place: Of<'attribute'>, object: Code, name: string): Code {
  const { of } = object.type as Extract<Type, { k: 'instance' }>;
  const code = (own: string) => `${tied(object, binding.call)}.${own}`;
  const attributeType = of.attribute(name);
  const owner = of.ownerOf(name);
  if (owner?.statics.has(name) && attributeType !== undefined) {
    const isOverridden = [...c.classes.values()].some(
      (one) => one !== owner && one.constants.has(name) && [...one.lineage()].includes(owner),
    );
    const text = isOverridden
      ? `(${tied(object, binding.call)}.constructor as typeof ${of.own}).${name}`
      : `${owner.own}.${name}`;
    return called(text, attributeType);
  }
  if (attributeType !== undefined) return called(code(name), attributeType);
  const method = of.method(name);
  if (method?.kind === 'property') return called(code(method.own), method.returns);
  if (method !== undefined) {
    const bound = `${code(method.own)}.bind(${object.code})`;
    return called(bound, { k: 'function', of: method });
  }
  if (name === '__class__') return called(code('constructor'), { k: 'class', of });
  const { ancestor } = of;
  if (ancestor !== null && memberOf(ancestor, libraryName(name)) !== undefined)
    return objectMember(c, place, object, ancestor, name, undefined);
  // It may be set by a method that was not walked yet.
  if (c.isFinal) c.error(place, `'${of.name}' has no attribute '${name}' that is known here.`);
  return called(code(name), c.isFinal ? unknown : { k: 'never' });
}

function objectMember(
  c: Converter,
  place: Of<'attribute'>,
  object: Code,
  path: string,
  name: string,
  item: Type | undefined,
): Code {
  const own = libraryName(name);
  const code = `${tied(object, binding.call)}.${own}`;
  if (name === 'param_groups')
    return called(
      code,
      listOf({ k: 'dict', key: str, value: { k: 'library', path: 'optim.group' }, isRecord: true }),
    );
  if (path === 'autograd.FunctionContext' && name === 'saved_tensors')
    return called(code, listOf(tensorOf('float')));
  if (name === '__class__')
    return called(`${tied(object, binding.call)}.constructor`, { k: 'library', path });
  if (name === 'dataset' && item !== undefined)
    return called(`(${code} as ${c.libraryCode('utils.data.Dataset')}<unknown>)`, {
      k: 'object',
      path: 'utils.data.Dataset',
      item,
    });
  const found = memberOf(path, own);
  // A parameter of a module of which the class is not known; all layers call them so.
  if (found === undefined && path === 'nn.Module' && (name === 'weight' || name === 'bias'))
    return called(
      `(${object.code}${c.scope.classes.has(object.code) ? '' : ' as unknown'} as ${c.libraryCode('nn.Conv2d')}).${name}${name === 'bias' ? '!' : ''}`,
      tensorOf('float'),
    );
  if (found === undefined && path === 'nn.ModuleDict' && item !== undefined) {
    const type = item.k === 'dict' ? (item.fields?.get(name) ?? item.value) : item;
    return called(`(${tied(object, binding.call)}.get('${name}') as ${c.typeText(type)})`, type);
  }
  if (found === undefined) {
    if (path === 'autograd.FunctionContext')
      return called(`(${object.code} as unknown as { ${own}: never }).${own}`, unknown);
    c.error(place, `${pythonName(path)} has no '${name}' in Flambeau.`);
    return called(code, unknown);
  }
  if (typeof found !== 'string') {
    c.error(place, `'${name}' is a method: it is converted where it is called.`);
    return called(code, unknown);
  }
  const type = refined(typeOf(found), own);
  const isFloat = path.startsWith('nn.') || path.startsWith('distributions.');
  if (isFloat && type.k === 'tensor') return called(code, tensorOf('float'));
  if (isFloat && type.k === 'optional' && type.of.k === 'tensor')
    return called(code, { k: 'optional', of: tensorOf('float') });
  return primary(code, type);
}
