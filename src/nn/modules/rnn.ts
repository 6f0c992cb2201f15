import { camelCase, snakeCase } from '../../core/camel_case.js';
import { context } from '../../core/context.js';
import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { formatShape, sameShape } from '../../core/layout.js';
import { isPlainObject } from '../../core/plain.js';
import { PyFloat } from '../../core/pyfloat.js';
import { formatFloat, formatTuple, typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { checkTensor, type Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { gru, lstm, rnnRelu, rnnTanh } from '../../generated/rnn_functions.js';
import { Module } from '../module.js';
import type { Parameter } from '../parameter.js';
import { take } from '../settings.js';
import { PackedSequence } from '../utils/packed_sequence.js';
import { type FactoryOptions, parameter } from './linear.js';
import { listOf, type Pair, pairOf, resetUniformly, zeros } from './recurrent_states.js';

/** A parameter of a layer in one direction, as the state dict names it: `weight_ih_l0`, `bias_hh_l1_reverse`. */
type ParameterName =
  `${'weight_ih' | 'weight_hh' | 'bias_ih' | 'bias_hh' | 'weight_hr'}_l${number}${'' | '_reverse'}`;

/** Input of a network: padded sequences, one sequence, or packed ones. */
type Sequences = Tensor | PackedSequence;

/** Output for an input of that kind. */
type OutputFor<I extends Sequences> = I extends PackedSequence ? PackedSequence : Tensor;

const ofSequences = signature('forward(Any input, Any hx=None)');

const gateCounts: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3, RNN_TANH: 1, RNN_RELU: 1 };

/** The name by which Python calls a value's type. */
const pythonType = (value: unknown): string => (value instanceof PyFloat ? 'float' : typeName(value));

/** @throws TypeError unless a setting is of this type */
function checkType(name: string, value: unknown, type: 'bool' | 'int'): void {
  if (pythonType(value) !== type)
    throw new TypeError(`${name} should be of type ${type}, got: ${pythonType(value)}`);
}

/** @throws ValueError unless a setting is positive */
function checkPositive(name: string, value: number): void {
  if (value <= 0) throw new ValueError(`${name} must be greater than zero`);
}

const rnnBase = signature(
  'RNNBase(str mode, Any input_size, Any hidden_size, int num_layers=1, Any bias=True, Any batch_first=False, Any dropout=0.0, bool bidirectional=False, int proj_size=0, Device? device=None, ScalarType? dtype=None)',
);

/** Types of the settings that are checked in PyTorch's own words. */
interface RecurrentSettings {
  inputSize: number;
  hiddenSize: number;
  bias: boolean;
  batchFirst: boolean;
  dropout: number | PyFloat;
}

/** Shared by RNN, LSTM and GRU: their settings and parameters. */
export class RNNBase extends Module {
  declare mode: 'LSTM' | 'GRU' | 'RNN_TANH' | 'RNN_RELU';
  declare inputSize: number;
  declare hiddenSize: number;
  declare numLayers: number;
  declare bias: boolean;
  declare batchFirst: boolean;
  declare dropout: number;
  declare bidirectional: boolean;
  declare projSize: number;
  /** Parameters by the camel case of their names in the state dict: `weightIhL0`, `biasHhL1Reverse`. */
  [name: `${'weight' | 'bias'}${'Ih' | 'Hh' | 'Hr'}L${number}`]: Parameter;
  [name: `${'weight' | 'bias'}${'Ih' | 'Hh' | 'Hr'}L${number}Reverse`]: Parameter;
  /** Properties of the parameters, layer by layer and in each direction. */
  readonly #names: readonly (readonly string[])[];

  /**
   * @param mode 'LSTM', 'GRU', 'RNN_TANH' or 'RNN_RELU'
   * @param inputSize the features of each step of the input
   * @param hiddenSize the features of the hidden state
   * @param numLayers how many layers are stacked
   * @param bias whether biases are added
   * @param batchFirst whether input and output are [batch, steps, features] instead of [steps, batch, features]
   * @param dropout the probability of an element to be zeroed between layers
   * @param bidirectional whether each layer also runs from the end to the beginning
   * @param projSize to how many features an LSTM's hidden state is projected; 0: it is not
   */
  constructor(...args: Arguments<typeof rnnBase, RecurrentSettings>) {
    super();
    const { device, dtype, ...given } = rnnBase.bind(args);
    const { mode, bias, batchFirst, dropout, numLayers, bidirectional, projSize } = given;
    if (!(typeof dropout === 'number' || dropout instanceof PyFloat) || !(+dropout >= 0 && +dropout <= 1))
      throw new ValueError(
        'dropout should be a number in range [0, 1] representing the probability of an element being zeroed',
      );
    if (+dropout > 0 && numLayers === 1)
      warn(
        `dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=${String(dropout)} and num_layers=${numLayers}`,
      );
    checkType('bias', bias, 'bool');
    checkType('batch_first', batchFirst, 'bool');
    checkType('input_size', given.inputSize, 'int');
    const inputSize = Number(given.inputSize);
    checkPositive('input_size', inputSize);
    checkType('hidden_size', given.hiddenSize, 'int');
    const hiddenSize = Number(given.hiddenSize);
    checkPositive('hidden_size', hiddenSize);
    checkPositive('num_layers', numLayers);
    if (projSize < 0)
      throw new ValueError('proj_size should be a positive integer or zero to disable projections');
    if (projSize >= hiddenSize) throw new ValueError('proj_size has to be smaller than hidden_size');
    const gates = gateCounts[mode];
    if (gates === undefined) throw new ValueError(`Unrecognized RNN mode: ${mode}`);
    take<object>(this, { ...given, inputSize, hiddenSize, dropout: +dropout });
    const options = { device, dtype };
    const directions = bidirectional ? 2 : 1;
    const outputs = projSize > 0 ? projSize : hiddenSize;
    this.#names = Array.from({ length: numLayers * directions }, (_, k) =>
      this.#addLayer(
        Math.floor(k / directions),
        k % directions === 1,
        k < directions ? inputSize : outputs * directions,
        gates * hiddenSize,
        options,
      ),
    );
    this.resetParameters();
  }

  /** Adds the parameters of one direction of a layer. */
  #addLayer(
    layer: number,
    isReverse: boolean,
    inputs: number,
    gates: number,
    options: FactoryOptions,
  ): string[] {
    const { projSize, hiddenSize } = this;
    const sizes = {
      weight_ih: [gates, inputs],
      weight_hh: [gates, projSize > 0 ? projSize : hiddenSize],
      ...(this.bias && { bias_ih: [gates], bias_hh: [gates] }),
      ...(projSize > 0 && { weight_hr: [projSize, hiddenSize] }),
    };
    return Object.entries(sizes).map(([kind, size]) => {
      const name = camelCase(`${kind}_l${layer}${isReverse ? '_reverse' : ''}` as ParameterName);
      this.registerParameter(name, parameter(size, options));
      return name;
    });
  }

  /** The parameters layer by layer and in each direction. */
  get allWeights(): Parameter[][] {
    return this.#names.map((names) => names.map((name) => Reflect.get(this, name) as Parameter));
  }

  protected override stateKey(property: string): string {
    return /^(weight|bias)[IH][hr]L\d+(Reverse)?$/.test(property) ? snakeCase(property) : property;
  }

  /** PyTorch's way to lay parameters out for cuDNN: nothing has to be done here. */
  flattenParameters(): void {}

  /** Draws new values: uniform within 1 / sqrt(hiddenSize). */
  resetParameters(): void {
    resetUniformly(this, this.hiddenSize);
  }

  override extraRepr(): string {
    let text = `${this.inputSize}, ${this.hiddenSize}`;
    if (this.projSize !== 0) text += `, proj_size=${this.projSize}`;
    if (this.numLayers !== 1) text += `, num_layers=${this.numLayers}`;
    if (!this.bias) text += ', bias=False';
    if (this.batchFirst) text += ', batch_first=True';
    if (this.dropout !== 0) text += `, dropout=${formatFloat(this.dropout)}`;
    if (this.bidirectional) text += ', bidirectional=True';
    return text;
  }

  // ---- what the networks compute ---------------------------------------------------------------------------------

  /** The sizes of the hidden state, and of the cell that an LSTM has. */
  #stateSizes(batch: number): number[][] {
    const { numLayers, bidirectional, hiddenSize, projSize } = this;
    const layers = numLayers * (bidirectional ? 2 : 1);
    const hidden = [layers, batch, projSize > 0 ? projSize : hiddenSize];
    return this.mode === 'LSTM' ? [hidden, [layers, batch, hiddenSize]] : [hidden];
  }

  /** @throws ValueError, RuntimeError in PyTorch's words unless an input and states fit */
  #check(input: Tensor, states: readonly Tensor[], sizes: readonly number[][], ndim: number): void {
    const { dtype } = this.allWeights[0][0];
    // Within modes, of which autocast is one, what computes says what does not fit.
    if (input.dtype !== dtype && context().modes === null)
      throw new ValueError(
        `RNN input dtype (${input.dtype}) does not match weight dtype (${dtype}). Convert input: input.to(${dtype}), or convert model: model.to(${input.dtype})`,
      );
    if (input.ndim !== ndim) throw new RuntimeError(`input must have ${ndim} dimensions, got ${input.ndim}`);
    const features = input.shape[ndim - 1];
    if (features !== this.inputSize)
      throw new RuntimeError(
        `input.size(-1) must be equal to input_size. Expected ${this.inputSize}, got ${features}`,
      );
    for (const [i, state] of states.entries())
      if (!sameShape(state.shape, sizes[i]))
        throw new RuntimeError(
          `Expected hidden${states.length > 1 ? `[${i}]` : ''} size ${formatTuple(sizes[i])}, got ${formatShape(state.shape)}`,
        );
  }

  /** @throws RuntimeError unless states have as many dimensions as the input */
  #checkDims(states: readonly Tensor[], isBatched: boolean): void {
    const expected = isBatched ? 3 : 2;
    if (states.every(({ ndim }) => ndim === expected)) return;
    const what = `For ${isBatched ? 'batched' : 'unbatched'} ${expected}-D input, hx`;
    const found = states.map(({ ndim }) => `${ndim}-D`).join(', ');
    throw new RuntimeError(
      states.length > 1
        ? `${what} and cx should also be ${expected}-D but got (${found}) tensors`
        : `${what} should also be ${expected}-D but got ${found} tensor`,
    );
  }

  /**
   * The output and the last states for an input of any form.
   *
   * @param hx the initial states; null: zeros
   */
  protected compute(input: unknown, hx: readonly Tensor[] | null): [output: Sequences, states: Tensor[]] {
    return input instanceof PackedSequence ? this.#packed(input, hx) : this.#padded(input, hx);
  }

  #packed(packed: PackedSequence, hx: readonly Tensor[] | null): [PackedSequence, Tensor[]] {
    const { data, batchSizes, sortedIndices, unsortedIndices } = packed;
    const batch = Number(batchSizes.select(0, 0).item());
    const sizes = this.#stateSizes(batch);
    const states =
      hx === null ? sizes.map((size) => zeros(size, data)) : hx.map((h) => permuted(h, sortedIndices));
    this.#check(data, states, sizes, 2);
    const [output, ...last] = this.run(data, batchSizes, states);
    return [
      new PackedSequence(output, batchSizes, sortedIndices, unsortedIndices),
      last.map((h) => permuted(h, unsortedIndices)),
    ];
  }

  #padded(given: unknown, hx: readonly Tensor[] | null): [Tensor, Tensor[]] {
    checkTensor(given, 'forward', 'input');
    const name = this.mode.slice(0, this.mode.startsWith('RNN') ? 3 : undefined);
    if (given.ndim !== 2 && given.ndim !== 3)
      throw new ValueError(
        `${name}: Expected input to be 2D or 3D, got ${given.ndim}D ${name === 'RNN' ? 'tensor ' : ''}instead`,
      );
    const isBatched = given.ndim === 3;
    const batchDim = this.batchFirst ? 0 : 1;
    const input = isBatched ? given : given.unsqueeze(batchDim);
    if (hx !== null) this.#checkDims(hx, isBatched);
    const sizes = this.#stateSizes(input.shape[batchDim]);
    const states =
      hx === null ? sizes.map((size) => zeros(size, input)) : hx.map((h) => (isBatched ? h : h.unsqueeze(1)));
    this.#check(input, states, sizes, 3);
    const [output, ...last] = this.run(input, null, states);
    if (isBatched) return [output, last];
    return [output.squeeze(batchDim), last.map((h) => h.squeeze(1))];
  }

  /** Calls the function of `torch` that the network is. */
  private run(input: Tensor, batchSizes: Tensor | null, states: readonly Tensor[]): readonly Tensor[] {
    const { mode, bias, numLayers, dropout, training, bidirectional, batchFirst } = this;
    const settings = [this.allWeights.flat(), bias, numLayers, dropout, training, bidirectional] as const;
    if (mode === 'LSTM')
      return batchSizes === null
        ? lstm(input, states, ...settings, batchFirst)
        : lstm(input, batchSizes, states, ...settings);
    const network = mode === 'GRU' ? gru : mode === 'RNN_TANH' ? rnnTanh : rnnRelu;
    return batchSizes === null
      ? network(input, states[0], ...settings, batchFirst)
      : network(input, batchSizes, states[0], ...settings);
  }
}

