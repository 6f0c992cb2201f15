import { describe, expect, it } from 'vitest';
import { gateCounts, type Mode } from '../src/backends/recurrent_steps.js';
import * as torch from '../src/index.js';
import { recurrence } from '../src/ops/rnn/recurrence.js';
import { recurrenceByOps } from './support/recurrence_by_ops.js';

const { nn } = torch;
const { gradcheck, gradgradcheck } = torch.autograd;
const { rnn } = nn.utils;
const double = { dtype: torch.float64 };

const modes: readonly Mode[] = ['lstm', 'gru', 'tanh', 'relu'];

interface Form {
  readonly mode: Mode;
  readonly isProjected: boolean;
  readonly reverse: boolean;
  /** How many sequences each step has; null: all three. */
  readonly batchSizes: readonly number[] | null;
}

const forms: Form[] = [...modes, 'projected' as const].flatMap((kind) =>
  [false, true].flatMap((reverse) =>
    [null, [3, 3, 2, 1, 1]].map((batchSizes) => ({
      mode: kind === 'projected' ? ('lstm' as const) : kind,
      isProjected: kind === 'projected',
      reverse,
      batchSizes,
    })),
  ),
);
const nameOf = ({ mode, isProjected, reverse, batchSizes }: Form): string =>
  [mode, isProjected && 'projected', reverse && 'reversed', batchSizes && 'packed']
    .filter(Boolean)
    .join(', ');

/** Operands of one direction of a layer, three sequences of which `hidden` features each. */
function operands({ mode, isProjected, batchSizes }: Form, hidden: number, dtype: torch.DType) {
  torch.manualSeed(hidden);
  const outputs = isProjected ? hidden - 1 : hidden;
  const width = gateCounts[mode] * hidden;
  // Small, so that rounding errors do not grow from step to step.
  const r = (...size: number[]) =>
    torch
      .randn(size, { dtype })
      .mul(hidden ** -0.5)
      .requiresGrad_();
  const sizes = batchSizes === null ? null : torch.tensor(batchSizes, { dtype: torch.int64 });
  return {
    sizes,
    tensors: [
      sizes === null ? r(4, 3, width) : r(10, width),
      r(3, outputs),
      ...(mode === 'lstm' ? [r(3, hidden)] : []),
      r(width, outputs),
      r(width),
      ...(isProjected ? [r(outputs, hidden)] : []),
    ],
  };
}

type Steps = (...args: Parameters<typeof recurrenceByOps>) => readonly torch.Tensor[];

/** The kernel, with what gradients need. */
const recorded: Steps = (gates, sizes, initial, cell, weight, bias, projection, mode, reverse) =>
  recurrence(gates, null, sizes, initial, cell, weight, bias, projection, mode, reverse, true);

/** The output, the last state and, of an LSTM, the last cell. */
function run(steps: Steps, { mode, isProjected, reverse }: Form, sizes: torch.Tensor | null) {
  return (...tensors: torch.Tensor[]): torch.Tensor[] => {
    const [gates, initial, ...rest] = tensors;
    const cell = mode === 'lstm' ? rest.shift()! : null;
    const [weight, bias, projection] = rest;
    const results = steps(
      gates,
      sizes,
      initial,
      cell,
      weight,
      bias,
      isProjected ? projection : null,
      mode,
      reverse,
    );
    return results.slice(0, mode === 'lstm' ? 3 : 2);
  };
}

