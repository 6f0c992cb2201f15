/** Ops that the mechanical mapping of names and arguments does not reach, each with the reason. */
import { camelCase, torch } from './library.js';

type Method = (self: unknown, name: string, ...args: readonly unknown[]) => unknown;

interface Exception {
  readonly why: string;
  /** @param method calls one, or its asynchronous twin where the device must be waited for */
  readonly call: (
    args: readonly unknown[],
    options: Readonly<Record<string, unknown>>,
    method: Method,
  ) => unknown;
}

/** A reflected operator: Python calls it on the second operand. */
const reflected = (call: (self: torch.Tensor, other: never) => unknown): Exception => ({
  why: 'JavaScript has no operators to overload; this is what PyTorch makes of the reflected one',
  call: ([self, other]) => call(self as torch.Tensor, other as never),
});

/** Public names of what PyTorch itself calls by an internal one. */
export const publicPaths: Readonly<Record<string, string>> = {
  'torch._segment_reduce': 'torch.segment_reduce',
};

const atOnce =
  'a complex conjugate is computed at once here, where PyTorch marks a view to be conjugated later';

/** Ops that give a view of a complex tensor in PyTorch and a copy here, each with the reason. */
export const copies: Readonly<Record<string, string>> = {
  'torch.conj': atOnce,
  'torch.adjoint': atOnce,
  'torch.Tensor.H.__get__': atOnce,
  'torch.Tensor.mH.__get__': atOnce,
};

/**
 * Which of several equal elements these name PyTorch leaves open (its documentation: the choice is the device's). The CPU's choice is
 * PyTorch's here, other devices' need not be. With the place of `dim` among the arguments.
 */
export const namesAnyOfEquals: Readonly<Record<string, number>> = {
  'torch.kthvalue': 2,
  'torch.mode': 1,
  'torch.topk': 2,
};

/**
 * Whether elements of a tensor lie at the same place. What a change in place leaves there is what was written last, and only the
 * CPU writes in an order.
 */
export function overlapsItself(tensor: torch.Tensor): boolean {
  let positions = [0];
  for (const [d, size] of tensor.shape.entries()) {
    const step = tensor.stride(d);
    positions = positions.flatMap((p) => Array.from({ length: size }, (_, i) => p + i * step));
  }
  return new Set(positions).size < positions.length;
}

export const exceptions: Readonly<Record<string, Exception>> = {
  'torch.Tensor.__getitem__': {
    why: 'JavaScript has no indexing to overload: `a[i, j]` is `a.index(i, j)`, a tuple being its several indices',
    call: ([self, index], _, method) => {
      // Inputs freezes tuples.
      const isTuple = Array.isArray(index) && Object.isFrozen(index);
      return method(self, 'index', ...(isTuple ? index : [index]));
    },
  },
  'torch.ops.aten.slice.Tensor': {
    why: "torch.slice is Python's slice object here; this op is what indexing by one calls",
    call: ([self, dim = 0, start = null, end = null, step = 1], _, method) => {
      const before = new Array(dim as number).fill(':');
      return method(self, 'index', ...before, torch.slice(start as number, end as number, step as number));
    },
  },
  'torch.Tensor.__abs__': {
    why: "JavaScript has no operator for it; this is what Python's abs() calls",
    call: ([self], _, method) => method(self, 'abs'),
  },
  'torch.Tensor.__radd__': reflected((self, other) => self.add(other)),
  'torch.Tensor.__rmul__': reflected((self, other) => self.mul(other)),
  'torch.Tensor.__rand__': reflected((self, other) => self.bitwiseAnd(other)),
  'torch.Tensor.__ror__': reflected((self, other) => self.bitwiseOr(other)),
  'torch.Tensor.__rxor__': reflected((self, other) => self.bitwiseXor(other)),
  'torch.Tensor.__rsub__': reflected((self, other) => torch.rsub(self, other)),
  'torch.Tensor.__rdiv__': reflected((self, other) => self.reciprocal().mul(other)),
  'torch.Tensor.__rmod__': reflected((self, other) => torch.remainder(other, self)),
  'torch.Tensor.__rpow__': reflected((self, other) => torch.pow(other, self)),
  'torch.Tensor.__rmatmul__': reflected((self, other) => torch.matmul(other, self)),
  'torch.Tensor.item': {
    why: 'a JavaScript number holds no complex value and not every int64, so item() names a method for each',
    call: ([self], _, method) => {
      const { dtype } = self as torch.Tensor;
      const name = dtype.isComplex ? 'item_complex' : dtype === torch.int64 ? 'item_bigint' : 'item';
      return method(self, camelCase(name));
    },
  },
};
