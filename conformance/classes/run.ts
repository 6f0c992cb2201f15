/** Carries out the records of a class. */

import { camelCase, lookUp, Missing } from '../library.js';
import { loosened } from '../run.js';
import { type Constructor, type Subject, type Way, ways } from './construct.js';
import { type ClassRecord, type Recording, readClass } from './corpus.js';
import { checkDistribution, checkKl, checkMadeDistribution } from './distribution.js';
import { checkError } from './errors.js';
import { checkForward, checkMadeModule, drawsNumbers } from './module.js';
import { checkMadeOptimizer, checkResumedSteps, checkSteps } from './optimizer.js';
import { type ClassOutcome, count, newOutcome, type Verdict } from './report.js';
import { checkMadeScheduler, checkResumedSchedule } from './scheduler.js';
import { Values } from './values.js';

/** The library's name for PyTorch's `path`: `torch.optim.lr_scheduler.StepLR` → `torch.optim.lrScheduler.StepLR`. */
export function find(path: string): unknown {
  return lookUp(path.split('.').slice(1).map(camelCase));
}

export function findClass(path: string): Constructor | null {
  try {
    const found = find(path);
    return typeof found === 'function' ? (found as Constructor) : null;
  } catch (error) {
    if (error instanceof Missing) return null;
    throw error;
  }
}

export interface Choice {
  /** Only one in so many records. */
  readonly every?: number;
  /** Where tensors lie; on another device than the CPU errors are not asked for. */
  readonly device?: string;
  /** Only what every device must do alike: records without float64, and without numbers drawn on the way. */
  readonly isPortable?: boolean;
}

const hasFloat64 = (record: ClassRecord): boolean => /float64|complex128/.test(JSON.stringify(record));

/** Carries out the records of one class. */
export async function runClass(folder: string, stem: string, choice: Choice = {}): Promise<ClassOutcome> {
  const { every = 1, device = 'cpu', isPortable = false } = choice;
  const recording = readClass(folder, stem);
  const Class = findClass(recording.header.path);
  const outcome = newOutcome(stem, recording.header.path, Class !== null);
  const chosen = recording.cases
    .filter(({ kind }) => device === 'cpu' || kind !== 'error')
    .filter((_, i) => i % every === every - 1);
  for (const record of chosen) {
    if (isPortable && (hasFloat64(record) || (await isDrawn(recording, record, Class)))) continue;
    count(outcome, record, await check(recording, record, Class, find, device));
  }
  return outcome;
}

async function isDrawn(
  { header: { signature }, store }: Recording,
  record: ClassRecord,
  Class: Constructor | null,
): Promise<boolean> {
  if (Class === null || record.kind !== 'module') return false;
  return drawsNumbers({ Class, signature, values: () => new Values(record, store), find, record }).catch(
    () => false,
  );
}

/** @param lookup finds other classes; the library's own unless a test has others */
export async function check(
  { header: { path, signature }, store }: Pick<Recording, 'header' | 'store'>,
  record: ClassRecord,
  Class: Constructor | null,
  lookup: Subject['find'] = find,
  device = 'cpu',
): Promise<Verdict> {
  if (Class === null) return { problem: `${path} is missing` };
  const allowed = device === 'cpu' ? record : loosened(record);
  const subject = { Class, signature, values: () => new Values(allowed, store, device), find: lookup };
  switch (record.kind) {
    case 'module':
      return checkAll({ ...subject, record }, checkMadeModule, (one) => checkForward(one));
    case 'optimizer':
      return checkAll({ ...subject, record }, checkMadeOptimizer, checkSteps, checkResumedSteps);
    case 'scheduler':
      return checkAll({ ...subject, record }, checkMadeScheduler, checkResumedSchedule);
    case 'distribution':
      return checkAll({ ...subject, record }, checkMadeDistribution, checkDistribution);
    case 'kl':
      return { problem: await settle(() => checkKl({ ...subject, record })) };
    case 'error':
      return { problem: await settle(async () => checkError({ ...subject, record })) };
  }
}

/** Constructs in each of the ways, then looks at what the object does. */
async function checkAll<R extends ClassRecord>(
  subject: Subject<R>,
  checkMade: (subject: Subject<R>, way: Way) => Promise<string | null>,
  ...checks: readonly ((subject: Subject<R>) => Promise<string | null>)[]
): Promise<Verdict> {
  const made: Partial<Record<Way, string | null>> = {};
  let problem: string | null = null;
  for (const way of ways) {
    const found = await settle(() => checkMade(subject, way));
    made[way] = found;
    problem ??= found === null || way === 'as given' ? found : `${way}: ${found}`;
  }
  for (const one of checks) problem ??= await settle(() => one(subject));
  return { problem, made: made as Record<Way, string | null> };
}

async function settle(body: () => Promise<string | null>): Promise<string | null> {
  try {
    return await body();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}
