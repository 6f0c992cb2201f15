import type { Diagnostic } from './diagnostic.js';
import type { Part } from './own_modules.js';

/** The line and column of a place, in the file of the program that it is in. */
export function positionIn(
  source: string,
  parts: readonly Part[],
  at: number,
): Pick<Diagnostic, 'file' | 'line' | 'column'> {
  const part = parts.find(({ from, to }) => at >= from && at < to) ?? parts.at(-1);
  const before = source.slice(part?.from ?? 0, at);
  const position = {
    line: before.split('\n').length,
    column: Math.floor(at - (part?.from ?? 0) - before.lastIndexOf('\n')),
  };
  return part === undefined || part.module === null
    ? position
    : { file: `${part.module.replaceAll('.', '/')}.py`, ...position };
}
