import { binding, type Code, type Converter, tied } from './converter.js';
import type { Expression } from './syntax.js';
import type { Type } from './type_rules.js';

/** Whether a literal has a fraction, by which the library sees a float. */
export function isFraction(expression: Expression): boolean {
  if (expression.kind === 'unary') return isFraction(expression.operand);
  return expression.kind === 'number' && !Number.isInteger(Number(expression.text.replaceAll('_', '')));
}

/**
 * A number that is combined with a tensor: JavaScript does not tell 2.0 from 2, so a float that may be whole says so, unless the tensor's numbers
 * are floats anyway.
 */
export function scalar(c: Converter, value: Code, source: Expression, beside: Type | null): string {
  const { type } = value;
  if (type.k === 'bool' && beside !== null) return tied(value, binding.arrow);
  const isFloat = (beside?.k === 'tensor' || beside?.k === 'array') && beside.numbers === 'float';
  if (type.k === 'float' && !isFloat && !isFraction(source))
    return `${c.libraryCode('pyfloat')}(${value.code})`;
  return tied(value, binding.arrow);
}
