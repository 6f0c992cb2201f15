import type { SyntaxNode, Tree } from '@lezer/common';
import { ExpressionReader, SyntaxFault } from './parse_expressions.js';
import type { Block, Expression, Handler, Statement } from './syntax.js';

/** A parser of Python: `@lezer/python`'s. */
export interface PythonParser {
  parse(source: string): Tree;
}

/** A comment, with its text behind the `#`. */
export interface SourceComment {
  readonly at: number;
  readonly text: string;
}

export interface Program {
  readonly body: Block;
  readonly comments: readonly SourceComment[];
}

/** As deep as a program may be nested. */
const deepest = 300;

/** Reads a program. @throws SyntaxFault where it cannot */
export function parseProgram(source: string, parser: PythonParser): Program {
  // The grammar has no `2.` before a comma or bracket: a digit in place of the point leaves everything where it is.
  const tree = parser.parse(
    source.replace(/(?<![\w.])(\d+)\.(?![\w.])/g, (_, digits: string) => `${digits}0`),
  );
  const comments: SourceComment[] = [];
  let depth = 0;
  tree.iterate({
    enter(node) {
      if (++depth > deepest) throw new SyntaxFault('this is nested too deep to be converted', node.from);
      if (node.type.isError) throw new SyntaxFault(syntaxError(source, node.from), node.from);
      if (node.name === 'Comment')
        comments.push({ at: node.from, text: source.slice(node.from + 1, node.to) });
    },
    leave() {
      depth--;
    },
  });
  return { body: new StatementReader(source).script(tree.topNode), comments };
}

function syntaxError(source: string, at: number): string {
  const rest = source.slice(at).trimStart().split('\n', 1)[0].trim();
  return rest === ''
    ? 'invalid syntax: something is missing here'
    : `invalid syntax near '${rest.slice(0, 30)}'`;
}

class StatementReader extends ExpressionReader {
  private blocks = 0;

  script(node: SyntaxNode): Block {
    return this.block(this.children(node));
  }

  private block(nodes: readonly SyntaxNode[]): Block {
    const id = this.blocks++;
    const statements = nodes.flatMap((node) =>
      node.name === ':' || node.name === ';' ? [] : this.statements(node),
    );
    return { id, statements };
  }

  private body(node: SyntaxNode): Block {
    return this.block(this.children(node));
  }

  private statements(node: SyntaxNode): Statement[] {
    if (node.name === 'StatementGroup')
      return this.children(node).flatMap((child) => (child.name === ';' ? [] : this.statements(child)));
    return [this.statement(node, [])];
  }

  private statement(node: SyntaxNode, decorators: readonly Expression[]): Statement {
    const place = { at: node.from, end: node.to };
    const children = this.children(node);
    switch (node.name) {
      case 'ExpressionStatement':
        return { ...place, kind: 'expression', value: this.list(children) };
      case 'YieldStatement':
        return { ...place, kind: 'expression', value: this.expression(node) };
      case 'AssignStatement':
        return this.assignment(node, children);
      case 'UpdateStatement':
        return {
          ...place,
          kind: 'update',
          target: this.expression(children[0]),
          operator: this.text(children[1]).slice(0, -1),
          value: this.list(children.slice(2)),
        };
      case 'IfStatement':
        return this.conditional(node, children);
      case 'ForStatement': {
        const at = children.findIndex((child) => child.name === 'in');
        const body = children.findIndex((child) => child.name === 'Body');
        if (children[0].name === 'async') throw new SyntaxFault("'async for' is not converted", node.from);
        return {
          ...place,
          kind: 'for',
          target: this.list(children.slice(1, at)),
          iterable: this.list(children.slice(at + 1, body)),
          body: this.body(children[body]),
          otherwise: this.otherwise(children, body),
        };
      }
      case 'WhileStatement':
        return {
          ...place,
          kind: 'while',
          test: this.expression(children[1]),
          body: this.body(children[2]),
          otherwise: this.otherwise(children, 2),
        };
      case 'ReturnStatement':
        return { ...place, kind: 'return', value: children.length < 2 ? null : this.list(children.slice(1)) };
      case 'WithStatement':
        return this.region(node, children);
      case 'TryStatement':
        return this.attempt(node, children);
      case 'RaiseStatement':
        return {
          ...place,
          kind: 'raise',
          value: children[1] === undefined ? null : this.expression(children[1]),
        };
      case 'AssertStatement':
        return {
          ...place,
          kind: 'assert',
          test: this.expression(children[1]),
          message: children[3] === undefined ? null : this.expression(children[3]),
        };
      case 'ImportStatement':
        return this.imported(node, children);
      case 'ScopeStatement':
        return {
          ...place,
          kind: 'scope',
          isGlobal: children[0].name === 'global',
          names: children.filter((child) => child.name === 'VariableName').map((child) => this.text(child)),
        };
      case 'DeleteStatement':
        return { ...place, kind: 'delete', targets: this.items(children.slice(1)) };
      case 'PassStatement':
        return { ...place, kind: 'pass' };
      case 'BreakStatement':
        return { ...place, kind: 'break' };
      case 'ContinueStatement':
        return { ...place, kind: 'continue' };
      case 'DecoratedStatement': {
        const own = children
          .filter((child) => child.name === 'Decorator')
          .map((child) => this.decorator(child));
        return { ...this.statement(children.at(-1)!, own), at: node.from } as Statement;
      }
      case 'FunctionDefinition': {
        const named = (name: string) => children.find((child) => child.name === name)!;
        const list = this.children(named('ParamList'));
        const returns = children.find((child) => child.name === 'TypeDef');
        return {
          ...place,
          kind: 'def',
          name: this.text(named('VariableName')),
          parameters: this.parameters(list),
          returns: returns === undefined ? null : this.expression(this.children(returns)[0]),
          body: this.body(named('Body')),
          decorators,
          isAsync: children[0].name === 'async',
        };
      }
      case 'ClassDefinition': {
        const list = children.find((child) => child.name === 'ArgList');
        return {
          ...place,
          kind: 'class',
          name: this.text(children[1]),
          bases: list === undefined ? [] : this.argumentsOf(list),
          body: this.body(children.at(-1)!),
          decorators,
        };
      }
      case 'MatchStatement':
        return { ...place, kind: 'refused', what: "'match' is not converted: write if and elif" };
      default:
        return { ...place, kind: 'refused', what: `'${this.text(node).slice(0, 30)}' is not converted` };
    }
  }

