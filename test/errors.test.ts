import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { functional: F } = torch.nn;
const long = (values: torch.TensorData) => torch.tensor(values, { dtype: torch.int64 });

type ErrorClass = new (...args: never[]) => Error;

/** PyTorch's own texts for the same calls. */
const cases: readonly (readonly [call: () => unknown, kind: ErrorClass, text: string])[] = [
  [
    () => torch.ones(2, 3).add(torch.ones(2)),
    torch.RuntimeError,
    'The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1',
  ],
  [
    () => torch.ones(2, 3).mm(torch.ones(2, 3)),
    torch.RuntimeError,
    'mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)',
  ],
  [
    () => torch.ones(2, 3).mm(torch.ones([3, 2], { dtype: torch.float64 })),
    torch.RuntimeError,
    'expected m1 and m2 to have the same dtype, but got: float != double',
  ],
  [
    () => torch.ones(2, 3).mm(torch.ones([3, 2], { dtype: torch.int64 })),
    torch.RuntimeError,
    'expected m1 and m2 to have the same dtype, but got: float != long int',
  ],
  [
    () => F.conv1d(torch.ones(1, 1, 2), torch.ones(1, 1, 1), torch.ones([1], { dtype: torch.int16 })),
    torch.RuntimeError,
    'Input type (float) and bias type (short int) should be the same',
  ],
  [
    () => torch.full([1], 300, { dtype: torch.int8 }),
    torch.RuntimeError,
    'value cannot be converted to type int8_t without overflow',
  ],
  [
    () => torch.full([1], 1e10, { dtype: torch.int32 }),
    torch.RuntimeError,
    'value cannot be converted to type int without overflow',
  ],
  [() => torch.ones(-1), torch.RuntimeError, 'Trying to create tensor with negative dimension -1: [-1]'],
  [() => torch.ones(4).view(3), torch.RuntimeError, "shape '[3]' is invalid for input of size 4"],
  [
    () => torch.ones(2, 3).t().view(6),
    torch.RuntimeError,
    "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
  ],
  [() => torch.tensor([[1, 2], [3]]), torch.ValueError, 'expected sequence of length 2 at dim 1 (got 1)'],
  [() => torch.tensor([[1, 2], 3]), torch.TypeError, 'not a sequence'],
  [() => torch.ones(3).index(5), torch.IndexError, 'index 5 is out of bounds for dimension 0 with size 3'],
  [() => torch.ones(3).index(1, 2), torch.IndexError, 'too many indices for tensor of dimension 1'],
  [
    () => torch.ones(3, 4).index(':', [0, 7]),
    torch.IndexError,
    'index 7 is out of bounds for dimension 1 with size 4',
  ],
  [
    () => torch.ones(3).index(torch.tensor([true, false])),
    torch.IndexError,
    'The shape of the mask [2] at index 0 does not match the shape of the indexed tensor [3] at index 0',
  ],
  [
    () => torch.ones(3).sum(4),
    torch.IndexError,
    'Dimension out of range (expected to be in range of [-1, 0], but got 4)',
  ],
  [
    () => torch.ones(3).sum({ dims: 1 } as never),
    torch.TypeError,
    "sum() got an unexpected keyword argument 'dims' (valid: dim, keepdim, dtype)",
  ],
  [
    () => torch.ones(3).add('a' as never),
    torch.TypeError,
    "add(): argument 'other' (position 1) must be Tensor, not str",
  ],
  [
    () => torch.cat([torch.ones(2, 3), torch.ones(2, 4)]),
    torch.RuntimeError,
    'Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for tensor number 1 in the list.',
  ],
  [() => torch.ones(3).item(), torch.RuntimeError, 'a Tensor with 3 elements cannot be converted to Scalar'],
  [
    () => long([1, 1]).add_(1.5),
    torch.RuntimeError,
    "result type Float can't be cast to the desired output type Long",
  ],
  [
    () => torch.ones(3).add_(torch.ones(2, 3)),
    torch.RuntimeError,
    "output with shape [3] doesn't match the broadcast shape [2, 3]",
  ],
  [
    () => long([1]).mean(),
    torch.RuntimeError,
    'mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long',
  ],
  [
    () => torch.ones(1).expand(3).add_(1),
    torch.RuntimeError,
    'unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.',
  ],
  [() => long([1]).floorDivide(long([0])), torch.RuntimeError, 'ZeroDivisionError'],
  [
    () => torch.ones(2, 3).gather(1, long([[5]])),
    torch.RuntimeError,
    'index 5 is out of bounds for dimension 1 with size 3',
  ],
  [() => torch.ones(2, 3).indexSelect(0, long([5])), torch.IndexError, 'index out of range in self'],
  [() => F.crossEntropy(torch.ones(2, 3), long([1, 5])), torch.IndexError, 'Target 5 is out of bounds.'],
  [
    () => F.conv2d(torch.ones(1, 3, 8, 8), torch.ones(4, 5, 3, 3)),
    torch.RuntimeError,
    'Given groups=1, weight of size [4, 5, 3, 3], expected input[1, 3, 8, 8] to have 5 channels, but got 3 channels instead',
  ],
  [
    () => torch.ones(3).indexPut_([':'], torch.ones(4)),
    torch.RuntimeError,
    'The expanded size of the tensor (3) must match the existing size (4) at non-singleton dimension 0.  Target sizes: [3].  Tensor sizes: [4]',
  ],
  [() => new torch.optim.SGD([], { lr: 0.1 }), torch.ValueError, 'optimizer got an empty parameter list'],
  [() => torch.tensor('abc' as never), torch.TypeError, "new(): invalid data type 'str'"],
  [
    () => torch.fromNumpy(new DataView(new ArrayBuffer(4))),
    torch.TypeError,
    "can't convert an array of type DataView.",
  ],
  [() => torch.empty(1e15), torch.OutOfMemoryError, 'you tried to allocate 4000000000000000 bytes'],
];

describe('errors', () => {
  it.each(cases.map((c, i) => [i, ...c] as const))(
    '%i has PyTorch’s class and text',
    (_, call, kind, text) => {
      let thrown: unknown;
      try {
        call();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(kind);
      expect((thrown as Error).message).toContain(text);
    },
  );

  it('leave operands as they were', () => {
    const x = torch.tensor([1, 2, 3]);
    expect(() => x.add_(torch.ones(2, dtypeOf(x)))).toThrow();
    expect(() => x.indexPut_([[0, 9]], 5)).toThrow('index 9 is out of bounds for dimension 0 with size 3');
    expect(() => x.scatter_(0, long([0, 7]), long([9, 9]))).toThrow();
    expect(x.tolist()).toEqual([1, 2, 3]);
    expect(x._version).toBe(0);
  });
});

const dtypeOf = (x: torch.Tensor) => ({ dtype: x.dtype });

describe('memory of the user’s', () => {
  it('that was transferred away is noticed', () => {
    const array = new Float32Array([1, 2, 3]);
    const x = torch.fromNumpy(array);
    expect(x.add(1).tolist()).toEqual([2, 3, 4]);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    expect(() => x.add(1)).toThrow('was transferred or detached');
    expect(() => x.item()).toThrow();
    expect(() => String(x)).toThrow('was transferred or detached');
  });

  it('that could shrink is refused', () => {
    const Resizable = ArrayBuffer as unknown as new (n: number, o: { maxByteLength: number }) => ArrayBuffer;
    const buffer = new Resizable(16, { maxByteLength: 32 });
    expect(() => torch.fromNumpy(new Float32Array(buffer))).toThrow(
      'a resizable ArrayBuffer cannot back a tensor',
    );
  });
});
