/** Carries out one case and says what differs from the recording. */
import { call } from './call.js';
import {
  compareMeta,
  compareTensor,
  compareValue,
  itemsOf,
  leavesOf,
  type Tolerance,
  tensorsOf,
} from './compare.js';
import type { Case, Header, Json, Step, Variant } from './corpus.js';
import { copies, namesAnyOfEquals, overlapsItself } from './exceptions.js';
import { Inputs } from './inputs.js';
import { torch } from './library.js';
import { checkOnMeta } from './meta.js';

/** Differences, first of everything and then of the gradients alone; null where there are none. */
export interface Verdict {
  readonly problem: string | null;
  /** Undefined where no gradients are recorded. */
  readonly gradient?: string | null;
}

export async function check(variant: Variant, record: Case, device: string): Promise<Verdict> {
  if (device === 'meta') return { problem: await settle(async () => checkOnMeta(variant, record)) };
  torch.manualSeed(0);
  const made = () => new Inputs(record, variant.store, device);
  if (record.kind === 'error') return { problem: await settle(() => checkError(record, made())) };
  let gradient: string | null | undefined = record.grad === undefined ? undefined : 'not reached';
  let problem: string | null;
  try {
    const inputs = made();
    const result = await run(record, inputs);
    problem = await checkResult(record, record.out, result, inputs);
    if (record.grad !== undefined && (problem === null || variant.header.gauge)) {
      gradient = await settle(() => checkGradients(record, result, inputs));
      // The raw outputs of these are not unique: the recording's form of them decides.
      if (variant.header.gauge && record.grad.post !== undefined) problem = gradient;
    }
  } catch (error) {
    problem = explain(error);
  }
  problem ??= await settle(() => checkForms(variant.header, record, made));
  return { problem: problem ?? gradient ?? null, gradient };
}

