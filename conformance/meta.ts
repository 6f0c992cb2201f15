/** The corpus on the device `meta`: what every op says of its results without values, against what the CPU's are. */
import { call } from './call.js';
import { leavesOf, tensorsOf } from './compare.js';
import type { Case, Step, Variant } from './corpus.js';
import { Inputs } from './inputs.js';
import { torch } from './library.js';

/** Dtype, sizes and strides of results, in order. */
function layoutsOf(result: unknown): string[] {
  return leavesOf(result)
    .filter((t) => t instanceof torch.Tensor)
    .map((t) => `${t.dtype} [${t.shape.join()}] stride [${t.stride().join()}]`);
}

/** The results of a sample on a device, and the gradients of its inputs where some are recorded. */
interface Outcome {
  readonly results: readonly string[];
  readonly gradients: () => readonly string[];
}

/** Carries out a sample on a device. */
function outcomeOn(variant: Variant, record: Case, device: string): Outcome {
  torch.manualSeed(0);
  const inputs = new Inputs(record, variant.store, device);
  const runStep = ({ fn, args, kwargs }: Step): unknown =>
    call(
      fn,
      args.map((a) => inputs.decode(a)),
      inputs.options(kwargs),
      false,
    );
  const run = (): unknown => {
    if (record.fn !== null) return runStep(record as Step);
    for (const step of record.steps ?? []) inputs.steps.push(runStep(step));
    return record.ret === undefined ? null : inputs.decode(record.ret);
  };
  const result = run();
  return { results: layoutsOf(result), gradients: () => gradientsOf(record, result, inputs, runStep) };
}

/** Dtype and sizes of the gradients that are recorded of a sample. */
function gradientsOf(
  record: Case,
  result: unknown,
  inputs: Inputs,
  runStep: (step: Step) => unknown,
): readonly string[] {
  if (record.grad === undefined) return [];
  const { cots, grads, post } = record.grad;
  let outputs = leavesOf(result);
  const positions = tensorsOf(record.out);
  let places = cots.map(([output]) => positions.indexOf(output));
  if (post !== undefined) {
    for (const [i, position] of positions.entries()) inputs.replace(position, outputs[i]);
    inputs.steps = [];
    for (const step of post.steps) inputs.steps.push(runStep(step));
    outputs = leavesOf(inputs.decode(post.ret));
    places = cots.map(([i]) => i);
  }
  const found = torch.autograd.grad(
    places.map((i) => outputs[i]),
    grads.map(([input]) => inputs.tensor(input)),
    cots.map(([, cotangent]) => inputs.tensor(cotangent)),
    { allowUnused: true },
  );
  return found.map((g) => (g === null ? 'none' : `${g.dtype} [${g.shape.join()}] on ${g.device.type}`));
}

/** Ops whose results depend on values, in all of their samples or in some: those refuse. */
const dependsOnValues =
  /^(allclose|argwhere|bincount|equal|__getitem__|item|linspace|logspace|masked_select|narrow|nn\.functional\.one_hot|nonzero|repeat_interleave|tensor_split|to|unique|unique_consecutive)$/;
const refusal = /with Meta tensors|on meta tensors|out of meta tensor|a meta tensor/;

/** Says where `meta` differs from the CPU, in results or in gradients; null where nowhere. */
export function checkOnMeta(variant: Variant, record: Case): string | null {
  let expected: Outcome;
  let gradients: readonly string[];
  try {
    expected = outcomeOn(variant, record, 'cpu');
    gradients = expected.gradients();
  } catch {
    // Missing ops are counted on the CPU.
    return null;
  }
  let actual: Outcome;
  try {
    actual = outcomeOn(variant, record, 'meta');
  } catch (error) {
    const { message } = error as Error;
    if (dependsOnValues.test(variant.header.name) && refusal.test(message)) return null;
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  for (const [i, layout] of expected.results.entries())
    if (layout !== actual.results[i]) return `result ${i}: ${actual.results[i]} instead of ${layout}`;
  let there: readonly string[];
  try {
    there = actual.gradients();
  } catch (error) {
    return `gradients: ${(error as Error).name}: ${(error as Error).message}`;
  }
  for (const [i, form] of gradients.entries()) {
    const wanted = form.replace(/cpu$/, 'meta');
    if (there[i] !== wanted) return `gradient ${i}: ${there[i]} instead of ${wanted}`;
  }
  return null;
}
