/** Tensors of modules that are computed from others, against values that PyTorch gave (golden/parametrizations). */
import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';
import { difference, evaluate, golden } from './support/golden.js';

const { nn } = torch;
const { parametrize: P, parametrizations } = nn.utils;

interface Parametrized {
  readonly source: string;
  readonly shape: readonly number[];
  readonly repr: string;
  readonly state: Readonly<Record<string, readonly [shape: readonly number[], values: readonly number[]]>>;
  readonly out: readonly number[];
  readonly grads: Readonly<Record<string, readonly number[]>>;
  readonly eval: readonly number[];
}
const { parametrized } = golden<{ parametrized: readonly Parametrized[] }>('parametrizations');

const numbers = (t: torch.Tensor): number[] => t.detach().reshape([-1]).tolist() as number[];
const near = (t: torch.Tensor, values: readonly number[], what: string): void =>
  expect(difference(numbers(t), values), what).toBeLessThan(2e-5);
const first = (out: torch.Tensor | readonly torch.Tensor[]): torch.Tensor =>
  out instanceof torch.Tensor ? out : out[0]!;

class Symmetric extends nn.Module {
  override forward(x: torch.Tensor): torch.Tensor {
    return x.triu().add(x.triu(1).mT);
  }
  rightInverse(x: torch.Tensor): torch.Tensor {
    return x.triu();
  }
}
class Doubled extends nn.Module {
  override forward(x: torch.Tensor): torch.Tensor {
    return x.mul(2);
  }
}
const weightOf = (module: object): torch.Tensor => Reflect.get(module, 'weight') as torch.Tensor;

describe('A parametrization of PyTorch has its numbers', () => {
  it.each(parametrized)('$source', ({ source, shape, repr, state, out, grads, eval: evaluated }) => {
    torch.manualSeed(5);
    const module = evaluate<torch.nn.Module>(source, { P: parametrizations, nn });
    expect(String(module)).toBe(repr);
    const found = module.stateDict();
    expect(Object.keys(found)).toEqual(Object.keys(state));
    for (const [key, [size, values]] of Object.entries(state)) {
      expect(found[key]!.shape, key).toEqual(size);
      near(found[key]!, values, key);
    }
    const count = shape.reduce((a, b) => a * b, 1);
    const x = torch.linspace(-1, 1, count).reshape(shape);
    const y = first(module.forward(x));
    near(y, out, 'result');
    y.mul(torch.arange(y.numel()).remainder(5).sub(2).reshape(y.shape)).sum().backward();
    const gradients = Object.fromEntries(module.namedParameters().map(([name, p]) => [name, p.grad!]));
    expect(Object.keys(gradients)).toEqual(Object.keys(grads));
    for (const [name, values] of Object.entries(grads)) near(gradients[name]!, values, `gradient of ${name}`);
    module.eval();
    near(first(module.forward(x)), evaluated, 'result of evaluation');
  });
});

