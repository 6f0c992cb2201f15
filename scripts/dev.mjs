// `npm run dev`: builds what a change of a row, a kernel or other sources asks for, and runs what shall show it, each time that a file is saved.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { fileURLToPath } from 'node:url';

const usage = `usage: npm run dev -- [FILE...]

Builds the modules of dist/ and the native engine for this machine, unchecked, whenever a file in src/, kernels/ or test/ is saved, and then
runs FILEs: tests (name.test.ts) on the native engine, or a program. Types are checked by \`npm run check\`; pages and bundles are
made by \`npm run build\`.`;

const files = process.argv.slice(2);
if (files.includes('--help')) {
  console.log(usage);
  process.exit(0);
}
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const isTest = (file) => file.endsWith('.test.ts');
const tests = files.filter(isTest);
const commands = [
  ['scripts/build.mjs', 'modules'],
  ...(tests.length > 0 ? [['node_modules/vitest/vitest.mjs', 'run', '--project', 'native', ...tests]] : []),
  ...files.filter((file) => !isTest(file)).map((file) => ['--conditions=module', file]),
];

let isRunning = false;
let isChanged = true;

async function run() {
  if (isRunning) return;
  isRunning = true;
  while (isChanged) {
    isChanged = false;
    const started = performance.now();
    let status = 0;
    for (const args of commands) {
      status = await exitStatus(args);
      if (status !== 0) break;
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`flambeau: ${status === 0 ? 'done' : 'failed'} in ${seconds} s; waiting for changes`);
  }
  isRunning = false;
}

const exitStatus = (args) =>
  new Promise((resolve, reject) => {
    spawn(process.execPath, args, { stdio: 'inherit' }).on('error', reject).on('exit', resolve);
  });

let timer;
for (const folder of ['src', 'kernels', 'test'])
  watch(folder, { recursive: true }, (_, name) => {
    // Builds write there, too.
    if (name === null || /(^|[/\\])generated([/\\]|$)/.test(name)) return;
    isChanged = true;
    // Editors save a file in several steps.
    clearTimeout(timer);
    timer = setTimeout(run, 100);
  });
await run();
