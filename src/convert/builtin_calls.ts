import { exceptions, isException } from './builtin_names.js';
import { learnParameter, type Walked, walked } from './call_arguments.js';
import { callbackOf } from './callbacks.js';
import { newMap, newSet } from './coerce.js';
import { sortOptions } from './collection_methods.js';
import { arrayOf } from './comprehensions.js';
import { truth } from './condition_code.js';
import { binding, type Code, type Converter, called, primary, tied } from './converter.js';
import { isInstance } from './instance_checks.js';
import { within } from './library_paths.js';
import { entryOf } from './library_signatures.js';
import { combined, unwrapped } from './operator_expressions.js';
import { inText, print, printed } from './printed_text.js';
import { stringMethod } from './string_methods.js';
import type { Expression, Of } from './syntax.js';
import {
  bool,
  elementOf,
  float,
  int,
  isNumber,
  iteratorOf,
  join,
  joined,
  listOf,
  natural,
  never,
  str,
  type Type,
  unknown,
} from './type_rules.js';

/** A call of one of Python's own functions. */
export function builtinCall(c: Converter, place: Of<'call'>, name: string): Code {
  if (name === 'print') return print(c, place);
  if (name === 'isinstance') return isInstance(c, place);
  if (name === 'sorted' || name === 'max' || name === 'min') return ordered(c, place, name);
  if (isException(name)) return exception(c, place, name);
  const given = walked(c, place.args);
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (given.some(({ value }) => value.type.k === 'never') && name !== 'len' && name !== 'str')
    return called(`${name}(${given.map(({ value }) => value.code).join(', ')})`, pendingType(name, given));
  const result = rule?.(c, given.map(open), place);
  if (result !== undefined && result !== null) return result;
  if (c.scope.find(name) === undefined && rule === undefined) c.error(place, `'${name}' is not converted.`);
  else c.error(place, `This call of '${name}' is not converted.`);
  return called(`${name}(${given.map(({ value }) => value.code).join(', ')})`, unknown);
}

const open = (one: Walked): Walked => ({ ...one, value: unwrapped(one.value) });

/** What a call gives whose arguments are not known yet. */
function pendingType(name: string, given: readonly Walked[]): Type {
  switch (name) {
    case 'range':
      return iteratorOf(int);
    case 'float':
      return float;
    case 'int':
    case 'round':
      return int;
    case 'list':
      return listOf(never);
    case 'enumerate':
      return iteratorOf({ k: 'tuple', items: [natural, never] });
    case 'zip':
      return iteratorOf({ k: 'tuple', items: given.map(({ value }) => elementOf(value.type)) });
    default:
      return never;
  }
}

type Rule = (c: Converter, given: readonly Walked[], place: Of<'call'>) => Code | null;

/** An iterator of Python's whose code is an array already. */
const array = (c: Converter, { value, source }: Walked): string => {
  if (value.type.k === 'str') c.checkCounted(source);
  return arrayOf(c, source, value);
};

