import { type Measured, type Row, rowNames, type Scores } from './events.js';
import { type Estimate, estimate, meanOf } from './statistics.js';

/** Figures of a row over all replicates. */
export interface RowResult {
  readonly row: Row;
  /** Each of its scores. */
  readonly scores: Readonly<Record<string, Estimate>>;
  /** The first score minus that of single networks in the same replicate, and how often it is greater. */
  readonly gain: (Estimate & { readonly positive: number; readonly of: number }) | null;
}

/** Collects what networks reach. */
export class Results {
  private readonly measured = new Map<Row, Scores[][]>();

  add({ row, replicate, network, scores }: Measured): void {
    const replicates = this.measured.get(row) ?? [];
    this.measured.set(row, replicates);
    replicates[replicate] ??= [];
    // An ensemble of more networks takes the place of one of fewer.
    replicates[replicate][row === 'ensemble' ? 0 : network] = scores;
  }

  /** The first score of a row in each replicate: the mean of its networks. */
  private replicates(row: Row, score: string): number[] {
    return (this.measured.get(row) ?? []).map((networks) => meanOf(networks.map((scores) => scores[score])));
  }

  rows(): RowResult[] {
    return rowNames
      .filter((row) => this.measured.has(row))
      .map((row) => {
        const names = Object.keys(this.measured.get(row)![0][0]);
        const single = this.replicates('single', names[0]);
        const gains = this.replicates(row, names[0]).map((value, i) => value - single[i]);
        const positive = gains.filter((gain) => gain > 0).length;
        return {
          row,
          scores: Object.fromEntries(names.map((name) => [name, estimate(this.replicates(row, name))])),
          gain: row === 'single' ? null : { ...estimate(gains), positive, of: gains.length },
        };
      });
  }

  /** The figures of a row. @throws RangeError if nothing of it was measured */
  of(row: Row): RowResult {
    const found = this.rows().find((one) => one.row === row);
    if (found === undefined) throw new RangeError(`no network of the row '${row}' was measured`);
    return found;
  }
}
