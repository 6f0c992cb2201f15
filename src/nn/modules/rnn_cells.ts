/** Cells: single steps of recurrent networks, whose loop is the caller's. */
import { RuntimeError, ValueError } from '../../core/errors.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { checkTensor, type Tensor } from '../../core/tensor.js';
import { gruCell, lstmCell, rnnReluCell, rnnTanhCell } from '../../generated/rnn_functions.js';
import { Module } from '../module.js';
import type { Parameter } from '../parameter.js';
import { take } from '../settings.js';
import { parameter } from './linear.js';
import { listOf, type Pair, pairOf, resetUniformly, zeros } from './recurrent_states.js';

const ofStep = signature('forward(Tensor input, Any hx=None)');

const cell = signature(
  'RNNCellBase(int input_size, int hidden_size, Any bias, int num_chunks, Device? device=None, ScalarType? dtype=None)',
);

const stateKeys: Readonly<Record<string, string>> = {
  weightIh: 'weight_ih',
  weightHh: 'weight_hh',
  biasIh: 'bias_ih',
  biasHh: 'bias_hh',
};

/** Shared by the cells: a step of a network, whose loop is the caller's. */
export class RNNCellBase extends Module {
  declare inputSize: number;
  declare hiddenSize: number;
  declare bias: boolean;
  /** [gates * hiddenSize, inputSize] */
  declare weightIh: Parameter;
  /** [gates * hiddenSize, hiddenSize] */
  declare weightHh: Parameter;
  declare biasIh: Parameter | null;
  declare biasHh: Parameter | null;

  /**
   * @param inputSize the features of the input
   * @param hiddenSize the features of the hidden state
   * @param bias whether biases are added
   * @param numChunks how many gates there are
   */
  constructor(...args: Arguments<typeof cell, { bias: boolean }>) {
    super();
    const { inputSize, hiddenSize, bias, numChunks, ...options } = cell.bind(args);
    take<object>(this, { inputSize, hiddenSize, bias });
    const gates = numChunks * hiddenSize;
    this.registerParameter('weightIh', parameter([gates, inputSize], options));
    this.registerParameter('weightHh', parameter([gates, hiddenSize], options));
    this.registerParameter('biasIh', bias ? parameter([gates], options) : null);
    this.registerParameter('biasHh', bias ? parameter([gates], options) : null);
    this.resetParameters();
  }

  protected override stateKey(property: string): string {
    return stateKeys[property] ?? property;
  }

  /** Draws new values: uniform within 1 / sqrt(hiddenSize). */
  resetParameters(): void {
    resetUniformly(this, this.hiddenSize);
  }

  override extraRepr(): string {
    const text = `${this.inputSize}, ${this.hiddenSize}`;
    return this.bias === true ? text : `${text}, bias=${settingOf(this.bias)}`;
  }

  /**
   * The next states for an input with or without a batch.
   *
   * @param names the states' names in error texts
   */
  protected step(
    input: Tensor,
    hx: readonly Tensor[] | null,
    names: readonly string[],
    compute: (input: Tensor, states: readonly Tensor[], ...parameters: CellParameters) => readonly Tensor[],
  ): readonly Tensor[] {
    checkTensor(input, 'forward', 'input');
    const refuse = (what: string, ndim: number): never => {
      throw new ValueError(`${this.constructor.name}: Expected ${what} to be 1D or 2D, got ${ndim}D instead`);
    };
    if (input.ndim !== 1 && input.ndim !== 2) refuse('input', input.ndim);
    for (const [i, { ndim }] of (hx ?? []).entries()) if (ndim !== 1 && ndim !== 2) refuse(names[i], ndim);
    const isBatched = input.ndim === 2;
    const x = isBatched ? input : input.unsqueeze(0);
    const states =
      hx === null
        ? names.map(() => zeros([x.shape[0], this.hiddenSize], x))
        : hx.map((h) => (isBatched ? h : h.unsqueeze(0)));
    const next = compute(x, states, this.weightIh, this.weightHh, this.biasIh, this.biasHh);
    return isBatched ? next : next.map((h) => h.squeeze(0));
  }
}

takesNothing(RNNCellBase.prototype, ['resetParameters']);

type CellParameters = [weightIh: Tensor, weightHh: Tensor, biasIh: Tensor | null, biasHh: Tensor | null];

/** A setting that is printed bare. */
const settingOf = (value: unknown): string => (typeof value === 'string' ? value : formatValue(value));

const rnnCell = signature(
  "RNNCell(int input_size, int hidden_size, Any bias=True, str nonlinearity='tanh', Device? device=None, ScalarType? dtype=None)",
);

