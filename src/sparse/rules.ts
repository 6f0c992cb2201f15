/** Rules of ops for sparse tensors. An op that is not here takes none, and says so. */

import type { DType } from '../core/dtype.js';
import { int64 } from '../core/dtype.js';
import { IndexError, NotImplementedError, RuntimeError } from '../core/errors.js';
import { formatShape, wrapDim } from '../core/layout.js';
import { Tensor } from '../core/tensor.js';
import { checkInPlace } from '../dispatch/check_in_place.js';
import { setLayoutRules } from '../dispatch/layouts.js';
import type { Op } from '../dispatch/op.js';
import { ops } from '../dispatch/registry.js';
import { toCsr } from './conversion.js';
import './sparse_methods.js';
import { coalesced, elementsAt, recordedAs, sparseSizes } from './places.js';
import { rebuilt } from './rebuilt.js';
import { addedProduct, elementProduct, product, timesVector, transposed } from './sparse_products.js';
import {
  refused,
  SparseCooTensor,
  SparseCsrTensor,
  SparseTensor,
  sparseCoo,
  sparseCsr,
} from './sparse_tensor.js';
import { addSparse, addToDense, summed } from './sums.js';

type Rule = (args: readonly unknown[], name: string) => unknown;

const isNumber = (x: unknown): boolean =>
  !(x instanceof Tensor) || (x.ndim === 0 && !(x instanceof SparseTensor));

/** An op on the values alone, in the same places. */
const onValues =
  (isLinear: boolean): Rule =>
  ([x, ...others], name) => {
    const given = (x as SparseTensor).toCoo();
    // Functions that are not linear must not be applied to parts of a sum.
    const self = isLinear ? given : coalesced(given);
    const call = Reflect.get(self.elements, camel(name)) as (...args: unknown[]) => Tensor;
    return self.withValues(
      call.apply(
        self.elements,
        others.filter((o) => o !== null),
      ),
    );
  };

const camel = (name: string): string => name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase());

function scaled(x: Tensor, alpha: unknown): Tensor {
  return alpha === 1 ? x : x.mul(alpha as number);
}

/** The sum of two tensors, the second times `alpha`. */
function add(a: unknown, b: unknown, alpha: unknown): Tensor {
  if (!(b instanceof SparseTensor))
    throw new RuntimeError('add(sparse, dense) is not supported. Use add(dense, sparse) instead.');
  const other = scaled(b.toCoo(), alpha) as SparseCooTensor;
  if (a instanceof SparseTensor) return addSparse(a.toCoo(), other);
  if (!(a instanceof Tensor))
    throw new RuntimeError('add(sparse, dense) is not supported. Use add(dense, sparse) instead.');
  return addToDense(a, other);
}

function multiply(a: unknown, b: unknown): Tensor {
  if (a instanceof SparseTensor && b instanceof SparseTensor) {
    const [x, y] = [a.toCoo(), b.toCoo()];
    if (String(x.shape) !== String(y.shape) || x.sparseDims !== y.sparseDims)
      throw new RuntimeError(
        'sparse_binary_op_intersection_cpu(): expects sparse inputs with equal dimensionality, number of sparse dimensions, and shape of sparse dimensions',
      );
    return elementProduct(x, y);
  }
  const [x, y] = (a instanceof SparseTensor ? [a.toCoo(), b] : [(b as SparseTensor).toCoo(), a]) as [
    SparseCooTensor,
    unknown,
  ];
  if (isNumber(y)) return x.withValues(x.elements.mul(y as Tensor | number));
  return x.withValues(x.elements.mul(elementsAt((y as Tensor).expand(x.shape), x.places, sparseSizes(x))));
}

function divide(a: unknown, b: unknown): Tensor {
  if (!(a instanceof SparseTensor) || !isNumber(b))
    throw new RuntimeError(
      `Sparse division requires a scalar or zero-dim dense tensor divisor (got shape ${formatShape(b instanceof Tensor ? b.shape : [])} for divisor)`,
    );
  const x = a.toCoo();
  return x.withValues(x.elements.div(b as Tensor | number));
}

