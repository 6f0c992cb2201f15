// The Schur form of Hessenberg matrices by implicitly shifted QR steps (Francis, 1961): for real matrices with two shifts at a time, and blocks of two rows on the
// diagonal for conjugate eigenvalues (Golub & Van Loan, 7.5); for complex ones with one. Subdiagonal elements are given up by the criterion
// of Ahues & Tisseur (1997).
#pragma once
#include <algorithm>

#include "balance.h"
#include "matrix.h"
#include "rotations.h"

namespace flambeau::FLAMBEAU_ISA {

// A square matrix by columns, which lie `pitch` elements apart.
template <class T>
struct Dense {
  T* data;
  int64_t n, pitch;

  T& operator()(int64_t i, int64_t j) const { return data[j * pitch + i]; }
  T* column(int64_t j) const { return data + j * pitch; }
  Matrix<T> matrix() const { return {data, n, n, 1, pitch}; }
};

// Whether nothing is lost by taking h(k, k - 1) for zero.
template <class T>
bool is_negligible(const Dense<T>& h, int64_t k, int64_t first, int64_t last, Part<T> small) {
  using R = Part<T>;
  constexpr R eps = std::numeric_limits<R>::epsilon();
  const R below = modulus_sum(h(k, k - 1));
  if (below <= small) return true;
  R near = modulus_sum(h(k - 1, k - 1)) + modulus_sum(h(k, k));
  if (near == 0) {
    if (k - 2 >= first) near += modulus_sum(h(k - 1, k - 2));
    if (k + 1 <= last) near += modulus_sum(h(k + 1, k));
  }
  if (below > eps * near) return false;
  const R above = modulus_sum(h(k - 1, k)), difference = modulus_sum(h(k - 1, k - 1) - h(k, k)), corner = modulus_sum(h(k, k));
  const R ab = std::max(below, above), ba = std::min(below, above), aa = std::max(corner, difference), bb = std::min(corner, difference);
  const R sum = aa + ab;
  return ba * (ab / sum) <= std::max(small, eps * (bb * (aa / sum)));
}

// ---- real ------------------------------------------------------------------------------------------------------------

// A reflection of two or three neighbours, I - tau v vᵀ with v = (1, second, third).
template <class R>
struct SmallReflection {
  R tau, second, third;

