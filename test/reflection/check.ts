/** Rules for everything that can be called. */
import { expect } from 'vitest';
import * as torch from '../../src/index.js';
import type { Form, Parameter } from './binding.js';
import { byName, byPosition, type Callable, findWorking, tryCall, type Working } from './callable.js';
import { isOwnError, type Outcome } from './compare.js';

function expectRefusal(outcome: Outcome, what: string, naming?: string): void {
  if (!('error' in outcome)) expect.fail(`${what} is silent`);
  const { error } = outcome;
  expect(
    isOwnError(error),
    `${what} throws ${error.constructor.name}: ${error.message}\n${error.stack}`,
  ).toBe(true);
  if (naming !== undefined) expect(error.message, what).toContain(naming);
}

/** Sources of differences from call to call: elements that nothing was written to, and chance itself. */
const isUndetermined = (path: string): boolean =>
  /^(Tensor\.)?(empty|newEmpty|(random\.)?seed$|memoryStats$|ProgressBar|Generator\.seed$|Module\.toEmpty$)/.test(
    path,
  );

/** Names of the caller's own: those of arrays in a file, of axes, and what the constructor of a data set is given. */
const takesAnyName = (path: string): boolean =>
  /^numpy.savez|workerDataset$|^einops\.(rearrange|reduce|repeat|Rearrange|Reduce|EinMix)$/.test(path);

/** Functions that refuse however they are called: without a GPU, or because it is CUDA's. */
const isRefused = (path: string): boolean =>
  (/^(webgpu|accelerator)\./.test(path) && !torch.webgpu.isAvailable()) ||
  /^cuda\.(init|synchronize|[gs]et\w+|currentDevice)$|^(Tensor|Module|PackedSequence)\.cuda$|^Tensor\.pinMemory$|^SummaryWriter\.addVideo$/.test(
    path,
  );

/** Whether any object can be the first argument: then it holds no names unless the first is among them. */
const takesObjects = ({ parameters }: Form): boolean =>
  parameters.length > 0 && /^(Object|Dict)\b/.test(parameters[0].type);

/** Whether these names are all that a form wants. */
const fits = ({ parameters }: Form, names: ReadonlySet<string>): boolean =>
  parameters.every((p) => p.optional || names.has(p.camel)) &&
  [...names].every((name) => parameters.some((p) => p.camel === name));

/**
 * Calls it in every form by position and by name, with a name that there is not, and without each argument that it wants.
 */
export async function check(callable: Callable): Promise<void> {
  const { path, forms } = callable;
  for (const form of forms) {
    if (isRefused(path)) {
      await checkUnknown(callable, {
        form,
        attempt: () => (callable.isRowMethod ? [torch.ones(1)] : []),
        result: '',
      });
      continue;
    }
    const working = await findWorking(callable, form);
    await checkNames(callable, working);
    await checkUnknown(callable, working);
    await checkMissing(callable, working, forms);
  }
  expect(forms.length, path).toBeGreaterThan(0);
}

async function checkNames(callable: Callable, { form, attempt, result }: Working): Promise<void> {
  const outcome = await tryCall(callable, form.parameters, attempt, byName);
  if ('error' in outcome)
    expect.fail(
      `${callable.path} by name throws ${outcome.error.constructor.name}: ${outcome.error.message}`,
    );
  if (!isUndetermined(callable.path)) expect(outcome.result, `${callable.path} by name`).toBe(result);
}

async function checkUnknown(callable: Callable, { form, attempt }: Working): Promise<void> {
  if (takesAnyName(callable.path)) return;
  if (!takesObjects(form)) {
    const alone = await tryCall(callable, form.parameters, attempt, () => [{ noSuchName: 1 }]);
    expectRefusal(alone, `${callable.path}({ noSuchName: 1 })`);
  }
  const give = (parameters: readonly Parameter[], values: readonly unknown[]): unknown[] => {
    const args = byPosition(parameters, values);
    const { length } = parameters.filter((p) => p.keywordOnly);
    return length > 0 && args.length > 0 && values.at(-1) !== undefined && !parameters.at(-1)!.variadic
      ? [...args.slice(0, -1), { ...(args.at(-1) as object), noSuchName: 1 }]
      : [...args, { noSuchName: 1 }];
  };
  const besides = await tryCall(callable, form.parameters, attempt, give);
  expectRefusal(besides, `${callable.path} with noSuchName besides`);
}

async function checkMissing(
  callable: Callable,
  { form, attempt }: Working,
  forms: readonly Form[],
): Promise<void> {
  const { parameters } = form;
  const skip = callable.isRowMethod ? 1 : 0;
  for (const [i, p] of parameters.entries()) {
    // Without it the object of the others is taken for it.
    if (p.optional || i < skip || (i === 0 && takesObjects(form))) continue;
    const without = () => attempt().map((v, k) => (k === i ? undefined : v));
    const values = without();
    const names = new Set(
      parameters.filter((q, k) => !q.variadic && values[k] !== undefined).map((q) => q.camel),
    );
    if (callable.isRowMethod) names.add('input');
    if (forms.some((other) => fits(other, names))) continue;
    const outcome = await tryCall(callable, parameters, without, byName);
    expectRefusal(outcome, `${callable.path} without ${p.camel}`, p.camel);
  }
}
