// One direction of one layer of a recurrent network: all of its steps, and their gradients.
//
// Sequences do not meet in a layer, so each thread takes some of them through all steps. The matrix that every step multiplies by is laid
// out in panels once. Sequences of different lengths stand longest first, so that those of a step are the first ones.
#include <algorithm>
#include <atomic>

#include "elements.h"
#include "math.h"
#include "matmul.h"
#include "pack.h"
#include "tile.h"
#include "generated/recurrence.h"
#include "generated/recurrence_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Of the calling thread: the panels of both matrices, where steps begin, what stands for an absent bias.
constexpr int kWeightSlot = kFirstFreeSlot, kProjectionSlot = kFirstFreeSlot + 1, kOffsetSlot = kFirstFreeSlot + 2, kBiasSlot = kFirstFreeSlot + 3;
// Of every thread: products of a group of rows.
constexpr int kProductSlot = kFirstFreeSlot + 4, kStateSlot = kFirstFreeSlot + 5;
// Of the calling thread again: the panels of the input's matrix.
constexpr int kInputSlot = kFirstFreeSlot + 6;
// So many rows are multiplied by a panel while it is in the first-level cache.
constexpr int64_t kGroup = 32;

// ---- products with a matrix that stays ------------------------------------------------------------------------------

// A [depth, columns] matrix in panels as wide as a tile, the last one filled up with zeros.
template <class T>
struct Panels {
  static constexpr int width = kTileVectors * kLanes<T>;
  int64_t depth, columns;
  T* data = nullptr;

  int64_t count() const { return (columns + width - 1) / width; }
  // How far the rows of a product lie apart.
  int64_t pitch() const { return count() * width; }

  bool pack(int slot, const T* matrix, int64_t row, int64_t column) {
    data = scratch_array<T>(slot, depth * pitch());
    if (!data) return false;
    parallel_for(count(), 4, [&](int64_t begin, int64_t end) {
      for (int64_t j = begin; j < end; ++j)
        pack_panel<T, width>(data + j * depth * width, matrix + j * width * column, depth,
                             static_cast<int>(std::min<int64_t>(width, columns - j * width)), row, column);
    });
    return true;
  }
};

// A few rows that lie `row` elements apart.
template <class T>
struct Rows {
  const T* at;
  int64_t row;
};

// Rows and the panel that they are multiplied by.
template <class T>
struct Factor {
  Rows<T> rows;
  int64_t depth;
  const T* panel;
};

template <class T, int Count, int Vectors>
FLAMBEAU_TILE_LOOP void multiply_tile(const Factor<T>* factors, int terms, int64_t first, T* to, int64_t pitch) {
  Tile<T, Count, Vectors> tile;
  tile.clear();
  for (int t = 0; t < terms; ++t) {
    const Factor<T>& f = factors[t];
    const StridedRows<T> rows{f.rows.at + first * f.rows.row, static_cast<ptrdiff_t>(f.rows.row), 1};
    tile.accumulate(f.depth, rows, StridedColumns<T>{f.panel, Panels<T>::width});
  }
  tile.write(to + first * pitch, pitch);
}

template <class T, int Most, int Vectors>
void multiply_panel(int64_t first, int64_t rows, const Factor<T>* factors, int terms, T* to, int64_t pitch) {
  for (; rows - first >= Most; first += Most) multiply_tile<T, Most, Vectors>(factors, terms, first, to, pitch);
  if constexpr (Most > 1) {
    if (first < rows) multiply_panel<T, Most - 1, Vectors>(first, rows, factors, terms, to, pitch);
  }
}

