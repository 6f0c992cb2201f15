import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const start = (...values: number[]) => torch.tensor(values, { dtype: torch.float64, requiresGrad: true });

describe('LBFGS', () => {
  it('finds the minimum of a curved valley by the line search', () => {
    const x = start(-1.5, 2);
    const optimizer = new torch.optim.LBFGS([x], { lineSearchFn: 'strong_wolfe', maxIter: 40 });
    let calls = 0;
    const loss = optimizer.step(() => {
      calls++;
      optimizer.zeroGrad();
      const [a, b] = x.unbind();
      const value = a.neg().add(1).square().add(b.sub(a.square()).square().mul(100));
      value.backward();
      return value;
    });
    expect(loss.item()).toBe(12.5);
    expect(x.tolist()).toEqual([expect.closeTo(1.000037607, 6), expect.closeTo(1.000069084, 6)]);
    // As many calls and iterations as PyTorch 2.13 takes from there.
    const { funcEvals, nIter } = optimizer.state.get(x)!;
    expect([calls, nIter, funcEvals]).toEqual([50, 39, 50]);
  });

  it('moves by steps of a fixed size without one, as PyTorch does', () => {
    const x = start(3, -2);
    const optimizer = new torch.optim.LBFGS([x], { lr: 0.5, maxIter: 3 });
    const weights = torch.tensor([1, 10], { dtype: torch.float64 });
    const losses = [1, 2, 3].map(() =>
      optimizer
        .step(() => {
          optimizer.zeroGrad();
          const loss = x.mul(weights).mul(x).sum();
          loss.backward();
          return loss;
        })
        .item(),
    );
    for (const [i, expected] of [49, 13.0086679022024, 4.710798580692011].entries())
      expect(losses[i]).toBeCloseTo(expected, 10);
    for (const [i, expected] of [1.403585993821683, 0.12363520824031377].entries())
      expect(x.select(0, i).item()).toBeCloseTo(expected, 10);
  });

  it('is taken up again from its state dict', () => {
    const run = (x: torch.Tensor, optimizer: torch.optim.LBFGS) => () => {
      optimizer.zeroGrad();
      const loss = x.pow(4).sum();
      loss.backward();
      return loss;
    };
    const [x, y] = [start(1, 2), start(1, 2)];
    const first = new torch.optim.LBFGS([x], { maxIter: 4 });
    const second = new torch.optim.LBFGS([y], { maxIter: 4 });
    for (let i = 0; i < 2; i++) first.step(run(x, first));
    second.step(run(y, second));
    const third = new torch.optim.LBFGS([y], { maxIter: 4 });
    third.loadStateDict(torch.deepcopy(second.stateDict()));
    third.step(run(y, third));
    torch.testing.assertClose(y, x);
  });

  it('refuses groups, other searches and a missing closure', () => {
    expect(() => new torch.optim.LBFGS([{ params: [start(1)] }, { params: [start(2)] }])).toThrow(
      "LBFGS doesn't support per-parameter options (parameter groups)",
    );
    const x = start(1);
    const optimizer = new torch.optim.LBFGS([x], { lineSearchFn: 'armijo' });
    const closure = () => {
      const loss = x.square().sum();
      loss.backward();
      return loss;
    };
    expect(() => optimizer.step(closure)).toThrow("only 'strong_wolfe' is supported");
    expect(() => optimizer.step()).toThrow("step() missing 1 required positional argument: 'closure'");
  });
});