/** Elements with one coordinate, without it. */
function selected(x: SparseCooTensor, dim: number, index: number): Tensor {
  const d = wrapDim(dim, x.ndim);
  const n = x.sparseDims;
  const size = x.shape[d];
  if (index < -size || index >= size)
    throw new IndexError(
      `select(): index ${index} out of range for tensor of size ${formatShape(x.shape)} at dimension ${d}`,
    );
  const at = index < 0 ? index + size : index;
  const shape = x.shape.filter((_, i) => i !== d);
  if (d >= n) return new SparseCooTensor(x.places, x.elements.select(d - n + 1, at), shape, x.isOrdered);
  const rows = [...x.places];
  const there = rows[d].eq(at).nonzero().squeeze(1);
  const values = x.elements.indexSelect(0, there);
  if (n === 1) return values.sum(0);
  const places = ops.stack(rows.filter((_, i) => i !== d).map((row) => row.indexSelect(0, there)));
  return new SparseCooTensor(places, values, shape, x.isOrdered);
}

function joined(tensors: readonly Tensor[], dim: number): Tensor {
  const all = tensors.map((t) => {
    if (!(t instanceof SparseTensor))
      throw new RuntimeError('Concatenating sparse tensors, but a dense tensor was found at position 0.');
    return t.toCoo();
  });
  const [first] = all;
  const d = wrapDim(dim, first.ndim);
  const n = first.sparseDims;
  const sizes = first.shape.map((size, i) => (i === d ? all.reduce((sum, t) => sum + t.shape[d], 0) : size));
  if (all.some((t) => t.sparseDims !== n || t.shape.some((size, i) => i !== d && size !== sizes[i])))
    throw new RuntimeError(
      `All tensors must have the same shape: ${formatShape(first.shape)} (except in the concatenating dimension)`,
    );
  if (d >= n)
    throw new NotImplementedError(
      "Could not run 'aten::cat' along a dense dimension of sparse tensors. Call toDense() first.",
    );
  let before = 0;
  const places = all.map((t) => {
    const shift = ops.zeros([n, 1], { dtype: int64, device: t.device });
    shift.select(0, d).fill_(before);
    before += t.shape[d];
    return t.places.add(shift);
  });
  return new SparseCooTensor(ops.cat(places, 1), ops.cat(all.map((t) => t.elements)), sizes);
}

function unsqueezed(x: SparseCooTensor, dim: number): Tensor {
  const d = wrapDim(dim, x.ndim + 1);
  const n = x.sparseDims;
  const shape = x.shape.toSpliced(d, 0, 1);
  if (d > n) return new SparseCooTensor(x.places, x.elements.unsqueeze(d - n + 1), shape, x.isOrdered);
  const rows: Tensor[] = [...x.places];
  rows.splice(d, 0, ops.zeros([x.nnz()], { dtype: int64, device: x.device }));
  return new SparseCooTensor(ops.stack(rows), x.elements, shape, x.isOrdered);
}

/** Without elements. */
const emptied = (x: SparseCooTensor): SparseCooTensor =>
  new SparseCooTensor(x.places.narrow(1, 0, 0), x.elements.detach().narrow(0, 0, 0).clone(), x.shape, true);

function converted(x: SparseTensor, dtype: DType, device: unknown): Tensor {
  const moved = x.parts.map((part) =>
    part === x.elements ? part.to(device as never, dtype) : part.to(device as never),
  );
  if (x instanceof SparseCsrTensor) return new SparseCsrTensor(moved[0], moved[1], moved[2], x.shape);
  return new SparseCooTensor(moved[0], moved[1], x.shape, (x as SparseCooTensor).isOrdered);
}

function copied(x: SparseTensor): Tensor {
  const parts = x.parts.map((part) => part.clone());
  if (x instanceof SparseCsrTensor) return new SparseCsrTensor(parts[0], parts[1], parts[2], x.shape);
  return new SparseCooTensor(parts[0], parts[1], x.shape, (x as SparseCooTensor).isOrdered);
}

