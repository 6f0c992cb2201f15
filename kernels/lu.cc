// The LU factorization with partial pivoting, P A = L U, by halves of the columns (Toledo, 1997).
#include "columns.h"
#include "lu_lanes.h"
#include "magnitude.h"
#include "pivots.h"
#include "generated/lu.h"
#include "generated/lu_solve.h"
#include "generated/small_lu.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int64_t kColumns = 8;

// Which of n numbers is the largest, of equal ones the first. NaN is the largest, so that it shows.
template <class T>
int64_t find_largest(const T* x, int64_t n) {
  int64_t best = 0;
  Part<T> most = magnitude(x[0]);
  for (int64_t i = 1; i < n; ++i) {
    const Part<T> size = magnitude(x[i]);
    if (size > most || (is_nan(size) && !is_nan(most))) {
      best = i;
      most = size;
    }
  }
  return best;
}

// A panel of a few columns, which lie along memory meanwhile.
template <class T>
Status factor_panel(const Matrix<T>& a, int32_t* pivots, int32_t& info, int64_t before) {
  const int64_t rows = a.rows, count = a.columns;
  T* panel = scratch_array<T>(kPanelSlot, rows * kColumns);
  if (!panel) return Status::out_of_memory;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < count; ++j) panel[j * rows + i] = *a.at(i, j);
  }
  for (int64_t j = 0; j < std::min(rows, count); ++j) {
    T* column = panel + j * rows;
    const int64_t best = j + find_largest(column + j, rows - j);
    pivots[j] = static_cast<int32_t>(best);
    swap_rows(Matrix<T>{panel, rows, count, 1, rows}, j, best);
    const T head = column[j];
    if (magnitude(head) == 0) {
      if (info == 0) info = static_cast<int32_t>(before + j + 1);
      continue;
    }
    for (int64_t i = j + 1; i < rows; ++i) column[i] = quotient(column[i], head);
    T by[kColumns];
    for (int64_t k = j + 1; k < count; ++k) by[k] = panel[k * rows + j];
    columns::subtract_outer(column + rows + j + 1, rows, column + j + 1, by + j + 1, rows - j - 1, count - j - 1);
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < count; ++j) *a.at(i, j) = panel[j * rows + i];
  }
  return Status::ok;
}

// `pivots` are rows of this panel, counted from its first one.
template <class T>
Status factor(const Matrix<T>& a, int32_t* pivots, int32_t& info, int64_t before) {
  const int64_t least = std::min(a.rows, a.columns);
  if (a.columns <= kColumns) return factor_panel(a, pivots, info, before);
  const int64_t left = std::min(half_of(a.columns, kColumns), a.rows), right = a.columns - left, below = a.rows - left;
  Status status = factor(a.block(0, 0, a.rows, left), pivots, info, before);
  if (status != Status::ok) return status;
  const Matrix<T> others = a.block(0, left, a.rows, right);
  for (int64_t j = 0; j < left; ++j) swap_rows(others, j, pivots[j]);
  const Matrix<T> top = others.block(0, 0, left, right), rest = others.block(left, 0, below, right);
  status = solve_triangle(a.block(0, 0, left, left), {false, true}, top);
  if (status != Status::ok || below == 0) return status;
  status = subtract_product(rest, a.block(left, 0, below, left), top);
  if (status == Status::ok) status = factor(rest, pivots + left, info, before + left);
  if (status != Status::ok) return status;
  const Matrix<T> done = a.block(left, 0, below, left);
  for (int64_t j = left; j < least; ++j) {
    swap_rows(done, j - left, pivots[j]);
    pivots[j] += static_cast<int32_t>(left);
  }
  return Status::ok;
}

// x = A⁻¹ x given the factors of A, or with the transpose of A.
template <class T>
Status solve(const Matrix<T>& factors, const int32_t* pivots, int64_t step, bool transposed, const Matrix<T>& x) {
  constexpr Triangle lower{false, true}, upper{true, false};
  if (!transposed) {
    permute_rows(x, pivots, step, factors.rows, false);
    const Status status = solve_triangle(factors, lower, x);
    return status == Status::ok ? solve_triangle(factors, upper, x) : status;
  }
  Status status = solve_triangle(factors.transposed(), {false, false}, x);
  if (status == Status::ok) status = solve_triangle(factors.transposed(), {true, true}, x);
  permute_rows(x, pivots, step, factors.rows, true);
  return status;
}

// ---- small matrices --------------------------------------------------------------------------------------------------

using interleaved::kMost;
using interleaved::kShorter;
using interleaved::Stack;

// What is wanted of the factors of small matrices; null where nobody asks.
template <class T>
struct Wanted {
  // The matrices, or with `pivots` their factors.
  Stack<T> matrices;
  View pivots;
  int32_t* info = nullptr;
  // Where pivots go, and factors to the place of the matrices.
  int32_t* new_pivots = nullptr;
  T* diagonal = nullptr;
  // x = A⁻¹ from (null: the identity), or with the transpose of A.
  const Stack<T>*x = nullptr, *from = nullptr;
  bool transposed = false;

