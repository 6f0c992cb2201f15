import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { nn, optim } = torch;
const F = nn.functional;
const { float64, int32, int64 } = torch;
const one = torch.ones(1);
const noSubtraction = 'Subtraction, the `-` operator, with a bool tensor is not supported.';
const sizes = 'Weights and input must have the same size.';

/** Calls that PyTorch refuses, with what it says. */
const refused: [call: () => unknown, message: string][] = [
  [
    () => torch.unravelIndex(torch.tensor([1]), [-1, 2]),
    "'shape' cannot have negative values, but got (-1, 2)",
  ],
  [() => torch.unravelIndex(torch.tensor([1]), -3), "'shape' cannot have negative values, but got (-3,)"],
  [
    () => torch.takeAlongDim(torch.ones(3), torch.tensor([-1, 2])),
    'index -1 is out of bounds for dimension 0 with size 3',
  ],
  [
    () => torch.repeatInterleave(torch.ones(3), 2, { outputSize: 3 }),
    'repeat_interleave: Invalid output_size, expected 6 but got 3',
  ],
  [
    () => torch.cdist(torch.ones(2, 2), torch.ones(2, 2), { computeMode: 1 }),
    '1 is not a valid value for compute_mode',
  ],
  [
    () => torch.polar(torch.tensor([1]), torch.tensor([1])),
    'Expected both inputs to be Half, Float or Double tensors but got Long and Long',
  ],
  [
    () => torch.polar(one, torch.ones(1, { dtype: float64 })),
    'Expected object of scalar type Float but got scalar type Double for second argument',
  ],
  [
    () => {
      const x = torch.ones(4, 2, { requiresGrad: true }).clone();
      torch.noGrad(() => x.view(8)).mul_(2);
    },
    'A view was created in no_grad mode and is being modified inplace with grad mode enabled.',
  ],
  [() => torch.sub(one, true), noSubtraction],
  [() => torch.rsub(one, true), noSubtraction],
  [() => torch.ones(2, 1).squeeze([1, -1]), 'dim 1 appears multiple times in the list of dims'],
  [
    () => torch.nanmean(torch.tensor([1, 2])),
    'nanmean(): expected input to have floating point or complex dtype but got Long',
  ],
  [() => torch.cov(torch.tensor([true, false])), 'cov(): bool dtype is not supported for input'],
  [() => F.mseLoss(torch.ones(2), torch.zeros(2), { weight: one }), sizes],
  [() => F.l1Loss(torch.ones(2), torch.zeros(2), { weight: one }), sizes],
  [() => F.huberLoss(torch.ones(2), torch.zeros(2), { weight: torch.ones(3) }), sizes],
  [
    () => F.softMarginLoss(torch.ones(2), torch.ones(2, 2)),
    "output with shape [2] doesn't match the broadcast shape [2, 2]",
  ],
  [
    () => F.binaryCrossEntropy(torch.tensor([0.5]), torch.tensor([1.5])),
    'all elements of target should be between 0 and 1',
  ],
  [
    () => F.cosineEmbeddingLoss(torch.ones(2, 3), torch.tensor(1), torch.tensor(0)),
    '0D target tensor expects 1D input tensors, but found inputs with sizes [2, 3] and [].',
  ],
  [
    () => F.multilabelSoftMarginLoss(torch.tensor(1.5), torch.tensor(0)),
    'Dimension specified as -1 but tensor has no dimensions',
  ],
  [
    () => F.adaptiveMaxPool2d(torch.ones(1, 1, 4, 4, { dtype: int64 }), 2),
    `"adaptive_max_pool2d" not implemented for 'Long'`,
  ],
  [() => F.avgPool2d(torch.ones(1, 1, 4, 4, { dtype: int32 }), 2), `"avg_pool2d" not implemented for 'Int'`],
  [() => torch.trapezoid(torch.tensor(1)), 'Dimension specified as -1 but tensor has no dimensions'],
  [
    () => new optim.Adam([new nn.Parameter(one)], { foreach: true, fused: true }),
    '`fused` and `foreach` cannot be `true` together.',
  ],
  [
    () => {
      torch.ones(1, { requiresGrad: true }).data = torch.tensor([1]);
    },
    'data set to a tensor that requires gradients must be floating point or complex dtype',
  ],
];

describe('what PyTorch refuses', () => {
  for (const [call, message] of refused)
    it(`is refused in its words: ${message}`, () => {
      expect(call).toThrow(message);
    });
});

