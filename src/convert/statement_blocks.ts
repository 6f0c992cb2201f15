import { forget, narrowings } from './condition_code.js';
import type { Converter } from './converter.js';
import { targetNames } from './expression_parts.js';
import { endsIn } from './function_definitions.js';
import type { Block, Statement } from './syntax.js';
import { isKnown } from './type_rules.js';

/** The statements of a block, with their comments, and declarations of what is hoisted into it. */
export function block(c: Converter, { statements }: Block, own?: Block): string {
  const { scope } = c;
  const outer = { block: scope.block, narrowed: scope.narrowed, before: c.before };
  c.before = [];
  scope.block = own ?? null;
  const lines: string[] = [];
  let end = -1;
  for (const statement of statements) {
    const comments = commentsBefore(c, statement.at);
    scope.at = statement.at;
    // What a loop writes is not what it was in its second round.
    if (statement.kind === 'for' || statement.kind === 'while')
      for (const name of writtenIn(statement)) forget(c, name);
    const text = [c.statement(statement), ...c.before.splice(0).reverse()].reverse().join('\n');
    scope.at = statement.at;
    const declared = declarations(c, statement);
    const isApart =
      end >= 0 && /\n[ \t]*\r?\n/.test(c.source.slice(end, firstOf(c, statement.at, comments.at)));
    const behind = commentBehind(c, statement);
    const parts = [...comments.lines, ...declared, text].filter((line) => line !== '');
    if (behind !== '' && parts.length > 0) {
      if (text.includes('\n')) parts.splice(comments.lines.length, 0, behind);
      else parts[parts.length - 1] += ` ${behind}`;
    } else if (behind !== '') parts.push(behind);
    if (parts.length > 0) {
      if (isApart && lines.length > 0) lines.push('');
      lines.push(...parts);
    }
    end = statement.end;
    afterwards(c, statement);
  }
  c.before = outer.before;
  scope.block = outer.block;
  scope.narrowed = outer.narrowed;
  return lines.join('\n');
}

const firstOf = (_: Converter, at: number, comment: number | null): number => comment ?? at;

function commentsBefore(c: Converter, at: number): { lines: string[]; at: number | null } {
  if (!c.isFinal) return { lines: [], at: null };
  const lines: string[] = [];
  let first: number | null = null;
  while (c.comments.length > 0 && c.comments[0].at < at) {
    const comment = c.comments.shift()!;
    first ??= comment.at;
    lines.push(`//${comment.text.trimEnd()}`);
  }
  return { lines, at: first };
}

/** A comment at the end of a statement's line. */
function commentBehind(c: Converter, statement: Statement): string {
  if (!c.isFinal || c.comments.length === 0) return '';
  const [{ at, text }] = c.comments;
  const between = c.source.slice(statement.end, at);
  const isCompound = ['def', 'class', 'if', 'for', 'while', 'with', 'try'].includes(statement.kind);
  if (at < statement.end || isCompound || between.includes('\n')) return '';
  c.comments.shift();
  return `//${text.trimEnd()}`;
}

/** Declarations of variables that blocks within write, and something after them reads. */
function declarations(c: Converter, statement: Statement): string[] {
  const lines: string[] = [];
  for (const variable of c.scope.all()) {
    const { placement, versions } = variable;
    if (placement === null || placement.isInline || placement.before !== statement.at) continue;
    if (placement.block !== c.scope.block) continue;
    const [version] = versions;
    if (version.declared === null || version.declared.isParameter || c.hoisted.has(version.key)) continue;
    if (
      version.type.k === 'library' ||
      version.type.k === 'python' ||
      version.type.k === 'class' ||
      version.type.k === 'maker'
    )
      continue;
    if (version.type.k === 'function' && statement.kind === 'def') continue;
    // JavaScript hoists functions itself.
    if (version.type.k === 'function' && version.type.of.name === variable.name && c.currentFunction === null)
      continue;
    if (!isKnown(version.type))
      c.error(statement, `The type of '${variable.name}' is not known: annotate it.`);
    lines.push(`let ${version.declared.name}!: ${c.typeText(version.type)};`);
  }
  return lines;
}

/** What is known behind a statement. */
function afterwards(c: Converter, statement: Statement): void {
  if (statement.kind === 'if') {
    for (const name of writtenIn(statement)) forget(c, name);
    const names: string[] = [];
    if (statement.otherwise === null && endsIn2(statement.body))
      names.push(...narrowings(c, statement.test, false));
    // `if x is None: x = …`
    if (statement.otherwise === null)
      for (const name of narrowings(c, statement.test, false))
        if (assigns(statement.body, c, name)) names.push(name);
    c.scope.narrowed = new Set([...c.scope.narrowed, ...names]);
  } else if (statement.kind === 'assert') {
    c.scope.narrowed = new Set([...c.scope.narrowed, ...narrowings(c, statement.test, true)]);
  } else if (statement.kind === 'for' || statement.kind === 'while') {
    for (const name of writtenIn(statement)) forget(c, name);
  }
}

/** Whether a block is always left. */
function endsIn2({ statements }: Block): boolean {
  const last = statements.at(-1);
  return endsIn(last) || last?.kind === 'continue' || last?.kind === 'break';
}

function assigns({ statements }: Block, c: Converter, name: string): boolean {
  return statements.some(
    (statement) =>
      statement.kind === 'assign' &&
      statement.value !== null &&
      statement.value.kind !== 'none' &&
      statement.targets.some((target) => c.text(target) === name),
  );
}

function writtenIn(statement: Statement): string[] {
  const found: string[] = [];
  const visit = (one: Statement): void => {
    if (one.kind === 'assign') found.push(...one.targets.flatMap(targetNames));
    if (one.kind === 'update') found.push(...targetNames(one.target));
    for (const inner of blocksOf(one)) inner.statements.forEach(visit);
  };
  visit(statement);
  return found;
}

function blocksOf(statement: Statement): Block[] {
  switch (statement.kind) {
    case 'if':
    case 'for':
    case 'while':
      return statement.otherwise === null ? [statement.body] : [statement.body, statement.otherwise];
    case 'with':
      return [statement.body];
    case 'try':
      return [statement.body, ...statement.handlers.map((handler) => handler.body)];
    default:
      return [];
  }
}