const rules: Readonly<Record<string, Rule>> = {
  len: (c, [one]) => (one === undefined ? null : length(c, one)),
  range: (c, given) => {
    const isNatural = given.every(({ value }) => value.type.k === 'int' && value.type.isNatural === true);
    return called(`${c.helper('range')}(${codes(given)})`, iteratorOf(isNatural ? natural : int));
  },
  enumerate: (c, given) => {
    const [one, start] = given;
    if (one === undefined) return null;
    const type = iteratorOf({ k: 'tuple', items: [natural, elementOf(one.value.type)] });
    if (start === undefined)
      return called(`${tied({ ...one.value, code: array(c, one) }, binding.call)}.entries()`, type);
    return called(`${c.helper('enumerate')}(${array(c, one)}, ${start.value.code})`, type);
  },
  zip: (c, given) => {
    const plain = given.filter(({ name, stars }) => name === null && stars === 0);
    if (plain.length !== given.length) {
      const [only] = given;
      if (given.length !== 1 || only.stars !== 1) return null;
      const inner = elementOf(only.value.type);
      const count = inner.k === 'tuple' ? inner.items.map((item) => listOf(item)) : null;
      const of: Type = count === null ? listOf(elementOf(inner)) : joined(count);
      return called(
        `${c.helper('unzip')}(${only.value.code})`,
        count === null ? iteratorOf(of) : { k: 'tuple', items: count },
      );
    }
    const types = plain.map(({ value }) => elementOf(value.type));
    return called(
      `${c.helper('zip')}(${plain.map((one) => array(c, one)).join(', ')})`,
      iteratorOf({ k: 'tuple', items: types }),
    );
  },
  list: (c, [one]) => {
    if (one === undefined) return primary('[]', listOf(never));
    const of = elementOf(one.value.type);
    if (one.value.type.k === 'iterator') return called(array(c, one), listOf(of));
    return called(
      `[...${tied({ ...one.value, code: array(c, one) }, binding.call)}]`.replace(
        /^\[\.\.\.\[\.\.\.(.*)\]\]$/s,
        '[...$1]',
      ),
      listOf(of),
    );
  },
  tuple: (c, [one]) => {
    if (one === undefined) return primary('[]', { k: 'tuple', items: [] });
    const { type } = one.value;
    const own: Type = type.k === 'tuple' ? type : { k: 'list', of: elementOf(type), isTuple: true };
    return called(`[...${tied({ ...one.value, code: array(c, one) }, binding.call)}]`, own);
  },
  set: (c, [one]) =>
    one === undefined
      ? called('new Set()', { k: 'set', of: never })
      : called(`${newSet(c, elementOf(one.value.type))}(${array(c, one)})`, {
          k: 'set',
          of: elementOf(one.value.type),
        }),
  dict: (c, given) => {
    const [one] = given;
    if (one === undefined)
      return called('new Map()', { k: 'dict', key: never, value: never, isRecord: false });
    if (one.name !== null) {
      const parts = given.map(({ name, value }) =>
        name === value.code ? value.code : `${name}: ${tied(value, binding.arrow)}`,
      );
      const type: Type = {
        k: 'dict',
        key: str,
        value: joined(given.map(({ value }) => value.type)),
        isRecord: true,
        fields: new Map(given.map(({ name, value }) => [name ?? '', value.type])),
      };
      return primary(`{ ${parts.join(', ')} }`, type);
    }
    const { type } = one.value;
    if (type.k === 'dict')
      return called(type.isRecord ? `{ ...${one.value.code} }` : `new Map(${one.value.code})`, type);
    const of = elementOf(type);
    const [key, value] = of.k === 'tuple' ? of.items : [unknown, unknown];
    return called(`${newMap(c, key)}(${array(c, one)})`, { k: 'dict', key, value, isRecord: false });
  },
  str: (c, [one]) =>
    one === undefined ? primary("''", str) : one.value.type.k === 'str' ? one.value : text(c, one),
  repr: (c, [one]) => (one === undefined ? null : called(printed(c, one.source, one.value, 'repr'), str)),
  int: (c, [one, base]) => {
    if (one === undefined) return primary('0', natural);
    const { type, code } = one.value;
    if (type.k === 'str')
      return called(`${c.helper('int')}(${codes(base === undefined ? [one] : [one, base])})`, int);
    if (base !== undefined) return null;
    if (type.k === 'int') return one.value;
    if (type.k === 'tensor' || type.k === 'array')
      return called(
        type.numbers === 'int'
          ? `${tied(one.value, binding.call)}.item()`
          : `Math.trunc(${tied(one.value, binding.call)}.item())`,
        int,
      );
    if (type.k === 'bool') return called(`Number(${code})`, natural);
    return isNumber(type) ? called(`Math.trunc(${code})`, int) : null;
  },
  float: (c, [one]) => {
    if (one === undefined) return primary('0', float);
    const { type, code } = one.value;
    if (type.k === 'tensor' || type.k === 'array')
      return called(`${tied(one.value, binding.call)}.item()`, float);
    if (type.k === 'str') {
      const literal = /^'[+-]?(inf|infinity|nan)'$/i.exec(code);
      if (literal !== null)
        return primary(/nan/i.test(code) ? 'NaN' : code.includes('-') ? '-Infinity' : 'Infinity', float);
      return called(`${c.helper('float')}(${code})`, float);
    }
    if (type.k === 'bool') return called(`Number(${code})`, float);
    return isNumber(type) ? { ...one.value, type: float } : null;
  },
  bool: (c, [one]) => (one === undefined ? null : truth(c, one.source, one.value)),
  abs: (c, [one]) => {
    if (one === undefined) return null;
    const { type } = one.value;
    if (type.k === 'tensor') return called(`${tied(one.value, binding.call)}.abs()`, type);
    if (type.k === 'array') return called(`${c.helper('numpy')}.abs(${one.value.code})`, type);
    return isNumber(type) ? called(`Math.abs(${one.value.code})`, type.k === 'int' ? natural : type) : null;
  },
  round: (c, [one, digits]) => {
    if (one === undefined) return null;
    if (one.value.type.k === 'array')
      return digits === undefined
        ? called(`${c.helper('round')}(${tied(one.value, binding.call)}.item())`, int)
        : called(`${c.helper('numpy')}.round(${codes([one, digits])})`, one.value.type);
    if (digits === undefined) return called(`${c.helper('round')}(${one.value.code})`, int);
    return called(`${c.helper('round')}(${codes([one, digits])})`, one.value.type.k === 'int' ? int : float);
  },
  sum: (c, [one, start]) => {
    if (one === undefined) return null;
    const of = elementOf(one.value.type);
    if (of.k === 'tensor' || of.k === 'array') {
      const first = start === undefined ? '' : `, ${start.value.code}`;
      return called(`${c.helper('total')}(${array(c, one)}${first})`, of);
    }
    if (of.k === 'instance') {
      const add = of.of.method('__add__');
      if (add !== undefined && start === undefined) {
        learnParameter(c, add.parameters[0], natural);
        return called(`${c.helper('total')}(${array(c, one)})`, add.returns);
      }
      if (add !== undefined && start !== undefined)
        return called(`${array(c, one)}.reduce((a, b) => a.${add.own}(b), ${start.value.code})`, add.returns);
      return null;
    }
    if ((of.k === 'list' || of.k === 'tuple') && start?.value.code === '[]')
      return called(`${array(c, one)}.flat()`, of.k === 'list' ? of : listOf(elementOf(of)));
    if (!isNumber(of)) return null;
    return called(
      `${c.helper('sum')}(${array(c, one)}${start === undefined ? '' : `, ${start.value.code}`})`,
      of.k === 'bool' ? natural : start === undefined ? of : join(of, start.value.type),
    );
  },
  any: (c, [one]) => quantified(c, one, 'some'),
  all: (c, [one]) => quantified(c, one, 'every'),
  reversed: (c, [one]) =>
    one === undefined || one.value.type.k === 'instance'
      ? null
      : called(
          `${tied({ ...one.value, code: array(c, one) }, binding.call)}.toReversed()`,
          iteratorOf(elementOf(one.value.type)),
        ),
  pow: (c, [base, power, modulus], place) =>
    power === undefined || modulus !== undefined
      ? null
      : combined(c, place, '**', base.value, power.value, base.source, power.source),
  divmod: (c, given) => {
    if (given.length !== 2) return null;
    const types = given.map(({ value }) => value.type);
    const of = types.some(({ k }) => k === 'float') ? float : joined(types);
    return isNumber(of)
      ? called(`${c.helper('divmod')}(${codes(given)})`, { k: 'tuple', items: [of, of] })
      : null;
  },
  ord: (_, [one]) => called(`${tied(one.value, binding.call)}.codePointAt(0)!`, natural),
  chr: (c, [one]) => called(`${c.helper('chr')}(${one.value.code})`, str),
  hex: (c, given) => called(`${c.helper('hex')}(${codes(given)})`, str),
  oct: (c, given) => called(`${c.helper('oct')}(${codes(given)})`, str),
  bin: (c, given) => called(`${c.helper('bin')}(${codes(given)})`, str),
  callable: (_, [one]) =>
    one === undefined
      ? null
      : primary(String(['function', 'callable', 'class', 'library'].includes(one.value.type.k)), bool),
  iter: (_, [one]) => {
    if (one === undefined) return null;
    const code = tied(one.value, binding.call);
    return called(`${code}[Symbol.iterator]()`, { k: 'iterator', of: elementOf(one.value.type) });
  },
  next: (c, given) => {
    const [one, fallback] = given;
    if (one?.value.type.k !== 'iterator' && one?.value.type.k !== 'list') return null;
    const of = elementOf(one.value.type);
    return called(
      `${c.helper('next')}(${codes(given)})`,
      fallback === undefined ? of : join(of, fallback.value.type),
    );
  },
  filter: (c, [fn, one], place) => {
    if (one === undefined) return null;
    const of = elementOf(one.value.type);
    const items = tied({ ...one.value, code: array(c, one) }, binding.call);
    if (fn.value.type.k === 'none') {
      const test = truth(c, one.source, primary('one', of));
      return called(`${items}.filter((one) => ${test.code})`, iteratorOf(of));
    }
    const test = functionValue(c, place.args[0].value, fn.value, [of]);
    return called(`${items}.filter(${test.code})`, iteratorOf(of));
  },
  map: (c, [fn, one, other], place) => {
    if (other !== undefined) {
      const types = [one, other].map(({ value }) => elementOf(value.type));
      const test = functionValue(c, place.args[0].value, fn.value, types);
      return called(
        `${c.helper('zip')}(${array(c, one)}, ${array(c, other)}).map(([one, other]) => ${tied(test, binding.call)}(one, other))`,
        iteratorOf(returnOf(test.type)),
      );
    }
    if (one === undefined || fn.value.type.k === 'python') {
      if (one === undefined) return null;
      const { path } = fn.value.type as Extract<Type, { k: 'python' }>;
      const inner = builtinElement(c, path, elementOf(one.value.type), one);
      return inner === null
        ? null
        : called(
            `${tied({ ...one.value, code: array(c, one) }, binding.call)}.map((one) => ${inner.code})`,
            iteratorOf(inner.type),
          );
    }
    const { type } = fn.value;
    const returns = type.k === 'function' ? type.of.returns : type.k === 'callable' ? type.returns : unknown;
    if (type.k === 'function') {
      const [parameter] = type.of.parameters;
      if (parameter !== undefined && !parameter.isAnnotated && parameter.type.k === 'never') {
        parameter.type = elementOf(one.value.type);
        c.changed = true;
      }
    }
    return called(`${array(c, one)}.map((one) => ${tied(fn.value, binding.call)}(one))`, iteratorOf(returns));
  },
  type: (c, [one]) =>
    one === undefined
      ? null
      : (namedType(c, one) ??
        called(
          `${tied(one.value, binding.call)}.constructor`,
          one.value.type.k === 'instance'
            ? { k: 'class', of: one.value.type.of }
            : { k: 'library', path: 'type' },
        )),
  hasattr: (c, given) => {
    const [one, name] = given;
    if (name?.source.kind !== 'string') return null;
    const { type } = one.value;
    // What the library has is known now.
    if (type.k === 'library') {
      const [text] = name.source.parts;
      return primary(
        String(typeof text === 'string' && entryOf(within(type.path, text)) !== undefined),
        bool,
      );
    }
    void c;
    return called(`(${name.value.code} in ${one.value.code})`, bool);
  },
  format: (c, given) => called(`${c.helper('format')}(${codes(given)})`, str),
  id: () => null,
};

