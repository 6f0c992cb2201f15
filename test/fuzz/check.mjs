/** Rules for whatever a reader does. */
import * as torch from '../../dist/index.js';

/** The errors that a user of the library can expect. */
export const known = [
  torch.RuntimeError,
  torch.IndexError,
  torch.KeyError,
  torch.TypeError,
  torch.ValueError,
  torch.UnpicklingError,
  torch.safetensors.SafetensorError,
];

/** Throws if a value that was loaded is not what it seems: a tensor that reaches beyond its memory. */
export function checkValue(root) {
  const seen = new Set();
  const work = [root];
  while (work.length > 0) {
    const value = work.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof torch.Tensor) checkTensor(value);
    else if (value instanceof Map) for (const pair of value) work.push(...pair);
    else if (value instanceof Set || Array.isArray(value)) for (const item of value) work.push(item);
    else if (Object.getPrototypeOf(value) === Object.prototype) {
      for (const key of Object.keys(value)) work.push(value[key]);
    }
  }
}

function checkTensor(tensor) {
  const { shape, strides, offset, storage, dtype } = tensor;
  if (shape.some((size) => size === 0)) return;
  const last = shape.reduce((sum, size, i) => sum + (size - 1) * strides[i], offset);
  if (!(offset >= 0 && (last + 1) * dtype.itemsize <= storage.nbytes)) {
    throw new Error(
      `a tensor reaches beyond its storage: ${shape} ${strides} ${offset} in ${storage.nbytes}`,
    );
  }
  if (shape.length < 64) tensor.index(...shape.map(() => -1)).toArray();
}
