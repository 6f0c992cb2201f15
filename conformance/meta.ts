/** The corpus on the device `meta`: what every op says of its results without values, against what the CPU's are. */
import { call } from './call.js';
import { leavesOf } from './compare.js';
import type { Case, Step, Variant } from './corpus.js';
import { Inputs } from './inputs.js';
import { torch } from './library.js';

/** Dtype, sizes and strides of results, in order. */
function layoutsOf(result: unknown): string[] {
  return leavesOf(result)
    .filter((t) => t instanceof torch.Tensor)
    .map((t) => `${t.dtype} [${t.shape.join()}] stride [${t.stride().join()}]`);
}

/** Carries out a sample on a device. */
function resultOn(variant: Variant, record: Case, device: string): unknown {
  torch.manualSeed(0);
  const inputs = new Inputs(record, variant.store, device);
  const runStep = ({ fn, args, kwargs }: Step): unknown =>
    call(
      fn,
      args.map((a) => inputs.decode(a)),
      inputs.options(kwargs),
      false,
    );
  if (record.fn !== null) return runStep(record as Step);
  for (const step of record.steps ?? []) inputs.steps.push(runStep(step));
  return record.ret === undefined ? null : inputs.decode(record.ret);
}

/** Ops whose results depend on values, in all of their samples or in some: those refuse. */
const dependsOnValues =
  /^(allclose|argwhere|bincount|equal|__getitem__|item|linspace|logspace|masked_select|narrow|nn\.functional\.one_hot|nonzero|repeat_interleave|tensor_split|to|unique|unique_consecutive)$/;
const refusal = /with Meta tensors|on meta tensors|out of meta tensor|a meta tensor/;

/** Says where `meta` differs from the CPU; null where nowhere. */
export function checkOnMeta(variant: Variant, record: Case): string | null {
  let expected: string[];
  try {
    expected = layoutsOf(resultOn(variant, record, 'cpu'));
  } catch {
    // Missing ops are counted on the CPU.
    return null;
  }
  let actual: string[];
  try {
    actual = layoutsOf(resultOn(variant, record, 'meta'));
  } catch (error) {
    const { message } = error as Error;
    if (dependsOnValues.test(variant.header.name) && refusal.test(message)) return null;
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  for (const [i, layout] of expected.entries())
    if (layout !== actual[i]) return `result ${i}: ${actual[i]} instead of ${layout}`;
  return null;
}
