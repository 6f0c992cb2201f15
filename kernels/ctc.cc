// The negative log-likelihood of sequences of labels under all of their alignments with the input (Graves et al., Connectionist
// Temporal Classification, 2006), and its gradient. Every second state of an alignment is the blank.
#include <algorithm>
#include <atomic>

#include "elements.h"
#include "math.h"
#include "generated/ctc_loss.h"
#include "generated/ctc_loss_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int kLabelSlot = 0, kRowSlot = 1;

// One sequence: its log-probabilities (a row of classes for each step), its states, and working memory for rows of these.
template <class T>
struct Sequence {
  int64_t steps, states, classes, step;
  const T* inputs;
  const int64_t* label = nullptr;
  // By state: its log-probability at a step; 0 where it may follow the state before the last, else -infinity; what remains is free.
  T *emitted = nullptr, *skip = nullptr, *rows = nullptr;

  template <class A>
  Sequence(const A& args, int64_t i)
      : steps(args.input_lengths.template as<int64_t>()[i]),
        states(2 * args.target_lengths.template as<int64_t>()[i] + 1),
        classes(args.log_probs.size[2]),
        step(args.log_probs.size[1] * classes),
        inputs(args.log_probs.template as<T>() + i * classes) {}

  template <class A>
  bool prepare(const A& args, int64_t i) {
    int64_t* labels = scratch_array<int64_t>(kLabelSlot, states);
    T* memory = scratch_array<T>(kRowSlot, 4 * states + classes);
    if (!labels || !memory) return false;
    emitted = memory;
    skip = memory + states;
    rows = memory + 2 * states;
    const int64_t* targets = args.targets.template as<int64_t>() + args.starts.template as<int64_t>()[i];
    for (int64_t s = 0; s < states; ++s) labels[s] = s % 2 == 0 ? args.blank : targets[s / 2];
    for (int64_t s = 0; s < states; ++s) skip[s] = s > 1 && labels[s] != labels[s - 2] ? T(0) : -math::infinity<T>;
    label = labels;
    return true;
  }

  void emit(int64_t t) {
    const T* at = inputs + t * step;
    for (int64_t s = 0; s < states; ++s) emitted[s] = at[label[s]];
  }
};

template <class T>
[[gnu::always_inline]] inline T log_sum(T a, T b, T c) {
  const T some = b < c ? c : b;
  const T top = a < some ? some : a;
  const T shift = top == -math::infinity<T> ? T(0) : top;
  return math::log(math::exp(a - shift) + math::exp(b - shift) + math::exp(c - shift)) + shift;
}

template <class T>
T forward_sequence(Sequence<T>& sequence, T* alpha, int64_t width) {
  constexpr T none = -math::infinity<T>;
  const int64_t n = sequence.states;
  if (sequence.steps == 0) return n == 1 ? T(0) : none;
  sequence.emit(0);
  std::fill(alpha, alpha + n, none);
  for (int64_t s = 0; s < std::min<int64_t>(n, 2); ++s) alpha[s] = sequence.emitted[s];
  for (int64_t t = 1; t < sequence.steps; ++t) {
    const T* before = alpha + (t - 1) * width;
    T* now = alpha + t * width;
    sequence.emit(t);
    now[0] = before[0] + sequence.emitted[0];
    if (n > 1) now[1] = log_sum(before[1], before[0], none) + sequence.emitted[1];
    for (int64_t s = 2; s < n; ++s)
      now[s] = log_sum(before[s], before[s - 1], before[s - 2] + sequence.skip[s]) + sequence.emitted[s];
  }
  const T* last = alpha + (sequence.steps - 1) * width + n - 1;
  return log_sum(last[0], n > 1 ? last[-1] : none, none);
}

