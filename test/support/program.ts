import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The folder of the package, whose name programs import. */
export const root = new URL('../..', import.meta.url);

/** Runs a program in a process of its own; one that hangs is killed, and then this rejects. */
export function node(
  script: string,
  args: readonly string[] = [],
): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [...args, '--input-type=module', '-e', script], {
    cwd: root,
    timeout: 50_000,
  });
}
