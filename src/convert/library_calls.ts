import { type Walked, walked } from './call_arguments.js';
import { lambdaTypes } from './callbacks.js';
import { pyfloatOf } from './coerce.js';
import { binding, type Code, type Converter, called, tied } from './converter.js';
import { pythonName } from './library_paths.js';
import {
  classOf,
  entryOf,
  isPromise,
  lineage,
  memberOf,
  type Overload,
  overload,
  pathOf,
  refined,
  typeOf,
} from './library_signatures.js';
import { collated } from './loader_items.js';
import { numbersOf, numbersOfDtype, withNumbers } from './number_kinds.js';
import { asTensors } from './numpy_calls.js';
import { libraryName } from './own_names.js';
import { isFraction, scalar } from './scalar_arguments.js';
import type { Argument, Expression, Of } from './syntax.js';
import {
  elementOf,
  isNumber,
  join,
  joined,
  listOf,
  objectOf,
  present,
  sameType,
  str,
  type Type,
  tensorOf,
  unknown,
} from './type_rules.js';

/** A call of a function of the library's. */
export function libraryCall(
  c: Converter,
  place: Of<'call'>,
  path: string,
  code: string,
  args: readonly Argument[],
): Code {
  const entry = entryOf(path);
  if (entry?.f === undefined) {
    walked(c, args);
    c.error(place, `${pythonName(path)} is no function.`);
    return called(`${code}()`, unknown);
  }
  return overloaded(c, place, path, code, entry.f, args, null);
}

/** A new object of one of the library's classes; null if it is none. */
export function constructed(
  c: Converter,
  place: Of<'call'>,
  path: string,
  code: string,
  args: readonly Argument[],
): Code | null {
  const own = pathOf(path);
  const found = classOf(own);
  if (found === undefined) return null;
  let texts = found.n;
  for (const one of lineage(own)) {
    if (one.n.length === 0) continue;
    texts = one.n;
    break;
  }
  const made = overloaded(c, place, own, `new ${code}`, texts, args, null);
  if (own === 'nn.Parameter') return called(made.code, tensorOf('float'));
  const batch = own === 'utils.data.DataLoader' ? collation(c, args, made.given) : null;
  return called(made.code, objectOf(own, batch ?? itemOf(own, made.given)));
}

/** What a loader's own function makes of a list of items. */
function collation(c: Converter, args: readonly Argument[], given: readonly Type[]): Type | null {
  const type = given[args.findIndex(({ name }) => name === 'collate_fn')];
  if (type?.k !== 'function') return null;
  const [parameter] = type.of.parameters;
  const items = listOf(itemsIn(given[0]));
  if (
    parameter !== undefined &&
    !parameter.isAnnotated &&
    !sameType(join(parameter.type, items), parameter.type)
  ) {
    parameter.type = join(parameter.type, items);
    c.changed = true;
  }
  return type.of.returns;
}

/** The items of a data set. */
const itemsIn = (type: Type): Type => (type.k === 'instance' ? type.of.item : elementOf(type));

/** What iterating over a new object gives. */
function itemOf(path: string, given: readonly Type[]): Type | undefined {
  const [first] = given;
  if (path === 'utils.data.TensorDataset') return { k: 'tuple', items: [...given] };
  if (first === undefined) return undefined;
  if (path === 'nn.ModuleDict') return first.k === 'dict' ? first : undefined;
  if (path === 'utils.data.DataLoader') return collated(itemsIn(first));
  if (/^nn\.(ModuleList|Sequential)$/.test(path)) {
    const of = path === 'nn.ModuleList' ? elementOf(first) : joined(given);
    return of.k === 'dict' || of.k === 'str' ? objectOf('nn.Module') : of;
  }
  if (path === 'utils.data.Subset') return itemsIn(first);
  if (path === 'utils.data.ConcatDataset') return itemsIn(elementOf(first));
  return undefined;
}