describe('the kernel of a layer', () => {
  // Sizes around those of tiles: less than a vector, several panels, a panel and a bit.
  it.each([...forms.flatMap((form) => [2, 20, 67].map((hidden) => [nameOf(form), hidden, form] as const))])(
    'computes what its steps one by one do, and their gradients: %s, %i features',
    (_, hidden, form) => {
      for (const dtype of [torch.float32, torch.float64]) {
        const { sizes, tensors } = operands(form, hidden, dtype);
        const results = [recorded, recurrenceByOps].map((steps) => {
          const outputs = run(steps, form, sizes)(...tensors);
          const total = outputs
            .map((t, i) =>
              t
                .mul(i + 1)
                .square()
                .sum(),
            )
            .reduce((a, b) => a.add(b));
          return [...outputs, ...torch.autograd.grad(total, tensors)] as torch.Tensor[];
        });
        const tolerance = dtype === torch.float32 ? { rtol: 2e-4, atol: 2e-4 } : { rtol: 1e-10, atol: 1e-10 };
        torch.testing.assertClose(results[0], results[1], tolerance);
      }
    },
  );

  it.each(forms.map((form) => [nameOf(form), form] as const))(
    'has derivatives of any order: %s',
    (_, form) => {
      const { sizes, tensors } = operands(form, 2, torch.float64);
      const fn = run(recorded, form, sizes);
      expect(gradcheck(fn, tensors, { checkForwardAd: true, fastMode: true })).toBe(true);
      expect(gradgradcheck(fn, tensors, { fastMode: true })).toBe(true);
    },
  );

  it.each(
    forms
      .filter(({ mode }) => mode !== 'gru')
      .flatMap((form) => [2, 20, 67].map((hidden) => [nameOf(form), hidden, form] as const)),
  )(
    'multiplies by the weight of the input, too, if nothing is recorded: %s, %i features',
    (_, hidden, form) => {
      for (const dtype of [torch.float32, torch.float64]) {
        const { sizes, tensors } = operands(form, hidden, dtype);
        const width = gateCounts[form.mode] * hidden;
        const input = torch.randn([...tensors[0].shape.slice(0, -1), 9], { dtype });
        const inputWeight = torch.randn([width, 9], { dtype }).mul(0.2);
        const inside: Steps = (_gates, ...others) => recurrence(input, inputWeight, ...others, false);
        const [products, ...others] = [input.matmul(inputWeight.t()), ...tensors.slice(1)];
        const [found, expected] = [inside, recurrenceByOps].map((steps) =>
          torch.noGrad(() => run(steps, form, sizes)(products, ...others)),
        );
        const tolerance = dtype === torch.float32 ? { rtol: 2e-4, atol: 2e-4 } : { rtol: 1e-10, atol: 1e-10 };
        torch.testing.assertClose(found, expected, tolerance);
      }
    },
  );

  it('gives the same where nothing is kept for gradients', () => {
    const networks = [
      new nn.LSTM(5, 20, { numLayers: 2 }),
      new nn.GRU(5, 20, { numLayers: 2, bidirectional: true }),
      new nn.RNN(5, 20, { bias: false }),
      new nn.LSTM(5, 20, { projSize: 7, bidirectional: true }),
    ];
    for (const net of networks) {
      const x = torch.randn(4, 3, 5);
      const [out, recordedOut] = [torch.noGrad(() => net.forward(x)[0]), net.forward(x)[0]];
      torch.testing.assertClose(out, recordedOut.detach(), { rtol: 1e-5, atol: 1e-6 });
    }
  });

  it('gives the same with any number of threads', () => {
    const threads = torch.getNumThreads();
    const lstm = new nn.LSTM(40, 50, { bidirectional: true });
    const x = torch.randn(7, 45, 40);
    try {
      const [one, three] = [1, 3].map((count) => {
        torch.setNumThreads(count);
        lstm.zeroGrad();
        const [out, [h, c]] = lstm.forward(x);
        out.square().sum().add(h.sum()).add(c.sum()).backward();
        return [out, h, c, ...lstm.parameters().map(({ grad }) => grad!)];
      });
      for (const [i, t] of one!.entries()) expect(torch.equal(t, three![i]!)).toBe(true);
    } finally {
      torch.setNumThreads(threads);
    }
  });

  it('refuses operands that do not belong together', () => {
    const [weight, bias] = [torch.ones(8, 3), torch.ones(8)];
    const call = (gates: torch.Tensor, h: torch.Tensor, c: torch.Tensor, sizes: torch.Tensor | null = null) =>
      recurrence(gates, null, sizes, h, c, torch.ones(8, 2), bias, null, 'lstm', false, true);
    const [h, c] = [torch.zeros(3, 2), torch.zeros(3, 2)];
    expect(() => call(torch.ones(4, 2, 8), h, c)).toThrow('input must have shape [4, 3, 8], got [4, 2, 8]');
    expect(() => call(torch.ones(4, 3, 8), h, torch.zeros(3, 3))).toThrow('hidden[1] must have shape [3, 2]');
    expect(() => call(torch.ones(4, 3, 8).double(), h, c)).toThrow(
      'expected scalar type Double but found Float',
    );
    expect(() =>
      recurrence(torch.ones(4, 3, 8), null, null, h, c, weight, bias, null, 'lstm', false, true),
    ).toThrow('weight_hh must have shape [8, 2], got [8, 3]');
    const inside = (inputWeight: torch.Tensor, keep: boolean) =>
      recurrence(
        torch.ones(4, 3, 5),
        inputWeight,
        null,
        h,
        c,
        torch.ones(8, 2),
        bias,
        null,
        'lstm',
        false,
        keep,
      );
    expect(() => inside(torch.ones(8, 4), false)).toThrow('weight_ih must have shape [8, 5], got [8, 4]');
    expect(() => inside(torch.ones(8, 5), true)).toThrow('takes the products with the input here');
    for (const sizes of [
      [3, 2],
      [3, 1, 2],
      [2, 2, 2],
      [3, 3, 0],
    ])
      expect(() => call(torch.ones(6, 8), h, c, torch.tensor(sizes))).toThrow(
        'batch_sizes must begin with the number of sequences (3), never grow, and add up to the number of rows (6)',
      );
  });
});