// to[i] = a[i] · matrix for a few rows, and b[i] · other if there is another.
template <class T>
void multiply(int64_t rows, const Rows<T>& a, const Panels<T>& matrix, T* to, const Rows<T>& b = {}, const Panels<T>* other = nullptr) {
  constexpr int width = Panels<T>::width;
  for (int64_t j = 0; j < matrix.count(); ++j) {
    const Factor<T> factors[] = {{a, matrix.depth, matrix.data + j * matrix.depth * width},
                                 {b, other ? other->depth : 0, other ? other->data + j * other->depth * width : nullptr}};
    const int terms = other ? 2 : 1;
    const int64_t columns = matrix.columns - j * width;
    T* at = to + j * width;
    if (columns <= kLanes<T>) multiply_panel<T, kTileRows, 1>(0, rows, factors, terms, at, matrix.pitch());
    else if (columns <= 2 * kLanes<T>) multiply_panel<T, kTileRows, 2>(0, rows, factors, terms, at, matrix.pitch());
    else multiply_panel<T, kTileRows, kTileVectors>(0, rows, factors, terms, at, matrix.pitch());
  }
}

// ---- steps ------------------------------------------------------------------------------------------------------------

// Rows of one step within those of all steps.
struct Step {
  int64_t begin, rows;
};

// The steps in the order in which they are computed.
struct Steps {
  int64_t count;
  const int64_t* offset;
  bool reverse;

  Step operator[](int64_t k) const {
    const int64_t t = reverse ? count - 1 - k : k;
    return {offset[t], offset[t + 1] - offset[t]};
  }
};

// False when memory is out.
bool find_steps(Steps& steps, int64_t rows, int64_t batch, const View& sizes, bool reverse) {
  const int64_t count = sizes ? sizes.size[0] : batch == 0 ? 0 : rows / batch;
  int64_t* offset = scratch_array<int64_t>(kOffsetSlot, count + 1);
  if (!offset) return false;
  offset[0] = 0;
  for (int64_t t = 0; t < count; ++t) offset[t + 1] = offset[t] + (sizes ? sizes.as<int64_t>()[t] : batch);
  steps = {count, offset, reverse};
  return true;
}

// As many sequences as a thread gets.
int64_t sequences_per_thread(int64_t batch) {
  const int64_t share = (batch + thread_count() - 1) / thread_count();
  return (share + kTileRows - 1) / kTileRows * kTileRows;
}

// Calls f(first, count) for the rows of a step that are a thread's, in groups.
template <class F>
void for_each_group(const Step& step, int64_t begin, int64_t end, F&& f) {
  end = std::min(end, step.rows);
  for (int64_t first = begin; first < end; first += kGroup) f(first, std::min(kGroup, end - first));
}

template <class T>
Status out_of_memory(const Arguments& args, int64_t elements) {
  return args.fail(Status::out_of_memory, static_cast<double>(elements) * sizeof(T));
}

template <class T>
void copy(T* to, const T* from, int64_t n) {
  if (n > 0) std::memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
}

// ---- forward ------------------------------------------------------------------------------------------------------------

using Mode = RecurrenceArguments::Mode;

enum class Curve { sigmoid, tanh, relu };

template <Curve curve, class T>
FLAMBEAU_INLINE T curved(T value) {
  if constexpr (curve == Curve::sigmoid) return math::sigmoid(value);
  else if constexpr (curve == Curve::tanh) return math::tanh(value);
  else return value < T(0) ? T(0) : value;
}

// to = curve(x + h + b); without `x` it is part of `h`.
template <Curve curve, class T>
void activate(int64_t n, T* __restrict to, const T* __restrict x, const T* __restrict h, const T* __restrict b) {
  if (x) {
    for (int64_t j = 0; j < n; ++j) to[j] = curved<curve>(x[j] + (h[j] + b[j]));
  } else {
    for (int64_t j = 0; j < n; ++j) to[j] = curved<curve>(h[j] + b[j]);
  }
}

