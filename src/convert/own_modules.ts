import type { Program } from './parse_program.js';
import type { Expression, Statement } from './syntax.js';

/** Where the text of a module stands in a program of several files. The last part is the program itself. */
export interface Part {
  readonly module: string | null;
  readonly from: number;
  readonly to: number;
}

/** Names that may be modules among those that a text imports. */
export function modulesNamedIn(text: string): string[] {
  const found: string[] = [];
  for (const [, from, names, plain] of text.matchAll(
    /^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+\(?([^#\n)]*)|import[ \t]+([\w., \t]+))/gm,
  ))
    for (const name of from === undefined
      ? plain.split(',')
      : [from, ...names.split(',').map((one) => `${from}.${one.trim()}`)]) {
      const own = moduleName(name.trim().split(/\s+as\s+/)[0]);
      if (/^\w/.test(own)) found.push(own);
    }
  return found;
}

/** A module's name without the dots that say where it is. */
const moduleName = (name: string): string => name.replace(/^\.+/, '');

/** A program and the modules of its own that it imports as one text, in the order in which Python runs them. */
export function together(
  main: string,
  modules: Readonly<Record<string, string>>,
): { source: string; parts: Part[] } {
  const parts: Part[] = [];
  const visited = new Set<string>();
  let source = '';
  const add = (module: string | null, text: string): void => {
    for (const name of modulesNamedIn(text)) {
      if (visited.has(name) || !Object.hasOwn(modules, name)) continue;
      visited.add(name);
      add(name, modules[name]);
    }
    const own = text.endsWith('\n') || module === null ? text : `${text}\n`;
    parts.push({ module, from: source.length, to: source.length + own.length });
    source += own;
  };
  add(null, main);
  return { source, parts };
}

/** A name that two files give to different things, with the place of the second. */
export interface Clash {
  readonly name: string;
  readonly at: number;
  readonly end: number;
}

/** What the files of a program are together: its statements, the names under which its modules are known, and what stands against it. */
export interface Whole {
  readonly program: Program;
  readonly aliases: ReadonlySet<string>;
  readonly clashes: readonly Clash[];
}

/** Takes imports of a program's own modules out of it: what they name is there already. */
export function whole(program: Program, parts: readonly Part[]): Whole {
  if (parts.length < 2) return { program, aliases: new Set(), clashes: [] };
  const own = new Set(parts.map(({ module }) => module));
  const aliases = new Set<string>();
  const clashes: Clash[] = [];
  const owners = new Map<string, Part>();
  const statements: Statement[] = [];
  for (const statement of program.body.statements) {
    const part = parts.find(({ from, to }) => statement.at >= from && statement.at < to) as Part;
    // What a module does when it is the program itself.
    if (part.module !== null && isMainGuard(statement)) continue;
    if (statement.kind === 'import') {
      statements.push(...withoutOwn(statement, own, aliases));
      continue;
    }
    for (const name of namesGiven(statement)) {
      const known = owners.get(name);
      if (known !== undefined && known !== part) clashes.push({ name, at: statement.at, end: statement.end });
      owners.set(name, part);
    }
    statements.push(statement);
  }
  return { program: { ...program, body: { ...program.body, statements } }, aliases, clashes };
}

const isMainGuard = (statement: Statement): boolean =>
  statement.kind === 'if' &&
  statement.test.kind === 'compare' &&
  statement.test.operands[0].kind === 'name' &&
  statement.test.operands[0].id === '__name__';

function withoutOwn(
  statement: Extract<Statement, { kind: 'import' }>,
  own: ReadonlySet<string | null>,
  aliases: Set<string>,
): Statement[] {
  const { at, end, names } = statement;
  if (statement.module === null) {
    const others = names.filter(({ name, as }) => {
      if (!own.has(name)) return true;
      aliases.add(as ?? name);
      return false;
    });
    return others.length === 0 ? [] : [{ ...statement, names: others }];
  }
  const module = moduleName(statement.module);
  const rest = names.filter(({ name, as }) => {
    const inner = moduleName(`${statement.module}.${name}`);
    if (!own.has(inner)) return true;
    aliases.add(as ?? name);
    return false;
  });
  if (!own.has(module)) return rest.length === 0 ? [] : [{ ...statement, names: rest }];
  // Other names for what is there.
  return rest.flatMap(({ name, as }): Statement[] => {
    if (as === null || as === name) return [];
    const id = (text: string): Expression => ({ at, end, kind: 'name', id: text });
    return [{ at, end, kind: 'assign', targets: [id(as)], annotation: null, value: id(name) }];
  });
}

/** Names that a statement of a file gives to something. */
function namesGiven(statement: Statement): string[] {
  switch (statement.kind) {
    case 'def':
    case 'class':
      return [statement.name];
    case 'assign':
      return statement.targets.flatMap(namesIn);
    case 'for':
      return [...namesIn(statement.target), ...statement.body.statements.flatMap(namesGiven)];
    case 'if':
      return [statement.body, statement.otherwise].flatMap(
        (block) => block?.statements.flatMap(namesGiven) ?? [],
      );
    case 'with':
    case 'while':
      return statement.body.statements.flatMap(namesGiven);
    default:
      return [];
  }
}

const namesIn = (target: Expression): string[] =>
  target.kind === 'name'
    ? [target.id]
    : target.kind === 'tuple' || target.kind === 'list'
      ? target.items.flatMap(namesIn)
      : [];
