import type { DatasetSource } from 'flambeau/vision';

/** Labelled square images of one size, as CIFAR-10 holds them. */
export interface LabelledImages {
  /** Three planes for each image: red, green, blue. */
  readonly data: Uint8Array;
  readonly targets: Uint8Array;
  readonly classes: readonly string[];
}

/** The files that the classifier finds and leaves where it runs: in a terminal files, in a browser what a page offers. */
export interface Place {
  /** Where CIFAR-10's images are. */
  readonly images: DatasetSource;
  /** Leaves a file to the user. */
  keep(name: string, bytes: Uint8Array): void;
  /** Leaves the user the log, if one is wanted. */
  keepLog(log: object): void;
  /** Draws how the loss went: means over short stretches of steps, and of each epoch. */
  drawTrainingCurve(losses: readonly number[], stepsPerEpoch: number): Promise<void>;
  /** Draws the first test images, each with what the network takes it for and, where it is wrong, what it is. */
  drawPredictions(images: LabelledImages, predictions: readonly number[]): Promise<void>;
}
