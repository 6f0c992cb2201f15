/** How calls of everything public are made: arguments that work by position, and the same by name. */
import fc from 'fast-check';
import type { Parameter as RowParameter } from '../../src/dispatch/schema.js';
import * as torch from '../../src/index.js';
import { Caller } from '../properties/arguments.js';
import { World } from '../properties/world.js';
import { samplesOf } from '../support/samples.js';
import type { Form, Parameter } from './binding.js';
import { isOwnError, type Outcome, outcomeOf, written } from './compare.js';
import { candidatesFor, rowValues } from './values.js';

type MaybePromise<T> = T | Promise<T>;

export interface Callable {
  /** Where it is: `nn.functional.relu`, `Tensor.add`. */
  readonly path: string;
  readonly forms: readonly Form[];
  /** Prepares a call: what is called may be made anew for each. What it returns is asked after the call, too. */
  readonly prepare: (first: unknown) => MaybePromise<{
    readonly call: (...args: unknown[]) => unknown;
    readonly on?: unknown;
  }>;
  /** Whether the first parameter is what the method is called on. */
  readonly isRowMethod: boolean;
}

/** One value for each parameter of a form, made anew each time; undefined leaves it out. */
export type Attempt = () => readonly unknown[];

/** The arguments by position as far as that goes, the others by name. */
export function byPosition(parameters: readonly Parameter[], values: readonly unknown[]): unknown[] {
  const args: unknown[] = [];
  const options: Record<string, unknown> = {};
  for (const [i, p] of parameters.entries()) {
    const value = values[i];
    if (p.variadic) args.push(...((value ?? []) as unknown[]));
    else if (!p.keywordOnly) args.push(value);
    else if (value !== undefined) options[p.camel] = value;
  }
  while (args.length > 0 && args.at(-1) === undefined) args.pop();
  return Object.keys(options).length > 0 ? [...args, options] : args;
}

/** All arguments by name; those of which there may be any number have none. */
export function byName(parameters: readonly Parameter[], values: readonly unknown[]): unknown[] {
  const args: unknown[] = [];
  const options: Record<string, unknown> = {};
  for (const [i, p] of parameters.entries()) {
    if (p.variadic) args.push(...((values[i] ?? []) as unknown[]));
    else if (values[i] !== undefined) options[p.camel] = values[i];
  }
  return Object.keys(options).length > 0 ? [...args, options] : args;
}

/** Calls with nothing left of earlier calls; what came of it, and of what it was called on. */
export async function tryCall(
  { prepare, isRowMethod }: Callable,
  parameters: readonly Parameter[],
  attempt: Attempt,
  give: (parameters: readonly Parameter[], values: readonly unknown[]) => unknown[],
): Promise<Outcome> {
  reset();
  const values = attempt();
  const skip = isRowMethod ? 1 : 0;
  const { call, on } = await prepare(values[0]);
  const outcome = await outcomeOf(() => call(...give(parameters.slice(skip), values.slice(skip))));
  const now = written(on);
  reset();
  return 'error' in outcome ? outcome : { result: `${written(outcome.result)}\n${now}` };
}

/** Sets back what calls change for all. */
function reset(): void {
  torch.manualSeed(0);
  torch.setGradEnabled(true);
  torch.setDefaultDtype(torch.float32);
  try {
    torch.autograd.forwardAd.exitDualLevel();
  } catch {
    // No level was entered.
  }
}

function copied(value: unknown): unknown {
  if (value instanceof torch.Tensor) {
    const copy = value.detach().clone();
    return value.requiresGrad && !value.isFloatingPoint() ? copy.requiresGrad_() : copy;
  }
  if (value instanceof torch.Generator) return new torch.Generator().manualSeed(1);
  return Array.isArray(value) ? value.map(copied) : value;
}

