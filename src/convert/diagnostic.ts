/** Something that could not be converted, or not for certain. Lines and columns begin with 1. */
export interface Diagnostic {
  /** The module's file, where it is not the program's own. */
  readonly file?: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** After an error the code is not to be trusted at that place; a warning is about what may print otherwise. */
  readonly severity: 'error' | 'warning';
}

/** TypeScript for a Python program. */
export interface Conversion {
  /** Empty where the program could not be read. */
  readonly code: string;
  readonly diagnostics: readonly Diagnostic[];
}