  // Turns x into (β, 0, 0), and returns β.
  R make(const R* x, int64_t n) {
    const R rest = n == 3 ? length_of(x[1], x[2]) : std::abs(x[1]);
    if (rest == 0) {
      tau = second = third = 0;
      return x[0];
    }
    const R beta = -std::copysign(length_of(x[0], rest), x[0]);
    tau = (beta - x[0]) / beta;
    second = x[1] / (x[0] - beta);
    third = n == 3 ? x[2] / (x[0] - beta) : 0;
    return beta;
  }
  // Rows i, i + 1 and perhaps i + 2 of columns from…to.
  void from_left(const Dense<R>& h, int64_t n, int64_t i, int64_t from, int64_t to) const {
    const R t1 = tau, t2 = tau * second, t3 = tau * third, v2 = second, v3 = third;
    R* x = &h(i, from);
    if (n == 3) {
      for (int64_t j = from; j <= to; ++j, x += h.pitch) {
        const R sum = x[0] + v2 * x[1] + v3 * x[2];
        x[0] -= sum * t1;
        x[1] -= sum * t2;
        x[2] -= sum * t3;
      }
    } else {
      for (int64_t j = from; j <= to; ++j, x += h.pitch) {
        const R sum = x[0] + v2 * x[1];
        x[0] -= sum * t1;
        x[1] -= sum * t2;
      }
    }
  }
  // Columns j, j + 1 and perhaps j + 2 of rows from…to.
  void from_right(const Dense<R>& h, int64_t n, int64_t j, int64_t from, int64_t to) const {
    const R t1 = tau, t2 = tau * second, t3 = tau * third, v2 = second, v3 = third;
    R *__restrict a = h.column(j), *__restrict b = h.column(j + 1);
    if (n == 3) {
      R* __restrict c = h.column(j + 2);
      for (int64_t i = from; i <= to; ++i) {
        const R sum = a[i] + v2 * b[i] + v3 * c[i];
        a[i] -= sum * t1;
        b[i] -= sum * t2;
        c[i] -= sum * t3;
      }
    } else {
      for (int64_t i = from; i <= to; ++i) {
        const R sum = a[i] + v2 * b[i];
        a[i] -= sum * t1;
        b[i] -= sum * t2;
      }
    }
  }
};

// Makes a block of two rows at k upper triangular if its eigenvalues are real, else one with equal diagonal elements, by a rotation (c, s).
template <class R>
void standardize(R& a, R& b, R& c, R& d, R& cosine, R& sine) {
  constexpr R eps = std::numeric_limits<R>::epsilon();
  cosine = 1;
  sine = 0;
  if (c == 0) return;
  if (b == 0) {
    cosine = 0;
    sine = 1;
    std::swap(a, d);
    b = -c;
    c = 0;
    return;
  }
  if (a - d == 0 && std::signbit(b) != std::signbit(c)) return;
  const R difference = a - d, p = difference / 2;
  const R most = std::max(std::abs(b), std::abs(c)), least = std::min(std::abs(b), std::abs(c)) * std::copysign(R(1), b) * std::copysign(R(1), c);
  const R size = std::max(std::abs(p), most), z = p / size * p + most / size * least;
  if (z >= 4 * eps) {
    // Two real eigenvalues.
    const R root = p + std::copysign(std::sqrt(size) * std::sqrt(z), p);
    a = d + root;
    d -= most / root * least;
    const R length = length_of(c, root);
    cosine = root / length;
    sine = c / length;
    b -= c;
    c = 0;
    return;
  }
  // Conjugate or nearly equal ones: the diagonal is made equal.
  const R sum = b + c, length = length_of(sum, difference);
  cosine = std::sqrt(R(0.5) * (1 + std::abs(sum) / length));
  sine = -(p / (length * cosine)) * std::copysign(R(1), sum);
  const R aa = a * cosine + b * sine, bb = -a * sine + b * cosine, cc = c * cosine + d * sine, dd = -c * sine + d * cosine;
  a = aa * cosine + cc * sine;
  b = bb * cosine + dd * sine;
  c = -aa * sine + cc * cosine;
  d = -bb * sine + dd * cosine;
  a = d = (a + d) / 2;
  if (c == 0) return;
  if (b == 0) {
    b = -c;
    c = 0;
    const R swapped = cosine;
    cosine = -sine;
    sine = swapped;
  } else if (std::signbit(b) == std::signbit(c)) {
    // Real after all.
    const R below = std::sqrt(std::abs(c)), above = std::sqrt(std::abs(b)), root = std::copysign(above * below, c), length = std::sqrt(std::abs(b + c));
    a += root;
    d -= root;
    b -= c;
    c = 0;
    const R cs = above / length, sn = below / length, turned = cosine * cs - sine * sn;
    sine = cosine * sn + sine * cs;
    cosine = turned;
  }
}

// Brings the block of rows k and k + 1 into that form, in all of h (or for the eigenvalues alone, in the block) and z.
template <class R>
void standardize_block(const Dense<R>& h, int64_t k, bool whole, const Dense<R>* z) {
  R c, s;
  standardize(h(k, k), h(k, k + 1), h(k + 1, k), h(k + 1, k + 1), c, s);
  if (s == 0) return;
  const auto turn = [&](R& x, R& y) {
    const R t = c * x + s * y;
    y = c * y - s * x;
    x = t;
  };
  if (whole) {
    for (int64_t j = k + 2; j < h.n; ++j) turn(h(k, j), h(k + 1, j));
    for (int64_t i = 0; i < k; ++i) turn(h(i, k), h(i, k + 1));
  }
  if (z) {
    for (int64_t i = 0; i < z->n; ++i) turn((*z)(i, k), (*z)(i, k + 1));
  }
}

template <class R>
struct ShiftPair {
  R first_re, first_im, second_re, second_im;

