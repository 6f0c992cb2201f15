/** Permissions that browsers give the library, and refusals, in Chromium, Firefox and WebKit: origins, policies, memory. */
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Result, run } from './browser/program.js';
import { expectAlike } from './support/alike.js';
import { findChromium, launch, type ServedPage, type Site, serve } from './support/browser.js';
import { findFirefox, inFirefox } from './support/firefox.js';
import { findWebKit, inWebKit } from './support/webkit.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
// Browsers run the WebAssembly engine. That no Chromium was found is said by browser.test.ts.
const isTested = process.env.FLAMBEAU_CPU === 'wasm';

interface Probe {
  readonly isIsolated: boolean;
  /** The page's policy; null: none. */
  readonly policy: string | null;
  /** The body of an async function, which gives what the test looks at. */
  readonly script: string;
}

const library =
  "const torch = await import('/dist/browser/flambeau.js'); const vision = '/dist/browser/vision.js';";
const foreign =
  "const torch = await import(other + '/dist/browser/flambeau.js'); const vision = other + '/dist/browser/vision.js';";
const computes = `
  const torchvision = await import(vision);
  const { run } = await import('/program/program.js');
  const result = await run(torch, torchvision);`;
/** Lets workers that cannot begin say so. */
const late = 'await new Promise((resolve) => setTimeout(resolve, 500));';
const warned = 'const warned = []; console.warn = (text) => warned.push(text); torch.setNumThreads(4);';
const threads = `${late} ${warned} return { result, threads: torch.getNumThreads(), warned };`;

const probes: Readonly<Record<string, Probe>> = {
  isolated: { isIsolated: true, policy: null, script: `${library} ${computes} ${threads}` },
  ordinary: { isIsolated: false, policy: null, script: `${library} ${computes} ${threads}` },
  foreign: { isIsolated: true, policy: null, script: `${foreign} ${computes} ${threads}` },
  'foreign, without workers': {
    isIsolated: true,
    policy: "worker-src 'none'",
    script: `${foreign} ${computes} ${threads}`,
  },
  'no WebAssembly': {
    isIsolated: false,
    policy: "script-src 'self' 'unsafe-inline'",
    script: `${library} return String(torch.ones(2));`,
  },
  'WebAssembly, and no programs but files': {
    isIsolated: true,
    policy: "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self'",
    script: `${library} ${computes} ${threads}`,
  },
  'no shared memory': {
    isIsolated: true,
    policy: null,
    script: `
      const { Memory } = WebAssembly;
      WebAssembly.Memory = class extends Memory {
        constructor(descriptor) {
          if (descriptor.shared) throw new RangeError('Out of memory');
          super(descriptor);
        }
      };
      ${library} ${computes} ${threads}`,
  },
  names: {
    isIsolated: false,
    policy: null,
    script: `
      ${library}
      const wrong = [];
      const { nn, optim, utils } = torch;
      const { transforms, datasets } = await import(vision);
      for (const [path, space] of Object.entries({ torch, nn, optim, data: utils.data, transforms, datasets }))
        for (const [name, value] of Object.entries(space))
          if (typeof value === 'function' && /^class\\b/.test(Function.prototype.toString.call(value)) && value.name !== name)
            wrong.push(path + '.' + name + ' is ' + value.name);
      return { wrong, names: [torch.Tensor.name, torch.ones(2).constructor.name, new nn.Linear(1, 1).constructor.name] };`,
  },
  'a failed fetch': {
    isIsolated: false,
    policy: null,
    script: `
      const torch = await import('/dist/browser/lazy.js');
      const { fetch } = globalThis;
      let asked = 0;
      globalThis.fetch = (...args) => (asked++ === 0 ? Promise.reject(new TypeError('the network is gone')) : fetch(...args));
      const failure = () => torch.init().then(() => 'nothing', String);
      const before = [await failure(), await failure()];
      return [...before, String(torch.ones(2).sum()), asked];`,
  },
  "another origin's engine": {
    isIsolated: true,
    policy: null,
    script: `
      const torch = await import('/dist/browser/lazy.js');
      await torch.init({ wasm: other + '/dist/' });
      const vision = '/dist/vision/index.js';
      ${computes} ${threads}`,
  },
};
const names = Object.keys(probes);

