/** Recurrent networks of several layers, and single cells. */
import { gateCounts, type Mode } from '../../backends/recurrent_steps.js';
import { IndexError, RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { isObserved } from '../../dispatch/recording.js';
import { op, ops } from '../../dispatch/registry.js';
import { F } from '../nn/kernel_operands.js';
import { recurrence, takesInput } from './recurrence.js';

/** The parameters of one direction of one layer. */
interface Layer {
  readonly inputWeight: Tensor;
  readonly weight: Tensor;
  readonly inputBias: Tensor | null;
  readonly bias: Tensor | null;
  /** Of an LSTM with projections. */
  readonly projection: Tensor | null;
}

/** One direction of one layer: what it gives, and its last state and cell. */
function runLayer(
  mode: Mode,
  input: Tensor,
  batchSizes: Tensor | null,
  initial: Tensor,
  initialCell: Tensor | null,
  { inputWeight, weight, inputBias, bias, projection }: Layer,
  reverse: boolean,
): readonly Tensor[] {
  // Both biases are one where nothing comes between them.
  const isJoined = mode !== 'gru' && inputBias !== null && bias !== null;
  const keep = isObserved();
  const isWhole = !keep && (isJoined || inputBias === null) && canMultiply(mode, input, inputWeight);
  const gates = isWhole ? input : F.linear(input, inputWeight, isJoined ? null : inputBias);
  const { dtype } = gates;
  if (!gates.isFloatingPoint()) throw notImplemented('_recurrence', dtype);
  // Under autocast the product is of a lower precision, and what follows with it.
  return recurrence(
    gates,
    isWhole ? inputWeight : null,
    batchSizes,
    initial.to(dtype),
    initialCell?.to(dtype) ?? null,
    weight.to(dtype),
    (isJoined ? inputBias.add(bias) : bias)?.to(dtype) ?? null,
    projection?.to(dtype) ?? null,
    mode,
    reverse,
    keep,
  );
}

/** Whether the kernel can multiply by the input's weight; what does not fit is refused by `linear`. */
const canMultiply = (mode: Mode, input: Tensor, weight: Tensor): boolean =>
  takesInput(mode, input) &&
  input.dtype === weight.dtype &&
  weight.ndim === 2 &&
  input.shape[input.ndim - 1] === weight.shape[1];

/** The parameters by layer and direction. @throws RuntimeError in PyTorch's words */
function layersOf(params: readonly Tensor[], hasBiases: boolean, isProjected: boolean): Layer[] {
  const count = (hasBiases ? 4 : 2) + (isProjected ? 1 : 0);
  if (params.length % count !== 0) throw new RuntimeError('got an incorrect number of RNN parameters');
  return Array.from({ length: params.length / count }, (_, i) => {
    const [inputWeight, weight, ...rest] = params.slice(i * count, (i + 1) * count);
    const [inputBias, bias] = hasBiases ? rest : [null, null];
    return { inputWeight, weight, inputBias, bias, projection: isProjected ? rest[rest.length - 1] : null };
  });
}

interface Settings {
  readonly hasBiases: boolean;
  readonly numLayers: number;
  readonly dropout: number;
  readonly train: boolean;
  readonly bidirectional: boolean;
}

/** A network's outputs for [steps, batch, features], or packed sequences, and its last states and cells by layer. */
function run(
  mode: Mode,
  input: Tensor,
  batchSizes: Tensor | null,
  hidden: Tensor,
  cells: Tensor | null,
  params: readonly Tensor[],
  { hasBiases, numLayers, dropout, train, bidirectional }: Settings,
): readonly [Tensor, Tensor, Tensor | null] {
  if (batchSizes === null && input.ndim < 2)
    throw new IndexError(
      `Dimension out of range (expected to be in range of [-${input.ndim}, ${input.ndim - 1}], but got 1)`,
    );
  if (input.shape[0] === 0) throw new RuntimeError('Expected sequence length to be larger than 0 in RNN');
  const isProjected = cells !== null && hidden.shape[2] !== cells.shape[2];
  const layers = layersOf(params, hasBiases, isProjected);
  const states = hidden.unbind(0);
  const cellStates = cells?.unbind(0) ?? [];
  const directions = bidirectional ? 2 : 1;
  if (bidirectional && (layers.length % 2 !== 0 || states.length % 2 !== 0))
    throw new RuntimeError('Odd number of params or hiddens given to a bidirectional RNN');
  if (states.length !== numLayers * directions)
    throw new RuntimeError('Expected more hidden states in stacked_rnn');
  if (layers.length !== numLayers * directions)
    throw new RuntimeError('Expected more weights in stacked_rnn');
  let x = input;
  const last: Tensor[] = [];
  const lastCells: Tensor[] = [];
  for (let layer = 0; layer < numLayers; layer++) {
    const outputs: Tensor[] = [];
    for (let direction = 0; direction < directions; direction++) {
      const k = layer * directions + direction;
      const [out, h, c] = runLayer(
        mode,
        x,
        batchSizes,
        states[k],
        cells === null ? null : cellStates[k],
        layers[k],
        direction === 1,
      );
      outputs.push(out);
      last.push(h);
      lastCells.push(c);
    }
    x = outputs.length === 1 ? outputs[0] : ops.cat(outputs, -1);
    if (dropout !== 0 && train && layer < numLayers - 1) x = ops.dropout(x, dropout, train);
  }
  return [x, ops.stack(last), cells === null ? null : ops.stack(lastCells)];
}

/** The same for sequences in the order that `batchFirst` says. */
function runBatch(
  mode: Mode,
  input: Tensor,
  hidden: Tensor,
  cells: Tensor | null,
  params: readonly Tensor[],
  settings: Settings,
  batchFirst: boolean,
): readonly [Tensor, Tensor, Tensor | null] {
  const turn = (t: Tensor): Tensor => (batchFirst ? t.transpose(0, 1) : t);
  const [out, last, lastCells] = run(mode, turn(input), null, hidden, cells, params, settings);
  return [turn(out), last, lastCells];
}

/** The state and the cell of an LSTM. @throws RuntimeError unless there are two */
function pairOf(hx: readonly Tensor[], name: string): readonly [Tensor, Tensor] {
  if (hx.length !== 2) throw new RuntimeError(`${name} expects two hidden states`);
  return [hx[0], hx[1]];
}

op(
  'lstm.input(Tensor input, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor, Tensor)',
  {
    doc: 'A long short-term memory of several layers: the outputs, and the last states and cells of every layer.',
    composite(input, hx, params, hasBiases, numLayers, dropout, train, bidirectional, batchFirst) {
      const settings = { hasBiases, numLayers, dropout, train, bidirectional };
      const [out, last, cells] = runBatch('lstm', input, ...pairOf(hx, 'lstm'), params, settings, batchFirst);
      return [out, last, cells!] as const;
    },
  },
);

op(
  'lstm.data(Tensor data, Tensor batch_sizes, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor, Tensor, Tensor)',
  {
    doc: 'The same of packed sequences: `data` are the rows of all steps, `batch_sizes` tells how many each has.',
    composite(data, batchSizes, hx, params, hasBiases, numLayers, dropout, train, bidirectional) {
      const settings = { hasBiases, numLayers, dropout, train, bidirectional };
      const [out, last, cells] = run('lstm', data, batchSizes, ...pairOf(hx, 'lstm'), params, settings);
      return [out, last, cells!] as const;
    },
  },
);

const networks = [
  ['gru', 'gru', 'Gated recurrent units in several layers'],
  ['rnn_tanh', 'tanh', 'An Elman network of several layers with tanh'],
  ['rnn_relu', 'relu', 'An Elman network of several layers with ReLU'],
] as const;

for (const [name, mode, doc] of networks) {
  op(
    `${name}.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor)`,
    {
      doc: `${doc}: the outputs, and the last states of every layer.`,
      composite(input, hx, params, hasBiases, numLayers, dropout, train, bidirectional, batchFirst) {
        const settings = { hasBiases, numLayers, dropout, train, bidirectional };
        const [out, last] = runBatch(mode, input, hx, null, params, settings, batchFirst);
        return [out, last] as const;
      },
    },
  );
  op(
    `${name}.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor, Tensor)`,
    {
      doc: 'The same of packed sequences: `data` are the rows of all steps, `batch_sizes` tells how many each has.',
      composite(data, batchSizes, hx, params, hasBiases, numLayers, dropout, train, bidirectional) {
        const settings = { hasBiases, numLayers, dropout, train, bidirectional };
        const [out, last] = run(mode, data, batchSizes, hx, null, params, settings);
        return [out, last] as const;
      },
    },
  );
}

// ---- cells -----------------------------------------------------------------------------------------------------

/** One step of a cell: its next state and cell. @throws RuntimeError in PyTorch's words */
function step(
  mode: Mode,
  input: Tensor,
  hidden: readonly Tensor[],
  inputWeight: Tensor,
  weight: Tensor,
  inputBias: Tensor | null,
  bias: Tensor | null,
): readonly Tensor[] {
  for (const t of [input, ...hidden])
    if (t.ndim < 2)
      throw new IndexError(
        `Dimension out of range (expected to be in range of [-${Math.max(t.ndim, 1)}, ${Math.max(t.ndim, 1) - 1}], but got 1)`,
      );
  const size = inputWeight.shape[1];
  if (input.shape[1] !== size)
    throw new RuntimeError(`input has inconsistent input_size: got ${input.shape[1]} expected ${size}`);
  const outputs = weight.shape[1];
  if (inputWeight.shape[0] !== gateCounts[mode] * outputs)
    throw new RuntimeError(
      `weight_ih first dim must be ${gateCounts[mode]} * hidden_size = ${gateCounts[mode] * outputs}, but got ${inputWeight.shape[0]}`,
    );
  for (const [i, t] of hidden.entries()) {
    if (t.shape[0] !== input.shape[0])
      throw new RuntimeError(
        `Input batch size ${input.shape[0]} doesn't match hidden${i} batch size ${t.shape[0]}`,
      );
    if (t.shape[1] !== outputs)
      throw new RuntimeError(
        `hidden${i} has inconsistent hidden_size: got ${t.shape[1]}, expected ${outputs}`,
      );
  }
  const layer = { inputWeight, weight, inputBias, bias, projection: null };
  const [, last, lastCell] = runLayer(
    mode,
    input.unsqueeze(0),
    null,
    hidden[0],
    hidden[1] ?? null,
    layer,
    false,
  );
  return [last, lastCell];
}

op(
  'lstm_cell(Tensor input, Tensor[] hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> (Tensor, Tensor)',
  {
    doc: 'One step of a long short-term memory: the next state and cell.',
    composite(input, hx, inputWeight, weight, inputBias, bias) {
      const [h, c] = step('lstm', input, pairOf(hx, 'lstm_cell'), inputWeight, weight, inputBias, bias);
      return [h, c] as const;
    },
  },
);

for (const [name, mode, doc] of [
  ['gru_cell', 'gru', 'One step of a gated recurrent unit: the next state.'],
  ['rnn_tanh_cell', 'tanh', 'One step of an Elman network with tanh: the next state.'],
  ['rnn_relu_cell', 'relu', 'One step of an Elman network with ReLU: the next state.'],
] as const)
  op(
    `${name}(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor`,
    {
      doc,
      composite: (input, hx, inputWeight, weight, inputBias, bias) =>
        step(mode, input, [hx], inputWeight, weight, inputBias, bias)[0],
    },
  );
