/** Bags of rows of a table: their sums, means or maxima, and what gradients of those add to the rows. */
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { dense, type GpuBackend, Launch, scratch } from '../launch.js';
import { entry } from '../operands.js';
import { index_add } from './accumulate.js';
import { checkedIndex } from './checked_indices.js';

/** Statements: the bag of this invocation takes the indices from `begin` to `end`; the last one all that are left, without a bound. */
function stretch(launch: Launch, offsets: StridedView, count: string): string {
  const bounds = launch.input(offsets, 'i64');
  const known = launch.int(offsets.shape[0]);
  return `
  let low = ${bounds.load('bag')};
  let begin = select(low.x, 0u, i_negative(low));
  var end = ${count};
  if (bag + 1u < ${known}) { end = min(end, ${bounds.load('(bag + 1u)')}.x); }`;
}

export function embedding_bag(
  backend: GpuBackend,
  { out, picked, weight, indices, offsets, scales, mode, padding }: KernelArguments<'embedding_bag'>,
): void {
  const launch = new Launch(backend, `embedding_bag ${mode}`);
  const [o, w, x] = [launch.output(out, 'f32'), launch.input(weight, 'f32'), launch.input(indices, 'i64')];
  const p = picked === null ? null : launch.output(picked, 'i64');
  const by = scales === null ? null : launch.input(scales, 'f32');
  const [total, width, rows, count, left] = [
    out.shape[0] * out.shape[1],
    out.shape[1],
    weight.shape[0],
    indices.shape[0],
    // No row has a number as large as that of no padding.
    padding < 0 ? 0xffffffff : padding,
  ].map((n) => launch.int(n));
  const bounds = stretch(launch, offsets, count);
  const check = checkedIndex(launch, 'spot', x.load('i'), rows, '0u', false);
  const take =
    p === null
      ? `part += ${by === null ? 'v' : `${by.load('i')} * v`};`
      : 'if (taken == 0u || v > part || (is_nan(v) && !is_nan(part))) { part = v; origin = vec2<u32>(spot, 0u); }';
  const result = mode === 'mean' ? 'f_div(part, f32(max(taken, 1u)))' : 'part';
  launch.runEach(`${p !== null} ${by !== null}`, out.shape[0] * out.shape[1], () =>
    entry(`
  if (id >= ${total}) { return; }
  let bag = id / ${width};
  ${bounds}
  var part = 0.0;
  var taken = 0u;
  var origin = vec2<u32>(0xffffffffu, 0xffffffffu);
  for (var i = begin; i < end; i++) {
    ${check}
    if (spot == ${left}) { continue; }
    let v = ${w.load(`(spot * ${width} + id % ${width})`)};
    ${take}
    taken++;
  }
  ${o.store('id', result)}
  ${p === null ? '' : p.store('id', 'origin')}`),
  );
}

/** Gathers in a table first what each entry of the list adds to its row, since sums have an order to keep. */
export function embedding_bag_backward(
  backend: GpuBackend,
  { gradWeight, grad, indices, offsets, scales, mode, padding }: KernelArguments<'embedding_bag_backward'>,
): void {
  const [rows, width] = gradWeight.shape;
  const [bags, entries] = [grad.shape[0], indices.shape[0]];
  const clear = new Launch(backend, 'embedding_bag_backward clear');
  const [cleared, size] = [clear.output(gradWeight, 'f32'), clear.int(rows * width)];
  clear.runEach('', rows * width, () =>
    entry(`if (id >= ${size}) { return; } ${cleared.store('id', '0.0')}`),
  );
  if (bags === 0 || entries === 0) return;

  const shape = [entries, width];
  const source: StridedView = {
    ...scratch(backend, entries * width, grad.dtype),
    shape,
    strides: dense(shape),
  };
  const launch = new Launch(backend, `embedding_bag_backward ${mode}`);
  const [s, g, x] = [launch.output(source, 'f32'), launch.input(grad, 'f32'), launch.input(indices, 'i64')];
  const by = scales === null ? null : launch.input(scales, 'f32');
  const [total, widthName, count, lastBag, left] = [
    bags * width,
    width,
    entries,
    bags - 1,
    padding < 0 ? 0xffffffff : padding,
  ].map((n) => launch.int(n));
  const bounds = stretch(launch, offsets, count);
  const share = mode === 'mean' ? 'f_div(1.0, f32(max(taken, 1u)))' : '1.0';
  const at = `(i * ${widthName} + column)`;
  launch.runEach(`${by !== null}`, bags * width, () =>
    entry(`
  if (id >= ${total}) { return; }
  let bag = id / ${widthName};
  let column = id % ${widthName};
  ${bounds}
  var taken = 0u;
  for (var i = begin; i < end; i++) { if (${x.load('i')}.x != ${left}) { taken++; } }
  let value = ${share} * ${g.load('id')};
  for (var i = begin; i < end; i++) {
    let each = select(${by === null ? 'value' : `${by.load('i')} * value`}, 0.0, ${x.load('i')}.x == ${left});
    ${s.store(at, 'each')}
  }
  if (bag == ${lastBag}) { for (var i = end; i < ${count}; i++) { ${s.store(at, '0.0')} } }`),
  );
  index_add(backend, { self: gradWeight, dim: 0, index: indices, source, alpha: 1 });
  backend.release(source.storage, 'engine');
}
