import type { SyntaxNode } from '@lezer/common';
import type { Expression } from './syntax.js';

/**
 * Reads `and`, `or` and `not` by Python's precedence. The grammar takes all that stands behind a `not` for its operand, so that `not a and b` would be
 * `not (a and b)`.
 */
export function readLogic(
  node: SyntaxNode,
  text: (node: SyntaxNode) => string,
  read: (node: SyntaxNode) => Expression,
): Expression {
  const parts: SyntaxNode[] = [];
  const flatten = (one: SyntaxNode): void => {
    const [first, second, third] = childrenOf(one);
    if (one.name === 'BinaryExpression' && isWord(text(second), 'and', 'or')) {
      flatten(first);
      parts.push(second);
      flatten(third);
    } else if (one.name === 'UnaryExpression' && isWord(text(first), 'not')) {
      parts.push(first);
      flatten(second);
    } else parts.push(one);
  };
  flatten(node);
  let at = 0;
  const isNext = (word: string) => at < parts.length && parts[at].name === word && text(parts[at]) === word;
  const inverse = (): Expression => {
    if (!isNext('not')) return read(parts[at++]);
    const { from } = parts[at++];
    const operand = inverse();
    return { at: from, end: operand.end, kind: 'unary', operator: 'not', operand };
  };
  const chain = (operator: 'and' | 'or', next: () => Expression): Expression => {
    let left = next();
    while (isNext(operator)) {
      at++;
      const right = next();
      left = { at: left.at, end: right.end, kind: 'logical', operator, left, right };
    }
    return left;
  };
  return chain('or', () => chain('and', inverse));
}

/** Whether a node is of this kind of logic. */
export function isLogic(node: SyntaxNode, text: (node: SyntaxNode) => string): boolean {
  const [first, second] = childrenOf(node);
  if (node.name === 'BinaryExpression') return isWord(text(second), 'and', 'or');
  return node.name === 'UnaryExpression' && isWord(text(first), 'not');
}

const isWord = (text: string, ...words: readonly string[]): boolean => words.includes(text);

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (child.name !== 'Comment') found.push(child);
  return found;
}
