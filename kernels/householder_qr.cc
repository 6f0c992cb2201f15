// The QR factorization by Householder reflections.
#include "generated/householder_qr.h"
#include "householder_factor.h"
#include "lane_rotations.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Small ones. No status where a column's length cannot be had from its squares, which overflow or vanish.
template <class T>
std::optional<Status> factor_interleaved(const interleaved::Stack<T>& stack, const HouseholderQrArguments& args, int64_t first, int count) {
  const int64_t rows = stack.rows, columns = stack.columns, least = std::min(rows, columns);
  Vector<T> a[interleaved::kMost], taus[interleaved::kShorter];
  gather(stack, first, count, a);
  for (int64_t j = 0; j < least; ++j) {
    Vector<T>* head = a + j * columns + j;
    if (!interleaved::reflect<T>(head, rows - j, columns, taus[j])) return std::nullopt;
    for (int64_t k = 1; k < columns - j; ++k) interleaved::apply_reflection<T>(head, columns, taus[j], head + k, columns, rows - j);
  }
  spread(a, stack, first, count);
  for (int lane = 0; lane < count; ++lane) {
    for (int64_t j = 0; j < least; ++j) args.tau.as<T>()[(first + lane) * least + j] = taus[j][lane];
  }
  return Status::ok;
}

}  // namespace

Status householder_qr(const HouseholderQrArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t rows = args.out.size[1], columns = args.out.size[2], least = std::min(rows, columns);
    const auto one = [&](int64_t i) { return householder::factor(matrix_at<T>(args.out, i), args.tau.as<T>() + i * least); };
    if constexpr (!is_complex<T>) {
      if (interleaved::takes<T>(args.out.size[0], rows, columns)) {
        const interleaved::Stack<T> stack(args.out);
        return interleaved::for_each_group<T>(args.out.size[0], 2 * rows * columns * least, one, [&](int64_t first, int count) { return factor_interleaved(stack, args, first, count); });
      }
    }
    return for_each_matrix(args.out.size[0], 2 * rows * columns * least, one);
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