describe('indices', () => {
  const at =
    (...index: Parameters<torch.Tensor['index']>) =>
    () =>
      torch.ones(2, 3).index(...index);

  it('are tensors of int64, int32, bytes or bools; a 0-d integer of any type is a number', () => {
    expect(at(torch.tensor([1], { dtype: torch.int16 }))).toThrow(
      'tensors used as indices must be long, int, byte or bool tensors',
    );
    expect(at(torch.tensor(1, { dtype: torch.int16 }))().shape).toEqual([3]);
    expect(at(torch.tensor([1], { dtype: int32 }))().shape).toEqual([1, 3]);
  });

  it('are named by their place where they are out of bounds', () => {
    expect(at(null, 1, 5)).toThrow('index 5 is out of bounds for dimension 2 with size 3');
    expect(at('...', 5)).toThrow('index 5 is out of bounds for dimension 1 with size 3');
  });

  it('of a tensor of no dimensions are refused with what to write', () => {
    expect(() => torch.tensor(1).index(0)).toThrow('invalid index of a 0-dim tensor. Use `tensor.item()`');
    expect(() => torch.tensor(1).index(2)).toThrow('index 2 is out of bounds for dimension 0 with size 0');
  });

  it('are no fractions', () => {
    expect(at(1.5)).toThrow(torch.IndexError);
  });

  it('take values with leading dimensions of size 1, as slices do', () => {
    const x = torch.zeros(3);
    x.indexPut_([torch.tensor([true, false, true])], torch.ones(1, 1, 2));
    expect(x.tolist()).toEqual([1, 0, 1]);
    x.indexPut_([torch.tensor([0, 1])], torch.ones(1, 2).mul(5));
    expect(x.tolist()).toEqual([5, 5, 1]);
  });

  it('of false alone take any values, and change nothing', () => {
    const x = torch.zeros(2, 3);
    x.indexPut_([false], torch.ones(7));
    expect(x.any().item()).toBeFalsy();
  });
});

describe('ops without a derivative', () => {
  it('are refused by the backward pass, not by the call', () => {
    const x = torch.tensor([3, 5], { dtype: torch.float32, requiresGrad: true });
    const half = x.floorDivide(2);
    expect(String(half)).toBe('tensor([1., 2.], grad_fn=<NotImplemented>)');
    x.mul(half.detach()).sum().backward();
    expect(x.grad!.tolist()).toEqual([1, 2]);
    expect(x.clone().floorDivide_(2).tolist()).toEqual([1, 2]);
    expect(() => half.sum().backward()).toThrow('derivative for aten::floor_divide is not implemented');
    expect(() => torch.heaviside(x, x).sum().backward()).toThrow(
      'derivative for aten::heaviside is not implemented',
    );
    expect(() => torch.special.zeta(x, x).sum().backward()).toThrow(
      "the derivative for 'zeta' is not implemented.",
    );
  });
});

describe('values as in PyTorch', () => {
  it('are weighted means of Huber losses by the count of elements', () => {
    const weight = torch.tensor([1, 3], { dtype: torch.float32 });
    expect(F.huberLoss(torch.ones(2), torch.zeros(2), { weight }).item()).toBe(1);
  });

  it('are integrals of small integers without overflow, and of nothing', () => {
    const y = torch.tensor([7, 32767, -1], { dtype: torch.int16 });
    expect(torch.trapezoid(y).item()).toBe(32770);
    expect(torch.trapezoid(torch.ones(0, 3), { dim: 0 }).tolist()).toEqual([0, 0, 0]);
    expect(torch.cumulativeTrapezoid(torch.ones(0, 3), { dim: 0 }).shape).toEqual([0, 3]);
    expect(torch.trapezoid(torch.tensor([1, 2, 5]), torch.tensor([1, 2, 5])).item()).toBe(12);
  });

  it('are products with powers of two beyond the range of numbers', () => {
    const [small, large] = [torch.tensor([2 ** -140, 1]), torch.tensor([1e38])];
    expect(torch.ldexp(small, torch.tensor([150, 5000])).tolist()).toEqual([1024, Number.POSITIVE_INFINITY]);
    expect(torch.ldexp(large, torch.tensor([-200])).item()).toBe(Math.fround(1e38) * 2 ** -200);
    const x = torch.tensor([3], { dtype: float64, requiresGrad: true });
    torch
      .ldexp(x, torch.tensor([5]))
      .sum()
      .backward();
    expect(x.grad!.tolist()).toEqual([32]);
  });

  it('are copies of views that no view could be', () => {
    expect(torch.viewCopy(torch.arange(6).view(2, 3).t(), [6]).tolist()).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it('are least squares of matrices that broadcast', () => {
    const [solution] = torch.linalg.lstsq(torch.ones(2, 1, 3), torch.ones(1, 3));
    expect(solution.shape).toEqual([2, 3, 3]);
  });

  it('are options of optimizers in the order in which its files have them', () => {
    const keys = (Class: new (params: torch.nn.Parameter[]) => torch.optim.Optimizer) =>
      Object.keys(new Class([new nn.Parameter(one)]).stateDict().param_groups[0]).join();
    expect(keys(optim.RMSprop)).toBe(
      'lr,momentum,alpha,eps,centered,weight_decay,capturable,foreach,maximize,differentiable,params',
    );
    expect(keys(optim.Adagrad)).toMatch(/^lr,lr_decay,eps,weight_decay,initial_accumulator_value,foreach/);
    expect(keys(optim.Adadelta)).toMatch(/^lr,rho,eps,weight_decay,maximize,capturable,foreach/);
    expect(keys(optim.RAdam)).toMatch(/foreach,capturable,decoupled_weight_decay,differentiable,params$/);
    expect(keys(optim.Rprop)).toMatch(/^lr,etas,step_sizes,foreach,maximize,differentiable,capturable/);
  });
});
