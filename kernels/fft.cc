// Fourier transforms along one dimension, of any length. Lengths without large prime factors are transformed by passes, each of which takes out one
// factor (fft_passes.h): short lines as many at once as a vector has lanes, long ones by themselves as rows and columns. Any other length is a convolution with a
// chirp (Bluestein, "A linear filtering approach to the computation of discrete Fourier transform", 1970). Real lines of an even length
// are complex ones of half of it.
#include <algorithm>
#include <new>

#include "fft_lines.h"
#include "fft_plan.h"
#include "strided.h"
#include "generated/fft.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Scratch memory: rows of lanes, what lies between the steps of a long line, a line of the convolution, one of packed real numbers, one of results.
constexpr int kRowSlot = 0, kMiddleSlot = 1, kConvolutionSlot = 2, kPackedSlot = 3, kResultSlot = 4;

// Bytes of results that find no room in a core's cache, and numbers of a line that does.
constexpr int64_t kManyBytes = 1 << 21, kFewNumbers = 8192;

// The longest line that is transformed in lanes, if others do as well.
constexpr int64_t kLongest = 8192;

// ---- plans --------------------------------------------------------------------------------------------------------

std::atomic_flag taken = ATOMIC_FLAG_INIT;
int64_t clock_of_plans = 0;

template <class T>
Plan<T>* first_plan = nullptr;

template <class T>
void destroy(Plan<T>* plan);

template <class T>
struct PlanUse {
  Plan<T>* plan = nullptr;
  explicit PlanUse(int64_t length, bool halves = false);
  ~PlanUse() {
    if (!plan) return;
    const Spinning lock(taken);
    --plan->users;
  }
  PlanUse(const PlanUse&) = delete;
  explicit operator bool() const { return plan != nullptr; }
};

template <class T>
bool transform_line(const Plan<T>& plan, Line<T> in, Line<T> out, T factor, bool swap);

// The shortest length of a convolution that two factors of which fill vectors.
inline int64_t convolution_length(int64_t least, int64_t width) {
  const int64_t unit = least >= 4 * width * width ? width * width : 2;
  for (int64_t n = (least + unit - 1) / unit;; ++n) {
    int64_t rest = n;
    for (int factor : {2, 3, 5}) {
      while (rest % factor == 0) rest /= factor;
    }
    if (rest == 1) return n * unit;
  }
}

template <class T>
bool make_chirp(Plan<T>& plan) {
  const int64_t n = plan.length, m = convolution_length(2 * n - 1, kLanes<T>);
  PlanUse<T> use(m);
  // Computed in double precision, which costs nothing later.
  PlanUse<double> exact(m);
  Table<double> wave, wide;
  if (!use || !exact || !plan.chirp.reserve(2 * n) || !plan.spectrum.reserve(2 * m) || !wave.reserve(2 * m) || !wide.reserve(2 * m)) return false;
  for (int64_t i = 0; i < 2 * m; ++i) wave.get()[i] = 0;
  for (int64_t k = 0, square = 0; k < n; ++k) {
    double re, im;
    root_of_unity(square, 2 * n, re, im);
    plan.chirp.get()[2 * k] = static_cast<T>(re);
    plan.chirp.get()[2 * k + 1] = static_cast<T>(im);
    for (int64_t at : {k, (m - k) % m}) {
      wave.get()[2 * at] = re;
      wave.get()[2 * at + 1] = -im;
    }
    square = (square + 2 * k + 1) % (2 * n);
  }
  if (!transform_line(*exact.plan, Line<double>{wave.get(), 2, 1}, Line<double>{wide.get(), 2, 1}, 1.0 / m, false)) return false;
  for (int64_t i = 0; i < 2 * m; ++i) plan.spectrum.get()[i] = static_cast<T>(wide.get()[i]);
  plan.has_chirp = true;
  // Stays in use as long as this plan is kept.
  plan.convolution = use.plan;
  const Spinning lock(taken);
  ++use.plan->users;
  return true;
}

