import type { Expression } from './syntax.js';

/** Names that a target assigns. */
export function targetNames(target: Expression): string[] {
  if (target.kind === 'name') return [target.id];
  if (target.kind === 'tuple' || target.kind === 'list') return target.items.flatMap(targetNames);
  return target.kind === 'star' ? targetNames(target.value) : [];
}

/** The expressions that one is made of. */
export function partsOf(expression: Expression): (Expression | null)[] {
  switch (expression.kind) {
    case 'string':
      return expression.parts.flatMap((part) =>
        typeof part === 'string'
          ? []
          : [
              part.value,
              ...(part.spec ?? []).flatMap((inner) => (typeof inner === 'string' ? [] : [inner.value])),
            ],
      );
    case 'binary':
    case 'logical':
      return [expression.left, expression.right];
    case 'unary':
      return [expression.operand];
    case 'compare':
      return [...expression.operands];
    case 'conditional':
      return [expression.test, expression.yes, expression.no];
    case 'call':
      return [expression.callee, ...expression.args.map(({ value }) => value)];
    case 'attribute':
      return [expression.object];
    case 'index':
      return [expression.object, ...expression.items];
    case 'slice':
      return [expression.start, expression.stop, expression.step];
    case 'list':
    case 'tuple':
    case 'set':
      return [...expression.items];
    case 'dict':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'star':
    case 'await':
    case 'yield':
      return [expression.value];
    case 'lambda':
      return [expression.body];
    case 'comprehension':
      return [
        expression.key,
        expression.element,
        ...expression.clauses.flatMap(({ iterable, conditions }) => [iterable, ...conditions]),
      ];
    case 'walrus':
      return [expression.target, expression.value];
    default:
      return [];
  }
}
