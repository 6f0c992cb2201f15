import type { Progress } from '../../io/download_progress.js';

export type { Progress };

export interface DownloadOptions {
  /** Whether to show a progress bar; or a function that is told how many bytes there are, of how many. */
  progress?: Progress;
  /** Ends the download. */
  signal?: AbortSignal | null;
}
