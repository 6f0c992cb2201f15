// Singular values and vectors of matrices, by way of a bidiagonal form.
#include "back_transform.h"
#include "bidiagonal.h"
#include "bidiagonal_divide.h"
#include "generated/svd.h"
#include "householder_factor.h"
#include "svd_lanes.h"
#include "wide.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int kWorkSlot = kFirstFreeSlot + 4;

// Where singular vectors go, as columns; perhaps their conjugates are written.
template <class T>
struct Target {
  Matrix<T> columns;
  bool conjugated;

  void write(const T* from) const {
    for (int64_t j = 0; j < columns.columns; ++j) {
      for (int64_t i = 0; i < columns.rows; ++i) *columns.at(i, j) = conjugated ? conjugate(from[j * columns.rows + i]) : from[j * columns.rows + i];
    }
  }
};

// Singular vectors of the bidiagonal form, the largest value's first, with columns of the identity after them.
template <class T, class V>
void widen(T* to, int64_t rows, int64_t columns, const Columns<V>& from, const int64_t* ascending) {
  for (int64_t j = 0; j < columns; ++j) {
    T* column = to + j * rows;
    std::fill_n(column, rows, T{});
    if (j >= from.rows) {
      column[j] = from_real<T>(1);
      continue;
    }
    const V* found = from.column(ascending[from.rows - 1 - j]);
    for (int64_t i = 0; i < from.rows; ++i) column[i] = from_real<T>(static_cast<Part<T>>(found[i]));
  }
}

// Many rows are worth a QR factorization: R is what is left (Chan, 1982).
bool is_tall(int64_t rows, int64_t columns) { return rows >= std::max(columns + 1, 11 * columns / 6); }

// A matrix with no more columns than rows in bidiagonal form, with the reflections that led there.
template <class T>
struct Bidiagonal {
  int64_t rows, columns;
  bool tall, flipped;
  T *a, *from_right, *tau, *right_tau, *outer_tau, *reduced, *work;
  double *d, *e;
  // What numbers were multiplied by.
  Part<T> by = 1;
  bool is_finite = true;

  static int64_t bytes(int64_t rows, int64_t columns) {
    return Pieces::size<T>(rows * columns) + (is_tall(rows, columns) ? 2 : 1) * Pieces::size<T>(columns * columns) + 3 * Pieces::size<T>(columns) +
           Pieces::size<T>(bidiagonal_work(rows, columns)) + 2 * Pieces::size<double>(columns);
  }
  // Of the adjoint of complex ones LAPACK decomposes the lower triangle as it stands, which shows in signs.
  Bidiagonal(Pieces& pieces, int64_t rows, int64_t columns, bool turned)
      : rows(rows), columns(columns), tall(is_tall(rows, columns)), flipped(is_complex<T> && tall && turned), a(pieces.take<T>(rows * columns)),
        from_right(pieces.take<T>(columns * columns)), tau(pieces.take<T>(columns)), right_tau(pieces.take<T>(columns)), outer_tau(pieces.take<T>(columns)),
        reduced(tall ? pieces.take<T>(columns * columns) : a), work(pieces.take<T>(bidiagonal_work(rows, columns))), d(pieces.take<double>(columns)),
        e(pieces.take<double>(columns)) {}

  int64_t height() const { return tall ? columns : rows; }

  Status reduce(const Matrix<T>& input) {
    for (int64_t j = 0; j < columns; ++j) {
      for (int64_t i = 0; i < rows; ++i) a[j * rows + i] = input.get(i, j);
    }
    const Part<T> most = columns::largest(a, rows * columns);
    is_finite = most <= std::numeric_limits<Part<T>>::max();
    if (!is_finite) return Status::ok;
    by = columns::scale_of(most);
    if (by != 1) {
      for (int64_t i = 0; i < rows * columns; ++i) a[i] = scale(by, a[i]);
    }
    if (tall) {
      const Status status = householder::factor(Matrix<T>{a, rows, columns, 1, rows}, outer_tau);
      if (status != Status::ok) return status;
      for (int64_t j = 0; j < columns; ++j) {
        for (int64_t i = 0; i < columns; ++i) reduced[j * columns + i] = flipped ? (i >= j ? conjugate(a[i * rows + j]) : T{}) : (i <= j ? a[j * rows + i] : T{});
      }
    }
    return bidiagonalize(reduced, height(), columns, d, e, tau, from_right, right_tau, work);
  }
};

