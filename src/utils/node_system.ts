/** Node's description of itself and of the machine. Node's alone. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type, version } from 'node:os';
import { findPackageFile } from '../core/package_files.js';
import type { SystemInfo } from './collect_env.js';

export function system(): SystemInfo {
  const file = findPackageFile('../package.json');
  const found = file === null ? null : (JSON.parse(readFileSync(file, 'utf8')) as { version?: string });
  const { model = 'unknown' } = cpus()[0] ?? {};
  return {
    version: found?.version ?? null,
    runtime: `Node.js ${process.versions.node} (V8 ${process.versions.v8})`,
    os: `${type()} ${release()} ${process.arch} (${version()})`,
    cpu: `${model.trim()}, ${availableParallelism()} available`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GB`,
  };
}
