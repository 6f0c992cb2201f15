// What the two halves of a problem become in divide and conquer: columns that keep their values stand aside, and products make new ones of the rest
// (Cuppen, 1981; LAPACK's dlaed2 and dlasd2).
#pragma once
#include "rotations.h"
#include "secular.h"

namespace flambeau::FLAMBEAU_ISA {

// The sizes up to which rotations do all.
constexpr int64_t kUndivided = 32;

// What vectors of a condensed form are made of: half as many kinds where the engine's size counts.
template <class R>
using Divided = std::conditional_t<kFewRegisters, double, R>;

template <class R>
constexpr double kRoundoff = std::numeric_limits<R>::epsilon() / 2;

// Lists of columns and memory for merges of up to `most` columns.
template <class R>
class Merge {
 public:
  // `both` says that there will be vectors that are scaled.
  static int64_t bytes(int64_t most, bool both) {
    return Secular::bytes(most) + 2 * Pieces::size<double>(most) + 5 * Pieces::size<int64_t>(most) + Pieces::size<int8_t>(most) + (both ? 3 : 2) * Pieces::size<R>(most * most);
  }
  Merge(Pieces& pieces, int64_t most, bool both)
      : secular(pieces, most), z(pieces.take<double>(most)), kept_(pieces.take<int64_t>(most)), gone_(pieces.take<int64_t>(most)), placed_(pieces.take<int64_t>(most)),
        order_of_poles_(pieces.take<int64_t>(most)), sorted_(pieces.take<int64_t>(most)), values_(pieces.take<double>(most)), side_(pieces.take<int8_t>(most)),
        packed_(pieces.take<R>(most * most)), vectors_(pieces.take<R>(most * most)), others_(both ? pieces.take<R>(most * most) : nullptr) {}

  Secular secular;
  // The vector that is added, by columns.
  double* z;

  // To what precision secular equations are solved.
  static constexpr double kPrecision = std::max(kRoundoff<R> / 256, kRoundoff<double>);
  // What may be neglected beside numbers up to `most`, where the largest of the whole problem is about 1.
  static double tolerance(double most) { return std::max(8 * kRoundoff<R> * most, 1e-60); }

  // `order` lists the columns of the first `middle` values and of the others, each ascending, in two runs from `begin` and from `middle` on; those
  // of the whole are sorted.
  void sort(const double* d, int64_t* order, int64_t middle, int64_t n) {
    std::merge(order, order + middle, order + middle, order + n, sorted_, [d](int64_t i, int64_t j) { return d[i] < d[j]; });
    std::copy(sorted_, sorted_ + n, order);
  }

  // Sorts out columns that keep their values: those whose z is at most `limit`, and of two whose values are close to each other one, when rotate(i, j, rotation) has
  // turned them. Columns before `middle` belong to the first half. `zero` is a column with the pole 0 that stays, or -1.
  template <class Rotate>
  void deflate(double* d, const int64_t* order, int64_t middle, int64_t n, double limit, double tolerance, int64_t zero, Rotate&& rotate) {
    kept_count_ = gone_count_ = 0;
    for (int64_t i = 0; i < n; ++i) side_[i] = i < middle ? 0 : 2;
    if (zero >= 0) {
      kept_[kept_count_++] = zero;
      side_[zero] = 1;
    }
    int64_t before = -1;
    for (int64_t i = 0; i < n; ++i) {
      const int64_t at = order[i];
      if (at == zero) continue;
      if (!(std::abs(z[at]) > limit)) {
        gone_[gone_count_++] = at;
        continue;
      }
      if (before >= 0) {
        const double length = length_of(z[at], z[before]), c = z[at] / length, s = -z[before] / length, apart = d[at] - d[before];
        if (std::abs(apart * c * s) <= tolerance) {
          z[at] = length;
          z[before] = 0;
          if (side_[at] != side_[before]) side_[at] = 1;
          rotate(before, at, static_cast<R>(c), static_cast<R>(s));
          const double low = d[before] * c * c + d[at] * s * s;
          d[at] = d[before] * s * s + d[at] * c * c;
          d[before] = low;
          gone_[gone_count_++] = before;
        } else {
          kept_[kept_count_++] = before;
        }
      }
      before = at;
    }
    if (before >= 0) kept_[kept_count_++] = before;
    // Rotations may have changed the order a little.
    for (int64_t i = 1; i < gone_count_; ++i) {
      const int64_t at = gone_[i];
      int64_t to = i;
      for (; to > 0 && d[gone_[to - 1]] > d[at]; --to) gone_[to] = gone_[to - 1];
      gone_[to] = at;
    }
  }

