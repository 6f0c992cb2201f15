import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const leaf = (values: torch.TensorData, dtype: torch.DType = torch.float32): torch.Tensor =>
  torch.tensor(values, { dtype, requiresGrad: true });

describe('backward', () => {
  it('runs a node once if it made several of the tensors', () => {
    class Both extends torch.autograd.Function {
      static override forward(_: torch.autograd.FunctionContext, x: torch.Tensor) {
        return [x.mul(2), x.mul(3)];
      }
      static override backward(_: torch.autograd.FunctionContext, a: torch.Tensor, b: torch.Tensor) {
        return a.mul(2).add(b.mul(3));
      }
    }
    const x = leaf([1]);
    const [a, b] = Both.apply(x) as unknown as [torch.Tensor, torch.Tensor];
    torch.autograd.backward([a, b]);
    expect(x.grad!.tolist()).toEqual([5]);
  });

  it('goes through values that an op in place has overwritten, twice', () => {
    const x = leaf([2, 3]);
    const z = leaf([5, 7]);
    const y = x.mul(1);
    const [byZ] = torch.autograd.grad(y.mul_(z).sum(), z, { createGraph: true }) as [torch.Tensor];
    const [byX] = torch.autograd.grad(byZ.sum(), x) as [torch.Tensor];
    expect(byX.tolist()).toEqual([1, 1]);
  });

  it('adds gradients to the leaves, and adds again', () => {
    const a = leaf([2, 3]);
    const b = leaf([6, 4]);
    const q = () => a.pow(3).mul(3).sub(b.pow(2));
    q().backward(torch.tensor([1, 1]).float());
    expect(a.grad!.tolist()).toEqual([36, 81]);
    expect(b.grad!.tolist()).toEqual([-12, -8]);
    q().sum().backward();
    expect(a.grad!.tolist()).toEqual([72, 162]);
  });

  it('needs a scalar, or a gradient of the right shape', () => {
    const x = leaf([1, 2]);
    expect(() => x.mul(2).backward()).toThrow('grad can be implicitly created only for scalar outputs');
    expect(() => x.mul(2).backward(torch.ones(3))).toThrow(
      'Mismatch in shape: grad_output[0] has a shape of torch.Size([3]) and output[0] has a shape of torch.Size([2]).',
    );
    expect(() => torch.ones(1).backward()).toThrow(
      'element 0 of tensors does not require grad and does not have a grad_fn',
    );
    expect(x.grad).toBeNull();
  });

  it('frees what was saved unless told to keep it', () => {
    const x = leaf([1, 2]);
    const y = x.mul(x).sum();
    y.backward({ retainGraph: true });
    y.backward();
    expect(x.grad!.tolist()).toEqual([4, 8]);
    expect(() => y.backward()).toThrow('Trying to backward through the graph a second time');
  });

  it('follows a chain of 100,000 ops without overflowing the stack', () => {
    const x = leaf([1]);
    let y: torch.Tensor = x;
    for (let i = 0; i < 100_000; i++) y = y.add(1);
    y.sum().backward();
    expect(x.grad!.item()).toBe(1);
  });

  it('sums over broadcast dimensions and returns to the input dtype', () => {
    const x = leaf([[1], [2]]);
    const y = leaf([1, 2, 3], torch.float64);
    x.mul(y).sum().backward();
    expect(x.grad!.tolist()).toEqual([[6], [6]]);
    expect(x.grad!.dtype).toBe(torch.float32);
    expect(y.grad!.tolist()).toEqual([3, 3, 3]);
    expect(y.grad!.dtype).toBe(torch.float64);
  });

  it('keeps gradients of different leaves apart', () => {
    const a = leaf([1, 2]);
    const b = leaf([3, 4]);
    a.add(b).sum().backward();
    a.grad!.add_(10);
    expect(b.grad!.tolist()).toEqual([1, 1]);
    const g = torch.ones(2);
    a.grad = null;
    a.add(0).backward(g);
    g.zero_();
    expect(a.grad!.tolist()).toEqual([1, 1]);
  });

  it('accumulates into the given inputs only', () => {
    const a = leaf([1]);
    const b = leaf([2]);
    a.mul(b).backward({ inputs: [b] });
    expect(a.grad).toBeNull();
    expect(b.grad!.item()).toBe(1);
  });

  it('gives inputs that one gradient reaches one each', () => {
    const a = leaf([1, 2]);
    const b = leaf([3, 4]);
    a.add(b)
      .sum()
      .backward({ inputs: [a, b] });
    a.grad!.add_(10);
    expect(a.grad!.tolist()).toEqual([11, 11]);
    expect(b.grad!.tolist()).toEqual([1, 1]);
  });

  it('adds the gradients of parts to that of the whole', () => {
    const x = torch.ones([3, 3]).requiresGrad_();
    const y = x.mul(2);
    const terms = [
      y.select(0, 0).mul(3),
      y.select(0, 0).mul(5),
      y.slice(0, 1, 3),
      y.diagonal().mul(7),
      y.mul(11),
    ];
    terms
      .map((t) => t.sum())
      .reduce((a, b) => a.add(b))
      .backward();
    expect(x.grad!.tolist()).toEqual([
      [52, 38, 38],
      [24, 38, 24],
      [24, 24, 38],
    ]);
  });

  it('adds parts to no gradient that somebody else has', () => {
    const x = torch.zeros([2, 2]).requiresGrad_();
    const a = torch.zeros([2, 2]).requiresGrad_();
    const y = x.mul(1);
    const row = y.select(0, 0).mul(10);
    const seen: torch.Tensor[] = [];
    const shown = y.add(0);
    shown.registerHook((grad) => {
      seen.push(grad);
    });
    const weight = torch.tensor([
      [1, 2],
      [3, 4],
    ]);
    a.add(shown).mul(weight).sum().add(row.sum()).backward();
    expect(a.grad!.tolist()).toEqual(weight.tolist());
    expect(seen.map((grad) => grad.tolist())).toEqual([weight.tolist()]);
    expect(x.grad!.tolist()).toEqual([
      [11, 12],
      [3, 4],
    ]);
  });
});

