/** The table of operators in `docs/operators.md`: what the rows say of each, and how it fares in the conformance run. */
import { publicPaths } from './exceptions.js';
import { agreement, type DtypeCounts, type Outcome } from './report.js';
import { markdownTable } from './table.js';

/** The part of the library's registry that the table reads. */
export interface EntryLike {
  readonly module: string;
  readonly name: string;
  readonly ops: readonly { readonly schema: { readonly name: string }; readonly row: object }[];
}

/** One line of the table, as far as the rows tell. */
export interface Operator {
  /** `torch.add`, or `Tensor.item` for what is only a method. */
  readonly path: string;
  readonly gradient: boolean;
  /** The op that this is another name of. */
  readonly alias?: string;
}

interface RowLike {
  readonly module?: string;
  readonly composite?: unknown;
  readonly pointwise?: unknown;
  readonly promote?: string;
  readonly derivative?: unknown;
  readonly vjp?: unknown;
}

function hasGradient({ composite, pointwise, promote, derivative, vjp }: RowLike): boolean {
  if (pointwise !== undefined) return derivative !== false && promote !== 'bool';
  return composite !== undefined || vjp !== undefined;
}

const pathOf = (module: string, name: string): string => `torch.${module === '' ? '' : `${module}.`}${name}`;

/** Every public function, and the methods that are none; in-place forms only where they stand alone. */
export function operatorsOf(functions: Iterable<EntryLike>, methods: Iterable<EntryLike>): Operator[] {
  const all = new Map<string, Operator>();
  const taken = new Set<string>();
  const add = (path: string, { ops }: EntryLike, alias?: string) =>
    all.set(path, { path, gradient: ops.some(({ row }) => hasGradient(row)), alias });
  for (const entry of functions) {
    if (/^_|_$/.test(entry.name)) continue;
    taken.add(entry.name);
    const [{ schema, row }] = entry.ops;
    const path = pathOf(entry.module, entry.name);
    const own = pathOf((row as RowLike).module ?? '', schema.name);
    add(path, entry, own === path ? undefined : own);
  }
  for (const entry of methods) {
    const plain = entry.name.replace(/_$/, '');
    if (entry.name.startsWith('_') || taken.has(entry.name) || taken.has(plain)) continue;
    add(`Tensor.${entry.name}`, entry);
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The recorded variants of each path. */
function outcomesByPath(outcomes: readonly Outcome[]): Map<string, Outcome[]> {
  const by = new Map<string, Outcome[]>();
  for (const outcome of outcomes)
    for (const path of outcome.paths) {
      const name = (publicPaths[path] ?? path)
        .replace(/^torch\.Tensor\./, 'Tensor.')
        .replace(/\.__get__$/, '');
      by.set(name, [...(by.get(name) ?? []), outcome]);
    }
  return by;
}

const passes = ({ samples, passed }: DtypeCounts): boolean => passed >= 0.95 * samples;

function verdict(outcomes: readonly Outcome[]): string {
  const sum = (of: 'samples' | 'passed' | 'grad' | 'gradPassed' | 'errors' | 'errorsPassed') =>
    outcomes.reduce((total, { counts }) => total + counts[of], 0);
  const parts = [`${sum('passed')}/${sum('samples')} samples`];
  if (sum('grad') > 0) parts.push(`${sum('gradPassed')}/${sum('grad')} gradients`);
  if (sum('errors') > 0) parts.push(`${sum('errorsPassed')}/${sum('errors')} errors`);
  return parts.join(', ');
}

function dtypes(outcomes: readonly Outcome[]): string {
  const names = ['float32', 'int64', 'bool', 'complex64'];
  return names
    .filter((name) => {
      const counts = outcomes.flatMap((outcome) => outcome.dtypes[name] ?? []);
      return counts.length > 0 && counts.every(passes);
    })
    .join(', ');
}

const heading = ['op', 'dtypes', 'gradient', 'verdict', 'WebGPU'];

/** Outcome of a run on WebGPU: a line on all of it, and a cell for each op. */
export interface DeviceFigures {
  readonly summary: string;
  readonly cells: ReadonlyMap<string, string>;
}

/** The dtypes that the device has. */
export const deviceDtypes = ['float32', 'int64', 'bool'];

/** How a device compares with the CPU, by the samples that the CPU passes. */
export function deviceFigures(cpu: readonly Outcome[], device: readonly Outcome[]): DeviceFigures {
  const sums = (a: readonly Outcome[], b: readonly Outcome[]) =>
    Object.entries(agreement(a, b)).filter(([dtype]) => deviceDtypes.includes(dtype));
  const summary = sums(cpu, device)
    .map(([dtype, [both, all]]) => `${both} of ${all} of ${dtype} (${((100 * both) / all).toFixed(1)} %)`)
    .join(', ');
  const [here, there] = [outcomesByPath(cpu), outcomesByPath(device)];
  const cells = [...here].flatMap(([path, of]): [string, string][] => {
    const [both, all] = sums(of, there.get(path) ?? [])
      .map(([, counts]) => counts)
      .reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
    return all > 0 ? [[path, `${both}/${all}`]] : [];
  });
  return { summary, cells: new Map(cells) };
}

const summaryStart = 'Of the samples that the CPU passes WebGPU passes ';

/** The figures that a document has. */
export function deviceFiguresIn(document: string): DeviceFigures {
  const line = document.split('\n').find((text) => text.startsWith(summaryStart)) ?? '';
  const cells = [...document.matchAll(/^\| `([^`]+)` .*\| (\d+\/\d+) *\|$/gm)].map(
    ([, path, cell]) => [path, cell] as const,
  );
  return { summary: line.slice(summaryStart.length, -1), cells: new Map(cells) };
}

/** The document. */
export function operatorsDocument(
  operators: readonly Operator[],
  outcomes: readonly Outcome[],
  { summary, cells }: DeviceFigures,
  cpuKernels: readonly string[],
): string {
  const by = outcomesByPath(outcomes);
  const rows = operators.map(({ path, gradient, alias }) => {
    const of = by.get(path) ?? [];
    const result = of.length > 0 ? verdict(of) : alias === undefined ? 'not recorded' : `as \`${alias}\``;
    return [`\`${path}\``, dtypes(of), gradient ? 'yes' : 'no', result, cells.get(path) ?? ''];
  });
  return [
    '# Operators',
    '',
    'Written by `npm run operators` from the op rows and the conformance run; do not edit. The dtypes are those that were recorded and',
    'of whose samples at least 95 % pass. The last column counts samples of float32, int64 and bool that the CPU passes, and those of',
    'them that pass on WebGPU; missing are results of float64 and complex128, which that device refuses.',
    '',
    `${summaryStart}${summary}.`,
    '',
    cpuKernels.length === 0
      ? 'Every op runs on all devices: no kernel is there for the CPU alone.'
      : `Ops that call one of these kernels run on the CPU alone: ${cpuKernels.map((name) => `\`${name}\``).join(', ')}.`,
    '',
    ...markdownTable(heading, rows),
    '',
  ].join('\n');
}

/** Text of a document on the rows' ops and gradients. */
export function operatorsIn(document: string): Operator[] {
  return [...document.matchAll(/^\| `([^`]+)` *\|[^|]*\| (yes|no) /gm)].map(([, path, gradient]) => ({
    path,
    gradient: gradient === 'yes',
  }));
}
