import type { Diagnostic } from './diagnostic.js';
import { libraryText } from './library_paths.js';
import { type Declared, learn, type Scope, type Version } from './name_scope.js';
import type { Part } from './own_modules.js';
import { Names } from './own_names.js';
import type { SourceComment } from './parse_program.js';
import type { ClassInfo, FunctionInfo } from './python_types.js';
import { positionIn } from './source_positions.js';
import type { Block, Expression, Of, Place, Statement, StatementOf } from './syntax.js';
import { describe, elementOf, isKnown, isStruct, type Type } from './type_rules.js';

/** TypeScript for an expression, with how tightly it binds, and what it is in Python. */
export interface Code {
  readonly code: string;
  readonly binds: number;
  readonly type: Type;
}

/** How tightly operators bind: as in JavaScript's table. */
export const binding = {
  comma: 0,
  arrow: 1,
  conditional: 2,
  or: 3,
  and: 4,
  equality: 8,
  relation: 9,
  sum: 11,
  product: 12,
  power: 13,
  unary: 14,
  call: 17,
  primary: 18,
} as const;

/** How each kind of expression is converted; `wanted` is the type that its place asks for, if that is known. */
export type ExpressionRules = {
  readonly [K in Expression['kind']]: (c: Converter, expression: Of<K>, wanted?: Type) => Code;
};

/** How each kind of statement is converted, to lines. */
export type StatementRules = {
  readonly [K in Statement['kind']]: (c: Converter, statement: StatementOf<K>) => string;
};

/** Rules of the language: they call each other through the converter. */
export interface Rules {
  readonly expressions: ExpressionRules;
  readonly statements: StatementRules;
  readonly block: (c: Converter, block: Block) => string;
}

/** A conversion on its way: the program is walked until all types are known, and then once more for the code. */
export class Converter {
  readonly diagnostics: Diagnostic[] = [];
  readonly memory = new Map<string, Version>();
  readonly functions = new Map<number, FunctionInfo>();
  readonly classes = new Map<number, ClassInfo>();
  readonly names = new Names();
  /** What imports have given names: the library's by their paths, others with null. */
  readonly aliases = new Map<string, string | null>();
  readonly usedAliases = new Set<string>();
  readonly usedEntries = new Set<string>();
  usesHelpers = false;
  /** Whether the program uses NumPy's functions. */
  usesNumpy = false;
  changed = false;
  isFinal = false;
  /** Whether what nothing here calls gets the types that the library would give it. */
  late = false;
  /** Scopes of the walk on its way. */
  scopes: Scope[] = [];
  scope!: Scope;
  currentFunction: FunctionInfo | null = null;
  currentClass: ClassInfo | null = null;
  /** Versions of variables that something else than their own line declares. */
  readonly hoisted = new Set<string>();
  readonly comments: SourceComment[];
  /** Names of exceptions that the program catches: what throws them must do so here, too. */
  caught: ReadonlySet<string> = new Set();
  /** Names under which modules of the program's own are known. */
  moduleAliases: ReadonlySet<string> = new Set();
  /** Classes that are only mixed into others. */
  mixins: ReadonlySet<string> = new Set();
  /** Shapes of plain objects that the program's code names. */
  readonly shapes = new Set<ClassInfo>();
  /** Lines that stand before the statement on its way. */
  before: string[] = [];
  private readonly told = new Set<string>();

  constructor(
    readonly source: string,
    comments: readonly SourceComment[],
    private readonly rules: Rules,
    private readonly parts: readonly Part[] = [],
  ) {
    this.comments = [...comments];
  }

  expression(expression: Expression, wanted?: Type): Code {
    const rule = this.rules.expressions[expression.kind] as (c: Converter, e: Expression, w?: Type) => Code;
    const found = rule(this, expression, wanted);
    // By the last walk nothing is going to be known that is not.
    return this.isFinal && found.type.k === 'never' ? { ...found, type: { k: 'unknown' } } : found;
  }

  statement(statement: Statement): string {
    return (this.rules.statements[statement.kind] as (c: Converter, s: Statement) => string)(this, statement);
  }

  /** The statements of a block, without braces. */
  block(block: Block): string {
    return this.rules.block(this, block);
  }

  /** A name that nothing else has. */
  fresh(wish: string): string {
    return this.isFinal ? this.names.fresh(wish) : wish;
  }

  text({ at, end }: Place): string {
    return this.source.slice(at, end);
  }

  error(place: Place, message: string): void {
    this.tell(place.at, message, 'error');
  }