describe('registerParametrization', () => {
  it('makes a tensor the result of a module, which can be assigned where it says how', () => {
    const layer = P.registerParametrization(new nn.Linear(3, 3), 'weight', new Symmetric());
    expect(weightOf(layer).equal(weightOf(layer).mT)).toBe(true);
    expect(layer).toBeInstanceOf(nn.Linear);
    expect(layer.constructor.name).toBe('ParametrizedLinear');
    expect(P.typeBeforeParametrizations(layer)).toBe(nn.Linear);
    expect(layer.namedParameters().map(([name]) => name)).toEqual([
      'bias',
      'parametrizations.weight.original',
    ]);
    const wanted = torch.eye(3).mul(5);
    Reflect.set(layer, 'weight', wanted);
    expect(weightOf(layer).equal(wanted)).toBe(true);
  });

  it('applies several in turn, and takes them away', () => {
    const layer = new nn.Linear(3, 3);
    const before = layer.weight.detach().clone();
    P.registerParametrization(layer, 'weight', new Symmetric());
    P.registerParametrization(layer, 'weight', new Doubled());
    P.registerParametrization(layer, 'bias', new Doubled());
    expect(String(layer)).toBe(
      'ParametrizedLinear(\n  in_features=3, out_features=3, bias=True\n  (parametrizations): ModuleDict(\n    (weight): ParametrizationList(\n      (0): Symmetric()\n      (1): Doubled()\n    )\n    (bias): ParametrizationList(\n      (0): Doubled()\n    )\n  )\n)',
    );
    const symmetric = before.triu().add(before.triu(1).mT);
    expect(weightOf(layer).equal(symmetric.mul(2))).toBe(true);
    expect([P.isParametrized(layer), P.isParametrized(layer, 'weight')]).toEqual([true, true]);
    expect(() => Reflect.set(layer, 'weight', before)).toThrow(
      'parametrization Doubled does not implement right_inverse.',
    );
    P.removeParametrizations(layer, 'weight', { leaveParametrized: false });
    expect(layer.weight).toBeInstanceOf(nn.Parameter);
    expect(layer.weight.equal(before.triu())).toBe(true);
    expect(P.isParametrized(layer, 'bias')).toBe(true);
    P.removeParametrizations(layer, 'bias');
    expect(P.isParametrized(layer)).toBe(false);
    expect(layer.constructor).toBe(nn.Linear);
    expect(Object.keys(layer.stateDict())).toEqual(['weight', 'bias']);
  });

  it('makes buffers parametrized, too, which move with the module', () => {
    const norm = P.registerParametrization(new nn.BatchNorm1d(2), 'runningMean', new Doubled());
    expect(Object.keys(norm.stateDict())).toContain('parametrizations.running_mean.original');
    expect(Object.keys(norm.stateDict())).not.toContain('running_mean');
    norm.double();
    expect((Reflect.get(norm, 'runningMean') as torch.Tensor).dtype).toBe(torch.float64);
  });

  it('refuses what changes dtype or shape, unless it is told to be unsafe', () => {
    class Wide extends nn.Module {
      override forward(x: torch.Tensor): torch.Tensor {
        return torch.cat([x, x], 1);
      }
    }
    expect(() => P.registerParametrization(new nn.Linear(2, 3), 'weight', new Wide())).toThrow(
      'Registering a parametrization may not change the shape of the tensor, unless `unsafe` flag is enabled.\nunparametrized shape: torch.Size([3, 2])\nparametrized shape: torch.Size([3, 4])',
    );
    const layer = new nn.Linear(2, 3);
    P.registerParametrization(layer, 'weight', new Wide(), { unsafe: true });
    expect(layer.forward(torch.ones(1, 4)).shape).toEqual([1, 3]);
    const twice = P.registerParametrization(new nn.Linear(2, 2), 'weight', new Doubled());
    expect(() => P.registerParametrization(twice, 'weight', new Wide())).toThrow(
      'Registering a parametrization may not change the shape of the tensor, unless the `unsafe` flag is enabled.\nmodule.weight.shape: torch.Size([2, 2])\nparametrization(module.weight).shape: torch.Size([2, 4])',
    );
    expect(() => P.registerParametrization(new nn.ReLU(), 'weight', new Doubled())).toThrow(
      "Module 'ReLU()' does not have a parameter, a buffer, or a parametrized element with name 'weight'",
    );
    expect(() => P.removeParametrizations(new nn.ReLU(), 'weight')).toThrow(
      'Module ReLU() does not have a parametrization on weight',
    );
  });

  it('computes once in `cached`', async () => {
    const layer = P.registerParametrization(new nn.Linear(2, 2), 'weight', new Doubled());
    expect(weightOf(layer)).not.toBe(weightOf(layer));
    P.cached(() => expect(weightOf(layer)).toBe(weightOf(layer)));
    const [a, b] = await P.cached(async () => {
      const one = weightOf(layer);
      await Promise.resolve();
      return [one, weightOf(layer)];
    });
    expect(a).toBe(b);
    expect(weightOf(layer)).not.toBe(a);
  });

  it('is copied with its module, whose parametrizations then are its own', () => {
    const layer = parametrizations.weightNorm(new nn.Linear(2, 2));
    const copy = torch.deepcopy(layer);
    expect(weightOf(copy).equal(weightOf(layer))).toBe(true);
    P.removeParametrizations(copy, 'weight');
    expect(copy.constructor).toBe(nn.Linear);
    expect(P.isParametrized(layer, 'weight')).toBe(true);
    expect(weightOf(copy).equal(weightOf(layer))).toBe(true);
    expect(() => P.removeParametrizations(layer, 'weight', false)).toThrow(
      'Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors.',
    );
  });

  it('loads state dicts, older ones of weight norms too', () => {
    const layer = parametrizations.weightNorm(new nn.Linear(2, 2));
    const state = layer.stateDict();
    const other = parametrizations.weightNorm(new nn.Linear(2, 2));
    other.loadStateDict(state);
    expect(weightOf(other).equal(weightOf(layer))).toBe(true);
    other.loadStateDict({
      bias: state.bias!,
      weight_g: state['parametrizations.weight.original0']!.mul(2),
      weight_v: state['parametrizations.weight.original1']!,
    });
    near(weightOf(other), numbers(weightOf(layer).mul(2)), 'weight');
  });

  it('is given to another module', () => {
    const from = P.registerParametrization(new nn.Linear(2, 2), 'weight', new Symmetric());
    const to = P.transferParametrizationsAndParams(from, new nn.Linear(2, 2));
    expect(weightOf(to).equal(weightOf(from))).toBe(true);
    expect(Reflect.get(to, 'parametrizations').get('weight').original).toBe(
      Reflect.get(from, 'parametrizations').get('weight').original,
    );
  });
});

