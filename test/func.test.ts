import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { grad, gradAndValue, hessian, jacfwd, jacrev, jvp, vjp } = torch.func;
const double = (data: torch.TensorData): torch.Tensor => torch.tensor(data, { dtype: torch.float64 });
const numbers = (t: torch.Tensor): unknown => t.tolist();

const x = double([1, 2, 3]);
const cubes = (t: torch.Tensor): torch.Tensor => t.pow(3).sum();

describe('grad', () => {
  it('gives the gradient of a function of one number', () => {
    const g = grad(cubes)(x);
    expect(numbers(g)).toEqual([3, 12, 27]);
    expect(g.requiresGrad).toBe(false);
    expect(x.requiresGrad).toBe(false);
  });

  it('nests', () => {
    const scalar = double(2);
    const third = grad(grad(grad((t: torch.Tensor) => t.pow(4))));
    expect(third(scalar).item()).toBe(48);
    // d/da (a · d/db (a · b)) = d/da a² = 2a: each transform sees its own variable only.
    const mixed = grad((a: torch.Tensor) => a.mul(grad((b: torch.Tensor) => a.mul(b))(scalar)));
    expect(mixed(double(3)).item()).toBe(6);
  });

  it('takes the arguments to differentiate by, and aux', () => {
    const f = (a: torch.Tensor, b: torch.Tensor) => a.mul(b).sum();
    const [byA, byB] = grad(f, [0, 1])(x, double([4, 5, 6]));
    expect([byA, byB].map(numbers)).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ]);
    expect(numbers(grad(f, { argnums: -1 })(x, x))).toEqual([1, 2, 3]);
    const [g, aux] = grad((a: torch.Tensor) => [cubes(a), a.mul(2)] as const, { hasAux: true })(x);
    expect([numbers(g), numbers(aux), aux.requiresGrad]).toEqual([[3, 12, 27], [2, 4, 6], false]);
    const [h, value] = gradAndValue(cubes)(x);
    expect([numbers(h), value.item()]).toEqual([[3, 12, 27], 36]);
  });

  it('takes nested arguments', () => {
    const f = (p: { w: torch.Tensor; b: torch.Tensor[] }) => p.w.mul(p.b[0]).sum();
    const g = grad(f)({ w: x, b: [double([4, 5, 6])] });
    expect([numbers(g.w), numbers(g.b[0])]).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ]);
  });

  it('is recorded for whoever differentiates around it', () => {
    const w = double([2]).requiresGrad_();
    grad((t: torch.Tensor) => t.mul(w).pow(2).sum())(double([3]))
      .sum()
      .backward();
    // The gradient is 2 w² t; by w that is 4 w t.
    expect(numbers(w.grad!)).toEqual([24]);
    const y = x.clone().requiresGrad_();
    grad(cubes)(y).sum().backward();
    expect(numbers(y.grad!)).toEqual([6, 12, 18]);
  });

  it('works under noGrad, but obeys a noGrad of its function', () => {
    expect(numbers(torch.noGrad(() => grad(cubes)(x)))).toEqual([3, 12, 27]);
    const w = double([2]).requiresGrad_();
    expect(torch.noGrad(() => grad((t: torch.Tensor) => t.mul(w).sum())(x)).requiresGrad).toBe(false);
    const half = grad((t: torch.Tensor) =>
      t
        .mul(2)
        .sub(torch.noGrad(() => t.mul(t)))
        .sum(),
    );
    expect(numbers(half(x))).toEqual([2, 2, 2]);
  });

  it('leaves gradients of parameters alone', () => {
    const w = double([2]).requiresGrad_();
    grad((t: torch.Tensor) => t.mul(w).sum())(x);
    expect(w.grad).toBe(null);
  });

  it('says what it cannot take, as PyTorch does', () => {
    expect(() => grad((t: torch.Tensor) => t.mul(2))(x)).toThrow(
      'grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with 1 dims. Maybe you wanted to use the vjp or jacrev APIs instead?',
    );
    expect(() => (grad((() => 1) as never) as (t: torch.Tensor) => unknown)(x)).toThrow(
      "grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got <class 'int'>",
    );
    expect(() => grad(cubes, 1)(x)).toThrow('Got argnum=1, but only 1 positional inputs');
    expect(() => grad(cubes, [0, 0])(x)).toThrow('argnums elements must be unique, got (0, 0)');
    expect(() => grad(cubes, [])(x)).toThrow('argnums must be non-empty');
    expect(() => grad(cubes)(torch.tensor([1, 2]))).toThrow(
      'only Tensors of floating point dtype can require gradients',
    );
  });
});