  int64_t kept() const { return kept_count_; }
  int64_t kept_column(int64_t i) const { return kept_[i]; }

  // Solves for what is kept, of which `secular` has the poles. Values of the new columns, then of the others take their places in d, and `order` sorts them.
  void solve(double* d, int64_t* order, int64_t n) {
    // Columns with something above, the one of the pole 0 and those with both, those with something below.
    int64_t place = 0;
    for (int side = 0; side < 3; ++side) {
      if (side == 1) first_lower_ = place;
      for (int64_t i = 0; i < kept_count_; ++i) {
        if (side_[kept_[i]] == side) {
          order_of_poles_[place] = i;
          placed_[place++] = kept_[i];
        }
      }
      if (side == 1) uppers_ = place;
    }
    const int64_t k = kept_count_;
    const int64_t zero = first_lower_;
    if (k > 0) secular.solve(kPrecision, order_of_poles_);
    for (int64_t i = 0; i < k; ++i) {
      values_[i] = secular.value(i);
      secular.vector(i, vectors_ + i * k, others_ ? others_ + i * k : nullptr, zero);
    }
    for (int64_t i = 0; i < gone_count_; ++i) {
      values_[k + i] = d[gone_[i]];
      placed_[k + i] = gone_[i];
    }
    std::copy(values_, values_ + n, d);
    for (int64_t i = 0; i < n; ++i) order[i] = i;
    sort(d, order, k, n);
  }

  // Columns q, of which those of the first half have `top` rows and the others the rest, become the new ones: products with the vectors of the roots or,
  // if `others`, with those that are scaled.
  Status combine(const Columns<R>& q, int64_t top, int64_t n, bool others) const {
    const int64_t k = kept_count_, below = q.rows - top, lowers = k - first_lower_;
    R* to = packed_;
    const auto copy = [&](int64_t at, int64_t first, int64_t count) {
      const R* from = q.column(placed_[at]) + first;
      to = std::copy(from, from + count, to);
    };
    for (int64_t i = 0; i < uppers_; ++i) copy(i, 0, top);
    const R* lower = to;
    for (int64_t i = first_lower_; i < k; ++i) copy(i, top, below);
    const R* rest = to;
    for (int64_t i = k; i < n; ++i) copy(i, 0, q.rows);
    for (int64_t i = k; i < n; ++i, rest += q.rows) std::copy(rest, rest + q.rows, q.column(i));
    if (k == 0) return Status::ok;
    R* s = others ? others_ : vectors_;
    const Status status = product(Matrix<R>{q.data, top, k, 1, q.pitch}, Matrix<R>{packed_, top, uppers_, 1, top}, Matrix<R>{s, uppers_, k, 1, k}, false, R(0));
    if (status != Status::ok) return status;
    return product(Matrix<R>{q.data + top, below, k, 1, q.pitch}, Matrix<R>{const_cast<R*>(lower), below, lowers, 1, below}, Matrix<R>{s + first_lower_, lowers, k, 1, k}, false, R(0));
  }

 private:
  int64_t *kept_, *gone_, *placed_, *order_of_poles_, *sorted_;
  double* values_;
  int8_t* side_;
  R *packed_, *vectors_, *others_;
  int64_t kept_count_ = 0, gone_count_ = 0, first_lower_ = 0, uppers_ = 0;
};

}  // namespace flambeau::FLAMBEAU_ISA
