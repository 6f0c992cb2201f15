// Random numbers: the streams of PyTorch's CPU generator, draw for draw.
#include <cmath>
#include <initializer_list>
#include <numbers>
#include <utility>

#include "elements.h"
#include "math.h"
#include "mt19937.h"
#include "random_normal.h"
#include "strided.h"
#include "generated/multinomial_replacement.h"
#include "generated/random_bernoulli.h"
#include "generated/random_bernoulli_tensor.h"
#include "generated/random_cauchy.h"
#include "generated/random_exponential.h"
#include "generated/random_full.h"
#include "generated/random_geometric.h"
#include "generated/random_integers.h"
#include "generated/random_log_normal.h"
#include "generated/random_normal.h"
#include "generated/random_permutation.h"
#include "generated/random_poisson.h"
#include "generated/random_raw.h"
#include "generated/random_seed.h"
#include "generated/random_uniform.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

using namespace mt19937;

Generator& generator(const View& state) { return *state.as<Generator>(); }

bool dense(const View& v) {
  int64_t expected = 1;
  for (int d = v.ndim - 1; d >= 0; --d) {
    if (v.size[d] != 1 && v.stride[d] != expected) return false;
    expected *= v.size[d];
  }
  return true;
}

// Whether PyTorch's TensorIterator puts dimension b inside dimension a (> 0), outside (< 0), or cannot tell (0).
int inside(const View& out, const View* other, int a, int b) {
  for (const View* v : {&out, other}) {
    if (!v || v->stride[a] == 0 || v->stride[b] == 0) continue;
    if (v->stride[a] != v->stride[b]) return v->stride[a] < v->stride[b] ? -1 : 1;
    if (v->size[a] > v->size[b]) return 1;
  }
  return 0;
}

// The order in which elements take their draws: memory order as far as strides tell, else the logical one; it is
// TensorIterator's (an insertion sort of the dimensions, the last one first). `other` has out's shape, or is null.
template <int K>
Strided<K> draw_order(const View& out, const View* other) {
  int order[kMaxDims];
  for (int d = 0; d < out.ndim; ++d) order[d] = out.ndim - 1 - d;
  for (int i = 1; i < out.ndim; ++i) {
    int at = i;
    for (int before = i - 1; before >= 0; --before) {
      const int c = inside(out, other, order[before], order[at]);
      if (c < 0) break;
      if (c > 0) {
        std::swap(order[before], order[at]);
        at = before;
      }
    }
  }
  Strided<K> walk;
  for (int i = out.ndim - 1; i >= 0; --i) {
    int64_t strides[K];
    strides[0] = out.stride[order[i]];
    if constexpr (K == 2) strides[1] = other->stride[order[i]];
    walk.push(out.size[order[i]], strides);
  }
  walk.coalesce();
  return walk;
}

// Floats go through float on their way to a half type, as PyTorch's casts do; a float beyond an integer type's range must not
// be undefined behaviour.
template <class T, class V>
T cast(V value) {
  if constexpr (std::is_same_v<T, Boolean>) {
    return Boolean{value != 0};
  } else if constexpr (is_half<T>) {
    return Element<T>::store(static_cast<float>(value));
  } else if constexpr (std::is_integral_v<T> && std::is_floating_point_v<V>) {
    const bool fits = value > V(-0x1p63) && value < V(0x1p63);
    return static_cast<T>(fits ? static_cast<int64_t>(value) : INT64_MIN);
  } else {
    return static_cast<T>(value);
  }
}

// Values on their way into a row of out, of whatever dtype: numbers are made in V once for all dtypes.
template <class V>
[[gnu::noinline]] void store(const View& out, int64_t offset, int64_t step, const V* values, int64_t n) {
  with_dtype(out.dtype, [&]<class T>(Type<T>) {
    T* row = out.as<T>() + offset;
    if (step == 1) {
      for (int64_t i = 0; i < n; ++i) row[i] = cast<T>(values[i]);
    } else {
      for (int64_t i = 0; i < n; ++i) row[i * step] = cast<T>(values[i]);
    }
  });
}

constexpr int64_t kChunk = 256;

// Calls produce(values, n) for runs of out's elements in the order of their draws, and stores what it leaves in `values`.
template <class V, class F>
void fill_runs(const View& out, F&& produce) {
  V values[kChunk];
  const Strided<1> walk = draw_order<1>(out, nullptr);
  const int64_t step = walk.stride[0][walk.ndim - 1];
  walk.visit(0, walk.count(), [&](const int64_t* offset, int64_t n) {
    for (int64_t begin = 0; begin < n; begin += kChunk) {
      const int64_t size = n - begin < kChunk ? n - begin : kChunk;
      produce(values, size);
      store(out, offset[0] + begin * step, step, values, size);
    }
  });
}

