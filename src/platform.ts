/** The host of Node: an engine, files, threads, a terminal, and an async context for modes. */
import { CpuBackend } from './backends/cpu/backend.js';
import type { InitOptions } from './backends/cpu/engine_source.js';
import { loadEngine, startEngine } from './backends/cpu/load_engine.js';
import { registerBackend } from './core/backends.js';
import { type Context, useAsyncContext } from './core/context.js';
import { notStarted, useHost } from './core/host.js';
import { showTensors } from './core/jupyter.js';
import { optionalPackage } from './core/optional_package.js';
import { moduleUrl } from './core/package_files.js';
import { cacheFolder } from './hub/cache_folder.js';
import * as files from './io/file_system.js';
import { LoaderWorkers } from './utils/data/loader_workers.js';
import { importUserModule } from './utils/data/user_module.js';
import { system } from './utils/node_system.js';
import * as folders from './vision/datasets/folders.js';

if (typeof process?.getBuiltinModule !== 'function')
  throw new Error(
    `flambeau needs Node 20.19 or later, or what is as good; this is ${globalThis.process?.version ?? 'something else'}`,
  );

let mayStart = false;

/** Lets the engine start when it is first used. */
export function startWhenUsed(): void {
  mayStart = true;
}

/** Starts the engine now. */
export async function init(options?: InitOptions): Promise<void> {
  await startEngine(options);
  mayStart = true;
}

function engine() {
  if (!mayStart) throw notStarted();
  return loadEngine();
}

useHost({
  engine,
  files,
  progress: () => ({
    stream: process.stderr,
    bars: async () =>
      (await optionalPackage<{ default: typeof import('cli-progress') }>('cli-progress', 'a progress bar'))
        .default,
  }),
  workers: (setup) => new LoaderWorkers(setup),
  folders: () => folders,
  cacheFolder,
  checkpoints: () => import('./hub/checkpoint_files.js'),
  downloads: () => import('./vision/datasets/download.js'),
  images: async () => (await import('./vision/io/sharp_images.js')).codec,
  system,
  module: moduleUrl,
  import: importUserModule,
});
showTensors();
registerBackend('cpu', () => new CpuBackend(engine()));
const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');
useAsyncContext(new AsyncLocalStorage<Context>());
