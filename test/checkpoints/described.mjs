/** Values as JSON, the same as `checkpoints.py` describes Python's. */
import * as torch from 'flambeau';

const { ForeignObject } = torch.serialization;
const list = (values) => Array.from(values, described);

/** Whole numbers that a float may have. */
const number = (x) => (Number.isFinite(x) ? x : ['float', x > 0 ? 'inf' : '-inf']);

function elements(tensor) {
  const flat = tensor.detach().contiguous().flatten();
  const real = flat.isComplex() ? torch.viewAsReal(flat).flatten() : flat;
  if (real.dtype.isFloatingPoint) return real.to(torch.float64).tolist();
  return (real.dtype === torch.uint64 ? real : real.to(torch.int64)).tolist().map(Number);
}

export function described(value) {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return ['long', String(value)];
  if (typeof value === 'number') return number(value);
  if (torch.isTensor(value))
    return [
      'tensor',
      String(value.dtype),
      [...value.shape],
      elements(value),
      value.requiresGrad && value.isLeaf,
    ];
  if (value instanceof torch.numpy.RawArray) return ['array', [...value.shape], [...value.toArray()]];
  if (value instanceof ForeignObject) {
    if (value.attributes._parameters !== undefined)
      return ['module', value.className, described(value.stateDict())];
    return ['object', value.className, described(value.entries ?? value.attributes)];
  }
  if (value instanceof torch.Size) return ['size', [...value]];
  if (Array.isArray(value)) return [Object.isFrozen(value) ? 'tuple' : 'list', list(value)];
  if (value instanceof Uint8Array) return ['bytes', [...value]];
  if (value instanceof Set) return ['set', [...value].sort()];
  if (value instanceof Map) return ['dict', [...value].map(([k, v]) => [described(k), described(v)])];
  if ('itemsize' in value) return ['dtype', String(value)];
  if ('re' in value && 'im' in value) return ['complex', value.re, value.im];
  return ['dict', Object.entries(value).map(([k, v]) => [k, described(v)])];
}

/** What a recorded case holds, as the loader reads it. */
export async function loaded(file, { stateDict = false, ...options }) {
  const value = await torch.load(file, options);
  return described(stateDict ? Object.fromEntries(Object.entries(value.stateDict()).sort()) : value);
}
