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
