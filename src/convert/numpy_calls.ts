import { type Walked, walked } from './call_arguments.js';
import { binding, type Code, type Converter, called, tied } from './converter.js';
import { itemOf, numbersOf, promotedNumbers } from './number_kinds.js';
import {
  type ArrayResult,
  arrayFunctions,
  type NumpyFunction,
  numpyFunctions,
  tensorNames,
} from './numpy_functions.js';
import { libraryName } from './own_names.js';
import type { Numbers } from './python_types.js';
import { isFraction, scalar } from './scalar_arguments.js';
import { quoted } from './string_literals.js';
import type { Expression, Of } from './syntax.js';
import { arrayType, bool, listOf, none, type Type, tensorOf, unknown } from './type_rules.js';

/** A call of a function of NumPy's, by its path behind `numpy.`. */
export function numpyCall(c: Converter, place: Of<'call'>, path: string): Code {
  const given = walked(c, place.args);
  if (given.some(({ value }) => value.type.k === 'never')) return called('undefined', { k: 'never' });
  const [first] = given;
  if (path === 'random.rand' || path === 'random.randn')
    return called(`${text(c, path)}(${given.map(({ value }) => value.code).join(', ')})`, arrayType('float'));
  if (path === 'random.RandomState') {
    const list = given.map(({ value }) => value.code).join(', ');
    return called(`new ${text(c, 'RandomState')}(${list})`, { k: 'python', path: 'numpy.RandomState' });
  }
  if (path === 'finfo' || path === 'iinfo')
    return called('', { k: 'python', path: `numpy.${path}.${dtypeName(c, first.source) ?? '?'}` });
  const kind = dtypeNumbers(path);
  if (kind !== null)
    return called(
      `${text(c, 'asarray')}(${data(c, first)}, { dtype: ${quoted(nameOf(path))} })`,
      arrayType(kind),
    );
  if (path === 'where' && given.length === 1) return numpyCalled(c, place, 'nonzero', given);
  if (path === 'einsum' || path === 'meshgrid') {
    const list = given.map(({ name, value }) => (name === null ? value.code : `{ ${name}: ${value.code} }`));
    const type = arrayType(
      promotedNumbers(given.filter(({ name }) => name === null).map(({ value }) => numbersOf(value.type))),
    );
    return called(`${text(c, path)}(${list.join(', ')})`, path === 'meshgrid' ? listOf(type) : type);
  }
  if (path === 'unique' && given[1]?.name === 'return_counts' && given[1].value.code === 'true')
    return called(`${text(c, 'uniqueCounts')}(${data(c, first)})`, {
      k: 'tuple',
      items: [arrayType(numbersOf(first.value.type)), arrayType('int')],
    });
  return numpyCalled(c, place, path, given);
}

function numpyCalled(c: Converter, place: Expression, path: string, given: readonly Walked[]): Code {
  const known = numpyFunctions.get(path);
  if (known === undefined) {
    c.error(place, `numpy.${path} is not in flambeau/python: write it with torch.`);
    return called('undefined', unknown);
  }
  const [first] = given;
  // What NumPy's functions of one array do to a tensor is a tensor.
  if (
    first?.value.type.k === 'tensor' &&
    known.returns !== 'dtype' &&
    !/^(concatenate|stack|vstack|hstack)$/.test(path)
  ) {
    if (known.positional.length === 1 && known.named.length === 0 && given.length === 1)
      return called(
        `${tied(first.value, binding.call)}.${tensorNames[path] ?? libraryName(path)}()`,
        tensorOf(resultNumbers(known.returns, given)),
      );
    c.error(place, `numpy.${path} of a tensor is not converted: call the tensor's own, or its numpy().`);
  }
  return invoked(c, place, known, path, given);
}

