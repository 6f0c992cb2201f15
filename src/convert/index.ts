/** `flambeau/convert`: TypeScript for programs that were written for PyTorch. */
export { convert } from './convert_python.js';
export type { Conversion, Diagnostic } from './diagnostic.js';
export type { PythonParser } from './parse_program.js';
export type * from './types.js';
