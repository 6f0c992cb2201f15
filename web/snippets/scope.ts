/** The variables of a chapter, which its snippets share as the cells of a notebook do. */
import { type Compiled, type entries, keep, library, turns as turnsName } from './compiled.js';
import { turns } from './turns.js';

/** How the snippet's own lines are numbered in a stack, by its place in the chapter. */
export const sourceName = (snippet: number) => `snippet-${snippet + 1}`;

type Variables = Record<string, unknown>;
/** The library's namespaces, by the names of imports. */
type Library = Readonly<Partial<Record<(typeof entries)[number], object>>>;

export class Scope {
  /** Compiled snippets run inside `with (variables)`: what is not here is looked for among the globals. */
  private readonly variables: Variables = Object.create(null) as Variables;

  constructor(given: Readonly<Variables>, namespaces: Library) {
    this.constants(given);
    this.constants({
      [keep]: (values: Readonly<Variables>) => this.constants(values),
      [library]: namespaces,
      [turnsName]: turns,
    });
  }

  get(name: string): unknown {
    return this.variables[name];
  }

  /** Sets what `let` would have made. */
  set(name: string, value: unknown): void {
    Object.defineProperty(this.variables, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: true,
    });
  }

  /**
   * Runs a snippet and gives the value of its last expression.
   * @throws whatever the snippet throws, a SyntaxError if it is none
   */
  async run({ code, variables }: Compiled, snippet: number): Promise<unknown> {
    // The inner function is strict, as modules are; the outer one may not be, or there would be no `with`.
    const body = `with (scope) { return (async () => { 'use strict';\n${code}\n})(); }\n//# sourceURL=${sourceName(snippet)}`;
    const run = new Function('scope', body) as (scope: Variables) => Promise<unknown>;
    for (const name of variables) this.declare(name);
    return run(this.variables);
  }

  /** Makes a variable that must not be read before something is assigned to it. */
  private declare(name: string): void {
    Object.defineProperty(this.variables, name, {
      get: () => {
        throw new ReferenceError(`Cannot access '${name}' before initialization`);
      },
      set: (value) => this.set(name, value),
      configurable: true,
      enumerable: true,
    });
  }

  private constants(values: Readonly<Variables>): void {
    for (const [name, value] of Object.entries(values))
      Object.defineProperty(this.variables, name, {
        get: () => value,
        set() {
          throw new TypeError('Assignment to constant variable.');
        },
        configurable: true,
        enumerable: true,
      });
  }
}

/** The line of a snippet in an error's stack, from 1 on; null if it does not tell. */
export function lineOf(error: Error, snippet: number): number | null {
  const match = new RegExp(`${sourceName(snippet)}:(\\d+)`).exec(error.stack ?? '');
  return match === null ? null : Number(match[1]) - linesBefore();
}

let before: number | null = null;

/** Engines differ in how many lines they put before the body of a function made from text. */
function linesBefore(): number {
  if (before !== null) return before;
  try {
    new Function('scope', '\nthrow new Error();\n//# sourceURL=probe')();
  } catch (error) {
    before = Number(/probe:(\d+)/.exec((error as Error).stack ?? '')?.[1] ?? 4) - 1;
  }
  return before ?? 3;
}