// The gradient by log-probabilities is their probability less that of being there: the sum over the states of a class of
// alpha · beta / likelihood, where beta leaves out what the step itself emits.
template <class T>
void backward_sequence(Sequence<T>& sequence, T* gradient, const T* alpha, int64_t width, T loss, T slope) {
  constexpr T none = -math::infinity<T>;
  const int64_t n = sequence.states;
  T *beta = sequence.rows, *next = beta + n, *occupied = next + n;
  for (int64_t t = sequence.steps - 1; t >= 0; --t) {
    if (t == sequence.steps - 1) {
      for (int64_t s = 0; s < n; ++s) beta[s] = s < n - 2 ? none : T(0);
    } else {
      // Of the step behind, with what it emits.
      for (int64_t s = 0; s < n; ++s) next[s] = beta[s] + sequence.emitted[s];
      for (int64_t s = 0; s < n - 2; ++s) beta[s] = log_sum(next[s], next[s + 1], next[s + 2] + sequence.skip[s + 2]);
      if (n > 1) beta[n - 2] = log_sum(next[n - 2], next[n - 1], none);
      beta[n - 1] = next[n - 1];
    }
    sequence.emit(t);
    std::fill(occupied, occupied + sequence.classes, T(0));
    for (int64_t s = 0; s < n; ++s) next[s] = math::exp(alpha[t * width + s] + beta[s] + loss);
    for (int64_t s = 0; s < n; ++s) occupied[sequence.label[s]] += next[s];
    const T* from = sequence.inputs + t * sequence.step;
    T* to = gradient + t * sequence.step;
    for (int64_t c = 0; c < sequence.classes; ++c) to[c] = (math::exp(from[c]) - occupied[c]) * slope;
  }
}

// The first label that is no class, if any.
template <class A>
bool wrong_label(const A& args, int64_t& found) {
  const int64_t classes = args.log_probs.size[2];
  for (int64_t i = 0; i < args.log_probs.size[1]; ++i) {
    const int64_t* target = args.targets.template as<int64_t>() + args.starts.template as<int64_t>()[i];
    for (int64_t k = 0; k < args.target_lengths.template as<int64_t>()[i]; ++k) {
      found = target[k];
      if (found < 0 || found >= classes) return true;
    }
  }
  return false;
}

template <class F>
Status with_type(DType t, F&& f) {
  return t == DType::float64 ? f(Type<double>{}) : f(Type<float>{});
}

// Calls f(sequence, i) for each sequence.
template <class T, class A, class F>
Status for_sequences(const A& args, F&& f) {
  std::atomic<bool> fits = true;
  parallel_for(args.log_probs.size[1], 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      Sequence<T> sequence(args, i);
      if (sequence.prepare(args, i)) f(sequence, i);
      else fits = false;
    }
  });
  if (fits) return Status::ok;
  const int64_t elements = 4 * args.log_alpha.size[2] + args.log_probs.size[2];
  return args.fail(Status::out_of_memory, static_cast<double>(elements) * sizeof(T));
}

}  // namespace

Status ctc_loss(const CtcLossArguments& args) {
  int64_t wrong;
  if (wrong_label(args, wrong))
    return args.fail(Status::class_out_of_range, static_cast<double>(wrong), static_cast<double>(args.log_probs.size[2]));
  const int64_t width = args.log_alpha.size[2], pitch = args.log_alpha.size[1] * width;
  return with_type(args.log_probs.dtype, [&]<class T>(Type<T>) {
    return for_sequences<T>(args, [&](Sequence<T>& sequence, int64_t i) {
      args.out.as<T>()[i] = -forward_sequence(sequence, args.log_alpha.as<T>() + i * pitch, width);
    });
  });
}

Status ctc_loss_backward(const CtcLossBackwardArguments& args) {
  const int64_t width = args.log_alpha.size[2], pitch = args.log_alpha.size[1] * width;
  return with_type(args.log_probs.dtype, [&]<class T>(Type<T>) {
    T* gradient = args.grad_input.as<T>();
    std::memset(gradient, 0, sizeof(T) * static_cast<size_t>(args.grad_input.count()));
    return for_sequences<T>(args, [&](Sequence<T>& sequence, int64_t i) {
      const T loss = args.loss.as<T>()[i];
      const T slope = args.grad_out.as<T>()[i];
      T* to = gradient + i * sequence.classes;
      if (loss != math::infinity<T>) {
        backward_sequence(sequence, to, args.log_alpha.as<T>() + i * pitch, width, loss, slope);
      } else if (!args.zero_infinity) {
        for (int64_t t = 0; t < sequence.steps; ++t) std::fill(to + t * sequence.step, to + t * sequence.step + sequence.classes, math::nan<T>);
      }
    });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
