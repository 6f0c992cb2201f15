// `npm run bench:loops`: plain loops of many steps, on every engine, and what memory they need. See test/browser/memory_loops.js.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { loops, measure } from '../test/browser/memory_loops.js';

const names = [...Object.keys(loops), 'loader'];
const usage = `usage: npm run bench:loops -- [options]

  --on NAME     native, wasm, webgpu, native-thread, wasm-thread (in Node, in one of its worker threads),
                page, worker, page-webgpu (in Chromium); default: native
  --steps N     how many of each (default: 50000)
  --loop NAMES  some of ${names.join(', ')}
  --log FILE    where each line is added to as JSON, too
  --help        shows this

Every tenth of a loop is told on stderr as it is reached.`;

const { values: args } = parseArgs({
  options: {
    on: { type: 'string', default: 'native' },
    steps: { type: 'string', default: '50000' },
    loop: { type: 'string', default: names.join(',') },
    log: { type: 'string' },
    only: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (args.help) {
  console.log(usage);
  process.exit(0);
}
const { on, log } = args;
const steps = Number(args.steps);
const inBrowser = on.startsWith('page') || on === 'worker';
const device = on.endsWith('webgpu') ? 'webgpu' : 'cpu';
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
const chosen = args.loop.split(',');

/** The figures of one step, or of several side by side. */
const said = (figures) =>
  Object.keys(figures[0])
    .filter((key) => !['name', 'steps', 'seconds', 'step', 'aliveCount'].includes(key))
    .map((key) => `${key} ${figures.map((f) => mebibytes(f[key])).join(' → ')}`)
    .join(', ');
const tell = (f) =>
  console.error(
    `${on} ${f.name}: step ${f.step} of ${f.steps} after ${f.seconds.toFixed(0)} s; MiB: ${said([f])}`,
  );

if (args.only && isMainThread && on.endsWith('-thread')) {
  const thread = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
  thread.once('error', (error) => {
    throw error;
  });
  thread.on('message', ({ figure, found }) => {
    if (figure) return tell(figure);
    console.log(found);
    process.exit(0);
  });
  await new Promise(() => {});
}
if (args.only) {
  // One loop, in this thread.
  const torch = await import('flambeau');
  torch.setNumThreads(1);
  if (device === 'webgpu') await torch.webgpu.init();
  const look = () => ({ resident: process.memoryUsage().rss, heap: process.memoryUsage().heapUsed });
  const say = isMainThread ? tell : (figure) => parentPort.postMessage({ figure });
  const found = JSON.stringify(await measure(torch, chosen[0], steps, device, look, say));
  if (isMainThread) console.log(found);
  else parentPort.postMessage({ found });
  process.exit(0);
}

const run = inBrowser ? await browser() : inProcess;
for (const name of chosen) {
  const found = await run(name).catch((error) => ({
    name,
    error: String(error).slice(0, 500),
  }));
  if (log) appendFileSync(log, `${JSON.stringify({ on, ...found })}\n`);
  if (found.error) console.log(`${on} ${name}: ${found.error}`);
  else
    console.log(
      `${on} ${name}: ${found.steps} steps in ${found.seconds.toFixed(0)} s; MiB: ${said(found.figures)}`,
    );
}
process.exit(0);

async function inProcess(name) {
  const own = ['--only', '--on', on, '--loop', name, '--steps', String(steps)];
  const env = { ...process.env, FLAMBEAU_CPU: on === 'webgpu' ? '' : on.split('-')[0] };
  const stdio = ['ignore', 'pipe', 'inherit'];
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...own], { env, stdio });
  const ended = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  const found = await text(child.stdout);
  const how = await ended;
  if (how !== 0) throw new Error(`ended with ${how}`);
  return JSON.parse(found);
}

async function browser() {
  const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
  const { runnerImport } = await import('vite');
  const { findChromium, launch, serve } = (await runnerImport(path('../test/support/browser.ts'))).module;
  const program = (how) => `
    import * as torch from '/dist/browser/flambeau.js';
    import { measure } from '/program/memory_loops.js';
    const run = async ({ name, steps, device }) => {
      torch.setNumThreads(1);
      if (device === 'webgpu') await torch.webgpu.init();
      return measure(torch, name, steps, device, () => ({}), say);
    };
    ${how}`;
  const onPage = (figure) => `console.debug(JSON.stringify(${figure}))`;
  const html = (script) => `<!doctype html><meta charset="utf-8"><script type="module">${script}</script>`;
  const worker = program(
    'const say = (figure) => postMessage({ figure }); onmessage = ({ data }) => run(data).then((value) => postMessage({ value }), (error) => postMessage({ error: String(error) })); postMessage({ ready: true });',
  );
  const pages = {
    '/page': html(program(`const say = (figure) => ${onPage('figure')}; globalThis.run = run;`)),
    '/worker': html(`
      const blob = new Blob([${JSON.stringify(worker)}.replaceAll("'/", "'" + location.origin + '/')], { type: 'text/javascript' });
      const worker = new Worker(URL.createObjectURL(blob), { type: 'module' });
      worker.onmessage = () => {
        globalThis.run = (task) => new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => {
            if (data.figure) ${onPage('data.figure')};
            else if (data.error) reject(new Error(data.error));
            else resolve(data.value);
          };
          worker.postMessage(task);
        });
      };`),
  };
  const site = await serve({ dist: path('../dist'), program: path('../test/browser') }, pages, true);
  return async (name) => {
    const browser = await launch(findChromium());
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(0);
      page.on('pageerror', (error) => console.error(String(error)));
      await page.goto(`${site.url}/${on === 'worker' ? 'worker' : 'page'}`);
      await page.waitForFunction(() => globalThis.run !== undefined);
      // Memory of the page's process, seen from outside as a figure is told.
      const resident = new Map();
      page.on('console', (message) => {
        if (message.type() !== 'debug') return;
        const figure = { ...JSON.parse(message.text()), resident: largestRenderer() };
        resident.set(figure.step, figure.resident);
        tell(figure);
      });
      const found = await page.evaluate((task) => globalThis.run(task), { name, steps, device });
      for (const figure of found.figures) figure.resident = resident.get(figure.step) ?? 0;
      return found;
    } finally {
      await browser.close();
    }
  };
}

/** The resident bytes of the largest of this machine's renderers that descend from this process. */
function largestRenderer() {
  const rows = execFileSync('ps', ['-eo', 'pid,ppid,rss,args'], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, rss, ...rest]) => ({ pid, parent, rss: 1024 * Number(rss), args: rest.join(' ') }));
  const own = new Set([String(process.pid)]);
  for (let grown = -1; grown !== own.size; ) {
    grown = own.size;
    for (const { pid, parent } of rows) if (own.has(parent)) own.add(pid);
  }
  return Math.max(
    0,
    ...rows.filter(({ pid, args }) => own.has(pid) && args.includes('--type=renderer')).map(({ rss }) => rss),
  );
}
