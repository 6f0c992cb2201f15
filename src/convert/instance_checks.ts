import { exceptions } from './builtin_names.js';
import { binding, type Code, type Converter, called, tied } from './converter.js';
import type { Expression, Of } from './syntax.js';
import { bool, type Type } from './type_rules.js';

/** `isinstance(…)`. */
export function isInstance(c: Converter, place: Of<'call'>): Code {
  const [one, what] = place.args;
  if (what === undefined) {
    c.error(place, "'isinstance' takes two arguments.");
    return called('false', bool);
  }
  const value = c.expression(one.value);
  const classes = what.value.kind === 'tuple' ? what.value.items : [what.value];
  const answer = answerOf(c, value.type, classes);
  if (answer !== null) return { code: String(answer), binds: binding.primary, type: bool };
  const names = classes.flatMap((of) => (of.kind === 'name' ? [of.id] : []));
  if (names.includes('int') !== names.includes('float') && mayBeEither(value.type, names.includes('int')))
    c.error(
      place,
      'Whether a number is an int or a float is not known when the program runs: ask for (int, float), or ask otherwise.',
    );
  const tests = [...new Set(classes.map((of) => instanceTest(c, tied(value, binding.relation), of)))];
  const code = tests.join(' || ');
  return { code, binds: tests.length > 1 ? binding.or : binding.relation, type: bool };
}

/** The answer, where the types of both sides give it. */
function answerOf(c: Converter, type: Type, classes: readonly Expression[]): boolean | null {
  const asked = classes.map((of) => c.expression(of).type);
  if (!asked.every((of) => of.k === 'python' && /^(int|float|str|bool|list|tuple|dict|set)$/.test(of.path)))
    return null;
  const own: Readonly<Record<string, readonly string[]>> = {
    int: ['int'],
    float: ['float'],
    bool: ['bool', 'int'],
    str: ['str'],
    none: [],
    tensor: [],
    tuple: ['tuple'],
    dict: ['dict'],
    set: ['set'],
    list: type.k === 'list' && (type.isTuple || type.isSize) ? ['tuple'] : ['list'],
  };
  if (!Object.hasOwn(own, type.k)) return null;
  return asked.some((of) => of.k === 'python' && own[type.k].includes(of.path));
}

/** Whether it may be an int as well as a float. */
function mayBeEither(type: Type, isInt: boolean): boolean {
  if (type.k === 'number') return true;
  if (type.k === 'optional') return mayBeEither(type.of, isInt);
  return (
    type.k === 'union' &&
    type.of.some(({ k }) => k === 'number' || k === (isInt ? 'float' : 'int') || (isInt && k === 'bool'))
  );
}

/** The question whether a value is of a class. */
export function instanceTest(c: Converter, code: string, of: Expression): string {
  const { type } = c.expression(of);
  if (type.k === 'class') return `${code} instanceof ${type.of.own}`;
  if (type.k === 'library') return `${code} instanceof ${c.libraryCode(type.path)}`;
  if (type.k === 'python') {
    switch (type.path) {
      case 'int':
      case 'float':
        return `typeof ${code} === 'number'`;
      case 'str':
        return `typeof ${code} === 'string'`;
      case 'bool':
        return `typeof ${code} === 'boolean'`;
      case 'list':
      case 'tuple':
        return `Array.isArray(${code})`;
      case 'dict':
        return `${code} instanceof Map`;
      default:
        if (exceptions.has(type.path)) return `${code} instanceof ${c.libraryCode(type.path)}`;
        if (/^(Base)?Exception$/.test(type.path)) return `${code} instanceof Error`;
        if (/^(ZeroDivisionError|StopIteration|OverflowError)$/.test(type.path))
          return `${code} instanceof ${c.helper(type.path)}`;
        if (type.path === 'LookupError')
          return `${code} instanceof ${c.libraryCode('KeyError')} || ${code} instanceof ${c.libraryCode('IndexError')}`;
        if (type.path === 'ArithmeticError') return `${code} instanceof ${c.helper('ZeroDivisionError')}`;
    }
  }
  c.error(of, `'${c.text(of)}' is no class that is known here.`);
  return 'false';
}
