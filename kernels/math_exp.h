// exp and its kin: exp, exp2, expm1, sigmoid, sinh, cosh, tanh.
//
// All reduce x = n ln 2 + r with |r| <= ln 2 / 2 (ln 2 in two parts, the first short enough that n times it is exact:
// Cody and Waite, Software Manual for the Elementary Functions, chapter 6) and approximate e^r.
#pragma once
#include "math_base.h"

namespace flambeau::FLAMBEAU_ISA::math {

// x = n ln 2 + r; `biased` is n + 2 * bias, never negative.
template <class T>
struct Reduced {
  T r;
  BitsOf<T> biased;
};

template <class T>
FLAMBEAU_MATH Reduced<T> reduce_by_ln2(T x) {
  using F = Format<T>;
  constexpr T high = sizeof(T) == 4 ? T(6.9314575e-01f) : T(0.693147180559663);
  constexpr T low = sizeof(T) == 4 ? T(1.4286068e-06f) : T(2.8235290563031577e-13);
  const T shifted = madd(x, T(1.4426950408889634), F::round);
  const T n = shifted - F::round;
  T r = madd(n, -high, x);
  r = madd(n, -low, r);
  return {r, bits(shifted) - bits(F::round) + 2 * F::bias};
}

// (e^r - 1 - r) / r² on the reduced range.
FLAMBEAU_MATH float expm1_series(float r) {
  return polynomial(r, 5.0e-01f, 1.6666576e-01f, 4.1666552e-02f, 8.363293e-03f, 1.3926326e-03f);
}
FLAMBEAU_MATH double expm1_series(double r) {
  return polynomial(r, 0.5000000000000001, 0.16666666666666669, 0.04166666666662348, 0.008333333333330011,
                    0.0013888888917538296, 0.00019841269863303223, 2.4801520792572694e-05, 2.75572680728901e-06,
                    2.762032742826824e-07, 2.5100569275813683e-08);
}

// p * 2^n for n + 2 * bias = biased, in two steps so that results may be subnormal or overflow.
template <class T>
FLAMBEAU_MATH T scale(T p, BitsOf<T> biased) {
  const BitsOf<T> half = biased >> 1;
  return p * power_of_two<T>(half) * power_of_two<T>(biased - half);
}

// e^x / 2^halvings for x between bounds beyond which it is infinite or zero.
template <class T>
FLAMBEAU_MATH T exp_between(T x, BitsOf<T> halvings) {
  const auto [r, biased] = reduce_by_ln2(x);
  return scale(T(1) + madd(r * r, expm1_series(r), r), biased - halvings);
}
// Beyond the lower bound it is zero, which is chosen last: of two bounds on x itself GCC makes twice as many instructions.
template <class T>
FLAMBEAU_MATH T exp_of(T x) {
  const T power = exp_between(at_most(x, sizeof(T) == 4 ? T(89) : T(710)), 0);
  return x < (sizeof(T) == 4 ? T(-104) : T(-746)) ? T(0) : power;
}
FLAMBEAU_MATH float exp(float x) { return exp_of(x); }
FLAMBEAU_MATH double exp(double x) { return exp_of(x); }

// 2^r - 1 for |r| <= 1/2.
FLAMBEAU_MATH float exp2m1_reduced(float r) {
  return r * polynomial(r, 6.931472e-01f, 2.402265e-01f, 5.5503566e-02f, 9.618082e-03f, 1.3391094e-03f, 1.5453361e-04f);
}
FLAMBEAU_MATH double exp2m1_reduced(double r) {
  return r * polynomial(r, 0.6931471805599453, 0.240226506959101, 0.0555041086648216, 0.009618129107606541,
                        0.001333355814641675, 0.00015403530442319546, 1.5252733830147138e-05, 1.3215442232969344e-06,
                        1.0178062256646543e-07, 7.072656799362923e-09, 4.4549983631048684e-10);
}
template <class T>
FLAMBEAU_MATH T exp2_of(T x) {
  using F = Format<T>;
  x = at_least(at_most(x, sizeof(T) == 4 ? T(129) : T(1025)), sizeof(T) == 4 ? T(-151) : T(-1076));
  const T shifted = x + F::round;
  const T r = x - (shifted - F::round);
  return scale(T(1) + exp2m1_reduced(r), BitsOf<T>(bits(shifted) - bits(F::round) + 2 * F::bias));
}
FLAMBEAU_MATH float exp2(float x) { return exp2_of(x); }
FLAMBEAU_MATH double exp2(double x) { return exp2_of(x); }

// (e^x - 1) / 2 for x from -40 to 710: 2 (2^(n-2) (e^r - 1) + (2^(n-2) - 1/4)).
template <class T>
FLAMBEAU_MATH T half_expm1(T x) {
  const auto [r, biased] = reduce_by_ln2(x);
  const T s = power_of_two<T>(biased - Format<T>::bias - 2);
  const auto [sum, lost] = sum_in_parts(s - T(0.25), s * r);
  return 2 * (sum + madd(s, r * r * expm1_series(r), lost));
}

template <class T>
FLAMBEAU_MATH T expm1_of(T x) {
  const T bounded = at_least(at_most(x, sizeof(T) == 4 ? T(89) : T(709.9)), T(-40));
  // Halving would cost subnormal numbers a bit.
  return magnitude(x) < std::numeric_limits<T>::epsilon() / 4 ? x : with_sign(2 * half_expm1(bounded), x);
}
FLAMBEAU_MATH float expm1(float x) { return expm1_of(x); }
FLAMBEAU_MATH double expm1(double x) { return expm1_of(x); }

// Of e^-x half is taken, which is finite where the result is no zero. Where it is less than the least normal number it does not count beside a half.
template <class T>
FLAMBEAU_MATH T sigmoid_of(T x) {
  const auto [r, biased] = reduce_by_ln2(at_most(-x, sizeof(T) == 4 ? T(89.4) : T(710.5)));
  const T e = power_of_two<T>(biased - Format<T>::bias - 1) * (T(1) + madd(r * r, expm1_series(r), r));
  return T(0.5) / (T(0.5) + (x > (sizeof(T) == 4 ? T(86) : T(700)) ? T(0) : e));
}
FLAMBEAU_MATH float sigmoid(float x) { return sigmoid_of(x); }
FLAMBEAU_MATH double sigmoid(double x) { return sigmoid_of(x); }

// (sinh x / x - 1) / x² as a function of z = x² <= 1.
FLAMBEAU_MATH float sinh_series(float z) {
  return polynomial(z, 1.6666667e-01f, 8.33335e-03f, 1.9836159e-04f, 2.8169513e-06f);
}
FLAMBEAU_MATH double sinh_series(double z) {
  return polynomial(z, 0.16666666666666666, 0.008333333333333333, 0.000198412698412696, 2.755731922411629e-06,
                    2.5052108346508665e-08, 1.6059050601307786e-10, 7.646482892533091e-13, 2.8482330982580862e-15);
}
// e^|x| / 2, infinite only where cosh is.
template <class T>
FLAMBEAU_MATH T half_exp(T x) {
  return exp_between(at_most(magnitude(x), sizeof(T) == 4 ? T(89.5) : T(710.6)), 1);
}
// With w = e^|x| / 2: w -+ 1 / 4w.
template <class T>
FLAMBEAU_MATH T sinh_of(T x) {
  const T a = magnitude(x);
  const T w = half_exp(x);
  const T z = a * a;
  return a < T(1) ? madd(x * z, sinh_series(z), x) : with_sign(w - T(0.25) / w, x);
}
template <class T>
FLAMBEAU_MATH T cosh_of(T x) {
  const T w = half_exp(x);
  return w + T(0.25) / w;
}
FLAMBEAU_MATH float sinh(float x) { return sinh_of(x); }
FLAMBEAU_MATH double sinh(double x) { return sinh_of(x); }
FLAMBEAU_MATH float cosh(float x) { return cosh_of(x); }
FLAMBEAU_MATH double cosh(double x) { return cosh_of(x); }

// 1 - 2 / (e^2|x| + 1), and a polynomial below 0.7.
FLAMBEAU_MATH float tanh(float x) {
  const float a = magnitude(x);
  const float z = a * a;
  const float near = madd(a * z, polynomial(z, -3.333319e-01f, 1.332911e-01f, -5.355874e-02f, 2.0091688e-02f, -5.1384014e-03f), a);
  const auto [r, biased] = reduce_by_ln2(at_most(2 * a, 20.0f));
  const float e = power_of_two<float>(biased - 127) * (1.0f + madd(r * r, expm1_series(r), r));
  return with_sign(a < 0.7f ? near : 1.0f - 2.0f / (e + 1.0f), x);
}
// (e^2|x| - 1) / (e^2|x| + 1).
FLAMBEAU_MATH double tanh(double x) {
  const double h = half_expm1(2 * at_most(magnitude(x), 20.0));
  return with_sign(h / (h + 1.0), x);
}

}  // namespace flambeau::FLAMBEAU_ISA::math
