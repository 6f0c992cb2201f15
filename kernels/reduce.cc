// Reductions of a program's value.
//
// The loop is put in the order [I | R | O]: R are the reduced dimensions, I the kept dimension that lies inside them in memory (one
// element where memory runs along a reduced one), O the other kept ones. Sums of floats are pairwise sums of short vectorised ones: the
// error grows with the logarithm of the length. How work is cut depends on the shape alone, so results do not depend on threads.
#include <cstring>
#include <limits>

#include "vm.h"

namespace flambeau::FLAMBEAU_ISA {

namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(kVectorBytes)));
};
template <class T>
using Vector = typename VectorOf<T>::type;

// What sums and products are computed in, one value or a vector of them: integers without their sign, so that overflow wraps.
template <class T, class V>
using Unsigned = std::conditional_t<!std::is_same_v<T, int64_t>, V, std::conditional_t<std::is_same_v<V, T>, uint64_t, Vector<uint64_t>>>;

// Each kind of reduction: its identity, what it makes of a value, how it joins two; V is T or Vector<T>.
template <class T>
struct Sum {
  static constexpr bool cascades = !std::is_integral_v<T>;
  static constexpr T identity{};
  template <class V> static V lift(V v) { return v; }
  template <class V> static V join(V a, V b) {
    return (V)((Unsigned<T, V>)a + (Unsigned<T, V>)b);
  }
};
template <class T>
struct Product {
  static constexpr bool cascades = false;
  static constexpr T identity{1};
  template <class V> static V lift(V v) { return v; }
  template <class V> static V join(V a, V b) {
    return (V)((Unsigned<T, V>)a * (Unsigned<T, V>)b);
  }
};
// Of equal values and of several NaN, the first stays.
template <class T>
struct Max {
  static constexpr bool cascades = false;
  static constexpr T identity = std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  template <class V> static V lift(V v) { return v; }
  template <class V> static V join(V a, V b) { return (b > a) | (b != b) ? b : a; }
  static bool better(T b, T a) { return b > a || (b != b && a == a); }
};
template <class T>
struct Min {
  static constexpr bool cascades = false;
  static constexpr T identity = std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  template <class V> static V lift(V v) { return v; }
  template <class V> static V join(V a, V b) { return (b < a) | (b != b) ? b : a; }
  static bool better(T b, T a) { return b < a || (b != b && a == a); }
};
template <class T>
struct Any {
  static constexpr bool cascades = false;
  static constexpr T identity = 0;
  template <class V> static V lift(V v) { return v != 0 ? V{} + 1 : V{}; }
  template <class V> static V join(V a, V b) { return a > b ? a : b; }
};
template <class T>
struct All {
  static constexpr bool cascades = false;
  static constexpr T identity = 1;
  template <class V> static V lift(V v) { return v != 0 ? V{} + 1 : V{}; }
  template <class V> static V join(V a, V b) { return a < b ? a : b; }
};

// Joins the first `width` (a power of two) of these to one.
template <class Kind, class T>
T join_lanes(T* lanes, int64_t width) {
  for (int64_t half = width / 2; half > 0; half /= 2)
    for (int64_t k = 0; k < half; ++k) lanes[k] = Kind::join(lanes[k], lanes[k + half]);
  return lanes[0];
}

template <class T>
constexpr int64_t kWidth = kVectorBytes / sizeof(T);

// Reduces n consecutive values to one in each lane, but for what is left of them; returns how many that were.
template <class T, class Kind>
int64_t reduce_lanes(const T* v, int64_t n, T* lanes) {
  using V = Vector<T>;
  constexpr int64_t width = kWidth<T>;
  const auto load = [](const T* p) {
    V x;
    std::memcpy(&x, p, sizeof x);
    return Kind::lift(x);
  };
  V a[4];
  for (V& x : a) x = V{} + Kind::identity;
  int64_t i = 0;
  for (; i + 4 * width <= n; i += 4 * width)
    for (int k = 0; k < 4; ++k) a[k] = Kind::join(a[k], load(v + i + k * width));
  for (; i + width <= n; i += width) a[0] = Kind::join(a[0], load(v + i));
  const V all = Kind::join(Kind::join(a[0], a[1]), Kind::join(a[2], a[3]));
  std::memcpy(lanes, &all, sizeof all);
  return i;
}
// Complex numbers are added part by part, and parts lie in lanes of their own.
template <class T, class Kind>
  requires std::is_same_v<Kind, Sum<T>> && is_complex<T>