// Gates i, f, g, o: c = f c + i g, h = o tanh(c).
template <class T>
void lstm_cell(int64_t n, const T* __restrict gates, T* __restrict c, T* __restrict kept, T* __restrict h) {
  const T *i = gates, *f = gates + n, *g = gates + 2 * n, *o = gates + 3 * n;
  for (int64_t j = 0; j < n; ++j) {
    const T cell = math::madd(f[j], c[j], i[j] * g[j]);
    c[j] = cell;
    kept[j] = cell;
    h[j] = o[j] * math::tanh(cell);
  }
}

// Gates r, z, n: n = tanh(x + r (state W + b)), h = (state - n) z + n.
template <class T>
void gru_cell(int64_t n, T* __restrict gates, T* __restrict candidate, const T* __restrict x, const T* __restrict product, const T* __restrict bias, const T* __restrict state, T* __restrict h) {
  const T *r = gates, *z = gates + n;
  T* fresh = gates + 2 * n;
  for (int64_t j = 0; j < n; ++j) {
    const T hidden = product[j] + bias[j];
    candidate[j] = hidden;
    const T value = math::tanh(math::madd(r[j], hidden, x[j]));
    fresh[j] = value;
    h[j] = math::madd(state[j] - value, z[j], value);
  }
}

template <class T>
struct Forward {
  const RecurrenceArguments& args;
  const Steps& steps;
  const Panels<T>& weight;
  const Panels<T>& projection;
  // Without it the products with the input are given.
  const Panels<T>* input_weight;
  const T* bias;
  int64_t hidden, outputs, width;

  // One sequence's gates, from its product with the state before; the new one goes to `h`. What is not kept is written to `spare`.
  void cell(int64_t row, int64_t sequence, const T* state, const T* product, T* h, T* spare) const {
    const T* given = input_weight ? nullptr : args.input.as<T>() + row * width;
    const auto x = [&](int64_t at) { return given ? given + at : nullptr; };
    const int64_t n = hidden;
    T* gates = args.gates ? args.gates.as<T>() + row * width : spare;
    const View& inner = args.mode == Mode::lstm ? args.cells : args.candidate;
    T* kept = inner ? inner.as<T>() + row * n : spare + width;
    switch (args.mode) {
      case Mode::lstm:
        activate<Curve::sigmoid>(2 * n, gates, x(0), product, bias);
        activate<Curve::tanh>(n, gates + 2 * n, x(2 * n), product + 2 * n, bias + 2 * n);
        activate<Curve::sigmoid>(n, gates + 3 * n, x(3 * n), product + 3 * n, bias + 3 * n);
        lstm_cell(n, gates, args.last_cell.as<T>() + sequence * n, kept, h);
        break;
      case Mode::gru:
        activate<Curve::sigmoid>(2 * n, gates, x(0), product, bias);
        gru_cell(n, gates, kept, x(2 * n), product + 2 * n, bias + 2 * n, state, h);
        break;
      case Mode::tanh:
        activate<Curve::tanh>(n, gates, x(0), product, bias);
        copy(h, gates, n);
        break;
      case Mode::relu:
        activate<Curve::relu>(n, gates, x(0), product, bias);
        copy(h, gates, n);
        break;
    }
  }

  // The state that the step before left, or the initial one of a sequence that begins.
  const T* state_of(const Step& before, int64_t sequence) const {
    return sequence < before.rows ? args.out.as<T>() + (before.begin + sequence) * outputs : args.initial.as<T>() + sequence * outputs;
  }

  // The products of a group's states, and of its inputs unless they are given.
  void multiply_group(const Step& step, const Step& before, int64_t first, int64_t count, T* product) const {
    const auto some = [&](int64_t begin, int64_t rows) {
      Rows<T> inputs{};
      if (input_weight) inputs = {args.input.as<T>() + (step.begin + begin) * input_weight->depth, input_weight->depth};
      multiply(rows, {state_of(before, begin), outputs}, weight, product + (begin - first) * weight.pitch(), inputs, input_weight);
    };
    const int64_t older = std::clamp<int64_t>(before.rows - first, 0, count);
    some(first, older);
    some(first + older, count - older);
  }

