// Eigenvalues and eigenvectors of Hermitian matrices, by way of a tridiagonal form.
#include "back_transform.h"
#include "generated/symmetric_eigen.h"
#include "symmetric_lanes.h"
#include "tridiagonal.h"
#include "tridiagonal_divide.h"
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

// A matrix in tridiagonal form, with the reflections that led there.
template <class T>
struct Tridiagonal {
  int64_t n;
  T *a, *tau, *work;
  double *d, *e;
  // What numbers were multiplied by.
  Part<T> by = 1;
  bool is_finite = true;

  static int64_t bytes(int64_t n) {
    return Pieces::size<T>(n * n) + Pieces::size<T>(n) + Pieces::size<T>(tridiagonal_work(n)) + 2 * Pieces::size<double>(n);
  }
  Tridiagonal(Pieces& pieces, int64_t n)
      : n(n), a(pieces.take<T>(n * n)), tau(pieces.take<T>(n)), work(pieces.take<T>(tridiagonal_work(n))), d(pieces.take<double>(n)), e(pieces.take<double>(n)) {}

  Status reduce(const Matrix<T>& input, bool upper) {
    fill_both(a, input, upper);
    const Part<T> most = columns::largest(a, n * n);
    is_finite = most <= std::numeric_limits<Part<T>>::max();
    if (!is_finite) return Status::ok;
    by = columns::scale_of(most);
    if (by != 1) {
      for (int64_t i = 0; i < n * n; ++i) a[i] = scale(by, a[i]);
    }
    return tridiagonalize(a, n, d, e, tau, work);
  }
};

template <class T>
Status decompose(const Matrix<T>& input, bool upper, Part<T>* values, const Matrix<T>* vectors, int32_t& info) {
  using R = Part<T>;
  using V = Divided<R>;
  const int64_t n = input.rows, pitch = pitch_of(n);
  char* memory = scratch_array<char>(
      kWorkSlot, Tridiagonal<T>::bytes(n) + (vectors ? TridiagonalDivide<V>::bytes(n) + Pieces::size<V>(n * pitch) + Pieces::size<T>(std::is_same_v<T, V> ? 0 : n * pitch) : Pieces::size<Rotation>(n)));
  if (!memory) return Status::out_of_memory;
  Pieces pieces(memory);
  Tridiagonal<T> form(pieces, n);
  Status status = form.reduce(input, upper);
  if (status != Status::ok) return status;
  info = 0;
  if (!form.is_finite) {
    std::fill_n(values, n, std::numeric_limits<R>::quiet_NaN());
    info = static_cast<int32_t>(vectors ? n - 1 : 1);
    if (info == 0) info = 1;
    return Status::ok;
  }
  double* d = form.d;
  if (!vectors) {
    Chains<double> none({}, nullptr);
    if (!tridiagonal_ql(d, form.e, n, kRoundoff<R>, none, pieces.take<Rotation>(n))) info = 1;
    for (int64_t i = 0; i < n; ++i) values[i] = static_cast<R>(d[i] / form.by);
    return Status::ok;
  }
  TridiagonalDivide<V> divide(pieces, n);
  const Columns<V> z{pieces.take<V>(n * pitch), n, pitch};
  if (!divide.run(d, form.e, n, z, status)) info = 1;
  if (status != Status::ok) return status;
  for (int64_t i = 0; i < n; ++i) values[i] = static_cast<R>(d[divide.order[i]] / form.by);
  T* turned;
  if constexpr (std::is_same_v<T, V>) {
    turned = z.data;
  } else {
    turned = pieces.take<T>(n * pitch);
    for (int64_t i = 0; i < n * pitch; ++i) turned[i] = from_real<T>(static_cast<R>(z.data[i]));
  }
  status = apply_reflections(form.a, n, n - 1, 1, form.tau, Matrix<T>{turned, n, n, 1, pitch});
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < n; ++i) *vectors->at(i, j) = turned[divide.order[j] * pitch + i];
  }
  return status;
}

// The eigenvalues of as many matrices as there are lanes of doubles. No status where steps do not converge.
template <class R>
std::optional<Status> values_in_lanes(const SymmetricEigenArguments& args, int64_t first, int count) {
  constexpr int lanes = kLanes<double>;
  const int64_t n = args.input.size[1];
  char* memory = scratch_array<char>(kWorkSlot, Tridiagonal<R>::bytes(n) + 2 * Pieces::size<Vector<double>>(n));
  if (!memory) return Status::out_of_memory;
  Pieces pieces(memory);
  Vector<double> *d = pieces.take<Vector<double>>(n), *e = pieces.take<Vector<double>>(n);
  Tridiagonal<R> form(pieces, n);
  R by[lanes];
  bool is_finite[lanes];
  std::fill_n(d, n, Vector<double>{});
  std::fill_n(e, n, Vector<double>{});
  for (int lane = 0; lane < count; ++lane) {
    const Status status = form.reduce(matrix_at<R>(args.input, first + lane), args.upper);
    if (status != Status::ok) return status;
    by[lane] = form.by;
    is_finite[lane] = form.is_finite;
    for (int64_t i = 0; form.is_finite && i < n; ++i) {
      d[i][lane] = form.d[i];
      if (i + 1 < n) e[i][lane] = form.e[i];
    }
  }
  if (!interleaved::tridiagonal_ql<double>(d, e, n, std::numeric_limits<R>::epsilon() / 2, [](int64_t, const auto&) {})) return std::nullopt;
  for (int lane = 0; lane < count; ++lane) {
    R* values = args.values.as<R>() + (first + lane) * n;
    for (int64_t i = 0; i < n; ++i) values[i] = is_finite[lane] ? static_cast<R>(d[i][lane] / by[lane]) : std::numeric_limits<R>::quiet_NaN();
    std::sort(values, values + n);
    args.info.as<int32_t>()[first + lane] = is_finite[lane] ? 0 : 1;
  }
  return Status::ok;
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
        return interleaved::for_each_group<S>(args.input.size[0], 10 * n * n * n, one, [&](int64_t first, int count) -> std::optional<Status> {
          if (!interleaved::symmetric_eigen(input, first, count, values, args.vectors ? &vectors : nullptr)) return std::nullopt;
          std::fill_n(args.info.as<int32_t>() + first, count, 0);
          return Status::ok;
        });
      }
      if (!args.vectors && interleaved::pays_for_values(args.input.size[0], n)) {
        return interleaved::for_each_group<double>(args.input.size[0], 4 * n * n * n, one, [&](int64_t first, int count) { return values_in_lanes<S>(args, first, count); });
      }
    }
    return for_each_matrix(args.input.size[0], 4 * n * n * n, one);
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
