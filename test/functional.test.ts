import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { vjp, jvp, jacobian, hessian, vhp, hvp } = torch.autograd.functional;
const double = (data: torch.TensorData): torch.Tensor => torch.tensor(data, { dtype: torch.float64 });
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  return (value as torch.Tensor).tolist();
};

const x = double([1, 2, 3]);
const v = double([1, 0, 1]);
const cubes = (t: torch.Tensor): torch.Tensor => t.pow(3).sum();
const pair = (a: torch.Tensor, b: torch.Tensor) => [a.mul(b), b.sum()];

describe('products with Jacobians', () => {
  it('give the outputs and the product, a tensor for a tensor and a list for a list', () => {
    expect(plain(vjp(cubes, x))).toEqual([36, [3, 12, 27]]);
    expect(plain(vjp(pair, [x, x], [v, double(2)]))).toEqual([
      [[1, 4, 9], 6],
      [
        [1, 0, 3],
        [3, 2, 5],
      ],
    ]);
    expect(plain(jvp(cubes, x, v))).toEqual([36, 30]);
    expect(plain(jvp(pair, [x, x], [v, v]))).toEqual([
      [[1, 4, 9], 6],
      [[2, 0, 6], 2],
    ]);
  });

  it('give zeros for what does not matter, or refuse it if strict', () => {
    const constant = (_: torch.Tensor) => torch.ones(2, { dtype: torch.float64 });
    expect(plain(jvp(constant, x, v)[1])).toEqual([0, 0]);
    expect(() => jvp(constant, x, v, { strict: true })).toThrow(
      'Output 0 of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.',
    );
    expect(() => vjp((a: torch.Tensor, _: torch.Tensor) => a.sum(), [x, x], null, false, true)).toThrow(
      'The output of the user-provided function is independent of input 1. This is not allowed in strict mode.',
    );
  });

  it('refuse vectors that do not fit, in PyTorch’s words', () => {
    expect(() => jvp(cubes, x)).toThrow(
      'The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.',
    );
    expect(() => vjp((t: torch.Tensor) => t.exp(), x)).toThrow(
      'The vector v can only be None if the user-provided function returns a single Tensor with a single element.',
    );
    expect(() => jvp(pair, [x, x], v)).toThrow('v is a tuple of invalid length: should be 2 but got 1.');
    expect(() => jvp(cubes, x, double([1, 2]))).toThrow(
      'v has invalid size: should be torch.Size([3]) but got torch.Size([2]).',
    );
    expect(() => hvp(cubes, 3 as never, v)).toThrow(
      "The inputs given to hvp must be either a Tensor or a tuple of Tensors but the given inputs has type <class 'int'>.",
    );
    expect(() => jvp((_: torch.Tensor) => 3 as never, x, v)).toThrow(
      "The outputs of the user-provided function given to jvp must be either a Tensor or a tuple of Tensors but the given outputs of the user-provided function has type <class 'int'>.",
    );
  });

  it('are recorded on request only', () => {
    const y = x.clone().requiresGrad_();
    expect((vjp(cubes, y)[1] as torch.Tensor).requiresGrad).toBe(false);
    const product = jvp(cubes, y, v, true)[1] as torch.Tensor;
    product.backward();
    expect(plain(y.grad)).toEqual([6, 0, 18]);
  });
});

describe('Jacobians and Hessians', () => {
  it('have the sizes of the output, then of the input', () => {
    expect(plain(jacobian(pair, [x, v]))).toEqual([
      [
        [
          [1, 0, 0],
          [0, 0, 0],
          [0, 0, 1],
        ],
        [
          [1, 0, 0],
          [0, 2, 0],
          [0, 0, 3],
        ],
      ],
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
    ]);
    expect(plain(hessian(cubes, x))).toEqual([
      [6, 0, 0],
      [0, 12, 0],
      [0, 0, 18],
    ]);
    const blocks = hessian((a: torch.Tensor, b: torch.Tensor) => a.mul(b).sum(), [x, v]) as torch.Tensor[][];
    expect(plain(blocks[0][0].sum())).toBe(0);
    expect(plain(blocks[0][1].diagonal())).toEqual([1, 1, 1]);
  });

  it('times vectors, without making them', () => {
    expect(plain(vhp(cubes, x, v))).toEqual([36, [6, 0, 18]]);
    expect(plain(hvp(cubes, x, v))).toEqual([36, [6, 0, 18]]);
  });

  it('say what they cannot take', () => {
    expect(() => hessian((t: torch.Tensor) => t.exp(), x)).toThrow(
      'The Tensor returned by the function given to hessian should contain a single element',
    );
    expect(() => jacobian(cubes, x, { strategy: 'forward-mode' })).toThrow('only implemented for');
    expect(() => hessian((t: torch.Tensor) => t.sum(), x, { strict: true })).toThrow(
      'found that the jacobian of the user-provided function with respect to input 0 is independent of the input.',
    );
  });
});