/** A call of a method of an object of the library's. */
export function memberCall(
  c: Converter,
  place: Of<'call'>,
  object: Code,
  path: string,
  own: string,
  args: readonly Argument[],
): Code {
  const texts = memberOf(path, own);
  const code = `${tied(object, binding.call)}.${own}`;
  if (texts === undefined || typeof texts === 'string') {
    if (typeof texts === 'string' && texts.includes('F<'))
      return called(
        `${code}(${walked(c, args)
          .map(({ value }) => tied(value, binding.arrow))
          .join(', ')})`,
        unknown,
      );
    walked(c, args);
    c.error(place, `${pythonName(path)} has no method '${own}' in Flambeau.`);
    return called(`${code}()`, unknown);
  }
  const result = overloaded(c, place, `${path}.${own}`, code, texts, args, object);
  if (own === 'forward') return called(result.code, forwardType(path, result.type, result.given));
  const { type } = result;
  // What returns the object itself, whatever it is.
  if (
    type.k === 'object' &&
    (type.path === path || type.path === 'nn.Module') &&
    /^(to|train|eval|float|double|half|cpu|cuda|apply|requiresGrad_)$/.test(own)
  )
    return { ...result, type: object.type };
  if (/^(namedParameters|parameters|buffers|namedBuffers)$/.test(own)) {
    const floats = tensorOf('float');
    return {
      ...result,
      type: listOf(own.startsWith('named') ? { k: 'tuple', items: [str, floats] } : floats),
    };
  }
  if (own === 'stateDict' && !path.startsWith('nn.'))
    return { ...result, type: objectOf('types.OptimizerStateDict') };
  if (own === 'stateDict')
    return {
      ...result,
      type: { k: 'dict', key: str, value: tensorOf('?'), isRecord: true },
    };
  if (own === 'step' && type.k !== 'tensor')
    return { ...result, type: args.length > 0 ? tensorOf('float') : { k: 'none' } };
  return result;
}

function forwardType(path: string, type: Type, args: readonly Type[]): Type {
  // What keeps the numbers of its input.
  const keeps =
    /^nn\.(Identity|Flatten|Unflatten|ReLU|Sequential|Dropout\w*|\w*Pool\w*|\w*Pad\w*|Pixel\w*|Module)$/.test(
      path,
    );
  const [first] = args;
  const floats = (one: Type): Type => {
    if (one.k === 'tensor' || one.k === 'unknown')
      return keeps && first?.k === 'tensor' && path !== 'nn.Sequential' ? first : tensorOf('float');
    if (one.k === 'tuple') return { ...one, items: one.items.map(floats) };
    return one.k === 'optional' ? { k: 'optional', of: floats(one.of) } : one;
  };
  return floats(type);
}

/** Calls one of several forms of a function: the first that takes the arguments. */
export function overloaded(
  c: Converter,
  place: Of<'call'>,
  path: string,
  code: string,
  texts: readonly string[],
  args: readonly Argument[],
  object: Code | null,
): Code & { readonly given: readonly Type[] } {
  const forms = texts.map(overload);
  const given = walked(c, args, lambdaTypes(path, forms)).map((one) => ({
    ...one,
    value: asTensors(one.value),
  }));
  if (path === 'fromNumpy' && given.length === 1 && given[0].value.type.k === 'tensor')
    return { ...given[0].value, given: [] };
  const form = choose(forms, given);
  if (form === null) {
    c.error(place, mismatch(path, forms, given));
    return { ...called(`${code}()`, typeOf(forms[0]?.returns ?? '?')), given: [] };
  }
  const positional: string[] = [];
  const named: string[] = [];
  let dtype: string | null = null;
  for (const [i, { name, stars, value, source }] of given.entries()) {
    if (stars === 1) positional.push(`...${spreadList(c, form, value, positional.length)}`);
    else if (
      stars === 2 &&
      value.type.k === 'dict' &&
      value.type.fields !== undefined &&
      !value.type.isOpen &&
      /^[\w.]+$/.test(value.code)
    )
      // The library has names of its own.
      named.push(...[...value.type.fields.keys()].map((own) => `${libraryName(own)}: ${value.code}.${own}`));
    else if (stars === 2)
      named.push(
        `...${openNames(c, value, source)}${pyfloatOf(c, value, { k: 'dict', key: str, value: unknown, isRecord: true }, source)}`,
      );
    else {
      const own = name === null ? null : libraryName(name);
      const wanted =
        own === null
          ? (form.positional[i] ?? form.positional.at(-1))?.type
          : (form.named.get(own) ?? form.positional.find((one) => one.name === own)?.type);
      const text = argument(c, path, value, source, wanted ?? '?', object);
      if (own === null) positional.push(text);
      else named.push(text === own ? own : `${own}: ${text}`);
      if (own === 'dtype' || value.type.k === 'dtype') dtype = text;
    }
  }
  if (path === 'tensor' && dtype === null && wantsFloat(given[0])) {
    dtype = c.libraryCode('float32');
    named.unshift(`dtype: ${dtype}`);
  }
  const list = [...positional, ...(named.length > 0 ? [`{ ${named.join(', ')} }`] : [])].join(', ');
  const types = [
    ...(object === null ? [] : [object.type]),
    ...given.filter(({ name }) => name !== 'out').map(({ value }) => value.type),
  ];
  const declared = refined(typeOf(form.returns), path.slice(path.lastIndexOf('.') + 1));
  const type = resultType(path, declared, types, dtype === null ? null : numbersOfDtype(dtype), given);
  const result = { ...called(`${code}(${list})`, type), given: given.map(({ value }) => value.type) };
  if (!isPromise(form.returns)) return result;
  if (c.currentFunction !== null && !c.currentFunction.isAsync) {
    c.currentFunction.isAsync = true;
    c.changed = true;
  }
  return { ...result, code: `await ${result.code}`, binds: binding.unary };
}

