/** Progress of downloads. */
import { ProgressBar } from '../utils/progress.js';
/** Whether to show a progress bar; or a function that is told how many bytes there are, of how many. */
export type Progress = boolean | ((received: number, total: number | null) => void);

/** Tells of a download's progress. */
export async function progressOf(
  progress: Progress,
  total: number | null,
  description: string,
): Promise<{ received(n: number): void; end(): void }> {
  if (typeof progress === 'function') return { received: (n) => progress(n, total), end() {} };
  if (!progress) return { received() {}, end() {} };
  const bar = await ProgressBar.start(total ?? 0, { description, bytes: true });
  return { received: (n) => bar.set(n), end: () => bar.stop() };
}