/**
 * A step of an Elman network, h' = tanh(x W_ihᵀ + b_ih + h W_hhᵀ + b_hh): inputs of [batch, inputSize] or [inputSize]
 * become states of [batch, hiddenSize] or [hiddenSize].
 */
export class RNNCell extends RNNCellBase {
  declare nonlinearity: 'tanh' | 'relu';

  /**
   * @param inputSize the features of the input
   * @param hiddenSize the features of the hidden state
   * @param bias whether biases are added
   * @param nonlinearity 'tanh' or 'relu'
   */
  constructor(...args: Arguments<typeof rnnCell, { bias: boolean; nonlinearity: 'tanh' | 'relu' }>) {
    const { nonlinearity, bias, ...given } = rnnCell.bind(args);
    super({ ...given, bias: bias as boolean, numChunks: 1 });
    this.nonlinearity = nonlinearity as 'tanh' | 'relu';
  }

  /**
   * @param input [batch, inputSize] or [inputSize]
   * @param hx the state, [batch, hiddenSize] or [hiddenSize]; default: zeros
   */
  override forward(...args: Arguments<typeof ofStep, { hx: Tensor | null }>): Tensor {
    const [input, hx] = ofStep.inOrder(args, this);
    const { nonlinearity } = this;
    return this.step(input, listOf(hx as Tensor | null), ['hidden'], (x, [h], ...parameters) => {
      if (nonlinearity === 'tanh') return [rnnTanhCell(x, h, ...parameters)];
      if (nonlinearity === 'relu') return [rnnReluCell(x, h, ...parameters)];
      throw new RuntimeError(`Unknown nonlinearity: ${String(nonlinearity)}`);
    })[0];
  }

  override extraRepr(): string {
    const text = super.extraRepr();
    return this.nonlinearity === 'tanh' ? text : `${text}, nonlinearity=${this.nonlinearity}`;
  }
}

const lstmCellSettings = signature(
  'LSTMCell(int input_size, int hidden_size, Any bias=True, Device? device=None, ScalarType? dtype=None)',
);

/**
 * A step of a long short-term memory: inputs of [batch, inputSize] or [inputSize] become states and cells of [batch,
 * hiddenSize] or [hiddenSize].
 */
export class LSTMCell extends RNNCellBase {
  /**
   * @param inputSize the features of the input
   * @param hiddenSize the features of the hidden state
   * @param bias whether biases are added
   */
  constructor(...args: Arguments<typeof lstmCellSettings, { bias: boolean }>) {
    const { bias, ...given } = lstmCellSettings.bind(args);
    super({ ...given, bias: bias as boolean, numChunks: 4 });
  }

  /**
   * @param input [batch, inputSize] or [inputSize]
   * @param hx the state and the cell, [batch, hiddenSize] or [hiddenSize]; default: zeros
   * @returns the next state and cell
   */
  override forward(...args: Arguments<typeof ofStep, { hx: Pair | null }>): [h: Tensor, c: Tensor] {
    const [input, hx] = ofStep.inOrder(args, this);
    const [h, c] = this.step(input, pairOf(hx, this), ['hx[0]', 'hx[1]'], (x, states, ...parameters) =>
      lstmCell(x, states, ...parameters),
    );
    return [h, c];
  }
}

const gruCellSettings = signature(
  'GRUCell(int input_size, int hidden_size, Any bias=True, Device? device=None, ScalarType? dtype=None)',
);

/**
 * A step of a gated recurrent unit: inputs of [batch, inputSize] or [inputSize] become states of [batch, hiddenSize] or
 * [hiddenSize].
 */
export class GRUCell extends RNNCellBase {
  /**
   * @param inputSize the features of the input
   * @param hiddenSize the features of the hidden state
   * @param bias whether biases are added
   */
  constructor(...args: Arguments<typeof gruCellSettings, { bias: boolean }>) {
    const { bias, ...given } = gruCellSettings.bind(args);
    super({ ...given, bias: bias as boolean, numChunks: 3 });
  }

  /**
   * @param input [batch, inputSize] or [inputSize]
   * @param hx the state, [batch, hiddenSize] or [hiddenSize]; default: zeros
   */
  override forward(...args: Arguments<typeof ofStep, { hx: Tensor | null }>): Tensor {
    const [input, hx] = ofStep.inOrder(args, this);
    return this.step(input, listOf(hx as Tensor | null), ['hidden'], (x, [h], ...parameters) => [
      gruCell(x, h, ...parameters),
    ])[0];
  }
}
