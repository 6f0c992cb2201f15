/**
 * The grammar, loosest first:
 *
 *     program    = { name '=' ternary ';' } [ ternary ]
 *     ternary    = or [ '?' ternary ':' ternary ]
 *     or, and    = … '||' …, … '&&' …
 *     comparison = sum [ ('<' | '<=' | '>' | '>=' | '==' | '!=') sum ]
 *     sum        = product { ('+' | '-') product }
 *     product    = unary { ('*' | '/') unary }
 *     unary      = ('-' | '!') unary | power
 *     power      = atom [ '**' unary ]
 *     atom       = number | name | name '(' [ ternary { ',' ternary } ] ')' | '(' ternary ')'
 *
 * As in Python, `-x ** 2` is -(x²) and `**` groups to the right; comparisons do not chain. `/` is true division.
 * `#` begins a comment. The constants are pi, e, inf and nan.
 */
import { type InstructionName, instructions } from '../backends/program.js';
import {
  arity,
  complexOperations,
  constant,
  type Expression,
  isSpecial,
  name,
  node,
  type Operator,
} from './expression.js';
import { functions } from './macros.js';

/** The text of an expression is not in the language. */
export class ExpressionError extends Error {
  override name = 'ExpressionError';
}

const constants: Readonly<Record<string, number>> = {
  pi: Math.PI,
  e: Math.E,
  inf: Number.POSITIVE_INFINITY,
  nan: Number.NaN,
};

const comparisons: Readonly<Record<string, InstructionName>> = {
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '==': 'eq',
  '!=': 'ne',
};

interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

const pattern =
  /\s+|#[^\n]*|(?<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?<name>[A-Za-z_]\w*)|(?<symbol>\*\*|[<>=!]=|&&|\|\||[-+*/<>=!?:(),;])/gy;

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < source.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(source);
    if (!match) throw failure(source, at, `unexpected '${source[at]}'`);
    for (const kind of ['number', 'name', 'symbol'] as const) {
      const text = match.groups![kind];
      if (text !== undefined) tokens.push({ kind, text, at });
    }
  }
  tokens.push({ kind: 'end', text: 'the end', at: source.length });
  return tokens;
}

function failure(source: string, at: number, problem: string): ExpressionError {
  const before = source.slice(0, at).split('\n');
  const place = before.length > 1 ? `line ${before.length}, column` : 'column';
  return new ExpressionError(`${problem} at ${place} ${before.at(-1)!.length + 1} of '${source}'`);
}

class Parser {
  readonly #source: string;
  readonly #tokens: Token[];
  #next = 0;
  /** Expressions that assigned names stand for. */
  readonly assigned = new Map<string, Expression>();

  constructor(source: string, bound: Readonly<Record<string, Expression>> = {}) {
    this.#source = source;
    this.#tokens = tokenize(source);
    for (const [key, value] of Object.entries(bound)) this.assigned.set(key, value);
  }