/** A call with what Python names in the places and names that it has here. */
function invoked(
  c: Converter,
  place: Expression,
  known: NumpyFunction,
  path: string,
  given: readonly Walked[],
): Code {
  const places = [...known.positional, ...known.named];
  const values = new Map<string, Walked>();
  for (const [i, one] of given.entries()) {
    const name =
      one.name === null ? places[i] : places.find((own) => own.split('|').includes(one.name as string));
    if (name === undefined || one.stars > 0)
      c.error(
        one.source,
        `numpy.${path} does not take this in flambeau/python${one.name === null ? '' : `: '${one.name}'`}.`,
      );
    else values.set(name, one);
  }
  if (path === 'arange' && values.size > 0 && !values.has('stop')) {
    values.set('stop', values.get('start') as Walked);
    values.delete('start');
  }
  const last = known.positional.findLastIndex((name) => values.has(name));
  const list = known.positional.slice(0, last + 1).flatMap((name) => {
    const one = values.get(name);
    if (one === undefined) return path === 'arange' ? [] : ['undefined'];
    return [data(c, one)];
  });
  const options = known.named.flatMap((name) => {
    const one = values.get(name);
    if (one === undefined) return [];
    return [
      `${name}: ${name === 'dtype' ? (dtypeCode(c, one.source) ?? one.value.code) : tied(one.value, binding.arrow)}`,
    ];
  });
  const source = values.get('object') ?? values.get('fill_value');
  const asked = values.get('dtype');
  const [kind] =
    known.returns === 'dtype' ? [made(c, path, values, asked)] : [resultNumbers(known.returns, given)];
  // Floats of which JavaScript does not see it.
  if (
    asked === undefined &&
    source !== undefined &&
    kind === 'float' &&
    /^(array|full)$/.test(path) &&
    !showsFraction(source.source)
  )
    if (source.value.type.k !== 'array') options.push("dtype: 'float64'");
  const code = `${text(c, path === known.name ? path : withName(path, known.name))}(${[...list, ...(options.length > 0 ? [`{ ${options.join(', ')} }`] : [])].join(', ')})`;
  if (known.returns === 'none') return called(code, none);
  if (known.returns === 'truth') return called(code, bool);
  return called(
    code,
    known.returns === 'arrays' ? listOf(arrayType(path === 'nonzero' ? 'int' : kind)) : arrayType(kind),
  );
}

/** What a new array holds. */
function made(
  c: Converter,
  path: string,
  values: ReadonlyMap<string, Walked>,
  asked: Walked | undefined,
): Numbers {
  if (asked !== undefined) {
    const name = dtypeName(c, asked.source);
    return name === null ? '?' : (dtypeNumbers(name) ?? '?');
  }
  if (/^(zeros|ones|empty|eye|linspace)$/.test(path)) return 'float';
  const from = values.get('object') ?? values.get('a') ?? values.get('fill_value');
  if (path === 'arange')
    return promotedNumbers([...values.values()].map(({ value }) => numbersOf(value.type)));
  return from === undefined ? '?' : numbersIn(from.value.type);
}

/** Kinds of numbers in data, however deep they are. */
const numbersIn = (type: Type): Numbers => (type.k === 'iterator' ? numbersIn(type.of) : numbersOf(type));

function resultNumbers(returns: ArrayResult, given: readonly Walked[]): Numbers {
  if (returns === 'float' || returns === 'int' || returns === 'bool') return returns;
  const all = promotedNumbers(
    given
      .filter(({ name, value }) => name === null && value.type.k !== 'none')
      .map(({ value }) => numbersIn(value.type)),
  );
  return returns === 'sum' && all === 'bool' ? 'int' : all;
}

const withName = (path: string, name: string): string =>
  name.includes('.') ? name : path.replace(/[^.]+$/, name);

/** `np.…`, the header's name of the module. */
function text(c: Converter, path: string): string {
  if (c.isFinal) c.usesNumpy = true;
  return `np.${path.split('.').map(libraryName).join('.')}`;
}

/** An argument: numbers that are floats say so, and what can be walked only once is a list. */
function data(c: Converter, { value, source }: Walked): string {
  const { type } = value;
  if (type.k === 'float' && !isFraction(source)) return scalar(c, value, source, null);
  if (type.k === 'iterator' || type.k === 'set') return `[...${tied(value, binding.call)}]`;
  return tied(value, binding.arrow);
}

const showsFraction = (source: Expression): boolean =>
  source.kind === 'list' || source.kind === 'tuple' ? source.items.some(showsFraction) : isFraction(source);

const types: Readonly<Record<string, Numbers>> = {
  float16: '?',
  float32: 'float',
  float64: 'float',
  single: 'float',
  double: 'float',
  float: 'float',
  int8: 'int',
  int16: 'int',
  int32: 'int',
  int64: 'int',
  uint8: 'int',
  int: 'int',
  bool: 'bool',
  bool_: 'bool',
};

