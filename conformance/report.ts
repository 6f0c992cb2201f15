/** Counts of what passed, and how they are told. */
import type { Verdict } from './check.js';
import type { Case, Header } from './corpus.js';
import { align, percent } from './table.js';

/** Outcome of one variant of an op. */
export interface OpCounts {
  samples: number;
  passed: number;
  grad: number;
  gradPassed: number;
  errors: number;
  errorsPassed: number;
  exists: boolean;
}

export interface Failure {
  readonly stem: string;
  readonly dtype: string;
  readonly id: string;
  readonly why: string;
  /** False: it is an error that should have been. */
  readonly isSample: boolean;
}

export interface DtypeCounts {
  samples: number;
  passed: number;
  grad: number;
  gradPassed: number;
}

/** The outcome of one variant. */
export interface Outcome {
  readonly stem: string;
  readonly family: string;
  /** The functions that it calls. */
  readonly paths: readonly string[];
  readonly counts: OpCounts;
  readonly dtypes: Record<string, DtypeCounts>;
  readonly failures: Failure[];
}

export interface DtypeTotals extends DtypeCounts {
  /** The same of the ops that exist. */
  readonly existing: DtypeCounts;
  /** Variants that exist and have samples of the dtype, and those of which at least 95 % pass. */
  variants: number;
  variants95: number;
}

export interface Totals extends Omit<OpCounts, 'exists'> {
  variants: number;
  exist: number;
  /** Variants that exist with at least 95 % of their samples passing. */
  exist95: number;
  /** The error cases of the ops that exist. */
  existingErrors: number;
  existingErrorsPassed: number;
  readonly dtypes: Record<string, DtypeTotals>;
}

export interface Report {
  readonly totals: Totals;
  readonly ops: Record<string, OpCounts>;
  readonly failures: Failure[];
}

const noSamples = (): DtypeCounts => ({ samples: 0, passed: 0, grad: 0, gradPassed: 0 });

/** The module of an op, or what kind of op PyTorch's database says it is. */
export function familyOf({ name, class: kind }: Header): string {
  const dot = name.lastIndexOf('.');
  if (dot >= 0) return name.slice(0, dot);
  const kinds: Readonly<Record<string, string>> = {
    UnaryUfuncInfo: 'unary',
    BinaryUfuncInfo: 'binary',
    ReductionOpInfo: 'reductions',
  };
  return kinds[kind] ?? 'other';
}

export function newOutcome(stem: string, header: Header, paths: readonly string[], exists: boolean): Outcome {
  const counts = { ...noSamples(), errors: 0, errorsPassed: 0, exists };
  return { stem, family: familyOf(header), paths, counts, dtypes: {}, failures: [] };
}

/** Counts one case. */
export function count(outcome: Outcome, record: Case, { problem, gradient }: Verdict): void {
  const { counts, failures, stem } = outcome;
  const isSample = record.kind === 'sample';
  if (problem !== null) failures.push({ stem, dtype: record.dtype, id: record.id, why: problem, isSample });
  if (!isSample) {
    counts.errors++;
    if (problem === null) counts.errorsPassed++;
    return;
  }
  outcome.dtypes[record.dtype] ??= noSamples();
  for (const c of [counts, outcome.dtypes[record.dtype]]) {
    c.samples++;
    if (problem === null) c.passed++;
    if (gradient === undefined) continue;
    c.grad++;
    if (gradient === null) c.gradPassed++;
  }
}

function addSamples(to: DtypeCounts, { samples, passed, grad, gradPassed }: DtypeCounts): void {
  to.samples += samples;
  to.passed += passed;
  to.grad += grad;
  to.gradPassed += gradPassed;
}

const isNearlyAll = ({ samples, passed }: DtypeCounts): boolean => passed >= 0.95 * samples;