describe('torch.autograd.grad', () => {
  it('returns gradients and touches none', () => {
    const x = leaf([1, 2]);
    const [g] = torch.autograd.grad(x.pow(2).sum(), x);
    expect(g!.tolist()).toEqual([2, 4]);
    expect(x.grad).toBeNull();
  });

  it('gives gradients of intermediate tensors', () => {
    const x = leaf([2]);
    const y = x.mul(3);
    const z = y.mul(y);
    const [gy, gx] = torch.autograd.grad(z, [y, x]);
    expect(gy!.item()).toBe(12);
    expect(gx!.item()).toBe(36);
  });

  it('refuses unused inputs unless allowed', () => {
    const x = leaf([1]);
    const other = leaf([1]);
    expect(() => torch.autograd.grad(x.mul(2), other)).toThrow(
      'The differentiated Tensor at index 0 appears to not have been used in the graph. Set allowUnused: true if this is the desired behavior.',
    );
    expect(torch.autograd.grad(x.mul(2), other, { allowUnused: true })[0]).toBeNull();
    expect(torch.autograd.grad(x.mul(2), other, { materializeGrads: true })[0]!.item()).toBe(0);
  });

  it('differentiates gradients', () => {
    const x = leaf([2], torch.float64);
    const [g1] = torch.autograd.grad(x.pow(4), x, { createGraph: true });
    const [g2] = torch.autograd.grad(g1!, x, { createGraph: true });
    const [g3] = torch.autograd.grad(g2!, x);
    expect([g1!.item(), g2!.item(), g3!.item()]).toEqual([32, 48, 48]);
  });
});

