// What the machine itself can do, measured by a program that the system's compiler makes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The most float32 operations in a second (a multiply-add is two), and the most bytes copied, from as many threads; null without a compiler.
 * @returns {{ operations: number, copied: number } | null}
 */
export function limitsOf(threads) {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-limits-'));
  const program = join(folder, 'limits');
  try {
    const source = fileURLToPath(new URL('limits.cc', import.meta.url));
    const flags = ['-std=c++17', '-O2', '-march=native', '-ffp-contract=fast', '-pthread'];
    execFileSync(process.env.CXX ?? 'c++', [...flags, source, '-o', program], { stdio: 'ignore' });
    return JSON.parse(execFileSync(program, [String(threads)], { encoding: 'utf8' }));
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
