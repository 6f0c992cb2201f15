// erf, erfc, erfinv, lgamma, digamma.
#pragma once
#include "math_log.h"
#include "math_trig.h"

namespace flambeau::FLAMBEAU_ISA::math {

// erf(x) / x - 1 as a function of z = x², for |x| <= 1.
FLAMBEAU_MATH float erf_series(float z) {
  return polynomial(z, 1.2837917e-01f, -3.7612626e-01f, 1.1283594e-01f, -2.6854211e-02f, 5.1890872e-03f,
                    -8.0168643e-04f, 7.875875e-05f);
}
FLAMBEAU_MATH double erf_series(double z) {
  return polynomial(z, 0.1283791670955126, -0.3761263890318375, 0.11283791670954879, -0.026866170645076792,
                    0.0052239776248180145, -0.000854832698083379, 0.0001205533111164271, -1.4925595266831182e-05,
                    1.6461000484121368e-06, -1.6350312701054695e-07, 1.4659775274047431e-08, -1.1372848856791657e-09,
                    5.957176147748883e-11);
}

// erfc(a) e^(a²) for a >= 0: (1 + 2a) times it is smooth in t = (a - K) / (a + K), which maps [0, inf) to [-1, 1).
FLAMBEAU_MATH double scaled_erfc(double a) {
  const double t = (a - 4.0) / (a + 4.0);
  return polynomial(t, 1.2329951186255526, -0.1396211168405629, 0.01537965210262074, 0.06809705425473732,
                    -0.10103906603635213, 0.09373283499679412, -0.06633036581152939, 0.03716751556249286,
                    -0.016197734059115006, 0.005031969755895426, -0.00075777334141333, -0.00019925550755614952,
                    0.000150622243948303, -2.4403169244974074e-05, -1.1224789135154701e-05, 5.7178872846321855e-06,
                    3.0135049944875397e-07, -8.351619688696847e-07, 6.270727157198311e-08, 1.1534943745754157e-07,
                    -7.71541861441783e-09, -1.3670989863347383e-08, -1.8206098680308682e-09) / madd(a, 2.0, 1.0);
}

// e^(-a²): the rounding error of the square (Dekker's product) is put back.
FLAMBEAU_MATH double exp_minus_square(double a) {
  const double s = a * a;
  const double h = high_part(a);
  const double l = a - h;
  const double error = ((h * h - s) + 2 * (h * l)) + l * l;
  const double y = exp(-s);
  return y - y * error;
}

// erfc(a) for a >= 0; beyond the bound it is 0.
FLAMBEAU_MATH double erfc_positive(double a) {
  a = at_most(a, 27.3);
  return exp_minus_square(a) * scaled_erfc(a);
}

FLAMBEAU_MATH float erf(float x) {
  const float a = magnitude(x);
  const float b = at_most(a, 4.0f);
  // -log erfc(b) on [1, 4], fitted with the weight erfc(b).
  const float l = polynomial(b, -1.8803668e-04f, 1.1295784e+00f, 6.332199e-01f, 1.0841855e-01f, -2.5208239e-02f,
                             4.204556e-03f, -4.4133523e-04f, 2.1686757e-05f);
  const float large = 1.0f - exp(-l);
  const float small = madd(a, erf_series(a * a), a);
  return with_sign(a > 1.0f ? large : small, x);
}
FLAMBEAU_MATH double erf(double x) {
  const double a = magnitude(x);
  const double large = 1.0 - erfc_positive(at_most(a, 6.0));
  const double small = madd(a, erf_series(a * a), a);
  return with_sign(a > 1.0 ? large : small, x);
}
FLAMBEAU_MATH double erfc(double x) {
  const double a = magnitude(x);
  const double far = erfc_positive(a);
  const double near = 0.5 - (madd(x, erf_series(at_most(a * a, 1.0)), x) - 0.5);
  return a < 0.25 ? near : x < 0.0 ? 2.0 - far : far;
}
// In double precision, to 2e-8: the square is exact there, and one division serves both quotients (K = 2).
FLAMBEAU_MATH float erfc(float x) {
  const double a = at_most(magnitude(static_cast<double>(x)), 10.1);
  const double above = a + 2.0;
  const double weight = madd(a, 2.0, 1.0);
  const double both = 1.0 / (above * weight);
  const double p = polynomial((a - 2.0) * weight * both, 1.2769783934625105, -0.0927639808407587, -0.1660314251142298,
                              0.16405534665494992, -0.05420429836167507, -0.008059875026453629, 0.008631680976489444,
                              0.001313522658565607, -0.0012299274290469104, -0.0004005768011408604);
  const auto [r, biased] = reduce_by_ln2(-a * a);
  const double e = polynomial(r, 1.0, 1.0, 0.5000000095130297, 0.16666518899633306, 0.041666205977200436,
                              0.008368882159308247, 0.0013950479448042433);
  const double far = power_of_two<double>(biased - 1023) * e * (p * above * both);
  return static_cast<float>(x < 0.0f ? 2.0 - far : far);
}

// erfinv(x) / x is smooth in w = -log(1 - x²) (M. Giles, Approximating the erfinv function, 2010); polynomials give it to
// 1e-7 and one step of Halley's method, on erfc so that nothing cancels near 1, the rest.
FLAMBEAU_MATH double erfinv(double x) {
  const double a = magnitude(x);
  const double w = -log((1.0 - a) * (1.0 + a));
  const double central = polynomial(at_most(w, 6.0) - 3.0, 1.6235420103927158, 0.24163040379017345, -0.005738166673979439,
                                    -0.0008361787581922573, 0.00019510229640199938, -1.2720408570086267e-05,
                                    -1.7676169065443272e-06, 4.519472619499686e-07, -1.9411591408408924e-08,
                                    -5.917819597720749e-09, 6.745184100173228e-10, 1.9701289962659887e-11);
  const double tail = polynomial(square_root(at_most(w, 37.0)) - 4.25, 4.092223557602332, 1.0099783111592717,
                                 0.0007098023348303705, -0.0006072301050068201, 0.00022242740866903427,
                                 -6.784273498821433e-05, 9.419151413432437e-06, -5.158313963564422e-06,
                                 1.2217554432947458e-05, -6.282633237136408e-06, 3.7266252881042806e-07,
                                 2.465675592460531e-07);
  const double y = a * (w < 6.0 ? central : tail);
  const double residue = a < 0.5 ? erf(y) - a : (1.0 - a) - erfc(y);
  const double step = residue * 0.8862269254527580 / exp_minus_square(y);
  double result = y - step / madd(y, step, 1.0);
  result = a == 1.0 ? infinity<double> : result;
  return a <= 1.0 ? with_sign(result, x) : nan<double>;
}
// The same quotient by three polynomials, of w and of its root, which is at most 4. The first coefficient, in two parts, enters last, and
// with it the rounding of floats.
FLAMBEAU_MATH float erfinv(float x) {
  const float a = magnitude(x);
  const float w = at_least(-log((1.0f - a) * (1.0f + a)), 0.0f);
  const float root = square_root(at_most(w, 17.0f));
  const bool is_central = w < 5.0f;
  const bool is_middle = root < 3.0f;
  const float c = at_most(w, 5.0f) - 2.5f;
  const float central = polynomial(c, 2.4664028e-01f, -4.1773251e-03f, -1.252708e-03f, 2.1826413e-04f, -4.9960001e-06f, -3.4262662e-06f,
                                   4.7868971e-07f, 1.6503644e-08f, -1.0861761e-08f, 4.3406268e-10f, 1.2346577e-10f);
  const float m = root - 2.5f;
  const float middle = polynomial(m, 9.822732e-01f, 3.5190371e-02f, -3.116605e-02f, 1.8705891e-02f, -5.0949820e-03f, -2.0913314e-03f,
                                  2.2041813e-03f, -3.6945462e-04f);
  const float f = root - 3.5f;
  const float far = polynomial(f, 1.0073688f, 3.2771451e-03f, -2.0631786e-03f, 1.0878312e-03f, -6.7975579e-04f, 4.6754507e-04f,
                               -2.2622427e-04f);
  const float outer = is_middle ? middle : far;
  const float outer_at = is_middle ? m : f;
  const float outer_first = is_middle ? 2.33594537f : 3.3354857f;
  const float outer_rest = is_middle ? -4.002318e-09f : 1.811602e-08f;
  const float slope = is_central ? central : outer;
  const float at = is_central ? c : outer_at;
  const float first = is_central ? 1.50140929f : outer_first;
  const float rest = is_central ? 5.952711e-08f : outer_rest;
  const double quotient = static_cast<double>(first) + static_cast<double>(rest) + static_cast<double>(at) * static_cast<double>(slope);
  float result = static_cast<float>(static_cast<double>(a) * quotient);
  result = a == 1.0f ? infinity<float> : result;
  return a <= 1.0f ? with_sign(result, x) : nan<float>;
}

// The distance of a >= 0 from the nearest integer, exactly; `beyond` tells that it lies below that integer.
inline double distance_to_integer(double a, bool& beyond) {
  const double fraction = a - __builtin_floor(a);
  beyond = fraction > 0.5;
  return beyond ? 1.0 - fraction : fraction;
}

// log Gamma(1 + x) / (x (x - 1)) on [0, 1].
inline double lgamma_between(double x) {
  return polynomial(x - 0.5, 0.4831289505409809, -0.14595989591430594, 0.06291140107456485, -0.03130848750105327,
                    0.01679709863121395, -0.009425622444829649, 0.005446457842219553, -0.0032120742206072908,
                    0.0019229162321227923, -0.001164411377219605, 0.0007115202752051298, -0.00043803516132580534,
                    0.00027130273545114005, -0.0001685717945035172, 0.00010541715222185904, -6.793733027397047e-05,
                    4.281642862794779e-05, -2.148770252062576e-05, 1.3584275459130943e-05, -1.8527803997032962e-05,
                    1.1820969445467145e-05);
}
// log Gamma for x > 0: Stirling's series (Abramowitz and Stegun 6.1.41) from 10 on; below, the recurrence leads to [1, 2],
// where log Gamma / ((x - 1) (x - 2)) is a polynomial.
inline double lgamma_positive(double x) {
  if (x >= 10.0) {
    if (x > 2.5e305) return infinity<double>;
    const double r = 1.0 / x;
    const double series =
        r * polynomial(r * r, 1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156);
    return madd(x - 0.5, log(x) - 1.0, 0.41893853320467274 + series);
  }
  double product = 1.0;
  while (x > 2.0) {
    x -= 1.0;
    product *= x;
  }
  // x - 1 and x - 2 for the x that the recurrence leads to, exact near the zeros.
  double below = x - 1.0;
  double above = x - 2.0;
  double quotient = 1.0;
  if (x < 1.0) {
    quotient = x;
    above = below;
    below = x;
  }
  return (log(product) - log(quotient)) + below * above * lgamma_between(below);
}
// For x < 0: log(pi / |x sin(pi x)|) - log Gamma(-x).
inline double lgamma(double x) {
  if (x != x) return x;
  const double a = magnitude(x);
  if (a == infinity<double>) return a;
  if (x > 0.0) return lgamma_positive(x);
  if (a < 1e-17) return -log(a);
  bool beyond;
  const double s = sin(3.141592653589793 * distance_to_integer(a, beyond));
  if (s == 0.0) return infinity<double>;
  return 1.1447298858494002 - log(a * s) - lgamma_positive(a);
}
// In double precision: Stirling's series from 8 on, where the recurrence leads; what cancels near the zeros are digits that a float has not.
// Both logarithms of the reflection and that of the recurrence's product are one.
FLAMBEAU_MATH float lgamma(float x) {
  const double v = static_cast<double>(x);
  const double a = magnitude(v);
  const bool moves = a < 8.0;
  const double below = at_most(a, 8.0);
  const double first = below * (below + 1.0) * ((below + 2.0) * (below + 3.0));
  const double last = (below + 4.0) * (below + 5.0) * ((below + 6.0) * (below + 7.0));
  const double product = moves ? first * last : 1.0;
  const double z = moves ? a + 8.0 : a;
  const double r = 1.0 / z;
  const double series = r * polynomial(r * r, 1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156,
                                       -3617.0 / 122400);
  const double there = madd(z - 0.5, log(z) - 1.0, 0.41893853320467274 + series);
  const double shifted = at_most(a, 0x1p52) + 0x1p52;
  const double distance = magnitude(at_most(a, 0x1p52) - (shifted - 0x1p52));
  const double sine = sin(3.141592653589793 * distance);
  const double reflected = a * sine / (product * 3.141592653589793);
  double result = (v < 0.0 ? -there : there) - log(v < 0.0 ? reflected : product);
  result = v == 1.0 ? 0.0 : result;
  result = v == 2.0 ? 0.0 : result;
  return static_cast<float>(a == infinity<double> ? infinity<double> : result);
}

// The recurrence up to 10, then the asymptotic series (Abramowitz and Stegun 6.3.18), and reflection for x < 0:
// psi(x) = psi(1 - x) - pi / tan(pi x). At -0 and 0 the pole has a side; at other poles there is no limit.
inline double digamma(double x) {
  if (x == 0.0) return with_sign(infinity<double>, -x);
  double result = 0.0;
  if (x < 0.0) {
    bool beyond;
    const double distance = distance_to_integer(-x, beyond);
    if (distance == 0.0) return nan<double>;
    const double cotangent = 3.141592653589793 / tan(3.141592653589793 * distance);
    result = beyond ? -cotangent : cotangent;
    x = 1.0 - x;
  }
  while (x < 10.0) {
    result -= 1.0 / x;
    x += 1.0;
  }
  const double r = 1.0 / (x * x);
  const double series =
      r * polynomial(r, 1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12);
  return result + (log(x) - 0.5 / x - (x < 1e17 ? series : 0.0));
}
// The same from 8 on, without branches; the recurrence's sum is one quotient.
FLAMBEAU_MATH float digamma(float x) {
  const double v = static_cast<double>(x);
  const double a = v < 0.0 ? 1.0 - v : v;
  const double below = at_most(a, 8.0);
  double above = 1.0;
  double under = below;
  for (int k = 1; k < 8; ++k) {
    above = above * (below + k) + under;
    under *= below + k;
  }
  const double z = a < 8.0 ? a + 8.0 : a;
  const double r = 1.0 / (z * z);
  const double series = r * polynomial(r, 1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12);
  const double there = log(z) - 0.5 / z - series - (a < 8.0 ? above / under : 0.0);
  const double size = at_most(magnitude(v), 0x1p52);
  const double from_whole = size - ((size + 0x1p52) - 0x1p52);
  // What is added to reflect: -pi / tan(pi x), and the sign of x goes along.
  const double cotangent = 3.141592653589793 / tan(3.141592653589793 * from_whole);
  double result = v < 0.0 ? there + cotangent : there;
  const double at_whole = v < 0.0 ? nan<double> : result;
  result = from_whole == 0.0 ? at_whole : result;
  result = v == 0.0 ? with_sign(infinity<double>, -v) : result;
  return static_cast<float>(result);
}

}  // namespace flambeau::FLAMBEAU_ISA::math
