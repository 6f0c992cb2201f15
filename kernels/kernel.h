// What every kernel source includes: the view of a tensor, the reader of a command's arguments, the declarations.
//
// A kernel is `Status name(Reader& in)`, defined in `namespace flambeau::FLAMBEAU_ISA`; it reads its arguments in the
// order that src/backends/kernels.ts gives. It checks nothing but indices that only it can see, and writes nothing before
// such a check has passed.
#pragma once
#include <cstdint>
#include <cstring>

#include "generated/kernels.h"

#ifndef FLAMBEAU_ISA
#define FLAMBEAU_ISA baseline
#endif

namespace flambeau {

constexpr int kMaxDims = 64;

// PyTorch's ScalarType numbers; see src/core/dtype.ts.
enum class DType : int32_t {
  uint8 = 0, int8 = 1, int16 = 2, int32 = 3, int64 = 4, float16 = 5, float32 = 6, float64 = 7, boolean = 11, bfloat16 = 15,
};

inline int item_size(DType t) {
  switch (t) {
    case DType::int16: case DType::float16: case DType::bfloat16: return 2;
    case DType::int32: case DType::float32: return 4;
    case DType::int64: case DType::float64: return 8;
    default: return 1;
  }
}

enum class Status : int32_t {
  ok = 0, index_out_of_range = 1, division_by_zero = 2, class_out_of_range = 3, invalid_probability = 4, out_of_memory = 5,
};

// A tensor argument. Strides are in elements.
struct View {
  char* data = nullptr;
  DType dtype = DType::float32;
  int ndim = 0;
  int64_t size[kMaxDims];
  int64_t stride[kMaxDims];

  explicit operator bool() const { return data != nullptr; }
  template <class T> T* as() const { return reinterpret_cast<T*>(data); }
  int64_t count() const {
    int64_t n = 1;
    for (int i = 0; i < ndim; ++i) n *= size[i];
    return n;
  }
};

// Reads the words of a command in order.
class Reader {
 public:
  explicit Reader(double* words) : words_(words), next_(words + 1) {}

  double number() { return *next_++; }
  int64_t integer() { return static_cast<int64_t>(*next_++); }
  int64_t bits() { int64_t v; std::memcpy(&v, next_++, 8); return v; }
  bool flag() { return *next_++ != 0; }
  char* address() { return reinterpret_cast<char*>(static_cast<uintptr_t>(*next_++)); }

  View view() {
    View v;
    v.data = address();
    if (!v.data) return v;
    v.dtype = static_cast<DType>(integer());
    v.ndim = static_cast<int>(integer());
    for (int i = 0; i < v.ndim; ++i) v.size[i] = integer();
    for (int i = 0; i < v.ndim; ++i) v.stride[i] = integer();
    return v;
  }
  // Reads a list of integers into `out` (kMaxDims at most) and returns its length.
  int integers(int64_t* out) {
    int n = static_cast<int>(integer());
    for (int i = 0; i < n; ++i) out[i] = integer();
    return n;
  }

  // Ends the command with an error and the values its text will name.
  Status fail(Status status, double a = 0, double b = 0, double c = 0) {
    words_[0] = a; words_[1] = b; words_[2] = c;
    return status;
  }
  // Where a command leaves a result of its own.
  double* words() { return words_; }

 private:
  double* words_;
  double* next_;
};

using Kernel = Status (*)(Reader&);

namespace FLAMBEAU_ISA {
#define X(name) Status name(Reader& in);
FLAMBEAU_KERNELS(X)
#undef X
}  // namespace FLAMBEAU_ISA

}  // namespace flambeau