function explain(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

async function settle(body: () => Promise<string | null>): Promise<string | null> {
  try {
    return await body();
  } catch (error) {
    return explain(error);
  }
}

/** The result of a call, or a promise of it where the device must be waited for. */
function runStep({ fn, args, kwargs }: Step, inputs: Inputs): unknown {
  return call(
    fn,
    args.map((a) => inputs.decode(a)),
    inputs.options(kwargs),
    inputs.waits,
  );
}

async function run(record: Case, inputs: Inputs): Promise<unknown> {
  if (record.fn !== null) return runStep(record as Step, inputs);
  for (const step of record.steps ?? []) inputs.steps.push(await runStep(step, inputs));
  return record.ret === undefined ? null : inputs.decode(record.ret);
}

async function checkError(record: Case, inputs: Inputs): Promise<string | null> {
  const expected = `${record.type} '${record.message}'`;
  try {
    await run(record, inputs);
  } catch (error) {
    const { name, message } = error as Error;
    if (name === record.type && new RegExp(record.regex!, 's').test(message)) return null;
    return `${name} '${message}' instead of ${expected}`;
  }
  return `no error instead of ${expected}`;
}

/** Compares a tree of results, and whether they share memory with inputs as recorded. */
async function checkResult(
  record: Case,
  tree: Json,
  actual: unknown,
  inputs: Inputs,
): Promise<string | null> {
  const items = itemsOf(tree);
  if (items !== null) {
    if (inputs.waits) actual = await withRecordedChoice(record, items, actual, inputs);
    if (!Array.isArray(actual) || actual.length !== items.length)
      return `there are ${Array.isArray(actual) ? actual.length : 'no'} results instead of ${items.length}`;
    for (const [i, item] of items.entries()) {
      const problem = await checkResult(record, item, actual[i], inputs);
      if (problem !== null) return problem;
    }
    return null;
  }
  if (tree !== null && typeof tree === 'object' && 'meta' in tree)
    return compareMeta(actual, (tree as unknown as { meta: { d: string; s: number[] } }).meta, 'the result');
  const tolerance = record.tol ?? [0, 0];
  if (tree === null || typeof tree !== 'object' || !('t' in tree))
    return compareValue(actual, inputs.decode(tree), tolerance);
  const position = (tree as { t: number }).t;
  return (
    checkMemory(record, position, actual, inputs) ??
    (await checkTensor(record, position, actual, inputs, tolerance, 'the result'))
  );
}

/** The recorded positions in place of others at which the same elements are, where any of equals will do. */
async function withRecordedChoice(
  record: Case,
  items: readonly Json[],
  actual: unknown,
  inputs: Inputs,
): Promise<unknown> {
  const { fn, args, kwargs } = record;
  const at = fn === null ? undefined : namesAnyOfEquals[fn];
  if (at === undefined || !Array.isArray(actual) || actual.length !== 2) return actual;
  const [values, indices] = actual as torch.Tensor[];
  const self = inputs.decode(args[0]) as torch.Tensor;
  const { dim = -1 } = inputs.options(at < args.length ? { ...kwargs, dim: args[at] } : kwargs);
  if (self.ndim === 0) return actual;
  const lined = (t: torch.Tensor) => (t.ndim < self.ndim ? t.unsqueeze(dim as number) : t);
  const there = self.gather(dim as number, lined(indices));
  if (!(await there.eq(lined(values)).all().itemAsync())) return actual;
  return [values, inputs.tensor((items[1] as { t: number }).t)];
}

function checkTensor(
  record: Case,
  position: number,
  actual: unknown,
  inputs: Inputs,
  tolerance: Tolerance,
  what: string,
): Promise<string | null> {
  return compareTensor(actual, inputs.tensor(position), record.tensors[position], tolerance, what);
}

/** The memory that a tensor lies in, which users do not see. */
const storageOf = (tensor: torch.Tensor): unknown => Reflect.get(tensor, 'storage');

/** Whether a result is a view of the input it should be a view of, at its place, or of none. */
function checkMemory(record: Case, position: number, actual: unknown, inputs: Inputs): string | null {
  if (!(actual instanceof torch.Tensor)) return null;
  const { al, oo = 0 } = record.tensors[position];
  if (al !== undefined) {
    if (actual.dtype.isComplex && record.fn !== null && record.fn in copies) return null;
    const input = inputs.tensor(al);
    if (storageOf(actual) !== storageOf(input)) return `the result does not share memory with input ${al}`;
    if (actual.storageOffset() !== oo)
      return `the result begins at ${actual.storageOffset()} of its storage instead of ${oo}`;
    return null;
  }
  // Tensors without elements have no memory to share.
  if (actual.numel() === 0) return null;
  const shared = record.tensors.findIndex(
    ({ r }, i) => (r === 'in' || r === 'const') && storageOf(inputs.tensor(i)) === storageOf(actual),
  );
  return shared < 0 ? null : `the result shares memory with input ${shared}, which PyTorch's does not`;
}

async function checkGradients(record: Case, result: unknown, inputs: Inputs): Promise<string | null> {
  const { cots, grads, post } = record.grad!;
  const tolerance = record.tol ?? [0, 0];
  const outputs = leavesOf(result);
  const positions = tensorsOf(record.out);
  let roots: torch.Tensor[];
  if (post === undefined) roots = cots.map(([output]) => outputs[positions.indexOf(output)]);
  else {
    for (const [i, position] of positions.entries()) inputs.replace(position, outputs[i]);
    inputs.steps = [];
    for (const step of post.steps) inputs.steps.push(await runStep(step, inputs));
    const forms = leavesOf(inputs.decode(post.ret));
    for (const [i, position] of tensorsOf(post.out).entries()) {
      const problem = await checkTensor(record, position, forms[i], inputs, tolerance, 'the form');
      if (problem !== null) return problem;
    }
    roots = cots.map(([i]) => forms[i]);
  }
  const wanted = grads.map(([input]) => inputs.tensor(input));
  const cotangents = cots.map(([, cotangent]) => inputs.tensor(cotangent));
  const gradients = torch.autograd.grad(roots, wanted, cotangents, { allowUnused: true });
  for (const [i, [input, expected]] of grads.entries()) {
    // PyTorch leaves a gradient undefined where it is zero anyhow, or the other way round.
    const got = gradients[i] ?? wanted[i].detach().zerosLike();
    const what = `the gradient of input ${input}`;
    const problem =
      expected !== null
        ? await checkTensor(record, expected, got, inputs, tolerance, what)
        : (await got.any().itemAsync())
          ? `${what} is not zero`
          : null;
    if (problem !== null) return problem;
  }
  return null;
}

/** The method and the in-place form, where the recording says what they do. */
async function checkForms(header: Header, record: Case, made: () => Inputs): Promise<string | null> {
  const forms = [
    [header.method, record.method, false],
    [header.inplace, record.inplace, true],
  ] as const;
  for (const [name, expected, isInPlace] of forms) {
    // `wrapper:` names a function of the recording's own.
    if (name === null || name.startsWith('wrapper:') || expected === undefined) continue;
    const problem = await checkForm(name, isInPlace, expected, record, made());
    if (problem !== null) return `${name}: ${problem}`;
  }
  return null;
}

async function checkForm(
  name: string,
  isInPlace: boolean,
  expected: boolean | string,
  record: Case,
  inputs: Inputs,
): Promise<string | null> {
  const mustFail = typeof expected === 'string' && expected.endsWith('Error');
  let [self, ...args] = (record.op_args ?? record.args).map((a) => inputs.decode(a)) as [
    torch.Tensor,
    ...unknown[],
  ];
  const options = inputs.options(record.op_kwargs ?? record.kwargs);
  // A number has no methods, so there is nothing that could fail.
  if (mustFail && !(self instanceof torch.Tensor)) return null;
  if (isInPlace) self = self.detach();
  if (isInPlace && inputs.waits && overlapsItself(self)) return null;
  let result: unknown;
  try {
    result = await call(`torch.Tensor.${name}`, [self, ...args], options, inputs.waits);
  } catch (error) {
    if (mustFail && (error as Error).name === expected) return null;
    return mustFail ? `${explain(error)} instead of a ${expected}` : explain(error);
  }
  if (mustFail) return `no ${expected}`;
  if (isInPlace && result !== self) return 'the result is not self';
  if (expected === true)
    return isInPlace
      ? checkTensor(record, tensorsOf(record.out)[0], result, inputs, record.tol ?? [0, 0], 'the result')
      : checkResult(record, record.out, result, inputs);
  if (typeof expected === 'string' && expected.startsWith('dtype:')) {
    const [position] = tensorsOf(record.out);
    return compareMeta(result, { d: expected.slice(6), s: record.tensors[position].s }, 'the result');
  }
  // "dtype_or_value": something else that the recording does not describe.
  return null;
}
