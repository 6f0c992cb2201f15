/** Runs the variants of a corpus. */
import { exists } from './call.js';
import { check } from './check.js';
import type { Tolerance } from './compare.js';
import { type Case, readVariant, type Step, type Variant } from './corpus.js';
import { torch } from './library.js';
import { count, newOutcome, type Outcome } from './report.js';

export interface Choice {
  /** Only samples of these dtypes. */
  readonly dtypes?: readonly string[];
  readonly device?: string;
  /** Only one in so many cases of each variant. */
  readonly every?: number;
}

/** Carries out every case of one variant. */
export async function runVariant(folder: string, stem: string, choice: Choice = {}): Promise<Outcome> {
  const variant = readVariant(folder, stem);
  const paths = pathsOf(variant);
  const outcome = newOutcome(stem, variant.header, paths, paths.every(isThere));
  const { dtypes, device = 'cpu', every = 1 } = choice;
  // The last of each lot, so that variants of a few cases do not all give their first.
  const chosen = variant.cases
    // Where there are no values, only what ops make of their arguments is asked.
    .filter(({ kind }) => device !== 'meta' || kind === 'sample')
    .filter(({ dtype }) => dtypes === undefined || dtypes.includes(dtype))
    .filter((_, i) => i % every === every - 1);
  for (const record of chosen) {
    count(outcome, record, await check(variant, device === 'cpu' ? record : loosened(record), device));
  }
  return outcome;
}

/** The recording's tolerances are those of PyTorch's CPU; another device sums in another order and has other polynomials. */
const SLACK = 4;

/** A record with the tolerances that another device needs. */
export function loosened<R extends Pick<Case, 'tensors'> & { readonly tol?: Tolerance }>(record: R): R {
  const tensors = record.tensors.map((d) => ({
    ...d,
    ...(d.rtol !== undefined && { rtol: SLACK * d.rtol }),
    ...(d.atol !== undefined && { atol: SLACK * d.atol }),
  }));
  const { tol } = record;
  return { ...record, tensors, ...(tol && { tol: [SLACK * tol[0], SLACK * tol[1]] }) };
}

/** The functions that a variant's samples call. */
function pathsOf({ cases }: Variant): string[] {
  const samples = cases.filter(({ kind }) => kind === 'sample');
  return [...new Set(samples.flatMap(({ fn, steps }) => fn ?? (steps as Step[]).map((step) => step.fn)))];
}

const isThere = (path: string): boolean => exists(path, (name) => name in torch.Tensor.prototype);