template <class T>
Plan<T>* make_plan(int64_t length, bool halves) {
  void* memory = std::malloc(sizeof(Plan<T>));
  if (!memory) return nullptr;
  Plan<T>* plan = new (memory) Plan<T>;
  plan->length = length;
  bool made = true;
  if (halves) {
    made = plan->halves.reserve(length + 2);
    for (int64_t k = 0; made && k <= length / 2; ++k) write_root(plan->halves.get() + 2 * k, k, 2 * length);
  }
  if (made && is_smooth(length)) {
    int64_t rows = length < 4 * kLanes<T> ? 0 : Blocks<T>::rows_of(length);
    if (length > kLongest && rows == 0) {
      rows = 1;
      for (int64_t a = 2; a * a <= length; ++a) {
        if (length % a == 0) rows = a;
      }
    }
    plan->has_blocks = rows != 0;
    plan->has_passes = length <= kLongest;
    made = (!plan->has_blocks || plan->blocks.make(length, rows)) && (!plan->has_passes || plan->passes.make(length));
  } else if (made) {
    made = make_chirp(*plan);
  }
  if (made) return plan;
  destroy(plan);
  return nullptr;
}

template <class T>
void destroy(Plan<T>* plan) {
  if (plan->convolution) --plan->convolution->users;
  plan->~Plan<T>();
  std::free(plan);
}

// Takes out what was used longest ago until the rest is small. The lock is held.
template <class T>
void trim() {
  constexpr size_t kMost = size_t{48} << 20;
  for (;;) {
    size_t bytes = 0;
    Plan<T>** oldest = nullptr;
    for (Plan<T>** at = &first_plan<T>; *at; at = &(*at)->next) {
      bytes += (*at)->bytes();
      if ((*at)->users == 0 && (!oldest || (*at)->used < (*oldest)->used)) oldest = at;
    }
    if (bytes <= kMost || !oldest) return;
    Plan<T>* plan = *oldest;
    *oldest = plan->next;
    destroy(plan);
  }
}

template <class T>
Plan<T>* find(int64_t length, bool halves) {
  for (Plan<T>* p = first_plan<T>; p; p = p->next) {
    if (p->length != length || (halves && !p->halves.get())) continue;
    ++p->users;
    p->used = ++clock_of_plans;
    return p;
  }
  return nullptr;
}

template <class T>
PlanUse<T>::PlanUse(int64_t length, bool halves) {
  {
    const Spinning lock(taken);
    plan = find<T>(length, halves);
    if (plan) return;
    trim<T>();
  }
  // Two threads may make the same plan; both are kept.
  plan = make_plan<T>(length, halves);
  if (!plan) return;
  const Spinning lock(taken);
  plan->users = 1;
  plan->used = ++clock_of_plans;
  plan->next = first_plan<T>;
  first_plan<T> = plan;
}

// ---- lanes --------------------------------------------------------------------------------------------------------

// Rows of a group of lanes, three times: passes go from one to the other. Null when memory is out.
template <class T>
bool take_rows(int64_t rows, Split<T> (&sets)[2]) {
  const int64_t size = rows * kLanes<T>;
  // The padding keeps the four from falling into the same lines of the cache.
  const int64_t pitch = size + 64 / static_cast<int64_t>(sizeof(T));
  T* memory = scratch_array<T>(kRowSlot, 4 * pitch);
  if (!memory) return false;
  sets[0] = {memory, memory + pitch};
  sets[1] = {memory + 2 * pitch, memory + 3 * pitch};
  return true;
}

template <class T>
int64_t rows_needed(const Plan<T>& plan) { return plan.has_chirp ? plan.convolution->length : plan.length; }

// Transforms what is in the first set of rows; returns where the result is.
template <class T>
Split<T> transform_rows(const Plan<T>& plan, Split<T> rows, Split<T> other) {
  constexpr int kWidth = kLanes<T>;
  if (!plan.has_chirp) return plan.passes.run(rows, other, rows, kWidth);
  const int64_t n = plan.length, m = plan.convolution->length;
  const auto multiply_rows = [&](Split<T> at, const T* by, int64_t count) {
    for (int64_t k = 0; k < count; ++k) {
      const Split<T> row = at.at(k * kWidth);
      store_pair(row, load_pair(row) * splat_pair(by + 2 * k));
    }
  };
  multiply_rows(rows, plan.chirp.get(), n);
  for (int64_t i = n * kWidth; i < m * kWidth; ++i) rows.re[i] = rows.im[i] = 0;
  const Passes<T>& passes = plan.convolution->passes;
  Split<T> result = passes.run(rows, other, rows, kWidth);
  multiply_rows(result, plan.spectrum.get(), m);
  // The inverse is the transform with the parts exchanged.
  const Split<T> free = result.re == rows.re ? other : rows;
  result = passes.run(result.swapped(), free.swapped(), result.swapped(), kWidth).swapped();
  multiply_rows(result, plan.chirp.get(), n);
  return result;
}

