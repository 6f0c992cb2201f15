/** The result of compiling a snippet, for the scope that runs it. The worker needs this, and not the compiler. */

/** The name by which compiled snippets hand what they define to the scope (see scope.ts). */
export const keep = '$keep';
/** The name by which they see the library's entries. */
export const library = '$flambeau';
/** Those entries, as imports name them. */
export const entries = ['flambeau', 'flambeau/vision', 'flambeau/python'] as const;
/** And what lets the event loop turn in their loops (see turns.ts). */
export const turns = '$turns';

export interface Compiled {
  /** The body of an async function that returns the value of the last expression. */
  readonly code: string;
  /** The variables that live in the scope itself: those of `let` and `var`, which may change. */
  readonly variables: readonly string[];
  /** The first place that the parser does not understand, as a line from 1 on; null if there is none. */
  readonly wrongLine: number | null;
  /** Whether that place is the snippet's end: something was opened and not closed. */
  readonly endsEarly: boolean;
}
