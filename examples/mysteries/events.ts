/** Tells of an experiment: it needs no library, so that pages can show it which leave the computing to a worker. */

/** Kinds of networks. `control` is a single network with the students' schedule, `untuned` one with another learning rate. */
export const rowNames = [
  'single',
  'control',
  'untuned',
  'self-distilled',
  'distilled',
  'ensemble',
  'joint',
] as const;
export type Row = (typeof rowNames)[number];

/** Figures of a network, by their names; the first is the one that is compared. */
export type Scores = Readonly<Record<string, number>>;

/** A network that is being trained. */
export interface Point {
  readonly kind: 'point';
  readonly replicate: number;
  readonly row: Row;
  readonly network: number;
  /** How much of its training is done, from 0 to 1. */
  readonly done: number;
  /** Null between the times at which it is tried. */
  readonly scores: Scores | null;
}

/** A network that is trained; of the row `ensemble` the average of the first so many single networks. */
export interface Measured {
  readonly kind: 'measured';
  readonly replicate: number;
  readonly row: Row;
  readonly network: number;
  readonly scores: Scores;
  readonly strengths: readonly number[] | null;
}
