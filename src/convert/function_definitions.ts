import { annotated } from './annotations.js';
import { openDict } from './call_arguments.js';
import { callbackTypes } from './callbacks.js';
import { acts } from './captured_names.js';
import { asBody } from './comprehensions.js';
import { binding, type Code, type Converter, indented, tied } from './converter.js';
import { Scope } from './name_scope.js';
import { Occurrences } from './occurrences.js';
import { type ClassInfo, FunctionInfo, type ParameterInfo } from './python_types.js';
import type { Block, Definition, Of, Parameter, Statement } from './syntax.js';
import {
  elementOf,
  isKnown,
  join,
  never,
  none,
  optional,
  present,
  sameType,
  type Type,
} from './type_rules.js';

/** What is known of a function, from its first line. */
export function functionOf(c: Converter, definition: Definition, owner: ClassInfo | null): FunctionInfo {
  const known = c.functions.get(definition.at);
  if (known !== undefined) return known;
  const { name } = definition;
  const isMagic = /^__\w+__$/.test(name);
  const own = isMagic ? magicName(name) : owner === null ? c.names.of(name) : methodName(name);
  const found = new FunctionInfo(name, own, definition);
  found.owner = owner;
  c.functions.set(definition.at, found);
  return found;
}

const methodName = (name: string): string =>
  name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, l: string) => l.toUpperCase());

const magic: Readonly<Record<string, string>> = {
  __getitem__: 'at',
  __setitem__: 'set',
  __len__: 'length',
  __call__: 'call',
  __repr__: 'toString',
  __str__: 'toString',
  __iter__: '[Symbol.iterator]',
  __contains__: 'has',
};

/** The name that a method has, which Python itself calls. */
export const magicName = (name: string): string =>
  Object.hasOwn(magic, name)
    ? magic[name]
    : name.slice(2, -2).replace(/_(\w)/g, (_, l: string) => l.toUpperCase());

/** Walks parameters: their annotations and fallbacks say types. */
export function learnParameters(c: Converter, of: FunctionInfo, parameters: readonly Parameter[]): void {
  if (of.parameters.length !== parameters.length)
    of.parameters = parameters.map((source) => {
      const type = source.annotation === null ? null : annotated(c, source.annotation);
      const fits = source.fallback?.kind === 'none' && type !== null ? optional(type) : type;
      const own: ParameterInfo = {
        source,
        // A default of the same name must not be the parameter itself.
        name:
          source.fallback?.kind === 'name' && source.fallback.id === source.name
            ? c.names.fresh(`${c.names.of(source.name)}0`)
            : c.names.of(source.name),
        type:
          source.stars === 2
            ? openDict(new Map())
            : fits === null || isLoose(fits)
              ? never
              : source.stars === 1
                ? variadic(fits)
                : fits,
        isAnnotated: source.stars < 2 && fits !== null && isKnown(fits) && present(fits).k !== 'callable',
      };
      return own;
    });
  for (const parameter of of.parameters) {
    const { source } = parameter;
    if (c.late && parameter.type.k === 'never' && source.annotation !== null) {
      const type = annotated(c, source.annotation);
      if (isLoose(type)) {
        parameter.type = type;
        c.changed = true;
      }
    }
    if (source.fallback === null || parameter.isAnnotated) continue;
    const type = join(parameter.type, c.expression(source.fallback).type);
    if (sameType(type, parameter.type)) continue;
    parameter.type = type;
    c.changed = true;
  }
}

/** Parameters as TypeScript has them. */
export function parameterList(c: Converter, parameters: readonly ParameterInfo[], of: FunctionInfo): string {
  // JavaScript has the rest at the end.
  const ordered = [0, 2, 1].flatMap((stars) => parameters.filter(({ source }) => source.stars === stars));
  return ordered
    .map((parameter) => {
      const { name, type, source } = parameter;
      const own = c.typeText(type);
      if (source.stars === 2) return `${name}: ${own} = {}`;
      if (source.stars === 1)
        return `...${name}: ${isKnown(type) || (type.k === 'tuple' && type.items.length === 0) ? own : 'unknown[]'}`;
      if (
        !isKnown(type) &&
        type.k !== 'union' &&
        source.name !== '_' &&
        of.source.kind === 'def' &&
        isUsed(c, of.source.body, source.name)
      )
        c.error(
          source,
          `The type of '${source.name}' is not known, since nothing here calls ${of.name}(): annotate it, as in '${source.name}: torch.Tensor'.`,
        );
      if (source.fallback === null) return `${name}: ${own}`;
      const value = keptFallback(c, of, parameter, c.expression(source.fallback, type));
      const isPlain = sameType(value.type, type) && ['int', 'float', 'bool', 'str'].includes(type.k);
      return isPlain ? `${name} = ${value.code}` : `${name}: ${own} = ${tied(value, binding.arrow)}`;
    })
    .join(', ');
}