/** The name of a value of Python's own: all that programs ask of `type(…)`. */
function namedType(c: Converter, { value, source }: Walked): Code | null {
  const { type, code } = value;
  if (/ as Error\)\.message$/.test(code))
    return called(code.replace(/^\((.*) as Error\)\.message$/, '($1 as Error)'), {
      k: 'python',
      path: 'Exception',
    });
  if (type.k === 'number') c.checkPrinted(source, type);
  const own = type.k === 'list' && (type.isTuple || type.isSize) ? 'tuple' : type.k;
  if (!/^(int|float|str|bool|list|tuple|dict|set)$/.test(own)) return null;
  return primary(`"<class '${own}'>"`, { k: 'python', path: own });
}

/** A function that is given to a function of Python's, with what it is called with. */
function functionValue(c: Converter, source: Expression, value: Code, types: readonly Type[]): Code {
  const { type } = value;
  if (type.k !== 'python') return c.expression(source, callbackOf(types));
  const inner = builtinElement(c, type.path, types[0], { value, source, name: null, stars: 0 });
  if (inner === null)
    return c.untyped(source, 'undefined', `'${c.text(source)}' is not converted as a value: write a lambda.`);
  return {
    code: `(one) => ${inner.code}`,
    binds: binding.arrow,
    type: { k: 'callable', returns: inner.type },
  };
}

