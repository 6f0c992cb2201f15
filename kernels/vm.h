// The blocked vector machine: evaluates a program over a loop nest, block after block.
#pragma once
#include <algorithm>
#include <cstdint>

#include "convert.h"
#include "engine.h"
#include "kernel.h"
#include "parallel.h"
#include "vm_forms.h"

namespace flambeau::FLAMBEAU_ISA {

struct Operand {
  char* data;
  DType dtype;
  int item;                   // bytes of an element
  int64_t stride[kMaxDims];  // in elements
};

// A loop nest over operands of one shape. Dimension 0 is the innermost.
struct Loop {
  int ndim;
  int operands;
  int64_t count;
  int64_t size[kMaxDims];
  Operand operand[kMaxOperands];

  Loop() {}
  // Copies what is used: the arrays are large.
  Loop(const Loop& from) : ndim(from.ndim), operands(from.operands), count(from.count) {
    std::copy_n(from.size, ndim, size);
    for (int k = 0; k < operands; ++k) {
      operand[k].data = from.operand[k].data;
      operand[k].dtype = from.operand[k].dtype;
      operand[k].item = from.operand[k].item;
      std::copy_n(from.operand[k].stride, ndim, operand[k].stride);
    }
  }
  Loop& operator=(const Loop&) = delete;

  // Reads the sizes, from the command.
  void read_sizes(Reader& in) {
    ndim = static_cast<int>(in.integer());
    count = 1;
    for (int d = ndim - 1; d >= 0; --d) count *= size[d] = in.integer();
  }
  // Reads an operand that has this loop's shape.
  void read_operand(Reader& in, Operand& o) const {
    o.data = in.address();
    o.dtype = static_cast<DType>(in.integer());
    o.item = item_size(o.dtype);
    for (int d = ndim - 1; d >= 0; --d) o.stride[d] = in.integer();
  }
  void swap_dims(int a, int b);
  // Puts dimensions [begin, end) in an order good for memory: the first operand whose strides differ decides, as in PyTorch's
  // TensorIterator.
  void order(int begin, int end);
  // Joins dimensions that all operands step through as one, within [begin, end) (ndim shrinks); returns the new end.
  int join(int begin, int end);
  void drop_ones();
};

// Elements that a register holds: 4 KB, so that a few stay in the first-level cache.
template <class T>
constexpr int kBlock = 4096 / sizeof(T);

constexpr int kMachineScratch = 8;  // slots of `scratch`
constexpr int kStepsScratch = 9;

// Evaluates a program over [lin, lin + n) of a loop's elements, in the loop's order. Each thread has its own.
template <class T>
class Machine {
 public:
  // The loop's operands: `outputs` results (0: they are read with `result`), then the program's inputs. `small` is memory of the caller's.
  Machine(const Program& p, const Loop& loop, int outputs, const T* scalars, char* small, size_t small_bytes);
  // False when memory was out.
  bool ok() const { return ok_; }
  // How many elements from lin on one run may take: no more than a row (unless rows are short) or a block.
  int64_t span(int64_t lin, int64_t end) const {
    int64_t n = end - lin;
    if (!flat_) n = std::min(n, row_size_ - in_row(lin));
    return std::min(n, most_);
  }
  // Reads the operands of n elements, at most span(lin, …), and evaluates nothing. Returns where they begin in their row.
  int64_t load(int64_t lin, int64_t n);
  // Reads and evaluates n elements, at most span(lin, …).
  void run(int64_t lin, int64_t n);
  // The values of output k of the last run, n of them.
  const T* result(int k, int64_t n);
  // Stores the last run's results.
  void store(int64_t lin, int64_t n);
  // Whether no integer division of the last run had a zero divisor.
  bool divisors_ok(int64_t n) const;

 private:
  struct Bound {
    Step step;
    uint16_t to, a, b, c;
    bool single;  // one value for all
    bool divides;
  };
  enum class Kind : uint8_t { direct, single, row, dense, gather };
  struct Access {
    Kind kind;
    Row convert;
    T* block;        // memory for converted elements
    char* row_data;  // where the current row begins
  };

  T* new_register() {
    T* r = reinterpret_cast<T*>(memory_);
    memory_ += register_bytes_;
    return r;
  }
  // Position in its row of an element, mostly of the current row or at the start of the next.
  int64_t in_row(int64_t lin) const {
    const auto at = static_cast<uint64_t>(lin - row_begin_);
    if (at < static_cast<uint64_t>(row_size_)) return static_cast<int64_t>(at);
    return lin == row_begin_ + row_size_ ? 0 : lin % row_size_;
  }
  int filled(int r);
  bool in_place(int k) const;
  void seek(int64_t begin);
  template <class F>
  void walk(const Operand& o, int64_t lin, int64_t n, F&& f) const;
  // Brings n elements of an operand whose rows are short into its register.
  void expand(const Access& a, const Operand& o, int64_t lin, int64_t n) const;

  const Program& program_;
  const Loop& loop_;
  const int outputs_;
  bool ok_ = true;
  bool flat_;
  bool single_rows_ = false;  // an operand has one value for each row
  int64_t row_size_;
  int64_t row_begin_;  // first element of the current row; before seek: none
  int64_t index_[kMaxDims];  // of the current row
  int64_t most_;
  size_t register_bytes_;
  char* memory_;
  int steps_count_ = 0;
  int fills_count_ = 0;
  int registers_;
  Bound* steps_;
  uint16_t* fills_;  // pairs of registers: filled, from
  T* reg_[2 * kMaxRegisters];
  bool single_[2 * kMaxRegisters];
  uint16_t full_[kMaxRegisters];  // the register that holds this one's single value in every element; 0: none yet
  bool fresh_[kMaxRegisters];     // whether that is up to date
  Access access_[kMaxOperands];
  Bound small_steps_[24];
  uint16_t small_fills_[48];
};

extern template class Machine<float>;
extern template class Machine<double>;
extern template class Machine<int64_t>;
extern template class Machine<Complex<float>>;
extern template class Machine<Complex<double>>;

// A program's scalars, as values of T.
template <class T>
inline void read_scalars(Reader& in, int n, T* scalars) {
  for (int i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<T, int64_t>) scalars[i] = in.bits();
    else if constexpr (is_complex<T>) scalars[i] = {static_cast<Part<T>>(in.number()), static_cast<Part<T>>(in.number())};
    else scalars[i] = static_cast<T>(in.number());
  }
}

// Elements for which a thread is worth waking.
inline int64_t grain_of(const Program& p) { return std::max<int64_t>(2048, 65536 / (1 + p.cost / 2)); }

// Whether an int64 program divides by no zero.
bool divisors_ok(const Program& p, const Loop& loop, int outputs, const int64_t* scalars);

// Moves elements from operand 1 to operand 0 of the loop, converting where the dtypes differ.
Status copy(const Program& p, const Loop& loop);

}  // namespace flambeau::FLAMBEAU_ISA
