import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Writes only what changed, so that nothing is rebuilt in vain. */
export function emit(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  writeFileSync(path, text);
}
