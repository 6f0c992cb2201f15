/** Messages between a notebook and the worker that knows types. Places are counted in letters from the beginning of a cell. */

export type Question =
  | { readonly kind: 'check' }
  | { readonly kind: 'complete'; readonly cell: number; readonly at: number }
  | { readonly kind: 'describe'; readonly cell: number; readonly at: number; readonly name: string }
  | { readonly kind: 'explain'; readonly cell: number; readonly at: number };

/** What a question is answered by. */
export interface Answers {
  readonly check: readonly Finding[];
  readonly complete: Completions | null;
  readonly describe: Explanation | null;
  readonly explain: Explanation | null;
}

/** Something that the compiler says of a cell. */
export interface Finding {
  readonly cell: number;
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly isError: boolean;
}

export interface Completions {
  /** Where the word begins that is completed. */
  readonly from: number;
  readonly options: readonly { readonly label: string; readonly kind: string; readonly rank: string }[];
}

export interface Explanation {
  readonly from: number;
  readonly to: number;
  readonly signature: string;
  readonly text: string;
}

export interface Request {
  readonly id: number;
  /** The texts of all cells that are code. */
  readonly cells: readonly string[];
  readonly question: Question;
}

export interface Reply {
  readonly id: number;
  readonly answer: Answers[Question['kind']];
}
