import { member, ofOwnModule } from './attribute_access.js';
import { builtinCall } from './builtin_calls.js';
import { ownArguments, walked } from './call_arguments.js';
import {
  isModuleType,
  natural,
  present,
  promisedTypes,
  type Type,
  tensorOf,
  unknown,
} from './callee_types.js';
import { binding, type Code, type Converter, called, primary, tied } from './converter.js';
import { constructed, libraryCall, memberCall } from './library_calls.js';
import { memberOf, overload, pathOf, staticOf, typeOf } from './library_signatures.js';
import { methodCall } from './method_calls.js';
import { asTensors } from './numpy_calls.js';
import { unwrapped } from './operator_expressions.js';
import { parserCall } from './option_parsers.js';
import { libraryName } from './own_names.js';
import { pythonCall } from './python_modules.js';
import type { ClassInfo, FunctionInfo } from './python_types.js';
import type { Argument, Expression, Of } from './syntax.js';
import { learnAttribute } from './type_rules.js';

export function call(c: Converter, expression: Of<'call'>): Code {
  const { callee, args } = expression;
  if (callee.kind === 'attribute') {
    const own = ofOwnModule(c, callee);
    if (own !== null) return call(c, { ...expression, callee: own });
    const { object } = callee;
    if (object.kind === 'call' && object.callee.kind === 'name' && object.callee.id === 'super')
      return superCall(c, expression, callee.name);
    return callOfMember(c, expression, callee, unwrapped(c.expression(object)));
  }
  if (callee.kind === 'name' && c.scope.find(callee.id) === undefined && callee.id !== 'self')
    return builtinCall(c, expression, callee.id);
  return callOf(c, expression, unwrapped(c.expression(callee)), args);
}

/** A call of a value. */
export function callOf(c: Converter, place: Of<'call'>, callee: Code, args: readonly Argument[]): Code {
  const { type } = callee;
  const code = tied(callee, binding.call);
  switch (type.k) {
    case 'never':
      walked(c, args);
      return called(`${code}()`, type);
    case 'function': {
      const list = ownArguments(c, place, type.of, args);
      return promised(c, called(`${code}(${list})`, type.of.returns), type.of.isAsync);
    }
    case 'class':
      return instantiated(c, place, type.of, args, code);
    case 'library':
      return libraryCallee(c, place, callee, type.path, args);
    case 'maker':
      return namedTuple(c, place, type, args);
    case 'python':
      return pythonCall(c, place, type.path);
    case 'callable': {
      const lists = (type.functions ?? []).map((of) => ownArguments(c, place, of, args));
      const isOne = lists.length > 0 && lists.every((list) => list === lists[0]);
      if (isOne)
        return promised(
          c,
          called(`${code}(${lists[0]})`, type.returns),
          type.functions!.some(({ isAsync }) => isAsync),
        );
      return called(`${code}(${plainArguments(c, args)})`, type.returns);
    }
    case 'object':
    case 'instance':
      return callOfObject(c, place, callee, args);
    case 'union': {
      const classes = type.of.map((one) => (one.k === 'class' ? one : null));
      if (classes.every((one) => one !== null)) {
        const made = classes.map((one) => instantiated(c, place, one.of, args));
        const list = /^new [\w.]+(\(.*\))$/s.exec(made[0].code)?.[1] ?? '()';
        return called(`new ${code}${list}`, promisedTypes(made.map((one) => one.type)));
      }
      const objects = type.of.map((one) =>
        one.k === 'instance' ? one.of.method(one.of.isModule ? 'forward' : '__call__') : undefined,
      );
      if (objects.every((one) => one !== undefined)) return callOfAll(c, place, code, objects, args);
      const all = type.of.map((one) => (one.k === 'function' ? one.of.returns : null));
      if (all.every((one) => one !== null))
        return called(`${code}(${plainArguments(c, args)})`, promisedTypes(all));
      break;
    }
    default:
  }
  walked(c, args);
  c.needs(place.callee, `'${c.text(place.callee)}', which is called,`, type);
  return called(`${code}()`, unknown);
}

