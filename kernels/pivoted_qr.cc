// The QR factorization with columns exchanged by their lengths (Businger & Golub, 1965), and the rank that it tells, by incremental estimates of
// the condition of leading triangles (Bischof, 1990).
#include "columns.h"
#include "householder.h"
#include "generated/pivoted_qr.h"
#include "wide.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int kWorkSlot = kFirstFreeSlot + 4;

// An estimate of the largest or smallest singular value of leading triangles, and the vector that shows it.
template <class T>
struct Estimate {
  using R = Part<T>;
  T* x;
  R value;

  // Goes on to the triangle with one more column: `column` above its diagonal element. With `keep` the vector goes along.
  R next(const T* column, int64_t n, T diagonal, bool largest, bool keep) {
    // Of the Hermitian matrix [a b; b' d] of two rows, whose eigenvalues are the squares.
    const T alpha = householder::dot(x, column, n);
    const R a = value * value + squared_length(alpha), d = squared_length(diagonal);
    const T b = conjugate(alpha) * diagonal;
    const R most = (a + d + std::sqrt((a - d) * (a - d) + 4 * squared_length(b))) / 2;
    const R found = largest ? std::sqrt(most) : (most > 0 ? value * std::sqrt(d) / std::sqrt(most) : R(0));
    if (!keep) return found;
    // Its eigenvector, from the row that tells more.
    const R lambda = largest ? most : found * found;
    T s = b, c = from_real<T>(lambda - a);
    if (std::abs(lambda - a) < std::abs(lambda - d)) {
      s = from_real<T>(lambda - d);
      c = conjugate(b);
    }
    const R length = std::sqrt(squared_length(s) + squared_length(c));
    if (length > 0) {
      s = scale(1 / length, s);
      c = scale(1 / length, c);
    } else {
      // Both values are the same, or one of them does not count.
      s = from_real<T>((a >= d) == largest ? 1 : 0);
      c = from_real<T>((a >= d) == largest ? 0 : 1);
    }
    for (int64_t i = 0; i < n; ++i) x[i] = x[i] * s;
    x[n] = c;
    value = found;
    return found;
  }
};

template <class T>
int64_t rank_of(const T* a, int64_t rows, int64_t least, double rcond, T* work) {
  using R = Part<T>;
  const R head = std::sqrt(squared_length(a[0]));
  if (!(head > 0)) return 0;
  Estimate<T> smallest{work, head}, largest{work + least, head};
  smallest.x[0] = largest.x[0] = from_real<T>(1);
  for (int64_t j = 1; j < least; ++j) {
    const T *column = a + j * rows, diagonal = column[j];
    const R low = smallest.next(column, j, diagonal, false, false), high = largest.next(column, j, diagonal, true, false);
    if (!(high * static_cast<R>(rcond) <= low)) return j;
    smallest.next(column, j, diagonal, false, true);
    largest.next(column, j, diagonal, true, true);
  }
  return least;
}

template <class T>
Status factor(const Matrix<T>& out, T* tau, int64_t* pivots, int64_t& rank, double rcond) {
  using R = Part<T>;
  const int64_t rows = out.rows, columns = out.columns, least = std::min(rows, columns);
  char* memory = scratch_array<char>(kWorkSlot, Pieces::size<T>(rows * columns) + 2 * Pieces::size<R>(columns) + Pieces::size<T>(std::max(columns, 2 * least)));
  if (!memory) return Status::out_of_memory;
  Pieces pieces(memory);
  T* a = pieces.take<T>(rows * columns);
  // Lengths of what is left of columns, and when they were last computed anew.
  R *length = pieces.take<R>(columns), *exact = pieces.take<R>(columns);
  T* work = pieces.take<T>(std::max(columns, 2 * least));
  for (int64_t j = 0; j < columns; ++j) {
    pivots[j] = j;
    for (int64_t i = 0; i < rows; ++i) a[j * rows + i] = *out.at(i, j);
    length[j] = exact[j] = householder::length(a + j * rows, rows);
  }
  for (int64_t j = 0; j < least; ++j) {
    const int64_t best = std::max_element(length + j, length + columns) - length;
    if (best != j) {
      std::swap_ranges(a + j * rows, a + (j + 1) * rows, a + best * rows);
      std::swap(pivots[j], pivots[best]);
      length[best] = length[j];
      exact[best] = exact[j];
    }
    T* v = a + j * rows + j;
    const int64_t n = rows - j;
    tau[j] = householder::reflect(v, n);
    const T head = v[0];
    v[0] = from_real<T>(1);
    for (int64_t k = j + 1; k < columns; ++k) {
      T* column = a + k * rows + j;
      householder::subtract(column, conjugate(tau[j]) * householder::dot(v, column, n), v, n);
      if (length[k] == 0) continue;
      const R ratio = std::sqrt(squared_length(column[0])) / length[k], rest = std::max(R(0), (1 + ratio) * (1 - ratio));
      const R lost = rest * (length[k] / exact[k]) * (length[k] / exact[k]);
      if (lost <= std::sqrt(std::numeric_limits<R>::epsilon())) length[k] = exact[k] = n > 1 ? householder::length(column + 1, n - 1) : R(0);
      else length[k] *= std::sqrt(rest);
    }
    v[0] = head;
  }
  rank = rank_of(a, rows, least, rcond, work);
  for (int64_t j = 0; j < columns; ++j) {
    for (int64_t i = 0; i < rows; ++i) *out.at(i, j) = a[j * rows + i];
  }
  return Status::ok;
}

}  // namespace

Status pivoted_qr(const PivotedQrArguments& args) {
  return with_double(args.out.dtype, [&](auto wide, auto type) {
    using T = typename decltype(wide)::type;
    using S = typename decltype(type)::type;
    const int64_t rows = args.out.size[1], columns = args.out.size[2], least = std::min(rows, columns);
    return for_each_matrix(args.out.size[0], 4 * rows * columns * least, [&](int64_t i) {
      Wide<T, S> stand_ins;
      if (!stand_ins.allocate(rows * columns + least)) return Status::out_of_memory;
      const Matrix<S> given = matrix_at<S>(args.out, i), given_tau = row_of(args.tau.as<S>() + i * least, least);
      const Matrix<T> out = stand_ins.stand_in(given, true), tau = stand_ins.stand_in(given_tau, false);
      const Status status = factor(out, tau.data, args.pivots.as<int64_t>() + i * columns, args.rank.as<int64_t>()[i], args.rcond);
      stand_ins.give_back(given, out);
      stand_ins.give_back(given_tau, tau);
      return status;
    });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