// Points k and h - k of the transform of pairs of real numbers, made those of the transform of the real numbers, times 2.
template <class T>
FLAMBEAU_INLINE void unpack_pair(ComplexVector<T>& a, ComplexVector<T>& b, ComplexVector<T> root) {
  const ComplexVector<T> even{a.re + b.re, a.im - b.im}, odd{a.re - b.re, a.im + b.im};
  const ComplexVector<T> turned = (root * odd).turned();
  a = even + turned;
  b = {even.re - turned.re, turned.im - even.im};
}
// The way back.
template <class T>
FLAMBEAU_INLINE void pack_pair(ComplexVector<T>& a, ComplexVector<T>& b, ComplexVector<T> root) {
  const ComplexVector<T> even{a.re + b.re, a.im - b.im}, odd{a.re - b.re, a.im + b.im};
  const ComplexVector<T> by = ComplexVector<T>{root.re, -root.im} * odd;
  // i times that
  const ComplexVector<T> turned{-by.im, by.re};
  a = even + turned;
  b = {even.re - turned.re, turned.im - even.im};
}

// From h rows to h + 1.
template <class T>
void unpack_rows(Split<T> from, Split<T> to, int64_t h, const T* roots) {
  constexpr int kWidth = kLanes<T>;
  const ComplexVector<T> first = load_pair(from);
  store_pair(to, {first.re + first.im, Vector<T>{}});
  store_pair(to.at(h * kWidth), {first.re - first.im, Vector<T>{}});
  const Vector<T> half = splat(T(0.5));
  for (int64_t k = 1; k <= h / 2; ++k) {
    ComplexVector<T> a = load_pair(from.at(k * kWidth)), b = load_pair(from.at((h - k) * kWidth));
    unpack_pair(a, b, splat_pair(roots + 2 * k));
    store_pair(to.at(k * kWidth), {a.re * half, a.im * half});
    store_pair(to.at((h - k) * kWidth), {b.re * half, b.im * half});
  }
}
// The way back, in place, but for a factor of 2.
template <class T>
void pack_rows(Split<T> rows, int64_t h, const T* roots) {
  constexpr int kWidth = kLanes<T>;
  const Vector<T> first = load(rows.re), last = load(rows.re + h * kWidth);
  store_pair(rows, {first + last, first - last});
  for (int64_t k = 1; k <= h / 2; ++k) {
    ComplexVector<T> a = load_pair(rows.at(k * kWidth)), b = load_pair(rows.at((h - k) * kWidth));
    pack_pair(a, b, splat_pair(roots + 2 * k));
    store_pair(rows.at(k * kWidth), a);
    store_pair(rows.at((h - k) * kWidth), b);
  }
}
// Rows beyond the middle are the conjugates of those before it.
template <class T>
void mirror_rows(Split<T> rows, int64_t n) {
  constexpr int kWidth = kLanes<T>;
  for (int64_t k = 1; k <= (n - 1) / 2; ++k) {
    const ComplexVector<T> a = load_pair(rows.at(k * kWidth));
    store_pair(rows.at((n - k) * kWidth), {a.re, -a.im});
  }
}

// ---- single lines -------------------------------------------------------------------------------------------------

// Turns a square of lanes.
template <class T>
FLAMBEAU_TILE_LOOP void store_turned(Vector<T> (&block)[kLanes<T>], T* to, int64_t count) {
  transpose<T>(block);
  if (count == kLanes<T>) {
    FLAMBEAU_UNROLL
    for (int l = 0; l < kLanes<T>; ++l) store<T>(to + l * kLanes<T>, block[l]);
  } else {
    for (int l = 0; l < count; ++l) store<T>(to + l * kLanes<T>, block[l]);
  }
}

template <class T>
FLAMBEAU_TILE_LOOP void turn(const T* from, T* to) {
  Vector<T> block[kLanes<T>];
  FLAMBEAU_UNROLL
  for (int l = 0; l < kLanes<T>; ++l) block[l] = load(from + l * kLanes<T>);
  transpose<T>(block);
  FLAMBEAU_UNROLL
  for (int l = 0; l < kLanes<T>; ++l) store<T>(to + l * kLanes<T>, block[l]);
}

