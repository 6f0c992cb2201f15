// Eigenvalues and eigenvectors of symmetric tridiagonal matrices by divide and conquer (Cuppen, 1981; Gu & Eisenstat, 1995): halves, and an update of rank
// one that makes a whole of them. Most of the work is products of matrices, and little of it where values lie close together.
#pragma once
#include "merge.h"
#include "tridiagonal_ql.h"

namespace flambeau::FLAMBEAU_ISA {

template <class R>
class TridiagonalDivide {
 public:
  static int64_t bytes(int64_t n) {
    return Merge<R>::bytes(n, false) + Pieces::size<int64_t>(n) + Pieces::size<Rotation>(kUndivided) + Pieces::size<R>(Chains<R>::size(kUndivided)) + Pieces::size<double>(kUndivided);
  }
  TridiagonalDivide(Pieces& pieces, int64_t n)
      : order(pieces.take<int64_t>(n)), merge_(pieces, n, false), rotations_(pieces.take<Rotation>(kUndivided)), chains_(pieces.take<R>(Chains<R>::size(kUndivided))),
        beside_(pieces.take<double>(kUndivided)) {}

  // Where the eigenvalues are, in ascending order.
  int64_t* order;

  // Eigenvalues take the place of the diagonal d, eigenvectors are the columns of z; e is lost. False where steps do not converge.
  bool run(double* d, double* e, int64_t n, const Columns<R>& z, Status& status) {
    z.set_identity(n);
    double most = 0;
    for (int64_t i = 0; i < n; ++i) most = std::max(most, std::max(std::abs(d[i]), i + 1 < n ? std::abs(e[i]) : 0));
    const double by = most > 0 ? std::ldexp(1.0, -std::ilogb(most)) : 1;
    for (int64_t i = 0; i < n; ++i) {
      d[i] *= by;
      if (i + 1 < n) e[i] *= by;
    }
    const bool ended = divide(d, e, n, z, order, status);
    for (int64_t i = 0; i < n; ++i) d[i] /= by;
    return ended;
  }

 private:
  bool divide(double* d, double* e, int64_t n, const Columns<R>& z, int64_t* order, Status& status) {
    const Columns<R> columns{z.data, n, z.pitch};
    if (n <= kUndivided) {
      Chains<R> chains(columns, chains_);
      std::copy_n(e, n - 1, beside_);
      for (int64_t i = 0; i < n; ++i) order[i] = i;
      return tridiagonal_ql(d, beside_, n, kRoundoff<R>, chains, rotations_);
    }
    const int64_t top = n / 2;
    const double rank = e[top - 1], size = std::abs(rank);
    d[top - 1] -= size;
    d[top] -= size;
    if (!divide(d, e, top, z, order, status)) return false;
    const Columns<R> second{z.column(top) + top, n - top, z.pitch};
    if (!divide(d + top, e + top, n - top, second, order + top, status)) return false;
    for (int64_t i = top; i < n; ++i) order[i] += top;
    merge_.sort(d, order, top, n);

    const double root = std::sqrt(size), other = std::copysign(root, rank);
    double most = 0;
    for (int64_t i = 0; i < n; ++i) {
      merge_.z[i] = i < top ? root * z.column(i)[top - 1] : other * z.column(i)[top];
      most = std::max(most, std::max(std::abs(d[i]), root * std::abs(merge_.z[i])));
    }
    const double tolerance = merge_.tolerance(most);
    merge_.deflate(d, order, top, n, tolerance / root, tolerance, -1, [&](int64_t i, int64_t j, R c, R s) { rotate(columns.column(i), columns.column(j), c, s, n); });
    merge_.secular.begin(false);
    for (int64_t i = 0; i < merge_.kept(); ++i) merge_.secular.add(d[merge_.kept_column(i)], merge_.z[merge_.kept_column(i)]);
    merge_.solve(d, order, n);
    const Status result = merge_.combine(columns, top, n, false);
    if (result != Status::ok) status = result;
    return true;
  }

  Merge<R> merge_;
  Rotation* rotations_;
  R* chains_;
  double* beside_;
};

}  // namespace flambeau::FLAMBEAU_ISA
