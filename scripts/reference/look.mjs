// Looks at the built pages in Chromium: accessibility (axe), screens of phones, dark mode, other hosts, the search, an example that runs.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const axe = fileURLToPath(new URL('../../site/node_modules/axe-core/axe.min.js', import.meta.url));
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
const screens = [
  { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
];

/** A page of each kind: what is wrong with one is wrong with all of its kind. */
export const kinds = [
  'index',
  'readme',
  'memory',
  'from-tensorflow',
  'tutorials/basics',
  'mysteries',
  'zh/blitz',
  'reference/index',
  'reference/nn-recurrent',
  'reference/optim',
];

/** @throws Error that lists what is wrong */
export async function lookAtPages(folder, base, hasPlay) {
  const view = await openPages(folder, base);
  try {
    const wrong = [];
    for (const name of kinds) wrong.push(...(await view.problems(name)));
    if (hasPlay) wrong.push(...(await view.runs()));
    wrong.push(...(await view.finds('crossEntropy')));
    if (wrong.length > 0) throw new Error(`${wrong.length} problems:\n${wrong.slice(0, 40).join('\n')}`);
    return `${kinds.length} pages on ${screens.length} screens: nothing is wrong with them.`;
  } finally {
    await view.close();
  }
}

/** Serves the built pages and opens a browser; each question gives what is wrong, as lines. */
export async function openPages(folder, base) {
  const server = await serve(folder, base);
  const origin = `http://localhost:${server.address().port}`;
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' });
  const page = await browser.newPage();
  return {
    async problems(name) {
      const found = [];
      for (const screen of screens) {
        const context = await browser.newContext(screen);
        const lines = await problems(context, `${origin}${base}${name}.html`, origin);
        found.push(...lines.map((text) => `${name}, ${screen.colorScheme}: ${text}`));
        await context.close();
      }
      return found;
    },
    async runs() {
      await page.goto(`${origin}${base}reference/nn-activation.html`);
      return runs(page);
    },
    async finds(name) {
      await page.goto(`${origin}${base}reference/nn-activation.html`);
      return finds(page, name);
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

async function problems(context, address, origin) {
  const found = [];
  const page = await context.newPage();
  page.on('pageerror', ({ message }) => found.push(`throws ${message}`));
  page.on('request', (request) => {
    if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(origin))
      found.push(`asks ${request.url()}`);
  });
  await page.goto(address, { waitUntil: 'load' });
  await page.waitForFunction(() => document.querySelector('#app')?.__vue_app__ !== undefined);
  const text = await page.evaluate(() => document.body.innerText.trim().length);
  if (text < 200) found.push('shows no text');
  await page.addScriptTag({ path: axe });
  const { violations, overflow } = await page.evaluate(async () => {
    const results = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    const wide = [...document.querySelectorAll('.vp-doc > div > *')].find(
      (one) => one.getBoundingClientRect().right > innerWidth + 1,
    );
    return {
      violations: results.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`),
      overflow:
        document.documentElement.scrollWidth > innerWidth
          ? (wide?.outerHTML.slice(0, 120) ?? 'something')
          : null,
    };
  });
  found.push(...violations);
  if (overflow !== null) found.push(`is wider than the screen: ${overflow}`);
  found.push(...(await onPaper(page)));
  await page.close();
  return found;
}

/** Shows the page as it is printed: dark on white, with nothing that only a screen has. */
async function onPaper(page) {
  await page.emulateMedia({ media: 'print' });
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { runOnly: ['color-contrast'] });
    const shown = [...document.querySelectorAll('button, .VPNav, .VPSidebar, .run-bar')].filter(
      (one) => one.getClientRects().length > 0,
    );
    const paper = getComputedStyle(document.body).backgroundColor;
    return [
      ...violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`),
      ...shown.map((one) => `shows ${one.outerHTML.slice(0, 120)}`),
      ...(paper === 'rgb(255, 255, 255)' ? [] : [`is printed on ${paper}`]),
    ];
  });
  return found.map((text) => `on paper: ${text}`);
}

async function runs(page) {
  const example = page.locator('.example').first();
  const before = await example.locator('.language-text code').innerText();
  await example.locator('button.run').click();
  await page.waitForFunction(
    () => /Done|Failed/.test(document.querySelector('.run-status').textContent),
    null,
    { timeout: 120_000 },
  );
  const after = await example.locator('.language-text code').innerText();
  return before.trim() === after.trim() ? [] : [`an example prints ${after}, not ${before}`];
}

async function finds(page, name) {
  await page.waitForFunction(() => document.querySelector('#app')?.__vue_app__ !== undefined);
  await page.keyboard.press('Control+k');
  await page.locator('.VPLocalSearchBox input').fill(name);
  const first = page.locator('.VPLocalSearchBox .result').first();
  await first.waitFor();
  const text = await first.innerText();
  return text.includes(name) ? [] : [`the search for ${name} finds ${text}`];
}

function serve(folder, base) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    let file = join(folder, decodeURIComponent(pathname).slice(base.length));
    const isThere = (path) => statSync(path, { throwIfNoEntry: false });
    if (isThere(file)?.isDirectory()) file = join(file, 'index.html');
    if (!isThere(file)?.isFile()) return response.writeHead(404).end();
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    return createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, () => resolve(server)));
}