// Ends of passes: a dense line, of which columns or rows are as far apart as `step` says for one lane.
template <class T, bool swap>
struct FromLine {
  const T* data;
  int64_t step;
  FLAMBEAU_INLINE ComplexVector<T> operator()(int64_t offset) const {
    const ComplexVector<T> v = load_neighbours(data + offset * step);
    if constexpr (swap) return {v.im, v.re};
    else return v;
  }
};
template <class T, bool swap>
struct ToLine {
  T* data;
  int64_t step;
  Vector<T> by;
  FLAMBEAU_INLINE void operator()(int64_t offset, ComplexVector<T> v) const {
    const Vector<T> re = v.re * by, im = v.im * by;
    if constexpr (swap) store_neighbours<T>(data + offset * step, {im, re});
    else store_neighbours<T>(data + offset * step, {re, im});
  }
};
// Rows, after a multiplication by roots of unity.
template <class T>
struct ToTurnedRows {
  Split<T> rows;
  const T* roots;
  FLAMBEAU_INLINE void operator()(int64_t offset, ComplexVector<T> v) const {
    const T* root = roots + 2 * offset;
    store_pair(rows.at(offset), v * ComplexVector<T>{load(root), load(root + kLanes<T>)});
  }
};

// Short dense lines whose rows and columns fill vectors. In and out may be the same: all is read before anything is written.
template <class T, bool swap>
bool transform_blocks_at_once(const Blocks<T>& blocks, const T* in, T* out, T factor) {
  constexpr int kWidth = kLanes<T>;
  const int64_t rows = blocks.columns().length, columns = blocks.rows().length;
  T* memory = scratch_array<T>(kMiddleSlot, 2 * rows * columns);
  Split<T> sets[2];
  if (!memory || !take_rows<T>(std::max(rows, columns), sets)) return false;
  const Split<T> middle{memory, memory + rows * columns};
  for (int64_t column = 0; column < columns; column += kWidth) {
    // The last pass reads the other set.
    const Split<T> to = sets[blocks.columns().passes() % 2 == 0 ? 1 : 0];
    blocks.columns().run_between(FromLine<T, swap>{in + 2 * column, 2 * columns / kWidth}, ToTurnedRows<T>{to, blocks.roots_of(column / kWidth)}, sets[0], sets[1]);
    for (int64_t row = 0; row < rows; row += kWidth) {
      const int64_t at = row * columns + column * kWidth;
      turn<T>(to.re + row * kWidth, middle.re + at);
      turn<T>(to.im + row * kWidth, middle.im + at);
    }
  }
  for (int64_t row = 0; row < rows; row += kWidth)
    blocks.rows().run_between(FromRows<T>{middle.at(row * columns)}, ToLine<T, swap>{out + 2 * row, 2 * rows / kWidth, splat(factor)}, sets[0], sets[1]);
  return true;
}

