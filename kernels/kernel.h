// What every kernel source includes: the view of a tensor, the reader of a command's arguments.
//
// A kernel is `Status scan(const ScanArguments& args)`, defined in `namespace flambeau::FLAMBEAU_ISA` by the one source that includes
// "generated/scan.h", where its row of src/backends/kernels.ts became a structure. It checks nothing but indices that only it can
// see, and writes nothing before such a check has passed.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "generated/dtypes.h"

#ifndef FLAMBEAU_ISA
#define FLAMBEAU_ISA baseline
#endif

namespace flambeau {

constexpr int kMaxDims = 64;

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

  View() = default;
  View(const View& v) { *this = v; }
  // Copies the dimensions that there are: most tensors have few of the many that there is room for.
  View& operator=(const View& v) {
    data = v.data;
    dtype = v.dtype;
    ndim = v.ndim;
    for (int i = 0; i < ndim; ++i) {
      size[i] = v.size[i];
      stride[i] = v.stride[i];
    }
    return *this;
  }

  explicit operator bool() const { return data != nullptr; }
  template <class T> T* as() const { return reinterpret_cast<T*>(data); }
  int64_t count() const {
    int64_t n = 1;
    for (int i = 0; i < ndim; ++i) n *= size[i];
    return n;
  }
};

// A view without dimensions, as one with a single element.
inline View at_least_1d(const View& v) {
  View line = v;
  if (!v || v.ndim > 0) return line;
  line.ndim = 1;
  line.size[0] = 1;
  line.stride[0] = 0;
  return line;
}

// A list of an argument's items, as many as a tensor has dimensions at most.
template <class T>
struct List {
  int count = 0;
  T item[kMaxDims];

  const T& operator[](int i) const { return item[i]; }
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
  // One of several words, by its number.
  template <class E> E word() { return static_cast<E>(integer()); }
  template <class T> List<T> list() {
    List<T> found;
    found.count = static_cast<int>(integer());
    for (int i = 0; i < found.count; ++i) {
      if constexpr (std::is_same_v<T, View>) found.item[i] = view();
      else found.item[i] = integer();
    }
    return found;
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

// What the structures of kernels' arguments have in common.
class Arguments {
 public:
  // Ends the command with an error and the values its text will name.
  Status fail(Status status, double a = 0, double b = 0, double c = 0) const { return Reader(words_).fail(status, a, b, c); }

 protected:
  explicit Arguments(Reader& in) : words_(in.words()) {}

 private:
  double* words_;
};

using Kernel = Status (*)(Reader&);

}  // namespace flambeau