// `input` has no more columns than rows; `turned` says that it is the adjoint of what was given.
template <class T>
Status decompose(const Matrix<T>& input, Part<T>* values, const Target<T>* left, const Target<T>* right, int32_t& info, bool turned) {
  using R = Part<T>;
  const int64_t rows = input.rows, columns = input.columns, pitch = pitch_of(columns), wide = left ? left->columns.columns : 0;
  const bool vectors = left != nullptr;
  using V = Divided<R>;
  char* memory = scratch_array<char>(
      kWorkSlot, Bidiagonal<T>::bytes(rows, columns) +
                     (vectors ? BidiagonalDivide<V>::bytes(columns) + 2 * Pieces::size<V>(columns * pitch) + Pieces::size<T>(rows * wide) + Pieces::size<T>(columns * columns) : Pieces::size<Rotation>(2 * columns)));
  if (!memory) return Status::out_of_memory;
  Pieces pieces(memory);
  Bidiagonal<T> form(pieces, rows, columns, turned);
  Status status = form.reduce(input);
  if (status != Status::ok) return status;
  info = 0;
  if (!form.is_finite) {
    std::fill_n(values, columns, std::numeric_limits<R>::quiet_NaN());
    info = -1;
    return Status::ok;
  }
  const bool tall = form.tall, flipped = form.flipped;
  if (!vectors) {
    Chains<double> none({}, nullptr);
    if (!bidiagonal_qr(form.d, form.e, columns, kRoundoff<R>, none, none, Columns<double>{}, pieces.take<Rotation>(2 * columns))) info = 1;
    for (int64_t i = 0; i < columns; ++i) values[i] = static_cast<R>(form.d[i] / form.by);
    return Status::ok;
  }
  // Vectors from the right change signs, but for a single column.
  BidiagonalDivide<V> divide(pieces, columns, (turned && !flipped) == (columns > 1));
  const Columns<V> u{pieces.take<V>(columns * pitch), columns, pitch}, v{pieces.take<V>(columns * pitch), columns, pitch};
  if (!divide.run(form.d, form.e, columns, u, v, status)) info = 1;
  if (status != Status::ok) return status;
  for (int64_t i = 0; i < columns; ++i) values[i] = static_cast<R>(form.d[divide.order[columns - 1 - i]] / form.by);
  T *l = pieces.take<T>(rows * wide), *r = pieces.take<T>(columns * columns);
  widen(l, rows, wide, flipped ? v : u, divide.order);
  widen(r, columns, columns, flipped ? u : v, divide.order);
  const Matrix<T> outer{l, rows, wide, 1, rows}, inner{l, form.height(), tall ? columns : wide, 1, rows}, other{r, columns, columns, 1, columns};
  status = apply_reflections(form.reduced, form.height(), columns, 0, form.tau, flipped ? other : inner);
  if (status == Status::ok) status = apply_reflections(form.from_right, columns, columns - 1, 1, form.right_tau, flipped ? inner : other);
  if (status == Status::ok && tall) status = apply_reflections(form.a, rows, columns, 0, form.outer_tau, outer);
  left->write(l);
  right->write(r);
  return status;
}

// The singular values of as many matrices as there are lanes of doubles. No status where steps do not converge.
template <class R>
std::optional<Status> values_in_lanes(const SvdArguments& args, int64_t first, int count) {
  constexpr int lanes = kLanes<double>;
  const bool turned = args.input.size[1] < args.input.size[2];
  const int64_t rows = args.input.size[turned ? 2 : 1], n = args.input.size[turned ? 1 : 2];
  char* memory = scratch_array<char>(kWorkSlot, Bidiagonal<R>::bytes(rows, n) + 2 * Pieces::size<Vector<double>>(n));
  if (!memory) return Status::out_of_memory;
  Pieces pieces(memory);
  Vector<double> *d = pieces.take<Vector<double>>(n), *e = pieces.take<Vector<double>>(n);
  Bidiagonal<R> form(pieces, rows, n, turned);
  R by[lanes];
  bool is_finite[lanes];
  std::fill_n(d, n, Vector<double>{});
  std::fill_n(e, n, Vector<double>{});
  for (int lane = 0; lane < count; ++lane) {
    const Matrix<R> input = matrix_at<R>(args.input, first + lane);
    const Status status = form.reduce(turned ? input.transposed() : input);
    if (status != Status::ok) return status;
    by[lane] = form.by;
    is_finite[lane] = form.is_finite;
    for (int64_t i = 0; form.is_finite && i < n; ++i) {
      d[i][lane] = form.d[i];
      if (i + 1 < n) e[i][lane] = form.e[i];
    }
  }
  interleaved::Bidiagonals<double> forms{d, e, n, nullptr, nullptr, 0, 0, {}, std::numeric_limits<R>::epsilon() / 2};
  if (!forms.diagonalize(false)) return std::nullopt;
  for (int lane = 0; lane < count; ++lane) {
    R* values = args.values.as<R>() + (first + lane) * n;
    for (int64_t i = 0; i < n; ++i) values[i] = is_finite[lane] ? static_cast<R>(d[i][lane] / by[lane]) : std::numeric_limits<R>::quiet_NaN();
    std::sort(values, values + n, std::greater<R>());
    args.info.as<int32_t>()[first + lane] = is_finite[lane] ? 0 : -1;
  }
  return Status::ok;
}

}  // namespace