  warn(place: Place, message: string): void {
    this.tell(place.at, message, 'warning');
  }

  /** Says that something must be annotated. Returns code that does not matter. */
  untyped(place: Place, code: string, what: string): Code {
    this.error(place, what);
    return { code, binds: binding.primary, type: { k: 'unknown' } };
  }

  private tell(at: number, message: string, severity: Diagnostic['severity']): void {
    if (!this.isFinal) return;
    const position = positionIn(this.source, this.parts, at);
    const key = `${position.file ?? ''}:${position.line}:${message}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.diagnostics.push({ ...position, message, severity });
  }

  /** A helper of `flambeau/python`. */
  helper(name: string): string {
    if (this.isFinal) this.usesHelpers = true;
    return `py.${name}`;
  }

  /** The text of a thing of the library's. */
  libraryCode(path: string): string {
    const { text, entry } = libraryText(path);
    if (this.isFinal) this.usedEntries.add(entry);
    return text;
  }

  /** What a name declared of a version; made before the last walk. */
  declared(version: Version): Declared {
    return version.declared ?? { name: '', writes: 0, isParameter: false };
  }

  /** A type in TypeScript's notation. */
  typeText(type: Type): string {
    switch (type.k) {
      case 'int':
      case 'float':
      case 'number':
        return 'number';
      case 'bool':
        return 'boolean';
      case 'str':
        return 'string';
      case 'none':
        return 'null';
      case 'tensor':
        return `${this.libraryCode('')}.Tensor`;
      case 'array':
        return `${this.helper('numpy')}.NDArray`;
      case 'dtype':
        return `${this.libraryCode('')}.types.DType`;
      case 'device':
        return `${this.libraryCode('')}.Device`;
      case 'list':
        return type.isSize ? `${this.libraryCode('')}.ReadonlyList<number>` : `${this.inArray(type.of)}[]`;
      case 'tuple':
        return `[${type.items.map((item) => this.typeText(item)).join(', ')}]`;
      case 'dict':
        if (isStruct(type))
          return `{ ${[...type.fields].map(([name, own]) => `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}${type.isOpen ? '?' : ''}: ${this.typeText(own)}`).join('; ')} }`;
        return `${type.isRecord ? 'Record' : isTupleType(type.key) ? this.helper('TupleMap') : 'Map'}<${this.typeText(type.key)}, ${this.typeText(type.value)}>`;
      case 'set':
        return `${isTupleType(type.of) ? this.helper('TupleSet') : 'Set'}<${this.typeText(type.of)}>`;
      case 'iterator':
        return `Iterable<${this.typeText(type.of)}>`;
      case 'optional':
        return `${this.inUnion(type.of)} | null`;
      case 'union':
        return type.of.map((part) => this.inUnion(part)).join(' | ');
      case 'object': {
        const text = this.libraryCode(type.path);
        return type.item === undefined ||
          !isKnown(type.item) ||
          !/^utils\.data\.|^nn\.Parameter$/.test(type.path)
          ? text
          : this.dataText(text, type.path, type.item);
      }
      case 'instance':
        if (type.of.isShape && this.isFinal) this.shapes.add(type.of);
        return type.of.own;
      case 'class':
        return `typeof ${type.of.own}`;
      case 'function': {
        const { parameters, returns, isAsync } = type.of;
        const result = this.typeText(returns);
        const list = parameters.map(
          ({ name, type: own, source }) =>
            `${source.stars > 0 ? '...' : ''}${name}${source.fallback === null ? '' : '?'}: ${this.typeText(own)}`,
        );
        return `(${list.join(', ')}) => ${returns.k === 'none' ? 'void' : isAsync ? `Promise<${result}>` : result}`;
      }
      case 'callable':
        return this.callableText(type);
      case 'library':
        return `typeof ${this.libraryCode(type.path)}`;
      case 'python':
        if (type.path === 'random.Random') return this.helper('random.Random');
        return type.path === 'numpy.RandomState' ? `${this.helper('numpy')}.RandomState` : 'unknown';
      default:
        return 'unknown';
    }
  }

  private callableText({ returns, functions = [] }: Extract<Type, { k: 'callable' }>): string {
    const text = returns.k === 'none' ? 'void' : this.typeText(returns);
    const [first] = functions;
    if (first === undefined) return `(...args: never[]) => ${text}`;
    const list = first.parameters.map(({ name }, i) => {
      const types = functions.map(({ parameters }) => parameters[i]?.type ?? { k: 'never' as const });
      return `${name}: ${this.typeText(types.find(({ k }) => k !== 'never') ?? types[0])}`;
    });
    return `(${list.join(', ')}) => ${text}`;
  }

  private dataText(text: string, path: string, item: Type): string {
    if (path === 'utils.data.TensorDataset' && item.k !== 'tuple') return text;
    if (path === 'utils.data.DataLoader') return `${text}<unknown, ${this.typeText(item)}>`;
    return `${text}<${this.typeText(item)}>`;
  }

  private inUnion(type: Type): string {
    const text = this.typeText(type);
    return text.includes('=>') ? `(${text})` : text;
  }

  private inArray(type: Type): string {
    const text = this.typeText(type);
    return /=>| \| |^typeof /.test(text) ? `(${text})` : text;
  }

  /** What Python's printing has to know beside the value: null where the value tells itself. */
  spec(type: Type): string | null {
    switch (type.k) {
      case 'float':
        return 'float';
      case 'list':
      case 'set':
      case 'iterator': {
        if (type.k === 'list' && type.isSize) return 'size';
        const inner = this.spec(type.of);
        if (type.k === 'list' && type.isTuple) return `tuple[${inner ?? ''}, ...]`;
        return inner === null ? null : `list[${inner}]`;
      }
      case 'tuple':
        return `tuple[${type.items.map((item) => this.spec(item) ?? '').join(', ')}]`;
      case 'dict': {
        const [key, value] = [this.spec(type.key), this.spec(type.value)];
        return key === null && value === null ? null : `dict[${key ?? ''}, ${value ?? ''}]`;
      }
      case 'optional':
        return this.spec(type.of);
      default:
        return null;
    }
  }

  /** Says where it is not known whether a number is a float, which prints otherwise. */
  checkPrinted(place: Place, type: Type): void {
    if (type.k === 'number')
      this.warn(
        place,
        'Whether this is an int or a float is not known here: a float that is whole prints as an int. Say float(…) or int(…).',
      );
    else if (type.k === 'python' && type.path.startsWith('numpy.'))
      this.error(place, `'${type.path}' cannot be printed here.`);
    else if (type.k === 'union' && type.of.some((part) => this.spec(part) !== null || part.k === 'number'))
      this.error(
        place,
        `This is ${describe(type)}, which JavaScript does not tell apart when it prints: print them in branches of their own.`,
      );
    else if (type.k === 'list' || type.k === 'set' || type.k === 'iterator' || type.k === 'optional')
      this.checkPrinted(place, type.of);
    else if (type.k === 'tuple' && type.isNamed)
      this.error(place, 'Named tuples are arrays here, which do not print as theirs: print their fields.');
    else if (type.k === 'tuple') for (const item of type.items) this.checkPrinted(place, item);
    else if (type.k === 'dict') this.checkPrinted(place, type.value);
  }

  /** A format needs no more than that there is a value. */
  checkFormatted(place: Place, type: Type): void {
    if (type.k === 'unknown') this.needs(place, `'${this.text(place)}', which is formatted,`, type);
  }

  /** Whether the program notices an exception of one of these classes. */
  catches(...names: string[]): boolean {
    return ['Exception', 'BaseException', '', ...names].some((name) => this.caught.has(name));
  }

  /** Says where a text is counted that has characters which JavaScript counts as two. */
  checkCounted(place: Place): void {
    if (/[\u{10000}-\u{10ffff}]/u.test(this.source))
      this.error(
        place,
        'JavaScript counts some characters of this program as two (😀): take the list of them, as in list(text).',
      );
  }

  /** What there is to say where an operation needs a type that is not known. */
  needs(place: Place, what: string, type: Type): void {
    const hint = `annotate it in Python, as in 'x: torch.Tensor', 'x: float' or 'x: list[int]'`;
    if (type.k === 'never' || type.k === 'unknown')
      this.error(place, `The type of ${what} is not known: ${hint}.`);
    else this.error(place, `${what} is ${describe(type)}, which cannot be converted here.`);
  }

  learnVersion(version: Version, type: Type): void {
    learn(this, version, type);
  }

  elementOf(type: Type): Type {
    return elementOf(type);
  }
}

const isTupleType = (type: Type): boolean =>
  type.k === 'tuple' || (type.k === 'list' && type.isTuple === true);

/** Code in parentheses where what surrounds it binds tighter. */
export const tied = ({ code, binds }: Code, least: number): string => (binds >= least ? code : `(${code})`);

export const primary = (code: string, type: Type): Code => ({ code, binds: binding.primary, type });
export const called = (code: string, type: Type): Code => ({ code, binds: binding.call, type });

/** Lines behind two spaces. */
export const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');
