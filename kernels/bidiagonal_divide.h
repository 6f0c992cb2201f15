// Singular values and vectors of bidiagonal matrices by divide and conquer (Gu & Eisenstat, "A Divide-and-Conquer Algorithm for the Bidiagonal SVD", 1995):
// without its middle row a matrix falls into two, and what the row adds is the secular equation of squares.
#pragma once
#include "bidiagonal_qr.h"
#include "merge.h"

namespace flambeau::FLAMBEAU_ISA {

template <class R>
class BidiagonalDivide {
 public:
  static int64_t bytes(int64_t n) {
    return Merge<R>::bytes(n, true) + Pieces::size<int64_t>(n) + Pieces::size<Rotation>(2 * kUndivided) + 2 * Pieces::size<R>(Chains<R>::size(kUndivided)) +
           Pieces::size<double>(kUndivided);
  }
  // Vectors from the left change signs where a value would be negative if `left_turns`, else those from the right.
  BidiagonalDivide(Pieces& pieces, int64_t n, bool left_turns)
      : order(pieces.take<int64_t>(n)), merge_(pieces, n, true), rotations_(pieces.take<Rotation>(2 * kUndivided)), left_chains_(pieces.take<R>(Chains<R>::size(kUndivided))),
        right_chains_(pieces.take<R>(Chains<R>::size(kUndivided))), beside_(pieces.take<double>(kUndivided)), left_turns_(left_turns) {}

  // Where the singular values are, in ascending order.
  int64_t* order;

  // Singular values take the place of the diagonal d, vectors are the columns of u and v; e is lost. False where steps do not converge.
  bool run(double* d, double* e, int64_t n, const Columns<R>& u, const Columns<R>& v, Status& status) {
    u.set_identity(n);
    v.set_identity(n);
    double most = 0;
    for (int64_t i = 0; i < n; ++i) most = std::max(most, std::max(std::abs(d[i]), i + 1 < n ? std::abs(e[i]) : 0));
    if (most == 0) {
      for (int64_t i = 0; i < n; ++i) order[i] = i;
      return true;
    }
    const double by = std::ldexp(1.0, -std::ilogb(most));
    for (int64_t i = 0; i < n; ++i) {
      d[i] *= by;
      if (i + 1 < n) e[i] *= by;
    }
    const bool ended = divide(d, e, n, 0, u, v, order, status);
    for (int64_t i = 0; i < n; ++i) d[i] /= by;
    return ended;
  }

 private:
  // Turns a matrix from upper to lower, or back, by rotations of neighbours, of which there are `count`; with as many as rows a last column vanishes.
  static void turn(double* d, double* e, int64_t n, int64_t count, Rotation* rotations) {
    for (int64_t i = 0; i < count; ++i) {
      d[i] = rotations[i].make(d[i], e[i]);
      if (i + 1 == n) break;
      e[i] = rotations[i].s * d[i + 1];
      d[i + 1] *= rotations[i].c;
    }
  }

  // With `more` there is a column more than rows, and with it one of v, which stands last and has no value.
  bool divide(double* d, double* e, int64_t n, int64_t more, const Columns<R>& u, const Columns<R>& v, int64_t* order, Status& status) {
    const Columns<R> left{u.data, n, u.pitch}, right{v.data, n + more, v.pitch};
    if (n <= kUndivided) {
      Chains<R> left_chains(left, left_chains_), right_chains(right, right_chains_);
      std::copy_n(e, n - 1 + more, beside_);
      if (more > 0) {
        turn(d, beside_, n, n, rotations_);
        right_chains.add(rotations_, n, 0, 1);
        turn(d, beside_, n, n - 1, rotations_);
        left_chains.add(rotations_, n - 1, 0, 1);
      }
      for (int64_t i = 0; i < n; ++i) order[i] = n - 1 - i;
      return bidiagonal_qr(d, beside_, n, kRoundoff<R>, left_chains, right_chains, left_turns_ ? left : right, rotations_);
    }
    const int64_t middle = n / 2;
    const double alpha = d[middle], beta = e[middle];
    if (!divide(d, e, middle, 1, u, v, order, status)) return false;
    const int64_t next = middle + 1;
    const Columns<R> next_left{u.column(next) + next, n - next, u.pitch}, next_right{v.column(next) + next, n - next + more, v.pitch};
    if (!divide(d + next, e + next, n - next, more, next_left, next_right, order + next, status)) return false;
    for (int64_t i = next; i < n; ++i) order[i] += next;
    // The column without a value belongs to the middle row.
    d[middle] = 0;
    order[middle] = middle;
    std::rotate(order, order + middle, order + next);
    merge_.sort(d, order, next, n);

    double most = std::max(std::abs(alpha), std::abs(beta));
    double* z = merge_.z;
    for (int64_t i = 0; i < n; ++i) {
      z[i] = i < next ? alpha * v.column(i)[middle] : beta * v.column(i)[next];
      most = std::max(most, d[i]);
    }
    const double tolerance = merge_.tolerance(most);
    if (more > 0) {
      Rotation by;
      z[middle] = by.make(z[middle], beta * v.column(n)[next]);
      rotate(v.column(middle), v.column(n), static_cast<R>(by.c), static_cast<R>(by.s), n + more);
    }
    if (!(std::abs(z[middle]) > tolerance)) z[middle] = std::copysign(tolerance, z[middle]);
    merge_.deflate(d, order, next, n, tolerance, tolerance, middle, [&](int64_t i, int64_t j, R c, R s) {
      rotate(left.column(i), left.column(j), c, s, left.rows);
      rotate(right.column(i), right.column(j), c, s, right.rows);
    });
    merge_.secular.begin(true);
    for (int64_t i = 0; i < merge_.kept(); ++i) {
      const int64_t at = merge_.kept_column(i);
      merge_.secular.add(i == 1 ? std::max(d[at], tolerance / 2) : d[at], z[at]);
    }
    merge_.solve(d, order, n);
    Status result = merge_.combine(left, next, n, true);
    if (result == Status::ok) result = merge_.combine(right, next, n, false);
    if (result != Status::ok) status = result;
    return true;
  }

  Merge<R> merge_;
  Rotation* rotations_;
  R *left_chains_, *right_chains_;
  double* beside_;
  bool left_turns_;
};

}  // namespace flambeau::FLAMBEAU_ISA
