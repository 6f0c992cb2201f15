import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { functionalCall, grad, linearize, stackModuleState, vmap } = torch.func;
const { nn } = torch;

class Net extends nn.Module {
  first = new nn.Linear(3, 4);
  second = new nn.Linear(4, 2);

  override forward(x: torch.Tensor): torch.Tensor {
    return this.second.forward(this.first.forward(x).tanh());
  }
}

class Tied extends nn.Module {
  foo = new nn.Parameter(torch.ones(2));
  tied = this.foo;

  override forward(x: torch.Tensor): torch.Tensor {
    return x.add(this.foo).add(this.tied);
  }
}

const stateOf = (model: torch.nn.Module): Record<string, torch.Tensor> =>
  Object.fromEntries(model.namedParameters());

describe('functionalCall', () => {
  it('calls a module with other parameters, and leaves it its own', () => {
    const model = new nn.Linear(2, 1);
    const own = model.weight;
    const weight = torch.tensor([[1, 2]], { dtype: torch.float32 });
    const x = torch.ones(1, 2);
    const y = functionalCall(model, { weight, bias: torch.zeros(1) }, x);
    expect(y.tolist()).toEqual([[3]]);
    expect(functionalCall(model, [{ weight }, { bias: torch.ones(1) }], [x]).tolist()).toEqual([[4]]);
    expect(model.weight).toBe(own);
    expect(() => functionalCall(model, { weight: torch.ones(5, 5) }, x)).toThrow();
    expect(model.weight).toBe(own);
  });

  it('gives gradients of parameters', () => {
    const model = new Net();
    const x = torch.rand(5, 3);
    const t = torch.rand(5, 2);
    const loss = (p: Record<string, torch.Tensor>) => nn.functional.mseLoss(functionalCall(model, p, x), t);
    const found = grad(loss)(stateOf(model));
    nn.functional.mseLoss(model.forward(x), t).backward();
    for (const [name, parameter] of model.namedParameters())
      expect(torch.allclose(found[name], parameter.grad!)).toBe(true);
  });

  it('gives those of every example, by vmap', () => {
    const model = new Net();
    const [x, t] = [torch.rand(5, 3), torch.rand(5, 2)];
    const loss = (p: Record<string, torch.Tensor>, a: torch.Tensor, b: torch.Tensor) =>
      nn.functional.mseLoss(functionalCall(model, p, a.unsqueeze(0)), b.unsqueeze(0));
    const parameters = stateOf(model);
    const all = vmap(grad(loss), [null, 0, 0])(parameters, x, t);
    for (let i = 0; i < 5; i++) {
      const one = grad(loss)(parameters, x.select(0, i), t.select(0, i));
      for (const [name, g] of Object.entries(one))
        expect(torch.allclose(all[name].select(0, i), g, { atol: 1e-6 })).toBe(true);
    }
  });

  it('keeps what a module puts into a buffer', () => {
    const model = new nn.BatchNorm1d(2);
    const buffers = Object.fromEntries(model.namedBuffers());
    const given = { ...buffers, running_mean: torch.zeros(2), num_batches_tracked: torch.tensor(0) };
    functionalCall(model, given, torch.ones(3, 2));
    expect(given.running_mean.tolist()).toEqual([0.10000000149011612, 0.10000000149011612]);
    expect(model.runningMean!.tolist()).toEqual([0, 0]);
  });

  it('replaces tied tensors together unless told not to', () => {
    const [x, foo] = [torch.zeros(2), torch.zeros(2)];
    const tied = new Tied();
    expect(functionalCall(tied, { foo }, x).tolist()).toEqual([0, 0]);
    expect(functionalCall(tied, { foo }, x, { tieWeights: false }).tolist()).toEqual([1, 1]);
    expect(() => functionalCall(tied, { foo, tied: torch.ones(2) }, x)).toThrow(
      "functional_call got multiple values for keys ['foo', 'tied'], which are tied. Consider using tie_weights=False",
    );
  });

  it('says what does not fit in the words of PyTorch', () => {
    const model = new nn.Linear(2, 1);
    const x = torch.ones(1, 2);
    const strict = { strict: true };
    expect(() => functionalCall(model, { weight: torch.ones(1, 2), other: x }, x, strict)).toThrow(
      "Error(s) in reparametrizing for Linear:\n\tUnexpected key(s): 'other'.\n\tMissing key(s): 'bias'.",
    );
    expect(() => functionalCall(model, [{ bias: x }, { bias: x }], x)).toThrow(
      "['bias'] appeared in multiple dictionaries; behavior of functional call is ambiguous",
    );
    expect(() => functionalCall(model, [5 as never], x)).toThrow(
      'Expected all elements of parameter_and_buffer_dicts to be dictionaries',
    );
    expect(() => functionalCall(model, { 'a.weight': x }, x)).toThrow('Linear has no attribute `a`');
  });
});

