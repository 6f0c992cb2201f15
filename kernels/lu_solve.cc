// Stacks of systems of equations whose matrices are factored, A = P L U.
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

}  // namespace

Status lu_solve(const LuSolveArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t n = args.factors.size[1];
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