/** Python computes a default once: one that can change, or that does something, has a constant of its own. */
function keptFallback(
  c: Converter,
  of: FunctionInfo,
  { source, name, type }: ParameterInfo,
  value: Code,
): Code {
  const { fallback } = source;
  if (!c.isFinal || fallback === null || of.source.kind !== 'def') return value;
  const [first, last] = [of.source.body.statements[0], of.source.body.statements.at(-1)];
  const body = first === undefined ? '' : c.source.slice(first.at, last!.end);
  const own = source.name;
  const changes = new RegExp(
    `\\b${own}\\s*(\\.(append|extend|insert|pop|remove|clear|update|add|setdefault|sort|reverse)\\(|\\[[^\\]]*\\]\\s*[-+*/]?=[^=]|\\+=)|(return|=|yield)\\s+${own}\\b`,
  );
  const isKept =
    (['list', 'dict', 'set', 'comprehension'].includes(fallback.kind) && changes.test(body)) ||
    (fallback.kind === 'call' && acts(fallback) && value.type.k !== 'device') ||
    (fallback.kind === 'name' && (c.scope.find(fallback.id)?.current.declared?.writes ?? 0) > 1);
  if (!isKept) return value;
  const kept = c.fresh(`${of.own}${name[0].toUpperCase()}${name.slice(1)}`);
  c.before.push(`const ${kept}: ${c.typeText(type)} = ${tied(value, binding.arrow)};`);
  return { code: kept, binds: binding.primary, type: value.type };
}

/** An annotation that says no more than that something is called: what is given says more. */
const isLoose = (type: Type): boolean => present(type).k === 'callable';

const variadic = (of: Type): Type => ({ k: 'list', of, isTuple: true });

const isUsed = (c: Converter, body: Block, name: string): boolean => {
  const first = body.statements[0];
  const last = body.statements.at(-1);
  if (first === undefined || last === undefined) return false;
  return new RegExp(`\\b${name}\\b`).test(c.source.slice(first.at, last.end));
};

/** Walks a function's body and learns what it returns; gives its lines. */
export function bodyOf(
  c: Converter,
  of: FunctionInfo,
  definition: Definition,
  parameters: readonly ParameterInfo[],
): string {
  const outer = { scope: c.scope, function: c.currentFunction };
  const occurrences = new Occurrences(definition.body, definition.parameters);
  const scope = new Scope(c, `${definition.at}`, c.scope, occurrences);
  for (const parameter of of.parameters) {
    const [first] = scope.own(parameter.source.name)?.versions ?? [];
    if (first === undefined) continue;
    first.declared ??= { name: parameter.name, writes: 0, isParameter: true };
    first.type = parameter.type;
  }
  void parameters;
  c.scope = scope;
  c.currentFunction = of;
  const lines = c.block(definition.body);
  // What the body gives a parameter it must be able to hold.
  for (const parameter of of.parameters) {
    const [first] = scope.own(parameter.source.name)?.versions ?? [];
    if (first === undefined || parameter.isAnnotated || parameter.source.stars > 0) continue;
    const all = join(parameter.type, first.type);
    if (sameType(all, parameter.type)) continue;
    parameter.type = all;
    c.changed = true;
  }
  c.scope = outer.scope;
  c.currentFunction = outer.function;
  // A body that only throws says nothing of what those in derived classes return.
  if (of.returns.k === 'never' && definition.returns !== null) {
    const said = annotated(c, definition.returns);
    if (isKnown(said)) learnReturn(c, of, said);
  }
  const last = definition.body.statements.at(-1);
  if (!of.isGenerator && (of.returns.k === 'never' || !endsIn(last)))
    learnReturn(c, of, of.returns.k === 'never' && endsIn(last) ? never : none);
  return lines;
}

/** Whether a statement never goes on to the next one. */
export function endsIn(statement: Statement | undefined): boolean {
  if (statement === undefined) return false;
  switch (statement.kind) {
    case 'return':
    case 'raise':
      return true;
    case 'if':
      return (
        statement.otherwise !== null &&
        endsIn(statement.body.statements.at(-1)) &&
        endsIn(statement.otherwise.statements.at(-1))
      );
    case 'with':
      return endsIn(statement.body.statements.at(-1));
    case 'while':
      return statement.test.kind === 'boolean' && statement.test.value;
    case 'try':
      return (
        (endsIn(statement.body.statements.at(-1)) || endsIn(statement.otherwise?.statements.at(-1))) &&
        statement.handlers.every((handler) => endsIn(handler.body.statements.at(-1)))
      );
    default:
      return false;
  }
}

