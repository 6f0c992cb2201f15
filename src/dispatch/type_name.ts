/** Types as Python's error texts name them. */
import { isComplexNumber } from '../core/complex.js';
import { Device } from '../core/device.js';
import { DType } from '../core/dtype.js';
import { Layout, MemoryFormat } from '../core/memory_format.js';
import { isPlainObject } from '../core/plain.js';
import { PyFloat } from '../core/pyfloat.js';
import { Tensor } from '../core/tensor.js';

/** Python's name for the type of a value. */
export function typeName(value: unknown): string {
  if (value === null) return 'NoneType';
  if (value === undefined) return 'undefined';
  if (value instanceof Tensor) return 'Tensor';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int' : 'float';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof PyFloat) return 'float';
  if (isComplexNumber(value)) return 'complex';
  if (value instanceof DType) return 'torch.dtype';
  if (value instanceof Device) return 'torch.device';
  if (value instanceof MemoryFormat) return 'torch.memory_format';
  if (value instanceof Layout) return 'torch.layout';
  if (Array.isArray(value)) return 'list';
  if (isPlainObject(value)) return 'dict';
  if (typeof value === 'function') return 'function';
  // A generator's class has no name.
  return value.constructor?.name || ('next' in (value as object) ? 'generator' : 'object');
}
