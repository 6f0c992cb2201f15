// The Cholesky factorization A = L Lᴴ, by halves: L₁₁ of A₁₁, L₂₁ by a triangular solve, L₂₂ of what is left of A₂₂.
#include "interleaved.h"
#include "generated/cholesky.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int64_t kBlock = 32;

// Column k less multiples of those before it. Real ones are taken whole, what stands above the diagonal, too, which nobody reads.
template <class T>
void reduce_column(T (*l)[kBlock], int64_t k, int64_t n) {
  if constexpr (is_complex<T>) {
    for (int64_t j = 0; j < k; ++j) {
      const T by = conjugate(l[j][k]);
      for (int64_t i = k; i < n; ++i) l[k][i] = l[k][i] - l[j][i] * by;
    }
  } else {
    constexpr int64_t lanes = kLanes<T>, vectors = kBlock / lanes;
    Vector<T> sums[vectors];
    for (int64_t v = 0; v < vectors; ++v) sums[v] = load(l[k] + v * lanes);
    for (int64_t j = 0; j < k; ++j) {
      const Vector<T> by = splat(-l[j][k]);
      FLAMBEAU_UNROLL
      for (int64_t v = 0; v < vectors; ++v) sums[v] = multiply_add(by, load(l[j] + v * lanes), sums[v]);
    }
    for (int64_t v = 0; v < vectors; ++v) store<T>(l[k] + v * lanes, sums[v]);
  }
}

// Returns the order of the first leading minor that is not positive, or 0.
template <class T>
int64_t factor_block(const Matrix<T>& a) {
  const int64_t n = a.rows;
  T l[kBlock][kBlock];
  int64_t failed = 0;
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < kBlock; ++i) l[j][i] = i >= j && i < n ? *a.at(i, j) : T{};
  }
  for (int64_t j = 0; j < n && failed == 0; ++j) {
    reduce_column(l, j, n);
    const Part<T> pivot = real_part(l[j][j]);
    if (!(pivot > 0)) {
      failed = j + 1;
      break;
    }
    const Part<T> root = std::sqrt(pivot);
    l[j][j] = from_real<T>(root);
    for (int64_t i = j + 1; i < n; ++i) l[j][i] = quotient(l[j][i], from_real<T>(root));
  }
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = j; i < n; ++i) *a.at(i, j) = l[j][i];
  }
  return failed;
}

// The lower triangle of c less a aᴴ.
template <class T>
Status subtract_square(const Matrix<T>& c, const Matrix<T>& a) {
  if (c.rows <= 2 * kBlock) return subtract_product(c, a, a.adjoint());
  const int64_t half = half_of(c.rows, kBlock), rest = c.rows - half;
  const Matrix<T> top = a.block(0, 0, half, a.columns), bottom = a.block(half, 0, rest, a.columns);
  Status status = subtract_square(c.block(0, 0, half, half), top);
  if (status == Status::ok) status = subtract_product(c.block(half, 0, rest, half), bottom, top.adjoint());
  return status == Status::ok ? subtract_square(c.block(half, half, rest, rest), bottom) : status;
}

// Along memory, whichever way that is.
template <class T>
void copy_lower(const Matrix<T>& to, const Matrix<T>& from) {
  const int64_t n = to.rows;
  if (to.column == 1 && from.column == 1) {
    for (int64_t i = 0; i < n; ++i) std::copy_n(from.at(i, 0), i + 1, to.at(i, 0));
  } else {
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t i = j; i < n; ++i) *to.at(i, j) = *from.at(i, j);
    }
  }
}
template <class T>
void clear_upper(const Matrix<T>& a) {
  const int64_t n = a.rows;
  if (a.column == 1) {
    for (int64_t i = 0; i < n; ++i) std::fill(a.at(i, i) + 1, a.at(i, 0) + n, T{});
  } else {
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t i = 0; i < j; ++i) *a.at(i, j) = T{};
    }
  }
}

// Writes above the diagonal, too.
template <class T>
Status factor(const Matrix<T>& a, int64_t before, int32_t& info) {
  const int64_t n = a.rows;
  if (n <= kBlock) {
    const int64_t failed = factor_block(a);
    if (failed != 0) info = static_cast<int32_t>(before + failed);
    return Status::ok;
  }
  const int64_t half = half_of(n, kBlock), rest = n - half;
  const Matrix<T> corner = a.block(0, 0, half, half), below = a.block(half, 0, rest, half);
  Status status = factor(corner, before, info);
  if (status != Status::ok || info != 0) return status;
  status = solve_triangle(corner.conjugate_of(), {}, below.transposed());
  if (status != Status::ok) return status;
  const Matrix<T> last = a.block(half, half, rest, rest);
  status = subtract_square(last, below);
  return status == Status::ok ? factor(last, before + half, info) : status;
}

template <class T>
void factor_interleaved(const CholeskyArguments& args) {
  const interleaved::Stack<T> input(args.input), out(args.out);
  const int64_t n = out.rows;
  interleaved::for_each_group<T>(args.out.size[0], n * n * n / 3, [&](int64_t first, int count) {
    Vector<T> a[interleaved::kMost], info{};
    gather(input, first, count, a);
    for (int64_t j = 0; j < n; ++j) {
      const Vector<T> pivot = a[j * n + j];
      const auto bad = ~(pivot > 0);
      info = (bad & (info == 0)) ? splat(T(j + 1)) : info;
      const Vector<T> diagonal = interleaved::root<T>(pivot);
      a[j * n + j] = diagonal;
      for (int64_t i = j + 1; i < n; ++i) a[i * n + j] = a[i * n + j] / diagonal;
      for (int64_t i = j + 1; i < n; ++i) {
        const Vector<T> by = -a[i * n + j];
        for (int64_t k = j + 1; k <= i; ++k) a[i * n + k] = multiply_add(by, a[k * n + j], a[i * n + k]);
        a[j * n + i] = Vector<T>{};
      }
    }
    spread(a, out, first, count);
    interleaved::write_integers<T>(info, count, args.info.as<int32_t>() + first);
  });
}

}  // namespace

Status cholesky(const CholeskyArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t n = args.out.size[1];
    if constexpr (!is_complex<T>) {
      if (interleaved::takes<T>(args.out.size[0], n, n)) {
        factor_interleaved<T>(args);
        return Status::ok;
      }
    }
    return for_each_matrix(args.out.size[0], n * n * n / 3, [&](int64_t index) {
      const Matrix<T> from = matrix_at<T>(args.input, index), to = matrix_at<T>(args.out, index);
      copy_lower(to, from);
      int32_t& info = args.info.as<int32_t>()[index];
      info = 0;
      const Status status = factor(to, 0, info);
      clear_upper(to);
      return status;
    });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