// out[i] = map(words), each element from the next `per` words.
template <int per, class F>
void fill(const View& out, Generator& g, F&& map) {
  using V = decltype(map(static_cast<const uint32_t*>(nullptr)));
  fill_runs<V>(out, [&](V* values, int64_t n) {
    uint32_t words[per * kChunk];
    draw_words(g, words, per * n);
    for (int64_t i = 0; i < n; ++i) values[i] = map(words + per * i);
  });
}

double unit(const uint32_t* words) { return unit_double(words[0], words[1]); }
uint64_t wide(const uint32_t* words) { return static_cast<uint64_t>(words[0]) << 32 | words[1]; }

// out[i] = map(), which draws.
template <class F>
void fill_each(const View& out, F&& map) {
  using V = decltype(map());
  fill_runs<V>(out, [&](V* values, int64_t n) {
    for (int64_t i = 0; i < n; ++i) values[i] = map();
  });
}

// x * (to - from) + from rounded once, which is what a fused multiply-add leaves; and `to` itself, which rounding can
// reach, becomes `from`.
template <class T>
struct Uniform {
  using V = typename Element<T>::Value;
  V from, span, to;

  Uniform(double a, double b)
      : from(static_cast<V>(a)),
        span(static_cast<V>(b) - static_cast<V>(a)),
        to(Element<T>::load(Element<T>::store(static_cast<V>(b)))) {}

  V value(V x) const {
    if constexpr (std::is_same_v<V, double> || math::kHasFma) return math::madd(x, span, from);
    return static_cast<V>(static_cast<double>(x) * static_cast<double>(span) + static_cast<double>(from));
  }
  V operator()(V x) const {
    const V v = Element<T>::load(Element<T>::store(value(x)));
    return v == to ? from : v;
  }
};

// A number from the Poisson distribution: for large rates by W. Hoermann's transformed rejection (PTRS, 1993), for small ones
// by multiplying uniform numbers.
int64_t draw_poisson(Generator& g, double rate) {
  if (rate == 0) return 0;
  if (rate < 10) {
    const double least = std::exp(-rate);
    int64_t count = 0;
    for (double product = draw_unit(g); product > least; product *= draw_unit(g)) ++count;
    return count;
  }
  const double root = std::sqrt(rate), log_rate = std::log(rate);
  const double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), accepted = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = draw_unit(g) - 0.5, v = draw_unit(g);
    const double edge = 0.5 - std::fabs(u);
    const int64_t k = cast<int64_t>(std::floor((2 * a / edge + b) * u + rate + 0.43));
    if (edge >= 0.07 && v <= accepted) return k;
    if (k < 0 || (edge < 0.013 && v > edge)) continue;
    const double bound = -rate + static_cast<double>(k) * log_rate - math::lgamma(static_cast<double>(k) + 1);
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (edge * edge) + b) <= bound) return k;
  }
}

}  // namespace

Status random_seed(const RandomSeedArguments& args) {
  const double seed = args.seed;
  mt19937::seed(generator(args.state), seed < 0 ? static_cast<uint64_t>(static_cast<int64_t>(seed)) : static_cast<uint64_t>(seed));
  return Status::ok;
}

Status random_raw(const RandomRawArguments& args) {
  Generator& g = generator(args.state);
  fill<2>(args.out, g, [](const uint32_t* w) { return static_cast<int64_t>(wide(w) & INT64_MAX); });
  return Status::ok;
}

Status random_uniform(const RandomUniformArguments& args) {
  Generator& g = generator(args.state);
  const double from = args.from;
  const double to = args.to;
  if (args.out.count() == 0) return Status::ok;
  with_float(args.out.dtype, [&]<class T>(Type<T>) {
    const Uniform<T> map(from, to);
    if constexpr (std::is_same_v<T, double>) fill<2>(args.out, g, [=](const uint32_t* w) { return map(unit(w)); });
    else fill<1>(args.out, g, [=](const uint32_t* w) { return map(unit_float(*w)); });
  });
  return Status::ok;
}

Status random_normal(const RandomNormalArguments& args) {
  Generator& g = generator(args.state);
  const double mean = args.mean;
  const double std = args.std;
  const int64_t n = args.out.count();
  if (n == 0) return Status::ok;
  if (n < 16 || !dense(args.out)) {
    fill_each(args.out, [&] { return draw_normal(g, mean, std); });
    return Status::ok;
  }
  with_float(args.out.dtype, [&]<class T>(Type<T>) { normal_fill(args.out.as<T>(), n, g, mean, std); });
  return Status::ok;
}

