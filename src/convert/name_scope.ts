import type { Occurrences, Placement } from './occurrences.js';
import type { Block } from './syntax.js';
import { join, never, sameType, type Type } from './type_rules.js';

/** A name of TypeScript's, which one or several versions of a variable share. */
export interface Declared {
  readonly name: string;
  /** How many statements write it. */
  writes: number;
  isParameter: boolean;
}

/** A variable between two plain assignments: its type is one. */
export interface Version {
  readonly key: string;
  type: Type;
  writes: number;
  declared: Declared | null;
  isFirst: boolean;
}

/** A variable of a scope. */
export class Variable {
  current: Version;
  readonly versions: Version[] = [];

  constructor(
    readonly name: string,
    readonly placement: Placement | null,
    first: Version,
  ) {
    this.current = first;
    this.versions.push(first);
  }
}

export interface ScopeOwner {
  readonly memory: Map<string, Version>;
  readonly scopes: Scope[];
  changed: boolean;
}

/** Names of a function, of the program or of a comprehension. */
export class Scope {
  private readonly parts = new Map<string, Variable[]>();
  /** Types known to be there, not None, by the text of what was asked. */
  narrowed: ReadonlySet<string> = new Set();
  /** Names of which a class is known. */
  classes: ReadonlyMap<string, Type> = new Map();
  block: Block | null = null;
  /** The statement that is being walked. */
  at = -1;

  constructor(
    readonly owner: ScopeOwner,
    readonly key: string,
    readonly parent: Scope | null,
    readonly occurrences: Occurrences | null,
  ) {
    owner.scopes.push(this);
    for (const name of occurrences?.names() ?? []) {
      const placements = occurrences!.placements(name);
      this.parts.set(
        name,
        placements.map((placement, i) => this.variable(name, placement, i)),
      );
    }
  }

  /** Adds a variable that hides what has its name. */
  add(name: string, placement: Placement | null): Variable {
    const variable = this.variable(name, placement, 0);
    this.parts.set(name, [variable]);
    return variable;
  }

  /** Puts a name back to what it was; `undefined` takes it away. */
  restore(name: string, variable: Variable | undefined): void {
    if (variable === undefined) this.parts.delete(name);
    else this.parts.set(name, [variable]);
  }

  private variable(name: string, placement: Placement | null, part: number): Variable {
    const key = `${this.key}/${name}${part === 0 ? '' : `#${part}`}`;
    return new Variable(name, placement, this.version(key));
  }

  /** All variables of this scope. */
  all(): Variable[] {
    return [...this.parts.values()].flat();
  }

  /** The scope's own variable of a name, at the statement that is being walked. */
  own(name: string): Variable | undefined {
    const parts = this.parts.get(name);
    if (parts === undefined || parts.length === 1) return parts?.[0];
    // The narrowest of those around the statement.
    const around = parts
      .filter(({ placement }) => placement !== null && placement.from <= this.at && this.at <= placement.to)
      .sort((a, b) => a.placement!.to - a.placement!.from - (b.placement!.to - b.placement!.from));
    return (
      around[0] ??
      parts.findLast(({ placement }) => placement === null || placement.from <= this.at) ??
      parts[0]
    );
  }

  find(name: string): Variable | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const found = scope.own(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** What an assignment writes: a new version where it stands beside the declaration, and nothing else sees the variable. */
  written(name: string, at: number, isPlain: boolean): Variable | undefined {
    const variable = this.find(name);
    if (variable === undefined || !isPlain) return variable;
    const { placement } = variable;
    const isOwn = this.own(name) === variable;
    if (!isOwn || placement === null || !placement.isInline) return variable;
    // What functions use has one version, unless they all stand behind the last assignment.
    if (placement.isCaptured && (at !== placement.lastWrite || placement.capturedFrom < at)) return variable;
    if (placement.block !== this.block) return variable;
    const key = `${this.key}/${name}/${at}`;
    // The first assignment is the first version, unless that is a parameter.
    const first = variable.versions[0];
    const isParameter = first.declared?.isParameter ?? false;
    if (!isParameter && (placement.before === at || first.key === key)) {
      variable.current = first;
      return variable;
    }
    const version = this.version(key);
    if (!variable.versions.includes(version)) variable.versions.push(version);
    variable.current = version;
    return variable;
  }

  private version(key: string): Version {
    let found = this.owner.memory.get(key);
    if (found === undefined) {
      found = { key, type: never, writes: 0, declared: null, isFirst: true };
      this.owner.memory.set(key, found);
    }
    return found;
  }
}

/** Learns of a version's type. */
export function learn(owner: ScopeOwner, version: Version, type: Type): void {
  const all = join(version.type, type);
  if (sameType(all, version.type)) return;
  version.type = all;
  owner.changed = true;
}
