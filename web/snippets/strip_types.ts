import type { SyntaxNode, Tree } from '@lezer/common';
import type { Edits } from './edits.js';

/** Syntax of TypeScript that is no mere annotation: it would have to be turned into code. */
export class NotErasable extends SyntaxError {
  override name = 'SyntaxError';

  constructor(
    what: string,
    readonly at: number,
    why: string | null = "a snippet's types are left out, not compiled",
  ) {
    super(why === null ? what : `${what}: ${why}`);
  }
}

const types = new Set(['TypeAnnotation', 'TypePredicate', 'TypeParamList', 'TypeArgList']);
const modifiers = new Set(['abstract', 'override', 'readonly', 'Privacy']);
const statements = new Set(['TypeAliasDeclaration', 'InterfaceDeclaration', 'AmbientDeclaration']);
const refused: Readonly<Record<string, string>> = {
  EnumDeclaration: 'enum is not supported (write `const Color = { Red: 0, Green: 1 } as const`)',
  NamespaceDeclaration: 'namespaces are not supported (write `const N = { … }`)',
};

/** Blanks all that is TypeScript's, by the parser's names of nodes (@lezer/javascript, dialect ts). */
export function stripTypes(tree: Tree, edits: Edits): void {
  // Spaces in place of a statement must not join the lines around it.
  const drop = ({ from, to }: SyntaxNode) => {
    edits.replace(from, to, `;${edits.source.slice(from + 1, to).replace(/[^\n]/g, ' ')}`);
    return false;
  };
  const blank = (from: number, to: number) => {
    edits.blank(from, to);
    return false;
  };
  tree.iterate({
    enter({ node, name, from, to }) {
      // The parser takes `a < b || c > (d)` for a call with a type that has empty parts.
      if (name === 'TypeArgList' && /\|\||&&/.test(edits.source.slice(from, to))) return false;
      const params = node.parent?.name === 'ArrowFunction' ? node.prevSibling : null;
      if (types.has(name) && params?.name === 'ParamList' && edits.source.slice(from, to).includes('\n'))
        return blankResult(params.to - 1, to, edits);
      if (types.has(name)) return blank(from, to);
      if (statements.has(name)) return drop(node);
      if (name in refused) throw new NotErasable(refused[name], from);
      const parent = node.parent?.name;
      if (name === 'Optional') return blank(from, to);
      if (modifiers.has(name)) {
        return blank(from, to);
      }
      if (name === 'this' && parent === 'ParamList') return blank(from, afterComma(node));
      if (name === 'PostfixExpression' || name === 'PropertyDeclaration') {
        const mark = node.getChild('LogicOp');
        if (mark !== null) blank(mark.from, mark.to);
      }
      if (name === 'BinaryExpression') {
        const operator = node.getChild('as') ?? node.getChild('satisfies');
        if (operator !== null) blank(operator.from, to);
      }
      if (name === 'PrefixCast') blank(from, node.lastChild!.from);
      if (name === 'implements') return blank(from, node.parent!.getChild('ClassBody')!.from);
      const hasBody = node.getChild('Block') !== null;
      if (name === 'MethodDeclaration' && hasBody) setProperties(node, edits);
      if (name === 'FunctionDeclaration' && !hasBody) return drop(node);
      if (name === 'MethodDeclaration' && !hasBody) return drop(node);
      if (name === 'PropertyDeclaration' && (node.getChild('declare') ?? node.getChild('abstract')) !== null)
        return drop(node);
      return true;
    },
  });
}

/** The type of several lines of an arrow function's result: none may end before the arrow, so the parenthesis comes behind the last. */
function blankResult(parenthesis: number, to: number, edits: Edits): boolean {
  const blanks = edits.source.slice(parenthesis, to - 1).replace(/[^\n]/g, ' ');
  edits.replace(parenthesis, to, `${blanks})`);
  return false;
}

/** `constructor(private x: number) {` also sets the property: `this.x = x;` stands at its body's beginning, or behind its `super(…)`. */
function setProperties(method: SyntaxNode, edits: Edits): void {
  const params = method.getChild('ParamList');
  if (params === null) return;
  let isProperty = false;
  const names: string[] = [];
  for (let child = params.firstChild; child !== null; child = child.nextSibling) {
    if (modifiers.has(child.name)) isProperty = true;
    if (child.name === ',') isProperty = false;
    if (child.name !== 'VariableDefinition' || !isProperty) continue;
    names.push(edits.source.slice(child.from, child.to));
  }
  if (names.length === 0) return;
  const body = method.getChild('Block')!;
  const calls = body.getChildren('ExpressionStatement');
  const base = calls.find(({ from }) => edits.source.startsWith('super(', from));
  const code = names.map((name) => ` this.${name} = ${name};`).join('');
  edits.insert(base?.to ?? body.from + 1, `${base === undefined ? '' : ';'}${code}`);
  edits.insert(method.parent!.from + 1, names.map((name) => ` ${name};`).join(''));
}

function afterComma(node: SyntaxNode): number {
  for (let next = node.nextSibling; next !== null; next = next.nextSibling)
    if (next.name === ',') return next.to;
  return node.nextSibling?.name === 'TypeAnnotation' ? node.nextSibling.to : node.to;
}