/** Attempts for a row: samples for its derivative, then arguments at random. */
function* rowAttempts({ op, parameters }: Form): Generator<Attempt> {
  const known = rowValues(op!.row.module ?? '', op!.schema.name, parameters);
  if (known !== null) yield () => known.map(copied);
  let samples: readonly (readonly unknown[])[] = [];
  try {
    samples = samplesOf(op!).map(({ args }) => args);
  } catch {
    // A row that has no derivative need not have any.
  }
  for (const values of samples) yield () => values.map(copied);
  for (const draw of fc.sample(fc.gen(), { seed: 20260101, numRuns: 150 })) {
    const caller = new Caller(draw, new World(), op!.schema.name);
    const values = parameters.map((p) => caller.value(p as unknown as RowParameter));
    yield () => values.map(copied);
  }
}

/** Whether a call is to be made with it from the start: `fn` has a default only so that its absence has its own words. */
const isWanted = (path: string, { camel, optional, variadic }: Parameter): boolean =>
  !optional ||
  variadic ||
  /^(M(odule|etric)\.to:device|metrics\.(functional\.m|M)ulticlass\w+:numClasses)$/.test(
    `${path}:${camel}`,
  ) ||
  ['fn', 'start', 'v', 'totalSteps', 'probs', 'covarianceMatrix'].includes(camel);

/** Attempts for a signature: values of its parameters' types, alone and mixed. */
function* signatureAttempts(path: string, { parameters }: Form): Generator<Attempt> {
  const choices = parameters.map((p) => (isWanted(path, p) ? candidatesFor(path, p) : []));
  const most = Math.max(1, ...choices.map((list) => list.length));
  const pick =
    (at: (i: number) => number): Attempt =>
    () =>
      choices.map((list, i) => {
        const make = list[at(i) % list.length];
        // Behind others that are given by name there can be none.
        return parameters[i].variadic ? (list.length === 0 || i > 0 ? [] : [make()]) : make?.();
      });
  for (let k = 0; k < most; k++) yield pick(() => k);
  for (let k = 1; k <= 100; k++)
    yield pick((i) => Math.floor(Math.abs(Math.sin(k * 12.9898 + i * 78.233)) * 1e4));
}

export interface Working {
  readonly form: Form;
  readonly attempt: Attempt;
  readonly result: string;
}

/** The arguments by which a form works by position; an error that says what was tried if there are none. */
export async function findWorking(
  callable: Callable,
  form: Form,
  which: 'all' | 'required' = 'all',
): Promise<Working> {
  const attempts = form.op === null ? signatureAttempts(callable.path, form) : rowAttempts(form);
  let first: Error | null = null;
  for (const attempt of attempts) {
    const outcome = await tryCall(callable, form.parameters, attempt, byPosition);
    if ('error' in outcome) {
      first ??= outcome.error;
      // Values of the right types make no trouble; functions of the test's own may.
      if (form.op !== null && !isOwnError(outcome.error)) throw outcome.error;
      continue;
    }
    const working = { form, attempt, result: outcome.result as string };
    return form.op === null && which === 'all' ? withOptions(callable, working) : working;
  }
  throw new Error(
    `no arguments that ${callable.path} takes could be derived (${form.parameters.map((p) => `${p.type} ${p.camel}`).join(', ')}): ${first?.message}`,
    { cause: first },
  );
}

/** Gives the optional parameters values, too: other ones than the defaults where that works. */
async function withOptions(callable: Callable, working: Working): Promise<Working> {
  let { attempt, result } = working;
  const { parameters } = working.form;
  for (const [i, p] of parameters.entries()) {
    if (!p.optional || p.variadic) continue;
    const others = candidatesFor(callable.path, p).filter((make) => make() !== p.default);
    for (const make of [...others, () => p.default]) {
      const before: Attempt = attempt;
      const next = () => before().map((v, k) => (k === i ? make() : v));
      const outcome = await tryCall(callable, parameters, next, byPosition);
      if ('error' in outcome) continue;
      attempt = next;
      result = outcome.result as string;
      break;
    }
  }
  return { form: working.form, attempt, result };
}
