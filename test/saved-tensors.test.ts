import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { graph } = torch.autograd;
const leaf = (values: number[]) => torch.tensor(values, { dtype: torch.float32, requiresGrad: true });

describe('Hooks on saved tensors', () => {
  it('see what ops and custom functions save, and give it back', () => {
    const log: string[] = [];
    const a = leaf([1, 1]);
    const b = leaf([1, 1]).mul(2);
    class Twice extends torch.autograd.Function {
      static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
        ctx.saveForBackward(x);
        return x.mul(2);
      }
      static override backward(ctx: torch.autograd.FunctionContext, grad: torch.Tensor) {
        return ctx.savedTensors[0].mul(0).add(grad).mul(2);
      }
    }
    const y = graph.savedTensorsHooks(
      (x) => {
        log.push(`pack ${x}`);
        return x.detach().clone();
      },
      (x) => {
        log.push(`unpack ${x}`);
        return x;
      },
      () => Twice.apply(a.mul(b).exp()),
    );
    expect(log).toEqual(
      [
        'pack tensor([2., 2.], grad_fn=<MulBackward0>)',
        'pack tensor([1., 1.], requires_grad=True)',
        'pack tensor([7.3891, 7.3891], grad_fn=<ExpBackward0>)',
        'pack tensor([7.3891, 7.3891], grad_fn=<ExpBackward0>)',
      ].toSorted((x, y) => log.indexOf(x) - log.indexOf(y)),
    );
    log.length = 0;
    y.sum().backward();
    expect(log).toHaveLength(4);
    expect(a.grad!.max().item()).toBeCloseTo(4 * Math.exp(2), 4);
  });

  it('keep the place of a tensor in the graph, for second derivatives', () => {
    const x = leaf([0.5]);
    const half = () => {
      const y = graph.savedTensorsHooks(
        (t) => t.detach().double(),
        (t) => t.float(),
        () => x.sin().mul(x),
      );
      const [first] = torch.autograd.grad(y.sum(), x, { createGraph: true });
      return torch.autograd.grad(first.sum(), x)[0].item();
    };
    expect(half()).toBeCloseTo(2 * Math.cos(0.5) - 0.5 * Math.sin(0.5), 6);
  });

  it('pass gradcheck with everything kept elsewhere', () => {
    const x = torch.randn(2, 3, { dtype: torch.float64, requiresGrad: true });
    const w = torch.randn(3, 3, { dtype: torch.float64, requiresGrad: true });
    const f = (x: torch.Tensor, w: torch.Tensor) =>
      graph.saveOnCpu(() => torch.nn.functional.layerNorm(x.matmul(w).tanh(), [3]).logsumexp(1));
    expect(torch.autograd.gradcheck(f, [x, w])).toBe(true);
    expect(torch.autograd.gradgradcheck(f, [x, w])).toBe(true);
  });

  it('must not change what they keep, and give tensors back', () => {
    const a = leaf([1, 1]);
    const b = leaf([1, 1]);
    expect(() =>
      graph.savedTensorsHooks(
        (x) => x.mul_(2),
        (x) => x,
        () => a.mul(b.clone()),
      ),
    ).toThrow('A saved tensor pack hook is modifying its input in place.');
    const y = graph.savedTensorsHooks(
      () => 's',
      (() => 's') as never,
      () => a.mul(b),
    );
    expect(() => y.sum().backward()).toThrow(
      'Output of saved tensor unpack_hook expected to be a Tensor but got result of type str',
    );
  });

  it('are gone once the graph is freed', () => {
    const a = leaf([1, 2]);
    const y = graph.saveOnCpu({ pinMemory: true }, () => a.exp());
    y.sum().backward();
    expect(() => y.sum().backward()).toThrow('Trying to backward through the graph a second time');
  });

  it('can be refused, inside and outside', () => {
    const refused = (fn: () => unknown) => graph.disableSavedTensorsHooks('no hooks', fn);
    expect(() => refused(() => graph.saveOnCpu(() => 1))).toThrow(new torch.RuntimeError('no hooks'));
    expect(() => graph.saveOnCpu(() => refused(() => 1))).toThrow(new torch.RuntimeError('no hooks'));
    const a = leaf([3]);
    refused(() => a.square().backward());
    expect(a.grad!.item()).toBe(6);
  });

  it('hold across awaits', async () => {
    let packed = 0;
    const a = leaf([1]);
    const count = (x: torch.Tensor) => {
      packed++;
      return x.detach();
    };
    await graph.savedTensorsHooks(
      count,
      (x) => x,
      async () => {
        await Promise.resolve();
        a.exp();
      },
    );
    a.exp();
    expect(packed).toBe(1);
  });
});

describe('allowMutationOnSavedTensors', () => {
  const run = () => {
    const a = torch.ones(2, 3, { requiresGrad: true });
    const b = a.clone();
    const out = b.square().sum();
    b.sin_();
    out.sum().backward();
    return a.grad!.tolist();
  };

  it('computes gradients from what tensors were before', () => {
    expect(run).toThrow('has been modified by an inplace operation');
    expect(graph.allowMutationOnSavedTensors(run)).toEqual([
      [2, 2, 2],
      [2, 2, 2],
    ]);
  });

  it('does not nest, and wants the backward pass inside', () => {
    expect(() => graph.allowMutationOnSavedTensors(() => graph.allowMutationOnSavedTensors(() => 1))).toThrow(
      new torch.RuntimeError('allow_mutation_on_saved_tensors contexts cannot be nested'),
    );
    const y = graph.allowMutationOnSavedTensors(() => leaf([1]).exp());
    expect(() => y.backward()).toThrow(
      "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context",
    );
  });
});

