import { binding, type Code, type Converter, called, primary, tied } from './converter.js';
import { partsOf } from './expression_parts.js';
import { inTemplate, quoted } from './string_literals.js';
import type { Argument, Expression, Of, Replacement } from './syntax.js';
import { none, str, type Type } from './type_rules.js';

export function string(c: Converter, expression: Of<'string'>): Code {
  const { parts, isBytes } = expression;
  if (isBytes) c.error(expression, 'bytes are not converted.');
  if (parts.every((part) => typeof part === 'string')) return primary(quoted(parts.join('')), str);
  const text = parts
    .map((part) =>
      typeof part === 'string' ? inTemplate(part) : inTemplate(part.label ?? '') + replaced(c, part),
    )
    .join('');
  return primary(`\`${text}\``, str);
}

/** `${…}` for what stands between braces. */
function replaced(c: Converter, { value: source, conversion, spec, label }: Replacement): string {
  const value = c.expression(source);
  if (conversion === 'r' || (label !== null && spec === null && conversion === null)) {
    const text = printed(c, source, value, 'repr');
    if (spec === null) return `\${${text}}`;
    const parts = spec
      .map((part) => (typeof part === 'string' ? inTemplate(part) : replaced(c, part)))
      .join('');
    return `\${${c.helper('format')}(${text}, \`${parts}\`)}`;
  }
  if (spec === null) return `\${${inText(c, source, value)}}`;
  if (conversion !== null) c.error(source, `'!${conversion}' with a format is not converted.`);
  const text = spec.map((part) => (typeof part === 'string' ? inTemplate(part) : replaced(c, part))).join('');
  const isPlain = spec.every((part) => typeof part === 'string');
  const code = isPlain ? quoted(spec.join('')) : `\`${text}\``;
  c.checkFormatted(source, value.type);
  const fallback = value.type.k === 'float' && isPlain && !/[a-zA-Z%]$/.test(text);
  return `\${${c.helper('format')}(${fallback ? `${c.helper('as')}(${value.code}, 'float')` : value.code}, ${code})}`;
}

/** How a value prints as `str(…)` (or `repr(…)`) has it, as an expression of a string. */
export function printed(c: Converter, source: Expression, value: Code, by: 'str' | 'repr' = 'str'): string {
  c.checkPrinted(source, value.type);
  const spec = c.spec(value.type);
  return `${c.helper(by)}(${value.code}${spec === null ? '' : `, '${spec}'`})`;
}

/** The same where JavaScript makes a string of it anyway. */
export function inText(c: Converter, source: Expression, value: Code): string {
  return printsAlike(value.type) ? value.code : printed(c, source, value);
}

/** Whether JavaScript's `String` and Python's `str` agree. */
export function printsAlike(type: Type): boolean {
  switch (type.k) {
    case 'int':
    case 'str':
    case 'tensor':
    case 'array':
    case 'dtype':
      return true;
    case 'object':
      return !type.path.startsWith('utils.data');
    case 'instance':
      return (
        type.of.isModule ||
        type.of.method('__str__') !== undefined ||
        type.of.method('__repr__') !== undefined
      );
    default:
      return false;
  }
}

/** `print(…)`. */
export function print(c: Converter, place: Of<'call'>): Code {
  const options = new Map<string, Argument>();
  const values: { value: Code; source: Expression; stars: number }[] = [];
  for (const one of place.args)
    if (one.name !== null) options.set(one.name, one);
    else values.push({ value: c.expression(one.value), source: one.value, stars: one.stars });
  if (values.length > 1 && values.some(({ source }) => changes(source)))
    c.error(
      place,
      'A value is changed while it is printed: change it first, and give what comes of that a name.',
    );
  const [end, sep, file] = ['end', 'sep', 'file'].map((name) => options.get(name));
  if (end !== undefined || sep !== undefined || values.some(({ stars }) => stars > 0)) {
    const list = values.map(({ value, source, stars }) =>
      stars > 0
        ? `...${value.type.k === 'list' ? tied(value, binding.call) : `[...${tied(value, binding.call)}]`}.map((one) => ${c.helper('str')}(one${itemSpec(c, value.type)}))`
        : inText(c, source, value),
    );
    const settings = [
      ...(sep === undefined ? [] : [`sep: ${c.expression(sep.value).code}`]),
      ...(end === undefined ? [] : [`end: ${c.expression(end.value).code}`]),
    ];
    return called(
      `${c.helper('print')}([${list.join(', ')}]${settings.length === 0 ? '' : `, { ${settings.join(', ')} }`})`,
      none,
    );
  }
  const log = file === undefined ? 'console.log' : 'console.error';
  if (values.length === 0) return called(`${log}()`, none);
  if (values.length === 1) {
    const [{ value, source }] = values;
    return called(`${log}(${shown(c, source, value)})`, none);
  }
  const [{ value: first, source: firstSource }] = values;
  const isText =
    firstSource.kind === 'string' && !c.text(firstSource).includes('%') && first.code.startsWith("'");
  if (isText) {
    const list = values.map(({ value, source }) => shown(c, source, value));
    return called(`${log}(${list.join(', ')})`, none);
  }
  const text = values.map(({ value, source }) => templated(c, source, value)).join(' ');
  return called(`${log}(\`${text}\`)`, none);
}

/** Whether an expression takes something out of a collection. */
const changes = (source: Expression): boolean =>
  (source.kind === 'call' &&
    source.callee.kind === 'attribute' &&
    /^(pop|popleft|popitem|append|insert|remove|sort|reverse|update)$/.test(source.callee.name) &&
    // NumPy's `sort` makes another array.
    !(source.callee.name === 'sort' && source.args.some(({ name }) => name === null))) ||
  partsOf(source).some((part) => part !== null && changes(part));

/** A value as an argument of `console.log`, which knows the library's objects, but no others' texts. */
const shown = (c: Converter, source: Expression, value: Code): string =>
  value.type.k === 'instance' && printsAlike(value.type) && !value.type.of.isModule
    ? `String(${value.code})`
    : inText(c, source, value);

const itemSpec = (c: Converter, type: Type): string => {
  const spec = c.spec(c.elementOf(type));
  return spec === null ? '' : `, '${spec}'`;
};

/** A value as a part of a template. */
function templated(c: Converter, source: Expression, value: Code): string {
  if (source.kind === 'string') {
    if (value.code.startsWith('`')) return value.code.slice(1, -1);
    if (source.parts.every((part) => typeof part === 'string')) return inTemplate(source.parts.join(''));
  }
  return `\${${inText(c, source, value)}}`;
}
