import { arrayOf, assign, awaits, isAwaited, pattern } from './comprehensions.js';
import { condition, narrowed, narrowings } from './condition_code.js';
import { binding, type Code, type Converter, indented, tied } from './converter.js';
import { targetNames } from './expression_parts.js';
import { literalInt } from './literals.js';
import { unwrapped } from './operator_expressions.js';
import type { Block, Expression, StatementOf } from './syntax.js';
import { elementOf, hasTuple, int, natural, type Type } from './type_rules.js';

export function whileLoop(c: Converter, statement: StatementOf<'while'>): string {
  const test = condition(c, statement.test);
  const lines = narrowed(c, narrowings(c, statement.test, true), () => c.block(statement.body));
  return otherwise(c, `while (${test.code}) {\n${indented(lines)}\n}`, statement.body, statement.otherwise);
}

/** What `else` of a loop holds runs unless the loop was left by `break`. */
function otherwise(c: Converter, loop: string, body: Block, block: Block | null): string {
  if (block === null) return loop;
  const lines = c.block(block);
  const leaves = breaks(body);
  if (!leaves) return `${loop}\n${lines}`;
  const label = c.fresh('search');
  const labelled = loop.replace(/\bbreak;/g, `break ${label};`);
  return `${label}: {\n${indented(`${labelled}\n${lines}`)}\n}`;
}

function breaks(block: Block): boolean {
  return block.statements.some((statement) => {
    switch (statement.kind) {
      case 'break':
        return true;
      case 'if':
        return breaks(statement.body) || (statement.otherwise !== null && breaks(statement.otherwise));
      case 'with':
        return breaks(statement.body);
      case 'try':
        return breaks(statement.body) || statement.handlers.some((handler) => breaks(handler.body));
      default:
        return false;
    }
  });
}

export function forLoop(c: Converter, statement: StatementOf<'for'>): string {
  return otherwise(c, loop(c, statement), statement.body, statement.otherwise);
}

/** Whether the loop's head declares what it assigns. */
function declares(c: Converter, target: Expression, body: Block): boolean {
  return targetNames(target).every((name) => {
    const variable = c.scope.own(name);
    return variable?.placement?.block === body && variable.placement.isInline;
  });
}

/** Names that a loop's head writes: a name that the body writes as well is a variable. */
function keyword(c: Converter, target: Expression): 'const' | 'let' {
  let isWritten = false;
  for (const name of targetNames(target)) {
    const version = c.scope.find(name)?.versions[0];
    if (version === undefined) continue;
    if (version.declared === null) version.writes++;
    else if (version.declared.writes > 1) isWritten = true;
  }
  return isWritten ? 'let' : 'const';
}

function loop(c: Converter, statement: StatementOf<'for'>): string {
  const { target, iterable, body } = statement;
  for (const name of targetNames(target)) {
    const variable = c.scope.find(name);
    if (variable !== undefined) variable.current = variable.versions[0];
  }
  if (
    iterable.kind === 'call' &&
    iterable.callee.kind === 'name' &&
    c.scope.find(iterable.callee.id) === undefined
  ) {
    if (iterable.callee.id === 'range' && target.kind === 'name') return rangeLoop(c, statement, target);
    if (iterable.callee.id === 'enumerate' && target.kind === 'tuple' && target.items.length === 2) {
      const counted = countedLoop(
        c,
        statement,
        iterable.args.map(({ value }) => value),
        target.items,
      );
      if (counted !== null) return counted;
    }
  }
  const value = unwrapped(c.expression(iterable));
  assign(c, target, elementOf(value.type), iterable);
  const isOwn = declares(c, target, body);
  const word = keyword(c, target);
  const isLoader = isAwaited(value.type);
  if (isLoader) awaits(c);
  const items = isLoader ? value.code : iterableCode(c, iterable, value);
  const item = isOwn ? pattern(c, target) : c.fresh('item');
  const lines = c.block(body);
  const first = isOwn ? '' : `${declarations(c, target, body)}${pattern(c, target)} = ${item};\n`;
  return `for ${isLoader ? 'await ' : ''}(${isOwn ? word : 'const'} ${item} of ${items}) {\n${indented(first + lines)}\n}`;
}

/** Declarations of the names that only the loop uses, where others live on behind it. */
function declarations(c: Converter, target: Expression, body: Block): string {
  return targetNames(target)
    .map((name) => c.scope.own(name))
    .filter((one) => one?.placement?.block === body && one.placement.isInline)
    .map((one) => `let ${one?.current.declared?.name}: ${c.typeText(one!.current.type)};\n`)
    .join('');
}

function iterableCode(c: Converter, source: Expression, value: Code): string {
  const { type } = value;
  if (type.k === 'dict')
    return type.isRecord ? `Object.keys(${value.code})` : `${tied(value, binding.call)}.keys()`;
  if (type.k === 'unknown') c.needs(source, `'${c.text(source)}', which is iterated,`, type);
  if (type.k === 'object' || type.k === 'instance') {
    const isIterable = elementOf(type).k !== 'unknown' || type.k === 'instance';
    if (!isIterable) c.needs(source, `'${c.text(source)}', which is iterated,`, type);
    return value.code;
  }
  if (source.kind === 'list' && hasTuple(type)) return arrayOf(c, source, value);
  // A map's entries need no array where they are walked once.
  const [, map] = /^\[\.\.\.(.*)\.entries\(\)\]$/s.exec(value.code) ?? [];
  if (map !== undefined && !map.includes('...')) return map;
  return value.code;
}