Status random_log_normal(const RandomLogNormalArguments& args) {
  Generator& g = generator(args.state);
  const double mean = args.mean;
  const double std = args.std;
  if (args.out.count() == 0) return Status::ok;
  fill_each(args.out, [&] { return std::exp(draw_normal(g, mean, std)); });
  return Status::ok;
}

Status random_integers(const RandomIntegersArguments& args) {
  Generator& g = generator(args.state);
  const int64_t low = args.low;
  const double range = args.range;
  if (args.out.count() == 0) return Status::ok;
  if (range >= 0x1p64) {
    fill<2>(args.out, g, [](const uint32_t* w) { return static_cast<int64_t>(wide(w)); });
  } else if (range >= 0x1p28) {
    const uint64_t r = static_cast<uint64_t>(range);
    fill<2>(args.out, g, [=](const uint32_t* w) { return static_cast<int64_t>(wide(w) % r + static_cast<uint64_t>(low)); });
  } else {
    const uint32_t r = static_cast<uint32_t>(range);
    fill<1>(args.out, g, [=](const uint32_t* w) { return static_cast<int64_t>(*w % r) + low; });
  }
  return Status::ok;
}

Status random_full(const RandomFullArguments& args) {
  Generator& g = generator(args.state);
  if (args.out.count() == 0) return Status::ok;
  // The whole non-negative range of an integer type, the integers that a float type holds without gaps.
  const auto modulo = [&](uint32_t m) {
    fill<1>(args.out, g, [=](const uint32_t* w) { return static_cast<int64_t>(*w % m); });
  };
  switch (args.out.dtype) {
    case DType::int64: fill<2>(args.out, g, [](const uint32_t* w) { return static_cast<int64_t>(wide(w) & INT64_MAX); }); break;
    case DType::float64:
      fill<2>(args.out, g, [](const uint32_t* w) { return static_cast<int64_t>(wide(w) % ((uint64_t{1} << 53) + 1)); });
      break;
    case DType::int32: modulo(1u << 31); break;
    case DType::int16: modulo(1u << 15); break;
    case DType::int8: modulo(1u << 7); break;
    case DType::uint8: modulo(1u << 8); break;
    case DType::boolean: modulo(2); break;
    case DType::float32: modulo((1u << 24) + 1); break;
    case DType::float16: modulo((1u << 11) + 1); break;
    case DType::bfloat16: modulo((1u << 8) + 1); break;
    // The op refuses all others.
    default: break;
  }
  return Status::ok;
}

Status random_bernoulli(const RandomBernoulliArguments& args) {
  Generator& g = generator(args.state);
  const double p = args.p;
  if (args.out.count() == 0) return Status::ok;
  fill<2>(args.out, g, [=](const uint32_t* w) { return static_cast<int64_t>(unit(w) < p); });
  return Status::ok;
}

Status random_bernoulli_tensor(const RandomBernoulliTensorArguments& args) {
  Generator& g = generator(args.state);
  if (args.out.count() == 0) return Status::ok;
  const Strided<2> walk = draw_order<2>(args.out, &args.p);
  const int64_t out_step = walk.stride[0][walk.ndim - 1];
  const int64_t p_step = walk.stride[1][walk.ndim - 1];
  with_float(args.p.dtype, [&]<class P>(Type<P>) {
    int64_t hits[kChunk];
    walk.visit(0, walk.count(), [&](const int64_t* offset, int64_t n) {
      const P* from = args.p.as<P>() + offset[1];
      for (int64_t begin = 0; begin < n; begin += kChunk) {
        const int64_t size = n - begin < kChunk ? n - begin : kChunk;
        for (int64_t i = 0; i < size; ++i) {
          const auto probability = Element<P>::load(from[(begin + i) * p_step]);
          if constexpr (std::is_same_v<P, double>) hits[i] = draw_unit(g) < probability;
          else hits[i] = unit_float(draw32(g)) < probability;
        }
        store(args.out, offset[0] + begin * out_step, out_step, hits, size);
      }
    });
  });
  return Status::ok;
}

Status random_poisson(const RandomPoissonArguments& args) {
  Generator& g = generator(args.state);
  if (args.out.count() == 0) return Status::ok;
  const Strided<2> walk = draw_order<2>(args.out, &args.rates);
  const int64_t out_step = walk.stride[0][walk.ndim - 1];
  const int64_t rate_step = walk.stride[1][walk.ndim - 1];
  with_float(args.rates.dtype, [&]<class P>(Type<P>) {
    walk.visit(0, walk.count(), [&](const int64_t* offset, int64_t n) {
      const P* from = args.rates.as<P>() + offset[1];
      for (int64_t i = 0; i < n; ++i) {
        const int64_t count = draw_poisson(g, static_cast<double>(Element<P>::load(from[i * rate_step])));
        store(args.out, offset[0] + i * out_step, out_step, &count, 1);
      }
    });
  });
  return Status::ok;
}

