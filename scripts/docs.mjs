// `npm run docs`: the documentation as pages. Texts are docs/ and README.md, the reference is written from declarations, rows and examples.

import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const site = path('../site');
const pages = path('../site/pages');

const usage = `The documentation as pages.

usage: npm run docs -- [options]

  --serve           builds, then serves what was built
  --dev             serves the pages and shows changes of the theme at once
  --port N          port to serve at (default: 4173)
  --base PATH       where the pages lie on their server, as GitHub Pages has them: /flambeau/ (default: /)
  --site URL        the server's address, for programs that show links to the pages of web/
  --out DIR         folder to write to (default: out/docs)
  --no-play         leaves the pages of web/ away, and with them what runs examples
  --pages           writes the Markdown alone, to site/pages
  --record          runs the examples of site/examples and writes down what they print
  --check           looks at the built pages in Chromium: axe, phones, dark mode, search, an example that runs
  --picture         runs the README's first program and draws docs/spirals.svg
  --help            shows this`;

function command(args, cwd, environment = {}) {
  const { status } = spawnSync(args[0], args.slice(1), {
    cwd,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`${args.join(' ')} failed`);
}

async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      serve: { type: 'boolean' },
      dev: { type: 'boolean' },
      port: { type: 'string', default: '4173' },
      base: { type: 'string', default: '/' },
      site: { type: 'string' },
      out: { type: 'string', default: path('../out/docs') },
      'no-play': { type: 'boolean' },
      pages: { type: 'boolean' },
      record: { type: 'boolean' },
      picture: { type: 'boolean' },
      check: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(usage);
  if (!existsSync(path('../dist/index.js')))
    throw new Error('The library is not built: run `npm run build` first.');
  if (values.record) return (await import('./reference/record.mjs')).recordExamples();
  if (values.picture) return console.log(await (await import('./reference/picture.mjs')).drawPicture());
  const base = `/${values.base}/`.replace(/\/+/g, '/');
  const hasPlay = !values['no-play'];
  rmSync(pages, { recursive: true, force: true });
  const { writePages } = await import('./reference/site.mjs');
  await writePages(pages, { base, hasPlay });
  if (values.pages) return;
  if (!existsSync(`${site}/node_modules`))
    command(['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts'], site);
  const press = (...more) =>
    command([process.execPath, `${site}/node_modules/vitepress/bin/vitepress.js`, ...more], site, {
      FLAMBEAU_DOCS_OUT: values.out,
    });
  if (values.dev) return press('dev', '.', '--port', values.port, '--base', base);
  press('build', '.', '--base', base);
  // GitHub Pages would leave out what begins with an underscore.
  writeFileSync(`${values.out}/.nojekyll`, '');
  if (hasPlay)
    command(
      [
        ...[process.execPath, path('web.mjs'), '--build', '--out', `${values.out}/play`],
        ...(values.site === undefined ? [] : ['--site', new URL(`${base}play`, values.site).href]),
      ],
      path('..'),
    );
  const { checkLinks } = await import('./reference/links.mjs');
  console.log(checkLinks(values.out, base));
  if (values.check)
    console.log(await (await import('./reference/look.mjs')).lookAtPages(values.out, base, hasPlay));
  if (values.serve) press('serve', '.', '--port', values.port, '--base', base);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
