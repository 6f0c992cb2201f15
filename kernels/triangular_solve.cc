// Stacks of systems of equations with triangular matrices.
#include "triangular.h"
#include "generated/triangular_solve.h"

namespace flambeau::FLAMBEAU_ISA {

Status triangular_solve(const TriangularSolveArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t n = args.a.size[1];
    return for_each_matrix(args.out.size[0], n * args.out.size[1] * args.out.size[2] / 2, [&](int64_t i) {
      const Matrix<T> a = matrix_at<T>(args.a, i), b = matrix_at<T>(args.out, i);
      const Triangle form{args.left ? args.upper : !args.upper, args.unit};
      return args.left ? solve_triangle(a, form, b) : solve_triangle(a.transposed(), form, b.transposed());
    });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
