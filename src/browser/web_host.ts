/** Browsers and servers at the edge have this for the library: the engine as WebAssembly, files by `fetch`, the console. */
import { CpuBackend } from '../backends/cpu/backend.js';
import type { WasmEngine } from '../backends/cpu/engine.js';
import type { InitOptions } from '../backends/cpu/engine_source.js';
import { registerBackend } from '../core/backends.js';
import { NotImplementedError } from '../core/errors.js';
import { type HostProgress, notStarted, useHost } from '../core/host.js';
import { importModule } from '../core/import_module.js';
import * as files from './fetched_files.js';

let started: WasmEngine | null = null;

/** Remembers the first start, which further calls wait for; one that has failed can be tried again. */
export function startOnce(
  startEngine: (options?: InitOptions) => Promise<WasmEngine>,
): (options?: InitOptions) => Promise<void> {
  let starting: Promise<void> | null = null;
  return (options) => {
    starting ??= startEngine(options).then(
      (engine) => {
        started = engine;
      },
      (error) => {
        starting = null;
        throw error;
      },
    );
    return starting;
  };
}

function engine(): WasmEngine {
  if (started === null) throw notStarted();
  return started;
}

const progress: HostProgress = {
  stream: { isTTY: false, write: (text) => console.log(text.trimEnd()) },
  bars: () => refuse('a progress bar is drawn on a terminal, which a browser has not'),
};

useHost({
  engine,
  files,
  progress: () => progress,
  workers() {
    throw new NotImplementedError('DataLoader: worker threads need Node; use numWorkers: 0 in browsers');
  },
  folders(reader) {
    throw new NotImplementedError(
      `${reader} reads a folder's files only in Node; elsewhere, await ${reader}.open(…) with the folder's URL or with File objects`,
    );
  },
  downloads: () =>
    refuse(
      'data sets are not downloaded in browsers: open them from the URL of a folder, or from File objects',
    ),
  images: async () => (await import('../vision/io/canvas_images.js')).codec,
  system: () => ({
    version: null,
    runtime: `${globalThis.navigator?.userAgent ?? 'unknown'}${globalThis.crossOriginIsolated ? ', cross-origin isolated' : ''}`,
    os: 'that of a browser',
    cpu: `${globalThis.navigator?.hardwareConcurrency ?? 'unknown'} threads`,
    memory: 'unknown',
  }),
  module: (name) => name,
  import: importModule,
});
registerBackend('cpu', () => new CpuBackend(engine()));

async function refuse(why: string): Promise<never> {
  throw new NotImplementedError(why);
}
