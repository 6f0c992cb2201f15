/** How ops and functions are called: by position, by name, in any mix; and what is said of calls that do not fit. */
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { functional: F } = torch.nn;
const x = torch.tensor([
  [1, 2, 3],
  [4, 5, 6.5],
]);

/** Pairs of calls that are the same. */
const same: readonly (readonly [named: () => unknown, plain: () => unknown])[] = [
  [() => torch.pow({ input: x, exponent: 2 }), () => x.pow(2)],
  [() => F.relu({ input: x.neg(), inplace: true }), () => x.mul(0)],
  [() => torch.add({ input: x, other: x, alpha: 2 }), () => x.mul(3)],
  [() => torch.add(x, { other: x, alpha: 2 }), () => x.mul(3)],
  [() => torch.sum({ x, axis: 1, keepdims: true }), () => x.sum(1, true)],
  [() => x.sum({ axis: 1, keepdim: true }), () => x.sum(1, true)],
  [() => torch.split({ tensor: x, splitSizeOrSections: 1 })[1], () => x.narrow(0, 1, 1)],
  [() => torch.tensordot({ a: x, b: x.t(), dims: 1 }), () => x.mm(x.t())],
  [() => torch.cat({ tensors: [x, x], dim: 1 }), () => x.repeat(1, 2)],
  [() => torch.tensor({ data: [1, 2], dtype: torch.float32 }), () => torch.tensor([1, 2]).float()],
  [() => torch.where({ condition: x.gt(2), input: x, other: 0 }), () => x.mul(x.gt(2))],
  [() => F.mseLoss(x, x.add(1), { sizeAverage: false }), () => torch.tensor(6).float()],
  [() => F.softmax({ input: x, dim: 1 }), () => x.softmax(1)],
];

/** Calls that do not fit, and what is said of them. */
const wrong: readonly (readonly [call: () => unknown, text: string])[] = [
  [
    () => torch.pow({ input: x } as never),
    'pow() received an invalid combination of arguments - got (input=Tensor)',
  ],
  [() => torch.relu({} as never), 'relu() missing 1 required positional arguments: "input"'],
  [
    () => F.linear(undefined as never, x),
    "linear(): argument 'input' (position 1) must be Tensor, not undefined",
  ],
  [
    () => x.sum({ keep_dim: true } as never),
    "unexpected keyword argument 'keep_dim' (did you mean 'keepdim'?)",
  ],
  [() => torch.flatten(x, { start_dim: 1 } as never), "'start_dim' (did you mean 'startDim'?)"],
  [() => torch.pow({ input: x, exponents: 2 } as never), "unexpected keyword argument 'exponents'"],
  [() => torch.sum(x, 1, { dim: 1 } as never), "sum() got multiple values for argument 'dim'"],
  [() => x.sum({ axis: 1, dim: 1 } as never), "sum() got an unexpected keyword argument 'axis'"],
  [() => F.softmax(x, { axis: 1 } as never), "softmax() got an unexpected keyword argument 'axis'"],
  [() => x.add(1, { out: x } as never), "add() got an unexpected keyword argument 'out'"],
  [
    () => (torch.softmax as (...args: never[]) => unknown)(...([x, 1, 2, 3, 4] as never[])),
    'softmax() takes from 2 to 3 positional arguments but 5',
  ],
  [
    () => torch.zeros([2, 2.5]),
    'failed to unpack the object at pos 2 with error "type must be tuple of ints,but got float"',
  ],
  [() => torch.zeros(Number.NaN), "zeros(): argument 'size' (position 1) must be tuple of ints, not float"],
  [() => x.softmax((2n ** 70n) as never), 'Overflow when unpacking long long'],
  [() => torch.cat([x, 1 as never]), 'expected Tensor as element 1 in argument 0, but got int'],
  [() => torch.ones(2, { pinMemory: true }), 'pin_memory=True requires a CUDA or other accelerator backend'],
  [
    () => (torch.tensor as (...args: never[]) => unknown)(...([1, 2, 3] as never[])),
    'tensor() takes 1 positional argument but 3 were given',
  ],
  [
    () => torch.allclose(x, x, { rtoll: 1 } as never),
    "allclose() got an unexpected keyword argument 'rtoll'",
  ],
  [
    () => torch.nn.init.uniform_(x, { lower: 0 } as never),
    "uniform_() got an unexpected keyword argument 'lower'",
  ],
  [
    () => torch.autograd.grad({ inputs: x } as never),
    "grad() missing 1 required positional argument: 'outputs'",
  ],
];

/** Refused by the types; never run. */
void function refused(): void {
  // @ts-expect-error a name that there is not
  x.sum({ keep_dim: true });
  // @ts-expect-error behind an argument by position
  torch.sum(x, 1, { keep_dim: true });
  // @ts-expect-error in an object of all
  torch.sum({ input: x, dims: 1 });
  // @ts-expect-error a wrong type under another name
  x.sum({ axis: 'a' });
  // @ts-expect-error the first argument is missing
  torch.sum({ dim: 1 });
};

describe('calls', () => {
  it.each(same.map(([named, plain], i) => [i, named, plain] as const))(
    '%i by name are as by position',
    (_, named, plain) => {
      expect((named() as torch.Tensor).equal(plain() as torch.Tensor)).toBe(true);
    },
  );

  it.each(wrong.map(([call, text]) => [text, call] as const))('say %s', (text, call) => {
    expect(call).toThrow(text);
  });
});
