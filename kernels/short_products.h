// Products of a vector and a short matrix.
#pragma once
#include "matmul.h"

namespace flambeau::FLAMBEAU_ISA {

// Longer ones go by what is quick.
constexpr int64_t kShort = 64;

// Whether a product has one row, and is short.
template <class T> bool is_short(const MatrixProduct<T>& p) { return p.rows == 1 && p.columns <= kShort && p.depth <= kShort; }

void multiply_short(const MatrixProduct<float>& p);
void multiply_short(const MatrixProduct<double>& p);

}  // namespace flambeau::FLAMBEAU_ISA