export function learnReturn(c: Converter, of: FunctionInfo, type: Type): void {
  const all = join(of.returns, type);
  if (sameType(all, of.returns)) return;
  of.returns = all;
  c.changed = true;
}

/** `: T` behind a function's parameters. */
export function resultText(c: Converter, of: FunctionInfo): string {
  const { returns } = of;
  if (of.isGenerator)
    return isKnown(elementOf(returns)) ? `: Generator<${c.typeText(elementOf(returns))}>` : '';
  const isNothing = returns.k === 'none';
  const text = isNothing ? 'void' : isKnown(returns) && !hasFunction(returns) ? c.typeText(returns) : null;
  if (text === null) return '';
  return `: ${of.isAsync ? `Promise<${text}>` : text}`;
}

const hasFunction = (type: Type): boolean =>
  type.k === 'function' || type.k === 'callable' || type.k === 'class';

/** `def` outside of classes. */
export function definition(c: Converter, statement: Definition): string {
  const of = functionOf(c, statement, null);
  const variable = c.scope.find(statement.name);
  if (variable !== undefined) {
    variable.current.declared ??= { name: of.own, writes: 1, isParameter: false };
    c.learnVersion(variable.current, { k: 'function', of });
  }
  learnParameters(c, of, statement.parameters);
  const regions = decorated(c, statement);
  const lines = bodyOf(c, of, statement, of.parameters);
  const list = parameterList(c, of.parameters, of);
  const result = resultText(c, of);
  const body = `{\n${indented(regions === null ? lines : `return ${regions}(${of.isAsync ? 'async ' : ''}() => {\n${indented(lines)}\n});`)}\n}`;
  const prefix = of.isAsync ? 'async ' : '';
  if (of.isGenerator) return `function* ${of.own}(${list})${result} ${body}`;
  // Arrows keep `this` within methods.
  if (c.currentFunction !== null) return `const ${of.own} = ${prefix}(${list})${result} => ${body};`;
  return `${prefix}function ${of.own}(${list})${result} ${body}`;
}

/** A decorator that is a region, as a call around the body. */
export function decorated(c: Converter, { decorators }: Definition): string | null {
  let region: string | null = null;
  for (const decorator of decorators) {
    const text = c.text(decorator).replace(/\(.*$/s, '');
    if (/^(abc\.)?(staticmethod|classmethod|property|override|abstractmethod|\w+\.setter)$/.test(text))
      continue;
    const value = c.expression(decorator.kind === 'call' ? decorator.callee : decorator);
    if (value.type.k === 'library' && /^(noGrad|inferenceMode|enableGrad)$/.test(value.type.path))
      region = value.code;
    else if (value.type.k === 'library' && value.type.path === 'autograd.function.onceDifferentiable')
      continue;
    else c.error(decorator, `The decorator '${text}' is not converted.`);
  }
  return region;
}

export function lambda(c: Converter, expression: Of<'lambda'>, wanted?: Type): Code {
  let of = c.functions.get(expression.at);
  if (of === undefined) {
    of = new FunctionInfo('lambda', 'lambda', expression);
    c.functions.set(expression.at, of);
  }
  learnParameters(c, of, expression.parameters);
  const given = callbackTypes(wanted);
  if (given !== null)
    for (const [i, parameter] of of.parameters.entries()) {
      if (given[i] === undefined || parameter.isAnnotated) continue;
      const type = join(parameter.type, given[i]);
      if (!sameType(type, parameter.type)) {
        parameter.type = type;
        c.changed = true;
      }
    }
  const { scope } = c;
  const inner = new Scope(c, `${expression.at}`, scope, null);
  for (const { source, name, type } of of.parameters) {
    const variable = inner.add(source.name, null);
    variable.current.declared = { name, writes: 1, isParameter: true };
    variable.current.type = type;
  }
  inner.narrowed = scope.narrowed;
  c.scope = inner;
  const body = c.expression(expression.body);
  c.scope = scope;
  if (body.type.k !== 'never') learnReturn(c, of, body.type);
  const list = of.parameters
    .map(({ name, type, source }) => {
      const own = isKnown(type) ? `${name}: ${c.typeText(type)}` : name;
      return source.fallback === null ? own : `${own} = ${c.expression(source.fallback).code}`;
    })
    .join(', ');
  return {
    code: `(${list}) => ${body.type.k === 'none' && body.code !== 'null' ? `{ ${body.code}; }` : asBody(body)}`,
    binds: binding.arrow,
    type: { k: 'function', of },
  };
}
