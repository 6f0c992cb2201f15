/**
 * The errors Flambeau throws. They are named as Python's, because code ported from PyTorch tests for those
 * names and because PyTorch's error texts are part of its specification.
 */

/** An operation could not be carried out: shapes, dtypes, devices or autograd state do not fit. */
export class RuntimeError extends Error {
  override name = 'RuntimeError';
}

/** An index or dimension is out of range. */
export class IndexError extends Error {
  override name = 'IndexError';
}

/** A value has the right type but is not acceptable. */
export class ValueError extends Error {
  override name = 'ValueError';
}

/** A name was not found in a dictionary-like object. */
export class KeyError extends Error {
  override name = 'KeyError';
}

/** A module or tensor has no attribute of this name. */
export class AttributeError extends Error {
  override name = 'AttributeError';
}

/** A condition that PyTorch asserts does not hold. */
export class AssertionError extends Error {
  override name = 'AssertionError';
}

/** The operation exists in PyTorch but not for these arguments or on this device. */
export class NotImplementedError extends RuntimeError {
  override name = 'NotImplementedError';
}

/** A matrix does not allow what was to be computed: it is singular, or not positive-definite. */
export class LinAlgError extends RuntimeError {
  override name = 'LinAlgError';
}

/** Memory for a tensor could not be had. */
export class OutOfMemoryError extends RuntimeError {
  override name = 'OutOfMemoryError';
}

/** An argument has the wrong type. (Python's `TypeError`; distinct from JavaScript's only in origin.) */
export class TypeError extends globalThis.TypeError {
  override name = 'TypeError';
}

/** The error for an argument's name that there is not; it offers the one that differs in spelling only. */
export function unexpectedKeyword(owner: string, name: string, valid: readonly string[]): TypeError {
  const plain = (text: string): string => text.replaceAll('_', '').toLowerCase();
  const meant = valid.find((other) => plain(other) === plain(name));
  const help = meant !== undefined ? `did you mean '${meant}'?` : `valid: ${valid.join(', ')}`;
  return new TypeError(
    `${owner}${owner.includes(' ') ? '' : '()'} got an unexpected keyword argument '${name}'${valid.length > 0 ? ` (${help})` : ''}`,
  );
}

/** The error for a wish for pinned memory. */
export function noPinnedMemory(): RuntimeError {
  return new RuntimeError(
    'pin_memory=True requires a CUDA or other accelerator backend; no pinned memory allocator is available on this system.',
  );
}

/** The error for values of tensors that have none: those of the meta device. */
export function noDataError(): NotImplementedError {
  return new NotImplementedError('Cannot copy out of meta tensor; no data!');
}

const integers = ['Bool', 'Byte', 'Char', 'Short', 'Int', 'Long'];

/** The error for a dtype that a kernel lacks. @param dtype PyTorch's name for its elements' type */
export function notImplementedFor(kernel: string, dtype: string): NotImplementedError {
  // Kernels that lack integers have floats.
  const remedy = integers.includes(dtype) ? ' (write x.float() to compute with floats)' : '';
  return new NotImplementedError(`"${kernel}" not implemented for '${dtype}'${remedy}`);
}

/** The error for a number that a type cannot hold. @param type its name in C++ */
export function overflowError(type: string): RuntimeError {
  return new RuntimeError(`value cannot be converted to type ${type} without overflow`);
}
