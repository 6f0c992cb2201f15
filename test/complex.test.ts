/** Complex tensors: what they print, share, compute and give gradients of. Values are PyTorch's. */
import { existsSync, readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { Complex } = torch;
const values = () => torch.tensor([Complex(1, 2), Complex(3.5, -1)]);

describe('a complex tensor prints as in PyTorch', () => {
  const chapter = new URL('../../shared/golden/tensors_chapter.txt', import.meta.url);

  it.skipIf(!existsSync(chapter))("in the tutorial's first chapter", () => {
    expect(readFileSync(chapter, 'utf8')).toContain(`${values()}\n`);
  });

  it.each([
    [values(), 'tensor([1.0000+2.j, 3.5000-1.j])'],
    [torch.tensor(Complex(1, 2)), 'tensor(1.+2.j)'],
    [torch.tensor([Complex(1e-5, 1), Complex(2, -1000)]), 'tensor([1.0000e-05+1.j, 2.0000e+00-1000.j])'],
    [torch.tensor([Complex(1, 1)], { dtype: torch.complex128 }), 'tensor([1.+1.j], dtype=torch.complex128)'],
    [torch.zeros(2, { dtype: torch.complex32 }), 'tensor([0.+0.j, 0.+0.j], dtype=torch.complex32)'],
    [torch.zeros(0, { dtype: torch.complex64 }), 'tensor([], dtype=torch.complex64)'],
    [values().requiresGrad_(), 'tensor([1.0000+2.j, 3.5000-1.j], requires_grad=True)'],
  ])('%s', (tensor, text) => expect(String(tensor)).toBe(text));

  it('and a number as Python prints it', () => {
    expect([Complex(1, 2), Complex(0, -1.5), Complex(-0, 0)].map(String)).toEqual([
      '(1+2j)',
      '-1.5j',
      '(-0+0j)',
    ]);
  });
});

describe('reading', () => {
  it('gives complex numbers', () => {
    expect(values().tolist()).toEqual([Complex(1, 2), Complex(3.5, -1)]);
    expect(values()[Symbol.iterator]().next().value.itemComplex()).toEqual(Complex(1, 2));
    expect([...values().toArray()]).toEqual([1, 2, 3.5, -1]);
    expect(Complex(1, 2)).toBeInstanceOf(Complex);
  });

  it('names the way where a number cannot hold the value', () => {
    expect(() => torch.tensor(Complex(1, 2)).item()).toThrow('use itemComplex()');
    expect(() => values().numpy()).toThrow('use torch.viewAsReal(tensor).numpy()');
  });
});

describe('parts', () => {
  it('are views', () => {
    const z = values();
    z.imag.fill_(7);
    z.real = torch.tensor([5, 6]);
    expect(String(z)).toBe('tensor([5.+7.j, 6.+7.j])');
    torch.viewAsReal(z).zero_();
    expect(String(z)).toBe('tensor([0.+0.j, 0.+0.j])');
    expect(String(torch.viewAsComplex(torch.tensor([[1.5, 2]])))).toBe('tensor([1.5000+2.j])');
  });

  it('are conjugated and negated at once', () => {
    const z = values();
    expect([
      z.conj().isConj(),
      torch.isConj(z.conj()),
      z.conj().imag.isNeg(),
      torch.isNeg(z.conj().imag),
    ]).toEqual([false, false, false, false]);
    expect(String(z.conj().resolveConj())).toBe('tensor([1.0000-2.j, 3.5000+1.j])');
    expect(z.conj().imag.resolveNeg().tolist()).toEqual([-2, 1]);
  });

  it('are refused where there are none', () => {
    expect(() => torch.ones(2).imag).toThrow('imag is not implemented for tensors with non-complex dtypes.');
    expect(() => torch.viewAsComplex(torch.ones(3))).toThrow('Tensor must have a last dimension of size 2');
    expect(() => torch.complex(torch.ones(2), torch.ones(2, { dtype: torch.float64 }))).toThrow(
      'Expected object of scalar type Float but got scalar type Double for second argument',
    );
  });
});

describe('type promotion', () => {
  it.each([
    [torch.float64, torch.complex64, torch.complex128],
    [torch.float32, torch.complex32, torch.complex64],
    [torch.bfloat16, torch.complex32, torch.complex64],
    [torch.int64, torch.complex32, torch.complex32],
  ])('%s and %s meet in %s', (a, b, expected) => {
    expect(torch.promoteTypes(a, b)).toBe(expected);
    expect(torch.promoteTypes(b, a)).toBe(expected);
  });

  it('lets a number or 0-d tensor decide the category, not the precision', () => {
    expect(torch.ones(2).mul(Complex(0, 1)).dtype).toBe(torch.complex64);
    expect(torch.ones(2, { dtype: torch.float64 }).mul(Complex(0, 1)).dtype).toBe(torch.complex128);
    expect(torch.ones(2).mul(torch.ones([], { dtype: torch.complex128 })).dtype).toBe(torch.complex64);
    expect(torch.ones(2, { dtype: torch.int32 }).add(Complex(0, 1)).dtype).toBe(torch.complex64);
  });

  it('refuses what a real tensor cannot hold', () => {
    expect(() => torch.ones(2).mul_(Complex(0, 1))).toThrow(
      "result type ComplexFloat can't be cast to the desired output type Float",
    );
    expect(() => values().abs_()).toThrow('In-place abs is not supported for complex tensors.');
    expect(() => torch.full([2], Complex(1, 2), { dtype: torch.float32 })).toThrow(
      'value cannot be converted to type float without overflow',
    );
  });
});

describe('gradients are ∂L/∂Re + i ∂L/∂Im', () => {
  const gradient = (fn: (z: torch.Tensor) => torch.Tensor, cotangent: torch.Tensor) => {
    const z = values().requiresGrad_();
    return String(torch.autograd.grad(fn(z), z, cotangent)[0]);
  };
  const ones = torch.ones(2);

  it.each([
    ['of a holomorphic function', (z: torch.Tensor) => z.mul(z), 'tensor([2.-4.j, 7.+2.j])'],
    ['of the conjugate', (z: torch.Tensor) => z.conj().mul(Complex(0, 1)), 'tensor([0.+1.j, 0.+1.j])'],
  ])('%s', (_, fn, text) => expect(gradient(fn, ones.to(torch.complex64))).toBe(text));

  it.each([
    ['of the absolute value', (z: torch.Tensor) => z.mul(z).abs(), 'tensor([2.+4.j, 7.-2.j])'],
    ['of a part', (z: torch.Tensor) => z.mul(z).imag, 'tensor([ 4.+2.j, -2.+7.j])'],
    ['of the angle', (z: torch.Tensor) => z.angle().mul(13.25), 'tensor([-5.3000+2.6500j,  1.0000+3.5000j])'],
  ])('%s', (_, fn, text) => expect(gradient(fn, ones)).toBe(text));

  it('and real where the input is', () => {
    const x = torch.tensor([2]).to(torch.float32).requiresGrad_();
    const z = x.mul(Complex(1, 3));
    expect(String(torch.autograd.grad(z, x, torch.tensor([Complex(1, 1)]))[0])).toBe('tensor([4.])');
  });
});

describe('in-place changes of a part', () => {
  it('reach the whole, and its gradient', () => {
    const z = values().requiresGrad_();
    const w = z.mul(2);
    w.real.mul_(3);
    expect(String(w.detach())).toBe('tensor([ 6.+4.j, 21.-2.j])');
    w.abs().sum().backward();
    expect(String(z.grad)).toBe('tensor([4.9923+1.1094j, 5.9730-0.1896j])');
  });

  it('of a real tensor seen as a complex one, too', () => {
    const x = torch
      .tensor([
        [1, 2],
        [3, 4.5],
      ])
      .requiresGrad_();
    const y = x.mul(1);
    torch.viewAsComplex(y).mul_(Complex(0, 1));
    expect(String(y.detach())).toBe('tensor([[-2.0000,  1.0000],\n        [-4.5000,  3.0000]])');
    y.mul(torch.tensor([1, 10]))
      .sum()
      .backward();
    expect(String(x.grad)).toBe('tensor([[10., -1.],\n        [10., -1.]])');
  });
});

describe('optimizers', () => {
  it.each([
    ['SGD', 'tensor([0.5120+1.0240j, 1.5360-0.5120j], requires_grad=True)'],
    ['Adam', 'tensor([0.7016+1.7006j, 2.7004-0.7016j], requires_grad=True)'],
  ] as const)('%s changes complex parameters as PyTorch does', (name, text) => {
    const p = torch.tensor([Complex(1, 2), Complex(3, -1)]).requiresGrad_();
    const optimizer = new torch.optim[name]([p], { lr: 0.1 });
    for (let i = 0; i < 3; i++) {
      optimizer.zeroGrad();
      p.mul(p.conj()).real.sum().backward();
      optimizer.step();
    }
    expect(String(p)).toBe(text);
  });
});

describe('what has no complex form is refused in PyTorch’s words', () => {
  it.each([
    ['lt', (z: torch.Tensor) => z.lt(z), `"lt_cpu" not implemented for 'ComplexFloat'`],
    ['maximum', (z: torch.Tensor) => z.maximum(z), 'maximum not implemented for complex tensors.'],
    ['clamp', (z: torch.Tensor) => z.clamp(0), 'clamp is not supported for complex types'],
    ['sort', (z: torch.Tensor) => z.sort(), ' Sort does not support complex dtypes on CPU'],
    ['max', (z: torch.Tensor) => z.max(), `"max_all" not implemented for 'ComplexFloat'`],
    ['erf', (z: torch.Tensor) => z.erf(), `"erf_vml_cpu" not implemented for 'ComplexFloat'`],
    [
      'backward without gradient',
      (z: torch.Tensor) => z.requiresGrad_().sum().backward(),
      'grad can be implicitly created only for real scalar outputs but got torch.complex64',
    ],
  ] as const)('%s', (_, call, text) => expect(() => call(values())).toThrow(text));

  it('and never reaches the engine', () => {
    expect(() => torch.nn.functional.softmax(values(), 0)).toThrow("not implemented for 'ComplexFloat'");
    expect(() => torch.scatterReduce(values(), 0, torch.tensor([0, 0]), values(), 'amax')).toThrow(
      "not implemented for 'ComplexFloat'",
    );
  });
});

it('random numbers are those of PyTorch', () => {
  torch.manualSeed(0);
  const dtype = torch.complex64;
  expect(String(torch.randn(3, { dtype }))).toBe(
    'tensor([ 1.0896-0.2075j, -1.5406+0.4019j, -0.7669-0.9890j])',
  );
  expect(String(torch.rand(2, { dtype: torch.complex128 }))).toBe(
    'tensor([0.1786+0.3511j, 0.5813+0.2882j], dtype=torch.complex128)',
  );
  expect(String(torch.randn(20, { dtype }).index('-2:'))).toBe('tensor([-1.1521-0.3887j, -0.3393-0.3533j])');
  expect(String(torch.empty(2, 2, { dtype }).normal_(1, 2))).toBe(
    'tensor([[ 1.3866-0.2984j,  0.9428+1.4075j],\n        [ 0.9893-0.2933j, -0.5395+0.6230j]])',
  );
});

it('a summary breaks its lines as PyTorch does', () => {
  torch.manualSeed(3);
  torch.randn(4, 30, { dtype: torch.complex64 });
  const text = String(torch.randn(40, 30, { dtype: torch.complex64 }).mul(1000));
  expect(text.split('\n').slice(0, 4)).toEqual([
    'tensor([[ -531.8072-1262.3782j,   246.7538+384.6469j,   639.7390+1197.6738j,',
    '          ..., -1399.8561-344.2502j,   315.8802-645.8501j,',
    '          -688.3632-799.3798j],',
    '        [  344.6305+787.2023j,   849.5443+472.7040j,   -81.3260-587.0950j,',
  ]);
});

describe('at zeros, infinities and NaN', () => {
  /** PyTorch's results for every pair of `values`; of two operands the second is the pairs rolled by 31. */
  const golden = JSON.parse(
    readFileSync(new URL('./golden/complex.json.golden', import.meta.url), 'utf8'),
  ) as Record<string, (number | string)[]>;
  const number = (x: number | string): number => Number(String(x).replace('inf', 'Infinity'));
  const parts = golden.values.map(number);
  const all = parts.flatMap((x) => parts.map((y) => Complex(x, y)));
  /** NaN in one part alone says no more than NaN in both; an infinity beside it is not always the same. */
  const unlike: Readonly<Record<string, number>> = {
    log1p: 2,
    atan: 2,
    atanh: 2,
    // By zero PyTorch's vector code gives NaN, and its code for the rest infinities.
    div: 4,
    pow: 8,
  };

  it.each(Object.keys(golden).filter((name) => name !== 'values'))('%s is as in PyTorch', (name) => {
    const z = torch.tensor(all);
    const call = (torch as unknown as Record<string, (...operands: torch.Tensor[]) => torch.Tensor>)[name];
    const result = ['mul', 'div', 'pow'].includes(name) ? call(z, torch.roll(z, 31)) : call(z);
    const got = [...result.toArray()].map(Number);
    const expected = golden[name].map(number);
    const size = result.isComplex() ? 2 : 1;
    expect(got.length).toBe(expected.length);
    let different = 0;
    for (let i = 0; i < got.length; i += size) {
      const [a, e] = [got.slice(i, i + size), expected.slice(i, i + size)];
      if (a.some(Number.isNaN) && e.some(Number.isNaN)) continue;
      const scale = Math.hypot(...e.filter(Number.isFinite));
      const isSame = a.every((x, k) => x === e[k] || Math.abs(x - e[k]) <= 2e-6 * scale + 1e-37);
      if (!isSame) different++;
    }
    expect(different).toBeLessThanOrEqual(unlike[name] ?? 0);
  });
});

describe('at zeros, infinities and far out', () => {
  const { float64 } = torch;
  const inf = Infinity;
  const at = (re: number, im: number) => torch.viewAsComplex(torch.tensor([re, im], { dtype: float64 }));
  const parts = (z: torch.Tensor) => torch.viewAsReal(z).tolist();

  it.each<[string, torch.Tensor, [number, number]]>([
    ['1 / 0', at(0, 0).reciprocal(), [inf, NaN]],
    ['i / 0', at(0, 1).div(at(0, 0)), [NaN, inf]],
    ['i / 0, a number', at(0, 1).div(0), [NaN, inf]],
    ['rsqrt(0)', at(0, 0).rsqrt(), [inf, NaN]],
    ['1 / -2i', at(0, -2).reciprocal(), [-0, 0.5]],
    ['rsqrt below the cut', at(-1, -0).rsqrt(), [-0, 1]],
    ['0 ** 0', at(0, 0).pow(0), [1, 0]],
    ['i inf ** 0', at(0, inf).pow(0), [1, 0]],
    ['i ** 1', at(0, 1).pow(1), [0, 1]],
    ['1 ** i inf', torch.pow(1, at(0, inf)), [1, 0]],
    ['sgn(-0 - 0i)', at(-0, -0).sgn(), [0, 0]],
    ['exp(-inf - i)', at(-inf, -1).exp(), [0, -0]],
    ['sin(inf + i inf)', at(inf, inf).sin(), [NaN, inf]],
    ['cos(inf)', at(inf, 0).cos(), [NaN, 0]],
    ['sin(-2)', at(-2, 0).sin(), [Math.sin(-2), -0]],
    ['tanh(inf - 1i)', at(inf, -1).tanh(), [1, -0]],
    ['tanh(100 + i inf)', at(100, inf).tanh(), [NaN, NaN]],
    ['tan(-1 + i inf)', at(-1, inf).tan(), [-0, 1]],
    ['asin(-0 + nan i)', at(-0, NaN).asin(), [-0, NaN]],
    ['acos(nan i)', at(0, NaN).acos(), [Math.PI / 2, NaN]],
    ['acosh(nan i)', at(0, NaN).acosh(), [NaN, Math.PI / 2]],
    ['atanh(nan i)', at(0, NaN).atanh(), [0, NaN]],
    ['atanh(1e200)', at(1e200, 0).atanh(), [1e-200, Math.PI / 2]],
    ['atan(1e200 i)', at(1, 1e200).atan(), [Math.PI / 2, 1e-200]],
    ['logaddexp with NaN', at(0, 0).logaddexp(at(inf, NaN)), [NaN, NaN]],
  ])('%s', (_, got, expected) => expect(parts(got)).toEqual(expected));

  it('a product that fits does not overflow on the way', () => {
    const far = torch.viewAsComplex(torch.tensor([100, 1e-30]));
    const [exp, sinh, cosh] = [far.exp(), far.sinh(), far.cosh()].map((z) => parts(z) as number[]);
    expect(exp[0]).toBe(inf);
    expect(exp[1] / 26881172701184).toBeCloseTo(1, 6);
    for (const [, im] of [sinh, cosh]) expect(im / 13440586350592).toBeCloseTo(1, 6);
    const back = torch.viewAsComplex(torch.tensor([-100, 1e-5])).sigmoid();
    expect(parts(back)).toEqual([0, 0]);
    expect((parts(at(800, 1e-200).exp()) as number[])[1] / 2.7263745721125666e147).toBeCloseTo(1, 12);
  });

  it('log1p keeps what is left where |1 + z| is nearly 1', () => {
    const [re] = parts(torch.viewAsComplex(torch.tensor([-2, 1e-5])).log1p()) as number[];
    expect(re / 4.9999997198124646e-11).toBeCloseTo(1, 6);
  });
});
