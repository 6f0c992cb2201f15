/** `npm run operators -- [DIR] [--device webgpu]`: writes `docs/operators.md`; without the option its figures of WebGPU stay. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { stemsOf } from './corpus.js';
import { torch } from './library.js';
import {
  deviceDtypes,
  deviceFigures,
  deviceFiguresIn,
  type EntryLike,
  operatorsDocument,
  operatorsOf,
} from './operators.js';
import type { Outcome } from './report.js';
import { runVariant } from './run.js';

interface Registry {
  entries(): { functions: Iterable<EntryLike>; methods: Iterable<EntryLike> };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { device: { type: 'string', default: 'cpu' } },
});
const folder = positionals[0] ?? '../shared/conformance';
const stems = stemsOf(folder);
if (stems === null) {
  console.error(`There is no recorded operator database in ${folder}.`);
  process.exit(2);
}
// The rows are no part of the package's interface; this file stands beside the modules of dist/ that have them, of which Node imports another copy.
await import(new URL('../index.js', import.meta.url).href);
const { entries } = (await import(new URL('../dispatch/registry.js', import.meta.url).href)) as Registry;
const { kernelRows } = (await import(new URL('../backends/kernels.js', import.meta.url).href)) as {
  kernelRows: Readonly<Record<string, { readonly on?: string; readonly elsewhere?: readonly string[] }>>;
};
const cpuKernels = Object.keys(kernelRows).filter(
  (name) => kernelRows[name].on === 'cpu' && kernelRows[name].elsewhere === undefined,
);
const document = 'docs/operators.md';
const outcomes: Outcome[] = [];
for (const stem of stems) outcomes.push(await runVariant(folder, stem));
let figures = deviceFiguresIn(readFileSync(document, 'utf8'));
if (values.device === 'webgpu') {
  await torch.webgpu.init();
  const there: Outcome[] = [];
  for (const stem of stems)
    there.push(await runVariant(folder, stem, { dtypes: deviceDtypes, device: values.device }));
  figures = deviceFigures(outcomes, there);
}
const { functions, methods } = entries();
writeFileSync(document, operatorsDocument(operatorsOf(functions, methods), outcomes, figures, cpuKernels));
