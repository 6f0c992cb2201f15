import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { nn } = torch;
const x = torch.ones(2, 3);

describe('the inputs of a layer', () => {
  it('may be given by name, in any mix', () => {
    const linear = new nn.Linear(3, 2);
    expect(torch.equal(linear.forward({ input: x }), linear.forward(x))).toBe(true);
    const loss = new nn.MSELoss();
    const target = torch.zeros(2, 3);
    for (const value of [
      loss.forward(x, target),
      loss.forward({ input: x, target }),
      loss.forward(x, { target }),
    ])
      expect(value.item()).toBe(1);
    const distance = new nn.PairwiseDistance();
    expect(torch.equal(distance.forward({ x1: x, x2: target }), distance.forward(x, target))).toBe(true);
    const nll = new nn.GaussianNLLLoss();
    expect(nll.forward({ input: x, target, var: x }).item()).toBe(nll.forward(x, target, x).item());
    const poisson = new nn.PoissonNLLLoss();
    expect(poisson.forward({ logInput: x, target }).item()).toBe(poisson.forward(x, target).item());
  });

  it('have defaults where PyTorch’s have', () => {
    const up = new nn.ConvTranspose1d(1, 1, 2, { stride: 2 });
    const signal = torch.ones(1, 1, 3);
    expect(up.forward(signal).shape).toEqual([1, 1, 6]);
    for (const out of [
      up.forward(signal, [7]),
      up.forward(signal, { outputSize: [7] }),
      up.forward({ input: signal, outputSize: [7] }),
    ])
      expect(out.shape).toEqual([1, 1, 7]);
  });

  it('go through containers and hooks', () => {
    const model = new nn.Sequential(new nn.Identity(), new nn.ReLU());
    expect(model.forward({ input: x } as unknown as torch.Tensor).tolist()).toEqual(x.tolist());
    const layer = new nn.ReLU();
    layer.registerForwardHook((_, __, output: torch.Tensor) => output.mul(2));
    expect(layer.forward({ input: x }).tolist()).toEqual(x.mul(2).tolist());
  });

  it('are refused in Python’s words', () => {
    const linear = new nn.Linear(3, 2) as unknown as { forward(...args: unknown[]): unknown };
    expect(() => linear.forward()).toThrow(
      "Linear.forward() missing 1 required positional argument: 'input'",
    );
    expect(() => linear.forward({ inputs: x })).toThrow(
      "Linear.forward() got an unexpected keyword argument 'inputs'",
    );
    expect(() => linear.forward(x, { input: x })).toThrow(
      "Linear.forward() got multiple values for argument 'input'",
    );
    expect(() => linear.forward(x, x)).toThrow(
      'Linear.forward() takes 1 positional argument but 2 were given',
    );
    expect(() => linear.forward([1, 2, 3])).toThrow(
      "linear(): argument 'input' (position 1) must be Tensor, not list",
    );
    const loss = new nn.TripletMarginLoss();
    expect(() => loss.forward(x)).toThrow(
      "TripletMarginLoss.forward() missing 2 required positional arguments: 'positive' and 'negative'",
    );
    const up = new nn.ConvTranspose2d(1, 1, 2) as unknown as { forward(...args: unknown[]): unknown };
    expect(() => up.forward({ output_size: [3, 3], input: torch.ones(1, 1, 2, 2) })).toThrow('outputSize');
  });

  it('may be declared otherwise by a subclass', () => {
    class Focal extends nn.CrossEntropyLoss {
      override forward(logits: torch.Tensor, target: torch.Tensor, gamma?: number): torch.Tensor {
        const loss = super.forward({ input: logits, target });
        return gamma === undefined ? loss : loss.pow(gamma);
      }
    }
    class Doubled extends nn.Linear {
      override forward(input: torch.Tensor): torch.Tensor {
        return super.forward(input).mul(2);
      }
    }
    expect(new Doubled(3, 2).forward(x).shape).toEqual([2, 2]);
    const plain = new nn.CrossEntropyLoss().forward(x, torch.tensor([0, 1])).item();
    expect(new Focal().forward(x, torch.tensor([0, 1]), 2).item()).toBeCloseTo(plain ** 2, 5);
  });
});