takesNothing(RNNBase.prototype, ['flattenParameters', 'resetParameters']);

const permuted = (state: Tensor, order: Tensor | null): Tensor =>
  order === null ? state : state.indexSelect(1, order);

/** @throws ValueError where `proj_size` is given, which only an LSTM has */
function refuseProjection(args: readonly unknown[]): void {
  const options = args.at(-1);
  if (isPlainObject(options) && 'projSize' in options)
    throw new ValueError('proj_size argument is only supported for LSTM, not RNN or GRU');
}

const rnn = signature(
  "RNN(Any input_size, Any hidden_size, int num_layers=1, Any nonlinearity='tanh', Any bias=True, Any batch_first=False, Any dropout=0.0, bool bidirectional=False, Device? device=None, ScalarType? dtype=None)",
);

/**
 * An Elman network of one or several layers: h' = tanh(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh) in every step. For an input of
 * [steps, batch, inputSize] (or [steps, inputSize], or packed sequences) the output holds the states of the last layer,
 * [steps, batch, hiddenSize], twice as many features if it is bidirectional; the last states of all layers are
 * [layers, batch, hiddenSize].
 */
export class RNN extends RNNBase {
  declare nonlinearity: 'tanh' | 'relu';

  /**
   * @param inputSize the features of each step of the input
   * @param hiddenSize the features of the hidden state
   * @param numLayers how many layers are stacked
   * @param nonlinearity 'tanh' or 'relu'
   * @param bias whether biases are added
   * @param batchFirst whether input and output are [batch, steps, features] instead of [steps, batch, features]
   * @param dropout the probability of an element to be zeroed between layers
   * @param bidirectional whether each layer also runs from the end to the beginning
   */
  constructor(...args: Arguments<typeof rnn, RecurrentSettings & { nonlinearity: 'tanh' | 'relu' }>) {
    refuseProjection(args);
    const { nonlinearity, ...given } = rnn.bind(args);
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu')
      throw new ValueError(`Unknown nonlinearity '${String(nonlinearity)}'. Select from 'tanh' or 'relu'.`);
    super({ mode: nonlinearity === 'tanh' ? 'RNN_TANH' : 'RNN_RELU', ...(given as Checked<typeof given>) });
    this.nonlinearity = nonlinearity;
  }