/** The page of a probe, which tells what it found and goes on to the next one. */
function page({ policy, script }: Probe, name: string): ServedPage {
  const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
    const other = new URLSearchParams(location.search).get('other');
    const probe = async () => { ${script} };
    const found = await probe().then((value) => ({ value }), (error) => ({ error: String(error) }));
    const body = JSON.stringify({ name: ${JSON.stringify(name)}, ...found });
    const next = await (await fetch('/report', { method: 'POST', body })).text();
    if (next) location.href = next;
  </script>`;
  return { html, headers: policy === null ? {} : { 'Content-Security-Policy': policy } };
}

const [chromium, firefox, webkit] = [findChromium(), findFirefox(), findWebKit()];
const browsers: [name: string, visit: (url: string, end: Promise<void>) => Promise<void>][] = [];
if (chromium !== null)
  browsers.push([
    'Chromium',
    async (url, end) => {
      const browser = await launch(chromium);
      try {
        await (await browser.newPage()).goto(url);
        await end;
      } finally {
        await browser.close();
      }
    },
  ]);
if (firefox !== null) browsers.push(['Firefox', (url, end) => inFirefox(firefox, url, () => end)]);
else if (isTested) console.warn('No Firefox was found (FIREFOX can name one): the tests in it do not run.');
if (webkit !== null) browsers.push(['WebKit', (url, end) => inWebKit(webkit, url, () => end)]);
else if (isTested)
  console.warn('No WebKit was found (webkit2gtk-driver and xvfb bring it): the tests in it do not run.');

describe.runIf(isTested).each(browsers)('%s', { timeout: 180_000 }, (_, visit) => {
  const sites: Partial<Record<'isolated' | 'ordinary', Site>> = {};
  const found = new Map<string, { value?: unknown; error?: string }>();
  let expected: Result;

  beforeAll(async () => {
    expected = await run(torch, torchvision);
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const address = (name: string) => {
      const { isolated, ordinary } = sites;
      const [here, other] = probes[name].isIsolated ? [isolated, ordinary] : [ordinary, isolated];
      return `${here!.url}/${encodeURIComponent(name)}?other=${encodeURIComponent(other!.url)}`;
    };
    const hear = (posted: string) => {
      const { name, ...what } = JSON.parse(posted) as { name: string };
      found.set(name, what);
      const next = names[names.indexOf(name) + 1];
      if (next === undefined) end();
      return next === undefined ? '' : address(next);
    };
    const folders = { dist: path('../dist'), program: path('browser') };
    const pages = Object.fromEntries(names.map((name) => [`/${name}`, page(probes[name], name)]));
    sites.isolated = await serve(folders, pages, true, hear);
    sites.ordinary = await serve(folders, pages, false, hear);
    await visit(address(names[0]), ended);
  }, 180_000);
  afterAll(() => Promise.all(Object.values(sites).map((site) => site.close())));

  interface Threads {
    readonly result: Result;
    readonly threads: number;
    readonly warned: string[];
  }
  /** The findings of a probe that computes, but for the results, which are Node's. */
  function threadsOf(name: string): Omit<Threads, 'result'> {
    const { value, error } = found.get(name)!;
    expect(error).toBeUndefined();
    const { result, ...rest } = value as Threads;
    expectAlike(result, JSON.parse(JSON.stringify(expected)));
    return rest;
  }
  const warning = (why: string) =>
    expect.stringContaining(`UserWarning: setNumThreads(4): there is 1 thread, since ${why}`);

  it.each(['isolated', 'foreign', 'WebAssembly, and no programs but files', "another origin's engine"])(
    'has threads where memory can be shared: %s',
    (name) => {
      expect(threadsOf(name)).toEqual({ threads: 4, warned: [] });
    },
  );

  it('says why there are none where pages are not isolated', () => {
    const why =
      'this page is not cross-origin isolated: it must be served with the headers Cross-Origin-Opener-Policy';
    expect(threadsOf('ordinary')).toEqual({ threads: 1, warned: [warning(why)] });
  });

  it('counts no threads that could not be started', () => {
    const why = 'workers cannot be started here';
    expect(threadsOf('foreign, without workers')).toEqual({ threads: 1, warned: [warning(why)] });
  });

  it('does without shared memory that cannot be had', () => {
    const why = 'memory cannot be shared here';
    expect(threadsOf('no shared memory')).toEqual({ threads: 1, warned: [warning(why)] });
  });

  it('has threads by isolate.js where a server sends no headers', async () => {
    let hear = (_posted: string) => '';
    const heard = new Promise<unknown>((resolve) => {
      hear = (posted) => {
        resolve(JSON.parse(posted));
        return '';
      };
    });
    const html = `<!doctype html><link rel="icon" href="data:,"><script src="isolate.js"></script><script type="module">
      if (crossOriginIsolated) {
        const torch = await import('./flambeau.js');
        torch.setNumThreads(3);
        const x = torch.ones(300, 300);
        const body = JSON.stringify([x.matmul(x).sum().item(), torch.getNumThreads()]);
        await fetch('/report', { method: 'POST', body });
      }
    </script>`;
    const pages = { '/dist/browser/page.html': html };
    const site = await serve({ dist: path('../dist') }, pages, false, (posted) => hear(posted));
    try {
      await visit(
        `${site.url}/dist/browser/page.html`,
        heard.then(() => {}),
      );
      expect(await heard).toEqual([27_000_000, 3]);
    } finally {
      await site.close();
    }
  });

  it('names what a policy has to allow', () => {
    expect(found.get('no WebAssembly')!.error).toContain(
      "no WebAssembly may be compiled here: a page's Content-Security-Policy must allow 'wasm-unsafe-eval' in its script-src (or default-src)",
    );
  });

  it('calls its classes by their names', () => {
    const { wrong, names } = found.get('names')!.value as { wrong: string[]; names: string[] };
    expect(wrong).toEqual([]);
    expect(names).toEqual(['Tensor', 'Tensor', 'Linear']);
  });

  it('fetches the engine again when that failed', () => {
    const [first, second, value, asked] = found.get('a failed fetch')!.value as [
      string,
      string,
      string,
      number,
    ];
    expect(first).toMatch(/^RuntimeError: cannot fetch .*the network is gone/);
    expect([second, value, asked]).toEqual(['nothing', 'tensor(2.)', 2]);
  });
});
