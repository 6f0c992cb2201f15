/** Whether a value is what an object literal makes: named arguments, a dict. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A dict as an object: a Map stands for it where its keys are strings, as `torch.load` gives one for keys that look like indices. */
export function asRecord<D>(dict: D): AsRecord<D> {
  const isRecord = dict instanceof Map && [...dict.keys()].every((key) => typeof key === 'string');
  return (isRecord ? Object.fromEntries(dict as ReadonlyMap<string, unknown>) : dict) as AsRecord<D>;
}

type AsRecord<D> = D extends ReadonlyMap<string, infer T> ? Readonly<Record<string, T>> : D;
