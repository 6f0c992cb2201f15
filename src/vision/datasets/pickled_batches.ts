/** Pickles of arrays, in which some data sets are. */
import { RuntimeError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { refused } from '../../io/file_errors.js';
import { pickleRules } from '../../io/load_rules.js';
import { elementBytes } from '../../io/raw_elements.js';
import { Rebuilder } from '../../io/rebuilder.js';
import { Unpickler } from '../../io/unpickler.js';
import type { DatasetFile } from './dataset_files.js';

const rules = { inert: false, toDense: false, makers: new Map() };

const noStorage = (): never => {
  throw refused('a storage is described wrongly');
};

/** The dictionary in a pickle, with its arrays as bytes. */
export function readPickle({ path, bytes }: DatasetFile): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    const unpickler = new Unpickler(bytes, pickleRules(rules));
    const read = unpickler.load();
    value = new Rebuilder(noStorage, unpickler.budget, rules).rebuild(read);
  } catch (error) {
    throw new RuntimeError(`${path} is damaged: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null)
    throw new RuntimeError(`${path} is damaged: it holds no dictionary`);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, item instanceof Tensor ? elementBytes(item) : item]),
  );
}
