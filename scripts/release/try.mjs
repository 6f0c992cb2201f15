// `node scripts/release/try.mjs FOLDER PLATFORM`: tries packages that another machine has built on this one. It needs nothing but Node.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { check, trial } from './trial.mjs';

const [folder, platform] = process.argv.slice(2);
const tarballs = readdirSync(folder).filter(
  (name) => /^flambeau-\d.*\.tgz$/.test(name) || name.startsWith(`flambeau-${platform}-`),
);
if (tarballs.length !== 2) {
  console.error(`error: ${folder} does not have one package of the library and one for ${platform}`);
  process.exit(1);
}
console.log(
  check(trial(['--omit=optional', ...tarballs.map((name) => resolve(join(folder, name)))]), 'native'),
);
