import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

type Context = torch.autograd.FunctionContext;
type Outputs = torch.Tensor | readonly torch.Tensor[];
type Gradients = torch.Tensor | null | readonly (torch.Tensor | null)[];

/** A function of these parts. */
function functionOf(
  forward: (ctx: Context, ...args: torch.Tensor[]) => unknown,
  backward?: (ctx: Context, ...grads: torch.Tensor[]) => unknown,
): typeof torch.autograd.Function {
  class Made extends torch.autograd.Function {
    static override forward(...args: never[]): Outputs {
      const [ctx, ...rest] = args as unknown as [Context, ...torch.Tensor[]];
      return forward(ctx, ...rest) as Outputs;
    }
  }
  if (backward !== undefined)
    Object.assign(Made, {
      backward: (ctx: Context, ...grads: torch.Tensor[]) => backward(ctx, ...grads) as Gradients,
    });
  return Made;
}

const leaf = (): torch.Tensor => torch.ones(2, { requiresGrad: true });

describe('results of custom functions', () => {
  const views: [string, (x: torch.Tensor) => torch.Tensor][] = [
    ['a view of an input', (x) => x.view(2, 1)],
    ['an input as it is', (x) => x],
  ];
  for (const [what, view] of views)
    it(`cannot be changed in place where one is ${what}, which would pass the function's backward by`, () => {
      const F = functionOf(
        (_, x) => view(x),
        (_, grad) => grad.reshape(2).mul(5),
      );
      const x = leaf();
      const y = F.apply(x.mul(1));
      expect(() => y.mul_(3)).toThrow(
        'Output 0 of Made is a view and is being modified inplace. This view was created inside a custom Function',
      );
      expect(() => y.select(0, 0).mul_(3)).toThrow('This behavior is forbidden.');
      y.sum().backward();
      expect(x.grad!.tolist()).toEqual([5, 5]);
      const plain = F.apply(torch.ones(2));
      expect(plain.mul_(3).sum().item()).toBe(6);
    });

  it('cannot be changed in place where several are views', () => {
    const F = functionOf(
      (_, x) => [x.select(0, 0), x.select(0, 1)],
      (_, a, b) => torch.stack([a, b]),
    );
    const [first] = F.apply(leaf().mul(1)) as unknown as torch.Tensor[];
    expect(() => first.mul_(2)).toThrow('This view is the output of a function that returns multiple views.');
  });

  it('need not be tensors, and what is none has no gradient', () => {
    const seen: unknown[] = [];
    const F = functionOf(
      (_, x) => [x.mul(2), 'text', null],
      (_, ...grads) => {
        seen.push(...grads.slice(1));
        return grads[0];
      },
    );
    const x = leaf();
    const [y, text, nothing] = F.apply(x) as unknown as [torch.Tensor, string, null];
    expect([text, nothing]).toEqual(['text', null]);
    y.sum().backward();
    expect(seen).toEqual([null, null]);
    expect(functionOf(() => 3).apply(x)).toBe(3);
  });

  it('have no gradient where they are said to have none, inputs too', () => {
    const F = functionOf((ctx, x) => {
      ctx.markNonDifferentiable(x);
      return x;
    });
    expect(F.apply(leaf()).requiresGrad).toBe(false);
  });
});

describe('inputs that a custom function changes', () => {
  const Double = functionOf(
    (ctx, x) => {
      ctx.markDirty(x.mul_(2));
      return x;
    },
    (_, grad) => grad.mul(2),
  );

  it('cannot be leaves that want a gradient', () => {
    expect(() => Double.apply(leaf())).toThrow(
      'a leaf Variable that requires grad has been used in an in-place operation.',
    );
  });

  it('may be views, whose base has the gradient', () => {
    const Scale = functionOf(
      (ctx, factor, y) => {
        ctx.markDirty(y.mul_(factor));
        return y;
      },
      (_, grad) => [grad, grad.mul(3)],
    );
    const [factor, x] = [leaf(), torch.ones(4, { requiresGrad: true })];
    const y = x.mul(1);
    Scale.apply(factor, y.slice(0, 1, 3));
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([1, 3, 3, 1]);
    expect(factor.grad!.tolist()).toEqual([1, 1]);
  });

  it('cannot be views where there are several results', () => {
    const F = functionOf((ctx, x) => {
      ctx.markDirty(x.mul_(2));
      return [x, x.add(1)];
    });
    expect(() => F.apply(leaf().mul(1).slice(0, 0, 1))).toThrow(
      'your Function cannot return more than one Tensor',
    );
  });
});

describe('gradients that a custom function returns', () => {
  const run = (backward?: (ctx: Context, ...grads: torch.Tensor[]) => unknown) => () => {
    const F = functionOf((_, x) => x.mul(2), backward);
    (F.apply as (...args: unknown[]) => torch.Tensor)(leaf(), 3).sum().backward();
  };

  it('are null for what is no tensor', () => {
    expect(run((_, grad) => [grad, grad])).toThrow(
      'function MadeBackward returned a gradient different than None at position 2, but the corresponding forward input was not a Variable',
    );
  });

  it('are tensors', () => {
    expect(run(() => ['text', null])).toThrow('expected Variable or None (got str)');
  });

  it('have the sizes of the arguments, and errors name the function', () => {
    expect(run(() => [torch.ones(3), null])).toThrow(
      'Function MadeBackward returned an invalid gradient at index 0 - got [3] but expected shape compatible with [2]',
    );
  });

  it('are wanted of every function', () => {
    const error = expect(run());
    error.toThrow(torch.NotImplementedError);
    error.toThrow('You must implement either the backward or vjp method');
  });
});

describe('gradients that a hook returns', () => {
  const run = (hook: (grad: torch.Tensor) => unknown) => () => {
    const x = leaf();
    x.registerHook(hook as (grad: torch.Tensor) => torch.Tensor);
    x.sum().backward();
  };

  it('are tensors of the same dtype and sizes', () => {
    expect(run(() => 3)).toThrow("expected Variable, but hook returned 'int'");
    expect(run((g) => g.double())).toThrow(
      "hook '<lambda>' has changed the type of value (was torch.FloatTensor got torch.DoubleTensor)",
    );
    expect(run(() => torch.ones(3))).toThrow("hook '<lambda>' has changed the size of value");
    expect(run((g) => g.mul(2))).not.toThrow();
  });
});
