import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { grad, jacrev, jvp, vmap } = torch.func;
type Context = torch.autograd.FunctionContext;

/** A cube whose gradient is three times too large, so that it shows whose formula was used. */
class Cube extends torch.autograd.Function {
  static override readonly generateVmapRule = true;
  static override forward(x: torch.Tensor): torch.Tensor {
    expect(x.ndim).toBe(1);
    return x.pow(3);
  }
  static override setupContext(ctx: Context, [x]: readonly torch.Tensor[]): void {
    ctx.saveForBackward(x);
    ctx.saveForForward(x);
  }
  static override backward(ctx: Context, g: torch.Tensor): torch.Tensor {
    return ctx.savedTensors[0].square().mul(9).mul(g);
  }
  static override jvp(ctx: Context, t: torch.Tensor): torch.Tensor {
    return ctx.savedTensors[0].square().mul(9).mul(t);
  }
}

/** The product of two, one of which may be the same for all. */
class Product extends torch.autograd.Function {
  static override readonly generateVmapRule = true;
  static override forward(ctx: Context, x: torch.Tensor, y: torch.Tensor): torch.Tensor {
    ctx.saveForBackward(x, y);
    return x.mul(y);
  }
  static override backward(ctx: Context, g: torch.Tensor): torch.Tensor[] {
    const [x, y] = ctx.savedTensors;
    return [g.mul(y), g.mul(x)];
  }
}

/** As `Cube`, with a rule of its own, which counts its calls. */
class Ruled extends torch.autograd.Function {
  static calls: [
    info: torch.autograd.VmapInfo,
    dims: readonly (number | null)[],
    shape: readonly number[],
  ][] = [];
  static override forward(x: torch.Tensor): torch.Tensor {
    return torch.fromNumpy({ data: x.detach().toArray() as Float32Array, shape: x.shape }).pow(3);
  }
  static override setupContext(ctx: Context, [x]: readonly torch.Tensor[]): void {
    ctx.saveForBackward(x);
  }
  static override backward(ctx: Context, g: torch.Tensor): torch.Tensor {
    return ctx.savedTensors[0].square().mul(9).mul(g);
  }
  static override vmap(
    info: torch.autograd.VmapInfo,
    dims: readonly (number | null)[],
    x: torch.Tensor,
  ): readonly [torch.Tensor, number | null] {
    Ruled.calls.push([info, dims, x.shape]);
    return [Ruled.apply(x), dims[0]];
  }
}

const rows = () => torch.arange(1, 7).to(torch.float32).reshape([2, 3]);

