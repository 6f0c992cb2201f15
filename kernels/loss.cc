// The negative log likelihood of classes: input [N, C, d1…] dense, target [N, d1…].
#include "elements.h"
#include "strided.h"
#include "generated/nll_loss.h"
#include "generated/nll_loss_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

struct Problem {
  View target, weight;
  int64_t batch, classes, inner;
  int64_t ignore_index;

  // `input` tells the sizes.
  Problem(const View& input, const View& target, const View& weight, int64_t ignore_index)
      : target(target), weight(weight), batch(input.size[0]), classes(input.size[1]), inner(1), ignore_index(ignore_index) {
    for (int d = 2; d < input.ndim; ++d) inner *= input.size[d];
  }

  // Calls f(i, offset, class) for the i-th target and the offset of `other`'s element with it (or 0).
  template <class F>
  void for_each(const View* other, F&& f) const {
    Strided<2> walk;
    for (int d = 0; d < target.ndim; ++d) walk.push(target.size[d], {target.stride[d], other ? other->stride[d] : 0});
    walk.coalesce();
    const int64_t step = walk.stride[0][walk.ndim - 1];
    const int64_t other_step = walk.stride[1][walk.ndim - 1];
    const int64_t* classes_at = target.as<int64_t>();
    int64_t i = 0;
    walk.visit(0, walk.count(), [&](const int64_t* offset, int64_t n) {
      for (int64_t k = 0; k < n; ++k, ++i) f(i, offset[1] + k * other_step, classes_at[offset[0] + k * step]);
    });
  }
  // The first class that does not exist, if any.
  bool wrong_class(int64_t& found) const {
    bool wrong = false;
    for_each(nullptr, [&](int64_t, int64_t, int64_t c) {
      if (wrong || c == ignore_index || (c >= 0 && c < classes)) return;
      wrong = true;
      found = c;
    });
    return wrong;
  }
  // Where class c of the i-th target stands in the input.
  int64_t offset(int64_t i, int64_t c) const {
    return inner == 1 ? i * classes + c : (i / inner * classes + c) * inner + i % inner;
  }

  template <class T>
  T weight_of(int64_t c) const {
    return weight ? weight.as<T>()[c * weight.stride[0]] : T(1);
  }
};

template <class F>
void with_type(DType t, F&& f) {
  if (t == DType::float64) f(Type<double>{});
  else f(Type<float>{});
}

}  // namespace

Status nll_loss(const NllLossArguments& args) {
  using Reduction = NllLossArguments::Reduction;
  const Problem p(args.input, args.target, args.weight, args.ignore_index);
  int64_t wrong;
  if (p.wrong_class(wrong)) return args.fail(Status::class_out_of_range, static_cast<double>(wrong), static_cast<double>(p.classes));
  with_type(args.input.dtype, [&]<class T>(Type<T>) {
    const T* x = args.input.as<T>();
    T* to = args.out.as<T>();
    if (args.reduction == Reduction::none) {
      p.for_each(&args.out, [&](int64_t i, int64_t at, int64_t c) {
        to[at] = c == p.ignore_index ? T(0) : -x[p.offset(i, c)] * p.weight_of<T>(c);
      });
      if (args.total_weight) *args.total_weight.as<T>() = 0;
      return;
    }
    double loss = 0;
    double total = 0;
    p.for_each(nullptr, [&](int64_t i, int64_t, int64_t c) {
      if (c == p.ignore_index) return;
      const double w = static_cast<double>(p.weight_of<T>(c));
      loss -= w * static_cast<double>(x[p.offset(i, c)]);
      total += w;
    });
    *to = static_cast<T>(args.reduction == Reduction::mean ? loss / total : loss);
    if (args.total_weight) *args.total_weight.as<T>() = static_cast<T>(total);
  });
  return Status::ok;
}

Status nll_loss_backward(const NllLossBackwardArguments& args) {
  using Reduction = NllLossBackwardArguments::Reduction;
  const Problem p(args.grad_input, args.target, args.weight, args.ignore_index);
  int64_t wrong;
  if (p.wrong_class(wrong)) return args.fail(Status::class_out_of_range, static_cast<double>(wrong), static_cast<double>(p.classes));
  with_type(args.grad_input.dtype, [&]<class T>(Type<T>) {
    T* to = args.grad_input.as<T>();
    const T* grad = args.grad_out.as<T>();
    std::memset(to, 0, sizeof(T) * static_cast<size_t>(args.grad_input.count()));
    const bool each = args.reduction == Reduction::none;
    const T divisor = args.reduction == Reduction::mean ? *args.total_weight.as<T>() : T(1);
    p.for_each(each ? &args.grad_out : nullptr, [&](int64_t i, int64_t at, int64_t c) {
      if (c != p.ignore_index) to[p.offset(i, c)] = -p.weight_of<T>(c) * (grad[at] / divisor);
    });
  });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
