import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { jvp } = torch.func;
const { forwardAd } = torch.autograd;
const double = (data: torch.TensorData): torch.Tensor => torch.tensor(data, { dtype: torch.float64 });
const numbers = (t: torch.Tensor | null): unknown => t?.tolist() ?? null;
const ones = (...shape: number[]): torch.Tensor => torch.ones(shape, { dtype: torch.float64 });

const x = double([0.5, 1.5]);
const v = double([1, 2]);

describe('jvp', () => {
  it('gives the output and the directional derivative', () => {
    const [y, dy] = jvp((a: torch.Tensor) => a.mul(a), [x], [v]);
    expect(numbers(y)).toEqual([0.25, 2.25]);
    expect(numbers(dy)).toEqual([1, 6]);
  });

  it('takes several arguments and nested ones, and returns what has the form of the output', () => {
    const [y, dy] = jvp(
      (a: torch.Tensor, { b }: { b: torch.Tensor }) => ({ product: a.mul(b), both: [a.add(1), b] }),
      [x, { b: v }],
      [ones(2), { b: x }],
    );
    expect(numbers(y.product)).toEqual([0.5, 3]);
    expect(numbers(dy.product)).toEqual([1.25, 4.25]);
    expect(dy.both.map(numbers)).toEqual([
      [1, 1],
      [0.5, 1.5],
    ]);
  });

  it('gives zeros for an output that does not depend on the input, and refuses it if strict', () => {
    const constant = (_: torch.Tensor) => ones(3);
    expect(numbers(jvp(constant, [x], [v])[1])).toEqual([0, 0, 0]);
    expect(() => jvp(constant, [x], [v], { strict: true })).toThrow(
      'jvp(f, primals, tangents, { strict: true }): The output of f is independent of the inputs. This is not allowed with strict: true.',
    );
  });

  it('hands aux on', () => {
    const [y, dy, aux] = jvp((a: torch.Tensor) => [a.sum(), 'seen'] as const, [x], [v], { hasAux: true });
    expect([y.item(), dy.item(), aux]).toEqual([2, 3, 'seen']);
  });

  it('leaves gradient mode alone: noGrad does not hide tangents, inferenceMode and detach do', () => {
    const of = (f: (a: torch.Tensor) => torch.Tensor) => numbers(jvp(f, [x], [v])[1]);
    expect(of((a) => torch.noGrad(() => a.mul(3)))).toEqual([3, 6]);
    expect(of((a) => torch.inferenceMode(() => a.mul(3)))).toEqual([0, 0]);
    expect(of((a) => a.detach().mul(a))).toEqual([0.5, 3]);
    expect(of((a) => a.clone().detach_())).toEqual([0, 0]);
  });

  it('has no tangents for integers, and zero ones for steps', () => {
    expect(numbers(jvp((a: torch.Tensor) => a.argmax(), [x], [v])[1])).toBe(0);
    expect(numbers(jvp((a: torch.Tensor) => a.floor(), [x], [v], { strict: true })[1])).toEqual([0, 0]);
  });

  it('broadcasts and promotes tangents as values', () => {
    const a = torch.tensor([1.5]);
    const [y, dy] = jvp((t: torch.Tensor) => t.add(x.reshape([2, 1])), [a], [torch.tensor([2.5])]);
    expect([dy.dtype, dy.shape]).toEqual([y.dtype, y.shape]);
    expect(numbers(dy)).toEqual([[2.5], [2.5]]);
  });

  it('says what it cannot take, as PyTorch does', () => {
    const f = (a: torch.Tensor) => a;
    expect(() => jvp(f, x as never, v as never)).toThrow('Expected primals to be a tuple.');
    expect(() => jvp(f, [x], [v, v] as never)).toThrow(
      'Got primals with structure (*,) and tangents with structure (*, *)',
    );
    expect(() => jvp(f as never, [], [])).toThrow('Expected primals to contain at least one Tensor.');
    expect(() => jvp(f as never, [1], [v] as never)).toThrow(
      "Expected primals to only contain Tensors, got <class 'int'>",
    );
    expect(() => jvp(f, [x], [ones(3)])).toThrow(
      'Tensor is of size [2] while the given forward gradient is of size [3].',
    );
    expect(() => jvp(f, [torch.tensor([1, 2])], [v])).toThrow(
      'Expected primal to be floating point or complex, but got: torch.int64',
    );
    expect(() => jvp((_: torch.Tensor) => 3, [x], [v])).toThrow(
      "jvp(f, primals, tangents): expected f(*primals) to return only tensors, got unsupported type <class 'int'>",
    );
    expect(() => jvp(f as never, [x], [v], { hasAux: true } as never)).toThrow(
      'output of function f should be a tuple: (output, aux) if has_aux is True',
    );
    expect(() => jvp((a: torch.Tensor) => torch.add(a, a, { out: ones(2) }), [x], [v])).toThrow(
      'Trying to use forward AD with add_out that does not support it because it is an out= function',
    );
  });
});