describe('modes', () => {
  it('noGrad records nothing, enableGrad does again', () => {
    const x = leaf([1]);
    torch.noGrad(() => {
      expect(x.mul(2).requiresGrad).toBe(false);
      expect(torch.enableGrad(() => x.mul(2)).requiresGrad).toBe(true);
    });
    expect(x.mul(2).requiresGrad).toBe(true);
  });

  it('follows async functions, side by side', async () => {
    const x = leaf([1]);
    const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
    const quiet = torch.noGrad(async () => {
      await pause();
      const before = x.mul(2).requiresGrad;
      await pause();
      return [before, x.mul(2).requiresGrad];
    });
    await pause();
    expect(x.mul(2).requiresGrad).toBe(true);
    expect(await quiet).toEqual([false, false]);
    expect(torch.isGradEnabled()).toBe(true);
  });

  it('ends with an error thrown inside', () => {
    expect(() =>
      torch.noGrad(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(torch.isGradEnabled()).toBe(true);
  });

  it('keeps inference tensors out of graphs', () => {
    const y = torch.inferenceMode(() => torch.ones(2));
    expect(y.isInference()).toBe(true);
    expect(() => leaf([1, 2]).mul(y)).toThrow('Inference tensors cannot be saved for backward.');
    expect(() => y.add_(1)).toThrow(
      'Inplace update to inference tensor outside InferenceMode is not allowed.',
    );
  });
});

describe('leaves', () => {
  it('only floating-point tensors can require gradients', () => {
    expect(() => torch.tensor([1n]).requiresGrad_()).toThrow(
      'only Tensors of floating point dtype can require gradients',
    );
  });

  it('refuse in-place changes while recorded', () => {
    const x = leaf([1, 2]);
    expect(() => x.add_(1)).toThrow(
      'a leaf Variable that requires grad is being used in an in-place operation.',
    );
    expect(() => x.index(0).add_(1)).toThrow(
      'a view of a leaf Variable that requires grad is being used in an in-place operation.',
    );
    torch.noGrad(() => x.add_(1));
    expect(x.tolist()).toEqual([2, 3]);
  });

  it('know where they are in the graph', () => {
    const x = leaf([1]);
    const y = x.mul(2).sum();
    expect([x.isLeaf, y.isLeaf]).toEqual([true, false]);
    expect(x.gradFn).toBeNull();
    expect(y.gradFn!.name()).toBe('SumBackward0');
    expect(y.gradFn!.nextFunctions[0][0]!.name()).toBe('MulBackward0');
    expect(y.gradFn!.nextFunctions[0][0]!.nextFunctions[0][0]!.name()).toBe(
      'torch::autograd::AccumulateGrad',
    );
    expect(y.detach().requiresGrad).toBe(false);
  });
});

describe('in-place changes', () => {
  it('are followed through in-place forms of ops that are made of others', () => {
    const x = torch.tensor([1, -2, 3], { dtype: torch.float64, requiresGrad: true });
    x.clone().square_().sum().backward();
    expect(x.grad!.tolist()).toEqual([2, -4, 6]);
    expect(() => x.square_()).toThrow('a leaf Variable that requires grad');
  });

  it('become part of the graph', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    y.mul_(3).add_(1);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([6, 6]);
  });

  it('of a view change the gradient of its base', () => {
    const x = leaf([1, 2, 3]);
    const y = x.mul(2);
    y.index('1:').mul_(10);
    expect(y.gradFn!.name()).toBe('CopySlices');
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([2, 20, 20]);
  });

  it('of a base reach views made before', () => {
    const x = leaf([1, 2, 3]);
    const y = x.mul(2);
    const view = y.index('1:');
    y.mul_(10);
    expect(view.gradFn!.name()).toBe('AsStridedBackward0');
    view.sum().backward();
    expect(x.grad!.tolist()).toEqual([0, 20, 20]);
  });

  it('by assignment carry the gradient of the value', () => {
    const x = leaf([1, 2, 3]);
    const w = leaf([5]);
    const y = x.mul(1);
    y.indexPut_([1], w.index(0));
    y.mul(torch.tensor([1, 2, 3]))
      .sum()
      .backward();
    expect(x.grad!.tolist()).toEqual([1, 0, 3]);
    expect(w.grad!.tolist()).toEqual([2]);
  });

  it('of a saved tensor are found out', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const z = y.mul(y);
    y.add_(1);
    expect(() => z.sum().backward()).toThrow(
      'one of the variables needed for gradient computation has been modified by an inplace operation: [torch.FloatTensor [2]]',
    );
  });

  it('of a tensor whose value is not needed are fine', () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const z = y.add(1);
    y.add_(1);
    z.sum().backward();
    expect(x.grad!.tolist()).toEqual([2, 2]);
  });
});

