// Singular values and vectors of small matrices side by side, by the steps of `bidiagonal.h` and `bidiagonal_qr.h`.
#pragma once
#include "lane_rotations.h"

namespace flambeau::FLAMBEAU_ISA::interleaved {

// `a`, with no more columns than rows, becomes upper bidiagonal; vectors from the left stand in rows j… of column j, those from the right in columns j + 1… of row j.
template <class T>
bool bidiagonalize(Vector<T>* a, int64_t rows, int64_t columns, Vector<T>* d, Vector<T>* e, Vector<T>* tau, Vector<T>* right_tau) {
  for (int64_t j = 0; j < columns; ++j) {
    Vector<T>* head = a + j * columns + j;
    const int64_t width = columns - j - 1;
    if (!reflect<T>(head, rows - j, columns, tau[j])) return false;
    for (int64_t k = 1; k <= width; ++k) apply_reflection<T>(head, columns, tau[j], head + k, columns, rows - j);
    d[j] = *head;
    e[j] = right_tau[j] = Vector<T>{};
    if (width == 0) continue;
    if (width > 1 && !reflect<T>(head + 1, width, 1, right_tau[j])) return false;
    e[j] = head[1];
    for (int64_t i = 1; i < rows - j; ++i) apply_reflection<T>(head + 1, 1, right_tau[j], head + 1 + i * columns, 1, width);
  }
  return true;
}

// Bidiagonal matrices, and the singular vectors that they get: columns of dense matrices of vectors, null where nobody wants them.
template <class T>
struct Bidiagonals {
  using V = Vector<T>;
  using M = Mask<T>;

  V *d, *e;
  int64_t n;
  V *u, *v;
  int64_t u_rows, u_columns;
  // Lanes that are read from the last row on: there stands the transpose, with the sides exchanged.
  M mirrored{};
  // The precision wanted.
  T eps;
  // The rows first… last of the block at hand, and between which rows all of them lie.
  V first{}, last{};
  int64_t from = 0, to = 0;

  // Vectors' columns i and k trade places, in the lanes of the mask.
  void swap(int64_t i, int64_t k, M mask) const {
    if (!u) return;
    for (int64_t row = 0; row < u_rows; ++row) swap_lanes<T>(u[row * u_columns + i], u[row * u_columns + k], mask);
    for (int64_t row = 0; row < n; ++row) swap_lanes<T>(v[row * n + i], v[row * n + k], mask);
  }
  void mirror(M mask) {
    for (int64_t i = 0; i < n / 2; ++i) {
      swap_lanes<T>(d[i], d[n - 1 - i], mask);
      swap(i, n - 1 - i, mask);
    }
    for (int64_t i = 0; i < (n - 1) / 2; ++i) swap_lanes<T>(e[i], e[n - 2 - i], mask);
    const V turned_first = T(n - 1) - last;
    last = mask ? T(n - 1) - first : last;
    first = mask ? turned_first : first;
    mirrored ^= mask;
    find_bounds();
  }
  V at(const V* values, V index) const {
    V found{};
    for (int64_t i = from; i <= to; ++i) found = index == splat(T(i)) ? values[i] : found;
    return found;
  }

  // Finds the lowest block that is not diagonal; empty where there is none.
  void find_block(V threshold) {
    first = last = V{};
    M inside{}, done{};
    for (int64_t i = n - 2; i >= 0; --i) {
      e[i] = absolute<T>(e[i]) <= threshold ? V{} : e[i];
      const M joined = e[i] != 0;
      last = (joined & ~inside & ~done) ? splat(T(i + 1)) : last;
      inside |= joined & ~done;
      first = (joined & inside) ? splat(T(i)) : first;
      done |= inside & ~joined;
      inside &= joined;
    }
    find_bounds();
  }
  void find_bounds() {
    from = least_of<T>(first, first < last, n - 1);
    to = greatest_of<T>(last, first < last, 0);
  }