describe('changes in place', () => {
  const of = (f: (a: torch.Tensor) => torch.Tensor) => numbers(jvp(f, [x], [v])[1]);

  it('change the tangent with the value', () => {
    expect(of((a) => a.clone().mul_(a))).toEqual([1, 6]);
    expect(
      of((a) => {
        const y = a.mul(1);
        return y.mul_(y);
      }),
    ).toEqual([1, 6]);
    expect(of((a) => a.clone().fill_(3))).toEqual([0, 0]);
    expect(of((a) => a.clone().unsqueeze_(0).mul_(2))).toEqual([[2, 4]]);
  });

  it('reach views and what they are views of', () => {
    expect(
      of((a) => {
        const y = a.clone();
        const first = y.narrow(0, 0, 1);
        y.mul_(10);
        first.mul_(2);
        return torch.cat([y, first]);
      }),
    ).toEqual([20, 20, 20]);
  });

  it('give a tensor without tangent one, and its views', () => {
    expect(
      of((a) => {
        const y = ones(2, 2);
        const column = y.select(1, 0);
        y.select(0, 1).copy_(a);
        return torch.cat([y, column.unsqueeze(0)]);
      }),
    ).toEqual([
      [0, 0],
      [1, 2],
      [0, 1],
    ]);
  });

  it('leave the tangents of other tensors alone', () => {
    expect(
      of((a) => {
        const y = a.add(1);
        y.mul_(5);
        return a;
      }),
    ).toEqual([1, 2]);
  });
});

describe('nested levels', () => {
  const cube = (a: torch.Tensor) => a.pow(3);

  it('give second derivatives, forward over forward', () => {
    const second = jvp((a: torch.Tensor) => jvp(cube, [a], [ones(2)])[1], [x], [v])[1];
    expect(numbers(second)).toEqual([3, 18]);
  });

  it('keep their tangents apart', () => {
    // d/da (a · d/db (a + b)) is 1, not 2.
    const outer = (a: torch.Tensor) => a.mul(jvp((b: torch.Tensor) => a.add(b), [ones(2)], [ones(2)])[1]);
    expect(numbers(jvp(outer, [x], [ones(2)])[1])).toEqual([1, 1]);
  });

  it('record for the backward pass: reverse over forward', () => {
    const a = x.clone().requiresGrad_();
    const [, tangent] = jvp((t: torch.Tensor) => t.softmax(0).mul(t), [a], [v]);
    const [g] = torch.autograd.grad(tangent.sum(), a) as [torch.Tensor];
    const f = (t: torch.Tensor) => t.softmax(0).mul(t).sum();
    const b = x.clone().requiresGrad_();
    const [first] = torch.autograd.grad(f(b), b, { createGraph: true }) as [torch.Tensor];
    const [expected] = torch.autograd.grad(first.mul(v).sum(), b) as [torch.Tensor];
    expect(torch.allclose(g, expected)).toBe(true);
  });

  it('run through the backward pass: forward over reverse', () => {
    const gradient = (a: torch.Tensor) => {
      const y = a.detach().requiresGrad_();
      expect(forwardAd.unpackDual(y).tangent).toBe(null);
      const w = a.clone().requiresGrad_();
      return torch.autograd.grad(w.pow(3).sum(), w)[0] as torch.Tensor;
    };
    expect(
      numbers(jvp((a: torch.Tensor) => gradient(a.mul(1)), [x.clone().requiresGrad_()], [v])[1]),
    ).toEqual([3, 18]);
  });
});

