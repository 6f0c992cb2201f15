import { runsAtOnce } from './captured_names.js';
import { partsOf, targetNames } from './expression_parts.js';
import type { Block, Expression, Parameter, Statement } from './syntax.js';

/** A place where a name of a scope is read or written. */
interface Occurrence {
  readonly at: number;
  /** Blocks around it, from the scope's own inwards. */
  readonly blocks: readonly Block[];
  readonly isWrite: boolean;
  /** An assignment that is a statement of the innermost block, whose right side does not read the name. */
  readonly isPlain: boolean;
  /** Within a function that may run later. */
  readonly isLater: boolean;
}

/** Where TypeScript declares a name. */
export interface Placement {
  readonly block: Block;
  /** Declared by the statement that writes it first, or in a loop's head; otherwise before the statement at `before`. */
  readonly isInline: boolean;
  readonly before: number;
  /** Functions within the scope use it. */
  readonly isCaptured: boolean;
  /** Where the first function stands that uses it, and where it is written last. */
  readonly capturedFrom: number;
  readonly lastWrite: number;
  /** The first and last places where it occurs. */
  readonly from: number;
  readonly to: number;
}

/** The statement of a block that a place lies in. */
const holderOf = (block: Block, place: number): Statement | undefined =>
  block.statements.find(({ at, end }) => at <= place && place < end);

/** Finds what names a scope has of its own, and where they are to be declared. */
export class Occurrences {
  readonly globals = new Set<string>();
  private readonly found = new Map<string, Occurrence[]>();
  private readonly written = new Set<string>();
  private readonly captured = new Set<string>();
  private readonly uses: [name: string, at: number][] = [];
  private readonly loops = new Set<Block>();
  private path: Block[] = [];
  /** Names of comprehensions and of functions within, which hide the scope's. */
  private hidden: ReadonlySet<string>[] = [];
  private isInner = false;
  private isImmediate = false;

  constructor(body: Block, parameters: readonly Parameter[] = []) {
    for (const { name } of parameters) {
      this.written.add(name);
      this.found.set(name, [{ at: -1, blocks: [body], isWrite: true, isPlain: true, isLater: false }]);
    }
    this.block(body);
  }

  /** Names that are assigned in the scope. */
  names(): string[] {
    return [...this.written].filter((name) => !this.globals.has(name));
  }

  /** Where a name is to be declared: once, or apart in statements that do not share its values. */
  placements(name: string): Placement[] {
    const all = this.found.get(name)!;
    const isCaptured = this.captured.has(name);
    const parts = isCaptured ? null : this.apart(all);
    const capturedFrom = Math.min(Infinity, ...this.inner_(name));
    return parts ?? [{ ...this.single(all), isCaptured, capturedFrom }];
  }

  private inner_(name: string): number[] {
    return this.uses.filter(([one]) => one === name).map(([, at]) => at);
  }

  /** Placements within the statements of the block that all occurrences share, if each of them begins by writing the name. */
  private apart(all: readonly Occurrence[]): Placement[] | null {
    const one = this.single(all);
    const depth = all[0].blocks.indexOf(one.block);
    const groups = new Map<Statement, Occurrence[]>();
    let hasOwn = false;
    for (const occurrence of all) {
      const holder = holderOf(one.block, occurrence.at);
      if (holder === undefined) return one.isInline ? [one] : null;
      hasOwn ||= occurrence.blocks.length === depth + 1;
      groups.set(holder, [...(groups.get(holder) ?? []), occurrence]);
    }
    if (hasOwn) return this.besides(one.block, [...groups.values()], depth) ?? (one.isInline ? [one] : null);
    if (one.isInline) return [one];
    if (groups.size === 1) {
      // Branches of one statement.
      const branches = new Map<Block, Occurrence[]>();
      for (const occurrence of all) {
        const branch = occurrence.blocks[depth + 1];
        branches.set(branch, [...(branches.get(branch) ?? []), occurrence]);
      }
      const [[holder]] = groups;
      if (branches.size === 1 || holder.kind !== 'if') return null;
      return this.partsOf([...branches.values()]);
    }
    return this.partsOf([...groups.values()]);
  }

