import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** The package's entries beside the library itself: folders of `src/`, each with an `index.ts` and a `types.ts`, imported as `flambeau/vision`. */
export const entries = Object.values(exports).flatMap(({ types }) => {
  const [, name] = /^\.\/dist\/(\w+)\/index\.d\.ts$/.exec(types) ?? [];
  return name === undefined ? [] : [name];
});