  bool run(int64_t begin, int64_t end) const {
    const int64_t pitch = weight.pitch();
    T* product = scratch_array<T>(kProductSlot, kGroup * std::max(pitch, args.projection ? projection.pitch() : 0));
    T* states = scratch_array<T>(kStateSlot, (kGroup + 1) * hidden + width);
    if (!product || !states) return false;
    T* spare = states + kGroup * hidden;
    for (int64_t k = 0; k < steps.count; ++k) {
      const Step step = steps[k];
      const Step before = k > 0 ? steps[k - 1] : Step{0, 0};
      // Those beyond end here.
      const int64_t next = k + 1 < steps.count ? steps[k + 1].rows : 0;
      for_each_group(step, begin, end, [&](int64_t first, int64_t count) {
        T* out = args.out.as<T>() + (step.begin + first) * outputs;
        multiply_group(step, before, first, count, product);
        for (int64_t i = 0; i < count; ++i)
          cell(step.begin + first + i, first + i, state_of(before, first + i), product + i * pitch,
               args.projection ? states + i * hidden : out + i * outputs, spare);
        if (args.projection) {
          multiply(count, {states, hidden}, projection, product);
          for (int64_t i = 0; i < count; ++i) copy(out + i * outputs, product + i * projection.pitch(), outputs);
        }
        const int64_t on = std::clamp<int64_t>(next - first, 0, count);
        copy(args.last.as<T>() + (first + on) * outputs, out + on * outputs, (count - on) * outputs);
      });
    }
    return true;
  }
};

template <class T>
Status run_forward(const RecurrenceArguments& args) {
  const int64_t batch = args.initial.size[0], outputs = args.initial.size[1], width = args.weight.size[0];
  const int64_t hidden = args.projection ? args.projection.size[1] : outputs;
  // What sequences without a step end with.
  copy(args.last.as<T>(), args.initial.as<T>(), batch * outputs);
  if (args.initial_cell) copy(args.last_cell.as<T>(), args.initial_cell.as<T>(), batch * hidden);
  Steps steps{};
  // h Wᵀ, h Pᵀ, and x Vᵀ.
  Panels<T> weight{outputs, width};
  Panels<T> projection{hidden, outputs};
  Panels<T> input_weight{args.input_weight ? args.input_weight.size[1] : 0, width};
  if (!find_steps(steps, args.out.size[0], batch, args.batch_sizes, args.reverse)) return out_of_memory<int64_t>(args, args.out.size[0]);
  if (!weight.pack(kWeightSlot, args.weight.as<T>(), 1, outputs)) return out_of_memory<T>(args, outputs * width);
  if (args.projection && !projection.pack(kProjectionSlot, args.projection.as<T>(), 1, hidden)) return out_of_memory<T>(args, outputs * hidden);
  if (args.input_weight && !input_weight.pack(kInputSlot, args.input_weight.as<T>(), 1, input_weight.depth))
    return out_of_memory<T>(args, input_weight.depth * width);
  const T* bias = args.bias.as<T>();
  if (!bias) {
    T* zeros = scratch_array<T>(kBiasSlot, width);
    if (!zeros) return out_of_memory<T>(args, width);
    std::fill(zeros, zeros + width, T(0));
    bias = zeros;
  }
  const Forward<T> forward{args, steps, weight, projection, args.input_weight ? &input_weight : nullptr, bias, hidden, outputs, width};
  std::atomic<bool> failed{false};
  parallel_for(batch, sequences_per_thread(batch), [&](int64_t begin, int64_t end) {
    if (!forward.run(begin, end)) failed = true;
  });
  return failed ? out_of_memory<T>(args, kGroup * width) : Status::ok;
}

// ---- backward -------------------------------------------------------------------------------------------------------------