template <class T>
bool transform_blocks(const Blocks<T>& blocks, Line<T> in, Line<T> out, T factor, bool swap) {
  constexpr int kWidth = kLanes<T>;
  if constexpr (kVectorBytes > 16) {
    if (blocks.at_once && in.is_dense() && out.is_dense())
      return swap ? transform_blocks_at_once<T, true>(blocks, in.data, out.data, factor) : transform_blocks_at_once<T, false>(blocks, in.data, out.data, factor);
  }
  const int64_t rows = blocks.columns().length, columns = blocks.rows().length;
  const int64_t row_groups = (rows + kWidth - 1) / kWidth, column_groups = (columns + kWidth - 1) / kWidth;
  const int64_t padded = row_groups * kWidth * columns;
  T* memory = scratch_array<T>(kMiddleSlot, 2 * padded);
  if (!memory) return false;
  const Split<T> middle{memory, memory + padded};
  std::atomic<bool> ok{true};
  const int64_t n = rows * columns, work = n >= 1 << 14 ? 1 : column_groups + row_groups;
  parallel_for(column_groups, work, [&](int64_t begin, int64_t end) {
    Split<T> sets[2];
    if (!take_rows<T>(row_groups * kWidth, sets)) {
      ok = false;
      return;
    }
    for (int64_t g = begin; g < end; ++g) {
      const int64_t column = g * kWidth, count = std::min<int64_t>(kWidth, columns - column);
      for (int64_t i = 0; i < rows; ++i) {
        const ComplexVector<T> v = in.get_neighbours(i * columns + column, i * columns + column + count);
        store_pair(sets[0].at(i * kWidth), swap ? ComplexVector<T>{v.im, v.re} : v);
      }
      const Split<T> result = blocks.columns().run(sets[0], sets[1], sets[0], kWidth);
      const auto roots = blocks.roots(g);
      for (int64_t r = 0; r < row_groups; ++r) {
        Vector<T> re[kWidth], im[kWidth];
        for (int l = 0; l < kWidth; ++l) {
          const int64_t row = r * kWidth + l;
          const ComplexVector<T> v = row < rows ? load_pair(result.at(row * kWidth)) * roots.at(row) : ComplexVector<T>{};
          re[l] = v.re;
          im[l] = v.im;
        }
        const Split<T> to = middle.at((r * columns + column) * kWidth);
        store_turned<T>(re, to.re, count);
        store_turned<T>(im, to.im, count);
      }
    }
  });
  if (!ok) return false;
  const Vector<T> by = splat(factor);
  parallel_for(row_groups, work, [&](int64_t begin, int64_t end) {
    Split<T> sets[2];
    if (!take_rows<T>(columns, sets)) {
      ok = false;
      return;
    }
    for (int64_t r = begin; r < end; ++r) {
      const int64_t row = r * kWidth, count = std::min<int64_t>(kWidth, rows - row);
      const Split<T> result = blocks.rows().run(middle.at(row * columns), sets[0], sets[1], kWidth);
      for (int64_t k = 0; k < columns; ++k) {
        const ComplexVector<T> v = load_pair(result.at(k * kWidth)), scaled{v.re * by, v.im * by};
        out.set_neighbours(k * rows + row, k * rows + row + count, swap ? ComplexVector<T>{scaled.im, scaled.re} : scaled);
      }
    }
  });
  return ok;
}

// to = a times b, points of lines, or its conjugate.
template <class T>
void multiply_lines(Line<T> to, Line<T> a, const T* b, int64_t n, T factor, bool swap_in, bool swap_out) {
  int64_t k = 0;
  const Vector<T> by = splat(factor);
  for (; to.is_dense() && a.is_dense() && k + kLanes<T> <= n; k += kLanes<T>) {
    const ComplexVector<T> v = load_neighbours(a.data + 2 * k), x = swap_in ? ComplexVector<T>{v.im, v.re} : v;
    const ComplexVector<T> y = x * load_neighbours(b + 2 * k), scaled{y.re * by, y.im * by};
    store_neighbours<T>(to.data + 2 * k, swap_out ? ComplexVector<T>{scaled.im, scaled.re} : scaled);
  }
  for (; k < n; ++k) {
    const T re = swap_in ? a.im(k) : a.re(k), im = swap_in ? a.re(k) : a.im(k), c = b[2 * k], s = b[2 * k + 1];
    const T x = (re * c - im * s) * factor, y = (re * s + im * c) * factor;
    to.set(k, swap_out ? y : x, swap_out ? x : y);
  }
}

template <class T>
bool transform_one_in_lanes(const Plan<T>& plan, Line<T> in, Line<T> out, T factor, bool swap) {
  Split<T> sets[2];
  if (!take_rows<T>(rows_needed(plan), sets)) return false;
  Lines<T> from, to;
  from.line[0] = in.data;
  to.line[0] = out.data;
  from.count = to.count = 1;
  from.step = in.step, from.part = in.part;
  to.step = out.step, to.part = out.part;
  from.find_distance();
  to.find_distance();
  load_lines(from, plan.length, swap ? sets[0].swapped() : sets[0]);
  const Split<T> result = transform_rows(plan, sets[0], sets[1]);
  store_lines(to, plan.length, swap ? result.swapped() : result, factor);
  return true;
}