  void find(int64_t count) const {
    const int64_t rows = matrices.rows, columns = matrices.columns, least = std::min(rows, columns);
    interleaved::for_each_group<T>(count, rows * least * (columns + (x ? 2 * x->columns : 0)), [&](int64_t first, int width) {
      Vector<T> a[kMost], swaps[kShorter] = {}, failed{};
      gather(matrices, first, width, a);
      if (!pivots) interleaved::factor<T>(a, rows, columns, swaps, failed);
      for (int64_t k = 0; k < least; ++k) {
        for (int lane = 0; lane < width && pivots; ++lane) swaps[k][lane] = static_cast<T>(pivots.as<int32_t>()[(first + lane) * pivots.stride[0] + k * pivots.stride[1]] - 1);
        // LAPACK counts from 1.
        if (new_pivots) interleaved::write_integers<T>(swaps[k] + T(1), width, new_pivots + first * least + k, least);
      }
      if (info) interleaved::write_integers<T>(failed, width, info + first);
      if (new_pivots) spread(a, matrices, first, width);
      if (diagonal) {
        Vector<T> numbers[kShorter];
        for (int64_t k = 0; k < least; ++k) numbers[k] = swaps[k] == splat(T(k)) ? a[k * columns + k] : -a[k * columns + k];
        spread(numbers, Stack<T>(diagonal, least), first, width);
      }
      if (transposed) interleaved::turn<T>(a, rows);
      if (x) for_each_strip(from, *x, first, width, [&](Vector<T>* b, int64_t some) { interleaved::solve_factored<T>(a, swaps, transposed, b, rows, some); });
    });
  }
};

// What is null is the identity.
template <class T>
void copy(const Matrix<T>& to, const Matrix<T>& from) {
  for (int64_t i = 0; i < to.rows; ++i) {
    for (int64_t j = 0; j < to.columns; ++j) *to.at(i, j) = from.data ? *from.at(i, j) : from_real<T>(i == j);
  }
}

template <class T>
Status factor_small(const SmallLuArguments& args, int64_t index) {
  const int64_t n = args.a.size[1];
  T elements[kMost];
  int32_t pivots[kShorter], info = 0;
  const Matrix<T> a{elements, n, n, n, 1};
  copy(a, matrix_at<T>(args.a, index));
  const Status status = factor(a, pivots, info, 0);
  if (args.info) args.info.as<int32_t>()[index] = info;
  for (int64_t k = 0; k < n; ++k) {
    const T x = *a.at(k, k);
    if (args.diagonal) args.diagonal.as<T>()[index * n + k] = pivots[k] == k ? x : scale(Part<T>(-1), x);
    ++pivots[k];
  }
  if (!args.out || status != Status::ok) return status;
  const Matrix<T> x = matrix_at<T>(args.out, index);
  copy(x, args.b ? matrix_at<T>(args.b, index) : Matrix<T>{});
  return solve(a, pivots, 1, !args.left, args.left ? x : x.transposed());
}

}  // namespace

Status lu(const LuArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t rows = args.out.size[1], columns = args.out.size[2], least = std::min(rows, columns);
    if constexpr (!is_complex<T>) {
      if (interleaved::takes<T>(args.out.size[0], rows, columns)) {
        Wanted<T>{args.out, {}, args.info.as<int32_t>(), args.pivots.as<int32_t>()}.find(args.out.size[0]);
        return Status::ok;
      }
    }
    return for_each_matrix(args.out.size[0], rows * columns * least, [&](int64_t index) {
      int32_t* pivots = args.pivots.as<int32_t>() + index * least;
      int32_t& info = args.info.as<int32_t>()[index];
      info = 0;
      const Status status = factor(matrix_at<T>(args.out, index), pivots, info, 0);
      // LAPACK counts from 1.
      for (int64_t j = 0; j < least; ++j) ++pivots[j];
      return status;
    });
  });
}

Status lu_solve(const LuSolveArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t n = args.factors.size[1];
    if constexpr (!is_complex<T>) {
      if (interleaved::takes<T>(args.out.size[0], n, n)) {
        const Stack<T> x(args.out, !args.left);
        Wanted<T>{args.factors, args.pivots, nullptr, nullptr, nullptr, &x, &x, args.left == args.adjoint}.find(args.out.size[0]);
        return Status::ok;
      }
    }
    return for_each_matrix(args.out.size[0], n * args.out.size[1] * args.out.size[2], [&](int64_t i) {
      const Matrix<T> factors = matrix_at<T>(args.factors, i), x = matrix_at<T>(args.out, i);
      const int32_t* pivots = args.pivots.as<int32_t>() + i * args.pivots.stride[0];
      // X A = B is Aᵀ Xᵀ = Bᵀ, X Aᴴ = B is conj(A) Xᵀ = Bᵀ.
      return solve(args.adjoint ? factors.conjugate_of() : factors, pivots, args.pivots.stride[1], args.left == args.adjoint,
                   args.left ? x : x.transposed());
    });
  });
}

Status small_lu(const SmallLuArguments& args) {
  return with_matrix_type(args.a.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t n = args.a.size[1], count = args.a.size[0];
    if constexpr (!is_complex<T>) {
      if (interleaved::takes<T>(count, n, n)) {
        const Stack<T> a(args.a), x = args.out ? Stack<T>(args.out, !args.left) : a, from = args.b ? Stack<T>(args.b, !args.left) : a;
        Wanted<T>{a, {}, args.info.as<int32_t>(), nullptr, args.diagonal.as<T>(), args.out ? &x : nullptr, args.b ? &from : nullptr, !args.left}.find(count);
        return Status::ok;
      }
    }
    return for_each_matrix(count, n * n * (n + 2 * (args.out ? args.out.size[1] + args.out.size[2] : 0)), [&](int64_t i) { return factor_small<T>(args, i); });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
