/** Carries out an op over a stack of tensors at once, as its row says (`batch_rule.ts`). */
import { wrapDim } from '../core/layout.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import type { Stack } from './batch_rule.js';
import type { Op } from './op.js';
import { PointwiseOp } from './pointwise_op.js';
import { InPlaceOp, RecordedOp } from './recorded_op.js';
import { ops } from './registry.js';
import { expandStack, padStack } from './stacks.js';

/** One tensor of a call: as its function sees it, and what there is for it. */
export interface Member {
  readonly logical: Tensor;
  /** With the stack's dimension first, if it is stacked. */
  readonly physical: Tensor;
  readonly isStacked: boolean;
}

type Rule = (...args: readonly unknown[]) => Tensor | readonly Tensor[] | null;

/** `args` with every tensor replaced; lists keep their places. */
export function mapTensors(op: Op, args: readonly unknown[], fn: (tensor: Tensor) => unknown): unknown[] {
  const result = [...args];
  for (const i of op.tensorInputs) {
    const arg = args[i];
    if (arg instanceof Tensor) result[i] = fn(arg);
    else if (Array.isArray(arg)) result[i] = arg.map((item) => (item instanceof Tensor ? fn(item) : item));
  }
  return result;
}

/** Finds the rule of an op. */
export const batchOf = (op: Op): unknown => (formOf(op) instanceof PointwiseOp ? 'broadcast' : op.row.batch);

/**
 * Runs an op over stacks.
 *
 * @param memberOf what there is for a tensor of the arguments
 * @param run calls the op with arguments for stacks
 * @returns the results, the stack's dimension first
 */
export function runStacked(
  op: Op,
  batch: unknown,
  args: readonly unknown[],
  size: number,
  memberOf: (tensor: Tensor) => Member,
  run: (args: unknown[]) => unknown,
): unknown {
  const stacked = (tensor: Tensor): Tensor => {
    const { physical, isStacked } = memberOf(tensor);
    return expandStack(physical, isStacked, size);
  };
  if (batch === 'leading') return run(mapTensors(op, args, stacked));
  if (batch === 'broadcast') return run(aligned(op, args, memberOf));
  if (batch === 'folded') {
    const results = run(mapTensors(op, args, (t) => stacked(t).flatten(0, 1)));
    return eachResult(results, (r) => r.unflatten(0, [size, -1]));
  }
  if (typeof batch === 'function') {
    const results = byRule(op, batch as Rule, args, size, memberOf);
    if (results !== null) return results;
  }
  if (typeof batch === 'object' && batch !== null)
    return alongDims(op, (batch as { readonly dims: readonly string[] }).dims, args, stacked, run);
  return loop(op, args, size, memberOf, run);
}

/** The op of which another is the in-place form, else itself. */
const formOf = (op: Op): Op => (op instanceof InPlaceOp ? op.of : op);

/** Results with `fn` applied to each. */
export function eachResult(results: unknown, fn: (result: Tensor) => Tensor): unknown {
  if (results instanceof Tensor) return fn(results);
  return Array.isArray(results) ? results.map((r: unknown) => (r instanceof Tensor ? fn(r) : r)) : results;
}

function aligned(op: Op, args: readonly unknown[], memberOf: (tensor: Tensor) => Member): unknown[] {
  const ndim = Math.max(...op.tensorsOf(args).map((t) => t.ndim));
  // Tensors without dimensions do not decide the dtype; what there is for them would.
  const form = formOf(op);
  const common = form instanceof PointwiseOp ? form.commonType(args) : null;
  return mapTensors(op, args, (tensor) => {
    const { physical, isStacked } = memberOf(tensor);
    return padStack(physical, isStacked, ndim);
  }).map((arg, i) => {
    const yields = common !== null && arg instanceof Tensor && (args[i] as Tensor).ndim === 0;
    return yields && !(form as PointwiseOp).isApart(i) ? arg.to(common) : arg;
  });
}

/** A dimension as the stack has it; absent or empty lists mean all. */
function shifted(dim: unknown, ndim: number): unknown {
  if (typeof dim === 'number') return wrapDim(dim, ndim) + 1;
  const list = (dim ?? []) as readonly number[];
  if (list.length === 0) return Array.from({ length: Math.max(ndim, 1) }, (_, d) => d + 1);
  return list.map((d) => wrapDim(d, ndim) + 1);
}

function alongDims(
  op: Op,
  names: readonly string[],
  args: readonly unknown[],
  stacked: (tensor: Tensor) => Tensor,
  run: (args: unknown[]) => unknown,
): unknown {
  const { positions } = op.schema;
  const first = op.tensorsOf(args)[0];
  const isScalar = first.ndim === 0;
  // Views of tensors without dimensions are refused by these words.
  if (isScalar && op instanceof RecordedOp && op.isView) op.execute(args);
  const given = mapTensors(op, args, (t) =>
    isScalar && t.ndim === 0 ? stacked(t).unsqueeze(1) : stacked(t),
  );
  for (const name of names) {
    const i = positions.get(name)!;
    given[i] = shifted(args[i], first.ndim);
  }
  const results = run(given);
  return isScalar ? eachResult(results, (r) => (r.ndim === 2 ? r.squeeze(1) : r)) : results;
}

function byRule(
  op: Op,
  rule: Rule,
  args: readonly unknown[],
  size: number,
  memberOf: (tensor: Tensor) => Member,
): unknown {
  const has: Record<string, boolean> = {};
  const given = [...args];
  for (const i of op.tensorInputs) {
    const arg = args[i];
    const { name } = op.schema.parameters[i];
    if (arg instanceof Tensor) {
      const { physical, isStacked } = memberOf(arg);
      given[i] = physical;
      has[name] = isStacked;
    } else if (Array.isArray(arg)) {
      has[name] = arg.some((item) => item instanceof Tensor && memberOf(item).isStacked);
      given[i] = arg.map((item: unknown) => {
        if (!(item instanceof Tensor)) return item;
        const { physical, isStacked } = memberOf(item);
        return has[name] ? expandStack(physical, isStacked, size) : physical;
      });
    } else has[name] = false;
  }
  const stack: Stack = { size, has };
  const result = rule(...given, stack);
  if (result === null) return null;
  return op.isInPlace ? (given[0] as Tensor).copy_(result as Tensor) : result;
}

const warned = new Set<string>();

/** Runs the op for every one of the stack. */
function loop(
  op: Op,
  args: readonly unknown[],
  size: number,
  memberOf: (tensor: Tensor) => Member,
  run: (args: unknown[]) => unknown,
): unknown {
  const { name } = op.schema;
  if (!warned.has(name)) {
    warned.add(name);
    warn(
      `There is a performance drop because we have not yet implemented the batching rule for aten::${name}. Please file us an issue on GitHub so that we can prioritize its implementation.`,
    );
  }
  const each = Array.from({ length: size }, (_, i) =>
    run(
      mapTensors(op, args, (t) => {
        const { physical, isStacked } = memberOf(t);
        return isStacked ? physical.select(0, i) : physical;
      }),
    ),
  );
  if (op.isInPlace) return args[0];
  if (each[0] instanceof Tensor) return ops.stack(each as Tensor[]);
  return (each[0] as readonly Tensor[]).map((_, k) => ops.stack(each.map((r) => (r as Tensor[])[k])));
}
