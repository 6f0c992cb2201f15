/** What Node offers: an engine, files, threads, a terminal, and an async context for modes. */
import { CpuBackend } from './backends/cpu/backend.js';
import { loadEngine } from './backends/cpu/load.js';
import { registerBackend } from './core/backends.js';
import { type Context, useAsyncContext } from './core/context.js';
import { useHost } from './core/host.js';
import * as folders from './datasets/folders.js';
import * as files from './io/file_system.js';
import { LoaderWorkers } from './utils/data/loader_workers.js';

useHost({
  engine: loadEngine,
  files,
  progress: () => ({ stream: process.stderr, bars: async () => (await import('cli-progress')).default }),
  workers: (setup) => new LoaderWorkers(setup),
  folders: () => folders,
  downloads: () => import('./datasets/download.js'),
});
registerBackend('cpu', () => new CpuBackend(loadEngine()));
const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');
useAsyncContext(new AsyncLocalStorage<Context>());
