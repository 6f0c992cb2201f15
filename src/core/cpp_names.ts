import type { DType } from './dtype.js';

const names: Readonly<Record<string, string>> = {
  bool: 'bool',
  uint8: 'unsigned char',
  int8: 'signed char',
  int16: 'short int',
  int32: 'int',
  int64: 'long int',
  uint16: 'unsigned short',
  uint32: 'unsigned int',
  uint64: 'unsigned long',
  float16: 'c10::Half',
  bfloat16: 'c10::BFloat16',
  float32: 'float',
  float64: 'double',
  complex32: 'c10::complex<c10::Half>',
  complex64: 'c10::complex<float>',
  complex128: 'c10::complex<double>',
};

/** C++'s name of a dtype, as some of PyTorch's error texts give it. */
export function cppName(dtype: DType): string {
  return dtype.family === 'float8' ? `c10::${dtype.scalarName}` : names[dtype.name];
}

const casts: Readonly<Record<string, string>> = {
  bool: 'bool',
  uint8: 'byte',
  int8: 'char',
  int16: 'short',
  int32: 'int',
  int64: 'long',
  float16: 'half',
  bfloat16: 'bfloat16',
  float32: 'float',
  float64: 'double',
};

/** Advice where two dtypes should be one: numbers without fractions, and the first of two floats, are converted. */
export function castRemedy(a: DType, b: DType): string {
  const target = a.category > b.category ? a : b;
  const cast = casts[target.name];
  return ` (write x.${cast === undefined ? `to(${target})` : `${cast}()`} to convert to ${target})`;
}

/** The same where PyTorch names integers by their size. */
export function sizedCppName(dtype: DType): string {
  return dtype.isFloatingPoint || dtype.name === 'int32' ? cppName(dtype) : `${dtype.name}_t`;
}
