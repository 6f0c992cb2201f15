// What the transform of a length needs to know: its factors and the roots of unity that belong to them. Plans are kept, since making one costs more
// than using it.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <initializer_list>
#include <utility>

#include "fft_passes.h"
#include "math_trig.h"

namespace flambeau::FLAMBEAU_ISA {

// exp(-2π i k / n), for 0 <= k < n, as exact as its sine and cosine are within an eighth of the circle.
inline void root_of_unity(int64_t k, int64_t n, double& re, double& im) {
  const int64_t octant = 8 * k / n;
  const int64_t quarter = (octant + 1) / 2;
  // The angle to the nearest quarter, in units of a quarter: exact but for one rounding.
  const double angle = static_cast<double>(4 * k - quarter * n) / static_cast<double>(n) * 1.5707963267948966;
  const double c = math::cos_reduced(angle), s = math::sin_reduced(angle);
  switch (quarter & 3) {
    case 0: re = c, im = -s; break;
    case 1: re = -s, im = -c; break;
    case 2: re = -c, im = s; break;
    default: re = s, im = c; break;
  }
}
template <class T>
inline void write_root(T* to, int64_t k, int64_t n) {
  double re, im;
  root_of_unity(k, n, re, im);
  to[0] = static_cast<T>(re);
  to[1] = static_cast<T>(im);
}

// Memory of a plan; says whether there was enough.
template <class T>
class Table {
 public:
  ~Table() { std::free(data_); }
  bool reserve(int64_t n) {
    data_ = static_cast<T*>(std::malloc(static_cast<size_t>(n < 1 ? 1 : n) * sizeof(T)));
    bytes_ = data_ ? n * sizeof(T) : 0;
    return data_ != nullptr;
  }
  T* get() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  T* data_ = nullptr;
  size_t bytes_ = 0;
};

// Whether all prime factors are small enough for passes.
inline bool is_smooth(int64_t n) {
  for (int64_t factor = 2; factor <= kLargestFactor; ++factor) {
    while (n % factor == 0) n /= factor;
  }
  return n == 1;
}

// Passes over lanes of lines, for lengths without large prime factors.
template <class T>
class Passes {
 public:
  bool make(int64_t n) {
    length = n;
    int64_t rest = n, size = 0;
    const auto take = [&](int factor) {
      rest /= factor;
      factors_[count_++] = factor;
      size += 2 * (factor - 1) * rest + (factor > 8 ? 2 * factor : 0);
    };
    for (int factor = 9; factor <= kLargestFactor; factor += 2) {
      while (rest % factor == 0 && is_prime(factor)) take(factor);
    }
    for (int factor : {7, 5, 3}) {
      while (rest % factor == 0) take(factor);
    }
    // Eights, then fours, as many as leave no two.
    while (rest % 8 == 0 && rest != 16) take(8);
    while (rest % 4 == 0) take(4);
    if (rest == 2) take(2);
    if (!twiddles_.reserve(size)) return false;
    T* to = twiddles_.get();
    rest = n;
    for (int i = 0; i < count_; ++i) {
      const int factor = factors_[i];
      if (factor > 8) {
        for (int j = 0; j < factor; ++j, to += 2) {
          write_root(to, j, factor);
          to[1] = -to[1];
        }
      }
      const int64_t line = rest;
      rest /= factor;
      for (int64_t p = 0; p < rest; ++p) {
        for (int k = 1; k < factor; ++k, to += 2) write_root(to, p * k, line);
      }
    }
    return true;
  }

  // Transforms `width` lines side by side. Returns where the result is: in `a` or `b`, or `from` if there is nothing to do. `from` may be `b`.
  Split<T> run(Split<T> from, Split<T> a, Split<T> b, int64_t width) const {
    const T* twiddles = twiddles_.get();
    int64_t rest = length;
    for (int i = 0; i < count_; ++i) {
      const int factor = factors_[i];
      rest /= factor;
      const T* circle = twiddles;
      if (factor > 8) twiddles += 2 * factor;
      const FromRows<T> here{from};
      const ToRows<T> there{a};
      switch (factor) {
        case 2: pass<T, 2>(here, there, rest, width, twiddles); break;
        case 3: pass<T, 3>(here, there, rest, width, twiddles); break;
        case 4: pass<T, 4>(here, there, rest, width, twiddles); break;
        case 5: pass<T, 5>(here, there, rest, width, twiddles); break;
        case 7: pass<T, 7>(here, there, rest, width, twiddles); break;
        case 8: pass<T, 8>(here, there, rest, width, twiddles); break;
        default: pass_of_any(factor, from, a, rest, width, twiddles, circle); break;
      }
      twiddles += 2 * (factor - 1) * rest;
      width *= factor;
      from = a;
      a = b;
      b = from;
    }
    return from;
  }

  // Whether there are several factors, all of them fours and eights.
  bool has_ends() const {
    return count_ > 1 && std::all_of(factors_, factors_ + count_, [](int factor) { return factor == 4 || factor == 8; });
  }
  // As `run`, for as many lines as there are lanes, whose first pass finds numbers elsewhere and whose last leaves them elsewhere. Wants `has_ends`.
  template <class From, class To>
  void run_between(const From& from, const To& to, Split<T> a, Split<T> b) const {
    const T* twiddles = twiddles_.get();
    int64_t rest = length, width = kLanes<T>;
    const auto step = [&](int factor, const auto& here, const auto& there) {
      rest /= factor;
      if (factor == 4) pass<T, 4>(here, there, rest, width, twiddles);
      else pass<T, 8>(here, there, rest, width, twiddles);
      twiddles += 2 * (factor - 1) * rest;
      width *= factor;
    };
    step(factors_[0], from, ToRows<T>{a});
    for (int i = 1; i + 1 < count_; ++i) {
      step(factors_[i], FromRows<T>{a}, ToRows<T>{b});
      std::swap(a, b);
    }
    step(factors_[count_ - 1], FromRows<T>{a}, to);
  }

