// Eigenvalues and eigenvectors of D + z zᵀ with a diagonal D: roots of the secular equation 1 + Σ zⱼ² / (Dⱼ - λ) = 0 by rational interpolation between
// poles (Li, "Solving secular equations stably and efficiently", 1993), and the z to which roots belong exactly, so that vectors are orthogonal
// however close roots are (Gu & Eisenstat, 1994).
#pragma once
#include <algorithm>
#include <cmath>

#include "columns.h"

namespace flambeau::FLAMBEAU_ISA {

FLAMBEAU_INLINE Vector<double> reciprocal(Vector<double> x) {
#if defined(__AVX512F__)
  const Vector<double> one = splat(1.0);
  Vector<double> v = _mm512_rcp14_pd(x);
  v = multiply_add(v, multiply_add(-x, v, one), v);
  return multiply_add(v, multiply_add(-x, v, one), v);
#else
  return splat(1.0) / x;
#endif
}

class Secular {
  static constexpr int kWidth = kLanes<double>;
  static int64_t whole(int64_t n) { return (n + kWidth - 1) / kWidth * kWidth; }

 public:
  static int64_t bytes(int64_t most) { return 10 * Pieces::size<double>(whole(most)) + Pieces::size<int64_t>(most); }
  Secular(Pieces& pieces, int64_t most)
      : d_(pieces.take<double>(whole(most))), sum_(pieces.take<double>(whole(most))), z_(pieces.take<double>(whole(most))), weight_(pieces.take<double>(whole(most))),
        apart_(pieces.take<double>(whole(most))), product_(pieces.take<double>(whole(most))), offset_(pieces.take<double>(whole(most))),
        placed_d_(pieces.take<double>(whole(most))), placed_sum_(pieces.take<double>(whole(most))), placed_z_(pieces.take<double>(whole(most))),
        origin_(pieces.take<int64_t>(most)) {}

  // With `squared` D is of the squares of what is added.
  void begin(bool squared) {
    n_ = 0;
    squared_ = squared;
  }
  // The next pole, in ascending order.
  void add(double d, double z) {
    d_[n_] = d;
    z_[n_++] = z;
  }
  double last_pole() const { return d_[n_ - 1]; }
  int64_t count() const { return n_; }

  // Finds all roots. Column i of the rows of vectors stands for the pole `order[i]`.
  void solve(double eps, const int64_t* order) {
    const int64_t padded = whole(n_);
    double total = 0;
    for (int64_t j = 0; j < padded; ++j) {
      if (j >= n_) {
        // Far away and without weight.
        d_[j] = 0x1p60;
        z_[j] = 0;
      }
      // Differences of squares are products of differences and sums.
      sum_[j] = squared_ ? d_[j] : 0.5;
      weight_[j] = z_[j] * z_[j];
      product_[j] = 1;
      total += weight_[j];
    }
    for (int64_t i = 0; i < n_; ++i) find(i, eps, total);
    for (int64_t j = 0; j < n_; ++j) z_[j] = std::copysign(std::sqrt(std::abs(product_[j])), z_[j]);
    for (int64_t i = 0; i < padded; ++i) {
      const int64_t j = i < n_ ? order[i] : i;
      placed_d_[i] = d_[j];
      placed_sum_[i] = sum_[j];
      placed_z_[i] = z_[j];
    }
  }

  // The root, or its root with `squared`.
  double value(int64_t i) const {
    const double d = d_[origin_[i]];
    return squared_ ? d + offset_[i] / (d + std::sqrt(std::max(0.0, d * d + offset_[i]))) : d + offset_[i];
  }

  // The eigenvector of root i: zⱼ / (Dⱼ - λ), and the same times d if `scaled` is there, of which the element of the pole 0, at `zero`, becomes -1.
  template <class R>
  void vector(int64_t i, R* to, R* scaled, int64_t zero) {
    double* x = apart_;
    fill(placed_d_, placed_sum_, origin_[i]);
    const Vector<double> offset = splat(offset_[i]);
    Vector<double> sum{};
    for (int64_t j = 0; j < n_; j += kWidth) {
      const Vector<double> v = load(placed_z_ + j) * reciprocal(load(x + j) - offset);
      store<double>(x + j, v);
      sum = multiply_add(v, v, sum);
    }
    write(x, to, sum);
    if (!scaled) return;
    sum = Vector<double>{};
    for (int64_t j = 0; j < n_; j += kWidth) store<double>(x + j, load(x + j) * load(placed_d_ + j));
    x[zero] = -1;
    for (int64_t j = 0; j < n_; j += kWidth) sum = multiply_add(load(x + j), load(x + j), sum);
    write(x, scaled, sum);
  }

 private:
  struct Sums {
    // Over the poles below and above the root; derivatives, too.
    double below, above, below_slope, above_slope;
  };

