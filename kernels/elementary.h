// Stand-ins from the standard library until math.h has landed.
#pragma once
#include <cmath>
namespace flambeau::FLAMBEAU_ISA::math {
#define F(name) template <class T> inline T name(T x) { return std::name(x); }
F(exp) F(exp2) F(expm1) F(log) F(log2) F(log10) F(log1p) F(sin) F(cos) F(tan) F(asin) F(acos) F(atan) F(sinh) F(cosh) F(tanh)
F(asinh) F(acosh) F(atanh) F(erf) F(erfc) F(lgamma)
#undef F
template <class T> inline T pow(T a, T b) { return std::pow(a, b); }
template <class T> inline T atan2(T a, T b) { return std::atan2(a, b); }
template <class T> inline T erfinv(T x) { return x; }
template <class T> inline T digamma(T x) { return x; }
template <class T> inline T sigmoid(T x) { return 1 / (1 + std::exp(-x)); }
}
