// Eigenvalues and eigenvectors of square matrices: balancing, Hessenberg form, Schur form, back substitution.
#include "back_transform.h"
#include "generated/general_eigen.h"
#include "hessenberg.h"
#include "triangular_eigenvectors.h"
#include "wide.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int kWorkSlot = kFirstFreeSlot + 4;

// Makes vectors one long, with a real element where it is the largest.
template <class R>
void normalize(Complex<R>* v, int64_t n) {
  R most = 0;
  for (int64_t i = 0; i < n; ++i) most = std::max(most, std::max(std::abs(v[i].re), std::abs(v[i].im)));
  if (!(most > 0) || !(most <= std::numeric_limits<R>::max())) return;
  R sum = 0, longest = 0;
  int64_t at = 0;
  bool real = true;
  for (int64_t i = 0; i < n; ++i) {
    v[i] = {v[i].re / most, v[i].im / most};
    real = real && v[i].im == 0;
    const R square = squared_length(v[i]);
    sum += square;
    if (square > longest) {
      longest = square;
      at = i;
    }
  }
  const R length = std::sqrt(sum), size = std::sqrt(longest);
  const Complex<R> by = real ? Complex<R>{1 / length, 0} : Complex<R>{v[at].re / size / length, -v[at].im / size / length};
  for (int64_t i = 0; i < n; ++i) v[i] = v[i] * by;
  if (!real) v[at].im = 0;
}

template <class T>
Status decompose(const Matrix<T>& input, Complex<Part<T>>* values, const Matrix<Complex<Part<T>>>* vectors, int32_t& info) {
  using R = Part<T>;
  using C = Complex<R>;
  const int64_t n = input.rows, pitch = pitch_of(n), whole_size = n * pitch;
  const int64_t bytes = (vectors ? 3 : 1) * Pieces::size<T>(whole_size) + (vectors ? Pieces::size<C>(n) : 0) + 2 * Pieces::size<T>(n) + 3 * Pieces::size<R>(n) + Pieces::size<int64_t>(n);
  char* memory = scratch_array<char>(kWorkSlot, bytes);
  if (!memory) return Status::out_of_memory;
  Pieces pieces(memory);
  const Dense<T> h{pieces.take<T>(whole_size), n, pitch};
  const Dense<T> z{vectors ? pieces.take<T>(whole_size) : nullptr, n, pitch}, x{vectors ? pieces.take<T>(whole_size) : nullptr, n, pitch};
  T *tau = pieces.take<T>(n), *work = pieces.take<T>(n);
  R *re = pieces.take<R>(n), *im = pieces.take<R>(n);
  Balance<R> balance{0, n - 1, pieces.take<R>(n), pieces.take<int64_t>(n)};

  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < n; ++i) h(i, j) = input.get(i, j);
    std::fill(h.column(j) + n, h.column(j) + pitch, T{});
  }
  const R most = columns::largest(h.data, whole_size);
  info = 0;
  if (!(most <= std::numeric_limits<R>::max())) {
    const R nan = std::numeric_limits<R>::quiet_NaN();
    std::fill_n(values, n, C{nan, nan});
    info = 1;
    return Status::ok;
  }
  const R by = columns::scale_of(most);
  if (by != 1) {
    for (int64_t i = 0; i < whole_size; ++i) h.data[i] = scale(by, h.data[i]);
  }
  balance.apply(h.matrix());
  const int64_t first = balance.first, last = balance.last;
  reduce_to_hessenberg(h.data, n, pitch, first, last, tau, work);
  Status status = Status::ok;
  if (vectors) {
    std::fill_n(z.data, whole_size, T{});
    for (int64_t i = 0; i < n; ++i) z(i, i) = from_real<T>(1);
    status = apply_reflections(h.data, pitch, std::max<int64_t>(0, last - 1), 1, tau, z.matrix());
    if (status != Status::ok) return status;
  }
  const Dense<T>* turned = vectors ? &z : nullptr;
  // What the reflections left below the subdiagonal.
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = j + 2; i < n; ++i) h(i, j) = T{};
  }
  if constexpr (is_complex<T>) {
    for (int64_t i = 0; i < n; ++i) values[i] = h(i, i);
    info = static_cast<int32_t>(complex_schur(h, first, last, vectors != nullptr, turned, values));
  } else {
    for (int64_t i = 0; i < n; ++i) {
      re[i] = h(i, i);
      im[i] = 0;
    }
    info = static_cast<int32_t>(real_schur(h, first, last, vectors != nullptr, turned, re, im));
    for (int64_t i = 0; i < n; ++i) values[i] = {re[i], im[i]};
  }
  for (int64_t i = 0; i < n; ++i) values[i] = {values[i].re / by, values[i].im / by};
  if (!vectors || info != 0) return status;
  const R norm = columns::largest(h.data, whole_size);
  if constexpr (is_complex<T>) triangular_eigenvectors(h, x, norm);
  else quasi_triangular_eigenvectors(h, im, x, norm);
  // The Schur form is not needed any more.
  status = product(h.matrix(), z.matrix(), x.matrix(), false, R(0));
  C* v = pieces.take<C>(n);
  for (int64_t k = 0; k < n && status == Status::ok; ++k) {
    bool pair = false;
    if constexpr (is_complex<T>) {
      std::copy_n(h.column(k), n, v);
    } else {
      pair = im[k] != 0;
      for (int64_t i = 0; i < n; ++i) v[i] = {h(i, k), pair ? h(i, k + 1) : R(0)};
    }
    balance.undo(v, n);
    normalize(v, n);
    for (int64_t i = 0; i < n; ++i) *vectors->at(i, k) = v[i];
    if (!pair) continue;
    ++k;
    for (int64_t i = 0; i < n; ++i) *vectors->at(i, k) = conjugate(v[i]);
  }
  return status;
}

}  // namespace

Status general_eigen(const GeneralEigenArguments& args) {
  return with_narrow_real(args.input.dtype, [&](auto wide, auto type) {
    using T = typename decltype(wide)::type;
    using S = typename decltype(type)::type;
    using C = Complex<Part<T>>;
    using Stored = Complex<Part<S>>;
    const int64_t n = args.input.size[1];
    return for_each_matrix(args.input.size[0], 20 * n * n * n, [&](int64_t i) {
      // Results first: those are complex.
      Wide<C, Stored> results;
      if (!results.allocate(2 * n * n + n)) return Status::out_of_memory;
      const Matrix<Stored> given_values = row_of(args.values.as<Stored>() + i * n, n), given_vectors = args.vectors ? matrix_at<Stored>(args.vectors, i) : Matrix<Stored>{};
      const Matrix<S> given = matrix_at<S>(args.input, i);
      const Matrix<C> values = results.stand_in(given_values, false), vectors = results.stand_in(given_vectors, false);
      Matrix<T> input;
      if constexpr (std::is_same_v<T, S>) {
        input = given;
      } else {
        input = Matrix<T>{reinterpret_cast<T*>(values.data + n + n * n), n, n, 1, n};
        convert(input, given);
      }
      const Status status = decompose(input, values.data, args.vectors ? &vectors : nullptr, args.info.as<int32_t>()[i]);
      results.give_back(given_values, values);
      if (args.vectors) results.give_back(given_vectors, vectors);
      return status;
    });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