const nameOf = (path: string): string => (path === 'bool_' ? 'bool' : path);

/** The numbers of a type of elements, or null if it is none. */
export const dtypeNumbers = (name: string): Numbers | null =>
  Object.hasOwn(types, name) && types[name] !== '?' ? types[name] : null;

/** The name of a type of elements: `np.float32`, `'float32'`, `float`. */
function dtypeName(c: Converter, source: Expression): string | null {
  if (source.kind === 'string') return source.parts.join('');
  const { type } = c.expression(source);
  if (type.k === 'python') return type.path.replace(/^numpy\./, '');
  return null;
}

function dtypeCode(c: Converter, source: Expression): string | null {
  const name = dtypeName(c, source);
  if (name !== null && dtypeNumbers(name) === null)
    c.error(source, `Arrays of '${name}' are not in flambeau/python.`);
  return name === null ? null : quoted(nameOf(name));
}

/** A method of an array. */
export function arrayMethod(c: Converter, place: Of<'call'>, object: Code, name: string): Code {
  const { args } = place;
  const numbers = numbersOf(object.type);
  const code = tied(object, binding.call);
  const given = walked(c, args);
  const list = given.map(({ value }) => tied(value, binding.arrow)).join(', ');
  switch (name) {
    case 'item':
      return called(`${code}.item()`, itemOf(numbers));
    case 'tolist':
      return {
        code: `${code}.tolist() as ${c.typeText(itemOf(numbers))}[]`,
        binds: binding.relation,
        type: listOf(itemOf(numbers)),
      };
    case 'astype': {
      const [one] = given;
      const kind = dtypeName(c, one.source);
      return called(
        `${code}.astype(${dtypeCode(c, one.source) ?? list})`,
        arrayType(kind === null ? '?' : (dtypeNumbers(kind) ?? '?')),
      );
    }
    case 'copy':
    case 'ravel':
    case 'flatten':
    case 'reshape':
    case 'transpose':
      return called(`${code}.${name}(${list})`, object.type);
    case 'fill':
      return called(`${code}.indexPut_(['...'], ${list})`, none);
    case 'sort':
      return called(
        `${code}.indexPut_(['...'], ${text(c, 'sort')}(${[object.code, list].filter((one) => one !== '').join(', ')}))`,
        none,
      );
    default:
  }
  if (!arrayFunctions.has(name)) {
    c.error(place, `'${name}' of a NumPy array is not converted.`);
    return called(`${code}.${name}()`, unknown);
  }
  const source = (place.callee as Of<'attribute'>).object;
  const self: Walked = { source, name: null, stars: 0, value: object };
  return numpyCalled(c, place, name, [self, ...given]);
}

/** An attribute of an array. */
export function arrayMember(object: Code, name: string): Code | null {
  const code = tied(object, binding.call);
  switch (name) {
    case 'shape':
      return called(`${code}.shape`, { k: 'list', of: { k: 'int', isNatural: true }, isTuple: true });
    case 'dtype':
      return called(`${code}.dtype`, { k: 'str' });
    case 'ndim':
    case 'size':
      return called(`${code}.${name}`, { k: 'int', isNatural: true });
    case 'T':
      return called(`${code}.T`, object.type);
    default:
      return null;
  }
}

/** A tensor over an array's memory. */
export const tensorOfArray = (value: Code): Code =>
  called(`${tied(value, binding.call)}.toTensor()`, tensorOf(numbersOf(value.type)));

/** An argument of the library's: of arrays, tensors over their memory. */
export function asTensors(value: Code): Code {
  if (value.type.k === 'array') return tensorOfArray(value);
  if (value.type.k === 'list' && value.type.of.k === 'array')
    return called(
      `${tied(value, binding.call)}.map((one) => one.toTensor())`,
      listOf(tensorOf(value.type.of.numbers)),
    );
  return value;
}

/** A method of `np.random.RandomState(…)`. */
export function numpyMethod(c: Converter, place: Of<'call'>, object: Code, name: string): Code {
  const result = numpyCall(c, place, `random.${name}`);
  return { ...result, code: result.code.replace(/^np\.random\b/, tied(object, binding.call)) };
}