  int64_t length = 0;
  int passes() const { return count_; }
  size_t bytes() const { return twiddles_.bytes(); }

 private:
  static bool is_prime(int n) {
    for (int d = 3; d * d <= n; d += 2) {
      if (n % d == 0) return false;
    }
    return true;
  }

  int factors_[64];
  int count_ = 0;
  Table<T> twiddles_;
};

// A length as rows times columns: transforms of columns, a multiplication by roots of unity, transforms of rows (Bailey, "FFTs in external or
// hierarchical memory", 1990). Each step works on as many columns or rows as a vector has lanes, in the nearest cache.
template <class T>
class Blocks {
 public:
  static constexpr int kWidth = kLanes<T>;
  static constexpr int64_t kLongestAtOnce = 4096;

  // The number of rows that wastes the fewest lanes, or 0 if too many.
  static int64_t rows_of(int64_t n) {
    const auto filled = [](int64_t k) { return static_cast<double>(k) / static_cast<double>((k + kWidth - 1) / kWidth * kWidth); };
    double best = 0.6;
    int64_t rows = 0;
    for (int64_t a = 2; a * a <= n; ++a) {
      if (n % a != 0) continue;
      const double ratio = static_cast<double>(a) * a / n;
      const double value = filled(a) * filled(n / a) * (ratio < 1.0 / 64 ? 0.5 : ratio < 1.0 / 8 ? 0.9 : 1.0);
      if (value >= best) {
        best = value;
        rows = a;
      }
    }
    return rows;
  }

  bool make(int64_t n, int64_t rows) {
    if (!columns_of.make(rows) || !rows_of_.make(n / rows)) return false;
    const int64_t columns = n / rows, groups = (columns + kWidth - 1) / kWidth;
    at_once = kVectorBytes > 16 && n <= kLongestAtOnce && rows % kWidth == 0 && columns % kWidth == 0 && columns_of.has_ends() && rows_of_.has_ends();
    step = at_once ? rows : 1;
    while (step * step < rows) step *= 2;
    count = step + (rows + step - 1) / step;
    if (!roots_.reserve(groups * count * 2 * kWidth)) return false;
    T* to = roots_.get();
    for (int64_t g = 0; g < groups; ++g) {
      for (int64_t i = 0; i < count; ++i, to += 2 * kWidth) {
        const int64_t row = i < step ? i : (i - step) * step;
        for (int lane = 0; lane < kWidth; ++lane) {
          T root[2];
          write_root(root, (g * kWidth + lane) % columns * row % n, n);
          to[lane] = root[0];
          to[kWidth + lane] = root[1];
        }
      }
    }
    return true;
  }

  // The root for a row of a group of columns: the product of two of the table.
  struct Roots {
    const T* table;
    int64_t step;
    FLAMBEAU_INLINE ComplexVector<T> at(int64_t row) const {
      const T *low = table + row % step * 2 * kWidth, *high = table + (step + row / step) * 2 * kWidth;
      return ComplexVector<T>{load(low), load(low + kWidth)} * ComplexVector<T>{load(high), load(high + kWidth)};
    }
  };
  Roots roots(int64_t group) const { return {roots_of(group), step}; }

  // Whether the ends of passes read and write what lies between them, which takes a root for every element.
  bool at_once = false;
  const T* roots_of(int64_t group) const { return roots_.get() + group * count * 2 * kWidth; }

  const Passes<T>& columns() const { return columns_of; }
  const Passes<T>& rows() const { return rows_of_; }
  size_t bytes() const { return columns_of.bytes() + rows_of_.bytes() + roots_.bytes(); }

 private:
  Passes<T> columns_of, rows_of_;
  int64_t step = 1, count = 0;
  Table<T> roots_;
};

template <class T>
struct Plan {
  int64_t length = 0;
  // How lines are transformed: lanes of them, one in blocks, or either by a convolution with a chirp of some length without large factors.
  bool has_passes = false, has_blocks = false, has_chirp = false;
  Passes<T> passes;
  Blocks<T> blocks;
  // exp(-π i k² / n), and the transform of its conjugate over the length of the convolution, divided by that.
  Table<T> chirp, spectrum;
  Plan* convolution = nullptr;
  // exp(-2π i k / 2n) for real lines of twice the length.
  Table<T> halves;

  size_t bytes() const { return sizeof(*this) + passes.bytes() + blocks.bytes() + chirp.bytes() + spectrum.bytes() + halves.bytes(); }

  // Of the cache: the next plan, users, and when it was used last.
  Plan* next = nullptr;
  int users = 0;
  int64_t used = 0;
};

class Spinning {
 public:
  explicit Spinning(std::atomic_flag& flag) : flag_(flag) {
    while (flag_.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~Spinning() { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag& flag_;
};

}  // namespace flambeau::FLAMBEAU_ISA