/** A named tuple, which is an array. */
function namedTuple(
  c: Converter,
  place: Of<'call'>,
  { name, names }: Extract<Type, { k: 'maker' }>,
  args: readonly Argument[],
): Code {
  const given = walked(c, args);
  const [first] = given;
  const tuple = (items: readonly Type[]): Type => ({ k: 'tuple', items, names, isNamed: true });
  if (given.length === 1 && first.stars === 1) {
    const { type } = first.value;
    if (type.k === 'never') return called('[]', type);
    if (type.k === 'tuple' && type.items.length === names.length)
      return { ...first.value, type: tuple(type.items) };
    const of = c.elementOf(type);
    return {
      code: `[...${first.value.code}] as [${names.map(() => c.typeText(of)).join(', ')}]`,
      binds: binding.relation,
      type: tuple(names.map(() => of)),
    };
  }
  const own = names.map(
    (one, i) => given.find((arg) => arg.name === one) ?? (given[i]?.name === null ? given[i] : undefined),
  );
  if (
    given.some(({ stars }) => stars > 0) ||
    own.some((one) => one === undefined) ||
    given.length !== names.length
  ) {
    c.error(place, `${name}() takes ${names.join(', ')}.`);
    return called('[]', unknown);
  }
  return primary(
    `[${own.map((one) => tied(one!.value, binding.arrow)).join(', ')}]`,
    tuple(own.map((one) => one!.value.type)),
  );
}

/** A call of what all classes of a union have. */
function callOfAll(
  c: Converter,
  place: Of<'call'>,
  code: string,
  methods: readonly FunctionInfo[],
  args: readonly Argument[],
): Code {
  const lists = methods.map((of) => ownArguments(c, place, of, args));
  return called(`${code}.${methods[0].own}(${lists[0]})`, promisedTypes(methods.map((of) => of.returns)));
}

export const plainArguments = (c: Converter, args: readonly Argument[]): string =>
  walked(c, args)
    .map(({ value, stars }) => `${stars === 1 ? '...' : ''}${tied(value, binding.arrow)}`)
    .join(', ');

function promised(c: Converter, value: Code, isAsync: boolean): Code {
  if (!isAsync) return value;
  if (c.currentFunction !== null && !c.currentFunction.isAsync) {
    c.currentFunction.isAsync = true;
    c.changed = true;
  }
  return { code: `await ${value.code}`, binds: binding.unary, type: value.type };
}

/** Modules are called by their `forward`, other objects by their `__call__`. */
function callOfObject(c: Converter, place: Of<'call'>, object: Code, args: readonly Argument[]): Code {
  const code = tied(object, binding.call);
  const { type } = object;
  if (type.k === 'instance') {
    const own = type.of.method(isModuleType(type) ? 'forward' : '__call__');
    if (own !== undefined)
      return promised(
        c,
        called(`${code}.${own.own}(${ownArguments(c, place, own, args)})`, own.returns),
        own.isAsync,
      );
    const { ancestor } = type.of;
    if (ancestor !== null && memberOf(ancestor, 'forward') !== undefined)
      return memberCall(c, place, object, ancestor, 'forward', args);
  }
  if (type.k === 'object' && memberOf(type.path, 'forward') !== undefined)
    return memberCall(c, place, object, type.path, 'forward', args);
  if (type.k === 'object' && type.path.startsWith('vision.transforms'))
    return called(`${code}.forward(${plainArguments(c, args)})`, tensorOf('float'));
  if (isModuleType(type)) return called(`${code}.forward(${plainArguments(c, args)})`, tensorOf('?'));
  walked(c, args);
  c.needs(place.callee, `'${c.text(place.callee)}', which is called,`, type);
  return called(`${code}()`, unknown);
}

