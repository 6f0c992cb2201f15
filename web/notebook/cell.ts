/** The contents of a notebook, as they are shared, kept and saved. */

export interface Cell {
  readonly kind: 'code' | 'note';
  readonly text: string;
}

/** Files of notebooks say which form they have. */
const format = 'flambeau notebook 1';
/** A notebook from elsewhere is refused beyond so many cells and letters. */
const mostCells = 1000;
const mostLetters = 2 ** 20;

export function serialize(cells: readonly Cell[]): string {
  return JSON.stringify({ format, cells }, null, 1);
}

/** Reads what `serialize` wrote. @throws TypeError for everything else */
export function parse(text: string): Cell[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TypeError('this is no notebook: it is not JSON', { cause: error });
  }
  const { format: found, cells } = (value ?? {}) as { format?: unknown; cells?: unknown };
  if (found !== format || !Array.isArray(cells))
    throw new TypeError(`this is no notebook: 'format' is not '${format}'`);
  if (cells.length > mostCells || text.length > mostLetters)
    throw new TypeError(`this notebook is too large: ${cells.length} cells, ${text.length} letters`);
  return cells.map((cell: unknown, i) => {
    const { kind, text: own } = (cell ?? {}) as Partial<Record<keyof Cell, unknown>>;
    if ((kind !== 'code' && kind !== 'note') || typeof own !== 'string')
      throw new TypeError(`cell ${i + 1} of this notebook is neither code nor a note`);
    return { kind, text: own };
  });
}

/** A program of all cells, notes as comments. */
export function toProgram(cells: readonly Cell[]): string {
  const parts = cells.map(({ kind, text }) => (kind === 'code' ? text : text.replace(/^/gm, '// ')));
  return `${parts.map((part) => part.trim()).join('\n\n')}\n`;
}

/** Cells out of a program: where comments at the margin follow a blank line they become notes. */
export function fromProgram(text: string): Cell[] {
  const cells: Cell[] = [];
  for (const part of text.replaceAll('\r\n', '\n').split(/\n\s*\n(?=\/\/)/)) {
    const lines = part.trim().split('\n');
    const end = lines.findIndex((line) => !line.startsWith('//'));
    const notes = lines.slice(0, end === -1 ? undefined : end);
    const code = end === -1 ? '' : lines.slice(end).join('\n').trim();
    if (notes.length > 0)
      cells.push({ kind: 'note', text: notes.map((line) => line.replace(/^\/\/ ?/, '')).join('\n') });
    if (code !== '') cells.push({ kind: 'code', text: code });
  }
  return cells;
}
