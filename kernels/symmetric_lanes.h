// Eigenvalues and eigenvectors of small symmetric matrices side by side, by the steps of `tridiagonal.h` and `tridiagonal_ql.h`.
#pragma once
#include "lane_rotations.h"

namespace flambeau::FLAMBEAU_ISA::interleaved {

// Symmetric a becomes tridiagonal; vectors of reflection j stand in rows j + 1… of column j.
template <class T>
bool tridiagonalize(Vector<T>* a, int64_t n, Vector<T>* d, Vector<T>* e, Vector<T>* tau) {
  using V = Vector<T>;
  for (int64_t j = 0; j + 1 < n; ++j) {
    const int64_t below = n - j - 1;
    V* v = a + (j + 1) * n + j;
    d[j] = a[j * n + j];
    tau[j] = V{};
    if (below > 1 && !reflect<T>(v, below, n, tau[j])) return false;
    e[j] = v[0];
    // w = tau (a v - ½ tau (vᵀ a v) v), of the lower triangle.
    V w[kShorter], dot{};
    V* rest = a + (j + 1) * n + j + 1;
    const auto at = [&](int64_t i) { return i == 0 ? splat(T(1)) : v[i * n]; };
    for (int64_t i = 0; i < below; ++i) {
      V sum{};
      for (int64_t k = 0; k < below; ++k) sum = multiply_add(k <= i ? rest[i * n + k] : rest[k * n + i], at(k), sum);
      w[i] = tau[j] * sum;
      dot = multiply_add(w[i], at(i), dot);
    }
    const V half = dot * tau[j] * T(-0.5);
    for (int64_t i = 0; i < below; ++i) w[i] = multiply_add(half, at(i), w[i]);
    for (int64_t i = 0; i < below; ++i) {
      for (int64_t k = 0; k <= i; ++k) rest[i * n + k] -= multiply_add(w[i], at(k), at(i) * w[k]);
    }
  }
  d[n - 1] = a[n * n - 1];
  e[n - 1] = V{};
  return true;
}

// As `tridiagonal_ql`, but for the order of eigenvalues: rotate(i, rotation) is called for columns i + 1 and i of what becomes vectors. `eps` is the precision wanted.
template <class T, class F>
bool tridiagonal_ql(Vector<T>* d, Vector<T>* e, int64_t n, T eps, F&& rotate) {
  using V = Vector<T>;
  using M = Mask<T>;
  const V end = splat(T(n - 1));
  V first{};
  for (int64_t steps = 0;; ++steps) {
    // The first block that is not diagonal.
    V next = end, last = end;
    for (int64_t i = n - 2; i >= 0; --i) {
      const M is_small = absolute<T>(e[i]) <= eps * (absolute<T>(d[i]) + absolute<T>(d[i + 1]));
      e[i] = is_small ? V{} : e[i];
      next = (~is_small & (first <= T(i))) ? splat(T(i)) : next;
    }
    first = next;
    for (int64_t i = n - 2; i > 0; --i) last = ((e[i] == 0) & (first < T(i))) ? splat(T(i)) : last;
    const M active = first < end;
    if (!any(active)) break;
    if (steps > 30 * n) return false;
    const int64_t from = least_of<T>(first, active, n), to = greatest_of<T>(last, active, 0);
    // Wilkinson's shift.
    V head{}, second{}, beside = splat(T(1)), tail{};
    for (int64_t i = from; i < to; ++i) {
      const M here = first == splat(T(i));
      head = here ? d[i] : head;
      second = here ? d[i + 1] : second;
      beside = here ? e[i] : beside;
      tail = (last == splat(T(i + 1))) ? d[i + 1] : tail;
    }
    const V half = (second - head) / (beside + beside);
    V g = tail - head + beside / (half + with_sign<T>(root<T>(multiply_add(half, half, splat(T(1)))), half));
    V c = splat(T(1)), s = c, p{};
    M going = active;
    for (int64_t i = to - 1; i >= from; --i) {
      const M here = going & (first <= T(i)) & (last > T(i));
      const V f = s * e[i], b = c * e[i], r = length_of<T>(f, g, here);
      const M vanished = here & (r < std::numeric_limits<T>::min()), turns = here & ~vanished;
      d[i + 1] = vanished ? d[i + 1] - p : d[i + 1];
      going &= ~vanished;
      e[i + 1] = here ? r : e[i + 1];
      const V by = splat(T(1)) / r;
      LaneRotation<T> rotation{turns ? g * by : splat(T(1)), turns ? f * by : V{}};
      s = turns ? rotation.s : s;
      c = turns ? rotation.c : c;
      const V rest = d[i + 1] - p, t = multiply_add(d[i] - rest, s, (c + c) * b);
      p = turns ? s * t : p;
      d[i + 1] = turns ? rest + p : d[i + 1];
      g = turns ? multiply_add(c, t, -b) : g;
      rotate(i, rotation);
    }
    for (int64_t i = from; i <= to; ++i) {
      const M here = going & (first == splat(T(i)));
      d[i] = here ? d[i] - p : d[i];
      e[i] = here ? g : e[i];
      e[i] = (active & (last == splat(T(i)))) ? V{} : e[i];
    }
  }
  return true;
}

// Puts eigenvalues, and vectors where there are any, in ascending order.
template <class T>
void sort_ascending(Vector<T>* d, int64_t n, Vector<T>* z) {
  for (int64_t i = 0; i + 1 < n; ++i) {
    for (int64_t k = i + 1; k < n; ++k) {
      const Mask<T> wrong = d[k] < d[i];
      swap_lanes<T>(d[i], d[k], wrong);
      for (int64_t row = 0; z && row < n; ++row) swap_lanes<T>(z[row * n + i], z[row * n + k], wrong);
    }
  }
}

// The eigenvalues of as many matrices as there are lanes, and their eigenvectors if `vectors` is not null; nothing is written, and false returned, where that
// takes more care than lanes have.
template <class T>
bool symmetric_eigen(const Stack<T>& input, int64_t first, int count, const Stack<T>& values, const Stack<T>* vectors) {
  const int64_t n = input.rows;
  Vector<T> a[kMost], z[kMost], d[kShorter], e[kShorter], tau[kShorter];
  gather(input, first, count, a);
  // What stands above the diagonal nobody reads.
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = i + 1; j < n; ++j) a[i * n + j] = Vector<T>{};
  }
  if (!are_moderate<T>(a, n * n) || !tridiagonalize<T>(a, n, d, e, tau)) return false;
  if (vectors) form_reflections<T>(a, n, 1, n - 1, 1, tau, z, n, n);
  constexpr T eps = std::numeric_limits<T>::epsilon() / 2;
  if (!tridiagonal_ql<T>(d, e, n, eps, [&](int64_t i, const LaneRotation<T>& by) {
        if (vectors) by.apply(z + i + 1, z + i, n, n);
      }))
    return false;
  sort_ascending<T>(d, n, vectors ? z : nullptr);
  spread(d, values, first, count);
  if (vectors) spread(z, *vectors, first, count);
  return true;
}

}  // namespace flambeau::FLAMBEAU_ISA::interleaved
