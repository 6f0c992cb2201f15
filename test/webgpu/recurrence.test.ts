import { describe, expect, it, vi } from 'vitest';
import type { WebGpuBackend } from '../../src/backends/webgpu/backend.js';
import * as torch from '../../src/index.js';
import { expectSame, hasAdapter } from './device.js';

const { nn } = torch;
const { packSequence } = nn.utils.rnn;

type Network = torch.nn.RNN | torch.nn.LSTM | torch.nn.GRU;

/** All that a network gives, and its gradients, in order. */
function outcome(network: Network, input: torch.Tensor | torch.nn.utils.rnn.PackedSequence): torch.Tensor[] {
  network.zeroGrad();
  const [out, states] = (network as torch.nn.RNN).forward(input as torch.Tensor);
  const data = out instanceof torch.Tensor ? out : (out as torch.nn.utils.rnn.PackedSequence).data;
  const last = [states].flat() as torch.Tensor[];
  // Weights that differ from place to place.
  const weigh = (t: torch.Tensor) =>
    t.mul(torch.arange(t.numel()).remainder(7).sub(3).reshape(t.shape).to(t.device)).sum();
  [data, ...last].reduce((sum, t) => sum.add(weigh(t)), torch.zeros([], { device: data.device })).backward();
  return [data, ...last, ...[...network.parameters()].map((p) => p.grad!)];
}

async function expectSameOnBoth(
  make: () => Network,
  input: (device: string) => torch.Tensor | torch.nn.utils.rnn.PackedSequence,
): Promise<void> {
  torch.manualSeed(1);
  const network = make();
  const here = outcome(network, input('cpu')).map((t) => t.detach().clone());
  network.to('webgpu');
  const there = outcome(network, input('webgpu'));
  expect(there.length).toBe(here.length);
  for (const [i, t] of there.entries()) await expectSame(t, here[i]!, { rtol: 1e-4, atol: 1e-4 });
}

const kinds = {
  LSTM: (options: object) => new nn.LSTM(3, 5, options),
  'LSTM with projections': (options: object) => new nn.LSTM(3, 5, { projSize: 2, ...options }),
  GRU: (options: object) => new nn.GRU(3, 5, options),
  'RNN of tanh': (options: object) => new nn.RNN(3, 5, options),
  'RNN of relu': (options: object) => new nn.RNN(3, 5, { nonlinearity: 'relu', ...options }),
} as const;

describe.skipIf(!hasAdapter)('recurrent networks on the GPU', () => {
  for (const [name, make] of Object.entries(kinds)) {
    it(`${name}: layers in both directions give what the CPU gives`, () => {
      const x = torch.randn([4, 2, 3]);
      return expectSameOnBoth(
        () => make({ numLayers: 2, bidirectional: true }),
        (device) => x.to(device),
      );
    });

    it(`${name}: sequences of different lengths give what the CPU gives`, () => {
      const sequences = [5, 4, 2, 2, 1].map((n) => torch.randn([n, 3]));
      return expectSameOnBoth(
        () => make({ bidirectional: true, bias: false }),
        (device) => packSequence(sequences.map((t) => t.to(device))),
      );
    });
  }

  it.each([
    ['one row of a wide state, whose sums are shared', 1, 257],
    ['many rows, of which an invocation takes several', 131, 65],
  ])('%s give what the CPU gives', async (_, batch, hidden) => {
    const x = torch.randn([2, batch, 3]);
    for (const kind of [nn.LSTM, nn.GRU])
      await expectSameOnBoth(
        () => new kind(3, hidden),
        (device) => x.to(device),
      );
  });

  it('cells give what the CPU gives', async () => {
    const x = torch.randn([4, 3]);
    for (const kind of [nn.RNNCell, nn.GRUCell]) {
      const cell = new kind(3, 5);
      const expected = cell.forward(x);
      await expectSame(cell.to('webgpu').forward(x.to('webgpu')), expected);
    }
    const cell = new nn.LSTMCell(3, 5);
    const expected = cell.forward(x);
    const actual = cell.to('webgpu').forward(x.to('webgpu'));
    for (const k of [0, 1]) await expectSame(actual[k]!, expected[k]!);
  });

  it('half types are computed as float32', async () => {
    const x = torch.randn([3, 2, 3]);
    const network = new nn.GRU(3, 5);
    const [expected] = network.forward(x);
    const [out] = network.to('webgpu', torch.float16).forward(x.to('webgpu', torch.float16));
    expect(out.dtype).toBe(torch.float16);
    await expectSame(out.float(), expected, { rtol: 1e-2, atol: 1e-2 });
  });

  it('take one dispatch for each step and another for its gradient', () => {
    const network = new nn.LSTM(3, 5).to('webgpu');
    const run = vi.spyOn((torch.zeros([], { device: 'webgpu' }).storage.backend as WebGpuBackend).gpu, 'run');
    const counted = (steps: number): number => {
      const x = torch.randn([steps, 2, 3], { device: 'webgpu' });
      run.mockClear();
      network.forward(x)[0].sum().backward();
      return run.mock.calls.filter(([{ name }]) => name.startsWith('recurrence')).length;
    };
    expect(counted(12) - counted(2)).toBe(2 * 10);
    run.mockRestore();
  });

  it('numbers of rows must be on the CPU', () => {
    const network = new nn.GRU(3, 5).to('webgpu');
    const { data, batchSizes } = packSequence([torch.randn([2, 3]), torch.randn([1, 3])]);
    const call = (sizes: torch.Tensor) =>
      torch.gru(
        data.to('webgpu'),
        sizes,
        torch.zeros([1, 2, 5], { device: 'webgpu' }),
        [...network.parameters()],
        true,
        1,
        0,
        false,
        false,
      );
    expect(call(batchSizes)[0].shape).toEqual([3, 5]);
    expect(() => call(batchSizes.to('webgpu'))).toThrow('batch_sizes should always be on CPU');
    expect(() => call(batchSizes.int())).toThrow('expected scalar type Long but found Int');
  });
});
