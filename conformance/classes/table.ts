/** The table of classes in `docs/modules.md`: those of the library and those that were recorded, and how they fare. */
import { camelCase, torch } from '../library.js';
import { markdownTable, percent } from '../table.js';
import { type ClassOutcome, classReportOf, families } from './report.js';

/** Classes that are not made themselves. */
const bases: readonly unknown[] = [
  torch.nn.Module,
  torch.optim.Optimizer,
  torch.optim.lrScheduler.LRScheduler,
];

/** The paths of the library's classes of the recorded kinds. */
export function libraryClasses(): string[] {
  const { distributions = {} } = torch as { readonly distributions?: object };
  const places = {
    'torch.nn': torch.nn,
    'torch.optim': torch.optim,
    'torch.optim.lrScheduler': torch.optim.lrScheduler,
    'torch.distributions': distributions,
  };
  return Object.entries(places).flatMap(([path, place]) =>
    Object.entries(place)
      .filter(([name, value]) => isClass(name, value) && !bases.includes(value))
      .map(([name]) => `${path}.${name}`),
  );
}

/** Parameters and what packs sequences are made by layers, too, but are none. */
function isClass(name: string, value: unknown): boolean {
  if (!/^[A-Z]/.test(name) || typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  return !(prototype instanceof torch.Tensor);
}

/** Where the library has, or is to have, a recorded class. */
export function pathOf(stem: string): string {
  const path = stem.startsWith('lr_scheduler.') ? `optim.${stem}` : stem;
  return `torch.${path.split('.').map(camelCase).join('.')}`;
}

const heading = ['class', 'records', 'errors'];

export function classesDocument(existing: readonly string[], outcomes: readonly ClassOutcome[]): string {
  const recorded = new Map(outcomes.map((outcome) => [pathOf(outcome.stem), outcome]));
  const rows = [...new Set([...existing, ...recorded.keys()])].sort().map((path) => {
    const outcome = recorded.get(path);
    return [`\`${path}\``, ...(outcome === undefined ? ['not recorded', ''] : cells(outcome))];
  });
  return [
    '# Classes',
    '',
    'Written by `npm run classes` from the interface and the conformance run; do not edit. A record passes when a class, constructed as',
    'recorded, all by name and as far as possible by position, prints what PyTorch prints and computes the same values, state and gradients.',
    '',
    ...summary(outcomes),
    '',
    ...markdownTable(heading, rows),
    '',
  ].join('\n');
}

function cells({ counts: { exists, records, passed, errors, errorsPassed } }: ClassOutcome): string[] {
  if (!exists) return ['missing', ''];
  return [`${passed}/${records}`, errors === 0 ? '' : `${errorsPassed}/${errors}`];
}

function summary(outcomes: readonly ClassOutcome[]): string[] {
  const { totals } = classReportOf(outcomes);
  return families.map((family) => {
    const { classes, exist, existing } = totals[family];
    if (exist === 0) return `- ${family}: none of ${classes} recorded classes exist.`;
    const { records, passed, errors, errorsPassed } = existing;
    const share = `${passed} of ${records} records (${percent(passed, records)})`;
    const raised = errors === 0 ? '' : ` and ${errorsPassed} of ${errors} errors`;
    return `- ${family}: ${exist} of ${classes} recorded classes exist, of which ${share}${raised} pass.`;
  });
}

/** The classes that a document says exist. */
export function classesIn(document: string): string[] {
  return [...document.matchAll(/^\| `([^`]+)` *\| (?!missing)/gm)].map(([, path]) => path);
}