describe('orthogonal', () => {
  it('stays orthogonal while it learns, and can be assigned', () => {
    torch.manualSeed(2);
    for (const orthogonalMap of ['matrix_exp', 'cayley', 'householder'])
      for (const [m, n] of [
        [4, 4],
        [6, 3],
        [3, 6],
      ] as const) {
        const layer = parametrizations.orthogonal(new nn.Linear(n, m), { orthogonalMap });
        const product = (w: torch.Tensor) => (m > n ? w.mT.matmul(w) : w.matmul(w.mT));
        const isOrthogonal = () => {
          const p = product(weightOf(layer).detach());
          return p.sub(torch.eye(p.shape[0]!)).abs().max().item() < 1e-5;
        };
        expect(isOrthogonal()).toBe(true);
        const sgd = new torch.optim.SGD(layer.parameters(), { lr: 0.1 });
        layer.forward(torch.ones(1, n)).square().sum().backward();
        sgd.step();
        expect(isOrthogonal()).toBe(true);
        const wanted = nn.init.orthogonal_(torch.empty(m, n));
        Reflect.set(layer, 'weight', wanted);
        if (m === n) expect(weightOf(layer).sub(wanted).abs().max().item()).toBeLessThan(1e-5);
      }
  });

  it('says what it cannot do', () => {
    const layer = parametrizations.orthogonal(new nn.Linear(3, 3), {
      orthogonalMap: 'cayley',
      useTrivialization: false,
    });
    expect(() => Reflect.set(layer, 'weight', torch.eye(3))).toThrow(
      'It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False.',
    );
    expect(() => parametrizations.orthogonal(new nn.Linear(3, 3), 'bias')).toThrow(
      'Expected a matrix or batch of matrices. Got a tensor of 1 dimensions.',
    );
    expect(() => parametrizations.orthogonal(new nn.Linear(3, 3), 'weight', 'qr')).toThrow(
      'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: qr',
    );
    expect(() => parametrizations.spectralNorm(new nn.Linear(3, 3), 'x')).toThrow(
      "Module 'Linear(in_features=3, out_features=3, bias=True)' has no parameter or buffer with name 'x'",
    );
    expect(() => parametrizations.spectralNorm(new nn.Linear(3, 3), { nPowerIterations: 0 })).toThrow(
      'Expected n_power_iterations to be positive, but got n_power_iterations=0',
    );
  });
});