  /** Placements in blocks beside that of the block itself: of statements that begin by writing the name, where what comes next does so, too. */
  private besides(
    block: Block,
    groups: readonly (readonly Occurrence[])[],
    depth: number,
  ): Placement[] | null {
    const starts = groups.map(([first, ...rest]) => {
      if (!first.isPlain || !first.isWrite) return null;
      if (first.blocks.length === depth + 1) return 'own';
      return [first, ...rest].every(({ blocks }) => blocks.length > depth + 1) ? 'apart' : null;
    });
    const apart: Placement[] = [];
    const own: Occurrence[] = [];
    for (const [i, group] of groups.entries()) {
      const parts =
        starts[i] === 'apart' && (i + 1 === groups.length || starts[i + 1] !== null)
          ? this.apart(group)
          : null;
      if (parts?.every(({ isInline }) => isInline)) apart.push(...parts);
      else own.push(...group);
    }
    if (apart.length === 0 || own.length === 0) return null;
    const placement = this.single(own);
    return placement.block === block && placement.isInline ? [placement, ...apart] : null;
  }

  private partsOf(groups: readonly (readonly Occurrence[])[]): Placement[] | null {
    const parts: Placement[] = [];
    for (const group of groups) {
      const own = this.apart(group);
      if (own === null || own.some(({ isInline }) => !isInline)) return null;
      parts.push(...own);
    }
    return parts;
  }

  private single(all: readonly Occurrence[]): Placement {
    const [first] = all;
    const from = Math.min(...all.map(({ at }) => at));
    const to = Math.max(...all.map(({ at }) => at));
    let depth = first.blocks.length;
    for (const { blocks } of all) {
      let common = 0;
      while (common < depth && common < blocks.length && blocks[common] === first.blocks[common]) common++;
      depth = common;
    }
    const lastWrite = Math.max(-1, ...all.filter(({ isWrite }) => isWrite).map(({ at }) => at));
    const outlives = all.some(({ isLater }) => isLater);
    for (;;) {
      const block = first.blocks[depth - 1];
      // A function that may run later sees the last value, not that of its own round.
      if (outlives && first.blocks.slice(1, depth).some((one) => this.loops.has(one))) {
        depth--;
        continue;
      }
      const isInline = first.isPlain && first.blocks.length === depth;
      // What a loop leaves behind is there in its next round.
      if (isInline || depth === 1 || !this.loops.has(block)) {
        const before = holderOf(block, first.at)?.at ?? first.at;
        return { block, isInline, before, isCaptured: false, capturedFrom: Infinity, lastWrite, from, to };
      }
      depth--;
    }
  }

  private block(block: Block): void {
    this.path.push(block);
    for (const statement of block.statements) this.statement(statement);
    this.path.pop();
  }

  private note(name: string, at: number, isWrite: boolean, isPlain = false): void {
    if (this.hidden.some((names) => names.has(name))) return;
    if (this.isInner) {
      this.captured.add(name);
      isWrite = false;
    }
    if (isWrite) this.written.add(name);
    const isLater = this.isInner && !this.isImmediate;
    const occurrence = { at, blocks: [...this.path], isWrite, isPlain: isPlain && !this.isInner, isLater };
    if (this.isInner) this.uses.push([name, at]);
    const all = this.found.get(name);
    if (all === undefined) this.found.set(name, [occurrence]);
    else all.push(occurrence);
  }