  // Gives up elements beside the diagonal that are as good as nothing; true where there was one. Else `least` is a lower bound of singular values, `most`
  // the largest element.
  M split(M active, T tolerance, V& least, V& most) const {
    const V end = at(d, last), beside = at_before(last);
    M found = active & (absolute<T>(beside) <= tolerance * absolute<T>(end));
    for (int64_t i = from; i < to; ++i) e[i] = (found & (last == splat(T(i + 1)))) ? V{} : e[i];
    V mu = absolute<T>(at(d, first));
    least = mu;
    most = mu;
    for (int64_t i = from; i < to; ++i) {
      const M here = active & ~found & (first <= T(i)) & (last > T(i));
      const V size = absolute<T>(e[i]), next = absolute<T>(d[i + 1]);
      const M nothing = here & (size <= tolerance * mu);
      e[i] = nothing ? V{} : e[i];
      found |= nothing;
      const V sum = mu + size;
      mu = here ? (sum > 0 ? next * (mu / sum) : V{}) : mu;
      least = mu < least ? mu : least;
      most = (here & (size > most)) ? size : most;
      most = (here & (next > most)) ? next : most;
    }
    return found;
  }
  V at_before(V index) const {
    V found{};
    for (int64_t i = from; i < to; ++i) found = index == splat(T(i + 1)) ? e[i] : found;
    return found;
  }

  // The smaller singular value of the last two rows, or 0 where that is no use.
  V shift() const {
    const V f = absolute<T>(at(d, last - T(1))), g = absolute<T>(at_before(last)), h = absolute<T>(at(d, last)), top = absolute<T>(at(d, first));
    const V smaller = f < h ? f : h, larger = f < h ? h : f;
    const V sum = T(1) + smaller / larger, difference = (larger - smaller) / larger, aside = g / larger, square = aside * aside;
    const V near = smaller * (T(2) / (root<T>(sum * sum + square) + root<T>(difference * difference + square)));
    const V ratio = larger / g, p = sum * ratio, q = difference * ratio;
    const V far = (smaller + smaller) * (T(1) / (root<T>(T(1) + p * p) + root<T>(T(1) + q * q))) * ratio;
    V found = g < larger ? near : (ratio == 0 ? smaller * larger / g : far);
    found = smaller == 0 ? V{} : found;
    const V share = found / top;
    return ((top > 0) & ~(share * share < eps)) ? found : V{};
  }

  void rotate(const LaneRotation<T>& from_right, const LaneRotation<T>& from_left, int64_t i) const {
    if (!u) return;
    // Of what is mirrored the sides are exchanged.
    const LaneRotation<T> of_u{mirrored ? from_right.c : from_left.c, mirrored ? from_right.s : from_left.s};
    const LaneRotation<T> of_v{mirrored ? from_left.c : from_right.c, mirrored ? from_left.s : from_right.s};
    of_u.apply(u + i, u + i + 1, u_rows, u_columns);
    of_v.apply(v + i, v + i + 1, n, n);
  }

  void sweep(M lanes, V shift) const {
    const V head = at(d, first);
    V f = (absolute<T>(head) - shift) * (with_sign<T>(splat(T(1)), head) + shift / head), g = at(e, first);
    for (int64_t i = from; i < to; ++i) {
      const M here = lanes & (first <= T(i)) & (last > T(i)), inner = here & (last > T(i + 1));
      LaneRotation<T> by, other;
      const V r = by.make(f, g, here);
      if (i > 0) e[i - 1] = (here & (first < T(i))) ? r : e[i - 1];
      const V x = multiply_add(by.c, d[i], by.s * e[i]), y = multiply_add(by.c, e[i], -(by.s * d[i])), below = by.s * d[i + 1], next = by.c * d[i + 1];
      const V length = other.make(x, below, here);
      d[i] = here ? length : d[i];
      const V beside = multiply_add(other.c, y, other.s * next);
      d[i + 1] = multiply_add(other.c, next, -(other.s * y));
      f = here ? beside : f;
      e[i] = here ? beside : e[i];
      if (i + 1 < n - 1) {
        g = inner ? other.s * e[i + 1] : g;
        e[i + 1] = inner ? other.c * e[i + 1] : e[i + 1];
      }
      rotate(by, other, i);
    }
  }

  void sweep_unshifted(M lanes) const {
    LaneRotation<T> now = LaneRotation<T>::identity(), before = now;
    for (int64_t i = from; i < to; ++i) {
      const M here = lanes & (first <= T(i)) & (last > T(i));
      LaneRotation<T> by, other;
      const V r = by.make(d[i] * now.c, e[i], here);
      if (i > 0) e[i - 1] = (here & (first < T(i))) ? before.s * r : e[i - 1];
      const V length = other.make(before.c * r, d[i + 1] * by.s, here);
      d[i] = here ? length : d[i];
      rotate(by, other, i);
      now = {here ? by.c : now.c, here ? by.s : now.s};
      before = {here ? other.c : before.c, here ? other.s : before.s};
      const M at_end = here & (last == splat(T(i + 1)));
      const V h = d[i + 1] * by.c;
      d[i + 1] = at_end ? h * other.c : d[i + 1];
      e[i] = at_end ? h * other.s : e[i];
    }
  }

