// Singular values and vectors of bidiagonal matrices by implicit QR steps, with and without shifts (Demmel & Kahan, "Accurate Singular Values
// of Bidiagonal Matrices", 1990). Numbers of the bidiagonal form are doubles whatever the vectors are made of.
#pragma once
#include "rotations.h"

namespace flambeau::FLAMBEAU_ISA {

// The smaller singular value of [f g; 0 h].
inline double smaller_singular_value(double f, double g, double h) {
  f = std::abs(f);
  g = std::abs(g);
  h = std::abs(h);
  const double least = std::min(f, h), most = std::max(f, h);
  if (least == 0) return 0;
  const double sum = 1 + least / most, difference = (most - least) / most;
  if (g < most) {
    const double square = (g / most) * (g / most);
    return least * (2 / (std::sqrt(sum * sum + square) + std::sqrt(difference * difference + square)));
  }
  const double ratio = most / g;
  if (ratio == 0) return least * most / g;
  const double c = 1 / (std::sqrt(1 + sum * ratio * (sum * ratio)) + std::sqrt(1 + difference * ratio * (difference * ratio)));
  return 2 * least * c * ratio;
}

// A block of a bidiagonal matrix, read from its first row on, or the other way: there stands the transpose, with the sides exchanged.
template <class R>
struct BidiagonalBlock {
  double *d, *e;
  int64_t n, step;
  // Where the singular vectors' columns of row 0 are, and those vectors.
  int64_t at;
  Chains<R>*left, *right;

  double& diagonal(int64_t i) const { return d[i * step]; }
  double& beside(int64_t i) const { return e[i * step]; }

  // Finds elements beside the diagonal that are as good as nothing, and a lower bound of singular values; true if there was one.
  bool split(double tolerance, double& least) const {
    if (std::abs(beside(n - 2)) <= tolerance * std::abs(diagonal(n - 1))) {
      beside(n - 2) = 0;
      return true;
    }
    double mu = least = std::abs(diagonal(0));
    for (int64_t i = 0; i < n - 1; ++i) {
      if (std::abs(beside(i)) <= tolerance * mu) {
        beside(i) = 0;
        return true;
      }
      mu = std::abs(diagonal(i + 1)) * (mu / (mu + std::abs(beside(i))));
      least = std::min(least, mu);
    }
    return false;
  }

  double shift(double eps) const {
    const double found = smaller_singular_value(diagonal(n - 2), beside(n - 2), diagonal(n - 1)), top = std::abs(diagonal(0));
    const double ratio = top > 0 ? found / top : 0;
    return ratio * ratio < eps ? 0 : found;
  }

  // A step that keeps the smallest values' digits.
  void sweep_unshifted(Rotation* from_right, Rotation* from_left) const {
    Rotation now{1, 0}, before{1, 0};
    for (int64_t i = 0; i < n - 1; ++i) {
      const double r = now.make(diagonal(i) * now.c, beside(i));
      if (i > 0) beside(i - 1) = before.s * r;
      diagonal(i) = before.make(before.c * r, diagonal(i + 1) * now.s);
      from_right[i] = now;
      from_left[i] = before;
    }
    const double h = diagonal(n - 1) * now.c;
    diagonal(n - 1) = h * before.c;
    beside(n - 2) = h * before.s;
  }

  void sweep(double shift, Rotation* from_right, Rotation* from_left) const {
    const double head = diagonal(0);
    double f = (std::abs(head) - shift) * (std::copysign(1.0, head) + shift / head), g = beside(0);
    for (int64_t i = 0; i < n - 1; ++i) {
      Rotation& by = from_right[i];
      double r = by.make(f, g);
      if (i > 0) beside(i - 1) = r;
      f = by.c * diagonal(i) + by.s * beside(i);
      beside(i) = by.c * beside(i) - by.s * diagonal(i);
      g = by.s * diagonal(i + 1);
      diagonal(i + 1) = by.c * diagonal(i + 1);
      Rotation& other = from_left[i];
      diagonal(i) = other.make(f, g);
      f = other.c * beside(i) + other.s * diagonal(i + 1);
      diagonal(i + 1) = other.c * diagonal(i + 1) - other.s * beside(i);
      if (i < n - 2) {
        g = other.s * beside(i + 1);
        beside(i + 1) = other.c * beside(i + 1);
      }
    }
    beside(n - 2) = f;
  }

