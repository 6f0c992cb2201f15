/** Python's literals, as far as the headers of `.npy` files need them: what `ast.literal_eval` reads there. */

export type Literal = string | number | bigint | boolean | null | Tuple | Literal[] | Map<Literal, Literal>;

export class Tuple {
  constructor(readonly items: readonly Literal[]) {}
}

/** Headers nest three deep; a hostile one must not decide how deep we recur. */
const deepest = 16;

/** @throws SyntaxError for anything else */
export function parseLiteral(text: string): Literal {
  return new Parser(text).parse();
}

/** As Python's `repr` shows it. */
export function showLiteral(value: Literal): string {
  if (value instanceof Tuple) {
    return `(${value.items.map(showLiteral).join(', ')}${value.items.length === 1 ? ',' : ''})`;
  }
  if (Array.isArray(value)) return `[${value.map(showLiteral).join(', ')}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${showLiteral(key)}: ${showLiteral(item)}`).join(', ')}}`;
  }
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null ? 'None' : String(value);
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  parse(): Literal {
    const value = this.value();
    this.space();
    if (this.at < this.text.length) throw this.wrong();
    return value;
  }

  private value(): Literal {
    this.space();
    if (++this.depth > deepest) throw this.wrong();
    const value = this.scalar() ?? this.container();
    this.depth--;
    return value === none ? null : value;
  }

  private scalar(): Exclude<Literal, null> | typeof none | undefined {
    const string = this.match(/[uUrR]?(?:'([^'\\\n]*)'|"([^"\\\n]*)")/y);
    if (string !== null) return string[1] ?? string[2];
    const word = this.match(/(?:True|False|None)\b/y)?.[0];
    if (word !== undefined) return word === 'None' ? none : word === 'True';
    // Python 2 wrote long integers with an L.
    const integer = this.match(/([+-]?)(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+(?:_\d+)*)L?(?![\w.])/y);
    if (integer === null) return undefined;
    const [, sign, digits] = integer;
    const size = BigInt(digits.replaceAll('_', ''));
    const whole = sign === '-' ? -size : size;
    const number = Number(whole);
    return Number.isSafeInteger(number) ? number : whole;
  }

  private container(): Tuple | Literal[] | Map<Literal, Literal> {
    if (this.match(/\(/y)) return this.tuple();
    if (this.match(/\[/y)) return this.items(/\]/y, () => this.value());
    if (this.match(/\{/y)) {
      return new Map(
        this.items(/\}/y, () => {
          const key = this.value();
          this.space();
          if (!this.match(/:/y)) throw this.wrong();
          return [key, this.value()] as const;
        }),
      );
    }
    throw this.wrong();
  }

  private tuple(): Tuple | Literal[] {
    const start = this.at;
    const items = this.items(/\)/y, () => this.value());
    // One value in brackets is that value; with a comma it is a tuple.
    const isTuple = items.length !== 1 || /,\s*\)$/.test(this.text.slice(start, this.at));
    return isTuple ? new Tuple(items) : (items[0] as Tuple);
  }

  private items<T>(end: RegExp, item: () => T): T[] {
    const items: T[] = [];
    for (;;) {
      this.space();
      if (this.match(end)) return items;
      items.push(item());
      this.space();
      if (this.match(end)) return items;
      if (!this.match(/,/y)) throw this.wrong();
    }
  }

  private space(): void {
    this.match(/(?:\s|#.*)*/y);
  }

  /** @param pattern sticky */
  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at += found[0].length;
    return found;
  }

  private wrong(): SyntaxError {
    return new SyntaxError(`malformed literal at offset ${this.at}`);
  }
}

/** Stands for None while null says that nothing matched. */
const none = Symbol('None');
