/** The program of a loader's worker thread: an entry of its own, like `index.ts`. */
import '../../automatic.js';
import '../../ops/index.js';
import { parentPort, workerData } from 'node:worker_threads';
import { takeCompiledEngine } from '../../backends/cpu/load_engine.js';
import { defaultGenerator } from '../../core/generator.js';
import { Collator } from './collate.js';
import { type Fetcher, makeFetcher } from './fetch.js';
import { pack, unpack } from './packing.js';
import { setWorkerInfo } from './worker_info.js';
import type { ErrorMessage, FromWorker, Task, ToWorker, WorkerStart } from './worker_protocol.js';

const start = workerData as WorkerStart;
if (start.engine !== null) takeCompiledEngine(start.engine);
const port = parentPort!;
const collator = new Collator(true);
let dataset: object;
let fetcher: Fetcher | null = null;
/** Why the worker could not start: every task fails with it. */
let broken: ErrorMessage | null = null;

async function begin(): Promise<void> {
  try {
    defaultGenerator.manualSeed(start.seed);
    dataset = (await unpack(start.dataset)) as object;
    setWorkerInfo({ id: start.id, numWorkers: start.numWorkers, seed: start.seed, dataset });
    const init = await unpack(start.init);
    if (typeof init === 'function') await init(start.id);
  } catch (error) {
    broken = describe(error);
  }
}

async function answer(task: Task, indices: readonly number[] | number): Promise<FromWorker> {
  if (broken !== null) return { kind: 'error', task, error: broken };
  try {
    fetcher ??= makeFetcher(dataset, start.isBatched, start.dropLast);
    const fetched = await fetcher.fetch(indices);
    if (fetched.done) return { kind: 'end', task };
    const value = start.collates ? collator.collate(fetched.items as readonly unknown[]) : fetched.items;
    return { kind: 'result', task, value };
  } catch (error) {
    return { kind: 'error', task, error: describe(error) };
  }
}

async function serve(message: ToWorker): Promise<void> {
  if (message.kind === 'restart') {
    fetcher = null;
    return;
  }
  let reply = await answer(message.task, message.indices);
  if (reply.kind === 'result') {
    try {
      const packed = pack(reply.value, false);
      port.postMessage({ ...reply, value: packed.value }, packed.transfer);
      return;
    } catch (error) {
      reply = { kind: 'error', task: message.task, error: describe(error) };
    }
  }
  port.postMessage(reply);
}

function describe(error: unknown): ErrorMessage {
  if (!(error instanceof Error))
    return { name: 'RuntimeError', message: String(error), stack: String(error) };
  // The innermost error's stack is the one that leads to the user's line.
  let origin = error;
  while (origin.cause instanceof Error) origin = origin.cause;
  return { name: error.name, message: error.message, stack: origin.stack ?? origin.message };
}

// Tasks are served one after the other, in the order in which they came.
let last = begin();
port.on('message', (message: ToWorker) => {
  last = last.then(() => serve(message));
});