function libraryCallee(
  c: Converter,
  place: Of<'call'>,
  callee: Code,
  path: string,
  args: readonly Argument[],
): Code {
  const [owner, own] = path.split('#');
  if (own !== undefined) return staticCall(c, place, callee, owner, own, args);
  const code = tied(callee, binding.call);
  if (path === 'Size')
    return called(`[...${plainArguments(c, args)}]`, { k: 'list', of: natural, isSize: true });
  const dtype = Object.hasOwn(typedTensors, path) ? typedTensors[path] : undefined;
  if (dtype !== undefined) {
    const given = walked(c, args);
    const type = tensorOf(/float/.test(dtype) ? 'float' : dtype === 'bool' ? 'bool' : 'int');
    if (given.length === 1 && ['list', 'tuple', 'array', 'never'].includes(given[0].value.type.k))
      return called(
        `${c.libraryCode('tensor')}(${asTensors(given[0].value).code}, { dtype: ${c.libraryCode(dtype)} })`,
        type,
      );
    c.error(place, `torch.${path}(…) is not converted: write torch.tensor(…, dtype=…).`);
    return called(`${code}()`, tensorOf('float'));
  }
  return constructed(c, place, path, code, args) ?? libraryCall(c, place, path, code, args);
}

/** PyTorch's constructors of tensors, with what they make. */
const typedTensors: Readonly<Record<string, string>> = {
  Tensor: 'float32',
  FloatTensor: 'float32',
  DoubleTensor: 'float64',
  LongTensor: 'int64',
  IntTensor: 'int32',
  BoolTensor: 'bool',
};

/** A static method of a class of the library's. */
function staticCall(
  c: Converter,
  place: Of<'call'>,
  callee: Code,
  owner: string,
  own: string,
  args: readonly Argument[],
): Code {
  void place;
  const texts = staticOf(owner, own);
  const returns =
    typeof texts === 'string' || texts === undefined
      ? unknown
      : texts.length > 0
        ? typeOf(overload(texts[0]).returns)
        : owner.startsWith('nn.')
          ? tensorOf('float')
          : unknown;
  return called(`${callee.code}(${plainArguments(c, args)})`, returns);
}

export function instantiated(
  c: Converter,
  place: Of<'call'>,
  of: ClassInfo,
  args: readonly Argument[],
  callee?: string,
): Code {
  const type: Type = { k: 'instance', of };
  const name = callee === 'this' ? 'this' : of.own;
  const init = of.method('__init__');
  if (init !== undefined) return called(`new ${name}(${ownArguments(c, place, init, args)})`, type);
  if (of.ancestor !== null) {
    const path = pathOf(of.ancestor);
    const base = constructed(c, place, path, of.own, args);
    if (base !== null) return called(base.code, type);
  }
  return called(`new ${of.own}(${plainArguments(c, args)})`, type);
}

function superCall(c: Converter, expression: Of<'call'>, name: string): Code {
  const of = c.currentClass;
  if (of === null) {
    c.error(expression, "'super' stands outside of a class.");
    return called('super()', unknown);
  }
  const base = of.base?.method(name);
  if (name === '__init__') {
    if (base !== undefined)
      return called(`super(${ownArguments(c, expression, base, expression.args)})`, { k: 'none' });
    const path = of.libraryBase ?? of.base?.ancestor ?? null;
    if (path !== null && expression.args.length > 0) {
      const own = constructed(c, expression, pathOf(path), 'Base', expression.args);
      return called(own === null ? 'super()' : own.code.replace('new Base', 'super'), { k: 'none' });
    }
    if (of.pythonBase !== null || of.base?.pythonBase != null)
      return called(`super(${plainArguments(c, expression.args)})`, { k: 'none' });
    return called('super()', { k: 'none' });
  }
  const self: Code = called('super', { k: 'instance', of });
  if (base !== undefined)
    return called(`super.${base.own}(${ownArguments(c, expression, base, expression.args)})`, base.returns);
  const { ancestor } = of;
  if (ancestor !== null) return memberCall(c, expression, self, ancestor, libraryName(name), expression.args);
  c.error(expression, `'${of.name}' has no base with '${name}'.`);
  return called('super', unknown);
}

