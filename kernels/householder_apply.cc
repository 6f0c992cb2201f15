// Products of matrices with products of Householder reflections, a block of them at a time.
#include "householder.h"
#include "generated/householder_apply.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

using householder::kBlock;

// c = Q c, or Qᴴ c.
template <class T>
Status apply(const Matrix<T>& c, const Matrix<T>& a, const T* tau, int64_t reflections, bool adjoint) {
  householder::Block<T> block;
  const int64_t blocks = (reflections + kBlock - 1) / kBlock;
  for (int64_t k = 0; k < blocks; ++k) {
    const int64_t first = (adjoint ? k : blocks - 1 - k) * kBlock, count = std::min(kBlock, reflections - first), height = c.rows - first;
    if (!block.allocate(height, count)) return Status::out_of_memory;
    T by[kBlock];
    for (int64_t j = 0; j < count; ++j) {
      by[j] = a.conjugated ? conjugate(tau[first + j]) : tau[first + j];
      for (int64_t i = 0; i < height; ++i) block.vector(j)[i] = a.get(first + i, first + j);
    }
    block.complete(by);
    const Status status = block.apply(c.block(first, 0, height, c.columns), adjoint);
    if (status != Status::ok) return status;
  }
  return Status::ok;
}

}  // namespace

Status householder_apply(const HouseholderApplyArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t reflections = args.tau.size[1];
    return for_each_matrix(args.out.size[0], 4 * args.out.size[1] * args.out.size[2] * reflections, [&](int64_t i) {
      const Matrix<T> c = matrix_at<T>(args.out, i), a = matrix_at<T>(args.input, i);
      const T* tau = args.tau.as<T>() + i * reflections;
      // (C Q)ᵀ = conj(Q)ᴴ Cᵀ
      return args.left ? apply(c, a, tau, reflections, args.adjoint) : apply(c.transposed(), a.conjugate_of(), tau, reflections, !args.adjoint);
    });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
