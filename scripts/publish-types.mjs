// Writes dist/types.d.ts: every type of the modules that the published types are made of, by its name. What appears in a
// signature can so be named by users, and by their compiler when it writes declarations of what they export.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';

export function publishTypes() {
  const from = new Map();
  const lines = [];
  for (const file of reached('dist/index.d.ts')) {
    const names = [];
    for (const [, , name] of readFileSync(file, 'utf8').matchAll(declaration)) {
      const other = from.get(name);
      // Functions' overloads and merged declarations give a name more than once.
      if (other === file) continue;
      if (other !== undefined) throw new Error(`two types have the name ${name}: in ${other} and in ${file}`);
      from.set(name, file);
      names.push(name);
    }
    if (names.length > 0)
      lines.push(
        `export type { ${names.sort().join(', ')} } from './${posix.relative('dist', file).replace(/\.d\.ts$/, '.js')}';`,
      );
  }
  writeFileSync(
    'dist/types.d.ts',
    `${readFileSync('dist/types.d.ts', 'utf8').split('export')[0]}${lines.sort().join('\n')}\n`,
  );
}

const declaration = /^export (?:declare )?(?:abstract )?(class|interface|type|enum) (\w+)/gm;
const reference = /(?:from |import\(|import )['"](\.[^'"]*)['"]/g;

/** The declarations that a file refers to, and those that they refer to. */
function reached(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(reference)) {
    const next = posix.join(posix.dirname(file), path.replace(/\.js$/, '.d.ts'));
    if (existsSync(next) && next !== 'dist/types.d.ts') reached(next, found);
  }
  return found;
}
