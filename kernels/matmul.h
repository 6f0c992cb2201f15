// The matrix product, for the kernels that are made of it.
#pragma once
#include "kernel.h"

namespace flambeau::FLAMBEAU_ISA {

// c[i, j] = alpha * Σ_t a[i, t] * b[t, j] + beta * c[i, j]; strides in elements, c is not read if beta is 0.
template <class T> struct MatrixProduct {
  int64_t rows, columns, depth;
  const T* a;
  int64_t a_row, a_column;
  const T* b;
  int64_t b_row, b_column;
  T* c;
  int64_t c_row, c_column;
  T alpha = 1, beta = 0;
};

// Runs on several threads if large. Uses the scratch slots below kFirstFreeSlot of every thread that takes part.
Status multiply(const MatrixProduct<float>& product);
Status multiply(const MatrixProduct<double>& product);

constexpr int kFirstFreeSlot = 2;

}  // namespace flambeau::FLAMBEAU_ISA
