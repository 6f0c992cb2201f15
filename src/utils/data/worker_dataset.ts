import { host } from '../../core/host.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { make, type Portable, portable, registered } from './portable.js';

// The class may be given an object, so that names end where it begins.
const datasetSignature = signature('worker_dataset(Any module, str name, Object *args)');
const functionSignature = signature('worker_function(Any module, str name)');

/**
 * Makes a data set of the user's own so that worker threads can make it, too: closures don't travel, modules do.
 *
 * @param module where it is, as `new URL('./set.js', import.meta.url)`; a `.ts` file needs Node 22.18 or later, or tsx beside it
 * @param name the export: a class to construct, or a function (also async) that returns the data set
 * @param args for the class or function; copied for each worker, except shared memory
 * @example
 * const set = await torch.utils.data.workerDataset(new URL('./set.js', import.meta.url), 'Faces', './faces');
 */
export async function workerDataset<T extends object>(
  module: URL | string,
  name: string,
  ...args: readonly unknown[]
): Promise<T>;
export async function workerDataset(...given: readonly unknown[]): Promise<unknown> {
  const { module, name, args } = datasetSignature.bind(given);
  const description: Portable = { module: String(module), name, args };
  const dataset = (await make(description.module, name, args)) as object;
  registered.set(dataset, description);
  return dataset;
}

/** A function in a module, to be called in workers. */
export class WorkerFunction {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  /** @internal */
  [portable](): Portable {
    return {
      module: host().module('utils/data/portable.js'),
      name: 'exported',
      args: [this.module, this.name],
    };
  }
}

/** Names a function for `DataLoader`'s `workerInitFn`: it is called in each worker with the worker's id. */
export function workerFunction(
  ...args: Arguments<typeof functionSignature, { module: URL | string }>
): WorkerFunction {
  const { module, name } = functionSignature.bind(args);
  return new WorkerFunction(String(module), name);
}
