// Padding by a tensor's own elements, and its gradient.
#include <algorithm>

#include "elements.h"
#include "parallel.h"
#include "generated/pad.h"
#include "generated/pad_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

using Mode = PadArguments::Mode;

struct Along {
  int64_t size, results, before;
  int64_t low, high;  // what is not cut off

  // Which element stands at place i.
  int64_t source(Mode mode, int64_t i) const {
    const int64_t at = i - before;
    if (mode == Mode::reflect) return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
    if (mode == Mode::replicate) return std::min(std::max<int64_t>(at, 0), size - 1);
    const int64_t kept = high - low;
    return low + ((at - low) % kept + kept) % kept;
  }
};

// Dimensions that stay as they are, at the front, are one.
struct Padding {
  Mode mode;
  int dims = 0;
  int64_t outer = 1;
  Along along[kMaxDims];

  template <class A>
  Padding(const A& args, const View& in, const View& out) : mode(static_cast<Mode>(args.mode)) {
    for (int d = 0; d < in.ndim; ++d) {
      const int64_t before = args.before[d], after = args.after[d];
      if (dims == 0 && before == 0 && after == 0 && d + 1 < in.ndim) {
        outer *= in.size[d];
      } else {
        along[dims++] = {in.size[d], out.size[d], before, std::max<int64_t>(0, -before), in.size[d] - std::max<int64_t>(0, -after)};
      }
    }
  }

  // Calls body(result's row, input's row) for the rows of a block, which dimensions before d have given these numbers.
  template <class F>
  void rows(int d, int64_t to, int64_t from, const F& body) const {
    const Along& a = along[d];
    if (d == dims - 1) return body(to * a.results, from * a.size);
    for (int64_t i = 0; i < a.results; ++i) rows(d + 1, to * a.results + i, from * a.size + a.source(mode, i), body);
  }
  template <class F>
  void all_rows(const F& body) const {
    int64_t work = 1;
    for (int d = 0; d < dims; ++d) work *= along[d].results;
    parallel_for(outer, std::max<int64_t>(1, 32768 / std::max<int64_t>(1, work)), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) rows(0, i, i, body);
    });
  }
  // Calls other(i, source) for the ends of a row and same(i, source, n) for what lies between them as it is.
  template <class Other, class Same>
  void row(const Other& other, const Same& same) const {
    const Along& a = along[dims - 1];
    const int64_t begin = std::min(std::max<int64_t>(a.before, 0), a.results);
    const int64_t end = std::max(begin, std::min(a.before + a.high, a.results));
    for (int64_t i = 0; i < begin; ++i) other(i, a.source(mode, i));
    if (begin < end) same(begin, begin - a.before, end - begin);
    for (int64_t i = end; i < a.results; ++i) other(i, a.source(mode, i));
  }
};

}  // namespace

Status pad(const PadArguments& args) {
  const Padding p(args, args.input, args.out);
  with_moved(args.out.dtype, [&]<class T>(Type<T>) {
    p.all_rows([&](int64_t to_row, int64_t from_row) {
      T* to = args.out.as<T>() + to_row;
      const T* from = args.input.as<T>() + from_row;
      p.row([=](int64_t i, int64_t at) { to[i] = from[at]; }, [=](int64_t i, int64_t at, int64_t n) { std::copy_n(from + at, n, to + i); });
    });
  });
  return Status::ok;
}

Status pad_backward(const PadBackwardArguments& args) {
  const Padding p(args, args.grad_input, args.grad_out);
  const auto spread = [&]<class T>(Type<T>) {
    using E = Element<T>;
    std::fill_n(args.grad_input.as<T>(), args.grad_input.count(), T{});
    p.all_rows([&](int64_t from_row, int64_t to_row) {
      T* to = args.grad_input.as<T>() + to_row;
      const T* from = args.grad_out.as<T>() + from_row;
      const auto add_one = [=](int64_t i, int64_t at) { to[at] = E::store(add(E::load(to[at]), E::load(from[i]))); };
      p.row(add_one, [=](int64_t i, int64_t at, int64_t n) {
        for (int64_t k = 0; k < n; ++k) add_one(i + k, at + k);
      });
    });
  };
  if (args.grad_input.dtype == DType::complex64) spread(Type<Complex<float>>{});
  else if (args.grad_input.dtype == DType::complex128) spread(Type<Complex<double>>{});
  else with_float(args.grad_input.dtype, spread);
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