describe('hooks', () => {
  it('see and replace gradients of tensors', () => {
    const x = leaf([1]);
    const seen: number[] = [];
    const y = x.mul(2);
    const handle = y.registerHook((g) => {
      seen.push(g.item());
      return g.mul(10);
    });
    y.mul(3).backward();
    expect(seen).toEqual([3]);
    expect(x.grad!.item()).toBe(60);
    handle.remove();
    x.grad = null;
    x.mul(2).backward();
    expect(seen).toEqual([3]);
  });

  it('may keep what they are shown', () => {
    const x = leaf([1, 2, 3]);
    const kept: torch.Tensor[] = [];
    const y = x.mul(2);
    y.registerHook((g) => {
      kept.push(g);
    });
    y.mul(3).exp().sum().backward();
    const before = kept[0].tolist();
    for (let i = 0; i < 50; i++) x.mul(2).exp().sum().backward();
    expect(kept[0].tolist()).toEqual(before);
  });

  it('run on nodes and after accumulation', () => {
    const x = leaf([2]);
    const order: string[] = [];
    const y = x.mul(x);
    y.gradFn!.registerPrehook(() => {
      order.push('pre');
      return null;
    });
    y.gradFn!.registerHook(() => {
      order.push('post');
      return null;
    });
    x.registerPostAccumulateGradHook(() => {
      order.push('accumulated');
    });
    y.backward();
    expect(order).toEqual(['pre', 'post', 'accumulated']);
  });

  it('retainGrad keeps the gradient of a result', () => {
    const x = leaf([1]);
    const y = x.mul(2);
    y.retainGrad();
    y.mul(5).backward();
    expect(y.grad!.item()).toBe(5);
    expect(y.retainsGrad).toBe(true);
  });
});

describe('custom functions', () => {
  class Exp extends torch.autograd.Function {
    static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor): torch.Tensor {
      const y = x.exp();
      ctx.saveForBackward(y);
      return y;
    }
    static override backward(ctx: torch.autograd.FunctionContext, grad: torch.Tensor): torch.Tensor {
      return grad.mul(ctx.savedTensors[0]);
    }
  }

  it('have their own forward and backward', () => {
    const x = leaf([0, 1], torch.float64);
    const y = Exp.apply(x);
    expect(y.gradFn!.name()).toBe('ExpBackward');
    expect(torch.autograd.gradcheck((t) => Exp.apply(t), x)).toBe(true);
    expect(torch.autograd.gradgradcheck((t) => Exp.apply(t), x)).toBe(true);
  });

  it('must return as many gradients as there were arguments', () => {
    class Two extends torch.autograd.Function {
      static override forward(_: torch.autograd.FunctionContext, a: torch.Tensor, b: torch.Tensor) {
        return a.add(b);
      }
      static override backward(_: torch.autograd.FunctionContext, grad: torch.Tensor) {
        return grad;
      }
    }
    const y = Two.apply(leaf([1]), leaf([2]));
    expect(() => y.backward()).toThrow('returned an incorrect number of gradients (expected 2, got 1)');
  });
});

