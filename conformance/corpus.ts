/**
 * A recorded operator database on disk: a folder `ops` with a `.jsonl` of cases and a `.safetensors` of their tensors
 * for every op variant. The README beside the recording gives the format.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Json = null | boolean | string | number | Json[] | { [key: string]: Json };

/** A case's description of one of its tensors. The short names are the recording's. */
export interface Descriptor {
  /** Its role: in, const, out, cot, grad, post. */
  readonly r: string;
  /** The dtype. */
  readonly d: string;
  /** The shape. */
  readonly s: number[];
  /** The key in the file of tensors. */
  readonly k?: string;
  /** Whether it requires gradients. */
  readonly rg?: number;
  /** Strides and offset, if the entry is a whole storage. */
  readonly st?: number[];
  readonly o?: number;
  /** Tensors with equal ids share a storage. */
  readonly sid?: number;
  /** No data: all elements are this. */
  readonly fill?: number;
  /** The input whose storage an output shares, and the output's offset there. */
  readonly al?: number;
  readonly oo?: number;
  readonly rtol?: number;
  readonly atol?: number;
  /** PyTorch's own float32 result is far from the float64 one. */
  readonly ill?: number;
}

export interface Step {
  readonly fn: string;
  readonly args: Json[];
  readonly kwargs: Record<string, Json>;
}

/** Gradients: cotangents of outputs, expected gradients of inputs; both by position in `tensors`. */
export interface GradientRecord {
  readonly cots: [output: number, cotangent: number][];
  readonly grads: [input: number, gradient: number | null][];
  /** A form of the outputs that does not depend on their gauge; `cots` then count its tensors. */
  readonly post?: { readonly steps: Step[]; readonly ret: Json; readonly out: Json };
}

export interface Case {
  readonly kind: 'sample' | 'error';
  readonly id: string;
  readonly dtype: string;
  readonly fn: string | null;
  readonly args: Json[];
  readonly kwargs: Record<string, Json>;
  readonly steps?: Step[];
  readonly ret?: Json;
  readonly out: Json;
  readonly op_args?: Json[];
  readonly op_kwargs?: Record<string, Json>;
  readonly tol?: [rtol: number, atol: number];
  readonly grad?: GradientRecord;
  readonly method?: boolean | string;
  readonly inplace?: boolean | string;
  readonly random?: boolean;
  readonly out_is_input?: boolean;
  readonly broadcasts_input?: boolean;
  readonly regex?: string;
  readonly type?: string;
  readonly message?: string;
  readonly tensors: Descriptor[];
}

export interface Header {
  readonly name: string;
  readonly variant: string;
  readonly class: string;
  readonly fn: string | null;
  readonly method: string | null;
  readonly inplace: string | null;
  readonly dtypes: string[];
  readonly supports_autograd: boolean;
  /** Whether the raw outputs are unique only up to phase or order. */
  readonly gauge: boolean;
}

/** Bytes of tensors by key. */
export type Store = ReadonlyMap<string, Uint8Array>;

export interface Variant {
  readonly stem: string;
  readonly header: Header;
  readonly cases: readonly Case[];
  readonly store: Store;
}

/** The names of the variants in a folder, sorted; null if it is no corpus. */
export function stemsOf(folder: string, part = 'ops'): string[] | null {
  const files = join(folder, part);
  if (!existsSync(files)) return null;
  const stems = readdirSync(files)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .sort();
  return stems.length > 0 ? stems : null;
}

/** Reads one variant of an op. */
export function readVariant(folder: string, stem: string): Variant {
  return { stem, ...readRecording<Header, Case>(join(folder, 'ops'), stem) };
}

/** Reads a file of a header and cases, and the tensors beside it. */
export function readRecording<H, C>(
  folder: string,
  stem: string,
): { readonly header: H; readonly cases: readonly C[]; readonly store: Store } {
  const [header, ...cases] = readFileSync(join(folder, `${stem}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
  const store = readTensors(readFileSync(join(folder, `${stem}.safetensors`)));
  return { header: header as H, cases: cases as C[], store };
}

/** The bytes of every entry of a `.safetensors` file. */
function readTensors(file: Buffer): Store {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + length)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const store = new Map<string, Uint8Array>();
  // `__metadata__` has no data.
  for (const [key, { data_offsets: at }] of Object.entries(header))
    if (at !== undefined) store.set(key, file.subarray(8 + length + at[0], 8 + length + at[1]));
  return store;
}
