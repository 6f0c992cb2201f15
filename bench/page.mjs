// `npm run bench:page -- FILE...`: writes what `npm run bench -- --json FILE` measured into docs/benchmarks.md, as a table and a chart, beside what
// it held before. One file for each number of threads.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chart } from './chart.mjs';
import { geometricMean, isCertain, tooUncertain } from './rounds.mjs';
import { shareOfLimit } from './work.mjs';

const docs = (name) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
const [begin, end] = ['<!-- Written by npm run bench:page. -->\n', '<!-- The end of what is written. -->\n'];

const files = process.argv.slice(2);
if (files.length === 0)
  fail('usage: npm run bench:page -- FILE...\n\nFILE: what `npm run bench -- --json FILE` wrote');
const runs = files
  .map((file) => JSON.parse(readFileSync(file, 'utf8')))
  .sort((a, b) => a.threads - b.threads);
for (const [i, run] of runs.entries()) {
  if (run.machine.torch === null) fail(`${files[i]}: PyTorch was not measured`);
  const doubtful = Object.values(run.results).filter((row) => !isCertain(row.Flambeau.spread)).length;
  if (tooUncertain(doubtful, Object.keys(run.results).length))
    fail(`${files[i]}: the rounds of ${doubtful} rows differ by too much to be believed`);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

/** How many times as fast as PyTorch; undefined where either failed. */
const speed = (row) =>
  row?.Flambeau?.ms === undefined || row.PyTorch?.ms === undefined
    ? undefined
    : row.PyTorch.ms / row.Flambeau.ms;
const time = (found) =>
  found?.ms === undefined
    ? '–'
    : found.ms < 0.1
      ? `${(1000 * found.ms).toPrecision(3)} µs`
      : `${found.ms < 1000 ? found.ms.toPrecision(3) : Math.round(found.ms)} ms`;
const factor = (x) => (x === undefined || Number.isNaN(x) ? '–' : x.toFixed(2));

const [first] = runs;
const names = Object.keys(first.results);
const others = ['WebAssembly', 'TensorFlow.js', 'jax-js'].filter((who) =>
  names.some((name) => first.results[name][who] !== undefined),
);
const before = existsSync(docs('benchmarks.json'))
  ? JSON.parse(readFileSync(docs('benchmarks.json'), 'utf8'))
  : [];
const isSameMachine = before.length > 0 && before[0].machine.cpu === first.machine.cpu;

function change(name) {
  const [now, then] = [speed(first.results[name]), isSameMachine ? before[0].speeds[name] : undefined];
  if (now === undefined || then === undefined) return '';
  const percent = Math.round(100 * (now / then - 1));
  return Math.abs(percent) < 5 ? '' : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
}

const header = [
  'workload',
  'Flambeau',
  'PyTorch',
  ...others,
  ...runs.map(({ threads }) => `speed, ${threads} thread${threads === 1 ? '' : 's'}`),
  'of the limit',
  'change',
];
const lines = names.map((name) => {
  const row = first.results[name];
  const share = row.Flambeau.ms === undefined ? null : shareOfLimit(name, row.Flambeau.ms, first.limits);
  return [
    `\`${name}\``,
    time(row.Flambeau),
    time(row.PyTorch),
    ...others.map((who) => time(row[who])),
    ...runs.map(({ results }) => factor(speed(results[name]))),
    share === null ? '' : `${Math.round(100 * share)} %`,
    change(name),
  ];
});
const widths = header.map((title, i) => Math.max(title.length, ...lines.map((cells) => cells[i].length)));
const line = (cells) =>
  `| ${cells.map((c, i) => (i === 0 ? c.padEnd(widths[i]) : c.padStart(widths[i]))).join(' | ')} |`;
const rule = `| ${widths.map((w, i) => (i === 0 ? '-'.repeat(w) : `${'-'.repeat(w - 1)}:`)).join(' | ')} |`;

const means = runs.map(({ threads, results }) => {
  const speeds = Object.values(results).map(speed).filter(Number.isFinite);
  return `${geometricMean(speeds).toFixed(2)} with ${threads} thread${threads === 1 ? '' : 's'}`;
});
const { machine, limits, rounds } = first;
const limit =
  limits === null
    ? ''
    : ` One core computes ${(limits.operations / 1e9).toFixed(0)} GFLOP/s in float32 at most, and copies ${(limits.copied / 1e9).toFixed(1)} GB/s, in the same run.`;
const text = `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, PyTorch ${machine.torch}, medians of ${rounds} rounds by turns. Times are of one thread.
"Speed" is PyTorch's time in ours: above 1 we are ahead; its geometric mean is ${means.join(', ')}.${limit}
"Change" is that of the speed since the page was written last, where it is 5 % or more${isSameMachine ? '' : ' (that was another machine)'}.

![How many times as fast as PyTorch each workload is](benchmarks.svg)

${[line(header), rule, ...lines.map(line)].join('\n')}
`;

const page = readFileSync(docs('benchmarks.md'), 'utf8');
const [from, to] = [page.indexOf(begin), page.indexOf(end)];
if (from < 0 || to < from) fail('docs/benchmarks.md has no place for the results');
writeFileSync(docs('benchmarks.md'), page.slice(0, from + begin.length) + text + page.slice(to));
const bars = names.map((name) => ({ name, values: runs.map(({ results }) => speed(results[name])) }));
writeFileSync(
  docs('benchmarks.svg'),
  chart(
    bars,
    runs.map(({ threads }) => `${threads} thread${threads === 1 ? '' : 's'}`),
  ),
);
const kept = runs.map(({ machine, threads, results }) => ({
  machine,
  threads,
  speeds: Object.fromEntries(
    Object.entries(results).flatMap(([name, row]) =>
      speed(row) === undefined ? [] : [[name, Number(speed(row).toFixed(3))]],
    ),
  ),
}));
writeFileSync(docs('benchmarks.json'), `${JSON.stringify(kept, null, 2)}\n`);
