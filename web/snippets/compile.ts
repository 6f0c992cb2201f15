/** Turns a snippet of TypeScript into JavaScript whose variables outlive it. */
import type { SyntaxNode, Tree } from '@lezer/common';
import { type Compiled, entries, keep, library, turns } from './compiled.js';
import { Edits } from './edits.js';
import { parse } from './parse.js';
import { NotErasable, stripTypes } from './strip_types.js';

/**
 * Compiles a snippet line by line, so that lines in error messages are the snippet's.
 * - Types go.
 * - `let x = 1` becomes an assignment to the scope's `x`, which functions of all snippets share.
 * - Constants, functions and classes stay as they are, and are handed to the scope as soon as they exist.
 * - `import * as torch from 'flambeau'` becomes a constant.
 * - Loops that can wait, outside of functions and in async ones, let the event loop turn now and then: messages and the memory of a GPU wait for that.
 * @throws SyntaxError for TypeScript that is more than JavaScript with types
 */
export function compile(text: string): Compiled {
  const { tree, source } = parse(text);
  const edits = new Edits(source);
  const wrong = firstError(tree);
  const variables: string[] = [];
  const hoisted: string[] = [];
  try {
    stripTypes(tree, edits);
    const nodes = children(tree.topNode);
    for (const node of nodes) statement(node, edits, variables, hoisted);
    letTurn(tree, edits);
    const last = nodes.filter(({ name }) => !name.endsWith('Comment') && name !== ';').at(-1);
    if (last?.name === 'ExpressionStatement') {
      const { from, to } = last.firstChild!;
      edits.insert(from, 'return (');
      edits.insert(to, ')');
    }
  } catch (error) {
    if (error instanceof NotErasable) error.message += ` (line ${lineAt(source, error.at)})`;
    throw error;
  }
  const functions = hoisted.length === 0 ? '' : `${keep}({ ${hoisted.join(', ')} });`;
  return {
    code: functions + edits.apply(),
    variables,
    wrongLine: wrong === null ? null : lineAt(source, wrong),
    endsEarly: wrong !== null && source.slice(wrong).trim() === '',
  };
}

function statement(node: SyntaxNode, edits: Edits, variables: string[], hoisted: string[]): void {
  const { source } = edits;
  const handOver = (names: readonly string[]) => edits.insert(node.to, `;${keep}({ ${names.join(', ')} });`);
  switch (node.name) {
    case 'ExportDeclaration': {
      const declaration = node.lastChild!;
      const isList = (node.getChild('ExportGroup') ?? node.getChild('Star')) !== null;
      edits.blank(node.from, isList ? node.to : declaration.from);
      if (isList) return;
      statement(declaration, edits, variables, hoisted);
      return;
    }
    case 'ImportDeclaration':
      importStatement(node, edits, handOver);
      return;
    case 'ClassDeclaration':
      handOver(definitions(node, source));
      return;
    case 'FunctionDeclaration':
      if (node.getChild('Block') !== null) hoisted.push(...definitions(node, source));
      return;
    case 'VariableDeclaration': {
      const names = definitions(node, source);
      const keyword = node.getChild('let') ?? node.getChild('var');
      if (node.getChild('const') !== null) handOver(names);
      else if (keyword !== null) {
        variables.push(...names);
        assignments(node, keyword, edits);
      } // else `using`, which ends with its snippet
    }
  }
}

const loops = new Set(['ForStatement', 'WhileStatement', 'DoStatement']);
/** With bodies of their own, as class members and object properties are when they have parameters. */
const functions = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunction',
  'MethodDeclaration',
  'Property',
]);

/** Whether what runs inside of a node cannot wait: of a function that is not async, unless it is a property's mere value. */
function cannotWait(node: SyntaxNode): boolean {
  if (node.name === 'StaticBlock') return true;
  return functions.has(node.name) && node.getChild('ParamList') !== null && node.getChild('async') === null;
}

/** Loops of the snippet itself and of its async functions wait at the beginning of a round when a turn is due. */
function letTurn(tree: Tree, edits: Edits): void {
  const pause = `${turns}.isDue && (await ${turns}.next());`;
  tree.iterate({
    enter({ node, name }) {
      if (cannotWait(node)) return false;
      if (!loops.has(name)) return true;
      const body = name === 'DoStatement' ? node.getChild('do')!.nextSibling : node.lastChild;
      if (body === null || /Spec$|^Parenthesized/.test(body.name)) return true;
      if (body.name === 'Block') edits.insert(body.from + 1, ` ${pause}`);
      else {
        edits.insert(body.from, `{ ${pause} `);
        edits.insert(body.to, ' }');
      }
      return true;
    },
  });
}

/** `let a = 1, b;` → `;(a = 1, b = undefined);` */
function assignments(node: SyntaxNode, keyword: SyntaxNode, edits: Edits): void {
  edits.replace(keyword.from, keyword.to, ';(');
  const parts = children(node).slice(1);
  const semicolon = parts.at(-1)?.name === ';' ? parts.pop()! : null;
  const stop = semicolon?.from ?? node.to;
  for (const [i, part] of parts.entries()) {
    if (part.name !== 'VariableDefinition') continue;
    const end = parts.slice(i).find(({ name }) => name === ',')?.from ?? stop;
    if (!parts.some(({ name, from }) => name === 'Equals' && from > part.from && from < end))
      edits.insert(end, ' = undefined');
  }
  edits.insert(stop, semicolon === null ? ');' : ')');
}

function importStatement(node: SyntaxNode, edits: Edits, handOver: (names: readonly string[]) => void): void {
  const { source } = edits;
  if (node.getChild('type') !== null) {
    edits.blank(node.from, node.to);
    return;
  }
  const from = node.getChild('String');
  if (from === null) throw new NotErasable('such an import is not supported', node.from);
  const name = source.slice(from.from + 1, from.to - 1);
  if (!entries.some((entry) => entry === name)) {
    const known = entries.map((entry) => `'${entry}'`).join(' and ');
    throw new NotErasable(`there is no module '${name}' here, only ${known}`, node.from, null);
  }
  const group = node.getChild('ImportGroup');
  const names = definitions(node, source);
  const pattern =
    group === null
      ? names[0]
      : source
          .slice(group.from, group.to)
          .replace(/\btype\s+\w+\s*,?/g, '')
          .replace(/\s+as\s+/g, ': ');
  edits.replace(node.from, node.to, `const ${pattern} = ${library}['${name}']`);
  handOver(names);
}

/** The names that a declaration defines. What stands behind `=` may hold functions, with variables of their own. */
function definitions(node: SyntaxNode, source: string): string[] {
  return children(node).flatMap((child) => {
    if (child.name === 'VariableDefinition')
      return child.prevSibling?.name === 'type' ? [] : [source.slice(child.from, child.to)];
    return /Pattern|ImportGroup/.test(child.name) ? definitions(child, source) : [];
  });
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
}

function firstError(tree: Tree): number | null {
  let at: number | null = null;
  tree.iterate({
    enter({ type, from }) {
      if (type.isError) at ??= from;
    },
  });
  return at;
}

function lineAt(source: string, at: number): number {
  return source.slice(0, at).split('\n').length;
}