// From the gradient by h and that by c (which becomes that by the cell before) the gradients by what the gates' curves were given.
template <class T>
void lstm_gradient(int64_t n, T* __restrict to, T* __restrict dc, const T* __restrict dh, const T* __restrict gates, const T* __restrict c, const T* __restrict before) {
  const T *i = gates, *f = gates + n, *g = gates + 2 * n, *o = gates + 3 * n;
  for (int64_t j = 0; j < n; ++j) {
    const T tanh = math::tanh(c[j]);
    const T by_cell = dc[j] + dh[j] * o[j] * (T(1) - tanh * tanh);
    to[j] = by_cell * g[j] * i[j] * (T(1) - i[j]);
    to[n + j] = by_cell * before[j] * f[j] * (T(1) - f[j]);
    to[2 * n + j] = by_cell * i[j] * (T(1) - g[j] * g[j]);
    to[3 * n + j] = dh[j] * tanh * o[j] * (T(1) - o[j]);
    dc[j] = by_cell * f[j];
  }
}

// The same of a GRU; `hidden` is by the product with the state, and `dh` becomes what flows past the gates.
template <class T>
void gru_gradient(int64_t n, T* __restrict to, T* __restrict hidden, T* __restrict dh, const T* __restrict gates, const T* __restrict candidate, const T* __restrict before) {
  const T *r = gates, *z = gates + n, *fresh = gates + 2 * n;
  for (int64_t j = 0; j < n; ++j) {
    const T by_fresh = dh[j] * (T(1) - z[j]) * (T(1) - fresh[j] * fresh[j]);
    const T by_r = by_fresh * candidate[j] * r[j] * (T(1) - r[j]);
    const T by_z = dh[j] * (before[j] - fresh[j]) * z[j] * (T(1) - z[j]);
    to[j] = by_r;
    to[n + j] = by_z;
    to[2 * n + j] = by_fresh;
    hidden[j] = by_r;
    hidden[n + j] = by_z;
    hidden[2 * n + j] = by_fresh * r[j];
    dh[j] *= z[j];
  }
}

template <class T>
void simple_gradient(int64_t n, bool relu, T* __restrict to, const T* __restrict dh, const T* __restrict h) {
  if (relu) {
    for (int64_t j = 0; j < n; ++j) to[j] = h[j] > T(0) ? dh[j] : T(0);
  } else {
    for (int64_t j = 0; j < n; ++j) to[j] = dh[j] * (T(1) - h[j] * h[j]);
  }
}

template <class T>
struct Backward {
  const RecurrenceBackwardArguments& args;
  const Steps& steps;
  const Panels<T>& weight;
  const Panels<T>& projection;
  int64_t hidden, outputs, width;

  using Mode = RecurrenceBackwardArguments::Mode;

  bool run(int64_t begin, int64_t end) const {
    const int64_t pitch = weight.pitch();
    T* product = scratch_array<T>(kProductSlot, kGroup * std::max(pitch, args.projection ? projection.pitch() : 0));
    if (!product) return false;
    const View& by_product = args.grad_hidden ? args.grad_hidden : args.grad_gates;
    for (int64_t k = steps.count - 1; k >= 0; --k) {
      const Step step = steps[k];
      const Step before = k > 0 ? steps[k - 1] : Step{0, 0};
      for_each_group(step, begin, end, [&](int64_t first, int64_t count) {
        T* state = args.grad_initial.as<T>() + first * outputs;
        const int64_t at = step.begin + first;
        if (args.grad_out) {
          const T* grad = args.grad_out.as<T>() + at * outputs;
          for (int64_t j = 0; j < count * outputs; ++j) state[j] += grad[j];
        }
        if (args.projection) {
          copy(args.grad_projected.as<T>() + at * outputs, state, count * outputs);
          multiply(count, {state, outputs}, projection, product);
        }
        for (int64_t i = 0; i < count; ++i) {
          const int64_t sequence = first + i;
          // What the state came from: the step before, or for a sequence that begins here the initial one.
          const bool begins = sequence >= before.rows;
          const T* h = begins ? args.initial.as<T>() + sequence * outputs : args.out.as<T>() + (before.begin + sequence) * outputs;
          if (args.previous) copy(args.previous.as<T>() + (at + i) * outputs, h, outputs);
          cell(at + i, sequence, before, begins, args.projection ? product + i * projection.pitch() : state + i * outputs, h);
        }
        multiply(count, {by_product.as<T>() + at * width, width}, weight, product);
        for (int64_t i = 0; i < count; ++i) {
          T* to = state + i * outputs;
          const T* from = product + i * pitch;
          if (args.mode == Mode::gru) {
            for (int64_t j = 0; j < outputs; ++j) to[j] += from[j];
          } else {
            copy(to, from, outputs);
          }
        }
      });
    }
    return true;
  }

