/** Counts of what passed, and how they are told. */
import { align, percent } from '../table.js';
import { type Way, ways } from './construct.js';
import type { ClassRecord } from './corpus.js';

export interface Counts {
  records: number;
  passed: number;
  errors: number;
  errorsPassed: number;
}

export interface ClassCounts extends Counts {
  readonly exists: boolean;
}

export interface ClassFailure {
  readonly class: string;
  readonly id: string;
  readonly why: string;
}

export const families = ['modules', 'optimizers', 'schedulers', 'distributions'] as const;

export type Family = (typeof families)[number];

/** The outcome of one class. */
export interface ClassOutcome {
  readonly stem: string;
  readonly family: Family;
  readonly counts: ClassCounts;
  /** How many constructions do in each of the ways what PyTorch's do. */
  readonly made: Record<Way, number>;
  constructions: number;
  readonly failures: ClassFailure[];
}

export interface FamilyTotals extends Counts {
  classes: number;
  exist: number;
  /** The same of the classes that exist. */
  readonly existing: Counts & { constructions: number; readonly made: Record<Way, number> };
}

export type ClassTotals = Record<Family, FamilyTotals>;

export interface ClassReport {
  readonly totals: ClassTotals;
  readonly classes: Record<string, ClassCounts>;
  readonly failures: ClassFailure[];
}

const none = (): Counts => ({ records: 0, passed: 0, errors: 0, errorsPassed: 0 });
const noneMade = (): Record<Way, number> => ({ 'as given': 0, 'by name': 0, 'by position': 0 });

/** Which kind of class stands at a path of PyTorch's. */
export function familyOf(path: string): Family {
  if (path.startsWith('torch.optim.lr_scheduler.')) return 'schedulers';
  if (path.startsWith('torch.optim.')) return 'optimizers';
  return path.startsWith('torch.distributions.') ? 'distributions' : 'modules';
}

export function newOutcome(stem: string, path: string, exists: boolean): ClassOutcome {
  const counts = { ...none(), exists };
  return { stem, family: familyOf(path), counts, made: noneMade(), constructions: 0, failures: [] };
}

/** Differences, of everything and of each way to construct; null where there are none. */
export interface Verdict {
  readonly problem: string | null;
  readonly made?: Readonly<Record<Way, string | null>>;
}

/** Counts one record. */
export function count(outcome: ClassOutcome, { kind, id }: ClassRecord, { problem, made }: Verdict): void {
  const { counts, failures, stem } = outcome;
  const passed = problem === null ? 1 : 0;
  if (problem !== null) failures.push({ class: stem, id, why: problem });
  if (kind === 'error') {
    counts.errors++;
    counts.errorsPassed += passed;
    return;
  }
  counts.records++;
  counts.passed += passed;
  if (made === undefined) return;
  outcome.constructions++;
  for (const way of ways) if (made[way] === null) outcome.made[way]++;
}

function add(to: Counts, { records, passed, errors, errorsPassed }: Counts): void {
  to.records += records;
  to.passed += passed;
  to.errors += errors;
  to.errorsPassed += errorsPassed;
}

function totalsOfFamily(outcomes: readonly ClassOutcome[]): FamilyTotals {
  const existing = { ...none(), constructions: 0, made: noneMade() };
  const totals: FamilyTotals = { ...none(), classes: outcomes.length, exist: 0, existing };
  for (const { counts, made, constructions } of outcomes) {
    add(totals, counts);
    if (!counts.exists) continue;
    totals.exist++;
    add(existing, counts);
    existing.constructions += constructions;
    for (const way of ways) existing.made[way] += made[way];
  }
  return totals;
}

export function classReportOf(outcomes: readonly ClassOutcome[]): ClassReport {
  const totals = families.map((family) => {
    const of = outcomes.filter((outcome) => outcome.family === family);
    return [family, totalsOfFamily(of)] as const;
  });
  return {
    totals: Object.fromEntries(totals) as ClassTotals,
    classes: Object.fromEntries(outcomes.map(({ stem, counts }) => [stem, counts])),
    failures: outcomes.flatMap(({ failures }) => failures),
  };
}

const heading = ['classes', 'recorded', 'exist', 'records', '', 'errors', ''];
const headingExisting = ['of those that exist', 'records', '', 'errors', '', 'constructions', ...ways];

/** The failures of a second run among the records that a first one passed. */
export function lostBetween(first: readonly ClassOutcome[], second: readonly ClassOutcome[]): ClassFailure[] {
  const key = ({ class: name, id }: ClassFailure) => `${name} ${id}`;
  const failed = new Set(first.flatMap(({ failures }) => failures.map(key)));
  return second.flatMap(({ failures }) => failures.filter((failure) => !failed.has(key(failure))));
}

/** Of the records that the first run passed, how many the second passed, by family. */
export function agreement(
  first: readonly ClassOutcome[],
  second: readonly ClassOutcome[],
): Record<Family, readonly [both: number, first: number]> {
  const { totals } = classReportOf(first);
  const of = families.map((family) => {
    const isOf = (outcome: ClassOutcome) => outcome.family === family;
    const lost = lostBetween(first.filter(isOf), second.filter(isOf)).length;
    const { passed } = totals[family];
    return [family, [passed - lost, passed] as const] as const;
  });
  return Object.fromEntries(of) as Record<Family, readonly [number, number]>;
}

/** The same, told. */
export function describeAgreement(cpu: readonly ClassOutcome[], device: readonly ClassOutcome[]): string {
  return Object.entries(agreement(cpu, device))
    .map(
      ([family, [both, all]]) =>
        `${family}: ${both} of the ${all} records that the CPU passes (${percent(both, all)})`,
    )
    .join('\n');
}

/** A table of all recorded classes, one of those that exist, and a line with the totals. */
export function describeClasses(outcomes: readonly ClassOutcome[]): string {
  const { totals } = classReportOf(outcomes);
  const share = ({ records, passed, errors, errorsPassed }: Counts) => [
    `${passed}/${records}`,
    percent(passed, records),
    `${errorsPassed}/${errors}`,
    percent(errorsPassed, errors),
  ];
  const present = families.filter((family) => totals[family].classes > 0);
  const rows = present.map((family) => {
    const of = totals[family];
    return [family, `${of.classes}`, `${of.exist}`, ...share(of)];
  });
  const existing = present.map((family) => {
    const of = totals[family].existing;
    return [family, ...share(of), `${of.constructions}`, ...ways.map((way) => `${of.made[way]}`)];
  });
  const line = present.map((family) => {
    const of = totals[family];
    return (
      `${family} ${of.exist} of ${of.classes} exist, ${of.passed} of ${of.records} records ` +
      `(${percent(of.passed, of.records)}) and ${of.errorsPassed} of ${of.errors} errors pass`
    );
  });
  return [align([heading, ...rows]), align([headingExisting, ...existing]), `total: ${line.join('; ')}`].join(
    '\n\n',
  );
}