// `swap` exchanges the parts before and after, which is the inverse. In and out may be the same.
template <class T>
bool transform_line(const Plan<T>& plan, Line<T> in, Line<T> out, T factor, bool swap) {
  if (plan.has_blocks) return transform_blocks(plan.blocks, in, out, factor, swap);
  if (!plan.has_chirp || !plan.convolution->has_blocks) return transform_one_in_lanes(plan, in, out, factor, swap);
  const int64_t n = plan.length, m = plan.convolution->length;
  T* memory = scratch_array<T>(kConvolutionSlot, 2 * m);
  if (!memory) return false;
  const Line<T> line{memory, 2, 1};
  multiply_lines<T>(line, in, plan.chirp.get(), n, 1, swap, false);
  for (int64_t i = 2 * n; i < 2 * m; ++i) memory[i] = 0;
  if (!transform_blocks(plan.convolution->blocks, line, line, T(1), false)) return false;
  multiply_lines<T>(line, line, plan.spectrum.get(), m, 1, false, false);
  if (!transform_blocks(plan.convolution->blocks, line, line, T(1), true)) return false;
  multiply_lines<T>(out, line, plan.chirp.get(), n, factor, false, swap);
  return true;
}

// As unpack_rows, of a dense line.
template <class T>
void unpack_line(const T* from, Line<T> to, int64_t h, const T* roots, T factor) {
  to.set(0, (from[0] + from[1]) * factor, 0);
  to.set(h, (from[0] - from[1]) * factor, 0);
  const T half = factor / 2;
  const Vector<T> by = splat(half);
  int64_t k = 1;
  for (; to.is_dense() && k + kLanes<T> - 1 <= h / 2; k += kLanes<T>) {
    const int64_t j = h - k - kLanes<T> + 1;
    ComplexVector<T> a = load_neighbours(from + 2 * k), b = reversed<T>(load_neighbours(from + 2 * j));
    unpack_pair(a, b, load_neighbours(roots + 2 * k));
    store_neighbours<T>(to.data + 2 * k, {a.re * by, a.im * by});
    store_neighbours<T>(to.data + 2 * j, reversed<T>({b.re * by, b.im * by}));
  }
  for (; k <= h / 2; ++k) {
    const T *a = from + 2 * k, *b = from + 2 * (h - k);
    const T even_re = (a[0] + b[0]) * half, even_im = (a[1] - b[1]) * half, odd_re = (a[0] - b[0]) * half, odd_im = (a[1] + b[1]) * half;
    const T c = roots[2 * k], s = roots[2 * k + 1];
    const T re = c * odd_im + s * odd_re, im = s * odd_im - c * odd_re;
    to.set(k, even_re + re, even_im + im);
    to.set(h - k, even_re - re, im - even_im);
  }
}
template <class T>
void pack_line(Line<T> from, T* to, int64_t h, const T* roots) {
  const T first = from.re(0), last = from.re(h);
  to[0] = first + last;
  to[1] = first - last;
  int64_t k = 1;
  for (; from.is_dense() && k + kLanes<T> - 1 <= h / 2; k += kLanes<T>) {
    const int64_t j = h - k - kLanes<T> + 1;
    ComplexVector<T> a = load_neighbours(from.data + 2 * k), b = reversed<T>(load_neighbours(from.data + 2 * j));
    pack_pair(a, b, load_neighbours(roots + 2 * k));
    store_neighbours<T>(to + 2 * k, a);
    store_neighbours<T>(to + 2 * j, reversed<T>(b));
  }
  for (; k <= h / 2; ++k) {
    const int64_t j = h - k;
    const T even_re = from.re(k) + from.re(j), even_im = from.im(k) - from.im(j), odd_re = from.re(k) - from.re(j), odd_im = from.im(k) + from.im(j);
    const T c = roots[2 * k], s = roots[2 * k + 1];
    const T re = s * odd_re - c * odd_im, im = c * odd_re + s * odd_im;
    to[2 * k] = even_re + re;
    to[2 * k + 1] = even_im + im;
    to[2 * j] = even_re - re;
    to[2 * j + 1] = im - even_im;
  }
}

// ---- tensors ------------------------------------------------------------------------------------------------------

enum class Kind { complex, real_to_complex, complex_to_real };

template <class T>
struct Transform {
  Kind kind;
  bool inverse, full;
  // Of the whole line; half of it if that is what is transformed.
  int64_t n, half;
  const Plan<T>& plan;
  T factor;
  // Steps along the dimension, in numbers.
  int64_t in_step, out_step;

  bool halved() const { return kind != Kind::complex && n % 2 == 0; }

