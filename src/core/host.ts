import type { Engine } from '../backends/cpu/engine.js';
import type { ByteSource } from '../io/byte_source.js';
import type { Sink } from '../io/bytes.js';
import { RuntimeError } from './errors.js';
import type { TextStream } from './text_stream.js';

/**
 * The place where the library runs, as far as it asks. The entries bring it (platform.ts in Node, browser/platform.ts in browsers), so that nothing
 * that a browser loads imports a module of Node's. Modules that ask for more add it where they define that.
 */
export interface Host {
  /** The CPU engine of this thread. */
  engine(): Engine;
  /** The files that paths and URLs name. */
  readonly files: HostFiles;
  /** Where progress is shown. */
  progress(): HostProgress;
  /** The URL of one of the library's modules, by its path in `dist/`, for worker threads to import. */
  module(path: string): string;
  /** Imports a module of the user's. */
  import(name: string): Promise<Record<string, unknown>>;
}

export interface HostFiles {
  /** Whether paths name files of a file system, which can also be read synchronously. */
  readonly isFileSystem: boolean;
  open(file: string | URL): Promise<ByteSource>;
  /** As `open`; null where there is no such file. */
  openIfThere(file: string | URL): Promise<ByteSource | null>;
  /**
   * Lets `write` write a file, which appears whole or not at all.
   * @param write is given the file's name without its extension
   */
  write(file: string | URL, write: (sink: Sink, name: string) => Promise<void>): Promise<void>;
}

export interface HostProgress {
  readonly stream: TextStream;
  /** Draws bars where the stream is a terminal. */
  bars(): Promise<typeof import('cli-progress')>;
}

let current: Host | null = null;

export function useHost(host: Host): void {
  current = host;
}

export function host(): Host {
  if (current === null) throw new RuntimeError("no host is installed; import 'flambeau' itself");
  return current;
}

/** The error for whoever computes before `init`. */
export function notStarted(): RuntimeError {
  return new RuntimeError(
    "the engine of 'flambeau/lazy' has not been started: call and await init() before anything is computed. The entry 'flambeau' needs no such call",
  );
}
