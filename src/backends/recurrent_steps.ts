/** Facts of recurrent layers that every device and op shares: their kinds, and how their rows belong to steps. */
export type Mode = 'tanh' | 'relu' | 'lstm' | 'gru';

/** How many gates a cell has. */
export const gateCounts: Readonly<Record<Mode, number>> = { tanh: 1, relu: 1, lstm: 4, gru: 3 };

/** The rows of one step: they begin at `begin` among those of all steps, one for each sequence that lasts so long. */
export interface Step {
  readonly begin: number;
  readonly rows: number;
}

/**
 * The steps in the order in which they are computed.
 *
 * @param rows how many rows all steps have together
 * @param batch how many sequences there are, the longest first
 * @param sizes how many of them each step has; null: all
 */
export function stepsOf(
  rows: number,
  batch: number,
  sizes: readonly number[] | null,
  reverse: boolean,
): Step[] {
  let begin = 0;
  const steps = (sizes ?? new Array<number>(batch === 0 ? 0 : rows / batch).fill(batch)).map((size) => {
    const step = { begin, rows: size };
    begin += size;
    return step;
  });
  return reverse ? steps.reverse() : steps;
}
