import { RuntimeError } from '../../core/errors.js';
import { isPlainObject } from '../../core/plain.js';
import { typeName } from '../../core/repr.js';
import { Module } from '../module.js';

/**
 * A module whose parameters and buffers are not initialised, for those that are loaded or set anyway: it is made on `meta` and
 * then moved.
 *
 * @param moduleClass the class of the module; its constructor must take `device`
 * @param args the arguments of its constructor
 * @throws RuntimeError for what is no class of modules, and for one whose constructor takes no device
 * @example
 * const linear = nn.utils.skipInit(nn.Linear, 1024, 1024, { bias: false });
 */
export function skipInit<M extends Module, A extends readonly unknown[]>(
  moduleClass: new (...args: A) => M,
  ...args: A
): M {
  if (typeof moduleClass !== 'function' || !(moduleClass.prototype instanceof Module))
    throw new RuntimeError(`Expected a Module; got ${typeName(moduleClass)}`);
  const last = args.at(-1);
  const named = isPlainObject(last) ? last : {};
  const { device = 'cpu', ...options } = named;
  const positions = isPlainObject(last) ? args.slice(0, -1) : args;
  let made: M;
  try {
    made = new moduleClass(...([...positions, { ...options, device: 'meta' }] as unknown as A));
  } catch (error) {
    if (/unexpected keyword argument 'device'/.test((error as Error).message))
      throw new RuntimeError("Module must support a 'device' arg to skip initialization");
    throw error;
  }
  return made.toEmpty({ device: device as string });
}