int64_t reduce_lanes(const T* v, int64_t n, T* lanes) {
  using R = Part<T>;
  return reduce_lanes<R, Sum<R>>(&v->re, 2 * n, &lanes->re) / 2;
}
template <class T, class Kind>
  requires std::is_same_v<Kind, Product<T>> && is_complex<T>
int64_t reduce_lanes(const T* v, int64_t n, T* lanes) {
  constexpr int64_t width = kWidth<T>;
  // Several vectors, so that products need not wait for one another.
  T more[4 * width];
  std::fill_n(more, 4 * width, Kind::identity);
  int64_t i = 0;
  for (; i + 4 * width <= n; i += 4 * width)
    for (int64_t k = 0; k < 4 * width; ++k) more[k] = Kind::join(more[k], v[i + k]);
  for (; i + width <= n; i += width)
    for (int64_t k = 0; k < width; ++k) more[k] = Kind::join(more[k], v[i + k]);
  for (int64_t k = 0; k < width; ++k)
    lanes[k] = Kind::join(Kind::join(more[k], more[k + width]), Kind::join(more[k + 2 * width], more[k + 3 * width]));
  return i;
}

// Reduces a few values; floats in four sums, as PyTorch does.
template <class T, class Kind>
[[gnu::noinline]] T reduce_few(const T* v, int64_t n) {
  T part[4] = {Kind::identity, Kind::identity, Kind::identity, Kind::identity};
  int64_t i = 0;
  if constexpr (Kind::cascades)
    for (; i + 4 <= n; i += 4)
      for (int k = 0; k < 4; ++k) part[k] = Kind::join(part[k], v[i + k]);
  for (; i < n; ++i) part[0] = Kind::join(part[0], Kind::lift(v[i]));
  if constexpr (!Kind::cascades) return part[0];
  return Kind::join(Kind::join(Kind::join(part[0], part[1]), part[2]), part[3]);
}

// Sums a few floats in the order of PyTorch: in vectors of 32 bytes, whatever the machine has, whose lanes are added one after another.
template <class T>
struct ShortSum {
  typedef T V __attribute__((vector_size(32)));
  static constexpr int64_t width = sizeof(V) / sizeof(T);
  // From here on PyTorch's sum is one of sums.
  static constexpr int64_t end = 64 * width;

  [[gnu::noinline]] static T of(const T* v, int64_t n) {
    V part[4] = {};
    int64_t i = 0;
    const auto add = [&](int k) {
      V x;
      std::memcpy(&x, v + i, sizeof x);
      part[k] += x;
      i += width;
    };
    while (i + 4 * width <= n)
      for (int k = 0; k < 4; ++k) add(k);
    while (i + width <= n) add(0);
    const V lanes = ((part[0] + part[1]) + part[2]) + part[3];
    T total = 0;
    for (; i < n; ++i) total += v[i];
    for (int64_t k = 0; k < width; ++k) total += lanes[k];
    return total;
  }
};

// Reduces n consecutive values. What no vector holds is joined by itself first: added to the whole one by one, each would be rounded
// to the whole's last place.
template <class T, class Kind>
T reduce_block(const T* v, int64_t n) {
  constexpr int64_t width = kWidth<T>;
  if constexpr (Kind::cascades && !is_complex<T>) {
    if (n < ShortSum<T>::width) return reduce_few<T, Kind>(v, n);
    if (n < ShortSum<T>::end) return ShortSum<T>::of(v, n);
  }
  if (n < width) return reduce_few<T, Kind>(v, n);
  T lanes[width];
  const int64_t i = reduce_lanes<T, Kind>(v, n, lanes);
  const T total = join_lanes<Kind>(lanes, width);
  return i == n ? total : Kind::join(total, reduce_few<T, Kind>(v + i, n - i));
}

