/** The columns of boxes and points. */
import { ValueError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';

/**
 * A tensor's columns, of which there must be so many.
 *
 * @throws ValueError as Python does where it unpacks too few or too many
 */
export function columnsOf(rows: Tensor, count: number): Tensor[] {
  const columns = rows.unbind(-1);
  if (columns.length > count) throw new ValueError(`too many values to unpack (expected ${count})`);
  if (columns.length < count)
    throw new ValueError(`not enough values to unpack (expected ${count}, got ${columns.length})`);
  return columns;
}
