/**
 * Counts the bytes that are asked of the platform for buffers, by standing in for their constructors. To be imported
 * before what is watched, which may keep references to them.
 */
let total = 0;

/** Bytes asked for since the process began. */
export const allocated = () => total;

const TypedArray = Object.getPrototypeOf(Uint8Array);

/** The new memory that this constructor call needs. */
function need(Class, [first]) {
  const size = Class.BYTES_PER_ELEMENT ?? 1;
  if (typeof first === 'number') return first * size;
  if (first instanceof ArrayBuffer || first instanceof SharedArrayBuffer) return 0;
  return (first?.length ?? 0) * size;
}

const classes = Object.getOwnPropertyNames(globalThis).filter(
  (name) =>
    /^(Shared)?ArrayBuffer$/.test(name) ||
    (typeof globalThis[name] === 'function' && Object.getPrototypeOf(globalThis[name]) === TypedArray),
);
for (const name of classes) {
  const Class = globalThis[name];
  const Counting = new Proxy(Class, {
    construct(target, args, newTarget) {
      total += need(target, args);
      return Reflect.construct(target, args, newTarget === Counting ? target : newTarget);
    },
  });
  globalThis[name] = Counting;
  // Copies are made by the constructor that an object names, and libraries compare with it.
  Class.prototype.constructor = Counting;
}

for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow']) {
  const original = Buffer[name];
  Buffer[name] = (size, ...rest) => {
    total += size;
    return original.call(Buffer, size, ...rest);
  };
}
