// `npm run test:hosts [-- all]`: tries the package as others have it, in bundlers, test runners, and what runs JavaScript outside of
// browsers, which are installed for it in temporary folders. `all` also takes what is large, which may be named instead: `npm run test:hosts -- next,cloudflare`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [what = 'some', ...more] = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'hosts', ...more],
  { stdio: 'inherit', env: { ...process.env, FLAMBEAU_HOSTS: what } },
);
process.exitCode = status ?? 1;
