import type { SyntaxNode } from '@lezer/common';
import { isLogic, readLogic } from './parse_logic.js';
import { unescaped } from './string_literals.js';
import type { Argument, Clause, Expression, Parameter, Replacement } from './syntax.js';

/** Thrown where the source is no Python, or Python that conversions do not know. */
export class SyntaxFault extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

/** Reads expressions of a tree. */
export class ExpressionReader {
  constructor(protected readonly source: string) {}

  text(node: SyntaxNode): string {
    return this.source.slice(node.from, node.to);
  }

  /** All children but comments. */
  children(node: SyntaxNode): SyntaxNode[] {
    const found: SyntaxNode[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling)
      if (child.name !== 'Comment') found.push(child);
    return found;
  }

  expression(node: SyntaxNode): Expression {
    const place = { at: node.from, end: node.to };
    const children = this.children(node);
    const text = (one: SyntaxNode) => this.text(one);
    if (isLogic(node, text)) return readLogic(node, text, (one) => this.expression(one));
    switch (node.name) {
      case 'VariableName':
      case 'PropertyName':
        return { ...place, kind: 'name', id: this.text(node) };
      case 'Number':
        return { ...place, kind: 'number', text: this.text(node) };
      case 'Boolean':
        return { ...place, kind: 'boolean', value: this.text(node) === 'True' };
      case 'None':
        return { ...place, kind: 'none' };
      case 'Ellipsis':
        return { ...place, kind: 'ellipsis' };
      case 'String':
      case 'FormatString':
        return { ...place, kind: 'string', ...this.string(node) };
      case 'ContinuedString': {
        const strings = children.map((child) => this.string(child));
        const isBytes = strings.some((string) => string.isBytes);
        return { ...place, kind: 'string', isBytes, parts: strings.flatMap(({ parts }) => parts) };
      }
      case 'ParenthesizedExpression':
        return this.expression(children[1]);
      case 'BinaryExpression':
        return this.binary(node, children);
      case 'UnaryExpression':
        return {
          ...place,
          kind: 'unary',
          operator: this.text(children[0]),
          operand: this.expression(children[1]),
        };
      case 'ConditionalExpression': {
        const [yes, , test, , no] = children;
        return {
          ...place,
          kind: 'conditional',
          test: this.expression(test),
          yes: this.expression(yes),
          no: this.expression(no),
        };
      }
      case 'CallExpression':
        return {
          ...place,
          kind: 'call',
          callee: this.expression(children[0]),
          args: this.argumentsOf(children[1]),
        };
      case 'MemberExpression':
        return this.member(node, children);
      case 'TupleExpression':
        return { ...place, kind: 'tuple', items: this.items(children.slice(1, -1)) };
      case 'ArrayExpression':
        return { ...place, kind: 'list', items: this.items(children.slice(1, -1)) };
      case 'SetExpression':
        return { ...place, kind: 'set', items: this.items(children.slice(1, -1)) };
      case 'DictionaryExpression':
        return { ...place, kind: 'dict', entries: this.entries(children.slice(1, -1)) };
      case 'ArrayComprehensionExpression':
        return this.comprehension(node, 'list', children.slice(1, -1));
      case 'SetComprehensionExpression':
        return this.comprehension(node, 'set', children.slice(1, -1));
      case 'DictionaryComprehensionExpression':
        return this.comprehension(node, 'dict', children.slice(1, -1));
      case 'ComprehensionExpression':
        return this.comprehension(node, 'generator', children.slice(1, -1));
      case 'LambdaExpression': {
        const list = children.find((child) => child.name === 'ParamList');
        const parameters = list === undefined ? [] : this.parameters(this.children(list));
        return { ...place, kind: 'lambda', parameters, body: this.expression(children.at(-1)!) };
      }
      case 'NamedExpression':
        return {
          ...place,
          kind: 'walrus',
          target: this.expression(children[0]),
          value: this.expression(children[2]),
        };
      case 'AwaitExpression':
        return { ...place, kind: 'await', value: this.expression(children[1]) };
      case 'YieldExpression':
      case 'YieldStatement': {
        const isFrom = children[1]?.name === 'from';
        const values = children.slice(isFrom ? 2 : 1);
        return { ...place, kind: 'yield', isFrom, value: values.length === 0 ? null : this.list(values) };
      }
      default:
        throw new SyntaxFault(`'${this.text(node).slice(0, 40)}' cannot be converted`, node.from);
    }
  }

