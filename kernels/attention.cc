// Attention without the matrix of scores (T. Dao et al., "FlashAttention", 2022): of each head a block of queries is carried to its end
// while its scores stay in the cache. The gradient computes them again.
//
// Heads are shared out among threads in the gradient, where those of keys and values are sums over queries; blocks of queries are, too,
// on the way forward.
#include <algorithm>
#include <atomic>
#include <cmath>

#include "elements.h"
#include "math.h"
#include "matmul.h"
#include "parallel.h"
#include "run_sums.h"
#include "generated/attention.h"
#include "generated/attention_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int kScoreSlot = kFirstFreeSlot, kGradientSlot = kFirstFreeSlot + 1;
// The scores of a block of queries: half of a second-level cache.
constexpr int64_t kScoreBytes = 256 << 10, kMostQueries = 128, kFewestQueries = 16;

// A head's matrix within [batch, heads, rows, columns].
template <class T>
struct Matrix {
  T* data;
  int64_t row, column;

  Matrix(const View& v, int64_t batch, int64_t head)
      : data(v.as<T>() + batch * v.stride[0] + head * v.stride[1]), row(v.stride[2]), column(v.stride[3]) {}

  T* at(int64_t i) const { return data + i * row; }
};

template <class T>
struct Heads {
  int64_t batch, heads, queries, keys, depth, values;
  T scale;
  bool causal;

  template <class A>
  explicit Heads(const A& args)
      : batch(args.query.size[0]),
        heads(args.query.size[1]),
        queries(args.query.size[2]),
        keys(args.key.size[2]),
        depth(args.query.size[3]),
        values(args.value.size[3]),
        scale(static_cast<T>(args.scale)),
        causal(args.causal) {}

  int64_t block() const {
    const int64_t fit = kScoreBytes / static_cast<int64_t>(sizeof(T)) / std::max<int64_t>(1, keys);
    return std::clamp(fit / 8 * 8, kFewestQueries, kMostQueries);
  }
  // How many keys the queries before `end` look at.
  int64_t seen(int64_t end) const { return causal ? std::min(keys, end) : keys; }
  int64_t seen_by(int64_t query) const { return seen(query + 1); }

  // scores = scale * query keyᵀ + mask for some queries and the keys they see.
  [[gnu::noinline]] Status score(const View& query, const View& key, const View& mask, int64_t b, int64_t h, int64_t begin, int64_t end, T* scores) const {
    const Matrix<const T> q(query, b, h), k(key, b, h);
    const int64_t count = seen(end);
    MatrixProduct<T> p{end - begin, count, depth, q.at(begin), q.row, q.column, k.data, k.column, k.row, scores, count, 1};
    p.alpha = scale;
    const Status status = multiply(p);
    if (mask && status == Status::ok) {
      const Matrix<const T> m(mask, b, h);
      for (int64_t i = begin; i < end; ++i) {
        T* row = scores + (i - begin) * count;
        for (int64_t j = 0; j < count; ++j) row[j] += m.at(i)[j * m.column];
      }
    }
    return status;
  }
};

// row = exp(row - shift)
template <class T>
[[gnu::noinline]] void exponentials(T* row, int64_t n, T shift) {
  for (int64_t j = 0; j < n; ++j) row[j] = math::exp(row[j] - shift);
}

// A row's softmax in place, zeros where it is of nothing but -inf; gives the logarithm of its sum.
template <class T>
[[gnu::noinline]] T softmax(T* row, int64_t n) {
  const T top = largest(row, n);
  // NaN among them makes all of them NaN; `largest` passes them over.
  const T shift = top == -std::numeric_limits<T>::infinity() ? T(0) : top;
  exponentials(row, n, shift);
  const double total = sum_long<T>(n, [=](auto at) { return at(static_cast<const T*>(row)); });
  const T factor = total == 0 ? T(0) : static_cast<T>(1 / total);
  for (int64_t j = 0; j < n; ++j) row[j] *= factor;
  return shift + static_cast<T>(std::log(total));
}

template <class T>
Status forward(const AttentionArguments& args) {
  const Heads<T> heads(args);
  const int64_t block = heads.block(), blocks = (heads.queries + block - 1) / block;
  std::atomic<Status> status{Status::ok};
  parallel_for(heads.batch * heads.heads * blocks, 1, [&](int64_t first, int64_t last) {
    T* scores = scratch_array<T>(kScoreSlot, block * heads.keys);
    if (!scores) {
      status = args.fail(Status::out_of_memory, static_cast<double>(block * heads.keys) * sizeof(T));
      return;
    }
    for (int64_t task = first; task < last; ++task) {
      const int64_t head = task / blocks, b = head / heads.heads, h = head % heads.heads;
      const int64_t begin = task % blocks * block, end = std::min(begin + block, heads.queries), count = heads.seen(end);
      Status found = heads.score(args.query, args.key, args.mask, b, h, begin, end, scores);
      T* log_sum = args.log_sum.as<T>() + head * heads.queries;
      for (int64_t i = begin; i < end; ++i) {
        T* row = scores + (i - begin) * count;
        const int64_t own = heads.seen_by(i);
        log_sum[i] = softmax(row, own);
        std::fill(row + own, row + count, T(0));
      }
      const Matrix<const T> v(args.value, b, h);
      const Matrix<T> out(args.out, b, h);
      if (found == Status::ok)
        found = multiply(MatrixProduct<T>{end - begin, heads.values, count, scores, count, 1, v.data, v.row, v.column, out.at(begin), out.row, out.column});
      if (found != Status::ok) status = found;
    }
  });
  return status;
}

