// Eigenvalues and eigenvectors of Hermitian matrices, by way of a tridiagonal form.
#include "back_transform.h"
#include "generated/symmetric_eigen.h"
#include "symmetric_lanes.h"
#include "tridiagonal.h"
#include "tridiagonal_ql.h"
#include "wide.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int kWorkSlot = kFirstFreeSlot + 4;

// Copies a triangle to both sides of the diagonal, which is real.
template <class T>
void fill_both(T* a, const Matrix<T>& from, bool upper) {
  const int64_t n = from.rows;
  for (int64_t j = 0; j < n; ++j) {
    a[j * n + j] = from_real<T>(real_part(*from.at(j, j)));
    for (int64_t i = j + 1; i < n; ++i) {
      const T x = upper ? conjugate(*from.at(j, i)) : *from.at(i, j);
      a[j * n + i] = x;
      a[i * n + j] = conjugate(x);
    }
  }
}

template <class T>
Status decompose(const Matrix<T>& input, bool upper, Part<T>* values, const Matrix<T>* vectors, int32_t& info) {
  using R = Part<T>;
  const int64_t n = input.rows;
  const int64_t bytes = Pieces::size<T>(n * n) + Pieces::size<T>(n) + Pieces::size<T>(tridiagonal_work(n)) + 2 * Pieces::size<double>(n) +
                        Pieces::size<Rotation>(n) + (vectors ? Pieces::size<R>(n * n) + Pieces::size<T>(is_complex<T> ? n * n : 0) : 0);
  char* memory = scratch_array<char>(kWorkSlot, bytes);
  if (!memory) return Status::out_of_memory;
  Pieces pieces(memory);
  T *a = pieces.take<T>(n * n), *tau = pieces.take<T>(n), *work = pieces.take<T>(tridiagonal_work(n));
  double *d = pieces.take<double>(n), *e = pieces.take<double>(n);
  Rotation* rotations = pieces.take<Rotation>(n);
  Columns<R> z{vectors ? pieces.take<R>(n * n) : nullptr, n, n};

  fill_both(a, input, upper);
  const R most = columns::largest(a, n * n);
  info = 0;
  if (!(most <= std::numeric_limits<R>::max())) {
    std::fill_n(values, n, std::numeric_limits<R>::quiet_NaN());
    info = static_cast<int32_t>(vectors ? n - 1 : 1);
    if (info == 0) info = 1;
    return Status::ok;
  }
  const R by = columns::scale_of(most);
  if (by != 1) {
    for (int64_t i = 0; i < n * n; ++i) a[i] = scale(by, a[i]);
  }
  Status status = tridiagonalize(a, n, d, e, tau, work);
  if (status != Status::ok) return status;
  if (z) z.set_identity(n);
  if (!tridiagonal_ql(d, e, n, z, rotations)) info = 1;
  for (int64_t i = 0; i < n; ++i) values[i] = static_cast<R>(d[i] / by);
  if (!vectors) return Status::ok;
  T* turned;
  if constexpr (is_complex<T>) {
    turned = pieces.take<T>(n * n);
    for (int64_t i = 0; i < n * n; ++i) turned[i] = from_real<T>(z.data[i]);
  } else {
    turned = z.data;
  }
  status = apply_reflections(a, n, n - 1, 1, tau, Matrix<T>{turned, n, n, 1, n});
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < n; ++i) *vectors->at(i, j) = turned[j * n + i];
  }
  return status;
}

}  // namespace

Status symmetric_eigen(const SymmetricEigenArguments& args) {
  return with_wide_complex(args.input.dtype, [&](auto wide, auto type) {
    using T = typename decltype(wide)::type;
    using S = typename decltype(type)::type;
    const int64_t n = args.input.size[1];
    const auto one = [&](int64_t i) {
      Wide<T, S> stand_ins;
      Wide<Part<T>, Part<S>> real;
      // Real numbers for the values stand behind the matrices.
      if (!stand_ins.allocate(2 * n * n + n)) return Status::out_of_memory;
      const Matrix<S> input = matrix_at<S>(args.input, i), vectors = args.vectors ? matrix_at<S>(args.vectors, i) : Matrix<S>{};
      const Matrix<Part<S>> values = row_of(args.values.as<Part<S>>() + i * n, n);
      const Matrix<T> a = stand_ins.stand_in(input, true), v = stand_ins.stand_in(vectors, false);
      Matrix<Part<T>> w;
      if constexpr (std::is_same_v<T, S>) w = values;
      else w = row_of(reinterpret_cast<Part<T>*>(a.data + 2 * n * n), n);
      const Status status = decompose(a, args.upper, w.data, args.vectors ? &v : nullptr, args.info.as<int32_t>()[i]);
      if (args.vectors) stand_ins.give_back(vectors, v);
      real.give_back(values, w);
      return status;
    };
    if constexpr (!is_complex<S> && interleaved::kWideLanes) {
      if (n > 0 && interleaved::takes<S>(args.input.size[0], n, n)) {
        const interleaved::Stack<S> input(args.input, args.upper), values(args.values.as<S>(), n);
        const interleaved::Stack<S> vectors = args.vectors ? interleaved::Stack<S>(args.vectors) : input;
        return interleaved::for_each_group<S>(args.input.size[0], 10 * n * n * n, one, [&](int64_t first, int count) {
          if (!interleaved::symmetric_eigen(input, first, count, values, args.vectors ? &vectors : nullptr)) return false;
          std::fill_n(args.info.as<int32_t>() + first, count, 0);
          return true;
        });
      }
    }
    return for_each_matrix(args.input.size[0], 4 * n * n * n, one);
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