Status random_exponential(const RandomExponentialArguments& args) {
  Generator& g = generator(args.state);
  const double lambda = args.lambda;
  if (args.out.count() == 0) return Status::ok;
  // To the last bit of a double only libm's logarithm will do; rounded to float both are the same.
  if (args.out.dtype == DType::float64) fill<2>(args.out, g, [=](const uint32_t* w) { return -1.0 / lambda * std::log1p(-unit(w)); });
  else fill<2>(args.out, g, [=](const uint32_t* w) { return -1.0 / lambda * math::log1p(-unit(w)); });
  return Status::ok;
}

Status random_geometric(const RandomGeometricArguments& args) {
  Generator& g = generator(args.state);
  const double p = args.p;
  if (args.out.count() == 0) return Status::ok;
  const double scale = std::log1p(-p);
  fill<2>(args.out, g, [=](const uint32_t* w) { return std::ceil(std::log(unit(w)) / scale); });
  return Status::ok;
}

Status random_cauchy(const RandomCauchyArguments& args) {
  Generator& g = generator(args.state);
  const double median = args.median;
  const double sigma = args.sigma;
  if (args.out.count() == 0) return Status::ok;
  // The tangent's poles are kept away from.
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  fill<2>(args.out, g, [=](const uint32_t* w) {
    const double u = std::fmin(std::fmax(unit(w), epsilon), 1.0 - epsilon);
    return math::madd(sigma, std::tan(std::numbers::pi * (u - 0.5)), median);
  });
  return Status::ok;
}

Status random_permutation(const RandomPermutationArguments& args) {
  Generator& g = generator(args.state);
  const int64_t n = args.out.count();
  if (n == 0) return Status::ok;
  int64_t next = 0;
  fill_each(args.out, [&] { return next++; });
  const int64_t step = args.out.ndim ? args.out.stride[0] : 1;
  with_item_size(args.out.dtype, [&]<class T>(Type<T>) {
    T* data = args.out.as<T>();
    // 32 bits bias the choice too much beyond this.
    const bool wide = n >= static_cast<int64_t>(UINT32_MAX / 20);
    for (int64_t i = 0; i < n - 1; ++i) {
      const int64_t left = n - i;
      const int64_t z = wide ? static_cast<int64_t>(draw64(g) % static_cast<uint64_t>(left))
                             : static_cast<int64_t>(draw32(g) % static_cast<uint32_t>(left));
      std::swap(data[i * step], data[(i + z) * step]);
    }
  });
  return Status::ok;
}

// The error tells what is wrong with a row: 0 a negative weight, 1 an infinite one or NaN, 2 nothing but zeros.
Status multinomial_replacement(const MultinomialReplacementArguments& args) {
  Generator& g = generator(args.state);
  const int64_t rows = args.weights.size[0];
  const int64_t n = args.weights.size[1];
  const int64_t draws = args.out.size[1];
  Status status = Status::ok;
  with_float(args.weights.dtype, [&]<class T>(Type<T>) {
    using V = typename Element<T>::Value;
    V* cumulative = scratch_array<V>(0, n);
    if (!cumulative) {
      status = args.fail(Status::out_of_memory, static_cast<double>(n) * sizeof(V));
      return;
    }
    const auto accumulate = [&](int64_t row) -> int {
      const T* w = args.weights.as<T>() + row * n;
      V sum = 0;
      for (int64_t j = 0; j < n; ++j) {
        const V value = Element<T>::load(w[j]);
        if (value < 0) return 0;
        if (!(value <= std::numeric_limits<V>::max())) return 1;
        sum += value;
        cumulative[j] = sum;
      }
      if (!(sum > 0)) return 2;
      for (int64_t j = 0; j < n; ++j) cumulative[j] /= sum;
      cumulative[n - 1] = 1;
      return -1;
    };
    for (int64_t row = 0; row < rows; ++row) {
      const int fault = accumulate(row);
      if (fault < 0) continue;
      status = args.fail(Status::invalid_probability, fault);
      return;
    }
    for (int64_t row = 0; row < rows; ++row) {
      if (rows > 1) accumulate(row);
      for (int64_t k = 0; k < draws; ++k) {
        const double u = draw_unit(g);
        int64_t left = 0;
        int64_t right = n;
        while (left < right) {
          const int64_t middle = left + (right - left) / 2;
          if (static_cast<double>(cumulative[middle]) < u) left = middle + 1;
          else right = middle;
        }
        args.out.as<int64_t>()[row * args.out.stride[0] + k * args.out.stride[1]] = left;
      }
    }
  });
  return status;
}

}  // namespace flambeau::FLAMBEAU_ISA