template <class T>
[[gnu::noinline]] void clear(const Matrix<T>& m, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) m.at(i)[j * m.column] = 0;
}

template <class T>
Status backward(const AttentionBackwardArguments& args) {
  const Heads<T> heads(args);
  const int64_t block = heads.block();
  std::atomic<Status> status{Status::ok};
  parallel_for(heads.batch * heads.heads, 1, [&](int64_t first, int64_t last) {
    T* weights = scratch_array<T>(kScoreSlot, block * heads.keys);
    T* by_score = scratch_array<T>(kGradientSlot, block * heads.keys);
    if (!weights || !by_score) {
      status = args.fail(Status::out_of_memory, static_cast<double>(block * heads.keys) * sizeof(T));
      return;
    }
    for (int64_t head = first; head < last; ++head) {
      const int64_t b = head / heads.heads, h = head % heads.heads;
      const Matrix<const T> q(args.query, b, h), k(args.key, b, h), v(args.value, b, h), out(args.out, b, h), grad(args.grad, b, h);
      const Matrix<T> by_query(args.grad_query, b, h), by_key(args.grad_key, b, h), by_value(args.grad_value, b, h);
      const T* log_sum = args.log_sum.as<T>() + head * heads.queries;
      clear(by_key, heads.keys, heads.depth);
      clear(by_value, heads.keys, heads.values);
      for (int64_t begin = 0; begin < heads.queries; begin += block) {
        const int64_t end = std::min(begin + block, heads.queries), rows = end - begin, count = heads.seen(end);
        Status found = heads.score(args.query, args.key, args.mask, b, h, begin, end, weights);
        const auto then = [&](const MatrixProduct<T>& product) {
          if (found == Status::ok) found = multiply(product);
        };
        // By the weights: grad valueᵀ.
        then({rows, count, heads.values, grad.at(begin), grad.row, grad.column, v.data, v.column, v.row, by_score, count, 1});
        for (int64_t i = begin; i < end; ++i) {
          T* weight = weights + (i - begin) * count;
          T* gradient = by_score + (i - begin) * count;
          const int64_t own = heads.seen_by(i);
          const bool sees = log_sum[i] != -std::numeric_limits<T>::infinity();
          const T sum = log_sum[i];
          double mean = 0;
          for (int64_t d = 0; d < heads.values; ++d) mean += static_cast<double>(grad.at(i)[d * grad.column]) * static_cast<double>(out.at(i)[d * out.column]);
          const T centre = static_cast<T>(mean);
          if (sees) {
            exponentials(weight, own, sum);
            for (int64_t j = 0; j < own; ++j) gradient[j] = weight[j] * (gradient[j] - centre);
          }
          const int64_t known = sees ? own : 0;
          std::fill(weight + known, weight + count, T(0));
          std::fill(gradient + known, gradient + count, T(0));
        }
        MatrixProduct<T> to_value{count, heads.values, rows, weights, 1, count, grad.at(begin), grad.row, grad.column, by_value.data, by_value.row, by_value.column};
        to_value.beta = 1;
        MatrixProduct<T> to_key{count, heads.depth, rows, by_score, 1, count, q.at(begin), q.row, q.column, by_key.data, by_key.row, by_key.column};
        to_key.beta = 1;
        to_key.alpha = heads.scale;
        MatrixProduct<T> to_query{rows, heads.depth, count, by_score, count, 1, k.data, k.row, k.column, by_query.at(begin), by_query.row, by_query.column};
        to_query.alpha = heads.scale;
        then(to_value);
        then(to_key);
        then(to_query);
        if (found != Status::ok) status = found;
      }
    }
  });
  return status;
}

}  // namespace

Status attention(const AttentionArguments& args) {
  return args.query.dtype == DType::float32 ? forward<float>(args) : forward<double>(args);
}

Status attention_backward(const AttentionBackwardArguments& args) {
  return args.query.dtype == DType::float32 ? backward<float>(args) : backward<double>(args);
}

}  // namespace flambeau::FLAMBEAU_ISA