  bool lanes(Lines<T>& in, Lines<T>& out) const {
    Split<T> sets[2];
    if (!take_rows<T>(std::max(rows_needed(plan), n + 1), sets)) return false;
    const bool in_is_real = kind == Kind::real_to_complex, out_is_real = kind == Kind::complex_to_real;
    in.step = halved() && in_is_real ? 2 * in_step : in_step;
    in.part = in_is_real ? in_step : 1;
    in.is_real = in_is_real && !halved();
    out.step = halved() && out_is_real ? 2 * out_step : out_step;
    out.part = out_is_real ? out_step : 1;
    out.is_real = out_is_real && !halved();
    in.find_distance();
    out.find_distance();
    switch (kind) {
      case Kind::complex: {
        load_lines(in, n, inverse ? sets[0].swapped() : sets[0]);
        const Split<T> result = transform_rows(plan, sets[0], sets[1]);
        store_lines(out, n, inverse ? result.swapped() : result, factor);
        break;
      }
      case Kind::real_to_complex: {
        load_lines(in, halved() ? half : n, sets[0]);
        Split<T> result = transform_rows(plan, sets[0], sets[1]);
        if (halved()) {
          const Split<T> to = result.re == sets[0].re ? sets[1] : sets[0];
          unpack_rows(result, to, half, plan.halves.get());
          result = to;
          if (full) mirror_rows(result, n);
        }
        store_lines(out, full ? n : n / 2 + 1, result, factor);
        break;
      }
      default: {
        load_lines(in, n / 2 + 1, sets[0]);
        if (halved()) {
          pack_rows(sets[0], half, plan.halves.get());
        } else {
          for (int l = 0; l < kLanes<T>; ++l) sets[0].im[l] = 0;
          mirror_rows(sets[0], n);
        }
        const Split<T> result = transform_rows(plan, sets[0].swapped(), sets[1].swapped()).swapped();
        store_lines(out, halved() ? half : n, result, factor);
      }
    }
    return true;
  }

  // As `line`, past the caches. The results lie side by side.
  bool line_past(T* in, T* out, int64_t numbers) const {
    T* results = scratch_array<T>(kResultSlot, numbers);
    if (!results || !line(in, results)) return false;
    copy_past(out, results, numbers);
    return true;
  }

  bool line(T* in, T* out) const {
    if (kind == Kind::complex) return transform_line(plan, Line<T>{in, in_step, 1}, Line<T>{out, out_step, 1}, factor, inverse);
    const int64_t length = halved() ? half : n;
    T* packed = scratch_array<T>(kPackedSlot, 2 * length);
    if (!packed) return false;
    const Line<T> line{packed, 2, 1};
    if (kind == Kind::real_to_complex) {
      const Line<T> to{out, out_step, 1};
      if (halved()) {
        if (!transform_line(plan, Line<T>{in, 2 * in_step, in_step}, line, T(1), false)) return false;
        unpack_line(packed, to, half, plan.halves.get(), factor);
      } else {
        for (int64_t i = 0; i < n; ++i) line.set(i, in[i * in_step], 0);
        if (!transform_line(plan, line, line, T(1), false)) return false;
        for (int64_t i = 0; i <= n / 2; ++i) to.set(i, line.re(i) * factor, line.im(i) * factor);
      }
      for (int64_t i = 1; full && i <= (n - 1) / 2; ++i) to.set(n - i, to.re(i), -to.im(i));
      return true;
    }
    const Line<T> from{in, in_step, 1};
    if (halved()) {
      pack_line(from, packed, half, plan.halves.get());
      return transform_line(plan, line, Line<T>{out, 2 * out_step, out_step}, factor, true);
    }
    line.set(0, from.re(0), 0);
    for (int64_t i = 1; i <= n / 2; ++i) {
      line.set(i, from.re(i), from.im(i));
      line.set(n - i, from.re(i), -from.im(i));
    }
    if (!transform_line(plan, line, line, T(1), true)) return false;
    for (int64_t i = 0; i < n; ++i) out[i * out_step] = line.re(i) * factor;
    return true;
  }
};

