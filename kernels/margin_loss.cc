// Losses that ask of target classes to lead all others by a margin: input [N, C] and target [N] or [N, K], whose rows end at a negative number.
#include <algorithm>
#include <atomic>

#include "elements.h"
#include "run_sums.h"
#include "generated/margin_loss.h"
#include "generated/margin_loss_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

enum Slot { kLosses, kOthers };

struct Sizes {
  int64_t rows, classes, targets;

  Sizes(const View& input, const View& target) : rows(input.size[0]), classes(input.size[1]), targets(target.ndim > 1 ? target.size[1] : 1) {}

  int64_t grain() const { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, classes * targets)); }

  // Whether all targets are classes, or negative where rows may end.
  bool has(const View& target, int64_t& wrong) const {
    const int64_t *from = target.as<int64_t>(), least = target.ndim > 1 ? -1 : 0;
    for (int64_t i = 0; i < rows * targets; ++i) {
      if (from[i] >= least && from[i] < classes) continue;
      wrong = from[i];
      return false;
    }
    return true;
  }
};

template <class T>
struct Margins {
  Sizes sizes;
  const T *input, *weight;
  const int64_t* target;
  int64_t weight_step;
  T margin;
  bool squares;

  template <class Arguments>
  explicit Margins(const Arguments& args)
      : sizes(args.input, args.target),
        input(args.input.template as<T>()),
        weight(args.weight ? args.weight.template as<T>() : nullptr),
        target(args.target.template as<int64_t>()),
        weight_step(args.weight ? args.weight.stride[0] : 0),
        margin(static_cast<T>(args.margin)),
        squares(args.p == 2) {}

  T factor(int64_t t) const { return (weight ? weight[t * weight_step] : T(1)) / static_cast<T>(sizes.classes); }

  // Calls f(t, lead) for the targets of a row: a class lags behind by what it has above -lead. `others` is 1 for the classes that are no targets.
  template <class F>
  void for_each(int64_t row, T* others, F&& f) const {
    const T* x = input + row * sizes.classes;
    const int64_t* t = target + row * sizes.targets;
    int64_t n = 0;
    for (; n < sizes.targets && t[n] >= 0; ++n) others[t[n]] = 0;
    for (int64_t k = 0; k < n; ++k) f(t[k], margin - x[t[k]]);
    for (int64_t k = 0; k < n; ++k) others[t[k]] = 1;
  }
  // Calls body(row, others) for all rows, on several threads; `others` are 1 for every class. Returns whether there was memory for them.
  template <class F>
  bool all_rows(const F& body) const {
    std::atomic<bool> out_of_memory{false};
    parallel_for(sizes.rows, sizes.grain(), [&](int64_t begin, int64_t end) {
      T* others = scratch_array<T>(kOthers, sizes.classes);
      if (!others) return out_of_memory.store(true);
      std::fill_n(others, sizes.classes, T(1));
      for (int64_t i = begin; i < end; ++i) body(i, others);
    });
    return !out_of_memory;
  }
  template <class A> Status fail_memory(const A& args, int64_t count) const {
    return args.fail(Status::out_of_memory, static_cast<double>(count) * sizeof(T));
  }
  // Σ of powers of what the classes lag behind.
  double lag(const T* x, const T* others, T lead, int power) const {
    return sum_long<T>(sizes.classes, [=](auto at) {
      const auto z = at(x) + lead;
      const decltype(z) none{};
      return (z > none) & (at(others) > none) ? (power == 2 ? z * z : power == 1 ? z : none + T(1)) : none;
    });
  }

  Status loss(const MarginLossArguments& args) const {
    const bool each = args.reduction == MarginLossArguments::Reduction::none;
    T* to = each ? args.out.as<T>() : scratch_array<T>(kLosses, sizes.rows);
    if (!to) return fail_memory(args, sizes.rows);
    const bool done = all_rows([&](int64_t i, T* others) {
      double sum = 0;
      for_each(i, others, [&](int64_t t, T lead) { sum += factor(t) * lag(input + i * sizes.classes, others, lead, squares ? 2 : 1); });
      to[i] = static_cast<T>(sum);
    });
    if (!done) return fail_memory(args, sizes.classes);
    if (each) return Status::ok;
    double total = 0;
    for (int64_t i = 0; i < sizes.rows; ++i) total += static_cast<double>(to[i]);
    if (args.reduction == MarginLossArguments::Reduction::mean) total /= static_cast<double>(sizes.rows);
    *args.out.as<T>() = static_cast<T>(total);
    return Status::ok;
  }

  Status backward(const MarginLossBackwardArguments& args) const {
    using Reduction = MarginLossBackwardArguments::Reduction;
    const T* grad = args.grad_out.as<T>();
    const bool each = args.reduction == Reduction::none;
    const T divisor = args.reduction == Reduction::mean ? static_cast<T>(sizes.rows) : T(1);
    const bool done = all_rows([&](int64_t i, T* others) {
      const T g = each ? grad[i] : *grad / divisor;
      const T* x = input + i * sizes.classes;
      T* to = args.grad_input.template as<T>() + i * sizes.classes;
      std::fill_n(to, sizes.classes, T(0));
      for_each(i, others, [&](int64_t t, T lead) {
        const T slope = (squares ? 2 : 1) * factor(t) * g;
        for (int64_t c = 0; c < sizes.classes; ++c) {
          const T z = x[c] + lead;
          to[c] += z > 0 && others[c] > 0 ? (squares ? slope * z : slope) : T(0);
        }
        to[t] -= slope * static_cast<T>(lag(x, others, lead, squares ? 1 : 0));
      });
    });
    return done ? Status::ok : fail_memory(args, sizes.classes);
  }
};

}  // namespace

Status margin_loss(const MarginLossArguments& args) {
  int64_t wrong;
  const Sizes sizes(args.input, args.target);
  if (!sizes.has(args.target, wrong)) return args.fail(Status::class_out_of_range, static_cast<double>(wrong), static_cast<double>(sizes.classes));
  return args.input.dtype == DType::float64 ? Margins<double>(args).loss(args) : Margins<float>(args).loss(args);
}

Status margin_loss_backward(const MarginLossBackwardArguments& args) {
  int64_t wrong;
  const Sizes sizes(args.input, args.target);
  // The targets may have been written to since the loss was computed.
  if (!sizes.has(args.target, wrong)) return args.fail(Status::class_out_of_range, static_cast<double>(wrong), static_cast<double>(sizes.classes));
  return args.input.dtype == DType::float64 ? Margins<double>(args).backward(args) : Margins<float>(args).backward(args);
}

}  // namespace flambeau::FLAMBEAU_ISA
