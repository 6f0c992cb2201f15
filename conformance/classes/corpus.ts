/**
 * A recording of classes on disk: a folder `classes` with a `.jsonl` of records and a `.safetensors` of their tensors for
 * every class. The README beside the recording gives the format; the names are the recording's.
 */
import { join } from 'node:path';
import { type Descriptor, type Json, readRecording, type Store, stemsOf } from '../corpus.js';

/** A constructor's parameter: required unless it has a default. One entry alone is `*args` or `**kwargs`. */
export type Parameter =
  | readonly [variadic: string]
  | readonly [name: string, kind: 'both' | 'keyword']
  | readonly [name: string, kind: 'both' | 'keyword', defaultValue: Json];

export interface ClassHeader {
  readonly name: string;
  /** As in `torch.nn.Conv2d`. */
  readonly path: string;
  readonly signature: readonly Parameter[];
}

/** Arguments as they are recorded. */
export interface Given {
  readonly args: readonly Json[];
  readonly kwargs: Readonly<Record<string, Json>>;
}

type Named<T> = readonly (readonly [name: string, value: T])[];

interface RecordBase {
  readonly id: string;
  readonly dtype: string;
  readonly class: string;
  readonly tol?: readonly [rtol: number, atol: number];
  readonly tensors: Descriptor[];
}

export interface ModuleRecord extends RecordBase, Given {
  readonly kind: 'module';
  readonly seed: number;
  readonly training: boolean;
  readonly repr: string;
  readonly state: Named<number>;
  readonly parameters: readonly string[];
  readonly buffers: readonly string[];
  readonly forward: Given;
  readonly out: Json;
  /** Differences in the state dict afterwards. */
  readonly state_after: Named<number>;
  readonly grad?: {
    readonly cots: readonly (readonly [output: number, cotangent: number])[];
    readonly grads: readonly (readonly [input: number, gradient: number | null])[];
    readonly parameters: Named<number | null>;
  };
}

export interface OptimizerRecord extends RecordBase {
  readonly kind: 'optimizer';
  readonly params: readonly number[];
  readonly groups?: readonly (Readonly<Record<string, Json>> & { readonly params: number[] })[];
  readonly kwargs: Readonly<Record<string, Json>>;
  readonly repr: string;
  readonly steps: number;
  readonly grads: readonly (readonly (number | null)[])[];
  readonly sparse_grads?: boolean;
  readonly closure?: { readonly quadratic: readonly number[] };
  readonly losses: readonly Json[];
  /** The parameters after each step. */
  readonly after: readonly (readonly number[])[];
  readonly state: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly param_groups: readonly Readonly<Record<string, Json>>[];
}

/** Values that a scheduler has set in one group. */
export type GroupValues = readonly [
  lr: number,
  momentum: number | null,
  betas: readonly [number, number] | null,
];

export interface SchedulerRecord extends RecordBase {
  readonly kind: 'scheduler';
  /** The class of the optimizer. */
  readonly optimizer: string;
  readonly kwargs?: Readonly<Record<string, Json>>;
  /** Stands for `kwargs` where functions or other schedulers are given. */
  readonly python?: string;
  readonly initial: readonly GroupValues[];
  readonly lrs: readonly (readonly GroupValues[])[];
  readonly metrics: readonly number[] | null;
  readonly resume_after?: number;
  readonly last_lr?: readonly number[];
  readonly state_dict_keys?: readonly string[];
}

/** A value, or the name of the error that it raises. */
export type Outcome = Json;

export interface DistributionRecord extends RecordBase, Given {
  readonly kind: 'distribution';
  readonly repr: string;
  readonly batch_shape: readonly number[];
  readonly event_shape: readonly number[];
  readonly has_rsample: boolean;
  readonly has_enumerate_support: boolean;
  readonly support: string;
  readonly mean: Outcome;
  readonly mode: Outcome;
  readonly variance: Outcome;
  readonly stddev: Outcome;
  readonly entropy: Outcome;
  readonly perplexity: Outcome;
  readonly sample_seed: number;
  readonly sample: Outcome;
  readonly value: Json;
  readonly log_prob: Outcome;
  readonly cdf: Outcome;
  readonly u: Json;
  readonly icdf: Outcome;
  readonly enumerate_support?: Outcome;
  readonly support_check: Outcome;
  readonly expanded_log_prob: Outcome;
  readonly log_prob_grad?: GradientOf;
  readonly rsample?: GradientOf & { readonly seed: number; readonly out: number };
}

export interface GradientOf {
  readonly cot: number;
  readonly grads: readonly (readonly [input: number, gradient: number | null])[];
}

type Made = readonly [name: string, args: readonly Json[]];

export interface KlRecord extends RecordBase {
  readonly kind: 'kl';
  readonly p: Made;
  readonly q: Made;
  readonly out: Json;
}

export interface ErrorRecord extends RecordBase {
  readonly kind: 'error';
  /** Default: construction. */
  readonly on?: 'construction' | 'forward' | 'step';
  readonly training?: boolean;
  readonly args?: readonly Json[];
  readonly kwargs: Readonly<Record<string, Json>>;
  /** An optimizer's first argument. */
  readonly params?: Json;
  readonly forward?: Given;
  readonly type: string;
  readonly message: string;
  readonly regex?: string;
}

export type ClassRecord =
  | ModuleRecord
  | OptimizerRecord
  | SchedulerRecord
  | DistributionRecord
  | KlRecord
  | ErrorRecord;

export interface Recording {
  readonly stem: string;
  readonly header: ClassHeader;
  readonly cases: readonly ClassRecord[];
  readonly store: Store;
}

/** Where a folder's recording of classes is: in itself, or in its subfolder `classes`; null if it has none. */
export function classesIn(folder: string): string | null {
  const places = [folder, join(folder, 'classes')];
  return places.find((place) => stemsOf(place, 'classes') !== null) ?? null;
}

/** The names of the recorded classes, sorted, as in `nn.Conv2d` and `lr_scheduler.StepLR`. */
export function classStemsOf(folder: string): string[] {
  return stemsOf(folder, 'classes') ?? [];
}

export function readClass(folder: string, stem: string): Recording {
  return { stem, ...readRecording<ClassHeader, ClassRecord>(join(folder, 'classes'), stem) };
}
