import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

interface Failure {
  format: string;
  index: number;
  kind: string;
}
interface Report {
  inputs: number;
  failures: Failure[];
  results: { format: string; inputs: number; loaded: number; refused: Record<string, number> }[];
}

/** The program of `npm run fuzz`, in processes of its own. It ends with 1 where there are failures. */
async function fuzz(...args: string[]): Promise<Report> {
  const main = fileURLToPath(new URL('fuzz/main.mjs', import.meta.url));
  const run = promisify(execFile)(process.execPath, [main, '--json', ...args], { maxBuffer: 2 ** 26 });
  const { stdout } = await run.catch((error: { stdout?: string }) => {
    if (!error.stdout) throw error;
    return error as { stdout: string };
  });
  return JSON.parse(stdout) as Report;
}

it('a sample of mutants does no harm to any reader', { timeout: 300_000 }, async () => {
  const { inputs, failures, results } = await fuzz('--inputs', '3000');
  expect(failures).toEqual([]);
  expect(inputs).toBe(3000);
  for (const { format, loaded, refused } of results) {
    // Mutants that are all good, or all refused at the door, would test nothing.
    expect([format, loaded > 0, Object.keys(refused).length > 0]).toEqual([format, true, true]);
  }
});

it('the fuzzer finds every kind of fault', { timeout: 300_000 }, async () => {
  const { failures } = await fuzz('--format', 'selfcheck', '--inputs', '8', '--stall', '2');
  const kinds = new Map(failures.map(({ index, kind }) => [index, kind]));
  expect(Object.fromEntries(kinds)).toMatchObject({
    1: 'error',
    3: 'wrong',
    4: 'slow',
    5: 'crash',
    6: 'hang',
  });
  expect(failures.some(({ index, kind }) => index === 2 && kind === 'memory')).toBe(true);
  expect(kinds.has(0) || kinds.has(7)).toBe(false);
});