/** A loop over numbers. */
function rangeLoop(
  c: Converter,
  statement: StatementOf<'for'>,
  target: Extract<Expression, { kind: 'name' }>,
): string {
  const { iterable, body } = statement as StatementOf<'for'> & {
    iterable: Extract<Expression, { kind: 'call' }>;
  };
  const args = iterable.args.map(({ value }) => value);
  const codes = args.map((arg) => unwrapped(c.expression(arg)));
  const step = args[2] === undefined ? 1 : literalInt(args[2]);
  const type: Type =
    step !== null && step > 0 && (args.length < 2 || isNatural(codes[0].type)) ? natural : int;
  assign(c, target, type, iterable);
  const isOwn = declares(c, target, body);
  const word = keyword(c, target);
  const own = pattern(c, target);
  const isUsed = new RegExp(`\\b${target.id}\\b`).test(
    c.source.slice(body.statements[0]?.at ?? 0, body.statements.at(-1)?.end ?? 0),
  );
  if (step === null || args.length === 0 || args.length > 3) {
    const items = arrayOf(c, iterable, c.expression(iterable));
    const lines = c.block(body);
    return `for (${word} ${own} of ${items}) {\n${indented(lines)}\n}`;
  }
  const start = args.length === 1 ? '0' : tied(codes[0], binding.arrow);
  const stopCode = args.length === 1 ? codes[0] : codes[1];
  // The bound is computed once, as in Python, unless it cannot change.
  const isFixed = isConstant(args[args.length === 1 ? 0 : 1]);
  const lines = c.block(body);
  // The body may write it: Python's loop goes on as if it had not.
  const counter =
    isOwn && word === 'const' && (isUsed || own !== '_') ? own : c.fresh(own === '_' ? 'round' : 'i');
  const bound = isFixed ? tied(stopCode, binding.relation + 1) : c.fresh('end');
  const declared = isFixed ? '' : `, ${bound} = ${tied(stopCode, binding.arrow)}`;
  const test = step > 0 ? '<' : '>';
  const next =
    step === 1
      ? `${counter}++`
      : step === -1
        ? `${counter}--`
        : step > 0
          ? `${counter} += ${step}`
          : `${counter} -= ${-step}`;
  const first = counter === own || own === '_' ? '' : `${isOwn ? 'let ' : ''}${own} = ${counter};\n`;
  return `for (let ${counter} = ${start}${declared}; ${counter} ${test} ${bound}; ${next}) {\n${indented(first + lines)}\n}`;
}

const isNatural = (type: Type): boolean => type.k === 'int' && type.isNatural === true;

const isConstant = (expression: Expression): boolean =>
  literalInt(expression) !== null ||
  expression.kind === 'name' ||
  (expression.kind === 'attribute' && isConstant(expression.object)) ||
  (expression.kind === 'binary' && isConstant(expression.left) && isConstant(expression.right)) ||
  (expression.kind === 'call' &&
    expression.callee.kind === 'name' &&
    expression.callee.id === 'len' &&
    expression.args.every(({ value }) => value.kind === 'name'));

/** `for i, x in enumerate(…)` over what is no array: a loader, whose batches are awaited. */
function countedLoop(
  c: Converter,
  statement: StatementOf<'for'>,
  args: readonly Expression[],
  [counter, item]: readonly Expression[],
): string | null {
  const [source, startSource] = args;
  if (source === undefined) return null;
  const value = unwrapped(c.expression(source));
  const { type } = value;
  if ((type.k !== 'object' && !isAwaited(type)) || counter.kind !== 'name') return null;
  awaits(c);
  assign(c, counter, natural, source);
  assign(c, item, elementOf(type), source);
  const { body, target } = statement;
  const isOwn = declares(c, target, body);
  const word = keyword(c, target);
  const own = pattern(c, counter);
  const isLoader = isAwaited(type);
  const lines = c.block(body);
  const start = startSource === undefined ? '0' : c.expression(startSource).code;
  const walk = isLoader ? 'await ' : '';
  if (isOwn) {
    const running = c.fresh(`next${own[0].toUpperCase()}${own.slice(1)}`);
    return `let ${running} = ${start};\nfor ${walk}(${word} ${pattern(c, item)} of ${value.code}) {\n${indented(`${word} ${own} = ${running}++;\n${lines}`)}\n}`;
  }
  const batch = c.fresh('item');
  const running = c.fresh('next');
  return `let ${running} = ${start};\nfor ${walk}(const ${batch} of ${value.code}) {\n${indented(`${declarations(c, target, body)}${own} = ${running}++;\n${pattern(c, item)} = ${batch};\n${lines}`)}\n}`;
}
