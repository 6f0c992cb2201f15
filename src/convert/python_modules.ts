import { type Walked, walked } from './call_arguments.js';
import { callbackOf } from './callbacks.js';
import { arrayOf } from './comprehensions.js';
import { binding, type Code, type Converter, called, primary, tied } from './converter.js';
import { literalInt } from './literals.js';
import { numbersOf } from './number_kinds.js';
import { numpyCall } from './numpy_calls.js';
import { newNamespace, newParser } from './option_parsers.js';
import { refusal } from './python_names.js';
import { regularCall } from './regular_expressions.js';
import type { Expression, Of } from './syntax.js';
import {
  elementOf,
  float,
  int,
  iteratorOf,
  join,
  listOf,
  natural,
  never,
  none,
  str,
  type Type,
  unknown,
} from './type_rules.js';

const functions: Readonly<Record<string, readonly [code: string, type: Type]>> = {
  'math.sqrt': ['Math.sqrt', float],
  'math.exp': ['Math.exp', float],
  'math.sin': ['Math.sin', float],
  'math.cos': ['Math.cos', float],
  'math.tan': ['Math.tan', float],
  'math.atan': ['Math.atan', float],
  'math.atan2': ['Math.atan2', float],
  'math.asin': ['Math.asin', float],
  'math.acos': ['Math.acos', float],
  'math.tanh': ['Math.tanh', float],
  'math.log2': ['Math.log2', float],
  'math.log10': ['Math.log10', float],
  'math.log1p': ['Math.log1p', float],
  'math.expm1': ['Math.expm1', float],
  'math.pow': ['Math.pow', float],
  'math.hypot': ['Math.hypot', float],
  'math.fabs': ['Math.abs', float],
  'math.floor': ['Math.floor', int],
  'math.ceil': ['Math.ceil', int],
  'math.trunc': ['Math.trunc', int],
  'math.isnan': ['Number.isNaN', { k: 'bool' }],
  'math.isfinite': ['Number.isFinite', { k: 'bool' }],
  'time.perf_counter': ['performance.now() / 1000', float],
  'time.time': ['Date.now() / 1000', float],
  'time.monotonic': ['performance.now() / 1000', float],
};

export function pythonCall(c: Converter, place: Of<'call'>, path: string): Code {
  const { args } = place;
  if (path === 'copy.deepcopy' || path === 'copy.copy') {
    const [one] = walked(c, args);
    const { type } = one.value;
    if (path === 'copy.copy' && type.k !== 'object' && type.k !== 'instance')
      return called(`[...${one.value.code}]`, type);
    return called(`${c.libraryCode('deepcopy')}(${one.value.code})`, type);
  }
  if (/^tqdm\.bar\.(update|set_postfix|set_description|close|write)$/.test(path)) return called('', none);
  if (path.startsWith('numpy.')) return numpyCall(c, place, path.slice(6));
  if (path === 'functools.reduce') return reduced(c, place);
  const given = walked(c, args);
  if (path === 'argparse.ArgumentParser') return newParser(c, place, given);
  if (path === 'argparse.Namespace' || path === 'types.SimpleNamespace') return newNamespace(c, place, given);
  const list = given.map(({ value }) => tied(value, binding.arrow)).join(', ');
  if (Object.hasOwn(functions, path)) {
    const [code, type] = functions[path];
    if (path.startsWith('time.')) return { code, binds: binding.product, type };
    return called(
      `${code}(${given.map(({ value }) => (value.type.k === 'tensor' || value.type.k === 'array' ? `${tied(value, binding.call)}.item()` : tied(value, binding.arrow))).join(', ')})`,
      type,
    );
  }
  const special = specialCall(c, path, given, list);
  if (special !== null) return special;
  c.error(place, refusal(path) ?? `'${path}' is not converted.`);
  return called(`${path}(${list})`, unknown);
}

const isNatural = ({ value }: Walked): boolean => value.type.k === 'int' && value.type.isNatural === true;

/** Names of a named tuple's fields, as a list or a text has them. */
function namesOf(source: Expression): string[] | null {
  if (source.kind === 'string')
    return source.parts
      .join('')
      .split(/[\s,]+/)
      .filter((one) => one !== '');
  if (source.kind !== 'list' && source.kind !== 'tuple') return null;
  return source.items.every((item) => item.kind === 'string')
    ? source.items.map((item) => (item.kind === 'string' ? item.parts.join('') : ''))
    : null;
}

/** `functools.reduce(f, items, start)`. */
function reduced(c: Converter, place: Of<'call'>): Code {
  const [fn, items, start] = place.args;
  const all = c.expression(items.value);
  const of = elementOf(all.type);
  const first = start === undefined ? null : c.expression(start.value);
  const type = first === null ? of : join(of, first.type);
  const combine = c.expression(fn.value, callbackOf([type, of]));
  const rest = first === null ? '' : `, ${tied(first, binding.arrow)}`;
  return called(
    `${arrayOf(c, items.value, all)}.reduce((all, one) => ${tied(combine, binding.call)}(all, one)${rest})`,
    type,
  );
}

