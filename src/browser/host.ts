/** What browsers offer, in pages and in workers: the engine as WebAssembly, files by `fetch`, the console. */
import { CpuBackend } from '../backends/cpu/backend.js';
import { registerBackend } from '../core/backends.js';
import { NotImplementedError } from '../core/errors.js';
import { type HostProgress, useHost } from '../core/host.js';
import { startEngine } from './engine.js';
import * as files from './files.js';

const engine = await startEngine();

const progress: HostProgress = {
  stream: { isTTY: false, write: (text) => console.log(text.trimEnd()) },
  bars: () => refuse('a progress bar is drawn on a terminal, which a browser has not'),
};

useHost({
  engine: () => engine,
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
});
registerBackend('cpu', () => new CpuBackend(engine));

async function refuse(why: string): Promise<never> {
  throw new NotImplementedError(why);
}