describe('Places in the graph', () => {
  it('stand for tensors in grad and backward', () => {
    const a = leaf([1, 2]);
    const y = a.mul(3);
    const edge = graph.getGradientEdge(y);
    expect(edge.node.name()).toBe('MulBackward0');
    expect(edge.outputNr).toBe(0);
    const ones = torch.ones(2);
    expect(torch.autograd.grad(y.sum(), [edge, a], { retainGraph: true }).map((g) => g.tolist())).toEqual([
      [1, 1],
      [3, 3],
    ]);
    expect(torch.autograd.grad(edge, a, ones)[0].tolist()).toEqual([3, 3]);
    expect(() => torch.autograd.grad(edge, a)).toThrow(
      'grad can be implicitly created only for scalar outputs',
    );
    expect(() => torch.autograd.grad(edge, a, torch.ones(3))).toThrow(
      'Mismatch in shape: grad_output[0] has a shape of torch.Size([3]) and output[0] has a shape of torch.Size([2]).',
    );
    torch.autograd.backward(graph.getGradientEdge(a.sum()), { inputs: graph.getGradientEdge(a) });
    expect(a.grad!.tolist()).toEqual([1, 1]);
    expect(() => torch.autograd.grad(y.sum(), edge, { allowUnused: true, materializeGrads: true })).toThrow(
      'materialize_grads cannot be used when the given input is a GradientEdge',
    );
    expect(() => graph.getGradientEdge(torch.ones(2))).toThrow(
      'It is not possible to get the gradient edge for a Tensor that does not require gradients',
    );
  });
});

describe('Hooks of nodes', () => {
  it('change gradients on their way in and out', () => {
    const a = leaf([0, 0]);
    const b = a.clone();
    const post = b.gradFn!.registerHook((_, grads) => [grads[0]!.mul(2)]);
    b.sum().backward({ retainGraph: true });
    expect(a.grad!.tolist()).toEqual([2, 2]);
    post.remove();
    a.grad = null;
    b.gradFn!.registerPrehook((grads) => [grads[0]!.mul(3)]);
    b.sum().backward();
    expect(a.grad!.tolist()).toEqual([3, 3]);
  });

  it('run when a gradient has arrived at a leaf', () => {
    const a = leaf([1, 2]);
    const seen: unknown[] = [];
    graph.getGradientEdge(a).node.registerHook((inputs, grads) => {
      seen.push([inputs.length, grads.map((g) => g!.tolist()), a.grad!.tolist()]);
    });
    a.sum().backward();
    expect(seen).toEqual([[0, [[1, 1]], [1, 1]]]);
  });

  it('must give as many gradients as there are, in a list', () => {
    const y = leaf([1]).mul(2);
    y.gradFn!.registerPrehook((grads) => [grads[0], grads[0]]);
    expect(() => y.backward()).toThrow(
      "hook '<lambda>' has returned an incorrect number of values (got 2, but expected 1)",
    );
    const z = leaf([1]).mul(2);
    z.gradFn!.registerHook(((grads: torch.Tensor[]) => grads[0]) as never);
    expect(() => z.backward()).toThrow("expected tuple, but hook returned 'Tensor'");
  });

  it('wait for several tensors, or take the first', () => {
    const a = leaf([1, 1]);
    const b = leaf([1, 1]);
    const c = a.mul(b);
    const d = a.mul(b);
    const log: unknown[] = [];
    const handle = graph.registerMultiGradHook([a, b, c, d], (grads: readonly (torch.Tensor | null)[]) => {
      log.push(grads.map((g) => g !== null));
    });
    c.sum().backward({ retainGraph: true });
    c.sum().backward({ inputs: [a], retainGraph: true });
    expect(log).toEqual([
      [true, true, true, false],
      [true, false, true, false],
    ]);
    handle.remove();
    log.length = 0;
    const first = (grad: torch.Tensor) => void log.push(grad.tolist());
    graph.registerMultiGradHook([a, c], first, { mode: 'any' });
    c.sum().backward();
    expect(log).toEqual([[1, 1]]);
    expect(() => graph.registerMultiGradHook([a], first, { mode: 'x' as never })).toThrow(
      "Expects mode to be one of ('all', 'any') but got x",
    );
    expect(() => graph.registerMultiGradHook([torch.ones(1)], first)).toThrow(
      'Expected gradient function to be set',
    );
  });
});

describe('Versions', () => {
  it('count changes in place, also those that nobody saw', () => {
    const a = leaf([1, 2]);
    const b = a.mul(2);
    expect(b._version).toBe(0);
    const y = b.square();
    graph.incrementVersion(b);
    graph.incrementVersion([b, b]);
    expect(b._version).toBe(3);
    expect(() => y.sum().backward()).toThrow('is at version 3; expected version 0 instead.');
    expect(() => graph.incrementVersion([3])).toThrow(
      'increment_version expects each element of the iterable to be a tensor',
    );
    const frozen = torch.inferenceMode(() => torch.ones(1));
    expect(() => frozen._version).toThrow('Inference tensors do not track version counter.');
  });

  it('are what custom functions check, in the words of ops', () => {
    class Same extends torch.autograd.Function {
      static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor) {
        ctx.saveForBackward(x);
        expect(ctx.needsInputGrad).toEqual([true]);
        return x.clone();
      }
      static override backward(ctx: torch.autograd.FunctionContext, grad: torch.Tensor) {
        return ctx.savedTensors[0].mul(grad);
      }
    }
    const b = leaf([1, 2]).mul(2);
    const y = Same.apply(b);
    b.add_(1);
    expect(() => y.sum().backward()).toThrow(
      'modified by an inplace operation: [torch.FloatTensor [2]], which is output 0 of Add, is at version 1; expected version 0 instead.',
    );
  });
});