/** `object.name(…)`. */
function callOfMember(c: Converter, place: Of<'call'>, callee: Of<'attribute'>, object: Code): Code {
  const { name } = callee;
  const { type } = object;
  const { args } = place;
  switch (type.k) {
    case 'never':
      walked(c, args);
      return called(`${tied(object, binding.call)}.${name}()`, type);
    case 'instance': {
      if (type.of.namespace !== null) return parserCall(c, place, object, type.of, name);
      const method = type.of.method(name);
      if (method !== undefined && method.kind !== 'property') {
        const isOfClass = method.kind === 'static' || method.kind === 'class';
        const holder = isOfClass
          ? `(${tied(object, binding.call)}.constructor as typeof ${type.of.own})`
          : tied(object, binding.call);
        const code = `${holder}.${method.own}(${ownArguments(c, place, method, args)})`;
        return promised(c, called(code, method.returns), method.isAsync);
      }
      if (name === 'register_buffer' || name === 'register_parameter') register(c, type.of, args);
      const own = type.of.attribute(name);
      if (
        own === undefined &&
        type.of.ancestor !== null &&
        memberOf(type.of.ancestor, libraryName(name)) !== undefined
      )
        return memberCall(c, place, object, type.of.ancestor, libraryName(name), args);
      break;
    }
    case 'class': {
      const method = type.of.method(name);
      if (method !== undefined) {
        const code = `${tied(object, binding.call)}.${method.own}(${ownArguments(c, place, method, args)})`;
        return promised(c, called(code, method.returns), method.isAsync);
      }
      const { ancestor } = type.of;
      // A custom function's results are those of its `forward`.
      if (ancestor === 'autograd.Function' && name === 'apply')
        return customFunction(c, object, type.of, args);
      break;
    }
    case 'tensor':
      return methodCall(c, place, object, name);
    case 'object':
      if (type.path === 'nn.ModuleDict' && memberOf(type.path, libraryName(name)) === undefined) break;
      return methodCall(c, place, object, name);
    case 'union': {
      const methods = type.of.map((one) => (one.k === 'instance' ? one.of.method(name) : undefined));
      if (methods.every((one) => one !== undefined))
        return callOfAll(c, place, tied(object, binding.call), methods, args);
      const having = type.of.filter((one) => one.k === 'instance' && one.of.method(name) !== undefined);
      if (having.length > 0)
        return callOfMember(
          c,
          place,
          callee,
          primary(
            `(${object.code} as ${having.map((one) => c.typeText(one)).join(' | ')})`,
            promisedTypes(having),
          ),
        );
      break;
    }
    case 'python':
      if (type.path === 'numpy.RandomState' || type.path === 'random.Random')
        return methodCall(c, place, object, name);
      break;
    case 'library':
      break;
    default: {
      const own = methodCall(c, place, object, name);
      return own;
    }
  }
  return callOf(c, place, unwrapped(member(c, callee, object, name)), args);
}

/** A buffer or parameter is an attribute that the library sets. */
function register(c: Converter, of: ClassInfo, args: readonly Argument[]): void {
  const [first, second] = args;
  const [name] = first?.value.kind === 'string' ? first.value.parts : [];
  if (typeof name !== 'string' || second === undefined) return;
  of.registered.add(name);
  const { type } = c.expression(second.value);
  if (learnAttribute(of, name, type.k === 'none' ? { k: 'optional', of: tensorOf('float') } : type))
    c.changed = true;
}

function customFunction(c: Converter, object: Code, of: ClassInfo, args: readonly Argument[]): Code {
  const given = walked(c, args);
  const forward = of.method('forward');
  if (forward !== undefined)
    for (const [i, parameter] of forward.parameters.slice(1).entries()) {
      const type = given[i]?.value.type;
      if (type === undefined || parameter.isAnnotated || parameter.type.k === type.k) continue;
      parameter.type = present(type);
      c.changed = true;
    }
  const list = given.map(({ value }) => tied(value, binding.arrow)).join(', ');
  return called(`${tied(object, binding.call)}.apply(${list})`, forward?.returns ?? tensorOf('float'));
}

export type { Expression };