function resultType(
  path: string,
  declared: Type,
  types: readonly Type[],
  dtype: ReturnType<typeof numbersOfDtype>,
  given: readonly Walked[],
): Type {
  if (path === 'tensor' || path === 'asTensor' || path === 'full' || path === 'fullLike') {
    const data =
      path === 'full' || path === 'fullLike'
        ? (types[1] ?? given.find(({ name }) => name === 'fill_value')?.value.type)
        : types[0];
    return tensorOf(dtype ?? (data === undefined ? '?' : numbersOf(data)));
  }
  if (path === 'arange') {
    const all = types.filter(isNumber).map(numbersOf);
    return tensorOf(dtype ?? (all.includes('float') ? 'float' : all.includes('?') ? '?' : 'int'));
  }
  if (path === 'utils.data.randomSplit') {
    const [data] = types;
    return listOf(objectOf('utils.data.Subset', data.k === 'instance' ? data.of.item : elementOf(data)));
  }
  if (path === 'autograd.grad')
    return declared.k === 'list' || declared.k === 'tuple'
      ? listOf(tensorOf('float'))
      : declared.k === 'unknown'
        ? listOf(tensorOf('float'))
        : declared;
  if (path === 'deepcopy') return types[0] ?? unknown;
  if (/^(func\.|vmap$)/.test(path) && declared.k === 'unknown')
    return { k: 'callable', returns: tensorOf('float') };
  if (path === 'load') return unknown;
  return withNumbers(declared, path, types, dtype);
}

/** Whether data are floats of which JavaScript does not see it: all of them may be whole. */
function wantsFloat(data: Walked | undefined): boolean {
  if (data === undefined || numbersOf(data.value.type) !== 'float') return false;
  const some = (source: Expression): boolean =>
    source.kind === 'list' || source.kind === 'tuple' ? source.items.some(some) : isFraction(source);
  return !some(data.source);
}

function argument(
  c: Converter,
  path: string,
  value: Code,
  source: Expression,
  wanted: string,
  object: Code | null,
): string {
  const { type } = value;
  // What the library gives is a list that only it can write.
  if (path === 'autograd.grad' && type.k === 'list' && source.kind === 'call') return `[...${value.code}]`;
  if (path === 'Tensor.registerHook' && type.k === 'function' && type.of.returns.k === 'none')
    return `(grad) => void ${tied(value, binding.call)}(grad)`;
  if (isNumber(type) && /(^|\|)S($|\||>)/.test(wanted) && !/optim|lrScheduler/.test(path))
    return path === 'tensor'
      ? tied(value, binding.arrow)
      : scalar(c, value, source, path === 'full' || path === 'arange' ? null : (object?.type ?? null));
  if (type.k === 'dict' && !type.isRecord && !/(^|\|)M</.test(wanted))
    return pyfloatOf(c, value, { k: 'dict', key: str, value: unknown, isRecord: true }, source);
  if (type.k === 'library' && source.kind === 'name' && type.path === 'python.float')
    return c.libraryCode('float32');
  if (type.k === 'python') {
    const dtypes: Readonly<Record<string, string>> = { float: 'float32', int: 'int64', bool: 'bool' };
    if (Object.hasOwn(dtypes, type.path)) return c.libraryCode(dtypes[type.path]);
  }
  // What may be None goes where it may not: the program says that it is there.
  if (type.k === 'optional' && type.of.k === 'tensor' && /T/.test(wanted) && !/(^|\|)[0?]/.test(wanted))
    return `${tied(value, binding.call)}!`;
  if (type.k === 'list' && type.of.k === 'optional' && type.of.of.k === 'tensor' && wanted.includes('L<T>'))
    return `(${value.code} as ${c.typeText(listOf(type.of.of))})`;
  return tied(value, binding.arrow);
}

