import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Ends a program when `use` is done. @throws Error if it ends before */
export async function whileRunning<T>(
  name: string,
  program: ChildProcess,
  use: () => Promise<T>,
): Promise<T> {
  const ended = once(program, 'exit');
  try {
    const gone = ended.then(() => Promise.reject(new Error(`${name} has ended`)));
    return await Promise.race([use(), gone]);
  } finally {
    program.kill();
    await ended;
  }
}