  /**
   * Runs the network over sequences: h = tanh or ReLU of W · x + U · h, step by step.
   *
   * @param input [steps, batch, inputSize], [steps, inputSize], or packed sequences
   * @param hx the initial states, [layers, batch, hiddenSize]; default: zeros
   * @returns the output, as the input is, and the last states
   */
  override forward<I extends Sequences>(
    ...args: Arguments<typeof ofSequences, { input: I; hx: Tensor | null }>
  ): [output: OutputFor<I>, h: Tensor] {
    const [input, hx] = ofSequences.inOrder(args, this);
    const [output, [h]] = this.compute(input, listOf(hx as Tensor | null));
    return [output as OutputFor<I>, h];
  }
}

/** RecurrentSettings that have been bound but not checked. */
type Checked<T> = Omit<T, keyof RecurrentSettings> & RecurrentSettings;

const lstmSettings = signature(
  'LSTM(Any input_size, Any hidden_size, int num_layers=1, Any bias=True, Any batch_first=False, Any dropout=0.0, bool bidirectional=False, int proj_size=0, Device? device=None, ScalarType? dtype=None)',
);

/**
 * A long short-term memory of one or several layers. In every step, with gates from x W_ihᵀ + b_ih + h W_hhᵀ + b_hh:
 * c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'), projected to `projSize` features if that is given.
 * For an input of [steps, batch, inputSize] (or [steps, inputSize], or packed sequences) the output holds the states of
 * the last layer, [steps, batch, hiddenSize], twice as many features if it is bidirectional; the last states and cells of
 * all layers are [layers, batch, hiddenSize].
 */
