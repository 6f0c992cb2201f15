// Resampling along one dimension of dense [outer, n, inner]: every result is a weighted sum of a few elements, its taps, or one of them.
#include <algorithm>

#include "elements.h"
#include "generated/resample.h"
#include "generated/resample_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// The table of the taps: by result and by tap a position (negative: none, and no more) and a weight.
struct Taps {
  const int32_t* position;
  const double* weight;
  int64_t results, count;

  Taps(const View& positions, const View& weights, int64_t results)
      : position(positions.as<int32_t>()), weight(weights.as<double>()), results(results), count(positions.count() / std::max<int64_t>(1, results)) {}
};

int64_t grain(int64_t work) { return std::max<int64_t>(1, 32768 / std::max<int64_t>(1, work)); }

// Calls f with the number of taps as a constant where it is a usual one.
template <class F>
void with_count(int64_t count, F&& f) {
  if (count == 2) f(std::integral_constant<int64_t, 2>());
  else if (count == 4) f(std::integral_constant<int64_t, 4>());
  else f(count);
}

template <class T>
void pick(const View& out, const View& input, const Taps& taps) {
  const int64_t n = input.size[1], inner = input.size[2], m = taps.results;
  parallel_for(out.size[0], grain(m * inner), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      const T* from = input.as<T>() + o * n * inner;
      T* to = out.as<T>() + o * m * inner;
      if (inner == 1) {
        for (int64_t i = 0; i < m; ++i) to[i] = from[taps.position[i]];
      } else {
        for (int64_t i = 0; i < m; ++i) std::copy_n(from + taps.position[i] * inner, inner, to + i * inner);
      }
    }
  });
}

template <class T>
void blend(const View& out, const View& input, const Taps& taps) {
  const int64_t n = input.size[1], inner = input.size[2], m = taps.results;
  parallel_for(out.size[0], grain(m * inner * taps.count), [&](int64_t begin, int64_t end) {
    with_count(taps.count, [&](auto count) {
      for (int64_t o = begin; o < end; ++o) {
        const T* from = input.as<T>() + o * n * inner;
        T* to = out.as<T>() + o * m * inner;
        for (int64_t i = 0; i < m; ++i) {
          const int32_t* position = taps.position + i * count;
          const double* weight = taps.weight + i * count;
          if (inner == 1) {
            T sum = 0;
            for (int64_t k = 0; k < count && position[k] >= 0; ++k) sum += static_cast<T>(weight[k]) * from[position[k]];
            to[i] = sum;
          } else if constexpr (std::is_same_v<decltype(count), int64_t>) {
            std::fill_n(to + i * inner, inner, T(0));
            for (int64_t k = 0; k < count && position[k] >= 0; ++k) {
              const T w = static_cast<T>(weight[k]);
              const T* row = from + position[k] * inner;
              for (int64_t j = 0; j < inner; ++j) to[i * inner + j] += w * row[j];
            }
          } else {
            const T* row[count.value];
            T w[count.value];
            for (int64_t k = 0; k < count; ++k) {
              row[k] = from + std::max(position[k], 0) * inner;
              w[k] = static_cast<T>(weight[k]);
            }
            for (int64_t j = 0; j < inner; ++j) {
              T sum = w[0] * row[0][j];
              for (int64_t k = 1; k < count; ++k) sum += w[k] * row[k][j];
              to[i * inner + j] = sum;
            }
          }
        }
      }
    });
  });
}

// The transpose of both: gives every tap its part of the results' gradients.
template <class T, bool weighted>
void spread(const View& out, const View& grad, const Taps& taps) {
  using E = Element<T>;
  const int64_t n = out.size[1], inner = out.size[2], m = taps.results;
  parallel_for(out.size[0], grain(m * inner * taps.count), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      const T* from = grad.as<T>() + o * m * inner;
      T* to = out.as<T>() + o * n * inner;
      std::fill_n(to, n * inner, T{});
      for (int64_t i = 0; i < m; ++i) {
        const int32_t* position = taps.position + i * taps.count;
        const double* weight = taps.weight + i * taps.count;
        for (int64_t k = 0; k < taps.count && position[k] >= 0; ++k) {
          T* row = to + position[k] * inner;
          if constexpr (weighted) {
            const T w = static_cast<T>(weight[k]);
            for (int64_t j = 0; j < inner; ++j) row[j] += w * from[i * inner + j];
          } else {
            for (int64_t j = 0; j < inner; ++j) row[j] = E::store(add(E::load(row[j]), E::load(from[i * inner + j])));
          }
        }
      }
    }
  });
}

}  // namespace

Status resample(const ResampleArguments& args) {
  const Taps taps(args.positions, args.weights, args.out.size[1]);
  if (!taps.weight) with_moved(args.out.dtype, [&]<class T>(Type<T>) { pick<T>(args.out, args.input, taps); });
  else if (args.out.dtype == DType::float64) blend<double>(args.out, args.input, taps);
  else blend<float>(args.out, args.input, taps);
  return Status::ok;
}

Status resample_backward(const ResampleBackwardArguments& args) {
  const Taps taps(args.positions, args.weights, args.grad_out.size[1]);
  const auto gather = [&]<class T>(Type<T>) { spread<T, false>(args.grad_input, args.grad_out, taps); };
  // Gradients are of floats and complex numbers.
  if (!taps.weight && args.grad_out.dtype == DType::complex64) gather(Type<Complex<float>>{});
  else if (!taps.weight && args.grad_out.dtype == DType::complex128) gather(Type<Complex<double>>{});
  else if (!taps.weight) with_float(args.grad_out.dtype, gather);
  else if (args.grad_out.dtype == DType::float64) spread<double, true>(args.grad_input, args.grad_out, taps);
  else spread<float, true>(args.grad_input, args.grad_out, taps);
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