export function totalsOf(outcomes: readonly Outcome[]): Totals {
  const totals: Totals = {
    ...noSamples(),
    errors: 0,
    errorsPassed: 0,
    variants: outcomes.length,
    exist: 0,
    exist95: 0,
    existingErrors: 0,
    existingErrorsPassed: 0,
    dtypes: {},
  };
  for (const { counts, dtypes } of outcomes) {
    addSamples(totals, counts);
    totals.errors += counts.errors;
    totals.errorsPassed += counts.errorsPassed;
    if (counts.exists) {
      totals.exist++;
      if (isNearlyAll(counts)) totals.exist95++;
      totals.existingErrors += counts.errors;
      totals.existingErrorsPassed += counts.errorsPassed;
    }
    for (const [dtype, c] of Object.entries(dtypes)) {
      totals.dtypes[dtype] ??= { ...noSamples(), existing: noSamples(), variants: 0, variants95: 0 };
      const of = totals.dtypes[dtype];
      addSamples(of, c);
      if (!counts.exists) continue;
      addSamples(of.existing, c);
      of.variants++;
      if (isNearlyAll(c)) of.variants95++;
    }
  }
  return totals;
}

export function reportOf(outcomes: readonly Outcome[]): Report {
  return {
    totals: totalsOf(outcomes),
    ops: Object.fromEntries(outcomes.map(({ stem, counts }) => [stem, counts])),
    failures: outcomes.flatMap(({ failures }) => failures),
  };
}

/** Cases that the first run passed and the second did not. */
export function lostBetween(first: readonly Outcome[], second: readonly Outcome[]): Failure[] {
  const key = ({ stem, dtype, id }: Failure) => `${stem} ${dtype} ${id}`;
  const failed = new Set(first.flatMap(({ failures }) => failures.map(key)));
  return second.flatMap(({ failures }) => failures.filter((failure) => !failed.has(key(failure))));
}

/** Of the samples of each dtype that the first run passed, how many the second passed. */
export function agreement(
  first: readonly Outcome[],
  second: readonly Outcome[],
): Record<string, readonly [both: number, first: number]> {
  const lost = lostBetween(first, second);
  const { dtypes } = totalsOf(first);
  return Object.fromEntries(
    Object.entries(dtypes).map(([dtype, { passed }]) => {
      const of = lost.filter((failure) => failure.dtype === dtype && failure.isSample).length;
      return [dtype, [passed - of, passed]];
    }),
  );
}

/** A table by family, one by dtype, and a line with the totals. */
export function describe(outcomes: readonly Outcome[]): string {
  const families = [...new Set(outcomes.map(({ family }) => family))].sort();
  const rows = families.map((family) => {
    const of = totalsOf(outcomes.filter((outcome) => outcome.family === family));
    return [
      family,
      `${of.variants}`,
      `${of.exist}`,
      `${of.exist95}`,
      ...shares(of),
      share(of.errorsPassed, of.errors),
    ];
  });
  const totals = totalsOf(outcomes);
  const dtypes = Object.entries(totals.dtypes).map(([dtype, of]) => [
    dtype,
    `${of.variants}`,
    `${of.variants95}`,
    ...shares(of),
    ...shares(of.existing),
  ]);
  return [
    align([['family', 'variants', 'exist', '≥ 95 %', 'samples', '', 'gradients', '', 'errors'], ...rows]),
    align([
      [
        'dtype',
        'exist',
        '≥ 95 %',
        'samples',
        '',
        'gradients',
        '',
        'of those that exist',
        '',
        'gradients',
        '',
      ],
      ...dtypes,
    ]),
    `total: ${totals.exist} of ${totals.variants} variants exist, ${totals.exist95} pass 95 % of their samples; ` +
      `${totals.passed} of ${totals.samples} samples (${percent(totals.passed, totals.samples)}), ` +
      `${totals.gradPassed} of ${totals.grad} gradients (${percent(totals.gradPassed, totals.grad)}), ` +
      `${totals.errorsPassed} of ${totals.errors} errors (${percent(totals.errorsPassed, totals.errors)}; ` +
      `of the ops that exist ${percent(totals.existingErrorsPassed, totals.existingErrors)}) pass`,
  ].join('\n\n');
}

/** Lines that tell how a device compares with the CPU. */
export function describeAgreement(cpu: readonly Outcome[], device: readonly Outcome[]): string {
  return Object.entries(agreement(cpu, device))
    .map(
      ([dtype, [both, all]]) =>
        `${dtype}: ${both} of the ${all} samples that the CPU passes (${percent(both, all)})`,
    )
    .join('\n');
}

const share = (part: number, whole: number): string => `${part}/${whole}`;

function shares({ samples, passed, grad, gradPassed }: DtypeCounts): string[] {
  return [
    share(passed, samples),
    percent(passed, samples),
    share(gradPassed, grad),
    percent(gradPassed, grad),
  ];
}