describe('nn.LSTM, nn.GRU and nn.RNN', () => {
  it('draw the dropout between layers as PyTorch does', () => {
    torch.manualSeed(3);
    const lstm = new nn.LSTM(2, 3, { numLayers: 3, dropout: 0.5, batchFirst: true });
    torch.manualSeed(4);
    const [out, [h]] = lstm.forward(torch.ones(2, 4, 2));
    // Recorded with PyTorch 2.13.
    const rows = [
      [-0.0771, -0.1301, -0.258, -0.3014],
      [-0.1191, -0.0978, -0.2205, -0.1602],
    ];
    torch.testing.assertClose(out.sum(-1).detach(), torch.tensor(rows), { rtol: 0, atol: 6e-5 });
    const last = [
      [-0.306, -0.306],
      [0.1032, 0.0754],
      [-0.3014, -0.1602],
    ];
    torch.testing.assertClose(h.sum(-1).detach(), torch.tensor(last), { rtol: 0, atol: 6e-5 });
    lstm.eval();
    expect(torch.equal(lstm.forward(torch.ones(2, 4, 2))[0], lstm.forward(torch.ones(2, 4, 2))[0])).toBe(
      true,
    );
  });

  it('do so for packed sequences in both directions', () => {
    torch.manualSeed(3);
    const gru = new nn.GRU(2, 3, 2, { dropout: 0.25, bidirectional: true });
    torch.manualSeed(4);
    const [out, h] = gru.forward(rnn.packSequence([torch.ones(3, 2), torch.ones(1, 2)]));
    const rows = torch.tensor([-0.3224, -0.2203, -0.5034, -0.7269]);
    torch.testing.assertClose(out.data.sum(-1).detach(), rows, { rtol: 0, atol: 6e-5 });
    expect(out.batchSizes.tolist()).toEqual([2, 1, 1]);
    const last = [
      [-0.2414, -0.0633],
      [-0.0028, 0.0257],
      [-0.8472, -0.2894],
      [-0.0019, 0.0691],
    ];
    torch.testing.assertClose(h.sum(-1).detach(), torch.tensor(last), { rtol: 0, atol: 6e-5 });
  });

  it('treat packed sequences as each would be alone', () => {
    const sequences = [2, 5, 3].map((length) => torch.randn([length, 4], double));
    for (const network of [nn.LSTM, nn.GRU, nn.RNN]) {
      const net = new network({ inputSize: 4, hiddenSize: 3, numLayers: 2, bidirectional: true, ...double });
      const packed = rnn.packSequence(sequences, { enforceSorted: false });
      const [out, state] = net.forward(packed);
      const h = state instanceof torch.Tensor ? state : state[0];
      for (const [i, alone] of rnn.unpackSequence(out).entries()) {
        const [expected, last] = net.forward(sequences[i]!);
        torch.testing.assertClose(alone, expected);
        torch.testing.assertClose(h.select(1, i), last instanceof torch.Tensor ? last : last[0]);
      }
    }
  });

  it('keep parameters under PyTorch’s names, and under camel case as properties', () => {
    const lstm = new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true, projSize: 2 });
    expect(Object.keys(lstm.stateDict()).slice(5, 11)).toEqual([
      'weight_ih_l0_reverse',
      'weight_hh_l0_reverse',
      'bias_ih_l0_reverse',
      'bias_hh_l0_reverse',
      'weight_hr_l0_reverse',
      'weight_ih_l1',
    ]);
    expect(lstm.weightIhL1Reverse.shape).toEqual([16, 4]);
    expect(lstm.allWeights.map((list) => list.length)).toEqual([5, 5, 5, 5]);
    const other = new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true, projSize: 2 });
    expect(String(other.loadStateDict(lstm.stateDict()))).toBe('<All keys matched successfully>');
    expect(torch.equal(other.biasHhL0, lstm.biasHhL0)).toBe(true);
    lstm.weightHhL0 = new nn.Parameter(torch.zeros(16, 2));
    expect(lstm.allWeights[0]![1]).toBe(lstm.weightHhL0);
  });

  it('warn of dropout that has no place', () => {
    const said: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => said.push(text);
    try {
      new nn.GRU(3, 4, { dropout: 0.5 });
    } finally {
      console.warn = warn;
    }
    expect(said.join()).toContain(
      'dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=0.5 and num_layers=1',
    );
  });

  it('print as in PyTorch', () => {
    expect(String(new nn.LSTM(3, 4, { numLayers: 2, dropout: 1, projSize: 2, batchFirst: true }))).toBe(
      'LSTM(3, 4, proj_size=2, num_layers=2, batch_first=True, dropout=1.0)',
    );
    expect(String(new nn.RNNCell(3, 4, { nonlinearity: 'relu', bias: false }))).toBe(
      'RNNCell(3, 4, bias=False, nonlinearity=relu)',
    );
  });

  it('refuse what PyTorch refuses, in its words', () => {
    const lstm = new nn.LSTM(3, 4);
    const x = torch.ones(5, 2, 3);
    const [h, flat] = [torch.zeros(1, 2, 4), torch.zeros(2, 4)];
    expect(() => lstm.forward(torch.ones(3))).toThrow('LSTM: Expected input to be 2D or 3D, got 1D instead');
    expect(() => lstm.forward(torch.ones(5, 2, 7))).toThrow(
      'input.size(-1) must be equal to input_size. Expected 3, got 7',
    );
    expect(() => lstm.forward(x, [h, torch.zeros(1, 2, 5)])).toThrow(
      'Expected hidden[1] size (1, 2, 4), got [1, 2, 5]',
    );
    expect(() => lstm.forward(x, [flat, flat])).toThrow(
      'For batched 3-D input, hx and cx should also be 3-D but got (2-D, 2-D) tensors',
    );
    expect(() => lstm.forward(x, h as never)).toThrow("argument 'hx' must be tuple of 2 Tensors, not Tensor");
    const gru = new nn.GRU(3, 4);
    expect(() => gru.forward(x.select(1, 0), h)).toThrow(
      'For unbatched 2-D input, hx should also be 2-D but got 3-D tensor',
    );
    expect(() => gru.forward(x, torch.zeros(1, 3, 4))).toThrow(
      'Expected hidden size (1, 2, 4), got [1, 3, 4]',
    );
    expect(() => gru.forward(x.narrow(0, 0, 0))).toThrow(
      'Expected sequence length to be larger than 0 in RNN',
    );
    expect(() => new nn.GRU(3, 4, { projSize: 2 } as never)).toThrow(
      'proj_size argument is only supported for LSTM, not RNN or GRU',
    );
    expect(() => new nn.RNN(3, 4, { dropout: 2 })).toThrow('dropout should be a number in range [0, 1]');
    const parameters = gru.parameters();
    expect(() => torch.gru(x, h, parameters.slice(1), true, 1, 0, false, false, false)).toThrow(
      'got an incorrect number of RNN parameters',
    );
    expect(() => torch.gru(x, h, parameters, true, 2, 0, false, false, false)).toThrow(
      'Expected more hidden states in stacked_rnn',
    );
    expect(() => torch.lstm(x, [h], parameters, true, 1, 0, false, false, false)).toThrow(
      'lstm expects two hidden states',
    );
  });

  it('tell shapes on meta, and compute in half precision', () => {
    const lstm = new nn.LSTM(3, 4, { device: 'meta', bidirectional: true });
    const [out, [h]] = lstm.forward(torch.ones([5, 2, 3], { device: 'meta' }));
    expect([out.shape, h.shape]).toEqual([
      [5, 2, 8],
      [2, 2, 4],
    ]);
    const net = new nn.GRU(3, 4);
    const x = torch.randn(5, 2, 3);
    const [half] = new nn.GRU(3, 4).bfloat16().forward(x.bfloat16());
    expect(half.dtype).toBe(torch.bfloat16);
    const [cast] = torch.autocast('cpu', () => net.forward(x));
    expect(cast.dtype).toBe(torch.bfloat16);
    torch.testing.assertClose(cast.float(), net.forward(x)[0], { rtol: 0.02, atol: 0.02 });
  });

  it('run over stacks of inputs and of parameters', () => {
    const lstm = new nn.LSTM(3, 4, { dtype: torch.float64 });
    const parameters = Object.fromEntries(lstm.namedParameters());
    const x = torch.randn([2, 5, 3, 3], double);
    const compute = (p: Record<string, torch.Tensor>, input: torch.Tensor): torch.Tensor =>
      (torch.func.functionalCall(lstm, p, [input]) as unknown as readonly torch.Tensor[])[0]!;
    const each = x.unbind(0).map((one) => compute(parameters, one));
    torch.testing.assertClose(torch.vmap(compute, { inDims: [null, 0] })(parameters, x), torch.stack(each));
    const loss = (p: Record<string, torch.Tensor>, input: torch.Tensor): torch.Tensor =>
      compute(p, input).square().sum();
    const perSample = torch.vmap(torch.func.grad(loss), { inDims: [null, 0] })(parameters, x) as Record<
      string,
      torch.Tensor
    >;
    const alone = x
      .unbind(0)
      .map((one) => torch.func.grad(loss)(parameters, one) as Record<string, torch.Tensor>);
    for (const name of Object.keys(parameters))
      torch.testing.assertClose(perSample[name]!, torch.stack(alone.map((g) => g[name]!)));
    const stacked = Object.fromEntries(
      Object.entries(parameters).map(([name, p]) => [name, torch.stack([p.detach(), p.detach().mul(2)])]),
    );
    const both = torch.vmap(compute)(stacked, x);
    for (const i of [0, 1]) {
      const own = Object.fromEntries(Object.entries(stacked).map(([name, p]) => [name, p.select(0, i)]));
      torch.testing.assertClose(both.select(0, i), compute(own, x.select(0, i)));
    }
  });
});

