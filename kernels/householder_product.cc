// The first columns of a product of Householder reflections, from the last block of them to the first.
#include "householder.h"
#include "lane_rotations.h"
#include "generated/householder_product.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

using householder::kBlock;

template <class T>
Status form(const Matrix<T>& out, const Matrix<T>& a, const T* tau, int64_t reflections) {
  for (int64_t i = 0; i < out.rows; ++i) {
    for (int64_t j = 0; j < out.columns; ++j) *out.at(i, j) = from_real<T>(i == j ? 1 : 0);
  }
  householder::Block<T> block;
  for (int64_t first = (reflections - 1) / kBlock * kBlock; first >= 0 && reflections > 0; first -= kBlock) {
    const int64_t count = std::min(kBlock, reflections - first), height = out.rows - first;
    if (!block.allocate(height, count)) return Status::out_of_memory;
    for (int64_t i = 0; i < height; ++i) {
      for (int64_t j = 0; j < count; ++j) block.vector(j)[i] = *a.at(first + i, first + j);
    }
    block.complete(tau + first);
    const Status status = block.apply(out.block(first, first, height, out.columns - first), false);
    if (status != Status::ok) return status;
  }
  return Status::ok;
}

template <class T>
void form_interleaved(const HouseholderProductArguments& args) {
  using V = Vector<T>;
  const interleaved::Stack<T> out(args.out), input(args.input);
  const int64_t rows = out.rows, columns = out.columns, inner = input.columns, reflections = args.tau.size[1];
  interleaved::for_each_group<T>(args.out.size[0], 2 * rows * columns * reflections, [&](int64_t first, int count) {
    V a[interleaved::kMost], q[interleaved::kMost], taus[interleaved::kShorter];
    gather(input, first, count, a);
    for (int64_t k = 0; k < reflections; ++k) {
      for (int lane = 0; lane < kLanes<T>; ++lane) taus[k][lane] = args.tau.as<T>()[(first + std::min(lane, count - 1)) * reflections + k];
    }
    interleaved::form_reflections<T>(a, inner, 1, reflections, 0, taus, q, rows, columns);
    spread(q, out, first, count);
  });
}

}  // namespace

Status householder_product(const HouseholderProductArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t reflections = args.tau.size[1];
    if constexpr (!is_complex<T>) {
      if (interleaved::takes<T>(args.out.size[0], args.out.size[1], std::max(args.out.size[2], args.input.size[2]))) {
        form_interleaved<T>(args);
        return Status::ok;
      }
    }
    return for_each_matrix(args.out.size[0], 2 * args.out.size[1] * args.out.size[2] * reflections, [&](int64_t i) {
      return form(matrix_at<T>(args.out, i), matrix_at<T>(args.input, i), args.tau.as<T>() + i * reflections, reflections);
    });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