export class LSTM extends RNNBase {
  /**
   * @param inputSize the features of each step of the input
   * @param hiddenSize the features of the hidden state
   * @param numLayers how many layers are stacked
   * @param bias whether biases are added
   * @param batchFirst whether input and output are [batch, steps, features] instead of [steps, batch, features]
   * @param dropout the probability of an element to be zeroed between layers
   * @param bidirectional whether each layer also runs from the end to the beginning
   * @param projSize to how many features the hidden state is projected; 0: it is not
   */
  constructor(...args: Arguments<typeof lstmSettings, RecurrentSettings>) {
    const given = lstmSettings.bind(args);
    super({ mode: 'LSTM', ...(given as Checked<typeof given>) });
  }

  /**
   * Runs the memory cells over sequences, step by step.
   *
   * @param input [steps, batch, inputSize], [steps, inputSize], or packed sequences
   * @param hx the initial states and cells, [layers, batch, hiddenSize]; default: zeros
   * @returns the output, as the input is, and the last states and cells
   * @example
   * const [output, [h, c]] = lstm.forward(x);
   */
  override forward<I extends Sequences>(
    ...args: Arguments<typeof ofSequences, { input: I; hx: Pair | null }>
  ): [output: OutputFor<I>, states: [h: Tensor, c: Tensor]] {
    const [input, hx] = ofSequences.inOrder(args, this);
    const [output, [h, c]] = this.compute(input, pairOf(hx, this));
    return [output as OutputFor<I>, [h, c]];
  }
}

