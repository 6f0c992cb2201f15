// Whether what was built is what would be built again: `npm test` builds after `npm ci` has, mostly of the same sources.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files below these folders, and these files, sorted. */
const filesOf = (places, isMeant) =>
  places
    .filter(existsSync)
    .flatMap((place) =>
      statSync(place).isDirectory()
        ? readdirSync(place, { recursive: true }).map((name) => join(place, name))
        : [place],
    )
    .filter((file) => isMeant(file) && statSync(file).isFile())
    .sort();

/** Sources are told by what is in them, what was built by when it was: a checkout gives all files new times. */
function state({ sources, results, isResult }) {
  const hash = createHash('sha256').update(process.version);
  const isSource = (file) => !results.some((place) => file.startsWith(join(place, '/')));
  for (const file of filesOf(sources, isSource)) hash.update(`\n${file}\n`).update(readFileSync(file));
  for (const file of filesOf(results, isResult)) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`\n${file} ${size} ${Math.floor(mtimeMs)}`);
  }
  return hash.digest('hex');
}

/**
 * Remembers in a file what was made of what.
 * @param of folders and files of the sources, folders of the results, and which files there are results
 */
export class Built {
  constructor(file, of) {
    this.file = file;
    this.of = of;
  }

  isFresh() {
    return existsSync(this.file) && readFileSync(this.file, 'utf8') === state(this.of);
  }

  remember() {
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, state(this.of));
  }
}