const coo = (x: unknown): SparseCooTensor => (x as SparseTensor).toCoo();
const order = (x: Tensor): number[] => Array.from({ length: x.ndim }, (_, i) => i);

function exchanged(x: SparseCooTensor, a: number, b: number): SparseCooTensor {
  const dims = order(x);
  const [i, j] = [wrapDim(a, x.ndim), wrapDim(b, x.ndim)];
  [dims[i], dims[j]] = [dims[j], dims[i]];
  return transposed(x, dims);
}

const rules = new Map<string, Rule>([
  ['add', ([a, b, alpha]) => add(a, b, alpha)],
  ['sub', ([a, b, alpha]) => add(a, b, -Number(alpha))],
  ['mul', ([a, b]) => multiply(a, b)],
  ['div', ([a, b]) => divide(a, b)],
  ['mm', ([a, b]) => product(a as Tensor, b as Tensor)],
  ['mv', ([a, b]) => timesVector(a as Tensor, b as Tensor)],
  [
    'matmul',
    ([a, b]) =>
      (b as Tensor).ndim === 1 ? timesVector(a as Tensor, b as Tensor) : product(a as Tensor, b as Tensor),
  ],
  [
    'addmm',
    ([input, a, b, beta, alpha]) =>
      addedProduct(input as Tensor, a as Tensor, b as Tensor, Number(beta), Number(alpha)),
  ],
  [
    'linear',
    ([input, weight, bias]) => {
      const out = product(input as Tensor, (weight as Tensor).t());
      return bias === null ? out : out.add(bias as Tensor);
    },
  ],
  ['t', ([x]) => exchanged(coo(x), 0, 1)],
  ['transpose', ([x, a, b]) => exchanged(coo(x), a as number, b as number)],
  [
    'permute',
    ([x, dims]) =>
      transposed(
        coo(x),
        (dims as number[]).map((d) => wrapDim(d, (x as Tensor).ndim)),
      ),
  ],
  [
    'sum',
    ([x, dim, , dtype]) => {
      const given = dtype === null ? coo(x) : coo((x as Tensor).to(dtype as DType));
      return dim === null ? given.elements.sum() : summed(given, dim as number[]);
    },
  ],
  ['select', ([x, dim, index]) => selected(coo(x), dim as number, index as number)],
  ['cat', ([tensors, dim]) => joined(tensors as Tensor[], dim as number)],
  [
    'stack',
    ([tensors, dim]) =>
      joined(
        (tensors as Tensor[]).map((t) => unsqueezed(coo(t), dim as number)),
        dim as number,
      ),
  ],
  ['unsqueeze', ([x, dim]) => unsqueezed(coo(x), dim as number)],
  ['clone', ([x]) => copied(x as SparseTensor)],
  ['detach', ([x]) => (x as SparseTensor).detachedParts()],
  ['alias', ([x]) => (x as SparseTensor).withValues((x as SparseTensor).elements)],
  ['_to_copy', ([x, dtype, device]) => converted(x as SparseTensor, dtype as DType, device)],
  ['zeros_like', ([x]) => emptied(coo(x))],
  ['empty_like', ([x]) => emptied(coo(x))],
  [
    'norm',
    ([x, p]) =>
      coalesced(coo(x))
        .elements.reshape([-1])
        .norm(p as number),
  ],
]);
for (const name of ['neg', 'positive', 'isnan']) rules.set(name, onValues(true));
for (const name of [
  'abs,asin,asinh,atan,atanh,ceil,deg2rad,erf,erfinv,expm1,floor,frac,isinf,isneginf,isposinf,log1p,nan_to_num',
  'rad2deg,relu,round,sgn,sign,signbit,sin,sinh,sqrt,square,tan,tanh,trunc,pow,isnan',
].flatMap((list) => list.split(',')))
  rules.set(name, onValues(false));