const gruSettings = signature(
  'GRU(Any input_size, Any hidden_size, int num_layers=1, Any bias=True, Any batch_first=False, Any dropout=0.0, bool bidirectional=False, Device? device=None, ScalarType? dtype=None)',
);

/**
 * Gated recurrent units in one or several layers. In every step, with r and z from x W_ihᵀ + b_ih + h W_hhᵀ + b_hh:
 * n = tanh(x W_inᵀ + b_in + sigmoid(r) (h W_hnᵀ + b_hn)), h' = (h - n) sigmoid(z) + n. For an input of
 * [steps, batch, inputSize] (or [steps, inputSize], or packed sequences) the output holds the states of the last layer,
 * [steps, batch, hiddenSize], twice as many features if it is bidirectional; the last states of all layers are
 * [layers, batch, hiddenSize].
 */
export class GRU extends RNNBase {
  /**
   * @param inputSize the features of each step of the input
   * @param hiddenSize the features of the hidden state
   * @param numLayers how many layers are stacked
   * @param bias whether biases are added
   * @param batchFirst whether input and output are [batch, steps, features] instead of [steps, batch, features]
   * @param dropout the probability of an element to be zeroed between layers
   * @param bidirectional whether each layer also runs from the end to the beginning
   */
  constructor(...args: Arguments<typeof gruSettings, RecurrentSettings>) {
    refuseProjection(args);
    const given = gruSettings.bind(args);
    super({ mode: 'GRU', ...(given as Checked<typeof given>) });
  }

  /**
   * Runs the gated units over sequences, step by step.
   *
   * @param input [steps, batch, inputSize], [steps, inputSize], or packed sequences
   * @param hx the initial states, [layers, batch, hiddenSize]; default: zeros
   * @returns the output, as the input is, and the last states
   */
  override forward<I extends Sequences>(
    ...args: Arguments<typeof ofSequences, { input: I; hx: Tensor | null }>
  ): [output: OutputFor<I>, h: Tensor] {
    const [input, hx] = ofSequences.inOrder(args, this);
    const [output, [h]] = this.compute(input, listOf(hx as Tensor | null));
    return [output as OutputFor<I>, h];
  }
}
