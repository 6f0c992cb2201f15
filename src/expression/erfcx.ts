/**
 * The scaled complementary error function, exp(x²) erfc(x): for x ≥ 0 a polynomial in (x - 3.75) / (x + 3.75), divided by 1 + 2x
 * (Shepherd & Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x", 1981).
 */
import { polynomial } from './polynomial.js';

const coefficients = [
  1.2375126308378275, -0.14024059858554697, 0.0035854154854644293, 0.0822767384901452, -0.10880393014174886,
  0.09230432116037748, -0.05869339858963677, 0.028362277418956406, -0.009746579558029276,
  0.0017556258528952954, 0.0002937136655913448, -0.0002901540805408417, 5.164909889268241e-5,
  2.238423915508223e-5, -1.1444146237700524e-5, -9.73559896736775e-7, 1.751637648849062e-6,
  -5.7218230603224086e-8, -2.5866850716155884e-7, 2.3263508708859124e-8, 3.8675334242222354e-8,
  -3.744210080962018e-9, -5.1739902140113095e-9, 3.1114333809799254e-10, 4.2514714447963895e-10,
];

/** Its text in terms of `x`. Below zero the square is taken apart, so that its rounding is not multiplied. */
export const erfcx = `
  y = abs(x);
  u = (y - 3.75) / (y + 3.75);
  right = y > 1e8 ? 1 / (sqrt(pi) * y) : ${polynomial('u', coefficients)} / (1 + 2 * y);
  h = round(16 * y) / 16;
  x < -26.7 ? inf : x < 0 ? 2 * (exp(h * h) * exp((y - h) * (y + h))) - right : right`;
