// The negative log likelihood of classes: input [N, C, d1…] dense, target [N, d1…].
#include "elements.h"
#include "strided.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

enum Reduction : int64_t { kNone = 0, kMean = 1 };

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

Status nll_loss(Reader& in) {
  const View out = in.view();
  const View total_weight = in.view();
  const View input = in.view();
  const View target = in.view();
  const View weight = in.view();
  const int64_t reduction = in.integer();
  const Problem p(input, target, weight, in.integer());
  int64_t wrong;
  if (p.wrong_class(wrong)) return in.fail(Status::class_out_of_range, static_cast<double>(wrong), static_cast<double>(p.classes));
  with_type(input.dtype, [&]<class T>(Type<T>) {
    const T* x = input.as<T>();
    T* to = out.as<T>();
    if (reduction == kNone) {
      p.for_each(&out, [&](int64_t i, int64_t at, int64_t c) {
        to[at] = c == p.ignore_index ? T(0) : -x[p.offset(i, c)] * p.weight_of<T>(c);
      });
      if (total_weight) *total_weight.as<T>() = 0;
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
    *to = static_cast<T>(reduction == kMean ? loss / total : loss);
    if (total_weight) *total_weight.as<T>() = static_cast<T>(total);
  });
  return Status::ok;
}

Status nll_loss_backward(Reader& in) {
  const View grad_input = in.view();
  const View grad_out = in.view();
  const View target = in.view();
  const View weight = in.view();
  const View total_weight = in.view();
  const int64_t reduction = in.integer();
  const Problem p(grad_input, target, weight, in.integer());
  int64_t wrong;
  if (p.wrong_class(wrong)) return in.fail(Status::class_out_of_range, static_cast<double>(wrong), static_cast<double>(p.classes));
  with_type(grad_input.dtype, [&]<class T>(Type<T>) {
    T* to = grad_input.as<T>();
    const T* grad = grad_out.as<T>();
    std::memset(to, 0, sizeof(T) * static_cast<size_t>(grad_input.count()));
    const bool each = reduction == kNone;
    const T divisor = reduction == kMean ? *total_weight.as<T>() : T(1);
    p.for_each(each ? &grad_out : nullptr, [&](int64_t i, int64_t at, int64_t c) {
      if (c != p.ignore_index) to[p.offset(i, c)] = -p.weight_of<T>(c) * (grad[at] / divisor);
    });
  });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
