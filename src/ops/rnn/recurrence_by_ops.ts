/** Cells by ordinary ops, for devices that lack the kernel of whole layers. */
import type { Tensor } from '../../core/tensor.js';
import { op, ops } from '../../dispatch/registry.js';
import { F } from '../nn/kernel_operands.js';
import { checkOperands, gateCounts, type Mode } from './recurrence.js';
import { replaced, stepsOf } from './steps.js';

const lstmCell = op('_lstm_cell_state(Tensor i, Tensor f, Tensor g, Tensor c) -> Tensor', {
  doc: "An LSTM's next cell from its gates before their curves, sigmoid(f) c + sigmoid(i) tanh(g).",
  function: false,
  pointwise: 'sigmoid(f) * c + sigmoid(i) * tanh(g)',
});

const lstmHidden = op('_lstm_hidden_state(Tensor o, Tensor c) -> Tensor', {
  doc: "An LSTM's next state, sigmoid(o) tanh(c).",
  function: false,
  pointwise: 'sigmoid(o) * tanh(c)',
});

const gruCandidate = op('_gru_candidate(Tensor r, Tensor x, Tensor h) -> Tensor', {
  doc: 'The state that a GRU would take if it kept nothing, tanh(x + sigmoid(r) h).',
  function: false,
  pointwise: 'tanh(x + sigmoid(r) * h)',
});

const gruHidden = op('_gru_hidden_state(Tensor z, Tensor n, Tensor h) -> Tensor', {
  doc: "A GRU's next state, (h - n) sigmoid(z) + n.",
  function: false,
  pointwise: '(h - n) * sigmoid(z) + n',
});

/** A step of some sequences: their next state, before a projection, and cell. */
function cell(
  mode: Mode,
  x: Tensor,
  product: Tensor,
  state: Tensor,
  cellState: Tensor | null,
): { readonly h: Tensor; readonly c: Tensor | null } {
  if (mode === 'lstm') {
    const [i, f, g, o] = x.add(product).chunk(4, 1);
    const c = lstmCell(i, f, g, cellState!);
    return { h: lstmHidden(o, c), c };
  }
  if (mode === 'gru') {
    const [xs, hs] = [x.chunk(gateCounts.gru, 1), product.chunk(gateCounts.gru, 1)];
    const n = gruCandidate(xs[0].add(hs[0]), xs[2], hs[2]);
    return { h: gruHidden(xs[1].add(hs[1]), n, state), c: null };
  }
  const value = x.add(product);
  return { h: mode === 'tanh' ? value.tanh() : value.relu(), c: null };
}

/** The first three results of `_recurrence`, step by step. */
export function recurrenceByOps(
  gates: Tensor,
  batchSizes: Tensor | null,
  initial: Tensor,
  initialCell: Tensor | null,
  weight: Tensor,
  bias: Tensor | null,
  projection: Tensor | null,
  mode: Mode,
  reverse: boolean,
): readonly [out: Tensor, last: Tensor, lastCell: Tensor] {
  checkOperands(gates, batchSizes, initial, initialCell, weight, bias, projection, mode);
  const x = batchSizes === null ? gates.flatten(0, 1) : gates;
  const join = (tensors: readonly Tensor[]): Tensor => ops.cat(tensors);
  let [state, cellState] = [initial, initialCell];
  const outputs: Tensor[] = [];
  for (const { begin, rows } of stepsOf(x.shape[0], initial.shape[0], batchSizes, reverse)) {
    const past = state.narrow(0, 0, rows);
    const { h, c } = cell(
      mode,
      x.narrow(0, begin, rows),
      F.linear(past, weight, bias),
      past,
      cellState?.narrow(0, 0, rows) ?? null,
    );
    const next = projection === null ? h : F.linear(h, projection);
    state = replaced(state, next, join);
    if (c !== null) cellState = replaced(cellState!, c, join);
    outputs.push(next);
  }
  if (reverse) outputs.reverse();
  const out = outputs.length === 0 ? initial.newEmpty([0, initial.shape[1]]) : join(outputs);
  const shape = [...gates.shape.slice(0, -1), initial.shape[1]];
  return [out.view(shape), state, cellState ?? state];
}