/** Ops that are taken apart: their parts are above, or of no memory. */
const parted = new Set([
  'to',
  'float',
  'double',
  'half',
  'bfloat16',
  'int',
  'long',
  'short',
  'char',
  'byte',
  'bool',
  'type_as',
]);

/** Ops whose result keeps the layout of rows. */
const ofRows = new Set([
  'mul',
  'add',
  'sub',
  'div',
  'neg',
  'abs',
  'sqrt',
  'sin',
  'tan',
  'relu',
  'sign',
  'tanh',
  'floor',
  'ceil',
  'round',
  'trunc',
  'expm1',
  'log1p',
  'zeros_like',
  'empty_like',
]);
/** Ops that give something else of such a matrix. */
const fromRows = new Set([
  'mm',
  'mv',
  'matmul',
  'addmm',
  'linear',
  'sum',
  'clone',
  'detach',
  'alias',
  '_to_copy',
  'select',
]);

/** Changes the first argument to what the op without its underscore gives. */
function inPlace(args: readonly unknown[], name: string): Tensor {
  const self = args[0] as Tensor;
  const plain = name.slice(0, -1);
  if (!(self instanceof SparseTensor)) {
    if (plain !== 'add' && plain !== 'sub') throw refusedBy(args, name);
    const [, b, alpha] = args;
    const other = coo(b);
    const at: Tensor[] = [...other.places];
    self.indexPut_(at, scaled(other.elements.to(self.dtype), plain === 'sub' ? -Number(alpha) : alpha), {
      accumulate: true,
    });
    return self;
  }
  checkInPlace(self);
  const result =
    plain === 'zero' ? emptied(self.toCoo()) : plain === 'copy' ? taken(self, args[1]) : call(plain, args);
  self.become((self.isSparseCsr ? toCsr(result as Tensor) : result) as SparseTensor);
  return self;
}

function taken(self: Tensor, source: unknown): Tensor {
  if (source instanceof SparseTensor) return copied(source.toCoo());
  throw new RuntimeError(
    `copy_() between dense and sparse Tensors is not implemented! Found self type = ${self.layout} and src type = torch.strided`,
  );
}

const changing = new Set([
  'add_',
  'sub_',
  'mul_',
  'div_',
  'neg_',
  'zero_',
  'copy_',
  'abs_',
  'relu_',
  'sqrt_',
  'pow_',
  'detach_',
  'square_',
]);

function refusedBy(args: readonly unknown[], name: string): Error {
  return refused(
    /^(log_)?softmax$/.test(name) ? `_${name}` : name,
    args.flat().find((a) => a instanceof SparseTensor) as SparseTensor,
  );
}

function call(name: string, args: readonly unknown[]): unknown {
  const rule = rules.get(name);
  const hasRows = args.flat().some((a) => a instanceof SparseCsrTensor);
  if (rule === undefined || (hasRows && !ofRows.has(name) && !fromRows.has(name)))
    throw hasRows ? new RuntimeError('unsupported tensor layout: SparseCsr') : refusedBy(args, name);
  const result = rule(args, name);
  return hasRows && ofRows.has(name) && result instanceof SparseCooTensor ? toCsr(result) : result;
}

setLayoutRules({
  call(op: Op, args) {
    const { tensorInputs } = op;
    let isOurs = false;
    for (let k = 0; k < tensorInputs.length; k++) isOurs ||= isSparse(args[tensorInputs[k]]);
    if (!isOurs) return null;
    const { name } = op.schema;
    if (parted.has(name)) return op.execute(args);
    return changing.has(name) ? inPlace(args, name) : call(name, args);
  },
  make: (indices, values, size) =>
    new SparseCooTensor(indices, recordedAs(values, 'SparseCooTensorWithDimsAndTensorsBackward0'), size),
  layoutOf: (name) => [sparseCoo, sparseCsr].find((layout) => String(layout) === name),
  rebuild: rebuilt,
});

function isSparse(arg: unknown): boolean {
  return (
    arg instanceof SparseTensor || (Array.isArray(arg) && arg.some((item) => item instanceof SparseTensor))
  );
}
