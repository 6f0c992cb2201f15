// Products of a vector and a short matrix, summed in the order in which PyTorch's library sums them where it takes SSE's instructions (MKL on AMD's
// processors), so that what is sensitive to the last bit, like L-BFGS, goes the same way. The orders were found by sums that tell which terms
// met first: two large ones that cancel swallow whatever is added to one of them. (Rows beyond the last group of four are summed there as memory is
// aligned, which is not followed.)
#include "short_products.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

template <class T> class ShortProduct {
 public:
  ShortProduct(const T* a, int64_t a_stride, const T* b, int64_t b_stride, int64_t n)
      : a_(a), b_(b), a_stride_(a_stride), b_stride_(b_stride), n_(n) {}

  // Of two vectors: four sums of a vector's lanes, the first of which takes what is left.
  T dot() const {
    T sum[4][kLanes] = {};
    int64_t t = 0;
    for (; t + 4 * kLanes <= n_; t += 4 * kLanes)
      for (int k = 0; k < 4; ++k) add(sum[k], t + k * kLanes);
    if (sizeof(T) == 4 && t + 2 * kLanes <= n_) {
      for (int k = 0; k < 2; ++k) add(sum[k], t + k * kLanes);
      t += 2 * kLanes;
    }
    for (; t + kLanes <= n_; t += kLanes) add(sum[0], t);
    for (; t < n_; ++t) sum[0][0] += term(t);
    for (int l = 0; l < kLanes; ++l) sum[0][l] = ((sum[0][l] + sum[1][l]) + sum[2][l]) + sum[3][l];
    return total(sum[0]);
  }

  // Of a row that lies in one piece: what whole vectors leave comes first, into the first lane.
  T row() const {
    T sum[kLanes] = {};
    int64_t t = 0;
    for (const int64_t head = (n_ - 1) % kLanes + 1; t < head; ++t) sum[0] += term(t);
    for (; t < n_; t += kLanes) add(sum, t);
    return total(sum);
  }

 private:
  static constexpr int kLanes = 16 / sizeof(T);

  T term(int64_t t) const { return a_[t * a_stride_] * b_[t * b_stride_]; }
  void add(T* sum, int64_t t) const {
    for (int l = 0; l < kLanes; ++l) sum[l] += term(t + l);
  }
  static T total(const T* sum) {
    if constexpr (kLanes == 2) return sum[0] + sum[1];
    else return (sum[0] + sum[2]) + (sum[1] + sum[3]);
  }

  const T *a_, *b_;
  int64_t a_stride_, b_stride_, n_;
};

template <class T> void sum_products(const MatrixProduct<T>& p) {
  T sum[kShort] = {};
  if (p.b_row == 1) {
    for (int64_t j = 0; j < p.columns; ++j) {
      const ShortProduct<T> product(p.a, p.a_column, p.b + j * p.b_column, 1, p.depth);
      sum[j] = p.columns == 1 ? product.dot() : product.row();
    }
  } else {
    // One term after another.
    for (int64_t t = 0; t < p.depth; ++t) {
      const T x = p.a[t * p.a_column];
      const T* row = p.b + t * p.b_row;
      if (p.b_column == 1) for (int64_t j = 0; j < p.columns; ++j) sum[j] += x * row[j];
      else for (int64_t j = 0; j < p.columns; ++j) sum[j] += x * row[j * p.b_column];
    }
  }
  for (int64_t j = 0; j < p.columns; ++j) {
    T* c = p.c + j * p.c_column;
    *c = p.beta != 0 ? p.beta * *c + p.alpha * sum[j] : p.alpha * sum[j];
  }
}

}  // namespace

void multiply_short(const MatrixProduct<float>& p) { sum_products(p); }
void multiply_short(const MatrixProduct<double>& p) { sum_products(p); }

}  // namespace flambeau::FLAMBEAU_ISA