// Joins values that come one after another as the leaves of a balanced tree.
template <class T, class Kind>
class Pairwise {
 public:
  void add(T x) {
    int level = 0;
    for (int64_t c = count_++; c & 1; c >>= 1) x = Kind::join(partial_[level++], x);
    partial_[level] = x;
  }
  T total() const {
    bool any = false;
    T t = Kind::identity;
    for (int level = 0; level < 62; ++level) {
      if (!(count_ >> level & 1)) continue;
      t = any ? Kind::join(partial_[level], t) : partial_[level];
      any = true;
    }
    return t;
  }

 private:
  int64_t count_ = 0;
  T partial_[62];
};

// Reduces any number of consecutive values.
template <class T, class Kind>
T reduce_all(const T* v, int64_t n) {
  // Sums of 16 terms in every lane.
  constexpr int64_t step = Kind::cascades ? 64 * kWidth<T> : 1024;
  if (n <= step) return reduce_block<T, Kind>(v, n);
  if constexpr (Kind::cascades && !is_complex<T>)
    if (n < ShortSum<T>::end) return ShortSum<T>::of(v, n);
  Pairwise<T, Kind> total;
  for (int64_t i = 0; i < n; i += step) total.add(reduce_block<T, Kind>(v + i, std::min(step, n - i)));
  return total.total();
}

// A result with its position, while it is being found.
template <class T>
struct Best {
  T value;
  int64_t index;
};

struct Target {
  char* data;
  int item;
  Row store;
};

// What a reduction works on.
struct Shape {
  int64_t inner, reduced, outer;
  int outer_begin;  // first dimension of O
};

// Pieces of a long reduction that threads share.
constexpr int64_t kChunk = 32768;

constexpr int kReduceScratch = 10;
constexpr int kPartialScratch = 11;

template <class T, class Kind, bool indexed>
class Reducer {
 public:
  // `all` has the dimensions in the order [I | R | O] and the program's inputs, then the result, then its indices; `loop` is the same
  // for the inputs alone, with dimensions joined.
  Reducer(const Program& p, const Loop& all, const Loop& loop, const Shape& shape, const T* scalars)
      : program_(p), all_(all), loop_(loop), shape_(shape), scalars_(scalars), out_(all.operand[p.inputs]), out_store_(storer<T>(out_.dtype)) {
    if constexpr (indexed) {
      indices_ = &all.operand[p.inputs + 1];
      index_store_ = storer<int64_t>(indices_->dtype);
    }
  }

  Status run() { return shape_.inner == 1 ? rows() : columns(); }

 private:
  // Position of the o-th outer element in operand.
  char* outer_at(const Operand& operand, int64_t o) const {
    char* data = operand.data;
    for (int d = shape_.outer_begin; d < all_.ndim; ++d) {
      data += o % all_.size[d] * operand.stride[d] * operand.item;
      o /= all_.size[d];
    }
    return data;
  }

  // Stores n results, for outer elements from o on.
  void store_outer(int64_t o, int64_t n, const T* values, const int64_t* indices) const {
    if (shape_.outer_begin + 1 >= all_.ndim) {
      const int64_t d = shape_.outer_begin;
      const bool one = d >= all_.ndim;
      out_store_(outer_at(out_, o), values, one ? 1 : out_.stride[d], n);
      if constexpr (indexed) index_store_(outer_at(*indices_, o), indices, one ? 1 : indices_->stride[d], n);
      return;
    }
    for (int64_t i = 0; i < n; ++i) {
      out_store_(outer_at(out_, o + i), values + i, 1, 1);
      if constexpr (indexed) index_store_(outer_at(*indices_, o + i), indices + i, 1, 1);
    }
  }

