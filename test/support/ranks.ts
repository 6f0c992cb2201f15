/** Programs that several ranks run: threads of this process, which share memory. */
import { Worker } from 'node:worker_threads';
import { makeShared } from './shared_world.mjs';

/**
 * Runs a function of a program by so many ranks, and gives what each returned.
 *
 * @param program the file; the function gets `(given, torch, dist)`
 */
export async function byRanks<T>(
  size: number,
  program: URL,
  name: string,
  given: unknown = null,
): Promise<T[]> {
  const shared = makeShared(size);
  const workers: Worker[] = [];
  const results = Array.from({ length: size }, (_, rank) => {
    const worker = new Worker(new URL('./rank_thread.mjs', import.meta.url), {
      workerData: { shared, rank, program: program.href, name, given },
    });
    workers.push(worker);
    return new Promise<T>((resolve, reject) => {
      worker.on('message', resolve);
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error(`rank ${rank} has ended without a result`)));
    });
  });
  try {
    return await Promise.all(results);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