  template <class R>
  void write(const double* x, R* to, Vector<double> squares) const {
    const double by = 1 / std::sqrt(sum_lanes<double>(squares));
    for (int64_t j = 0; j < n_; ++j) to[j] = static_cast<R>(x[j] * by);
  }

  // How far poles are from one of them.
  void fill(const double* d, const double* sum, int64_t from) {
    const Vector<double> pole = splat(d_[from]), other = splat(sum_[from]);
    for (int64_t j = 0; j < n_; j += kWidth) store<double>(apart_ + j, (load(d + j) - pole) * (load(sum + j) + other));
  }

  Sums evaluate(double offset) const {
    const Vector<double> by = splat(offset), zero{};
    Vector<double> below{}, above{}, below_slope{}, above_slope{};
    for (int64_t j = 0; j < n_; j += kWidth) {
      const Vector<double> inverse = reciprocal(load(apart_ + j) - by), term = load(weight_ + j) * inverse;
      const Vector<double> negative = term < zero ? term : zero, positive = term < zero ? zero : term;
      below += negative;
      above += positive;
      below_slope = multiply_add(negative, inverse, below_slope);
      above_slope = multiply_add(positive, inverse, above_slope);
    }
    return {sum_lanes<double>(below), sum_lanes<double>(above), sum_lanes<double>(below_slope), sum_lanes<double>(above_slope)};
  }

  // The solution of c x² - a x + b = 0 between poles; beyond them, if `last`.
  static double solution(double a, double b, double c, bool last) {
    const double root = std::sqrt(std::max(0.0, a * a - 4 * b * c)), by = last ? -root : root;
    return (a > 0) == (by > 0) ? 2 * b / (a + by) : (a - by) / (2 * c);
  }

  [[gnu::noinline]] void find(int64_t i, double eps, double total) {
    const bool last = i == n_ - 1;
    fill(d_, sum_, i);
    const double gap = last ? total : apart_[i + 1];
    double offset = gap / 2, low = 0, high = gap;
    Sums sums = evaluate(offset);
    double f = 1 + sums.below + sums.above;
    // From the pole that is nearer on.
    int64_t near = i, other = last ? i - 1 : i + 1;
    if (!last && f < 0) std::swap(near, other);
    if (near != i) {
      fill(d_, sum_, near);
      low = -gap / 2;
      high = 0;
    } else {
      (f < 0 ? low : high) = offset;
    }
    double beside = 0;
    if (n_ == 1) {
      offset = total;
    } else {
      // Other poles count as they do in the middle.
      beside = apart_[other];
      const double rest = f - weight_[i] / -offset - (last ? weight_[other] / (beside - offset) : weight_[i + 1] / offset);
      offset = solution(rest * beside + weight_[near] + weight_[other], weight_[near] * beside, rest, last);
      bool is_fixed = true;
      double before = 0;
      for (int step = 0; step < 100; ++step) {
        if (!(offset > low && offset < high)) offset = (low + high) / 2;
        sums = evaluate(offset);
        f = 1 + sums.below + sums.above;
        const double slope = sums.below_slope + sums.above_slope;
        if (std::abs(f) <= eps * (8 * (1 + sums.above - sums.below) + std::abs(offset) * slope)) break;
        (f < 0 ? low : high) = offset;
        if (!(high - low > 4 * eps * std::max(std::abs(low), std::abs(high)))) break;
        // One pole's term as it is and another that does for the rest, or both chosen so that each does for its side.
        if (step > 0 && std::abs(f) > std::abs(before) / 10) is_fixed = !is_fixed;
        before = f;
        const double to_near = -offset, to_other = beside - offset;
        const double of_near = is_fixed || last ? weight_[near] / (to_near * to_near) : (near == i ? sums.below_slope : sums.above_slope);
        const double c = f - to_other * (slope - of_near) - to_near * of_near;
        double change = solution((to_near + to_other) * f - to_near * to_other * slope, to_near * to_other * f, c, last);
        if (!(f * change < 0)) change = -f / slope;
        offset += change;
      }
    }
    origin_[i] = near;
    offset_[i] = offset;
    const Vector<double> pole = splat(d_[i]), sum = splat(sum_[i]), by = splat(offset), zero{}, one = splat(1.0);
    for (int64_t j = 0; j < n_; j += kWidth) {
      const Vector<double> apart = (load(d_ + j) - pole) * (load(sum_ + j) + sum);
      store<double>(product_ + j, load(product_ + j) * (load(apart_ + j) - by) * reciprocal(apart == zero ? one : apart));
    }
  }

  int64_t n_ = 0;
  bool squared_ = false;
  double *d_, *sum_, *z_, *weight_, *apart_, *product_, *offset_, *placed_d_, *placed_sum_, *placed_z_;
  int64_t* origin_;
};

}  // namespace flambeau::FLAMBEAU_ISA
