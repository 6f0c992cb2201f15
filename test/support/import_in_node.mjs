// The library as a program of a user's imports it, in a process of its own; prints what test/node-files.test.ts asks for, as JSON.
import { createRequire } from 'node:module';
import { loadedFiles } from './loaded_files.mjs';
import { refusals } from './refusals_of_all.mjs';

const programs = {
  async first(entries) {
    const torch = await import('flambeau');
    for (const entry of entries) await import(`flambeau${entry.slice(1)}`);
    torch.ones(2).add(1).sum().item();
    return loadedFiles();
  },

  async names(entries) {
    const modules = {};
    for (const entry of entries) {
      const library = await import(`flambeau${entry.slice(1)}`);
      modules[entry] = Object.keys(library).sort();
    }
    const { Tensor } = await import('flambeau');
    return { modules, methods: Object.getOwnPropertyNames(Tensor.prototype).sort() };
  },

  async refusals() {
    return refusals(await import('flambeau'));
  },

  async copies(entries) {
    const require = createRequire(import.meta.url);
    const isSame = [];
    for (const entry of entries) {
      const name = `flambeau${entry.slice(1)}`;
      const imported = await import(name);
      const required = require(name);
      isSame.push(Object.keys(imported).every((key) => Object.is(imported[key], required[key])));
    }
    return { isSame, files: loadedFiles() };
  },

  async worker() {
    const torch = await import('flambeau');
    const { transforms } = await import('flambeau/vision');
    const { DataLoader, TensorDataset, workerDataset } = torch.utils.data;
    const sent = new TensorDataset(torch.ones(1, 2));
    const transform = new transforms.Compose([new transforms.ToTensor()]);
    const module = new URL('./seen_by_worker.mjs', import.meta.url);
    const set = await workerDataset(module, 'Seen', sent, transform);
    for await (const [seen] of new DataLoader(set, { numWorkers: 1, collateFn: (items) => items }))
      return seen;
  },

  /** A worker whose data set asks for nothing of the library. */
  async bareWorker() {
    const { workerDataset, DataLoader } = (await import('flambeau')).utils.data;
    const set = await workerDataset(new URL('./loaded_files.mjs', import.meta.url), 'loadedFilesSet');
    for await (const [files] of new DataLoader(set, { numWorkers: 1, collateFn: (items) => items }))
      return files;
  },
};
const [, , program, ...given] = process.argv;
console.log(JSON.stringify(await programs[program](given)));