  /** Assignments, then an expression if there is one. */
  program(): Expression | null {
    for (;;) {
      while (this.#accept(';'));
      const token = this.#peek();
      if (token.kind === 'end') return null;
      if (token.kind === 'name' && this.#tokens[this.#next + 1].text === '=') {
        if (Object.hasOwn(constants, token.text)) throw this.#fail(`'${token.text}' is a constant`);
        this.#next += 2;
        this.assigned.set(token.text, this.#ternary());
        const end = this.#peek();
        if (end.kind === 'end' || end.text === ';') continue;
        throw this.#fail(`expected ';' but found ${this.#shown(end)}`);
      }
      const result = this.#ternary();
      if (this.#peek().kind !== 'end') throw this.#fail(`unexpected ${this.#shown(this.#peek())}`);
      return result;
    }
  }

  #ternary(): Expression {
    const condition = this.#left(['||'], () => this.#left(['&&'], () => this.#comparison()));
    if (!this.#accept('?')) return condition;
    const yes = this.#ternary();
    this.#expect(':');
    return node('select', [condition, yes, this.#ternary()]);
  }

  #left(symbols: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const symbol = this.#peek().text;
      if (this.#peek().kind !== 'symbol' || !symbols.includes(symbol)) return left;
      this.#next++;
      const op = {
        '||': 'logical_or',
        '&&': 'logical_and',
        '+': 'add',
        '-': 'sub',
        '*': 'mul',
        '/': 'div',
      } as const;
      left = node(op[symbol as keyof typeof op], [left, operand()]);
    }
  }

  #comparison(): Expression {
    const left = this.#sum();
    const op = comparisons[this.#peek().text];
    if (!op) return left;
    this.#next++;
    const right = this.#sum();
    if (comparisons[this.#peek().text]) throw this.#fail('comparisons do not chain: use && or parentheses');
    return node(op, [left, right]);
  }

  #sum(): Expression {
    return this.#left(['+', '-'], () => this.#left(['*', '/'], () => this.#unary()));
  }

  #unary(): Expression {
    if (this.#accept('-')) {
      const operand = this.#unary();
      if (operand.op !== 'constant') return node('neg', [operand]);
      return constant(typeof operand.value === 'bigint' ? -operand.value : -operand.value);
    }
    if (this.#accept('!')) return node('logical_not', [this.#unary()]);
    const base = this.#atom();
    return this.#accept('**') ? node('pow', [base, this.#unary()]) : base;
  }

  #atom(): Expression {
    const token = this.#peek();
    this.#next++;
    if (token.kind === 'number') {
      const value = Number(token.text);
      return constant(/^\d+$/.test(token.text) && !Number.isSafeInteger(value) ? BigInt(token.text) : value);
    }
    if (token.kind === 'name') {
      if (this.#accept('(')) return this.#call(token);
      if (Object.hasOwn(constants, token.text)) return constant(constants[token.text]);
      return this.assigned.get(token.text) ?? name(token.text);
    }
    if (token.text === '(') {
      const inner = this.#ternary();
      this.#expect(')');
      return inner;
    }
    this.#next--;
    throw this.#fail(`expected a value but found ${this.#shown(token)}`);
  }

  #call(callee: Token): Expression {
    const args: Expression[] = [];
    if (!this.#accept(')')) {
      do args.push(this.#ternary());
      while (this.#accept(','));
      this.#expect(')');
    }
    const wanted = Object.hasOwn(functions, callee.text)
      ? functions[callee.text][0].length
      : Object.hasOwn(instructions, callee.text) ||
          Object.hasOwn(complexOperations, callee.text) ||
          isSpecial(callee.text)
        ? arity(callee.text as Operator)
        : undefined;
    if (wanted === undefined) throw failure(this.#source, callee.at, `unknown function '${callee.text}'`);
    if (wanted !== args.length)
      throw failure(this.#source, callee.at, `${callee.text} takes ${wanted} operands, not ${args.length},`);
    if (!Object.hasOwn(functions, callee.text)) return node(callee.text as Operator, args);
    const [parameters, body] = functions[callee.text];
    const bound = Object.fromEntries(parameters.map((parameter, i) => [parameter, args[i]]));
    return new Parser(body, bound).program()!;
  }

  #peek(): Token {
    return this.#tokens[this.#next];
  }

  #accept(symbol: string): boolean {
    const found = this.#peek().kind === 'symbol' && this.#peek().text === symbol;
    if (found) this.#next++;
    return found;
  }

  #expect(symbol: string): void {
    if (!this.#accept(symbol))
      throw this.#fail(`expected '${symbol}' but found ${this.#shown(this.#peek())}`);
  }

  #shown(token: Token): string {
    return token.kind === 'end' ? token.text : `'${token.text}'`;
  }

  #fail(problem: string): ExpressionError {
    return failure(this.#source, this.#peek().at, problem);
  }
}

/** Parses one expression, which assignments of names for its parts may precede: `'t = a + b; t * t'`. */
export function parseExpression(source: string): Expression {
  const result = new Parser(source).program();
  if (!result) throw failure(source, source.length, 'expected an expression but found the end');
  return result;
}

/**
 * Parses assignments, `'buf = momentum * buf + grad; param = param - lr * buf'`: the last value of every assigned
 * name. A name on the right is what was assigned before, or else a free name.
 */
export function parseStatements(source: string): Map<string, Expression> {
  const parser = new Parser(source);
  if (parser.program()) throw failure(source, 0, 'expected assignments only');
  return parser.assigned;
}
