import { RuntimeError } from '../../core/errors.js';

/** A quotient as Python has it: a learning rate of Infinity or NaN would spoil the parameters for good. @throws RuntimeError where b is 0 */
export function divided(a: number, b: number): number {
  if (b === 0) throw new RuntimeError('ZeroDivisionError: float division by zero');
  return a / b;
}

/** A remainder of integers. @throws RuntimeError where b is 0 */
export function remainder(a: number, b: number): number {
  if (b === 0) throw new RuntimeError('ZeroDivisionError: integer modulo by zero');
  return a % b;
}
