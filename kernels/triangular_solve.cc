// Stacks of systems of equations with triangular matrices.
#include "interleaved.h"
#include "generated/triangular_solve.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

template <class T>
void solve_interleaved(const TriangularSolveArguments& args, Triangle form) {
  const interleaved::Stack<T> triangles(args.a, !args.left), x(args.out, !args.left);
  const int64_t n = triangles.rows;
  interleaved::for_each_group<T>(args.out.size[0], n * n * x.columns, [&](int64_t first, int count) {
    Vector<T> a[interleaved::kMost];
    gather(triangles, first, count, a);
    for_each_strip(&x, x, first, count, [&](Vector<T>* b, int64_t columns) { interleaved::solve_triangle<T>(a, form, b, n, columns); });
  });
}

}  // namespace

Status triangular_solve(const TriangularSolveArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t n = args.a.size[1];
    const Triangle form{args.left ? args.upper : !args.upper, args.unit};
    if constexpr (!is_complex<T>) {
      if (interleaved::takes<T>(args.out.size[0], n, n)) {
        solve_interleaved<T>(args, form);
        return Status::ok;
      }
    }
    return for_each_matrix(args.out.size[0], n * args.out.size[1] * args.out.size[2] / 2, [&](int64_t i) {
      const Matrix<T> a = matrix_at<T>(args.a, i), b = matrix_at<T>(args.out, i);
      return args.left ? solve_triangle(a, form, b) : solve_triangle(a.transposed(), form, b.transposed());
    });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