Status svd(const SvdArguments& args) {
  return with_wide_complex(args.input.dtype, [&](auto wide, auto type) {
    using T = typename decltype(wide)::type;
    using S = typename decltype(type)::type;
    const int64_t rows = args.input.size[1], columns = args.input.size[2], least = std::min(rows, columns);
    const bool turned = rows < columns;
    const auto one = [&](int64_t i) {
      Wide<T, S> stand_ins;
      Wide<Part<T>, Part<S>> real;
      if (!stand_ins.allocate(rows * columns + rows * rows + columns * columns + least)) return Status::out_of_memory;
      const Matrix<S> given = matrix_at<S>(args.input, i), given_u = args.u ? matrix_at<S>(args.u, i) : Matrix<S>{}, given_v = args.u ? matrix_at<S>(args.vh, i) : Matrix<S>{};
      const Matrix<Part<S>> given_values = row_of(args.values.as<Part<S>>() + i * least, least);
      const Matrix<T> input = stand_ins.stand_in(given, true), u = stand_ins.stand_in(given_u, false), v = stand_ins.stand_in(given_v, false);
      Matrix<Part<T>> values;
      if constexpr (std::is_same_v<T, S>) values = given_values;
      else values = row_of(reinterpret_cast<Part<T>*>(input.data + rows * columns + u.rows * u.columns + v.rows * v.columns), least);
      int32_t& info = args.info.as<int32_t>()[i];
      const Target<T> left{u, false}, right{v.transposed(), true};
      const Status status = decompose(turned ? input.adjoint() : input, values.data, !args.u ? nullptr : (turned ? &right : &left), turned ? &left : &right, info, turned);
      if (args.u) {
        stand_ins.give_back(given_u, u);
        stand_ins.give_back(given_v, v);
      }
      real.give_back(given_values, values);
      return status;
    };
    if constexpr (!is_complex<S> && interleaved::kWideLanes) {
      const int64_t most = std::max(rows, columns), wide = args.u ? std::max(args.u.size[2], args.vh.size[1]) : least;
      if (least > 0 && !is_tall(most, least) && interleaved::takes<S>(args.input.size[0], most, wide)) {
        using interleaved::Stack;
        const Stack<S> input(args.input, turned), values(args.values.as<S>(), least);
        const Stack<S> u = args.u ? Stack<S>(args.u) : input, v = args.u ? Stack<S>(args.vh, true) : input;
        const Stack<S>& left = turned ? v : u;
        return interleaved::for_each_group<S>(args.input.size[0], 20 * rows * columns * least, one, [&](int64_t first, int count) -> std::optional<Status> {
          if (!interleaved::svd(input, first, count, values, args.u ? &left : nullptr, turned ? u : v, turned)) return std::nullopt;
          std::fill_n(args.info.as<int32_t>() + first, count, 0);
          return Status::ok;
        });
      }
      if (!args.u && interleaved::pays_for_values(args.input.size[0], least) && least > 1) {
        return interleaved::for_each_group<double>(args.input.size[0], 4 * rows * columns * least, one, [&](int64_t first, int count) { return values_in_lanes<S>(args, first, count); });
      }
    }
    return for_each_matrix(args.input.size[0], 8 * rows * columns * least, one);
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
