/** Values and derivatives where formulas break: zeros, equal elements, poles, infinities, NaN. The values are PyTorch's, or exact ones. */
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { functional: F } = torch.nn;
type Unary = (x: torch.Tensor) => torch.Tensor;

const floats = (values: torch.TensorData, dtype: torch.DType = torch.float32) =>
  torch.tensor(values, { dtype, requiresGrad: true });

/** The first and second derivatives of a function of one variable, at each of these points. */
function derivatives(
  f: Unary,
  at: readonly number[],
  dtype: torch.DType = torch.float32,
): [number[], number[]] {
  const x = floats([...at], dtype);
  const first = torch.autograd.grad(f(x).sum(), x, { createGraph: true })[0]!;
  const second = first.requiresGrad ? torch.autograd.grad(first.sum(), x, { allowUnused: true })[0] : null;
  return [first.tolist() as number[], (second ?? torch.zerosLike(x)).tolist() as number[]];
}

/** The gradient of the sum of what a function returns. */
function gradient(f: Unary, at: torch.TensorData, dtype: torch.DType = torch.float32): unknown {
  const x = floats(at, dtype);
  f(x).sum().backward();
  return x.grad!.tolist();
}

function expectNear(got: readonly number[], expected: readonly number[], relative: number): void {
  expect(got).toHaveLength(expected.length);
  for (const [i, e] of expected.entries()) {
    if (!Number.isFinite(e) || e === 0) expect(got[i], `at ${i}`).toBe(e);
    else expect(Math.abs(got[i] / e - 1), `at ${i}: ${got[i]} instead of ${e}`).toBeLessThan(relative);
  }
}

