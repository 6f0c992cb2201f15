/** The tutorials of the documentation as notebooks: their text as notes, their TypeScript as cells. */
import type { Cell } from './cell.js';

/** Blocks of text are what the cells print: who runs them sees it. */
const block = /```(ts|text|js)\n([\s\S]*?)```\n?/g;

export function fromMarkdown(text: string): Cell[] {
  const cells: Cell[] = [];
  const note = (between: string) => {
    const plain = between
      .replace(/^#+ /gm, '')
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
    if (plain !== '') cells.push({ kind: 'note', text: plain });
  };
  let at = 0;
  for (const match of text.matchAll(block)) {
    const [whole, language, code] = match;
    note(text.slice(at, match.index));
    // The sample lies beside the pages.
    if (language === 'ts')
      cells.push({ kind: 'code', text: code.trim().replaceAll("'examples/blitz/data'", 'place.images') });
    at = match.index + whole.length;
  }
  note(text.slice(at));
  return cells;
}