  void cell(int64_t row, int64_t sequence, const Step& before, bool begins, T* dh, const T* h) const {
    const int64_t n = hidden;
    T* to = args.grad_gates.as<T>() + row * width;
    const T* gates = args.gates.as<T>() + row * width;
    switch (args.mode) {
      case Mode::lstm: {
        const T* c = begins ? args.initial_cell.as<T>() + sequence * n : args.cells.as<T>() + (before.begin + sequence) * n;
        lstm_gradient(n, to, args.grad_initial_cell.as<T>() + sequence * n, dh, gates, args.cells.as<T>() + row * n, c);
        break;
      }
      case Mode::gru:
        gru_gradient(n, to, args.grad_hidden.as<T>() + row * width, dh, gates, args.candidate.as<T>() + row * n, h);
        break;
      default:
        simple_gradient(n, args.mode == Mode::relu, to, dh, gates);
    }
  }
};

// Copies the gradient that a state begins with, or zeros.
template <class T>
void begin_with(const View& to, const View& from) {
  if (!to) return;
  if (from) copy(to.as<T>(), from.as<T>(), to.count());
  else std::fill(to.as<T>(), to.as<T>() + to.count(), T(0));
}

template <class T>
Status run_backward(const RecurrenceBackwardArguments& args) {
  const int64_t batch = args.initial.size[0], outputs = args.initial.size[1], width = args.weight.size[0];
  const int64_t hidden = args.projection ? args.projection.size[1] : outputs;
  begin_with<T>(args.grad_initial, args.grad_last);
  begin_with<T>(args.grad_initial_cell, args.grad_last_cell);
  Steps steps{};
  // dgates W, and dh P.
  Panels<T> weight{width, outputs};
  Panels<T> projection{outputs, hidden};
  if (!find_steps(steps, args.out.size[0], batch, args.batch_sizes, args.reverse)) return out_of_memory<int64_t>(args, args.out.size[0]);
  if (!weight.pack(kWeightSlot, args.weight.as<T>(), outputs, 1)) return out_of_memory<T>(args, outputs * width);
  if (args.projection && !projection.pack(kProjectionSlot, args.projection.as<T>(), hidden, 1)) return out_of_memory<T>(args, outputs * hidden);
  const Backward<T> backward{args, steps, weight, projection, hidden, outputs, width};
  std::atomic<bool> failed{false};
  parallel_for(batch, sequences_per_thread(batch), [&](int64_t begin, int64_t end) {
    if (!backward.run(begin, end)) failed = true;
  });
  return failed ? out_of_memory<T>(args, kGroup * width) : Status::ok;
}

}  // namespace

Status recurrence(const RecurrenceArguments& args) {
  return args.out.dtype == DType::float64 ? run_forward<double>(args) : run_forward<float>(args);
}

Status recurrence_backward(const RecurrenceBackwardArguments& args) {
  return args.out.dtype == DType::float64 ? run_backward<double>(args) : run_backward<float>(args);
}

}  // namespace flambeau::FLAMBEAU_ISA