  void rotate(const Rotation* from_right, const Rotation* from_left) const {
    right->add(from_right, n - 1, at, step);
    left->add(from_left, n - 1, at, step);
  }
};

// The singular values of the upper bidiagonal matrix with the diagonal d and e beside it take the place of d, in descending order; e is lost. The
// columns of u and v become those of u times the left, v times the right singular vectors; those of `turned` change sign where a value would be
// negative. `rotations` has room for 2 n. False where steps do not converge.
template <class R>
bool bidiagonal_qr(double* d, double* e, int64_t n, double eps, Chains<R>& u, Chains<R>& v, const Columns<R>& turned, Rotation* rotations) {
  const double tolerance = eps * std::max(10.0, std::min(100.0, std::pow(eps, -0.125)));
  // The least that counts.
  double least = n > 0 ? std::abs(d[0]) : 0, mu = least;
  for (int64_t i = 1; i < n && least > 0; ++i) {
    mu = std::abs(d[i]) * (mu / (mu + std::abs(e[i - 1])));
    least = std::min(least, mu);
  }
  const double threshold = std::max(tolerance * least / std::sqrt(static_cast<double>(n)), 6.0 * n * n * 1e-300);
  int64_t last = n - 1, steps = 0, old_first = -1, old_last = -1, step = 1;
  while (last > 0) {
    if (steps > 12 * n * n) return false;
    int64_t first = last;
    double most = std::abs(d[last]);
    while (first > 0 && std::abs(e[first - 1]) > threshold) {
      --first;
      most = std::max(most, std::max(std::abs(d[first]), std::abs(e[first])));
    }
    if (first > 0) e[first - 1] = 0;
    if (first == last) {
      --last;
      continue;
    }
    // From the larger end to the smaller.
    if (first > old_last || last < old_first) step = std::abs(d[first]) >= std::abs(d[last]) ? 1 : -1;
    const int64_t count = last - first + 1;
    const BidiagonalBlock<R> block = step == 1 ? BidiagonalBlock<R>{d + first, e + first, count, 1, first, &u, &v}
                                               : BidiagonalBlock<R>{d + last, e + last - 1, count, -1, last, &v, &u};
    double smallest;
    if (block.split(tolerance, smallest)) continue;
    old_first = first;
    old_last = last;
    double shift = 0;
    if (n * tolerance * (smallest / most) > std::max(eps, 0.01 * tolerance)) shift = block.shift(eps);
    steps += count - 1;
    if (shift == 0) block.sweep_unshifted(rotations, rotations + n);
    else block.sweep(shift, rotations, rotations + n);
    block.rotate(rotations, rotations + n);
    double& end = block.beside(count - 2);
    if (std::abs(end) <= threshold) end = 0;
  }
  u.flush();
  v.flush();
  for (int64_t i = 0; i < n; ++i) {
    if (!std::signbit(d[i])) continue;
    d[i] = -d[i];
    if (turned) std::transform(turned.column(i), turned.column(i) + turned.rows, turned.column(i), [](R x) { return -x; });
  }
  for (int64_t i = 0; i + 1 < n; ++i) {
    const int64_t most = std::max_element(d + i, d + n) - d;
    if (most == i) continue;
    std::swap(d[i], d[most]);
    u.columns.swap(i, most);
    v.columns.swap(i, most);
  }
  return true;
}

}  // namespace flambeau::FLAMBEAU_ISA
