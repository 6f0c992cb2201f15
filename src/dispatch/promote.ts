/** Dtypes of pointwise ops: what is computed in and what comes out. */

import type { ComputeType } from '../backends/program.js';
import { getDefaultDtype } from '../core/defaults.js';
import { bool, Category, complex128, type DType, float64 } from '../core/dtype.js';
import { type NotImplementedError, notImplementedFor } from '../core/errors.js';
import { Promotion } from '../core/promotion.js';
import { type Scalar, scalarCategory } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import type { Form, Typed } from './forms.js';

/** How a pointwise op or reduction finds its dtype. */
export type Promote = 'default' | 'float' | 'bool' | 'self' | 'int';

export type Operand = Tensor | Scalar;

/** The common dtype of operands. */
export function commonDtype(operands: readonly Operand[]): DType {
  const first = operands[0];
  if (first instanceof Tensor && first.shape.length > 0) {
    // Nearly every call: tensors of one dtype, and numbers that do not outrank it.
    const { dtype } = first;
    let plain = true;
    for (let i = 1; i < operands.length && plain; i++) {
      const operand = operands[i];
      plain = operand instanceof Tensor ? operand.dtype === dtype : scalarCategory(operand) <= dtype.category;
    }
    if (plain) return dtype;
  }
  return commonOf(operands.map((operand) => (operand instanceof Tensor ? operand : scalarCategory(operand))));
}

function commonOf(forms: readonly Form[]): DType {
  const promotion = new Promotion();
  for (const form of forms) {
    if (typeof form === 'number') promotion.category(form);
    else promotion.tensor(form.dtype, form.ndim);
  }
  return promotion.result();
}

/** The type that the vector machine computes values of a dtype (complex ones: their parts) in. */
export function computeType(dtype: DType): ComputeType {
  if (dtype === float64 || dtype === complex128) return 'float64';
  return dtype.category >= Category.float ? 'float32' : 'int64';
}

/** The dtype computed in and the dtype of the result. */
export function promote(
  how: Promote,
  operands: readonly Form[],
  name: string,
): { common: DType; result: DType } {
  if (how === 'self') {
    const { dtype } = operands[0] as Typed;
    return { common: dtype, result: dtype };
  }
  const common = commonOf(operands);
  switch (how) {
    case 'float':
      if (common.category < Category.float) {
        const dtype = getDefaultDtype();
        return { common: dtype, result: dtype };
      }
      return { common, result: common };
    case 'bool':
      return { common, result: bool };
    case 'int':
      if (common.category > Category.int) throw notImplemented(name, common);
      return { common, result: common };
    default:
      return { common, result: common };
  }
}

/** PyTorch's error for a dtype that a kernel lacks. */
export const notImplemented = (name: string, dtype: DType): NotImplementedError =>
  notImplementedFor(name, dtype.scalarName);
