// The QR factorization by Householder reflections.
#include "generated/householder_qr.h"
#include "householder_factor.h"
#include "interleaved.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Small ones. False where a column's length cannot be had from its squares, which overflow or vanish.
template <class T>
bool factor_interleaved(const interleaved::Stack<T>& stack, const HouseholderQrArguments& args, int64_t first, int count) {
  using V = Vector<T>;
  using Bits = decltype(V{} < V{});
  const int64_t rows = stack.rows, columns = stack.columns, least = std::min(rows, columns);
  V a[interleaved::kMost], taus[interleaved::kMost];
  gather(stack, first, count, a);
  for (int64_t j = 0; j < least; ++j) {
    V* head = a + j * columns;
    const V alpha = head[j];
    V rest{}, largest = interleaved::absolute<T>(alpha);
    for (int64_t i = j + 1; i < rows; ++i) {
      const V x = a[i * columns + j], size = interleaved::absolute<T>(x);
      rest = multiply_add(x, x, rest);
      largest = size > largest ? size : largest;
    }
    const V sum = multiply_add(alpha, alpha, rest);
    const auto safe = ((sum > std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon()) & (sum < std::numeric_limits<T>::max())) | (largest == 0);
    for (int lane = 0; lane < kLanes<T>; ++lane) {
      if (!safe[lane]) return false;
    }
    const V whole = interleaved::root<T>(sum);
    const V beta = __builtin_bit_cast(Bits, alpha) < 0 ? whole : -whole;
    const auto none = rest == 0;
    const V tau = none ? V{} : (beta - alpha) / beta, by = alpha - beta;
    for (int64_t i = j + 1; i < rows; ++i) a[i * columns + j] = none ? a[i * columns + j] : a[i * columns + j] / by;
    for (int64_t k = j + 1; k < columns; ++k) {
      V product = head[k];
      for (int64_t i = j + 1; i < rows; ++i) product = multiply_add(a[i * columns + j], a[i * columns + k], product);
      product = -(tau * product);
      head[k] += product;
      for (int64_t i = j + 1; i < rows; ++i) a[i * columns + k] = multiply_add(product, a[i * columns + j], a[i * columns + k]);
    }
    head[j] = none ? alpha : beta;
    taus[j] = tau;
  }
  spread(a, stack, first, count);
  for (int lane = 0; lane < count; ++lane) {
    for (int64_t j = 0; j < least; ++j) args.tau.as<T>()[(first + lane) * least + j] = taus[j][lane];
  }
  return true;
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
        std::atomic<Status> status{Status::ok};
        interleaved::for_each_group<T>(args.out.size[0], 2 * rows * columns * least, [&](int64_t first, int count) {
          if (factor_interleaved(stack, args, first, count)) return;
          for (int i = 0; i < count; ++i) {
            if (one(first + i) != Status::ok) status = Status::out_of_memory;
          }
        });
        return status.load();
      }
    }
    return for_each_matrix(args.out.size[0], 2 * rows * columns * least, one);
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
