/** Layers of recurrent networks by ordinary ops, step by step, that kernels are compared with. */
import { type Mode, stepsOf } from '../../src/backends/recurrent_steps.js';
import * as torch from '../../src/index.js';

const { linear } = torch.nn.functional;

/** The next state of some sequences, before a projection, and their next cell. */
function cell(
  mode: Mode,
  x: torch.Tensor,
  product: torch.Tensor,
  state: torch.Tensor,
  cellState: torch.Tensor | null,
): readonly [h: torch.Tensor, c: torch.Tensor | null] {
  if (mode === 'lstm') {
    const [i, f, g, o] = x.add(product).chunk(4, 1) as [
      torch.Tensor,
      torch.Tensor,
      torch.Tensor,
      torch.Tensor,
    ];
    const c = f.sigmoid().mul(cellState!).add(i.sigmoid().mul(g.tanh()));
    return [o.sigmoid().mul(c.tanh()), c];
  }
  if (mode === 'gru') {
    const [xs, hs] = [x.chunk(3, 1), product.chunk(3, 1)];
    const [r, z] = [0, 1].map((k) => xs[k]!.add(hs[k]!).sigmoid());
    const n = xs[2]!.add(r!.mul(hs[2]!)).tanh();
    return [state.sub(n).mul(z!).add(n), null];
  }
  const value = x.add(product);
  return [mode === 'tanh' ? value.tanh() : value.relu(), null];
}

/** The first results of `_recurrence`: the output, the last state and, of an LSTM, the last cell. */
export function recurrenceByOps(
  gates: torch.Tensor,
  batchSizes: torch.Tensor | null,
  initial: torch.Tensor,
  initialCell: torch.Tensor | null,
  weight: torch.Tensor,
  bias: torch.Tensor | null,
  projection: torch.Tensor | null,
  mode: Mode,
  reverse: boolean,
): readonly torch.Tensor[] {
  const x = batchSizes === null ? gates.flatten(0, 1) : gates;
  /** A state with its first rows replaced. */
  const replaced = (states: torch.Tensor, first: torch.Tensor): torch.Tensor =>
    torch.cat([first, states.slice(0, first.shape[0])]);
  const sizes = batchSizes === null ? null : (batchSizes.tolist() as number[]);
  let [state, cellState] = [initial, initialCell];
  const outputs: torch.Tensor[] = [];
  for (const { begin, rows } of stepsOf(x.shape[0]!, initial.shape[0]!, sizes, reverse)) {
    const past = state.narrow(0, 0, rows);
    const [h, c] = cell(
      mode,
      x.narrow(0, begin, rows),
      linear(past, weight, bias),
      past,
      cellState?.narrow(0, 0, rows) ?? null,
    );
    const next = projection === null ? h : linear(h, projection);
    state = replaced(state, next);
    if (c !== null) cellState = replaced(cellState!, c);
    outputs.push(next);
  }
  if (reverse) outputs.reverse();
  const out = torch.cat(outputs).view([...gates.shape.slice(0, -1), initial.shape[1]!]);
  return [out, state, cellState ?? state];
}