describe('cells', () => {
  it.each([
    ['LSTM', nn.LSTM, nn.LSTMCell],
    ['GRU', nn.GRU, nn.GRUCell],
    ['RNN', nn.RNN, nn.RNNCell],
  ] as const)('%s: a loop of steps is the network', (_, Network, Cell) => {
    torch.manualSeed(1);
    const network = new Network(3, 4);
    torch.manualSeed(1);
    const cell = new Cell(3, 4);
    const x = torch.randn(5, 2, 3);
    const [expected] = network.forward(x);
    let hx: unknown = null;
    const outputs = x.unbind(0).map((one) => {
      hx = cell.forward(one, hx as never);
      return hx instanceof torch.Tensor ? hx : (hx as torch.Tensor[])[0]!;
    });
    torch.testing.assertClose(torch.stack(outputs), expected);
  });
});

describe('nn.utils.rnn', () => {
  const padded = torch.tensor([
    [1, 2, 0],
    [3, 0, 0],
    [4, 5, 6],
  ]);

  it('packs and pads, also what is not sorted', () => {
    const packed = rnn.packPaddedSequence(padded, [2, 1, 3], { batchFirst: true, enforceSorted: false });
    expect(String(packed)).toBe(
      'PackedSequence(data=tensor([4, 1, 3, 5, 2, 6]), batch_sizes=tensor([3, 2, 1]), sorted_indices=tensor([2, 0, 1]), unsorted_indices=tensor([1, 2, 0]))',
    );
    const [again, lengths] = rnn.padPackedSequence(packed, { batchFirst: true });
    expect(again.tolist()).toEqual(padded.tolist());
    expect(lengths.tolist()).toEqual([2, 1, 3]);
    expect(rnn.unpackSequence(packed).map((t) => t.tolist())).toEqual([[1, 2], [3], [4, 5, 6]]);
    const [longer] = rnn.padPackedSequence(packed, { totalLength: 4, paddingValue: 9 });
    expect(longer.t().tolist()).toEqual([
      [1, 2, 9, 9],
      [3, 9, 9, 9],
      [4, 5, 6, 9],
    ]);
    const [data, batchSizes] = packed;
    expect([data, batchSizes]).toEqual([packed.data, packed.batchSizes]);
    expect(packed.double().data.dtype).toBe(torch.float64);
    expect(packed.long()).toBe(packed);
  });

  it('pads lists of sequences', () => {
    const sequences = [torch.tensor([1, 2, 3]), torch.tensor([4]), torch.tensor([5, 6])];
    expect(rnn.padSequence(sequences, true).tolist()).toEqual([
      [1, 2, 3],
      [4, 0, 0],
      [5, 6, 0],
    ]);
    expect(rnn.padSequence(sequences, { paddingValue: 7, paddingSide: 'left' }).t().tolist()).toEqual([
      [1, 2, 3],
      [7, 7, 4],
      [7, 5, 6],
    ]);
    const back = rnn.unpadSequence(rnn.padSequence(sequences), torch.tensor([3, 1, 2]));
    expect(back.map((t) => t.tolist())).toEqual([[1, 2, 3], [4], [5, 6]]);
    expect(rnn.invertPermutation(torch.tensor([2, 0, 1])).tolist()).toEqual([1, 2, 0]);
    expect(rnn.invertPermutation(null)).toBe(null);
  });

  it('lets gradients through', () => {
    const sequences = [2, 3].map((length) => torch.randn([length, 2], { ...double, requiresGrad: true }));
    const fn = (...given: torch.Tensor[]) => {
      const packed = rnn.packSequence(given, { enforceSorted: false });
      return [packed.data, rnn.padPackedSequence(packed)[0]];
    };
    expect(gradcheck(fn, sequences)).toBe(true);
  });

  it('refuses what PyTorch refuses, in its words', () => {
    const x = torch.ones(5, 3, 2);
    expect(() => rnn.packPaddedSequence(x, [5, 3])).toThrow(
      'Expected `len(lengths)` to be equal to batch_size, but got 2 (batch_size=3)',
    );
    expect(() => rnn.packPaddedSequence(x, [3, 5, 2])).toThrow(
      '`lengths` array must be sorted in decreasing order when `enforce_sorted` is True',
    );
    expect(() => rnn.packPaddedSequence(x, [5, 3, 0])).toThrow(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    );
    expect(() => rnn.packPaddedSequence(x, torch.ones(3, 1))).toThrow(
      "'lengths' argument should be a 1D CPU int64 tensor, but got 2D cpu Long tensor",
    );
    expect(() => rnn.padSequence([])).toThrow('received an empty list of sequences');
    expect(() => rnn.padSequence(5 as never)).toThrow("got arg of type: <class 'int'>");
    const packed = rnn.packPaddedSequence(x, [5, 3, 1]);
    expect(() => rnn.padPackedSequence(packed, { totalLength: 3 })).toThrow(
      'but got total_length=3 and max sequence length being 5',
    );
    expect(() => new rnn.PackedSequence(x)).toThrow('Expected data to be a list or tuple of length 2');
  });
});