  // d become the singular values; signs of u's vectors change where one would be negative, or those of v's.
  bool diagonalize(bool turns_u) {
    const T tolerance = eps * std::max(T(10), std::min(T(100), std::pow(eps, T(-0.125))));
    V least = absolute<T>(d[0]), mu = least, most;
    for (int64_t i = 1; i < n; ++i) {
      const V sum = mu + absolute<T>(e[i - 1]);
      mu = sum > 0 ? absolute<T>(d[i]) * (mu / sum) : V{};
      least = mu < least ? mu : least;
    }
    const V floor = splat(T(6 * n * n) * std::numeric_limits<T>::min()), relative = least * (tolerance / std::sqrt(T(n))), threshold = relative > floor ? relative : floor;
    V old_first = splat(T(-1)), old_last = old_first;
    for (int64_t steps = 0;; ++steps) {
      if (steps > 12 * n) return false;
      M active;
      while (true) {
        find_block(threshold);
        active = first < last;
        if (!any(active)) break;
        // From the larger end to the smaller.
        const M is_new = (first > old_last) | (last < old_first), downwards = absolute<T>(at(d, first)) >= absolute<T>(at(d, last));
        const M turning = active & is_new & ~downwards;
        if (any(turning)) {
          mirror(turning);
          old_first = turning ? splat(T(-1)) : old_first;
          old_last = turning ? splat(T(-1)) : old_last;
        }
        if (!any(split(active, tolerance, least, most))) break;
      }
      if (!any(active)) break;
      old_first = first;
      old_last = last;
      const M worthwhile = T(n) * tolerance * (least / most) > std::max(eps, T(0.01) * tolerance);
      const V by = worthwhile ? shift() : V{};
      const M shifted = active & (by != 0), others = active & (by == 0);
      if (any(shifted)) sweep(shifted, by);
      if (any(others)) sweep_unshifted(others);
    }
    mirror(mirrored);
    for (int64_t i = 0; i < n; ++i) {
      const M negative = is_signed<T>(d[i]);
      d[i] = negative ? -d[i] : d[i];
      if (!u) continue;
      const int64_t rows = turns_u ? u_rows : n, step = turns_u ? u_columns : n;
      V* column = (turns_u ? u : v) + i;
      for (int64_t row = 0; row < rows; ++row) column[row * step] = negative ? -column[row * step] : column[row * step];
    }
    return true;
  }

  void sort_descending() const {
    for (int64_t i = 0; i + 1 < n; ++i) {
      for (int64_t k = i + 1; k < n; ++k) {
        const M wrong = d[k] > d[i];
        swap_lanes<T>(d[i], d[k], wrong);
        swap(i, k, wrong);
      }
    }
  }
};

// The singular values of matrices with no more columns than rows, which are the transposes of what was given if `turned`, and their vectors if `left` is not
// null; nothing is written, and false returned, where that takes more care than lanes have.
template <class T>
bool svd(const Stack<T>& input, int64_t first, int count, const Stack<T>& values, const Stack<T>* left, const Stack<T>& right, bool turned) {
  const int64_t rows = input.rows, n = input.columns, wide = left ? left->columns : 0;
  Vector<T> a[kMost], u[kMost], v[kMost], d[kShorter], e[kShorter], tau[kShorter], right_tau[kShorter];
  gather(input, first, count, a);
  if (!are_moderate<T>(a, rows * n) || !bidiagonalize<T>(a, rows, n, d, e, tau, right_tau)) return false;
  if (left) {
    form_reflections<T>(a, n, 1, n, 0, tau, u, rows, wide);
    // Vectors from the right stand in rows.
    form_reflections<T>(a, 1, n, n - 1, 1, right_tau, v, n, n);
  }
  Bidiagonals<T> form{d, e, n, left ? u : nullptr, v, rows, wide, {}, std::numeric_limits<T>::epsilon() / 2};
  if (!form.diagonalize(turned == (n > 1))) return false;
  form.sort_descending();
  spread(d, values, first, count);
  if (left) {
    spread(u, *left, first, count);
    spread(v, right, first, count);
  }
  return true;
}

}  // namespace flambeau::FLAMBEAU_ISA::interleaved