  private statement(statement: Statement): void {
    const { at } = statement;
    switch (statement.kind) {
      case 'expression':
        this.read(statement.value);
        return;
      case 'assign':
        this.read(statement.value);
        for (const target of statement.targets) this.write(target, at, statement.value !== null);
        return;
      case 'update':
        this.read(statement.value);
        this.read(statement.target);
        this.write(statement.target, at, false);
        return;
      case 'if':
        this.read(statement.test);
        this.block(statement.body);
        if (statement.otherwise !== null) this.block(statement.otherwise);
        return;
      case 'for':
        this.read(statement.iterable);
        this.loops.add(statement.body);
        this.path.push(statement.body);
        this.write(statement.target, at, true);
        this.path.pop();
        this.block(statement.body);
        if (statement.otherwise !== null) this.block(statement.otherwise);
        return;
      case 'while':
        this.read(statement.test);
        this.loops.add(statement.body);
        this.block(statement.body);
        if (statement.otherwise !== null) this.block(statement.otherwise);
        return;
      case 'return':
      case 'raise':
        this.read(statement.value);
        return;
      case 'with':
        for (const { value, target } of statement.items) {
          this.read(value);
          if (target !== null) this.write(target, at, true);
        }
        this.block(statement.body);
        return;
      case 'try':
        this.block(statement.body);
        for (const handler of statement.handlers) {
          for (const one of handler.classes) this.read(one);
          this.hidden.push(new Set(handler.name === null ? [] : [handler.name]));
          this.block(handler.body);
          this.hidden.pop();
        }
        if (statement.otherwise !== null) this.block(statement.otherwise);
        if (statement.last !== null) this.block(statement.last);
        return;
      case 'assert':
        this.read(statement.test);
        this.read(statement.message);
        return;
      case 'delete':
        for (const target of statement.targets) this.read(target);
        return;
      case 'scope':
        if (!this.isInner) for (const name of statement.names) this.globals.add(name);
        return;
      case 'import':
        for (const { name, as } of statement.names) this.note(as ?? name.split('.', 1)[0], at, true, true);
        return;
      case 'def':
        for (const decorator of statement.decorators) this.read(decorator);
        this.note(statement.name, at, true, true);
        this.inner(statement.parameters, () => {
          const own = new Occurrences(statement.body, statement.parameters);
          this.hidden.push(new Set(own.names()));
          for (const one of statement.body.statements) this.statement(one);
          this.hidden.pop();
        });
        return;
      case 'class':
        for (const { value } of statement.bases) this.read(value);
        this.note(statement.name, at, true, true);
        this.inner([], () => {
          for (const one of statement.body.statements) this.statement(one);
        });
        return;
      default:
        return;
    }
  }

  /** What a function within reads. */
  private inner(parameters: readonly Parameter[], body: () => void): void {
    for (const { fallback } of parameters) if (fallback !== null) this.read(fallback);
    const before = this.isInner;
    this.isInner = true;
    this.hidden.push(new Set(parameters.map(({ name }) => name)));
    body();
    this.hidden.pop();
    this.isInner = before;
  }

  private write(target: Expression, at: number, isPlain: boolean): void {
    switch (target.kind) {
      case 'name':
        this.note(target.id, at, true, isPlain);
        return;
      case 'tuple':
      case 'list':
        for (const item of target.items) this.write(item, at, isPlain);
        return;
      case 'star':
        this.write(target.value, at, isPlain);
        return;
      default:
        this.read(target);
        return;
    }
  }

  private read(expression: Expression | null): void {
    if (expression === null) return;
    switch (expression.kind) {
      case 'name':
        this.note(expression.id, expression.at, false);
        return;
      case 'walrus':
        this.read(expression.value);
        this.write(expression.target, expression.at, false);
        return;
      case 'comprehension': {
        const names = new Set(expression.clauses.flatMap(({ target }) => targetNames(target)));
        this.read(expression.clauses[0].iterable);
        this.hidden.push(names);
        for (const [i, clause] of expression.clauses.entries()) {
          if (i > 0) this.read(clause.iterable);
          for (const condition of clause.conditions) this.read(condition);
        }
        this.read(expression.key);
        this.read(expression.element);
        this.hidden.pop();
        return;
      }
      case 'lambda':
        this.inner(expression.parameters, () => this.read(expression.body));
        return;
      case 'call': {
        this.read(expression.callee);
        for (const { value } of expression.args) {
          const before = this.isImmediate;
          this.isImmediate ||= !this.isInner && value.kind === 'lambda' && runsAtOnce(expression.callee);
          this.read(value);
          this.isImmediate = before;
        }
        return;
      }
      default:
        for (const part of partsOf(expression)) this.read(part);
    }
  }
}
