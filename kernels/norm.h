// Kernels of norms: types, parameters, and columns that go together.
#pragma once
#include <algorithm>

#include "elements.h"

namespace flambeau::FLAMBEAU_ISA {

template <class F>
void with_type(DType t, F&& f) {
  if (t == DType::float64) f(Type<double>{});
  else f(Type<float>{});
}

// A vector of parameters, or null.
template <class T>
struct Parameters {
  const T* data;
  int64_t step;

  explicit Parameters(const View& v) : data(v.as<const T>()), step(v && v.ndim ? v.stride[0] : 0) {}
  explicit operator bool() const { return data != nullptr; }
  T operator[](int64_t i) const { return data[i * step]; }
  // With `missing` where there are none.
  T at(int64_t i, T missing) const { return data ? data[i * step] : missing; }
};

// Columns that are handled together, with a few values in double for each.
constexpr int64_t kColumns = 256;

// Pieces of about 16,384 elements are worth a thread.
inline int64_t grain_of(int64_t elements) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, elements)); }

// For each group of columns of a [rows, columns] matrix; a group's results come from one thread.
template <class F>
void for_each_columns(int64_t rows, int64_t columns, F&& f) {
  const int64_t groups = (columns + kColumns - 1) / kColumns;
  parallel_for(groups, grain_of(rows * kColumns), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i * kColumns, std::min(kColumns, columns - i * kColumns));
  });
}

// A vector's n elements, side by side in memory: its own, a copy, or as many of `missing` where there is none. Null: there is no memory for them.
template <class T>
const T* contiguous(const View& v, int64_t n, T missing, int slot) {
  if (v && (v.ndim == 0 || v.stride[0] == 1 || n <= 1)) return v.as<const T>();
  T* copy = scratch_array<T>(slot, n);
  if (copy) {
    for (int64_t i = 0; i < n; ++i) copy[i] = v ? v.as<T>()[i * v.stride[0]] : missing;
  }
  return copy;
}
inline Status out_of_memory(const Arguments& args, const View& like) {
  return args.fail(Status::out_of_memory, static_cast<double>(like.size[like.ndim - 1] * item_size(like.dtype)));
}

}  // namespace flambeau::FLAMBEAU_ISA