  private assignment(node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
    const place = { at: node.from, end: node.to };
    const parts: SyntaxNode[][] = [[]];
    let annotation: Expression | null = null;
    for (const child of children)
      if (child.name === 'AssignOp') parts.push([]);
      else if (child.name === 'TypeDef') annotation = this.expression(this.children(child)[1]);
      else parts.at(-1)!.push(child);
    const lists = parts.map((part) => this.list(part));
    if (lists.length === 1) return { ...place, kind: 'assign', targets: lists, annotation, value: null };
    return { ...place, kind: 'assign', targets: lists.slice(0, -1), annotation, value: lists.at(-1)! };
  }

  private conditional(node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
    const read = (at: number): Statement => {
      const body = this.body(children[at + 2]);
      const next = children[at + 3];
      const place = { at: children[at].from, end: node.to };
      let otherwise: Block | null = null;
      if (next?.name === 'elif') {
        const id = this.blocks++;
        otherwise = { id, statements: [read(at + 3)] };
      } else if (next?.name === 'else') otherwise = this.body(children[at + 4]);
      return { ...place, kind: 'if', test: this.expression(children[at + 1]), body, otherwise };
    };
    return read(0);
  }

  private otherwise(children: readonly SyntaxNode[], body: number): Block | null {
    return children[body + 1]?.name === 'else' ? this.body(children[body + 2]) : null;
  }

  private region(node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
    if (children[0].name === 'async') throw new SyntaxFault("'async with' is not converted", node.from);
    const items: { value: Expression; target: Expression | null }[] = [];
    const inner = children.slice(1, -1).filter(({ name }) => name !== '(' && name !== ')');
    for (let i = 0; i < inner.length; i++) {
      if (inner[i].name === ',') continue;
      const value = this.expression(inner[i]);
      const hasTarget = inner[i + 1]?.name === 'as';
      items.push({ value, target: hasTarget ? this.expression(inner[i + 2]) : null });
      if (hasTarget) i += 2;
    }
    return { at: node.from, end: node.to, kind: 'with', items, body: this.body(children.at(-1)!) };
  }

  private attempt(node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
    const handlers: Handler[] = [];
    let otherwise: Block | null = null;
    let last: Block | null = null;
    let i = 2;
    while (i < children.length) {
      const { name, from: at } = children[i];
      const body = children.findIndex((child, k) => k > i && child.name === 'Body');
      if (body < 0) throw new SyntaxFault('invalid syntax', at);
      if (name === 'except') {
        const inner = children.slice(i + 1, body);
        const as = inner.findIndex((child) => child.name === 'as');
        const [what] = inner;
        const classes = what === undefined ? [] : this.expression(what);
        handlers.push({
          at,
          end: children[body].to,
          classes: Array.isArray(classes) ? [] : classes.kind === 'tuple' ? classes.items : [classes],
          name: as < 0 ? null : this.text(inner[as + 1]),
          body: this.body(children[body]),
        });
      } else if (name === 'else') otherwise = this.body(children[body]);
      else last = this.body(children[body]);
      i = body + 1;
    }
    const body = this.body(children[1]);
    return { at: node.from, end: node.to, kind: 'try', body, handlers, otherwise, last };
  }

  private imported(node: SyntaxNode, children: readonly SyntaxNode[]): Statement {
    const place = { at: node.from, end: node.to };
    const isFrom = children[0].name === 'from';
    const split = children.findIndex((child) => child.name === 'import');
    const join = (nodes: readonly SyntaxNode[]) => nodes.map((one) => this.text(one)).join('');
    const parts: SyntaxNode[][] = [[]];
    for (const child of children.slice(split + 1))
      if (child.name === ',') parts.push([]);
      else if (child.name !== '(' && child.name !== ')') parts.at(-1)!.push(child);
    const names = parts
      .filter((part) => part.length > 0)
      .map((part) => {
        const as = part.findIndex((child) => child.name === 'as');
        return as < 0
          ? { name: join(part), as: null }
          : { name: join(part.slice(0, as)), as: this.text(part[as + 1]) };
      });
    return { ...place, kind: 'import', module: isFrom ? join(children.slice(1, split)) : null, names };
  }

  private decorator(node: SyntaxNode): Expression {
    const parts = this.children(node).slice(1);
    let value: Expression | null = null;
    for (const part of parts) {
      const place = { at: parts[0].from, end: part.to };
      if (part.name === 'ArgList')
        value = { ...place, kind: 'call', callee: value!, args: this.argumentsOf(part) };
      else if (part.name === 'VariableName' || part.name === 'PropertyName')
        value =
          value === null
            ? { ...place, kind: 'name', id: this.text(part) }
            : { ...place, kind: 'attribute', object: value, name: this.text(part) };
      else if (part.name !== '.') value = this.expression(part);
    }
    if (value === null) throw new SyntaxFault('a decorator is missing', node.from);
    return value;
  }
}
