// The LU factorization with partial pivoting, P A = L U, by halves of the columns (Toledo, 1997).
#include "columns.h"
#include "interleaved.h"
#include "magnitude.h"
#include "pivots.h"
#include "triangular.h"
#include "generated/lu.h"

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

// Small ones, whose rows are swapped by lanes.
template <class T>
void factor_interleaved(const LuArguments& args) {
  using interleaved::absolute;
  constexpr int lanes = kLanes<T>;
  const interleaved::Stack<T> stack(args.out);
  const int64_t rows = stack.rows, columns = stack.columns, least = std::min(rows, columns);
  interleaved::for_each_group<T>(args.out.size[0], rows * columns * least, [&](int64_t first, int count) {
    Vector<T> a[interleaved::kMost];
    T number[lanes], failed[lanes];
    gather(stack, first, count, a);
    Vector<T> info{};
    for (int64_t j = 0; j < least; ++j) {
      Vector<T>* row = a + j * columns;
      Vector<T> best = absolute<T>(row[j]), pivot = splat(T(j));
      for (int64_t i = j + 1; i < rows; ++i) {
        const Vector<T> x = absolute<T>(a[i * columns + j]);
        const auto more = (x > best) | ((x != x) & (best == best));
        best = more ? x : best;
        pivot = more ? splat(T(i)) : pivot;
      }
      for (int64_t i = j + 1; i < rows; ++i) interleaved::swap_rows<T>(row, a + i * columns, pivot == splat(T(i)), columns);
      const auto zero = best == 0;
      info = (zero & (info == 0)) ? splat(T(j + 1)) : info;
      for (int64_t i = j + 1; i < rows; ++i) {
        Vector<T>* to = a + i * columns;
        const Vector<T> by = zero ? to[j] : to[j] / row[j];
        to[j] = by;
        interleaved::subtract<T>(to + j + 1, by, row + j + 1, columns - j - 1);
      }
      store<T>(number, pivot);
      for (int lane = 0; lane < count; ++lane) args.pivots.as<int32_t>()[(first + lane) * least + j] = static_cast<int32_t>(number[lane]) + 1;
    }
    spread(a, stack, first, count);
    store<T>(failed, info);
    for (int lane = 0; lane < count; ++lane) args.info.as<int32_t>()[first + lane] = static_cast<int32_t>(failed[lane]);
  });
}

}  // namespace

Status lu(const LuArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t rows = args.out.size[1], columns = args.out.size[2], least = std::min(rows, columns);
    if constexpr (!is_complex<T>) {
      if (interleaved::takes<T>(args.out.size[0], rows, columns)) {
        factor_interleaved<T>(args);
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

}  // namespace flambeau::FLAMBEAU_ISA
