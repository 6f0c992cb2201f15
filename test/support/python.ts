import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A Python with PyTorch, NumPy and safetensors, to exchange files with. */
export const python = process.env.FLAMBEAU_PYTHON;
if (!python) console.warn('FLAMBEAU_PYTHON is not set; exchange with Python is not tested');

/** A folder for one test file's files, and Python running in it. */
export function exchange(): { at: (name: string) => string; folder: string; run: (code: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-exchange-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    at: (name) => join(folder, name),
    run: (code) => execFileSync(python!, ['-c', code], { cwd: folder, encoding: 'utf8' }),
  };
}
