/** Coordinates of elements: as one number, in order, without repetition. */
import { bool, int64, uint8 } from '../core/dtype.js';
import { contiguousStrides, numel, type Shape } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { type OpFunction, op, ops } from '../dispatch/registry.js';
import { tensor } from '../ops/from_data.js';
import { SparseCooTensor } from './sparse_tensor.js';

const namedSchema = '_recorded_as(Tensor self, str name) -> Tensor';

/** Records a view of the whole tensor under the name that PyTorch has for it. */
export const recordedAs: OpFunction<typeof namedSchema> = op(namedSchema, {
  doc: 'A view of the whole tensor, recorded under a name.',
  batch: 'leading',
  view: true,
  function: false,
  method: false,
  forward: (self) => self.detach(),
  vjp: { self: (grad) => grad },
  gradName: ([, name]) => name as string,
});

/** The positions of elements as if the tensor were dense: one number for each. */
export function positionsOf(places: Tensor, sizes: Shape): Tensor {
  const steps = tensor(contiguousStrides(sizes), { dtype: int64, device: places.device });
  return places.mul(steps.unsqueeze(1)).sum(0);
}

/** The coordinates, [dimensions, n], of such positions. */
export function placesAt(positions: Tensor, sizes: Shape): Tensor {
  const steps = contiguousStrides(sizes);
  if (sizes.length === 0)
    return ops.zeros([0, positions.shape[0]], { dtype: int64, device: positions.device });
  return ops.stack(sizes.map((size, d) => positions.floorDivide(steps[d]).remainder(Math.max(size, 1))));
}

/** The sizes of the dimensions that coordinates have. */
export const sparseSizes = (x: SparseCooTensor): Shape => x.shape.slice(0, x.sparseDims);

/** Adds values [m, …] into `count` places, [count, …]. */
export function addedUp(values: Tensor, at: Tensor, count: number): Tensor {
  // Truth values are joined.
  if (values.dtype === bool) return addedUp(values.to(uint8), at, count).ne(0);
  return values.newZeros([count, ...values.shape.slice(1)]).indexAdd(0, at, values);
}

/** The same with every place once, in order. */
export function coalesced(x: SparseCooTensor): SparseCooTensor {
  if (x.isOrdered) return x;
  if (x.nnz() < 2) return new SparseCooTensor(x.places, x.elements, x.shape, true);
  const sizes = sparseSizes(x);
  const [distinct, inverse] = ops.unique(positionsOf(x.places, sizes), { returnInverse: true });
  const values = addedUp(x.elements, inverse, distinct.shape[0]);
  return new SparseCooTensor(
    placesAt(distinct, sizes),
    recordedAs(values, 'CoalesceBackward0'),
    x.shape,
    true,
  );
}

/** All elements, in one storage. */
export function dense(x: SparseCooTensor): Tensor {
  const sizes = sparseSizes(x);
  const all = addedUp(x.elements, positionsOf(x.places, sizes), numel(sizes));
  return recordedAs(all.reshape(x.shape), 'ToDenseBackward0');
}

/** The elements of a strided tensor at these places. */
export const elementsAt = (x: Tensor, places: Tensor, sizes: Shape): Tensor =>
  x.reshape([numel(sizes), ...x.shape.slice(sizes.length)]).indexSelect(0, positionsOf(places, sizes));