  // The first best of n values whose first is number `first`.
  static void find(const T* v, int64_t n, int64_t first, Best<T>& best) {
    if (n > 32) {
      const T block = reduce_block<T, Kind>(v, n);
      if (!better(block, best)) return;
      int64_t i = 0;
      while (!(v[i] == block || (v[i] != v[i] && block != block))) ++i;
      best = {block, first + i};
    } else {
      for (int64_t i = 0; i < n; ++i)
        if (better(v[i], best)) best = {v[i], first + i};
    }
  }
  static bool better(T b, const Best<T>& a) {
    if constexpr (indexed) return a.index < 0 || Kind::better(b, a.value);
    else return false;
  }

  // Reduces elements [begin, end) of R for outer element o.
  Best<T> row(Machine<T>& machine, int64_t o, int64_t begin, int64_t end) const {
    const int64_t base = o * shape_.reduced;
    Best<T> best{Kind::identity, -1};
    Pairwise<T, Kind> total;
    for (int64_t r = begin; r < end;) {
      const int64_t n = machine.span(base + r, base + end);
      machine.run(base + r, n);
      const T* v = machine.result(0, n);
      if constexpr (indexed) find(v, n, r, best);
      else total.add(reduce_all<T, Kind>(v, n));
      r += n;
    }
    if constexpr (!indexed) best.value = total.total();
    return best;
  }

  // I is one element: memory runs along R.
  Status rows() const {
    const int64_t reduced = shape_.reduced, outer = shape_.outer;
    const int64_t chunks = std::max<int64_t>(1, (reduced + kChunk - 1) / kChunk);
    Best<T>* partial = nullptr;
    if (chunks > 1) {
      partial = static_cast<Best<T>*>(scratch(kPartialScratch, outer * chunks * sizeof(Best<T>)));
      if (!partial) return Status::out_of_memory;
    }
    const int64_t length = std::min(reduced, kChunk);
    bool out_of_memory = false;
    parallel_for(outer * chunks, std::max<int64_t>(1, grain_of(program_) / std::max<int64_t>(1, length)), [&](int64_t begin, int64_t end) {
      alignas(64) char small[8192];
      Machine<T> machine(program_, loop_, 0, scalars_, small, sizeof small);
      if (!machine.ok()) {
        out_of_memory = true;
        return;
      }
      if (partial) {
        for (int64_t k = begin; k < end; ++k) {
          const int64_t first = k % chunks * kChunk;
          partial[k] = row(machine, k / chunks, first, std::min(reduced, first + kChunk));
        }
        return;
      }
      T values[kBatch];
      int64_t indices[kBatch];
      for (int64_t o = begin; o < end;) {
        const int64_t batch = std::min<int64_t>(kBatch, end - o);
        for (int64_t i = 0; i < batch;) {
          const int64_t whole = reduced ? machine.span((o + i) * reduced, (o + batch) * reduced) / reduced : 0;
          if (whole == 0) {
            const Best<T> best = row(machine, o + i, 0, reduced);
            values[i] = best.value;
            indices[i] = best.index;
            ++i;
            continue;
          }
          // Rows that fit a block, several at once if they are short.
          const int64_t n = whole * reduced;
          machine.run((o + i) * reduced, n);
          const T* v = machine.result(0, n);
          for (int64_t k = 0; k < whole; ++k, ++i, v += reduced) {
            if constexpr (indexed) {
              Best<T> best{Kind::identity, -1};
              find(v, reduced, 0, best);
              values[i] = best.value;
              indices[i] = best.index;
            } else {
              values[i] = reduce_all<T, Kind>(v, reduced);
            }
          }
        }
        store_outer(o, batch, values, indices);
        o += batch;
      }
    });
    if (out_of_memory) return Status::out_of_memory;
    if (!partial) return Status::ok;
    for (int64_t o = 0; o < outer; ++o) {
      const Best<T>* p = partial + o * chunks;
      Best<T> best = p[0];
      if constexpr (indexed) {
        for (int64_t c = 1; c < chunks; ++c)
          if (better(p[c].value, best)) best = p[c];
      } else {
        Pairwise<T, Kind> total;
        for (int64_t c = 0; c < chunks; ++c) total.add(p[c].value);
        best.value = total.total();
      }
      store_outer(o, 1, &best.value, &best.index);
    }
    return Status::ok;
  }

