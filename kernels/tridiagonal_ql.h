// Eigenvalues and eigenvectors of symmetric tridiagonal matrices by implicit QL steps (Bowdler, Martin, Reinsch & Wilkinson, 1968).
// Numbers of the tridiagonal form are doubles whatever the vectors are made of.
#pragma once
#include "rotations.h"

namespace flambeau::FLAMBEAU_ISA {

// The eigenvalues of the diagonal d and the n - 1 elements e beside it take the place of d, in ascending order; e has room for n and is lost. The
// columns of `z` become those of z times the eigenvectors. `rotations` has room for n. False where steps do not converge.
template <class R>
bool tridiagonal_ql(double* d, double* e, int64_t n, double eps, Chains<R>& z, Rotation* rotations) {
  if (n > 0) e[n - 1] = 0;
  int64_t steps = 0;
  for (int64_t first = 0; first < n; ++first) {
    while (true) {
      int64_t last = first;
      while (last < n - 1 && std::abs(e[last]) > eps * (std::abs(d[last]) + std::abs(d[last + 1]))) ++last;
      if (last == first) break;
      if (steps++ > 30 * n) return false;
      // Wilkinson's shift.
      const double half = (d[first + 1] - d[first]) / (2 * e[first]);
      double g = d[last] - d[first] + e[first] / (half + std::copysign(length_of(half, 1.0), half));
      double c = 1, s = 1, p = 0;
      int64_t i = last - 1;
      for (; i >= first; --i) {
        const double f = s * e[i], b = c * e[i], r = length_of(f, g);
        e[i + 1] = r;
        if (r == 0) {
          d[i + 1] -= p;
          e[last] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        const double t = (d[i] - g) * s + 2 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        rotations[last - 1 - i] = {c, s};
      }
      // Column i + 1 takes part as the first of each pair.
      z.add(rotations, last - 1 - i, last, -1);
      if (i >= first) continue;
      d[first] -= p;
      e[first] = g;
      e[last] = 0;
    }
  }
  z.flush();
  for (int64_t i = 0; i + 1 < n; ++i) {
    const int64_t least = std::min_element(d + i, d + n) - d;
    if (least == i) continue;
    std::swap(d[i], d[least]);
    z.columns.swap(i, least);
  }
  return true;
}

}  // namespace flambeau::FLAMBEAU_ISA
