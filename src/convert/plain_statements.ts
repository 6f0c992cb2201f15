import { pyfloatOf } from './coerce.js';
import { condition, instanceNames, narrowed, narrowings, otherNames } from './condition_code.js';
import { binding, type Converter, indented, tied } from './converter.js';
import { learnReturn } from './function_definitions.js';
import { unwrapped } from './operator_expressions.js';
import { inText } from './printed_text.js';
import type { Expression, StatementOf } from './syntax.js';
import { iteratorOf, join, none, type Type, unknown } from './type_rules.js';

export function expressionStatement(c: Converter, { value }: StatementOf<'expression'>): string {
  if (value.kind === 'string') {
    const [text] = value.parts;
    return typeof text === 'string' ? docComment(text) : '';
  }
  if (value.kind === 'ellipsis') return '';
  if (value.kind === 'comprehension') {
    const { code } = c.expression(value);
    return `${code};`;
  }
  const { code } = c.expression(value);
  if (code === '') return '';
  return /^[{[(`/]|^function\b/.test(code) ? `void ${code};` : `${code};`;
}

/** A docstring as a comment. */
function docComment(text: string): string {
  const lines = text
    .replaceAll('*/', '* /')
    .trim()
    .split('\n')
    .map((line) => line.trim());
  return lines.length === 1
    ? `/** ${lines[0]} */`
    : `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */`;
}

export function conditionalStatement(c: Converter, statement: StatementOf<'if'>): string {
  const { test, body, otherwise } = statement;
  if (isMainGuard(c, test)) return c.block(body);
  if (isTypeChecking(test)) return '';
  // What is always None is never true.
  if (otherwise === null && isNothing(c, test)) return '';
  const asked = condition(c, test);
  const { classes } = c.scope;
  c.scope.classes = new Map([...classes, ...instanceNames(c, test)]);
  const lines = narrowed(c, narrowings(c, test, true), () => c.block(body));
  c.scope.classes = new Map([...classes, ...otherNames(c, test)]);
  let text = `if (${asked.code}) {\n${indented(lines)}\n}`;
  if (otherwise === null) {
    c.scope.classes = classes;
    return text;
  }
  const [first, more] = otherwise.statements;
  narrowed(c, narrowings(c, test, false), () => {
    const rest = c.block(otherwise);
    const isChain = first?.kind === 'if' && more === undefined && rest.startsWith('if (');
    text += isChain ? ` else ${rest}` : ` else {\n${indented(rest)}\n}`;
  });
  c.scope.classes = classes;
  return text;
}

const isNothing = (c: Converter, test: Expression): boolean =>
  test.kind === 'attribute' && c.expression(test).type.k === 'none';

const isMainGuard = (_: Converter, test: Expression): boolean =>
  test.kind === 'compare' && test.operands[0].kind === 'name' && test.operands[0].id === '__name__';

const isTypeChecking = (test: Expression): boolean => test.kind === 'name' && test.id === 'TYPE_CHECKING';

export function returned(c: Converter, { value, at, end }: StatementOf<'return'>): string {
  const of = c.currentFunction;
  if (of === null) {
    c.error({ at, end }, "'return' outside of a function");
    return '';
  }
  if (value === null) {
    if (!of.isGenerator) learnReturn(c, of, none);
    return of.returns.k === 'none' || of.isGenerator || of.returns.k === 'never' ? 'return;' : 'return null;';
  }
  const code = c.expression(value, of.returns);
  learnReturn(c, of, code.type);
  if (code.type.k === 'none' && of.returns.k === 'none')
    return value.kind === 'none' ? 'return;' : `return void ${tied(code, binding.unary)};`;
  return `return ${pyfloatOf(c, code, of.returns, value)};`;
}

export function asserted(c: Converter, { test, message }: StatementOf<'assert'>): string {
  const asked = condition(c, { ...test, kind: 'unary', operator: 'not', operand: test } as Expression);
  const text =
    message === null
      ? ''
      : c.expression(message).type.k === 'str'
        ? c.expression(message).code
        : `\`\${${inText(c, message, c.expression(message))}}\``;
  return `if (${asked.code}) throw new ${c.libraryCode('AssertionError')}(${text});`;
}

export function deleted(c: Converter, { targets }: StatementOf<'delete'>): string {
  return targets
    .map((target) => {
      if (target.kind === 'name') return '';
      if (target.kind === 'index') {
        const object = unwrapped(c.expression(target.object));
        const [first] = target.items;
        if (first.kind === 'slice' && object.type.k === 'list' && first.step === null) {
          const [start, stop] = [first.start, first.stop].map((one) =>
            one === null ? 'null' : c.expression(one).code,
          );
          if (start === 'null' && stop === 'null') return `${tied(object, binding.call)}.splice(0);`;
          return `${c.helper('replaced')}(${object.code}, ${start}, ${stop});`;
        }
        const item = c.expression(first);
        const holder = tied(object, binding.call);
        if (object.type.k === 'dict')
          return object.type.isRecord ? `delete ${holder}[${item.code}];` : `${holder}.delete(${item.code});`;
        if (object.type.k === 'list') return `${c.helper('pop')}(${object.code}, ${item.code});`;
      }
      c.error(target, "This 'del' is not converted.");
      return '';
    })
    .filter((line) => line !== '')
    .join('\n');
}

export function yielded(c: Converter, expression: Extract<Expression, { kind: 'yield' }>) {
  const of = c.currentFunction;
  const value = expression.value === null ? null : c.expression(expression.value);
  const type: Type = value?.type ?? none;
  if (of !== null) {
    if (!of.isGenerator) c.changed = true;
    of.isGenerator = true;
    const all = join(of.returns, expression.isFrom ? iteratorOf(c.elementOf(type)) : iteratorOf(type));
    learnReturn(c, of, all);
  }
  return {
    code: `yield${expression.isFrom ? '*' : ''} ${value === null ? '' : tied(value, binding.arrow)}`,
    binds: binding.arrow,
    type: unknown,
  };
}

export const refused = (c: Converter, statement: StatementOf<'refused'>): string => {
  c.error(statement, statement.what);
  return '';
};