  // acc[j] = acc[j] joined with v[j], which has number r in R.
  static void join_row(T* __restrict acc, int64_t* __restrict index, const T* __restrict v, int64_t n, int64_t r) {
    if constexpr (indexed) {
      for (int64_t j = 0; j < n; ++j) {
        const bool take = Kind::better(v[j], acc[j]);
        acc[j] = take ? v[j] : acc[j];
        index[j] = take ? r : index[j];
      }
    } else {
      for (int64_t j = 0; j < n; ++j) acc[j] = Kind::join(acc[j], Kind::lift(v[j]));
    }
  }

  // Sums of rows, of sums of rows, … so that no sum has many terms.
  static constexpr int kLevels = Kind::cascades ? 5 : 1;
  static constexpr int64_t kStep = 16;

  // Reduces rows [r0, r1) for columns [j0, j1) of outer element o into acc[0 … j1 - j0), with kLevels arrays of kBlock behind each other.
  void block(Machine<T>& machine, int64_t o, int64_t j0, int64_t j1, int64_t r0, int64_t r1, T* acc, int64_t* index) const {
    const int64_t inner = shape_.inner, n = j1 - j0;
    for (int level = 0; level < kLevels; ++level) std::fill_n(acc + level * kBlock<T>, n, Kind::identity);
    const auto add = [&](const T* v, int64_t r) {
      if (indexed && r == r0) {
        std::copy_n(v, n, acc);
        std::fill_n(index, n, r);
        return;
      }
      join_row(acc, index, v, n, r);
      if constexpr (Kind::cascades) {
        int64_t c = r - r0 + 1;
        for (int level = 0; level + 1 < kLevels && c % kStep == 0; ++level, c /= kStep) {
          join_row(acc + (level + 1) * kBlock<T>, nullptr, acc + level * kBlock<T>, n, 0);
          std::fill_n(acc + level * kBlock<T>, n, Kind::identity);
        }
      }
    };
    for (int64_t r = r0; r < r1;) {
      const int64_t at = (o * shape_.reduced + r) * inner + j0;
      const int64_t whole = n == inner ? machine.span(at, at + (r1 - r) * inner) / inner : 0;
      if (whole > 1) {
        machine.run(at, whole * inner);
        const T* v = machine.result(0, whole * inner);
        for (int64_t k = 0; k < whole; ++k) add(v + k * inner, r + k);
        r += whole;
      } else {
        machine.run(at, n);
        add(machine.result(0, n), r);
        ++r;
      }
    }
    for (int level = 1; level < kLevels; ++level) join_row(acc, nullptr, acc + level * kBlock<T>, n, 0);
  }

  void store_columns(int64_t o, int64_t j0, int64_t n, const T* acc, const int64_t* index) const {
    out_store_(outer_at(out_, o) + j0 * out_.stride[0] * out_.item, acc, out_.stride[0], n);
    if constexpr (indexed)
      index_store_(outer_at(*indices_, o) + j0 * indices_->stride[0] * indices_->item, index, indices_->stride[0], n);
  }

