/** Families of orthogonal polynomials: the instruction `orthogonal` computes them by their recurrences (DLMF 18.9). */
import { Tensor } from '../../core/tensor.js';
import { commonDtype, notImplemented } from '../../dispatch/promote.js';
import { noKernel } from '../../dispatch/real_only.js';
import { op } from '../../dispatch/registry.js';

/** By the numbers that the instruction knows them by. */
const families: readonly (readonly [name: string, title: string])[] = [
  ['chebyshev_polynomial_t', 'Chebyshev polynomials of the first kind'],
  ['chebyshev_polynomial_u', 'Chebyshev polynomials of the second kind'],
  ['chebyshev_polynomial_v', 'Chebyshev polynomials of the third kind'],
  ['chebyshev_polynomial_w', 'Chebyshev polynomials of the fourth kind'],
  ['hermite_polynomial_h', "physicists' Hermite polynomials"],
  ['hermite_polynomial_he', "probabilists' Hermite polynomials"],
  ['laguerre_polynomial_l', 'Laguerre polynomials'],
  ['legendre_polynomial_p', 'Legendre polynomials'],
];

function define(name: string, title: string, pointwise: string): void {
  for (const parameters of ['Tensor x|input, Tensor|Scalar n', 'Scalar x|input, Tensor n'] as const)
    op(`${name}(${parameters}) -> Tensor`, {
      doc: `The ${title} of degree n at x; of negative degree 0.`,
      module: 'special',
      promote: 'float',
      realOnly: noKernel(`${name}_cpu`),
      inplace: false,
      wide: true,
      check(args: readonly unknown[]) {
        const dtype = commonDtype(args.filter((arg) => arg instanceof Tensor));
        if (dtype.isFloatingPoint && dtype.itemsize < 4) throw notImplemented(`${name}_cpu`, dtype);
      },
      pointwise,
      derivative: false,
    });
}

for (const [number, [name, title]] of families.entries()) {
  define(name, title, `orthogonal(x, trunc(n), ${number})`);
  if (name.startsWith('chebyshev'))
    define(`shifted_${name}`, `shifted ${title}`, `orthogonal(2 * x - 1, trunc(n), ${number})`);
}
