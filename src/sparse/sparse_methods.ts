/** Methods of tensors that only sparse ones, or conversions to them, need. */
import type { DType } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { formatShape, sameShape } from '../core/layout.js';
import type { Layout } from '../core/memory_format.js';
import { Layout as LayoutClass, strided } from '../core/memory_format.js';
import { accepting, defineParameterType } from '../core/signature/parameter_types.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { toCoo, toCsr, toDense, toLayout } from './conversion.js';
import { coalesced, elementsAt, recordedAs, sparseSizes } from './places.js';
import { SparseCooTensor, SparseCsrTensor, SparseTensor } from './sparse_tensor.js';

defineParameterType(
  'Layout',
  accepting((value) => value instanceof LayoutClass, 'torch.layout'),
);

const toDenseArguments = signature('to_dense(ScalarType? dtype=None)');
const toSparseArguments = signature('to_sparse(int? sparse_dim=None, *, Layout? layout=None)');
const maskArguments = signature('sparse_mask(Tensor mask)');

const layoutName = (x: Tensor): string =>
  x instanceof SparseCooTensor ? 'Sparse' : x instanceof SparseCsrTensor ? 'SparseCsr' : 'Strided';

function asCoo(x: Tensor, what: string): SparseCooTensor {
  if (x instanceof SparseCooTensor) return x;
  throw new RuntimeError(`${what} expected sparse coordinate tensor layout but got ${layoutName(x)}`);
}

function asOrdered(x: Tensor, what: string): SparseCooTensor {
  const coo = asCoo(x, what);
  if (coo.isOrdered) return coo;
  throw new RuntimeError(`Cannot get ${what} on an uncoalesced tensor, please call .coalesce() first`);
}

function asCsr(x: Tensor, what: string): SparseCsrTensor {
  if (x instanceof SparseCsrTensor) return x;
  throw new RuntimeError(`${what} expected sparse row compressed tensor layout but got ${layoutName(x)}`);
}

function asSparse(x: Tensor, name: string): SparseTensor {
  if (x instanceof SparseTensor) return x;
  throw new RuntimeError(`Could not run 'aten::${name}' with arguments from the 'CPU' backend.`);
}

declare module '../core/tensor.js' {
  interface Tensor {
    /** The same sparse tensor with every place once, in order; what lies at one place is added up. */
    coalesce(): Tensor;
    /** Whether every place of a sparse tensor is known to be there once, in order. */
    isCoalesced(): boolean;
    /** The coordinates of a coalesced sparse tensor's elements, [sparse dimensions, n]. */
    indices(): Tensor;
    /** The elements of a coalesced sparse tensor, [n, …dense dimensions]; those of a matrix by rows. */
    values(): Tensor;
    /** How many elements a sparse tensor has; `_nnz()` as well. */
    nnz(): number;
    /** @internal */
    _nnz(): number;
    /** @internal `indices()` of any sparse tensor. */
    _indices(): Tensor;
    /** @internal `values()` of any sparse tensor, without history. */
    _values(): Tensor;
    /** Where each row's elements of a `torch.sparseCsr` matrix begin. */
    crowIndices(): Tensor;
    /** The columns of its elements. */
    colIndices(): Tensor;
    /** How many dimensions the coordinates have: 0 of a strided tensor. */
    sparseDim(): number;
    /** How many dimensions the elements have that there are coordinates for: all of a strided tensor. */
    denseDim(): number;
    /** The same with all elements in one storage; a strided tensor itself. */
    toDense(...args: Arguments<typeof toDenseArguments>): Tensor;
    /** The elements that are not zero, by their coordinates of the first `sparseDim` dimensions, or in another `layout`. */
    toSparse(...args: Arguments<typeof toSparseArguments>): Tensor;
    /** The elements of a matrix that are not zero, by their columns, row after row. */
    toSparseCsr(): Tensor;
    /** The elements of this tensor where `mask`, a sparse tensor, has some. */
    sparseMask(...args: Arguments<typeof maskArguments>): Tensor;
  }
}

const methods = {
  coalesce(this: Tensor): Tensor {
    return coalesced(asCoo(this, 'coalesce'));
  },
  isCoalesced(this: Tensor): boolean {
    return asCoo(this, 'is_coalesced').isOrdered;
  },
  indices(this: Tensor): Tensor {
    return asOrdered(this, 'indices').places;
  },
  values(this: Tensor): Tensor {
    if (this instanceof SparseCsrTensor) return recordedAs(this.elements, 'ValuesBackward0');
    if (!(this instanceof SparseCooTensor))
      throw new RuntimeError(`values expected sparse tensor layout but got ${layoutName(this)}`);
    return recordedAs(asOrdered(this, 'values').elements, 'ValuesBackward0');
  },
  _indices(this: Tensor): Tensor {
    return asCoo(this, '_indices').places;
  },
  _values(this: Tensor): Tensor {
    return asCoo(this, '_values').elements.detach();
  },
  nnz(this: Tensor): number {
    return asSparse(this, '_nnz').elements.shape[0];
  },
  _nnz(this: Tensor): number {
    return asSparse(this, '_nnz').elements.shape[0];
  },
  crowIndices(this: Tensor): Tensor {
    return asCsr(this, 'crow_indices').parts[0];
  },
  colIndices(this: Tensor): Tensor {
    return asCsr(this, 'col_indices').parts[1];
  },
  sparseDim(this: Tensor): number {
    return this instanceof SparseTensor ? this.toCoo().sparseDims : 0;
  },
  denseDim(this: Tensor): number {
    return this instanceof SparseTensor ? this.ndim - this.toCoo().sparseDims : this.ndim;
  },
  toSparseCsr(this: Tensor): Tensor {
    return toCsr(this);
  },
};

const bound = {
  toDense(this: Tensor, ...args: Arguments<typeof toDenseArguments>): Tensor {
    const dtype: DType | null = toDenseArguments.bind(args).dtype;
    if (dtype !== null && this.layout !== strided)
      throw new RuntimeError('dtype argument is not supported by sparse_to_dense');
    return dtype === null ? toDense(this) : this.to(dtype);
  },
  toSparse(this: Tensor, ...args: Arguments<typeof toSparseArguments>): Tensor {
    const { sparseDim, layout }: { sparseDim: number | null; layout: Layout | null } =
      toSparseArguments.bind(args);
    return layout === null ? toCoo(this, sparseDim) : toLayout(this, layout);
  },
  sparseMask(this: Tensor, ...args: Arguments<typeof maskArguments>): Tensor {
    const { mask } = maskArguments.bind(args);
    if (!(mask instanceof SparseTensor)) throw refusedMask(mask);
    if (!sameShape(this.shape, mask.shape))
      throw new RuntimeError(
        `sparse_mask(): operands have incompatible sizes; self has size ${formatShape(this.shape)} but mask has size ${formatShape(mask.shape)}`,
      );
    const coo = mask.toCoo();
    const { places, isOrdered } = coo;
    const sizes = sparseSizes(coo);
    const values =
      this instanceof SparseTensor
        ? elementsAt(toDense(this), places, sizes)
        : elementsAt(this, places, sizes);
    return new SparseCooTensor(places, recordedAs(values, 'SparseMaskBackward0'), this.shape, isOrdered);
  },
};

function refusedMask(mask: Tensor): Error {
  return new RuntimeError(`sparse_mask(): expected a sparse mask, but got one with layout ${mask.layout}`);
}

for (const [name, value] of Object.entries({ ...methods, ...bound }))
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
takesNothing(Tensor.prototype, Object.keys(methods) as (keyof Tensor & string)[]);