  // I is a dimension: memory runs along results.
  Status columns() const {
    const int64_t inner = shape_.inner, reduced = shape_.reduced, outer = shape_.outer;
    const int64_t width = kBlock<T>;
    const int64_t panels = (inner + width - 1) / width;
    // Few results of many rows: threads share the rows, too.
    const int64_t rows = outer * panels >= 64 ? reduced : std::max<int64_t>(32, kChunk * 2 / std::min(inner, width));
    const int64_t chunks = reduced > rows ? (reduced + rows - 1) / rows : 1;
    T* partial = nullptr;
    int64_t* partial_index = nullptr;
    if (chunks > 1) {
      const size_t count = static_cast<size_t>(outer * chunks * inner);
      partial = static_cast<T*>(scratch(kPartialScratch, count * (std::max<size_t>(8, sizeof(T)) + (indexed ? 8 : 0))));
      if (!partial) return Status::out_of_memory;
      partial_index = reinterpret_cast<int64_t*>(partial) + count;
    }
    const int64_t task = std::min(inner, width) * std::max<int64_t>(1, std::min(reduced, rows));
    bool out_of_memory = false;
    parallel_for(outer * panels * chunks, std::max<int64_t>(1, grain_of(program_) / task), [&](int64_t begin, int64_t end) {
      alignas(64) char small[8192];
      Machine<T> machine(program_, loop_, 0, scalars_, small, sizeof small);
      char* memory = static_cast<char*>(scratch(kReduceScratch, width * (kLevels * sizeof(T) + 8)));
      if (!machine.ok() || !memory) {
        out_of_memory = true;
        return;
      }
      int64_t* index = reinterpret_cast<int64_t*>(memory);
      T* acc = reinterpret_cast<T*>(index + width);
      for (int64_t k = begin; k < end; ++k) {
        const int64_t c = k % chunks, panel = k / chunks % panels, o = k / chunks / panels;
        const int64_t j0 = panel * width, n = std::min(inner, j0 + width) - j0;
        block(machine, o, j0, j0 + n, c * rows, std::min(reduced, (c + 1) * rows), acc, index);
        if (!partial) {
          store_columns(o, j0, n, acc, index);
        } else {
          std::copy_n(acc, n, partial + (o * chunks + c) * inner + j0);
          if constexpr (indexed) std::copy_n(index, n, partial_index + (o * chunks + c) * inner + j0);
        }
      }
    });
    if (out_of_memory) return Status::out_of_memory;
    if (!partial) return Status::ok;
    for (int64_t o = 0; o < outer; ++o) {
      T* p = partial + o * chunks * inner;
      int64_t* q = partial_index + o * chunks * inner;
      for (int64_t step = 1; step < chunks; step *= 2) {
        for (int64_t c = 0; c + step < chunks; c += 2 * step) {
          T* a = p + c * inner;
          const T* b = p + (c + step) * inner;
          if constexpr (indexed) {
            for (int64_t j = 0; j < inner; ++j) {
              if (!Kind::better(b[j], a[j])) continue;
              a[j] = b[j];
              q[c * inner + j] = q[(c + step) * inner + j];
            }
          } else {
            for (int64_t j = 0; j < inner; ++j) a[j] = Kind::join(a[j], b[j]);
          }
        }
      }
      store_columns(o, 0, inner, p, q);
    }
    return Status::ok;
  }

  static constexpr int64_t kBatch = 256;

  const Program& program_;
  const Loop& all_;
  const Loop& loop_;
  const Shape shape_;
  const T* scalars_;
  const Operand& out_;
  Row out_store_;
  const Operand* indices_ = nullptr;
  Row index_store_ = nullptr;
};

template <class T>
Status reduce_as(Reader& in, const Program& p, Reduction kind, bool indexed, const Loop& all, const Loop& loop, const Shape& shape) {
  T scalars[kMaxRegisters];
  read_scalars(in, p.scalars, scalars);
  if constexpr (std::is_same_v<T, int64_t>) {
    if (p.divides && loop.count && !divisors_ok(p, loop, 0, scalars)) return Status::division_by_zero;
  }
  if (kind == Reduction::sum) return Reducer<T, Sum<T>, false>(p, all, loop, shape, scalars).run();
  if (kind == Reduction::prod) return Reducer<T, Product<T>, false>(p, all, loop, shape, scalars).run();
  // Complex numbers have no order.
  if constexpr (is_complex<T>) return Status::ok;
  else switch (kind) {
    case Reduction::any: return Reducer<T, Any<T>, false>(p, all, loop, shape, scalars).run();
    case Reduction::all: return Reducer<T, All<T>, false>(p, all, loop, shape, scalars).run();
    case Reduction::max:
      if (indexed) return Reducer<T, Max<T>, true>(p, all, loop, shape, scalars).run();
      return Reducer<T, Max<T>, false>(p, all, loop, shape, scalars).run();
    default:
      if (indexed) return Reducer<T, Min<T>, true>(p, all, loop, shape, scalars).run();
      return Reducer<T, Min<T>, false>(p, all, loop, shape, scalars).run();
  }
}