  // The eigenvalues of [a b; c d], or twice the one nearer to d if they are real.
  ShiftPair(R a, R b, R c, R d) {
    const R s = std::abs(a) + std::abs(b) + std::abs(c) + std::abs(d);
    first_re = first_im = second_re = second_im = 0;
    if (s == 0) return;
    a /= s;
    b /= s;
    c /= s;
    d /= s;
    const R middle = (a + d) / 2, det = (a - middle) * (d - middle) - b * c, root = std::sqrt(std::abs(det));
    if (det >= 0) {
      first_re = second_re = middle * s;
      first_im = root * s;
      second_im = -first_im;
    } else {
      const R one = middle + root, two = middle - root;
      first_re = second_re = (std::abs(one - d) <= std::abs(two - d) ? one : two) * s;
    }
  }
};

// h(first…last, first…last) is reduced, from the end; h beyond that is changed along with it if `whole`, and z if there is one. `re` and `im` get the eigenvalues. Returns
// how many rows from `first` on are left where steps do not converge, or 0.
template <class R>
int64_t real_schur(const Dense<R>& h, int64_t first, int64_t last, bool whole, const Dense<R>* z, R* re, R* im) {
  constexpr R eps = std::numeric_limits<R>::epsilon();
  const R small = std::numeric_limits<R>::min() * ((last - first + 1) / eps);
  for (int64_t j = first; j <= last; ++j) {
    for (int64_t i = j + 2; i <= std::min(last, j + 3); ++i) h(i, j) = 0;
  }
  int64_t budget = 30 * std::max<int64_t>(10, last - first + 1);
  for (int64_t end = last; end >= first;) {
    int64_t top = first, tries = 0;
    while (true) {
      int64_t k = end;
      while (k > top && !is_negligible(h, k, first, last, small)) --k;
      top = k;
      if (top > first) h(top, top - 1) = 0;
      if (top >= end - 1) break;
      if (budget-- == 0) return end - first + 1;
      ++tries;
      const int64_t from = whole ? 0 : top, to = whole ? h.n - 1 : end;
      R a = h(end - 1, end - 1), b = h(end - 1, end), c = h(end, end - 1), d = h(end, end);
      if (tries % 20 == 10) {
        const R s = std::abs(h(top + 1, top)) + std::abs(h(top + 2, top + 1));
        a = d = R(0.75) * s + h(top, top);
        b = R(-0.4375) * s;
        c = s;
      } else if (tries % 20 == 0) {
        const R s = std::abs(h(end, end - 1)) + std::abs(h(end - 1, end - 2));
        a = d = R(0.75) * s + h(end, end);
        b = R(-0.4375) * s;
        c = s;
      }
      const ShiftPair<R> shifts(a, b, c, d);
      // Where two subdiagonal elements in a row are small enough to begin behind them.
      R v[3];
      int64_t m = end - 2;
      for (;; --m) {
        R below = std::abs(h(m + 1, m));
        const R s = std::abs(h(m, m) - shifts.second_re) + std::abs(shifts.second_im) + below;
        below = h(m + 1, m) / s;
        v[0] = below * h(m, m + 1) + (h(m, m) - shifts.first_re) * ((h(m, m) - shifts.second_re) / s) - shifts.first_im * (shifts.second_im / s);
        v[1] = below * (h(m, m) + h(m + 1, m + 1) - shifts.first_re - shifts.second_re);
        v[2] = below * h(m + 2, m + 1);
        const R sum = std::abs(v[0]) + std::abs(v[1]) + std::abs(v[2]);
        for (R& x : v) x /= sum;
        if (m == top) break;
        const R around = std::abs(h(m - 1, m - 1)) + std::abs(h(m, m)) + std::abs(h(m + 1, m + 1));
        if (std::abs(h(m, m - 1)) * (std::abs(v[1]) + std::abs(v[2])) <= eps * std::abs(v[0]) * around) break;
      }
      for (k = m; k < end; ++k) {
        const int64_t count = std::min<int64_t>(3, end - k + 1);
        SmallReflection<R> by;
        if (k > m) {
          h(k, k - 1) = by.make(&h(k, k - 1), count);
          h(k + 1, k - 1) = 0;
          if (count == 3) h(k + 2, k - 1) = 0;
        } else {
          by.make(v, count);
          // Not its sign alone: two small elements before are a product.
          if (m > top) h(k, k - 1) *= 1 - by.tau;
        }
        by.from_left(h, count, k, k, to);
        by.from_right(h, count, k, from, std::min(k + 3, end));
        if (z) by.from_right(*z, count, k, 0, z->n - 1);
      }
    }
    if (top == end) {
      re[end] = h(end, end);
      im[end] = 0;
    } else {
      standardize_block(h, top, whole, z);
      re[top] = h(top, top);
      re[end] = h(end, end);
      im[top] = std::sqrt(std::abs(h(top, end))) * std::sqrt(std::abs(h(end, top)));
      im[end] = -im[top];
    }
    end = top - 1;
  }
  return 0;
}

// ---- complex -----------------------------------------------------------------------------------------------------------

template <class R>
R modulus(Complex<R> x) { return length_of(x.re, x.im); }

// The unitary matrix [c s; -conj(s) c] that turns (x, y) into (r, 0).
template <class R>
struct ComplexRotation {
  R c;
  Complex<R> s;

