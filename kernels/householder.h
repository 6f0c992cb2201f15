// Householder reflections H = I - τ v vᴴ, and products of several of them: H₁ H₂ … = I - V T Vᴴ with an upper triangle T
// (Schreiber & Van Loan, 1989).
#pragma once
#include <algorithm>

#include "columns.h"

namespace flambeau::FLAMBEAU_ISA::householder {

constexpr int64_t kBlock = 32;

// Σ conj(a) b
template <class T>
[[gnu::noinline]] T dot(const T* a, const T* b, int64_t n) {
  if constexpr (is_complex<T>) {
    T sum{};
    for (int64_t i = 0; i < n; ++i) sum = sum + conjugate(a[i]) * b[i];
    return sum;
  } else {
    constexpr int lanes = kLanes<T>;
    Vector<T> first{}, second{};
    int64_t i = 0;
    for (; i + 2 * lanes <= n; i += 2 * lanes) {
      first = multiply_add(load(a + i), load(b + i), first);
      second = multiply_add(load(a + i + lanes), load(b + i + lanes), second);
    }
    if constexpr (columns::kTakesParts<T>) {
      if (i + lanes <= n) {
        first = multiply_add(load(a + i), load(b + i), first);
        i += lanes;
      }
      second = multiply_add(columns::load_part(a + i, n - i), columns::load_part(b + i, n - i), second);
      i = n;
    }
    T sum = sum_lanes<T>(first + second);
    for (; i < n; ++i) sum += a[i] * b[i];
    return sum;
  }
}

// The length of a vector. Sums of squares that overflow or vanish are formed of scaled elements.
template <class T>
[[gnu::noinline]] Part<T> length(const T* x, int64_t n) {
  using R = Part<T>;
  const R sum = real_part(dot(x, x, n));
  if (sum > std::numeric_limits<R>::min() / std::numeric_limits<R>::epsilon() && sum < std::numeric_limits<R>::max()) return std::sqrt(sum);
  R largest = 0;
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (is_complex<T>) largest = larger(largest, larger(std::abs(x[i].re), std::abs(x[i].im)));
    else largest = larger(largest, std::abs(x[i]));
  }
  if (!(largest > 0) || largest > std::numeric_limits<R>::max()) return largest;
  R scaled = 0;
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (is_complex<T>) scaled += squared_length(T{x[i].re / largest, x[i].im / largest});
    else scaled += squared_length(x[i] / largest);
  }
  return largest * std::sqrt(scaled);
}

// to -= by * from
template <class T>
[[gnu::noinline]] void subtract(T* __restrict to, T by, const T* __restrict from, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = to[i] - by * from[i];
}

// The reflection whose adjoint takes x to (β, 0, …) with a real β: its vector begins with 1, the rest takes the place of x, and β that of x's
// first element. Returns τ.
template <class T>
T reflect(T* x, int64_t n) {
  using R = Part<T>;
  const R rest = length(x + 1, n - 1);
  R imaginary = 0;
  if constexpr (is_complex<T>) imaginary = x[0].im;
  if (rest == 0 && imaginary == 0) return T{};
  const R alpha = real_part(x[0]), whole = std::hypot(std::hypot(alpha, imaginary), rest);
  const R beta = alpha >= 0 && !std::signbit(alpha) ? -whole : whole;
  T tau;
  if constexpr (is_complex<T>) tau = {(beta - alpha) / beta, -imaginary / beta};
  else tau = (beta - alpha) / beta;
  const T by = x[0] - from_real<T>(beta);
  for (int64_t i = 1; i < n; ++i) x[i] = quotient(x[i], by);
  x[0] = from_real<T>(beta);
  return tau;
}

// Up to kBlock reflections together. Vectors lie as columns in a panel of the thread's scratch memory, zeros and ones included.
template <class T>
struct Block {
  int64_t height, count, pitch;
  T* vectors;
  T triangle[kBlock * kBlock];

  // False when memory is out. Vectors have zeros at their ends, so that products take whole vectors of the machine's.
  bool allocate(int64_t rows, int64_t columns) {
    height = rows;
    count = columns;
    pitch = whole(rows) + whole(1);
    vectors = scratch_array<T>(kPanelSlot, pitch * columns);
    for (int64_t j = 0; vectors && j < columns; ++j) std::fill(vector(j) + rows, vector(j) + pitch, T{});
    return vectors != nullptr;
  }
  T* vector(int64_t j) { return vectors + j * pitch; }
  static int64_t whole(int64_t n) {
    if constexpr (is_complex<T>) return n;
    else return (n + kLanes<T> - 1) / kLanes<T> * kLanes<T>;
  }

  // Puts ones where vectors begin and zeros before, and forms T.
  void complete(const T* tau) {
    for (int64_t j = 0; j < count; ++j) {
      T* v = vector(j);
      for (int64_t i = 0; i < j; ++i) v[i] = T{};
      v[j] = from_real<T>(1);
    }
    for (int64_t j = 0; j < count; ++j) {
      T by[kBlock];
      columns::dots(by, vectors + j, pitch, vector(j) + j, whole(height - j), j);
      for (int64_t i = 0; i < j; ++i) {
        T sum{};
        for (int64_t k = i; k < j; ++k) sum = sum + triangle[i * kBlock + k] * by[k];
        triangle[i * kBlock + j] = -(sum * tau[j]);
      }
      triangle[j * kBlock + j] = tau[j];
      for (int64_t i = j + 1; i < count; ++i) triangle[i * kBlock + j] = T{};
    }
  }

  // c = (I - V T Vᴴ) c, with Tᴴ for the adjoint.
  Status apply(const Matrix<T>& c, bool adjoint) {
    if (c.columns == 0) return Status::ok;
    T* memory = scratch_array<T>(kProductSlot, 2 * count * c.columns);
    if (!memory) return Status::out_of_memory;
    const Matrix<T> v{vectors, height, count, 1, pitch}, t{triangle, count, count, kBlock, 1};
    const Matrix<T> by{memory, count, c.columns, c.columns, 1}, turned{memory + count * c.columns, count, c.columns, c.columns, 1};
    Status status = product(by, v.adjoint(), c, false, Part<T>(0));
    if (status == Status::ok) status = product(turned, adjoint ? t.adjoint() : t, by, false, Part<T>(0));
    return status == Status::ok ? subtract_product(c, v, turned) : status;
  }
};

}  // namespace flambeau::FLAMBEAU_ISA::householder