void copy_dim(Loop& to, int at, const Loop& from, int d) {
  to.size[at] = from.size[d];
  for (int k = 0; k < from.operands; ++k) to.operand[k].stride[at] = from.operand[k].stride[d];
}

// Whether dimension a of the loop lies inside dimension b in memory.
bool lies_inside(const Loop& loop, int a, int b) {
  for (int k = 0; k < loop.operands; ++k) {
    const int64_t sa = std::abs(loop.operand[k].stride[a]), sb = std::abs(loop.operand[k].stride[b]);
    if (sa != 0 && sb != 0 && sa != sb) return sa < sb;
  }
  return a < b;
}

}  // namespace

Status reduce(Reader& in) {
  const Program& p = program(in.integer());
  const auto kind = static_cast<Reduction>(in.integer());
  const bool indexed = in.flag();
  const int inputs = static_cast<int>(in.integer());
  in.integer();  // scalars: the program knows
  Loop raw;
  raw.read_sizes(in);
  bool reduced[kMaxDims];
  for (int d = raw.ndim - 1; d >= 0; --d) reduced[d] = in.flag();
  raw.operands = inputs + 1 + (indexed ? 1 : 0);
  raw.read_operand(in, raw.operand[inputs]);
  if (indexed) raw.read_operand(in, raw.operand[inputs + 1]);
  for (int k = 0; k < inputs; ++k) raw.read_operand(in, raw.operand[k]);

  // Kept dimensions, then reduced ones, each part in the order of memory (but positions are counted in the order of the dimensions).
  Loop parts;
  parts.operands = raw.operands;
  parts.count = raw.count;
  parts.ndim = 0;
  for (int k = 0; k < raw.operands; ++k) {
    parts.operand[k].data = raw.operand[k].data;
    parts.operand[k].dtype = raw.operand[k].dtype;
    parts.operand[k].item = raw.operand[k].item;
  }
  Loop all = parts;
  for (int d = 0; d < raw.ndim; ++d)
    if (!reduced[d] && raw.size[d] != 1) copy_dim(parts, parts.ndim++, raw, d);
  int kept = parts.ndim;
  for (int d = 0; d < raw.ndim; ++d)
    if (reduced[d] && raw.size[d] != 1) copy_dim(parts, parts.ndim++, raw, d);
  parts.order(0, kept);
  kept = parts.join(0, kept);
  if (!indexed) parts.order(kept, parts.ndim);
  parts.join(kept, parts.ndim);

  const bool columns = kept > 0 && (kept == parts.ndim || lies_inside(parts, 0, kept));
  if (columns) copy_dim(all, all.ndim++, parts, 0);
  for (int d = kept; d < parts.ndim; ++d) copy_dim(all, all.ndim++, parts, d);
  Shape shape{columns ? parts.size[0] : 1, 1, 1, all.ndim};
  for (int d = columns ? 1 : 0; d < kept; ++d) copy_dim(all, all.ndim++, parts, d);
  for (int d = columns ? 1 : 0; d < shape.outer_begin; ++d) shape.reduced *= all.size[d];
  for (int d = shape.outer_begin; d < all.ndim; ++d) shape.outer *= all.size[d];
  if (shape.inner == 0 || shape.outer == 0) return Status::ok;

  Loop loop = all;
  loop.operands = inputs;
  loop.join(0, loop.ndim);
  switch (p.compute) {
    case Compute::float32: return reduce_as<float>(in, p, kind, indexed, all, loop, shape);
    case Compute::float64: return reduce_as<double>(in, p, kind, indexed, all, loop, shape);
    case Compute::complex64: return reduce_as<Complex<float>>(in, p, kind, indexed, all, loop, shape);
    case Compute::complex128: return reduce_as<Complex<double>>(in, p, kind, indexed, all, loop, shape);
    default: return reduce_as<int64_t>(in, p, kind, indexed, all, loop, shape);
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