describe('standard deviations', () => {
  it('have gradient zero where all elements are equal', () => {
    for (const dtype of [torch.float32, torch.float64, torch.float16]) {
      expect(gradient((x) => x.std(), [4, 4, 4], dtype)).toEqual([0, 0, 0]);
      expect(gradient((x) => x.std({ dim: 0, correction: 0 }), [4, 4, 4], dtype)).toEqual([0, 0, 0]);
      const rows = [
        [4, 4],
        [1, 3],
      ];
      const root = dtype === torch.float64 ? Math.SQRT1_2 : Math.fround(Math.SQRT1_2);
      const [first, second] = gradient((x) => torch.stdMean(x, 1)[0], rows, dtype) as number[][];
      expect(first).toEqual([0, 0]);
      expectNear(second, [-root, root], 1e-3);
    }
    expect(derivatives((x) => x.std(), [0, 0])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(gradient((x) => x.var().sqrt(), [4, 4, 4])).toEqual([NaN, NaN, NaN]);
  });

  it('neither overflow nor vanish with the squares', () => {
    expectNear([floats([1e30, -1e30, 1e30]).std().item() as number], [1.1547005853437709e30], 1e-6);
    expectNear([floats([1e-30, 2e-30, 0]).std().item() as number], [1e-30], 1e-6);
  });

  it('of complex numbers, too', () => {
    const z = torch
      .viewAsComplex(
        torch.tensor(
          [
            [1, 2],
            [1, 2],
          ],
          { dtype: torch.float64 },
        ),
      )
      .clone()
      .requiresGrad_();
    z.std().backward();
    expect(torch.viewAsReal(z.grad!).tolist()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe('norms', () => {
  it('have a gradient at zero and with NaN', () => {
    expect(derivatives((x) => x.norm(), [0, 0])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(gradient((x) => x.norm(0.5), [0, 0])).toEqual([0, 0]);
    expect(gradient((x) => x.norm(Infinity), [NaN, 1])).toEqual([0, 0]);
    expect(gradient((x) => x.norm(-Infinity), [NaN, 1])).toEqual([0, 0]);
    expect(gradient((x) => torch.max(x), [1, NaN, 2, NaN])).toEqual([0, 0.5, 0, 0.5]);
    expect(torch.dist(floats([Infinity, 1]), floats([Infinity, 1]), 0).item()).toBe(1);
  });

  it('do not overflow with powers', () => {
    expectNear(
      gradient((x) => x.norm(3), [1e10, 1e10]) as number[],
      [0.6299605249474366, 0.6299605249474366],
      1e-5,
    );
    expectNear(
      [torch.linalg.vectorNorm(floats([1e20, 1e20]), -2).item() as number],
      [7.071067811865476e19],
      1e-5,
    );
  });

  it('of nothing have an identity or are refused', () => {
    const nothing = torch.zeros([0, 3]);
    expect(nothing.norm(2, 0).tolist()).toEqual([0, 0, 0]);
    expect(() => nothing.norm(Infinity)).toThrow(
      'linalg.vector_norm cannot compute the inf norm on an empty tensor because the operation does not have an identity',
    );
    expect(() => torch.linalg.vectorNorm(nothing, -1, 0)).toThrow(
      'cannot compute the -1 norm on the dimension 0',
    );
  });

  it('move every largest difference of a distance', () => {
    const a = floats([[1, 1]]);
    torch
      .cdist(a, floats([[3, 3]]), { p: Infinity })
      .sum()
      .backward();
    expect(a.grad!.tolist()).toEqual([[-1, -1]]);
    const rows = [
      [0, 0],
      [2, -2],
    ];
    expect(gradient((x) => torch.pdist(x, Infinity), rows)).toEqual([
      [-1, 1],
      [1, -1],
    ]);
    expect(gradient((x) => x.norm(Infinity), [2, -2])).toEqual([0.5, -0.5]);
  });

  it('let similarities and renormalizations have gradients', () => {
    expect(gradient((x) => F.cosineSimilarity(x, torch.zeros([1, 2])), [[1e20, 1e20]])).toEqual([[0, 0]]);
    const [, second] = derivatives((x) => F.cosineSimilarity(x, torch.tensor([4, 4, 4]), 0), [0, 0, 0]);
    expect(second.every(Number.isFinite)).toBe(true);
    const rows = [
      [NaN, 1],
      [3, 4],
    ];
    expect((gradient((x) => torch.renorm(x, 2, 0, 1), rows) as number[][])[0]).toEqual([1, 1]);
  });
});

describe('special functions near their singularities', () => {
  it('sinc has the derivatives of its power series', () => {
    const at = [0, 1e-42, 1e-30, 1e-8, 1e-3, 0.01];
    const slope = -(Math.PI ** 2) / 3;
    for (const dtype of [torch.float32, torch.float64]) {
      const [first, second] = derivatives(torch.sinc, at, dtype);
      expectNear(
        first.slice(2),
        at.slice(2).map((x) => slope * x * (1 - (Math.PI * x) ** 2 / 10)),
        1e-6,
      );
      expect(first[0]).toBeCloseTo(0);
      expectNear(
        second,
        at.map((x) => slope * (1 - 0.3 * (Math.PI * x) ** 2)),
        1e-6,
      );
    }
    const [first, second] = derivatives(torch.sinc, [0.3, 1.5, -2.25], torch.float64);
    expectNear(first, [-0.9020281301388888, 0.14147106052612907, -0.26980961553194194], 1e-12);
    expectNear(second, [-2.458485286266174, 1.9057670216916902, -1.227138088952474], 1e-12);
  });

  it('the derivatives of digamma are exact beside its poles', () => {
    const at = [-1e-20, -1e-6, -0.5, 0.25];
    const expected = [1e40, 1.000000000001645e12, 8.934802200544679, 17.19732915450711];
    const x = torch.tensor(at, { dtype: torch.float64 });
    expectNear(torch.special.polygamma(1, x).tolist() as number[], expected, 1e-14);
    expectNear(derivatives(torch.digamma, at, torch.float64)[0], expected, 1e-14);
    expectNear(derivatives(torch.digamma, [-1e-5])[0], [10000001024], 1e-6);
    expect(derivatives(torch.digamma, [0, -1], torch.float64)[1]).toEqual([-Infinity, -Infinity]);
    const far = torch.tensor([-25.2, -40.74634035473458, -3.5], { dtype: torch.float64 });
    expectNear(
      torch.special.polygamma(2, far).tolist() as number[],
      [247.0464069511171, -118.4819771868436, -0.061556821321027695],
      1e-12,
    );
    expect(torch.special.zeta(2, torch.tensor([-3, 0])).tolist()).toEqual([Infinity, Infinity]);
  });

  it('the upper incomplete gamma function does not cancel where both arguments are small', () => {
    // By scipy.special.gammaincc.
    const a = [9.811378064076128e-29, 8.57e-17, 2.9e-14, 1e-10, 1e-3];
    const x = [1e-5, 1.4e-6, 6.98e-5, 0.8, 1e-5];
    const expected = [
      1.072944813610317e-27, 1.1056863216369967e-15, 2.6078918978018306e-13, 3.1059657857220526e-11,
      0.010876955304217334,
    ];
    const above = torch.igammac(
      torch.tensor(a, { dtype: torch.float64 }),
      torch.tensor(x, { dtype: torch.float64 }),
    );
    expectNear(above.tolist() as number[], expected, 1e-13);
  });

  it('the derivative of erfinv keeps its digits beside one', () => {
    const at = [0.9996117353439331, -0.9999998807907104, 0.75];
    const slopes = [479.68883292262063, 1083994.5523402612, 1.7174997693674519];
    expectNear(derivatives(torch.erfinv, at)[0], slopes, 4e-7);
    expectNear(derivatives(torch.erfinv, at, torch.float64)[0], slopes, 1e-14);
    expect(derivatives(torch.erfinv, [1, -1, 2])[0]).toEqual([Infinity, Infinity, Number.NaN]);
  });

  it('modified Bessel functions have derivatives at zero and where their series meet', () => {
    expect(derivatives(torch.special.i1e, [0, 1e-42])[0]).toEqual([0.5, 0.5]);
    expect(derivatives(torch.special.i1, [0])).toEqual([[0.5], [0]]);
    expect(derivatives(torch.special.i0, [0])).toEqual([[0], [0.5]]);
    const [first, second] = derivatives(torch.special.i1, [8, -8], torch.float64);
    expectNear(first, [377.57997362398476, 377.57997362398476], 1e-13);
    expectNear(second, [358.92365784178935, -358.92365784178935], 1e-12);
    expectNear(derivatives(torch.special.i0e, [8], torch.float64)[0], [-0.009289288564152176], 1e-11);
  });

  it('entropy, logit, xlogy and powers follow at zero', () => {
    expect(derivatives(torch.special.entr, [0, -1, 1])).toEqual([
      [Infinity, NaN, -1],
      [-Infinity, 1, -1],
    ]);
    expect(gradient((x) => torch.special.logit(x, 0.1), [NaN, 0.05, 0.5])).toEqual([0, 0, 4]);
    expect(gradient((x) => torch.xlogy(x, NaN), [0, 1])).toEqual([0, NaN]);
    expect(gradient((x) => x.pow(0), [Infinity, NaN, 0])).toEqual([0, 0, 0]);
    const [y, x] = [floats([0, 1e-45]), floats([0, 1e-45])];
    torch.atan2(y, x).sum().backward();
    expect([y.grad!.tolist(), x.grad!.abs().tolist()]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('tails do not cancel', () => {
    const at = floats([-5, -12]);
    expectNear(F.gelu(at).tolist() as number[], [-1.4332576e-6, -2.1317785e-32], 1e-4);
    expectNear(torch.special.ndtr(at).tolist() as number[], [2.8665157e-7, 1.7764821e-33], 1e-4);
    expectNear(F.tanhshrink(floats([1e-6, 0.1])).tolist() as number[], [3.3333333e-19, 3.3200531e-4], 1e-6);
    const target = torch.tensor([0.5]);
    expect(F.tanhshrink(target).item()).toBeCloseTo(0.5 - Math.tanh(0.5), 7);
  });
});

describe('orthogonal polynomials', () => {
  const x = torch.full([6], 0.25, { dtype: torch.float64 });
  const degrees = torch.tensor([-1, 0, 1, 2.9, 5, Infinity], { dtype: torch.float64 });

  it.each([
    ['chebyshevPolynomialT', [0, 1, 0.25, -0.875, 0.953125, 0]],
    ['shiftedChebyshevPolynomialW', [0, 1, 0, -1, -1, 0]],
    ['hermitePolynomialHe', [0, 1, 0.25, -0.9375, 3.5947265625, 0]],
    ['laguerrePolynomialL', [0, 1, 0.75, 0.53125, 0.0372639973958333, 0]],
    ['legendrePolynomialP', [0, 1, 0.25, -0.40625, 0.3397216796875, 0]],
  ] as const)('%s has a degree for each point, whole and not below zero', (name, expected) => {
    expectNear(torch.special[name](x, degrees).tolist() as number[], expected as readonly number[], 1e-14);
    const many = torch.special[name](x.repeat([7]), degrees.repeat([7])).slice(0, 30, 36);
    expectNear(many.tolist() as number[], expected as readonly number[], 1e-14);
  });

  it('are not there for half precisions', () => {
    expect(() => torch.special.laguerrePolynomialL(x.half(), 1)).toThrow(
      `"laguerre_polynomial_l_cpu" not implemented for 'Half'`,
    );
  });
});

describe('the gamma function and the error function', () => {
  it('have the values of their zeros, poles and limits', () => {
    const t = (...values: number[]) => torch.tensor(values);
    expect(torch.lgamma(t(1, 2, 0, -0, -1, -Infinity, Infinity)).tolist()).toEqual([
      0,
      0,
      ...Array(5).fill(Infinity),
    ]);
    expect(torch.digamma(t(0, -0, -1, -Infinity, Infinity)).tolist()).toEqual([
      -Infinity,
      Infinity,
      NaN,
      NaN,
      Infinity,
    ]);
    expect(torch.erfinv(t(1, -1, -0, 1.5)).tolist()).toEqual([Infinity, -Infinity, -0, NaN]);
  });

  it.each([
    ['lgamma', torch.lgamma],
    ['digamma', torch.digamma],
  ] as const)('%s of float32 is that of float64, rounded', (_, f) => {
    const x = torch.linspace(-19.99, 20, 4001, { dtype: torch.float32 });
    expect(f(x).tolist()).toEqual(f(x.double()).float().tolist());
  });

  it('erfinv of float32 is that of float64 to two units in the last place', () => {
    const p = torch.linspace(-0.9999, 0.9999, 4001);
    const exact = p.double().erfinv();
    expect(p.erfinv().double().sub(exact).div(exact).abs().nanToNum().max().item()).toBeLessThan(2 ** -22.9);
  });
});

describe('activations', () => {
  it('let no gradient through for NaN where they cut off', () => {
    for (const f of [F.hardtanh, F.relu6, F.softshrink] as Unary[]) expect(gradient(f, [NaN])).toEqual([0]);
    // PyTorch's vectors give 0 here, and its remaining elements the gradient, as its definition does.
    expect(gradient(F.hardshrink as Unary, [NaN])).toEqual([1]);
    expect(gradient(F.hardswish, [NaN, -3, 3])).toEqual([NaN, 0, 1]);
  });

  it('have a second derivative of zero at their kink', () => {
    for (const f of [F.elu, F.selu, F.celu] as Unary[]) expect(derivatives(f, [0])[1]).toEqual([0]);
  });
});

describe('the next value', () => {
  it('is the neighbour on the way to the other number', () => {
    const next = (a: number[], b: number[]) => torch.nextafter(torch.tensor(a), torch.tensor(b)).tolist();
    expect(next([1, -1, 0, -0, 0, 1, NaN], [2, -2, -1, 1, -0, NaN, 1])).toEqual([
      1 + 2 ** -23,
      -1 - 2 ** -23,
      -(2 ** -149),
      2 ** -149,
      -0,
      NaN,
      NaN,
    ]);
    expect(next([Infinity, 3.4028234663852886e38], [0, Infinity])).toEqual([3.4028234663852886e38, Infinity]);
  });

  it('is that of the half precisions', () => {
    const next = (dtype: torch.DType, a: number[], b: number[]) =>
      torch.nextafter(torch.tensor(a, { dtype }), torch.tensor(b, { dtype })).tolist();
    expect(next(torch.float16, [1, 1, 0, Infinity, -1], [2, 0, -1, 0, -1])).toEqual([
      1.0009765625,
      0.99951171875,
      -(2 ** -24),
      65504,
      -1,
    ]);
    expect(next(torch.bfloat16, [1, -1, 0, Infinity, NaN], [2, -2, 1, -Infinity, 1])).toEqual([
      1.0078125,
      -1.0078125,
      9.183549615799121e-41,
      3.3895313892515355e38,
      NaN,
    ]);
  });
});

describe('complex functions', () => {
  it.each([torch.float32, torch.float64])('acosh has its gradient in both half planes (%s)', (dtype) => {
    const parts = [
      [-1, 1],
      [1, 1],
      [-2, -0.5],
      [-0.5, 0.25],
    ];
    const z = torch.viewAsComplex(torch.tensor(parts, { dtype })).clone().requiresGrad_();
    torch.real(torch.acosh(z)).sum().backward();
    const expected = [-0.3515775842541429, 0.5688644810057831, 0.3515775842541429, 0.5688644810057831];
    expectNear(
      torch
        .viewAsReal(z.grad!.slice(0, 0, 2))
        .flatten()
        .tolist() as number[],
      expected,
      1e-5,
    );
    const far = torch.viewAsReal(z.grad!.slice(0, 2)).flatten().tolist() as number[];
    expectNear(
      far,
      [-0.5157148857049604, -0.16770213325966554, -0.16127472062565795, 1.0725361811319973],
      1e-5,
    );
  });
});

describe('a gradient that is kept', () => {
  const three = (values: number[]) => {
    const x = floats(values);
    const h = x.mul(3);
    h.retainGrad();
    return { x, h };
  };

  it('is that of the value after in-place changes', () => {
    for (const change of [(h: torch.Tensor) => h.mul_(5), (h: torch.Tensor) => h.exp_()]) {
      const { h } = three([2]);
      change(h);
      expect(h.retainsGrad).toBe(true);
      h.retainGrad();
      h.sum().backward();
      expect(h.grad!.tolist()).toEqual([1]);
    }
    const { x, h } = three([2, 3]);
    h.index(0).mul_(5);
    h.sum().backward();
    expect([h.grad!.tolist(), x.grad!.tolist()]).toEqual([
      [1, 1],
      [15, 3],
    ]);
  });

  it('goes with a view to its new place in the graph', () => {
    const x = floats([2, 3]);
    const h = x.mul(3);
    const v = h.index(0);
    v.retainGrad();
    v.mul_(5);
    h.sum().add(v.mul(2)).backward();
    expect([v.grad!.item(), x.grad!.tolist()]).toEqual([2, [45, 3]]);
    const y = floats([2, 3]);
    const base = y.mul(3);
    const view = base.index(0);
    view.retainGrad();
    base.mul_(5);
    base.sum().add(view).backward();
    expect([view.grad!.item(), y.grad!.tolist()]).toEqual([1, [30, 15]]);
  });

  it('comes after the hooks of the last value, while hooks stay with the value they were given for', () => {
    const { x, h } = three([2]);
    const seen: unknown[] = [];
    h.registerHook((g) => {
      seen.push(['first', g.item()]);
    });
    h.mul_(5);
    h.registerHook((g) => {
      seen.push(['last', g.item()]);
      return g.mul(10);
    });
    h.sum().backward();
    expect(seen).toEqual([
      ['last', 1],
      ['first', 50],
    ]);
    expect([h.grad!.tolist(), x.grad!.tolist()]).toEqual([[10], [150]]);
  });
});

describe('interpolation', () => {
  const numbers = (...shape: number[]) =>
    torch
      .arange(
        shape.reduce((a, b) => a * b),
        { dtype: torch.float32 },
      )
      .reshape(shape)
      .requiresGrad_();

  it('goes by the sizes where the result has as many elements or twice as many, as the kernel of small images does', () => {
    const twice = F.interpolate(numbers(1, 1, 1, 6), { scaleFactor: [1, 2.1] });
    expect(twice.flatten().tolist()).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    const same = F.interpolate(numbers(1, 1, 2, 2), { scaleFactor: 1.3 });
    expect(same.flatten().tolist()).toEqual([0, 1, 2, 3]);
    const large = F.interpolate(numbers(1, 1, 1, 66), { scaleFactor: [1, 2.01] });
    expect((large.flatten().tolist() as number[]).slice(-4)).toEqual([63, 64, 64, 65]);
  });

  it('goes by the factor in one dimension, and its gradient by the sizes', () => {
    const x = numbers(1, 1, 6);
    const y = F.interpolate(x, { scaleFactor: 2.1 });
    expect(y.flatten().tolist()).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
    y.mul(torch.arange(12)).sum().backward();
    expect(x.grad!.flatten().tolist()).toEqual([1, 5, 9, 13, 17, 21]);
  });

  it('copies in linear modes where there are as many elements', () => {
    const y = F.interpolate(numbers(1, 1, 2), { scaleFactor: 1.3, mode: 'linear' });
    expect(y.flatten().tolist()).toEqual([0, 1]);
  });
});

describe('numbers that do not fit the dtype', () => {
  const bytes = (...values: number[]) => torch.tensor(values, { dtype: torch.uint8 });

  it('wrap where they are operands', () => {
    expect(bytes(200, 255).eq(-1).tolist()).toEqual([false, true]);
    expect(bytes(0, 10).lt(260).tolist()).toEqual([true, false]);
    expect(bytes(90).floorDivide(300).tolist()).toEqual([2]);
    expect(bytes(90).remainder(-1).tolist()).toEqual([90]);
    expect(torch.maximum(bytes(7), torch.tensor(-1)).tolist()).toEqual([255]);
    expect(bytes(7).logicalXor(torch.tensor(256)).tolist()).toEqual([true]);
    expect(torch.isin(bytes(255, 1), -1).tolist()).toEqual([true, false]);
    expect(bytes(1).bitwiseLeftShift(256).tolist()).toEqual([1]);
    expect(torch.searchsorted(bytes(0, 100, 255), -1).item()).toBe(2);
    expect(() => bytes(7).floorDivide(256)).toThrow('ZeroDivisionError');
    expect(torch.tensor([-56], { dtype: torch.int8 }).eq(200).tolist()).toEqual([true]);
  });

  it('are refused where they are bounds, factors and values', () => {
    const overflow = 'value cannot be converted to type uint8_t without overflow';
    const x = bytes(90);
    for (const f of [
      () => x.clamp(-1, 300),
      () => x.clampMin(256),
      () => x.add(x, { alpha: 300 }),
      () => x.pow(256),
      () => torch.where(x.gt(0), x, 300),
      () => torch.addcmul(x, x, x, { value: 256 }),
      () => F.threshold(x, 256, 1),
      () => F.pad(x, [1, 1], { value: -1 }),
      () => torch.addmm(x.view([1, 1]), x.view([1, 1]), x.view([1, 1]), { beta: 256 }),
      () => x.fill_(300),
    ])
      expect(f).toThrow(overflow);
    expect(x.clamp(-1, 100).tolist()).toEqual([100]);
    expect(torch.where(torch.tensor([false]), x, -1).tolist()).toEqual([255]);
    expect(torch.full([1], 70000, { dtype: torch.float16 }).item()).toBe(Infinity);
  });

  it('round to half precisions where they are compared and added, but not where they are factors', () => {
    const x = torch.tensor([0.1], { dtype: torch.float16 });
    expect([x.eq(0.1).item(), x.lt(0.1).item(), x.ge(0.1).item()]).toEqual([1, 0, 1]);
    expect(x.mul(2.7).item()).toBe(0.27001953125);
    expect(torch.tensor([33.3], { dtype: torch.bfloat16 }).mul(1.7).item()).toBe(56.5);
  });
});

describe('sums of half precision', () => {
  it.each([
    [torch.float16, 2500, 2048],
    [torch.bfloat16, 2496, 256],
  ])('by index are added up in float32 where PyTorch does (%s)', (dtype, wide, narrow) => {
    const at = torch.zeros(2500, { dtype: torch.int64 });
    const ones = torch.ones(2500, { dtype });
    const zero = torch.zeros(1, { dtype });
    expect(zero.scatterAdd(0, at, ones).item()).toBe(wide);
    expect(zero.scatter(0, at, ones, { reduce: 'add' }).item()).toBe(wide);
    expect(zero.scatterReduce(0, at, ones, 'sum').item()).toBe(wide);
    expect(
      zero
        .view([1, 1])
        .indexAdd(0, at, ones.view([2500, 1]))
        .item(),
    ).toBe(wide);
    expect(zero.indexAdd(0, at, ones).item()).toBe(narrow);
    const x = zero.clone().requiresGrad_();
    x.gather(0, at).sum().backward();
    expect(x.grad!.item()).toBe(wide);
    const bag = F.embeddingBag(at, torch.ones([1, 1], { dtype }), torch.tensor([0]), { mode: 'sum' });
    expect(bag.item()).toBe(wide);
  });
});

describe('random slopes', () => {
  it('are drawn in float64 for the elements that are not above zero', () => {
    for (const dtype of [torch.float32, torch.float64]) {
      torch.manualSeed(3);
      const x = torch.tensor([-1, 2, -1, 0, NaN, -1], { dtype });
      const drawn = F.rrelu(x, 0.1, 0.4, true).tolist() as number[];
      const expected = [-0.11023245869515615, 2, -0.1860220680163921, 0, NaN, -0.15247810878438842];
      for (const [i, e] of expected.entries())
        if (Number.isNaN(e)) expect(drawn[i]).toBeNaN();
        else expect(drawn[i]).toBeCloseTo(e, 6);
      expect(torch.rand(1).item()).toBe(0.5944212079048157);
    }
  });
});

describe('ranges', () => {
  it('have a step, which NaN is not', () => {
    for (const step of [0, NaN]) expect(() => torch.arange(0, 4, step)).toThrow('step must be nonzero');
    expect(() => torch.arange(NaN)).toThrow('unsupported range: 0 -> nan');
    expect(() => torch.arange(0, 3, { dtype: torch.bool })).toThrow(
      `"arange_cpu" not implemented for 'Bool'`,
    );
    expect(torch.arange(0, 4, Infinity).tolist()).toEqual([]);
  });
});