  Complex<R> make(Complex<R> x, Complex<R> y) {
    c = 1;
    s = {};
    const R below = modulus(y);
    if (below == 0) return x;
    const R head = modulus(x), whole = length_of(head, below);
    if (head == 0) {
      c = 0;
      s = {y.re / below, -y.im / below};
      return {below, 0};
    }
    c = head / whole;
    const Complex<R> phase{x.re / head, x.im / head};
    s = phase * Complex<R>{y.re / whole, -y.im / whole};
    return {phase.re * whole, phase.im * whole};
  }
  void from_left(const Dense<Complex<R>>& h, int64_t i, int64_t from, int64_t to) const {
    Complex<R>* x = &h(i, from);
    for (int64_t j = from; j <= to; ++j, x += h.pitch) {
      const Complex<R> t = scale(c, x[0]) + s * x[1];
      x[1] = scale(c, x[1]) - conjugate(s) * x[0];
      x[0] = t;
    }
  }
  void from_right(const Dense<Complex<R>>& h, int64_t j, int64_t from, int64_t to) const {
    Complex<R> *__restrict a = h.column(j), *__restrict b = h.column(j + 1);
    for (int64_t i = from; i <= to; ++i) {
      const Complex<R> t = scale(c, a[i]) + conjugate(s) * b[i];
      b[i] = scale(c, b[i]) - s * a[i];
      a[i] = t;
    }
  }
};

template <class R>
Complex<R> square_root(Complex<R> x) {
  const R length = modulus(x);
  if (length == 0) return {};
  const R re = std::sqrt((length + std::abs(x.re)) / 2), im = x.im / (2 * re);
  return x.re >= 0 ? Complex<R>{re, im} : Complex<R>{std::abs(im), std::copysign(re, x.im)};
}

// The eigenvalue of [a b; c d] nearer to d.
template <class R>
Complex<R> nearer_eigenvalue(Complex<R> a, Complex<R> b, Complex<R> c, Complex<R> d) {
  const Complex<R> product = square_root(b) * square_root(c);
  R s = modulus_sum(product);
  if (s == 0) return d;
  const Complex<R> half = scale(R(0.5), a - d);
  s = std::max(s, modulus_sum(half));
  const Complex<R> x = scale(1 / s, half), y = scale(1 / s, product);
  Complex<R> root = scale(s, square_root(x * x + y * y));
  if (half.re * root.re + half.im * root.im < 0) root = -root;
  return d - product * quotient(product, half + root);
}

// As `real_schur`, to triangular form.
template <class R>
int64_t complex_schur(const Dense<Complex<R>>& h, int64_t first, int64_t last, bool whole, const Dense<Complex<R>>* z, Complex<R>* values) {
  constexpr R eps = std::numeric_limits<R>::epsilon();
  const R small = std::numeric_limits<R>::min() * ((last - first + 1) / eps);
  for (int64_t j = first; j <= last; ++j) {
    for (int64_t i = j + 2; i <= std::min(last, j + 3); ++i) h(i, j) = {};
  }
  int64_t budget = 30 * std::max<int64_t>(10, last - first + 1);
  for (int64_t end = last; end >= first; --end) {
    int64_t top = first, tries = 0;
    while (true) {
      int64_t k = end;
      while (k > top && !is_negligible(h, k, first, last, small)) --k;
      top = k;
      if (top > first) h(top, top - 1) = {};
      if (top == end) break;
      if (budget-- == 0) return end - first + 1;
      ++tries;
      const int64_t from = whole ? 0 : top, to = whole ? h.n - 1 : end;
      Complex<R> shift;
      if (tries % 20 == 10) shift = h(top, top) + Complex<R>{R(0.75) * modulus_sum(h(top + 1, top)), 0};
      else if (tries % 20 == 0) shift = h(end, end) + Complex<R>{R(0.75) * modulus_sum(h(end, end - 1)), 0};
      else shift = nearer_eigenvalue(h(end - 1, end - 1), h(end - 1, end), h(end, end - 1), h(end, end));
      Complex<R> x = h(top, top) - shift, y = h(top + 1, top);
      for (k = top; k < end; ++k) {
        ComplexRotation<R> by;
        const Complex<R> r = by.make(x, y);
        if (k > top) {
          h(k, k - 1) = r;
          h(k + 1, k - 1) = {};
        }
        by.from_left(h, k, k, to);
        by.from_right(h, k, from, std::min(k + 2, end));
        if (z) by.from_right(*z, k, 0, z->n - 1);
        if (k + 1 == end) break;
        x = h(k + 1, k);
        y = h(k + 2, k);
      }
    }
    values[end] = h(end, end);
  }
  return 0;
}

}  // namespace flambeau::FLAMBEAU_ISA
