/** Rows whose names are there before their bodies are read: scripts/lazy-rows.mjs writes such announcements for Node. */

import { RuntimeError } from '../core/errors.js';
import type { MakeOp } from './op_entry.js';
import { installRow, type RowHead, takeRows } from './registry.js';
import { headOf } from './schema.js';

/** What makes the ops of announced rows, by `keyOf`: null until their file is read. */
const makers = new Map<string, MakeOp | null>();

/** What tells a row from all others. */
const keyOf = (module: string | undefined, name: string, overload: string): string =>
  `${module ?? ''}:${name}.${overload}`;

takeRows((source, row, made) => {
  const { name, overload } = headOf(source);
  const key = keyOf(row.module, name, overload);
  if (!makers.has(key)) return false;
  makers.set(key, made);
  return true;
});

/**
 * Installs rows whose bodies are in a file that is read when one of them is first called.
 *
 * @param read runs the file, which calls `op` for each of them
 */
export function announceRows(heads: readonly RowHead[], read: () => unknown): void {
  for (const head of heads) {
    const key = keyOf(head.row.module, head.name, head.overload);
    makers.set(key, null);
    let made: ReturnType<MakeOp> | null = null;
    installRow(head, () => {
      if (made !== null) return made;
      if (makers.get(key) === null) read();
      const make = makers.get(key);
      if (!make) throw new RuntimeError(`the file of ${head.name} does not define it`);
      made = make();
      return made;
    });
  }
}