const returnOf = (type: Type): Type =>
  type.k === 'function' ? type.of.returns : type.k === 'callable' ? type.returns : unknown;

/** One of Python's functions, applied to each element. */
function builtinElement(c: Converter, path: string, of: Type, like: Walked): Code | null {
  const [, method] = /^str\.(\w+)$/.exec(path) ?? [];
  if (method !== undefined) {
    const { at, end } = like.source;
    const callee: Expression = { at, end, kind: 'attribute', object: like.source, name: method };
    return stringMethod(c, { at, end, kind: 'call', callee, args: [] }, primary('one', str), method);
  }
  const rule = Object.hasOwn(rules, path) ? rules[path] : undefined;
  if (rule === undefined) return null;
  return rule(c, [{ ...like, value: primary('one', of) }], like.source as Of<'call'>);
}

function text(c: Converter, { source, value }: Walked): Code {
  const code = inText(c, source, value);
  return called(code === value.code ? `String(${code})` : code, str);
}

export const codes = (given: readonly Walked[]): string =>
  given.map(({ value }) => tied(value, binding.arrow)).join(', ');

function length(c: Converter, { value, source }: Walked): Code {
  const code = tied(value, binding.call);
  const { type } = value;
  if (type.k === 'str') c.checkCounted(source);
  switch (type.k) {
    case 'set':
      return called(`${code}.size`, natural);
    case 'dict':
      return called(type.isRecord ? `Object.keys(${value.code}).length` : `${code}.size`, natural);
    case 'iterator':
      return called(`${arrayOf(c, source, value)}.length`, natural);
    case 'unknown':
      c.needs(source, `'${c.text(source)}', whose length is asked,`, type);
      return called(`${code}.length`, natural);
    default:
      return called(`${code}.length`, natural);
  }
}

