/** Rows of functions that are polynomials piece by piece, and texts of such polynomials. */
import { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { noKernel } from '../../dispatch/real_only.js';
import { op } from '../../dispatch/registry.js';

/** The product of (x - z)(x + z) over zeros z of two parts, or of the distances from z alone. */
export const distances = (x: string, zeros: readonly (readonly [number, number])[], both = true): string =>
  zeros.map(([z, rest]) => `(${x} - ${z} - ${rest})${both ? ` * (${x} + ${z} + ${rest})` : ''}`).join(' * ');

/**
 * Defines a function of `torch.special`.
 *
 * @param expression its text in terms of `x`
 * @param derivative as in a row; `'own'` is that of the expression; none: it has no derivative
 */
export function define(
  name: string,
  parameter: string,
  doc: string,
  expression: string,
  derivative: Readonly<Record<string, string>> | 'own' | false = false,
): void {
  op(`${name}(Tensor ${parameter}${parameter === 'self' ? '' : '|input'}) -> Tensor`, {
    doc,
    module: 'special',
    promote: 'float',
    realOnly: noKernel(`${name}_cpu`),
    inplace: false,
    wide: true,
    check([x]: readonly unknown[]) {
      if (x instanceof Tensor && x.isFloatingPoint() && x.dtype.itemsize < 4)
        throw notImplemented(`${name}_cpu`, x.dtype);
    },
    pointwise: parameter === 'x' ? expression : `x = ${parameter}; ${expression}`,
    ...(derivative !== 'own' && { derivative }),
  } as never);
}
