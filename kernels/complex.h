// Complex numbers as elements: the real part and its neighbour in memory, the imaginary one.
#pragma once
#include <type_traits>

#include "kernel.h"

namespace flambeau::FLAMBEAU_ISA {

// Computes as PyTorch does: products by the definition, whatever is infinite.
template <class T>
struct Complex {
  T re, im;

  friend Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
  friend Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
  friend Complex operator*(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
  friend Complex operator-(Complex a) { return {-a.re, -a.im}; }
  template <class U> explicit operator Complex<U>() const { return {static_cast<U>(re), static_cast<U>(im)}; }
};

template <class T>
inline constexpr bool is_complex = false;
template <class T>
inline constexpr bool is_complex<Complex<T>> = true;

// The type of a complex number's parts; any other type itself.
template <class T>
struct PartOf { using type = T; };
template <class T>
struct PartOf<Complex<T>> { using type = T; };
template <class T>
using Part = typename PartOf<T>::type;

}  // namespace flambeau::FLAMBEAU_ISA
