import type { Progress } from '../io/download_progress.js';
import type { Readable } from '../io/index.js';

/** A download, and where it is kept. */
export interface Checkpoint {
  readonly url: string;
  /** The folder; in browsers the name of a cache. */
  readonly folder: string;
  readonly fileName: string;
  /** The beginning of the SHA-256 of the file; null: it is not looked at. */
  readonly hashPrefix: string | null;
  readonly progress: Progress;
}

/** Downloads, as a host keeps them. */
export interface Checkpoints {
  /** A downloaded file; it is fetched unless it is there. */
  open(checkpoint: Checkpoint): Promise<Readable>;
  /** Fetches a file to a path. */
  download(url: string, dst: string, hashPrefix: string | null, progress: Progress): Promise<void>;
}