  /** What stands between commas: one expression, or a tuple without parentheses. */
  list(nodes: readonly SyntaxNode[]): Expression {
    const items = this.items(nodes);
    if (items.length === 0) throw new SyntaxFault('an expression is missing', nodes[0]?.from ?? 0);
    if (items.length === 1 && nodes.at(-1)!.name !== ',') return items[0];
    return { at: nodes[0].from, end: nodes.at(-1)!.to, kind: 'tuple', items };
  }

  items(nodes: readonly SyntaxNode[]): Expression[] {
    const found: Expression[] = [];
    let star: SyntaxNode | null = null;
    for (const node of nodes) {
      if (node.name === ',') continue;
      if (node.name === '*') {
        star = node;
        continue;
      }
      const value = this.expression(node);
      found.push(star === null ? value : { at: star.from, end: node.to, kind: 'star', value });
      star = null;
    }
    return found;
  }

  argumentsOf(list: SyntaxNode): Argument[] {
    const nodes = this.children(list).slice(1, -1);
    const isGenerator = nodes.some((node) => node.name === 'for');
    if (isGenerator) {
      const value = this.comprehension(list, 'generator', nodes);
      return [{ at: list.from, end: list.to, name: null, stars: 0, value }];
    }
    const found: Argument[] = [];
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i];
      if (node.name === ',') continue;
      const stars = node.name === '*' ? 1 : node.name === '**' ? 2 : 0;
      const at = node.from;
      if (stars > 0) i++;
      if (nodes[i + 1]?.name === 'AssignOp') {
        const value = this.expression(nodes[i + 2]);
        found.push({ at, end: value.end, name: this.text(node), stars: 0, value });
        i += 2;
      } else {
        const value = this.expression(nodes[i]);
        found.push({ at, end: value.end, name: null, stars, value });
      }
    }
    return found;
  }

  parameters(nodes: readonly SyntaxNode[]): Parameter[] {
    const found: Parameter[] = [];
    let isNamed = false;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i];
      if (node.name === '*' && nodes[i + 1]?.name !== 'VariableName') isNamed = true;
      if (node.name !== 'VariableName') continue;
      const before = nodes[i - 1]?.name;
      const stars = before === '*' ? 1 : before === '**' ? 2 : 0;
      let annotation: Expression | null = null;
      let fallback: Expression | null = null;
      if (nodes[i + 1]?.name === 'TypeDef') annotation = this.expression(this.children(nodes[++i])[1]);
      if (nodes[i + 1]?.name === 'AssignOp') {
        fallback = this.expression(nodes[i + 2]);
        i += 2;
      }
      found.push({
        at: node.from,
        end: nodes[i].to,
        name: this.text(node),
        annotation,
        fallback,
        stars,
        isNamed,
      });
      if (stars === 1) isNamed = true;
    }
    return found;
  }

  private binary(node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
    const place = { at: node.from, end: node.to };
    const operators = children.slice(1, -1);
    const operator = operators.map((one) => this.text(one)).join(' ');
    const left = this.expression(children[0]);
    const right = this.expression(children.at(-1)!);
    if (operators[0].name === 'CompareOp' || /^(is|in|not)/.test(operator)) {
      // Chains lean to the left; what is in parentheses is none.
      if (left.kind === 'compare' && children[0].name === 'BinaryExpression')
        return {
          ...place,
          kind: 'compare',
          operators: [...left.operators, operator],
          operands: [...left.operands, right],
        };
      return { ...place, kind: 'compare', operators: [operator], operands: [left, right] };
    }
    return { ...place, kind: 'binary', operator, left, right };
  }

  private member(node: SyntaxNode, children: readonly SyntaxNode[]): Expression {
    const place = { at: node.from, end: node.to };
    const object = this.expression(children[0]);
    if (children[1].name === '.')
      return { ...place, kind: 'attribute', object, name: this.text(children[2]) };
    const parts = children.slice(2, -1);
    const items: Expression[] = [];
    let part: SyntaxNode[] = [];
    const close = () => {
      if (part.length > 0) items.push(this.subscript(part));
      part = [];
    };
    for (const one of parts)
      if (one.name === ',') close();
      else part.push(one);
    close();
    return { ...place, kind: 'index', object, items, isTuple: parts.some((one) => one.name === ',') };
  }

  private subscript(nodes: readonly SyntaxNode[]): Expression {
    const place = { at: nodes[0].from, end: nodes.at(-1)!.to };
    if (nodes[0].name === '*') return { ...place, kind: 'star', value: this.expression(nodes[1]) };
    if (!nodes.some((node) => node.name === ':')) return this.expression(nodes[0]);
    const bounds: (Expression | null)[] = [null, null, null];
    let at = 0;
    for (const node of nodes)
      if (node.name === ':') at++;
      else bounds[at] = this.expression(node);
    return { ...place, kind: 'slice', start: bounds[0], stop: bounds[1], step: bounds[2] };
  }

  private entries(nodes: readonly SyntaxNode[]) {
    const found: { key: Expression | null; value: Expression }[] = [];
    for (let i = 0; i < nodes.length; i++) {
      if (nodes[i].name === ',') continue;
      if (nodes[i].name === '**') found.push({ key: null, value: this.expression(nodes[++i]) });
      else {
        found.push({ key: this.expression(nodes[i]), value: this.expression(nodes[i + 2]) });
        i += 2;
      }
    }
    return found;
  }

  private comprehension(
    node: SyntaxNode,
    makes: 'list' | 'set' | 'dict' | 'generator',
    nodes: readonly SyntaxNode[],
  ): Expression {
    const place = { at: node.from, end: node.to };
    let i = nodes.findIndex((one) => one.name === 'for' || one.name === 'async');
    const first = nodes.slice(0, i);
    const colon = first.findIndex((one) => one.name === ':');
    const key = colon < 0 ? null : this.expression(first[0]);
    const element = colon < 0 ? this.list(first) : this.expression(first[colon + 1]);
    const clauses: Clause[] = [];
    while (i < nodes.length) {
      if (nodes[i].name === 'async')
        throw new SyntaxFault('async comprehensions are not converted', nodes[i].from);
      if (nodes[i].name === 'for') {
        const to = nodes.findIndex((one, at) => at > i && one.name === 'in');
        const target = this.list(nodes.slice(i + 1, to));
        clauses.push({ target, iterable: this.expression(nodes[to + 1]), conditions: [] });
        i = to + 2;
      } else {
        (clauses.at(-1)!.conditions as Expression[]).push(this.expression(nodes[i + 1]));
        i += 2;
      }
    }
    return { ...place, kind: 'comprehension', makes, key, element, clauses };
  }

  private string(node: SyntaxNode): { parts: (string | Replacement)[]; isBytes: boolean } {
    const [opening, prefix, quotes] = /^([a-zA-Z]*)('''|"""|'|")/.exec(this.text(node)) ?? ['', '', ''];
    const isRaw = /r/i.test(prefix);
    const isBytes = /b/i.test(prefix);
    const isFormat = /f/i.test(prefix);
    const parts: (string | Replacement)[] = [];
    let from = node.from + opening.length;
    const literal = (to: number) => {
      let text = this.source.slice(from, to).replace(/\r\n?/g, '\n');
      if (!isRaw) text = unescaped(text);
      if (isFormat) text = text.replaceAll('{{', '{').replaceAll('}}', '}');
      if (text !== '') parts.push(text);
    };
    for (const child of this.children(node))
      if (child.name === 'FormatReplacement') {
        literal(child.from);
        parts.push(this.replacement(child));
        from = child.to;
      }
    literal(node.to - quotes.length);
    return { parts, isBytes };
  }

  private replacement(node: SyntaxNode): Replacement {
    const children = this.children(node).slice(1, -1);
    const named = (name: string) => children.find((child) => child.name === name);
    const values = children.filter((child) => !child.name.startsWith('Format'));
    const spec = named('FormatSpec');
    const doc = named('FormatSelfDoc');
    const conversion = named('FormatConversion');
    return {
      value: this.list(values),
      conversion: conversion === undefined ? null : this.text(conversion).slice(1),
      spec: spec === undefined ? null : this.specParts(spec),
      label: doc === undefined ? null : this.source.slice(node.from + 1, doc.to),
    };
  }

  private specParts(node: SyntaxNode): (string | Replacement)[] {
    const parts: (string | Replacement)[] = [];
    let from = node.from + 1;
    for (const child of this.children(node))
      if (child.name === 'FormatReplacement') {
        if (child.from > from) parts.push(this.source.slice(from, child.from));
        parts.push(this.replacement(child));
        from = child.to;
      }
    if (node.to > from) parts.push(this.source.slice(from, node.to));
    return parts;
  }
}
