import { partsOf } from './expression_parts.js';
import type { Expression } from './syntax.js';

/** Functions that call what they are given before they return. */
const immediate =
  /^(map|filter|sorted|min|max|sum|any|all|list|tuple|set|dict|reduce|sort|apply|step|map_|apply_)$/;

/** Whether the functions among a call's arguments run within the call. */
export const runsAtOnce = (callee: Expression): boolean =>
  (callee.kind === 'name' && immediate.test(callee.id)) ||
  (callee.kind === 'attribute' && immediate.test(callee.name));

/** Names that lambdas of an expression read when they are called later. */
export function laterNames(expression: Expression): string[] {
  if (expression.kind === 'lambda') {
    const own = new Set(expression.parameters.map(({ name }) => name));
    return namesIn(expression.body).filter((name) => !own.has(name));
  }
  const parts = partsOf(expression).filter((part) => part !== null);
  if (expression.kind === 'call' && runsAtOnce(expression.callee))
    return parts.flatMap((part) => (part.kind === 'lambda' ? laterNames(part.body) : laterNames(part)));
  return parts.flatMap(laterNames);
}

const namesIn = (expression: Expression): string[] =>
  expression.kind === 'name'
    ? [expression.id]
    : partsOf(expression).flatMap((part) => (part === null ? [] : namesIn(part)));

/** Whether an expression, or a part of it, is of a kind. */
export const holds = (expression: Expression, kind: Expression['kind']): boolean =>
  expression.kind === kind || partsOf(expression).some((part) => part !== null && holds(part, kind));

const pure =
  /^(len|isinstance|str|int|float|bool|abs|min|max|sum|range|zip|enumerate|list|tuple|set|sorted|round|repr|type|ord|chr|item|size|dim|numel|get|startswith|endswith|lower|upper|strip|split|isupper|islower|isdigit|isalpha|join|keys|values|items|clone|sqrt|exp|log|sin|cos)$/;

/** Whether it calls something that may do more than compute. */
export function acts(expression: Expression): boolean {
  if (expression.kind === 'call') {
    const { callee } = expression;
    const name = callee.kind === 'name' ? callee.id : callee.kind === 'attribute' ? callee.name : '';
    if (!pure.test(name)) return true;
  }
  return partsOf(expression).some((part) => part !== null && acts(part));
}