describe('a custom function in vmap', () => {
  it('gives its gradients to what is outside', () => {
    const x = rows().requiresGrad_();
    const y = vmap((row: torch.Tensor) => Cube.apply(row))(x);
    expect(y.gradFn?.name()).toBe('VmappedCubeBackward');
    expect(y.tolist()).toEqual(rows().pow(3).tolist());
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual(rows().square().mul(9).tolist());
  });

  it('finds the stack along any dimension', () => {
    const x = rows().requiresGrad_();
    const y = vmap((row: torch.Tensor) => Cube.apply(row), 1, 1)(x);
    expect(y.tolist()).toEqual(rows().pow(3).tolist());
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual(rows().square().mul(9).tolist());
  });

  it('adds up the gradients of an argument that is the same for all', () => {
    const [x, y] = [
      rows().requiresGrad_(),
      torch.tensor([1, 2, 3], { dtype: torch.float32 }).requiresGrad_(),
    ];
    vmap((row: torch.Tensor) => Product.apply(row, y))(x)
      .sum()
      .backward();
    expect(y.grad!.tolist()).toEqual(rows().sum(0).tolist());
    expect(x.grad!.tolist()).toEqual(y.detach().expand([2, 3]).tolist());
  });

  it('is differentiated twice', () => {
    const x = rows().requiresGrad_();
    const y = vmap((row: torch.Tensor) => Cube.apply(row))(x).sum();
    const [first] = torch.autograd.grad(y, x, { createGraph: true });
    const [second] = torch.autograd.grad(first.sum(), x);
    expect(second.tolist()).toEqual(rows().mul(18).tolist());
  });

  it('gives its tangents to what is outside, and to what is inside', () => {
    const ones = torch.ones(2, 3);
    const mapped = (x: torch.Tensor) => vmap((row: torch.Tensor) => Cube.apply(row))(x);
    expect(jvp(mapped, [rows()], [ones])[1].tolist()).toEqual(rows().square().mul(9).tolist());
    const inner = vmap((row: torch.Tensor) => jvp((r: torch.Tensor) => Cube.apply(r), [row], [row])[1]);
    expect(inner(rows()).tolist()).toEqual(rows().pow(3).mul(9).tolist());
  });

  it.each([
    ['a generated rule', Cube],
    ['its own rule', Ruled],
  ])('has gradients inside, outside and both, by %s', (_, of) => {
    const slope = grad((row: torch.Tensor) => of.apply(row).sum());
    expect(vmap(slope)(rows()).tolist()).toEqual(rows().square().mul(9).tolist());
    const total = grad((x: torch.Tensor) => vmap((row: torch.Tensor) => of.apply(row))(x).sum());
    expect(total(rows()).tolist()).toEqual(rows().square().mul(9).tolist());
    const both = grad((x: torch.Tensor) => vmap(slope)(x).sum());
    expect(both(rows()).tolist()).toEqual(rows().mul(18).tolist());
  });

  it('nests', () => {
    const deep = torch.arange(1, 13).to(torch.float32).reshape([2, 2, 3]).requiresGrad_();
    const y = vmap(vmap((row: torch.Tensor) => Cube.apply(row)))(deep);
    expect(y.tolist()).toEqual(deep.detach().pow(3).tolist());
    y.sum().backward();
    expect(deep.grad!.tolist()).toEqual(deep.detach().square().mul(9).tolist());
    const jacobian = vmap(jacrev((row: torch.Tensor) => Cube.apply(row)))(rows());
    expect(jacobian.diagonal(0, 1, 2).tolist()).toEqual(rows().square().mul(9).tolist());
  });

  it('is carried out by its own rule', () => {
    Ruled.calls = [];
    const x = rows().requiresGrad_();
    const y = vmap((row: torch.Tensor) => Ruled.apply(row), 1, { randomness: 'same' })(x);
    expect(Ruled.calls).toEqual([[{ batchSize: 3, randomness: 'same' }, [1], [2, 3]]]);
    expect(y.tolist()).toEqual(rows().pow(3).t().tolist());
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual(rows().square().mul(9).tolist());
  });

  it('needs one way, and one only', () => {
    class Neither extends torch.autograd.Function {
      static override forward = (_: Context, x: torch.Tensor) => x.clone();
    }
    class Both extends Ruled {
      static override readonly generateVmapRule = true;
    }
    expect(() => vmap((x: torch.Tensor) => Neither.apply(x))(rows())).toThrow(
      'You tried to vmap over Neither, but it does not have vmap support. Please override and implement the vmap static method or set generateVmapRule = true.',
    );
    expect(() => vmap((x: torch.Tensor) => Both.apply(x))(rows())).toThrow(
      'You tried to vmap over Both, but it has both generateVmapRule = true and an overridden vmap static method.',
    );
    // A value that is the same for all is no matter of its.
    expect(vmap((x: torch.Tensor) => Neither.apply(torch.ones(3)).add(x))(rows()).tolist()).toEqual(
      rows().add(1).tolist(),
    );
  });

  it('must compute apart from what it keeps, to be differentiated inside and outside', () => {
    const slope = grad((row: torch.Tensor) => Product.apply(row, row).sum());
    expect(vmap(slope)(rows()).tolist()).toEqual(rows().mul(2).tolist());
    expect(() => grad((x: torch.Tensor) => vmap(slope)(x).sum())(rows())).toThrow(
      'In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must override the setupContext static method.',
    );
  });

  it.each([
    [(x: torch.Tensor) => Cube.apply(x) as never, "Got a <class 'Tensor'> instead"],
    [(x: torch.Tensor) => [x, 0, 1] as never, 'Got 3 returns instead'],
    [
      (x: torch.Tensor) => [x, [0, 1]] as const,
      "The autograd.Function's vmap static method returned an incompatible (output, out_dims) tuple. Expected out_dims=(0, 1) to be compatible with the structure of `output`.",
    ],
  ])('refuses a rule that does not give a result and its dimension', (rule, words) => {
    class Wrong extends Ruled {
      static override vmap = (
        _: torch.autograd.VmapInfo,
        __: readonly (number | null)[],
        x: torch.Tensor,
      ): never => rule(x.select(0, 0)) as never;
    }
    expect(() => vmap((x: torch.Tensor) => Wrong.apply(x))(rows())).toThrow(words);
  });
});

describe('setupContext', () => {
  it('keeps what backward needs, apart from forward', () => {
    const x = torch.tensor([2], { dtype: torch.float32, requiresGrad: true });
    Cube.apply(x).sum().backward();
    expect(x.grad!.tolist()).toEqual([36]);
  });
});