describe('vjp', () => {
  it('gives the output and takes cotangents back, as often as asked', () => {
    const [y, back] = vjp((a: torch.Tensor, b: torch.Tensor) => a.mul(b), x, double([4, 5, 6]));
    expect(numbers(y)).toEqual([4, 10, 18]);
    for (const scale of [1, 2]) {
      const [byA, byB] = back(double([1, 0, 1]).mul(scale));
      expect([numbers(byA), numbers(byB)]).toEqual([
        [4 * scale, 0, 6 * scale],
        [scale, 0, 3 * scale],
      ]);
      expect(byA.requiresGrad).toBe(false);
    }
  });

  it('takes aux, and refuses cotangents of another form', () => {
    const [y, back, aux] = vjp((a: torch.Tensor) => [{ double: a.mul(2) }, 'seen'] as const, x, {
      hasAux: true,
    });
    expect(aux).toBe('seen');
    expect(numbers(back({ double: y.double })[0])).toEqual([4, 8, 12]);
    expect(() => back([y.double] as never)).toThrow(
      "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. cotangents: (*,), primal output: {'double': *}",
    );
    expect(() => vjp((a: torch.Tensor) => a.long(), x)).toThrow(
      'vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype torch.int64',
    );
  });
});

describe('Jacobians', () => {
  const f = (a: torch.Tensor, b: torch.Tensor) => ({ product: a.mul(b), sum: a.sum() });

  it('are the same in both modes', () => {
    const args = [x, double([4, 5, 6])] as const;
    const [rows, columns] = [jacrev(f, [0, 1])(...args), jacfwd(f, [0, 1])(...args)];
    for (const j of [rows, columns]) {
      expect(j.product.map(numbers)).toEqual([
        [
          [4, 0, 0],
          [0, 5, 0],
          [0, 0, 6],
        ],
        [
          [1, 0, 0],
          [0, 2, 0],
          [0, 0, 3],
        ],
      ]);
      expect(j.sum.map(numbers)).toEqual([
        [1, 1, 1],
        [0, 0, 0],
      ]);
    }
  });

  it('have the sizes of the output, then of the input', () => {
    const m = torch.rand([2, 3], { dtype: torch.float64 });
    const g = (t: torch.Tensor) => t.mm(t.t());
    expect(jacrev(g)(m).shape).toEqual([2, 2, 2, 3]);
    expect(torch.allclose(jacrev(g)(m), jacfwd(g)(m))).toBe(true);
  });

  it('hand aux on', () => {
    const g = (t: torch.Tensor) => [t.mul(t), 'seen'] as const;
    expect(jacrev(g, { hasAux: true })(x)[1]).toBe('seen');
    expect(jacfwd(g, 0, true)(x)[1]).toBe('seen');
  });

  it('give second derivatives in any order of modes', () => {
    const expected = [
      [6, 0, 0],
      [0, 12, 0],
      [0, 0, 18],
    ];
    expect(numbers(hessian(cubes)(x))).toEqual(expected);
    expect(numbers(jacrev(jacfwd(cubes))(x))).toEqual(expected);
    expect(numbers(jacrev(jacrev(cubes))(x))).toEqual(expected);
    expect(numbers(jacfwd(jacfwd(cubes))(x))).toEqual(expected);
    const [, hvp] = jvp(grad(cubes), [x], [double([1, 0, 1])]);
    expect(numbers(hvp)).toEqual([6, 0, 18]);
    const reverse = grad((t: torch.Tensor) => jvp(cubes, [t], [double([1, 0, 1])])[1]);
    expect(numbers(reverse(x))).toEqual([6, 0, 18]);
  });
});