function specialCall(c: Converter, path: string, given: readonly Walked[], list: string): Code | null {
  const [first, second] = given;
  switch (path) {
    case 'math.log':
      return second === undefined
        ? called(`Math.log(${list})`, float)
        : {
            code: `Math.log(${first.value.code}) / Math.log(${second.value.code})`,
            binds: binding.product,
            type: float,
          };
    case 'math.prod':
      return called(
        `${arrayOf(c, first.source, first.value)}.reduce((a, b) => a * b, 1)`,
        elementOf(first.value.type),
      );
    case 'math.comb':
    case 'math.factorial':
    case 'math.gcd':
      return called(`${c.helper(path.slice(5))}(${list})`, natural);
    case 'math.isclose':
      return called(`${c.helper('isclose')}(${list})`, { k: 'bool' });
    case 'collections.OrderedDict': {
      if (first === undefined) return called('{}', { k: 'dict', key: str, value: never, isRecord: true });
      const of = elementOf(first.value.type);
      const value = of.k === 'tuple' ? (of.items[1] ?? unknown) : unknown;
      return called(`Object.fromEntries(${list})`, { k: 'dict', key: str, value, isRecord: true });
    }
    case 'collections.deque': {
      const size = given.find(({ name }) => name === 'maxlen');
      const of = first === undefined || first.name !== null ? never : elementOf(first.value.type);
      const items = first === undefined || first.name !== null ? '' : first.value.code;
      if (size === undefined) return called(items === '' ? '[]' : `[...${items}]`, listOf(of));
      return called(`${c.helper('deque')}(${items === '' ? '[]' : items}, ${size.value.code})`, listOf(of));
    }
    case 'collections.namedtuple': {
      const names = namesOf(second.source);
      const [name] = first.source.kind === 'string' ? first.source.parts : [''];
      return names === null || given.length !== 2
        ? null
        : primary('undefined', { k: 'maker', name: String(name), names });
    }
    case 'collections.defaultdict': {
      if (given.length !== 1 || first.value.type.k !== 'python') return null;
      const made = { list: '[]', dict: 'new Map()', set: 'new Set()', int: '0', float: '0', str: "''" };
      const types: Readonly<Record<string, Type>> = {
        list: listOf(never),
        dict: { k: 'dict', key: never, value: never, isRecord: false },
        set: { k: 'set', of: never },
        int: natural,
        float,
        str,
      };
      const own = first.value.type.path;
      if (!Object.hasOwn(made, own)) return null;
      return called(`new ${c.helper('DefaultMap')}(() => ${made[own as keyof typeof made]})`, {
        k: 'dict',
        key: never,
        value: types[own],
        isRecord: false,
      });
    }
    case 'itertools.count':
      return called(
        `${c.helper('count')}(${list})`,
        iteratorOf(given.length === 0 || isNatural(first) ? natural : first.value.type),
      );
    case 'itertools.islice':
      return called(`${c.helper('islice')}(${list})`, iteratorOf(elementOf(first.value.type)));
    case 'itertools.accumulate':
      return given.length === 1
        ? called(`${c.helper('accumulate')}(${list})`, iteratorOf(elementOf(first.value.type)))
        : null;
    case 'itertools.combinations':
    case 'itertools.permutations': {
      const size = second === undefined ? null : literalInt(second.source);
      if (size === null) return null;
      const of = elementOf(first.value.type);
      const items = { k: 'tuple', items: Array.from({ length: size }, () => of) } as const;
      return {
        code: `${c.helper(path.slice(10))}(${list}) as ${c.typeText(listOf(items))}`,
        binds: binding.relation,
        type: listOf(items),
      };
    }
    case 're.sub':
    case 're.split':
    case 're.findall':
      return regularCall(c, path, given);
    case 'tqdm.tqdm':
    case 'tqdm.auto.tqdm':
      // Its bar goes to the standard error, and the items stay what they are.
      return first === undefined || first.name !== null ? null : first.value;
    case 'collections.Counter': {
      const of = first === undefined ? never : elementOf(first.value.type);
      return called(`${c.helper('counter')}(${list})`, {
        k: 'dict',
        key: of,
        value: natural,
        isRecord: false,
      });
    }
    case 'itertools.chain':
      return called(
        `[${given.map(({ value }) => `...${tied(value, binding.call)}`).join(', ')}]`,
        listOf(
          given.map(({ value }) => elementOf(value.type)).reduce((a, b) => (a.k === 'never' ? b : a), never),
        ),
      );
    case 'itertools.product':
      if (given.length !== 2) return null;
      return called(
        `${c.helper('product')}(${list})`,
        listOf({ k: 'tuple', items: given.map(({ value }) => elementOf(value.type)) }),
      );
    case 'random.Random':
      return called(`new ${c.helper('random.Random')}(${list})`, { k: 'python', path });
    case 'random.seed':
      return called(`${c.helper('random.seed')}(${list})`, none);
    case 'random.random':
      return called(`${c.helper('random.random')}()`, float);
    case 'random.uniform':
      return called(`${c.helper('random.uniform')}(${list})`, float);
    case 'random.gauss':
    case 'random.normalvariate':
      return null;
    case 'random.randint':
    case 'random.randrange':
      return called(
        `${c.helper(path)}(${list})`,
        numbersOf(first.value.type) === 'int' ? first.value.type : int,
      );
    case 'random.choice':
      return called(`${c.helper('random.choice')}(${list})`, elementOf(first.value.type));
    case 'random.shuffle':
      return called(`${c.helper('random.shuffle')}(${list})`, none);
    case 'random.sample':
      return called(
        `${c.helper('random.sample')}(${arrayOf(c, first.source, first.value)}, ${second.value.code})`,
        listOf(elementOf(first.value.type)),
      );
    case 'time.sleep':
      return null;
    default:
      return null;
  }
}
