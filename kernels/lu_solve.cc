// Stacks of systems of equations whose matrices are factored, A = P L U.
#include "interleaved.h"
#include "pivots.h"
#include "triangular.h"
#include "generated/lu_solve.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// x = A⁻¹ x, or with the transpose of A.
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

template <class T>
void solve_interleaved(const LuSolveArguments& args) {
  const bool transposed = args.left == args.adjoint;
  const interleaved::Stack<T> factors(args.factors, transposed), x(args.out, !args.left);
  const int64_t n = factors.rows;
  interleaved::for_each_group<T>(args.out.size[0], 2 * n * n * x.columns, [&](int64_t first, int count) {
    Vector<T> a[interleaved::kMost], swaps[interleaved::kMost];
    gather(factors, first, count, a);
    for (int64_t k = 0; k < n; ++k) {
      for (int lane = 0; lane < kLanes<T>; ++lane) {
        const int64_t matrix = first + std::min(lane, count - 1);
        swaps[k][lane] = static_cast<T>(args.pivots.as<int32_t>()[matrix * args.pivots.stride[0] + k * args.pivots.stride[1]] - 1);
      }
    }
    const auto permute = [&](Vector<T>* b, int64_t columns, int64_t k) {
      for (int64_t i = 0; i < n; ++i) {
        if (i != k) interleaved::swap_rows<T>(b + k * columns, b + i * columns, swaps[k] == splat(T(i)), columns);
      }
    };
    for_each_strip(x, first, count, [&](Vector<T>* b, int64_t columns) {
      if (!transposed) {
        for (int64_t k = 0; k < n; ++k) permute(b, columns, k);
        interleaved::solve_triangle<T>(a, {false, true}, b, n, columns);
        interleaved::solve_triangle<T>(a, {true, false}, b, n, columns);
      } else {
        interleaved::solve_triangle<T>(a, {false, false}, b, n, columns);
        interleaved::solve_triangle<T>(a, {true, true}, b, n, columns);
        for (int64_t k = n - 1; k >= 0; --k) permute(b, columns, k);
      }
    });
  });
}

}  // namespace

Status lu_solve(const LuSolveArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t n = args.factors.size[1];
    if constexpr (!is_complex<T>) {
      if (interleaved::takes<T>(args.out.size[0], n, n)) {
        solve_interleaved<T>(args);
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

}  // namespace flambeau::FLAMBEAU_ISA