describe('forwardAd', () => {
  it('makes and unpacks dual tensors while a level lasts', () => {
    const y = forwardAd.dualLevel(() => {
      const dual = forwardAd.makeDual(x, v);
      expect(String(dual)).toBe(
        'tensor([0.5000, 1.5000], dtype=torch.float64,\n       tangent=tensor([1., 2.], dtype=torch.float64))',
      );
      const result = dual.mul(2);
      const { primal, tangent } = forwardAd.unpackDual(result);
      expect([numbers(primal), numbers(tangent)]).toEqual([
        [1, 3],
        [2, 4],
      ]);
      expect(forwardAd.unpackDual(primal).tangent).toBe(null);
      return result;
    });
    expect(forwardAd.unpackDual(y).tangent).toBe(null);
  });

  it('lasts over awaits', async () => {
    const tangent = await forwardAd.dualLevel(async () => {
      const dual = forwardAd.makeDual(x, v);
      await Promise.resolve();
      return forwardAd.unpackDual(dual.neg()).tangent;
    });
    expect(numbers(tangent)).toEqual([-1, -2]);
  });

  it('can be entered and exited by hand, once', () => {
    expect(forwardAd.enterDualLevel()).toBe(0);
    expect(() => forwardAd.enterDualLevel()).toThrow('Nested forward mode AD is not supported at the moment');
    const dual = forwardAd.makeDual(x, v);
    expect(() => forwardAd.makeDual(dual, v)).toThrow('already has a forward gradient at the same level 0');
    expect(() => forwardAd.exitDualLevel({ level: 3 })).toThrow('was not the last one that was created');
    forwardAd.exitDualLevel();
    expect(() => forwardAd.makeDual(x, v)).toThrow('make sure to call it inside dualLevel() first.');
  });

  it('ends a level when its function throws', () => {
    expect(() =>
      forwardAd.dualLevel(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(numbers(jvp((a: torch.Tensor) => a, [x], [v])[1])).toEqual([1, 2]);
  });
});

describe("a custom Function's jvp", () => {
  class Product extends torch.autograd.Function {
    static override forward(ctx: torch.autograd.FunctionContext, a: torch.Tensor, b: torch.Tensor) {
      ctx.saveForForward(a, b);
      ctx.saveForBackward(a, b);
      return a.mul(b);
    }
    static override backward(ctx: torch.autograd.FunctionContext, grad: torch.Tensor) {
      const [a, b] = ctx.savedTensors;
      return [grad.mul(b), grad.mul(a)];
    }
    static override jvp(ctx: torch.autograd.FunctionContext, da: torch.Tensor, db: torch.Tensor) {
      const [a, b] = ctx.savedTensors;
      return da.mul(b).add(db.mul(a));
    }
  }

  it('gives the tangents, at every level', () => {
    const f = (a: torch.Tensor) => Product.apply(a, a.add(1));
    expect(numbers(jvp(f, [x], [ones(2)])[1])).toEqual([2, 4]);
    expect(numbers(jvp((a: torch.Tensor) => jvp(f, [a], [ones(2)])[1], [x], [v])[1])).toEqual([2, 4]);
  });

  it('gets zeros for what has no tangent', () => {
    expect(numbers(jvp((a: torch.Tensor) => Product.apply(a, x), [x], [v])[1])).toEqual([0.5, 3]);
  });

  it('is asked for where it is missing, and for as many tangents as there are results', () => {
    class Missing extends torch.autograd.Function {
      static override forward(_: torch.autograd.FunctionContext, a: torch.Tensor) {
        return a.neg();
      }
    }
    class Wrong extends Missing {
      static override jvp(_: torch.autograd.FunctionContext, a: torch.Tensor) {
        return [a, a];
      }
    }
    expect(() => jvp((a: torch.Tensor) => Missing.apply(a), [x], [v])).toThrow(
      'You must implement the jvp function for custom autograd.Function to use it with forward mode AD.',
    );
    expect(() => jvp((a: torch.Tensor) => Wrong.apply(a), [x], [v])).toThrow(
      "Function's jvp returned an invalid number of forward gradients (expected 1 but got 2)",
    );
  });
});