template <class T>
Status transform_tensor(const FftArguments& args, Kind kind) {
  const View &out = args.out, &in = args.input;
  const int dim = static_cast<int>(args.dim);
  const int64_t in_parts = kind == Kind::real_to_complex ? 1 : 2, out_parts = kind == Kind::complex_to_real ? 1 : 2;
  const int64_t n = kind == Kind::complex_to_real ? out.size[dim] : in.size[dim];
  const bool halved = kind != Kind::complex && n % 2 == 0;
  const PlanUse<T> use(halved ? n / 2 : n, halved);
  if (!use) return args.fail(Status::out_of_memory, static_cast<double>(n) * sizeof(T) * 4);
  const Plan<T>& plan = *use.plan;
  const Transform<T> transform{kind, args.inverse, kind == Kind::real_to_complex && out.size[dim] == n, n, n / 2, plan,
                               static_cast<T>(args.factor), in.stride[dim] * in_parts, out.stride[dim] * out_parts};

  // All other dimensions, those whose neighbours lie nearest last.
  int order[kMaxDims], count = 0;
  for (int d = 0; d < in.ndim; ++d) {
    if (d == dim || in.size[d] == 1) continue;
    int at = count++;
    for (; at > 0 && std::abs(in.stride[order[at - 1]]) < std::abs(in.stride[d]); --at) order[at] = order[at - 1];
    order[at] = d;
  }
  Strided<2> batch;
  for (int i = 0; i < count; ++i) batch.push(in.size[order[i]], {in.stride[order[i]] * in_parts, out.stride[order[i]] * out_parts});
  batch.coalesce();
  const int64_t lines = batch.count();

  constexpr int kWidth = kLanes<T>;
  const int64_t lane_rows = rows_needed(plan);
  // Lines that lie side by side fill lanes without being turned.
  const bool beside = batch.stride[0][batch.ndim - 1] == in_parts && batch.size[batch.ndim - 1] >= kWidth && transform.in_step != in_parts;
  const bool can_block = plan.has_blocks || (plan.has_chirp && plan.convolution->has_blocks);
  const bool by_line = can_block && !(beside && lane_rows <= 2048);
  std::atomic<bool> ok{true};
  T *from = in.as<T>(), *to = out.as<T>();
  if (by_line) {
    // Few long lines share the threads, each of many has one.
    const int64_t grain = lines < 2 * thread_count() ? lines : std::max<int64_t>(1, (1 << 13) / (n + 1));
    const int64_t numbers = out.size[dim] * out_parts;
    const bool past = kStreams && numbers <= kFewNumbers && out.stride[dim] == 1 && lines * numbers * static_cast<int64_t>(sizeof(T)) >= kManyBytes;
    parallel_for(lines, grain, [&](int64_t begin, int64_t end) {
      batch.visit(begin, end, [&](const int64_t* offset, int64_t k) {
        for (int64_t i = 0; i < k; ++i) {
          T *line = from + offset[0] + i * batch.stride[0][batch.ndim - 1], *result = to + offset[1] + i * batch.stride[1][batch.ndim - 1];
          if (!(past ? transform.line_past(line, result, numbers) : transform.line(line, result))) ok = false;
        }
      });
      if (past) end_stores_past();
    });
  } else {
    const int64_t groups = (lines + kWidth - 1) / kWidth, grain = std::max<int64_t>(1, (1 << 13) / (lane_rows * kWidth + 1));
    parallel_for(groups, grain, [&](int64_t begin, int64_t end) {
      Lines<T> in_lines, out_lines;
      const auto flush = [&] {
        in_lines.count = out_lines.count;
        if (out_lines.count > 0 && !transform.lanes(in_lines, out_lines)) ok = false;
        out_lines.count = 0;
      };
      batch.visit(begin * kWidth, std::min(end * kWidth, lines), [&](const int64_t* offset, int64_t k) {
        for (int64_t i = 0; i < k; ++i) {
          in_lines.line[out_lines.count] = from + offset[0] + i * batch.stride[0][batch.ndim - 1];
          out_lines.line[out_lines.count] = to + offset[1] + i * batch.stride[1][batch.ndim - 1];
          if (++out_lines.count == kWidth) flush();
        }
      });
      flush();
    });
  }
  return ok ? Status::ok : args.fail(Status::out_of_memory, static_cast<double>(n) * sizeof(T) * 4);
}

}  // namespace

Status fft(const FftArguments& args) {
  const DType from = args.input.dtype, to = args.out.dtype;
  switch (from) {
    case DType::float32: return transform_tensor<float>(args, Kind::real_to_complex);
    case DType::float64: return transform_tensor<double>(args, Kind::real_to_complex);
    case DType::complex64: return transform_tensor<float>(args, to == DType::float32 ? Kind::complex_to_real : Kind::complex);
    default: return transform_tensor<double>(args, to == DType::float64 ? Kind::complex_to_real : Kind::complex);
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
