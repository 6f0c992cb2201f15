/** A learning-rate scheduler: what it sets in each group step by step, and that it can be taken up again. */
import { torch } from '../library.js';
import { argumentsFor, type Subject, type Way } from './construct.js';
import type { GroupValues, SchedulerRecord } from './corpus.js';
import { compareText, firstProblem } from './values.js';

/** The part of a scheduler and its optimizer that the runner uses. */
interface AnyScheduler {
  step(metric?: number): void;
  getLastLr(): readonly number[];
  stateDict(): Readonly<Record<string, unknown>>;
  loadStateDict(state: Readonly<Record<string, unknown>>): void;
}

interface Group {
  readonly lr: number;
  readonly momentum?: number;
  readonly betas?: readonly [number, number];
}

type AnyOptimizer = torch.optim.Optimizer;

interface Pair {
  readonly optimizer: AnyOptimizer;
  readonly scheduler: AnyScheduler;
}

/** Two groups with learning rates 0.1 and 0.02, as the recording's header says. */
function makeOptimizer(name: string, find: Subject['find']): AnyOptimizer {
  const Class = find(`torch.optim.${name}`) as new (groups: object[], options: object) => AnyOptimizer;
  const group = (size: number, lr: number) => {
    const parameter = new torch.nn.Parameter(torch.zeros(size));
    parameter.grad = torch.zeros(size);
    return { params: [parameter], lr };
  };
  return new Class(
    [group(2, 0.1), group(3, 0.02)],
    name === 'SGD' ? { lr: 0.1, momentum: 0.9 } : { lr: 0.1 },
  );
}

const { lrScheduler } = torch.optim;

/** Values that stand as Python's text in the recording. */
const written: Readonly<Record<string, (optimizer: AnyOptimizer) => AnyScheduler>> = {
  'LambdaLR(o, lr_lambda=[lambda e: 0.95 ** e, lambda e: 1 / (e + 1)])': (o) =>
    new lrScheduler.LambdaLR(o, [(epoch) => 0.95 ** epoch, (epoch) => 1 / (epoch + 1)]),
  'SequentialLR(o, [LinearLR(o, start_factor=0.1, total_iters=4), CosineAnnealingLR(o, T_max=8)], [4])': (
    o,
  ) =>
    new lrScheduler.SequentialLR(
      o,
      [
        new lrScheduler.LinearLR(o, { startFactor: 0.1, totalIters: 4 }),
        new lrScheduler.CosineAnnealingLR(o, 8),
      ],
      [4],
    ),
};

function makePair({ record, Class, signature, values, find }: Subject<SchedulerRecord>, way: Way): Pair {
  const optimizer = makeOptimizer(record.optimizer, find);
  const { python, kwargs = {} } = record;
  if (python !== undefined) {
    const make = written[python];
    if (make === undefined) throw new Error(`the runner has no translation of ${python}`);
    return { optimizer, scheduler: make(optimizer) };
  }
  const args = argumentsFor(way, signature, { args: [], kwargs }, values(), [optimizer]);
  return { optimizer, scheduler: new Class(...args) as unknown as AnyScheduler };
}

/** A scheduler made in one of the ways, through all steps. */
export async function checkMadeScheduler(
  subject: Subject<SchedulerRecord>,
  way: Way,
): Promise<string | null> {
  return checkSchedule(subject, way, null);
}

/** The same with a new pair, made in another way, that takes over the state dicts in the middle. */
export async function checkResumedSchedule(subject: Subject<SchedulerRecord>): Promise<string | null> {
  return checkSchedule(subject, 'as given', subject.record.resume_after ?? null);
}

async function checkSchedule(
  subject: Subject<SchedulerRecord>,
  way: Way,
  resumeAfter: number | null,
): Promise<string | null> {
  const { initial, lrs, metrics, last_lr, state_dict_keys } = subject.record;
  let pair = makePair(subject, way);
  const start = compareGroups(pair.optimizer, initial, 'at the start');
  if (start !== null) return start;
  for (const [s, expected] of lrs.entries()) {
    if (s === resumeAfter) pair = resumed(subject, pair);
    pair.optimizer.step();
    if (metrics === null) pair.scheduler.step();
    else pair.scheduler.step(metrics[s]);
    const problem = compareGroups(pair.optimizer, expected, `after step ${s}`);
    if (problem !== null) return problem;
  }
  const last = pair.scheduler.getLastLr();
  const keys = Object.keys(pair.scheduler.stateDict()).sort();
  return (
    (await firstProblem(last_lr ?? [], (lr, i) => compareNumber(last[i], lr, `getLastLr()[${i}]`))) ??
    (state_dict_keys && compareText(keys.join(), [...state_dict_keys].sort().join(), 'the state dict')) ??
    null
  );
}

function resumed(subject: Subject<SchedulerRecord>, { optimizer, scheduler }: Pair): Pair {
  const next = makePair(subject, 'by name');
  next.optimizer.loadStateDict(optimizer.stateDict());
  next.scheduler.loadStateDict(scheduler.stateDict());
  return next;
}

/** Python's and JavaScript's sines and powers may differ in the last bit. */
const relative = 1e-12;

function compareNumber(actual: number | undefined, expected: number, what: string): string | null {
  const isClose =
    actual !== undefined && Math.abs(actual - expected) <= relative * Math.abs(expected) + 1e-15;
  return isClose ? null : `${what} is ${actual} instead of ${expected}`;
}

function compareGroups(
  { paramGroups }: AnyOptimizer,
  expected: readonly GroupValues[],
  when: string,
): string | null {
  for (const [i, [lr, momentum, betas]] of expected.entries()) {
    const group = paramGroups[i] as Group;
    const pairs: [string, number | undefined, number][] = [['lr', group.lr, lr]];
    if (momentum !== null) pairs.push(['momentum', group.momentum, momentum]);
    for (const [j, beta] of (betas ?? []).entries()) pairs.push([`betas[${j}]`, group.betas?.[j], beta]);
    for (const [name, actual, value] of pairs) {
      const problem = compareNumber(actual, value, `${name} of group ${i} ${when}`);
      if (problem !== null) return problem;
    }
  }
  return null;
}