describe('stackModuleState', () => {
  it('stacks what modules hold, for vmap over an ensemble', () => {
    const models = [new Net(), new Net(), new Net()];
    const [parameters, buffers] = stackModuleState(models);
    expect(parameters['first.weight'].shape).toEqual([3, 4, 3]);
    expect(parameters['first.weight'].isLeaf && parameters['first.weight'].requiresGrad).toBe(true);
    const x = torch.rand(5, 3);
    const call = (p: typeof parameters, b: typeof buffers, a: torch.Tensor) =>
      functionalCall(models[0], [p, b], a);
    const together = vmap(call, [0, 0, null])(parameters, buffers, x);
    for (const [i, model] of models.entries())
      expect(torch.allclose(together.select(0, i), model.forward(x), { atol: 1e-6 })).toBe(true);
    const apart = vmap(call, [0, 0, 0])(parameters, buffers, torch.stack([x, x, x]));
    expect(torch.allclose(apart, together, { atol: 1e-6 })).toBe(true);
    together.sum().backward();
    expect(parameters['second.bias'].grad!.tolist()).toEqual([
      [5, 5],
      [5, 5],
      [5, 5],
    ]);
  });

  it('refuses modules that differ', () => {
    expect(() => stackModuleState([])).toThrow('stack_module_state: Expected at least one model, got 0.');
    expect(() => stackModuleState([new Net(), new Net().eval()])).toThrow(
      'stack_module_state: Expected all models to have the same training/eval mode.',
    );
    expect(() => stackModuleState([new Net(), new Tied()])).toThrow(
      'stack_module_state: Expected all models to be of the same class.',
    );
    const frozen = new nn.Linear(1, 1);
    frozen.weight.requiresGrad_(false);
    expect(() => stackModuleState([new nn.Linear(1, 1), frozen])).toThrow(
      'Expected weight from each model to have the same .requires_grad',
    );
  });
});

describe('linearize', () => {
  it('gives the value and the directional derivatives there', () => {
    const [y, pushforward] = linearize((t: torch.Tensor) => t.sin(), torch.zeros(2));
    expect(y.tolist()).toEqual([0, 0]);
    expect(pushforward(torch.ones(2)).tolist()).toEqual([1, 1]);
    expect(vmap(pushforward)(torch.eye(2)).tolist()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(() => pushforward(torch.ones(3))).toThrow(
      "tangent:0 with shape torch.Size([3]) in flattened pytree doesn't match the shape torch.Size([2]) of the corresponding primal.",
    );
    expect(() => (pushforward as (...a: unknown[]) => unknown)()).toThrow(
      'to have the same argspec as the primals',
    );
  });

  it('calls the function once', () => {
    let calls = 0;
    const [x, y] = [torch.rand(3), torch.rand(3)];
    const f = (a: torch.Tensor, b: torch.Tensor) => {
      calls++;
      return { product: a.sin().mul(b), sum: [a.sum(), torch.ones(2)] as const };
    };
    const [value, pushforward] = linearize(f, x, y);
    expect(value.product.tolist()).toEqual(x.sin().mul(y).tolist());
    for (const [dx, dy] of [
      [torch.ones(3), torch.zeros(3)],
      [torch.rand(3), torch.rand(3)],
    ]) {
      const found = pushforward(dx, dy);
      expect(found.product.allclose(x.cos().mul(y).mul(dx).add(x.sin().mul(dy)))).toBe(true);
      expect(found.sum[0].allclose(dx.sum())).toBe(true);
      expect(found.sum[1].tolist()).toEqual([0, 0]);
    }
    expect(calls).toBe(1);
  });

  it('follows changes in place, every time', () => {
    const x = torch.rand(3);
    const f = (a: torch.Tensor) => {
      const z = torch.zeros(3);
      z.add_(a);
      z.select(0, 0).fill_(2);
      return z.mul(a);
    };
    const [, pushforward] = linearize(f, x);
    const [, expected] = torch.func.jvp(f, [x], [torch.ones(3)]);
    for (let i = 0; i < 3; i++) expect(pushforward(torch.ones(3)).tolist()).toEqual(expected.tolist());
  });

  it('knows networks, and is differentiated and vectorized', () => {
    torch.manualSeed(0);
    const model = new nn.Sequential(
      new nn.Conv2d(1, 2, 3),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
    );
    const f = (a: torch.Tensor) => model.forward(a).softmax(1);
    const [x, dx] = [torch.rand(2, 1, 6, 6), torch.rand(2, 1, 6, 6)];
    const [value, pushforward] = linearize(f, x);
    expect(value.tolist()).toEqual(f(x).tolist());
    expect(pushforward(dx).allclose(torch.func.jvp(f, [x], [dx])[1])).toBe(true);
    const rows = vmap(pushforward)(torch.stack([dx, dx.mul(2)]));
    expect(rows.select(0, 1).allclose(pushforward(dx).mul(2), { atol: 1e-6 })).toBe(true);
    const back = grad((d: torch.Tensor) => pushforward(d).select(0, 0).select(0, 0))(dx);
    expect(back.allclose(grad((a: torch.Tensor) => f(a).select(0, 0).select(0, 0))(x), { atol: 1e-6 })).toBe(
      true,
    );
    const inside = vmap((row: torch.Tensor) => linearize((a: torch.Tensor) => a.pow(3), row)[1](row));
    expect(inside(x).allclose(x.pow(3).mul(3))).toBe(true);
  });
});

describe('replaceAllBatchNormModules_', () => {
  it('takes running statistics away, so that networks may run in a vmap', () => {
    const net = new nn.Sequential(
      new nn.Linear(3, 2),
      new nn.BatchNorm1d(2),
      new nn.Sequential(new nn.BatchNorm1d(2)),
    );
    expect(torch.func.replaceAllBatchNormModules_(net)).toBe(net);
    for (const norm of [net.at(1), (net.at(2) as torch.nn.Sequential).at(0)] as torch.nn.BatchNorm1d[]) {
      expect([norm.runningMean, norm.runningVar, norm.numBatchesTracked]).toEqual([null, null, null]);
      expect(norm.trackRunningStats).toBe(false);
    }
    const x = torch.randn(4, 5, 3);
    expect(vmap((rows: torch.Tensor) => net.forward(rows))(x).shape).toEqual([4, 5, 2]);
  });
});
