// How large elements are to those who choose pivots.
#pragma once
#include "matrix.h"

namespace flambeau::FLAMBEAU_ISA {

template <class T>
inline Part<T> magnitude(T x) {
  if constexpr (is_complex<T>) return std::abs(x.re) + std::abs(x.im);
  else return std::abs(x);
}

}  // namespace flambeau::FLAMBEAU_ISA