function quantified(c: Converter, one: Walked | undefined, by: 'some' | 'every'): Code | null {
  if (one === undefined) return null;
  const of = elementOf(one.value.type);
  const items = array(c, one);
  // A comprehension's last step is the test.
  const [, before, test] = /^(.*)\.map\((\([^()]*\) => .*)\)$/s.exec(items) ?? [];
  if (before !== undefined && of.k === 'bool' && !test.includes('.map('))
    return called(`${before}.${by}(${test})`, bool);
  return called(
    `${tied({ ...one.value, code: items }, binding.call)}.${by}((one) => ${truth(c, one.source, primary('one', of)).code})`,
    bool,
  );
}

/** `sorted`, `max` and `min`. */
function ordered(c: Converter, place: Of<'call'>, name: string): Code {
  const first = place.args[0];
  const isSeveral = place.args.filter(({ name: own, stars }) => own === null && stars === 0).length > 1;
  let element: Type = never;
  const given = walked(c, place.args, (_, own) => (own === 'key' ? callbackOf([element]) : undefined)).map(
    open,
  );
  if (first === undefined || given.length === 0) {
    c.error(place, `This call of '${name}' is not converted.`);
    return called(`${name}()`, unknown);
  }
  const plain = given.filter(({ name: own }) => own === null);
  element = isSeveral ? joined(plain.map(({ value }) => value.type)) : elementOf(plain[0].value.type);
  const key = given.find(({ name: own }) => own === 'key');
  // The key's parameter is an element: it is walked again with that.
  const again = key === undefined ? undefined : place.args.find(({ name: own }) => own === 'key');
  const keyed =
    again === undefined || key === undefined
      ? key
      : { ...key, value: functionValue(c, again.value, key.value, [element]) };
  const reverse = given.find(({ name: own }) => own === 'reverse');
  const fallback = given.find(({ name: own }) => own === 'default');
  if (name === 'sorted')
    return called(
      `${c.helper('sorted')}(${array(c, plain[0])}${sortOptions(keyed, reverse)})`,
      listOf(element),
    );
  if (plain.some(({ value }) => value.type.k === 'tensor') && isSeveral) {
    c.error(place, `'${name}' of tensors is torch.maximum or torch.minimum.`);
    return called(`${name}()`, unknown);
  }
  if (isSeveral && keyed === undefined && isNumber(element))
    return called(`Math.${name}(${codes(plain)})`, element);
  const items = isSeveral ? `[${codes(plain)}]` : array(c, plain[0]);
  if (keyed === undefined && fallback === undefined && isNumber(element) && items.length < 40)
    return called(`Math.${name}(...${items})`, element);
  const options = [
    ...(keyed === undefined ? [] : [`key: ${keyed.value.code}`]),
    ...(fallback === undefined ? [] : [`fallback: ${fallback.value.code}`]),
  ];
  return called(
    `${c.helper(name)}(${items}${options.length === 0 ? '' : `, { ${options.join(', ')} }`})`,
    element,
  );
}

function exception(c: Converter, place: Of<'call'>, name: string): Code {
  const given = walked(c, place.args);
  const own = exceptions.has(name)
    ? c.libraryCode(name)
    : /^(ZeroDivisionError|StopIteration|OverflowError)$/.test(name)
      ? c.helper(name)
      : 'Error';
  const message = given
    .map(({ value, source }) => (value.type.k === 'str' ? value.code : `\`\${${inText(c, source, value)}}\``))
    .join(', ');
  return called(`new ${own}(${message})`, { k: 'python', path: name });
}