/** A list that fills places of which the number is known: as many as must be given. */
function spreadList(c: Converter, form: Overload, value: Code, before: number): string {
  const { type } = value;
  const places = form.positional.filter(({ isOptional, isRest }) => !isOptional && !isRest).length - before;
  const isOpen = type.k !== 'list' || form.positional.some(({ isRest }) => isRest) || places < 1;
  return isOpen
    ? tied(value, binding.arrow)
    : `(${value.code} as [${Array.from({ length: places }, () => c.typeText(type.of)).join(', ')}])`;
}

/** Names of `**kwargs` go on as they are: those that the library spells otherwise are refused. */
function openNames(c: Converter, { type }: Code, source: Expression): string {
  const names = type.k === 'dict' ? [...(type.fields?.keys() ?? [])] : [];
  const other = names.find((name) => libraryName(name) !== name);
  if (other !== undefined || (type.k === 'dict' && type.fields === undefined))
    c.error(
      source,
      `What '**' gives the library has its own names here${other === undefined ? '' : `, as '${libraryName(other)}'`}: write the arguments out.`,
    );
  return '';
}

/** The form that takes the arguments: by their number and names, and by their types where these are known. */
function choose(forms: readonly Overload[], given: readonly Walked[]): Overload | null {
  const positional = given.filter(({ name, stars }) => name === null && stars < 2);
  const hasSpread = given.some(({ stars }) => stars > 0);
  const names = given.flatMap(({ name }) => (name === null ? [] : [libraryName(name)]));
  // Sizes one by one are followed by the same names as a list of them.
  const afterRest = new Set(forms.flatMap(({ named }) => [...named.keys()]));
  const fits = (form: Overload, byType: boolean): boolean => {
    const isRest = form.positional.at(-1)?.isRest ?? false;
    if (!isRest && positional.length > form.positional.length) return false;
    const taken = new Set(form.positional.slice(0, positional.length).map(({ name }) => name));
    for (const name of names) {
      if (taken.has(name)) return false;
      if (isRest && afterRest.has(name)) continue;
      if (!form.named.has(name) && !form.positional.some((one) => one.name === name)) return false;
    }
    const isMissing = form.positional.some(
      ({ name, isOptional, isRest: own }, i) =>
        !isOptional && !own && i >= positional.length && !names.includes(name),
    );
    if (isMissing && !hasSpread) return false;
    if (!byType) return true;
    return positional.every(
      ({ value, stars }, i) =>
        stars > 0 || accepts((form.positional[i] ?? form.positional.at(-1))?.type ?? '?', value.type),
    );
  };
  // A form of names alone takes no positions.
  const ordered = [
    ...forms.filter(({ positional: own }) => own.length > 0),
    ...forms.filter(({ positional: own }) => own.length === 0),
  ];
  return ordered.find((form) => fits(form, true)) ?? ordered.find((form) => fits(form, false)) ?? null;
}

function accepts(wanted: string, type: Type): boolean {
  const own = present(type);
  if (wanted.includes('?') && !/^\?\|[ST|]+$/.test(wanted)) return true;
  switch (own.k) {
    case 'tensor':
      return /T|\?/.test(wanted);
    case 'int':
    case 'float':
    case 'number':
      return /(^|\|)[nS]/.test(wanted);
    case 'bool':
      return /(^|\|)[bS]/.test(wanted);
    case 'str':
      return /(^|\|)s/.test(wanted);
    case 'dtype':
      return wanted.includes('D');
    case 'device':
      return /#Device|(^|\|)s/.test(wanted);
    case 'list':
    case 'tuple':
      return /L<|\(/.test(wanted);
    case 'none':
      return /(^|\|)0/.test(wanted);
    case 'dict':
      return /[RM]</.test(wanted);
    default:
      return true;
  }
}

function mismatch(path: string, forms: readonly Overload[], given: readonly Walked[]): string {
  const known = new Set(
    forms.flatMap(({ positional, named }) => [...positional.map(({ name }) => name), ...named.keys()]),
  );
  const stranger = given.find(({ name }) => name !== null && !known.has(libraryName(name)));
  if (stranger !== undefined) return `${pythonName(path)} has no parameter '${stranger.name}' in Flambeau.`;
  return `${pythonName(path)} does not take these arguments in Flambeau.`;
}