describe('gradcheck', () => {
  it('finds wrong gradients', () => {
    class Wrong extends torch.autograd.Function {
      static override forward(_: torch.autograd.FunctionContext, x: torch.Tensor) {
        return x.mul(2);
      }
      static override backward(_: torch.autograd.FunctionContext, grad: torch.Tensor) {
        return grad.mul(3);
      }
    }
    const x = leaf([1, 2], torch.float64);
    expect(() => torch.autograd.gradcheck((t) => Wrong.apply(t), x)).toThrow('Jacobian mismatch');
    expect(torch.autograd.gradcheck((t) => Wrong.apply(t), x, { raiseException: false })).toBe(false);
  });

  it('checks forward mode on request', () => {
    class Wrong extends torch.autograd.Function {
      static override forward(_: torch.autograd.FunctionContext, x: torch.Tensor) {
        return x.mul(2);
      }
      static override backward(_: torch.autograd.FunctionContext, grad: torch.Tensor) {
        return grad.mul(2);
      }
      static override jvp(_: torch.autograd.FunctionContext, tangent: torch.Tensor) {
        return tangent.mul(3);
      }
    }
    const wrong = (t: torch.Tensor) => Wrong.apply(t);
    const right = (t: torch.Tensor) => t.exp().mul(t);
    expect(gradcheck(wrong, x)).toBe(true);
    expect(() => gradcheck(wrong, x, { checkForwardAd: true })).toThrow(
      'Jacobian computed with forward mode mismatch for output 0 with respect to input 0',
    );
    expect(gradcheck(right, x, { checkForwardAd: true, checkBackwardAd: false })).toBe(true);
    expect(gradgradcheck(right, x, null, { checkFwdOverRev: true })).toBe(true);
    expect(() => gradcheck(right, x, { checkBackwardAd: false })).toThrow(
      'Expected at least one of checkForwardAd or checkBackwardAd to be true',
    );
  });

  type Context = torch.autograd.FunctionContext;
  const { gradcheck, gradgradcheck } = torch.autograd;
  const x = leaf([1, 2.5, -0.5], torch.float64);

  it('compares along one direction in fast mode, and then says what slow mode finds', () => {
    class Wrong extends torch.autograd.Function {
      static override forward(ctx: Context, t: torch.Tensor) {
        ctx.saveForBackward(t);
        return t.square();
      }
      static override backward(ctx: Context, grad: torch.Tensor) {
        return grad.mul(ctx.savedTensors[0]!).mul(3);
      }
    }
    const wrong = (t: torch.Tensor) => Wrong.apply(t);
    expect(() => gradcheck(wrong, x, { fastMode: true })).toThrow(
      /^Jacobian mismatch for output 0 with respect to input 0,\nnumerical:[\s\S]*slow mode:\n\nJacobian mismatch/,
    );
    const right = (t: torch.Tensor) => [t.exp().mul(t), t.cumsum(0).sin()];
    expect(gradcheck(right, x, { fastMode: true, checkForwardAd: true })).toBe(true);
    expect(gradgradcheck(right, x, { fastMode: true, checkFwdOverRev: true })).toBe(true);
    const z = torch.randn(3, { dtype: torch.complex128, requiresGrad: true });
    expect(gradcheck((t) => t.mul(t.conj()).add(t.exp()), z, { fastMode: true })).toBe(true);
  });

  it('finds backward passes that differ from run to run', () => {
    let runs = 0;
    class Drifting extends torch.autograd.Function {
      static override forward(_: Context, t: torch.Tensor) {
        return t.mul(1);
      }
      static override backward(_: Context, grad: torch.Tensor) {
        return grad.mul(1 + 1e-9 * runs++);
      }
    }
    const drifting = (t: torch.Tensor) => Drifting.apply(t);
    expect(() => gradcheck(drifting, x)).toThrow('Backward is not reentrant');
    expect(gradcheck(drifting, x, { nondetTol: 1e-6 })).toBe(true);
  });

  it('finds backward passes that need every gradient', () => {
    class Both extends torch.autograd.Function {
      static override forward(ctx: Context, t: torch.Tensor) {
        ctx.setMaterializeGrads(false);
        return [t.mul(2), t.mul(3)];
      }
      static override backward(_: Context, a: torch.Tensor | null, b: torch.Tensor | null) {
        if (b === null) throw new Error('no second gradient');
        return a === null ? b.mul(3) : a.mul(2).add(b.mul(3));
      }
    }
    const both = (t: torch.Tensor) => Both.apply(t) as unknown as torch.Tensor[];
    // A pass from the first output alone is among what is compared.
    expect(() => gradcheck((t) => both(t)[0]!.add(both(t)[1]!), x)).toThrow('no second gradient');
    const summed = (t: torch.Tensor) => {
      const [a, b] = both(t) as [torch.Tensor, torch.Tensor];
      return [a.add(b), b.mul(2)];
    };
    expect(gradcheck(summed, x)).toBe(true);
  });

  it('compares stacks of gradients and dtypes on request', () => {
    expect(gradcheck((t) => t.sin().cumsum(0), x, { checkBatchedGrad: true })).toBe(true);
    class Single extends torch.autograd.Function {
      static override forward(_: Context, t: torch.Tensor) {
        return t.mul(2);
      }
      static override backward(_: Context, grad: torch.Tensor) {
        return grad.mul(2 * (grad.sum().item() > -1e9 ? 1 : 0));
      }
    }
    const single = (t: torch.Tensor) => Single.apply(t);
    expect(gradcheck(single, x)).toBe(true);
    expect(() => gradcheck(single, x, { checkBatchedGrad: true })).toThrow(
      'While computing batched gradients, got: ',
    );
    expect(() =>
      gradcheck(single, x, { checkBatchedGrad: true, checkBackwardAd: false, checkForwardAd: true }),
    ).toThrow('Setting checkBatchedGrad: true requires checkBackwardAd to be true');
  });

  it('refuses what it cannot vary', () => {
    expect(() => gradcheck((t) => t.exp(), torch.ones(3, { dtype: torch.float64 }))).toThrow(
      'gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.',
    );
    const wide = torch.ones(1, { dtype: torch.float64 }).expand(3).requiresGrad_();
    expect(() => gradcheck((t) => t.exp(), wide)).toThrow('The 0th input has a dimension with stride 0.');
  });
});
