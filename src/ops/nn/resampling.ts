/** Resampling along a dimension: every element of the result is a weighted sum of a few elements, its taps, or one of them. */
import { Category, float64, int32 } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { asTensor } from '../from_data.js';
import { lines } from '../lines.js';
import { finish, kernelsOf, operand, result } from './kernel_operands.js';

/** The taps of all results along a dimension. */
export interface Taps {
  /** By result and by tap: where it stands; -1: nowhere, nor any that follows. */
  readonly positions: Int32Array;
  /** How much it counts; null where there is one tap of each, as it is. */
  readonly weights: Float64Array | null;
}

/** Tables as the kernels read them. */
const tables = (positions: Tensor, weights: Tensor | null): [Tensor, Tensor | null] => [
  positions.to(int32).contiguous(),
  weights === null ? null : weights.to(float64).contiguous(),
];

const resized = (shape: readonly number[], dim: number, size: number): number[] =>
  shape.map((n, d) => (d === dim ? size : n));

/** One tap of all results, as a tensor that lies beside `like`. */
const tapOf = (table: Tensor, k: number, size: number, like: Tensor): Tensor =>
  table.view([size, -1]).select(1, k).to(like.device);

/** Its weights, to be multiplied along a dimension. */
const weightsAlong = (weights: Tensor, k: number, size: number, dim: number, like: Tensor): Tensor =>
  tapOf(weights.to(like.dtype), k, size, like).view(like.shape.map((_, d) => (d === dim ? -1 : 1)));

/** The operand of a kernel that moves elements (`weights` null) or sums them. */
const elementsOf = (self: Tensor, weights: Tensor | null): Tensor =>
  weights === null ? self.contiguous() : operand(self, 'resample');

const resampleSchema =
  '_resample(Tensor self, int dim, int size, Tensor positions, Tensor back, Tensor? weights) -> Tensor';

/** `size` results along `dim` from the taps of a table; gradients go to the positions `back`. */
export const resample: OpFunction<typeof resampleSchema> = op(resampleSchema, {
  doc: 'The sums of the taps of a dimension; gradients go to the positions `back`.',
  // Tables are no stacks.
  batch: (self, dim, size, positions, back, weights) =>
    resample(self, dim + 1, size, positions, back, weights),
  // Tables lie on the CPU.
  devices: 'any',
  function: false,
  method: false,
  forward(self, dim, size, positions, _, weights) {
    const x = elementsOf(self, weights);
    const out = result(resized(x.shape, dim, size), x, x.dtype);
    if (out.numel() === 0) return finish(out, self.dtype);
    if (x.storage.backend.isHost) {
      kernelsOf(x).resample(lines(out, dim), lines(x, dim), ...tables(positions, weights));
      return finish(out, self.dtype);
    }
    if (weights === null) return x.indexSelect(dim, positions.to(x.device));
    let sum: Tensor | null = null;
    for (let k = 0; k < positions.numel() / size; k++) {
      const picked = x.indexSelect(dim, tapOf(positions, k, size, x).clamp({ min: 0 }));
      const term = picked.mul(weightsAlong(weights, k, size, dim, x));
      sum = sum === null ? term : sum.add(term);
    }
    return finish(sum!, self.dtype);
  },
  save: ['back', 'weights'],
  vjp: {
    self: (grad, { dim, back, weights, sizes }) =>
      resampleBackward(grad, dim, sizes.self[dim], back, weights),
  },
  jvp: ({ self: tangent }, { dim, size, positions, back, weights }) =>
    resample(tangent!, dim, size, positions, back, weights),
});

const backwardSchema =
  '_resample_backward(Tensor grad, int dim, int size, Tensor positions, Tensor? weights) -> Tensor';

const resampleBackward: OpFunction<typeof backwardSchema> = op(backwardSchema, {
  doc: 'The gradient of resampling: every tap gets its part.',
  batch: (grad, dim, size, positions, weights) => resampleBackward(grad, dim + 1, size, positions, weights),
  // Tables lie on the CPU.
  devices: 'any',
  function: false,
  method: false,
  forward(grad, dim, size, positions, weights) {
    const g = elementsOf(grad, weights);
    const results = g.shape[dim];
    const shape = resized(g.shape, dim, size);
    // The kernel knows floats and complex numbers, which gradients are of.
    if (g.numel() > 0 && g.storage.backend.isHost && g.dtype.category >= Category.float) {
      const out = result(shape, g, g.dtype);
      kernelsOf(g).resample_backward(lines(out, dim), lines(g, dim), ...tables(positions, weights));
      return finish(out, grad.dtype);
    }
    const out = g.newZeros(shape);
    for (let k = 0; g.numel() > 0 && k < positions.numel() / results; k++) {
      const part = weights === null ? g : g.mul(weightsAlong(weights, k, results, dim, g));
      out.indexAdd_(dim, tapOf(positions, k, results, g).clamp({ min: 0 }), part);
    }
    return finish(out, grad.dtype);
  },
  save: ['positions', 'weights'],
  vjp: {
    grad: (gradGrad, { dim, positions, weights, sizes }) =>
      resample(gradGrad, dim, sizes.grad[dim], positions, positions, weights),
  },
  jvp: ({ grad: tangent }, { dim, size, positions, weights }) =>
    resampleBackward(tangent!, dim, size, positions, weights),
});

/** Resamples a dimension by a table; gradients go to the positions `back` if those are others. */
export function resampleBy(self: Tensor, dim: number, taps: Taps, size: number, back?: Int32Array): Tensor {
  const positions = asTensor(taps.positions);
  return resample(
    self,
    dim,
    size,
    positions,
    back === undefined || back === taps.positions ? positions : asTensor(back),
    taps.weights && asTensor(taps.weights),
  );
}

/** Longer tables are made anew each time. */
const LONGEST_KEPT = 2 ** 14;
const MOST_KEPT = 64;
const kept = new Map<string, Int32Array | Taps>();

/** A table that is made once for calls of the same key; of many the oldest go. */
export function keptTable<T extends Int32Array | Taps>(key: string, make: () => T): T {
  const found = kept.get(key);
  if (found !== undefined) return found as T;
  const made = make();
  const { length } = made instanceof Int32Array ? made : made.positions;
  if (length > LONGEST_KEPT) return made;
  if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, made);
  return made;
}
