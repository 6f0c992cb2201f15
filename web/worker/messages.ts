/** Messages between pages and their worker. */
import type { LabelledImages } from '../../examples/blitz/place.js';
import type { Measured, Point } from '../../examples/mysteries/events.js';
import type { Compiled } from '../snippets/compiled.js';

/** A tensor as it was when it was printed. */
export interface Snapshot {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: Float64Array;
}

/** The training that a page asks for. */
export interface TrainingOrder {
  readonly device: 'cpu' | 'webgpu';
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  /** CIFAR-10's files, or null for the sample. */
  readonly files: readonly File[] | null;
  /** The parts of the chapter's source that make data, network and optimizer, compiled; null for the deeper network. */
  readonly chapter: readonly Compiled[] | null;
}

/** Pictures of one class that a visitor teaches: squares of `pictureSide`, in RGBA, one after the other. */
export interface TaughtClass {
  readonly name: string;
  readonly pictures: Uint8Array<ArrayBuffer>;
}

/** So many pixels are the pictures of visitors wide and high. */
export const pictureSide = 80;

/** What a page wants to have taught. */
export interface TeachingOrder {
  readonly classes: readonly TaughtClass[];
  readonly epochs: number;
  readonly seed: number;
  /** Weights of a ResNet-18 to begin with; null: from scratch. */
  readonly weights: File | null;
}

/** How a classifier divides a square around 0, and the points that it has learned from. */
export interface Decisions {
  /** Squares in a row, and rows. */
  readonly side: number;
  /** Half of the square's width. */
  readonly half: number;
  /** Of every square, row by row from the top: the class, and how sure the classifier is of it. */
  readonly classes: Uint8Array;
  readonly shares: Float32Array;
  /** x and y of the points, and their classes. */
  readonly points: Float32Array;
  readonly labels: Uint8Array;
  /** How many of the points are given their own class. */
  readonly right: number;
}

/** Sets of data with which the mysteries are shown. */
export type MysteryData = 'multi-view' | 'digits' | 'random-features';

/** An experiment that a page asks for. */
export interface StudyOrder {
  readonly data: MysteryData;
  readonly networks: number;
  readonly temperature: number;
  readonly singleViewShare: number;
  readonly replicates: number;
  readonly seed: number;
}

export type Request =
  /** The first message: where the sample of CIFAR-10 is. */
  | { readonly kind: 'begin'; readonly sample: string }
  | { readonly kind: 'run'; readonly snippet: number; readonly compiled: Compiled }
  | { readonly kind: 'train'; readonly order: TrainingOrder }
  | { readonly kind: 'teach'; readonly order: TeachingOrder }
  /** Begins an experiment, in the place of one that goes on. */
  | { readonly kind: 'study'; readonly order: StudyOrder }
  /** A picture of `pictureSide`, in RGBA. */
  | { readonly kind: 'recognize'; readonly picture: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'stop' }
  /** A file that snippets find by its name in `files`. */
  | { readonly kind: 'file'; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Lets drawings and experiments wait, and go on. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'go on' }
  | { readonly kind: 'weights' };

/** A step of a network. */
export interface GraphNode {
  readonly name: string;
  /** The layer as it is printed, or the function. */
  readonly label: string;
  /** Of its result; null where that is not known. */
  readonly shape: readonly number[] | null;
  readonly parameters: number;
  /** The places of the steps whose results it takes. */
  readonly inputs: readonly number[];
}

/** Which class is taken for which. */
export interface Confusion {
  readonly classes: readonly string[];
  /** For each class, how often each was the guess. */
  readonly counts: readonly (readonly number[])[];
  /** The mistakes, and their images in the same order. */
  readonly mistakes: readonly { readonly truth: number; readonly guess: number }[];
  readonly images: Snapshot;
}

/** Results of a snippet. */
export type Output =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Whether it came by the console: progress, warnings. */
      readonly isAside: boolean;
      readonly snapshots: readonly Snapshot[];
    }
  /** An error of something that the snippet began and did not wait for. */
  | { readonly kind: 'late'; readonly failure: Failure }
  | { readonly kind: 'file'; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  /** A picture; one of the same title takes its place. */
  | { readonly kind: 'svg'; readonly text: string; readonly label: string; readonly title: string | null }
  /** Values as colours, or as images; those of the same title take their place. */
  | {
      readonly kind: 'tensor';
      readonly title: string;
      readonly as: 'heat map' | 'images';
      readonly snapshot: Snapshot;
    }
  | { readonly kind: 'graph'; readonly nodes: readonly GraphNode[] }
  | { readonly kind: 'confusion'; readonly confusion: Confusion }
  | { readonly kind: 'decisions'; readonly decisions: Decisions }
  | { readonly kind: 'curve'; readonly losses: Float64Array; readonly stepsPerEpoch: number }
  | {
      readonly kind: 'predictions';
      readonly images: LabelledImages;
      readonly predictions: readonly Prediction[];
    };

/** The class that the network takes an image for. */
export interface Prediction {
  readonly guess: number;
  /** How sure it is, from 0 to 1; null where only the guess is known. */
  readonly probability: number | null;
}

/** An error. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** Of the snippet, from 1 on. */
  readonly line: number | null;
}

/** How often the network was right about the test images. */
export interface TestResult {
  readonly correct: readonly number[];
  readonly total: readonly number[];
}

export type Reply =
  | { readonly kind: 'ready'; readonly engine: string }
  | { readonly kind: 'output'; readonly snippet: number; readonly output: Output }
  | { readonly kind: 'done'; readonly snippet: number; readonly seconds: number }
  | { readonly kind: 'failed'; readonly snippet: number; readonly failure: Failure }
  | TrainingReply
  | TeachingReply
  | StudyReply;

export type TrainingReply =
  | {
      readonly kind: 'training';
      readonly device: string;
      readonly stepsPerEpoch: number;
      readonly images: LabelledImages;
    }
  | { readonly kind: 'losses'; readonly losses: readonly number[]; readonly secondsPerStep: number }
  | { readonly kind: 'guesses'; readonly predictions: readonly Prediction[] }
  | { readonly kind: 'testing' }
  | { readonly kind: 'trained'; readonly wasStopped: boolean; readonly test: TestResult }
  | { readonly kind: 'weights'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'broken off'; readonly failure: Failure };

export type TeachingReply =
  | {
      readonly kind: 'teaching';
      readonly stepsPerEpoch: number;
      /** How many pictures are for training, and how many are kept apart to validate. */
      readonly counts: readonly [train: number, validation: number];
    }
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      /** The share of the validation's pictures that are recognized. */
      readonly accuracy: number;
      readonly isBest: boolean;
    }
  | { readonly kind: 'taught'; readonly wasStopped: boolean; readonly best: number }
  | { readonly kind: 'recognized'; readonly probabilities: readonly number[] };

/** All that is told of an experiment has its order, since another may have been begun meanwhile. */
export type StudyReply =
  | { readonly kind: 'study'; readonly order: StudyOrder; readonly event: Point | Measured }
  | { readonly kind: 'studied'; readonly order: StudyOrder; readonly seconds: number };
