// The program that only moves elements: whole rows by memcpy, transpositions by tiles, the rest row by row.
#include <cstring>

#include "vm.h"

namespace flambeau::FLAMBEAU_ISA {

namespace {

// to[i * to_stride + j] = from[j * from_stride + i]
template <class T>
void transpose(T* to, int64_t to_stride, const T* from, int64_t from_stride, int64_t rows, int64_t columns) {
  constexpr int64_t tile = 64 / sizeof(T) < 8 ? 8 : 64 / sizeof(T);  // a cache line
  for (int64_t i = 0; i < rows; i += tile) {
    const int64_t height = std::min(tile, rows - i);
    for (int64_t j = 0; j < columns; j += tile) {
      const int64_t width = std::min(tile, columns - j);
      T* t = to + i * to_stride + j;
      const T* f = from + j * from_stride + i;
      if (height == tile && width == tile) {
        T block[tile][tile];
        for (int64_t b = 0; b < tile; ++b)
          for (int64_t a = 0; a < tile; ++a) block[b][a] = f[b * from_stride + a];
        for (int64_t a = 0; a < tile; ++a)
          for (int64_t b = 0; b < tile; ++b) t[a * to_stride + b] = block[b][a];
      } else {
        for (int64_t a = 0; a < height; ++a)
          for (int64_t b = 0; b < width; ++b) t[a * to_stride + b] = f[b * from_stride + a];
      }
    }
  }
}

// The offsets of an outer iteration, for dimensions from `first` on.
struct Offsets {
  int64_t to, from;
};
Offsets offsets(const Loop& loop, int first, int64_t lin) {
  Offsets o{0, 0};
  for (int d = first; d < loop.ndim; ++d) {
    const int64_t i = lin % loop.size[d];
    lin /= loop.size[d];
    o.to += i * loop.operand[0].stride[d];
    o.from += i * loop.operand[1].stride[d];
  }
  return o;
}

template <class T>
void copy_same(const Loop& loop) {
  T* to = reinterpret_cast<T*>(loop.operand[0].data);
  const T* from = reinterpret_cast<const T*>(loop.operand[1].data);
  const int64_t* ts = loop.operand[0].stride;
  const int64_t* fs = loop.operand[1].stride;
  if (loop.ndim == 0) {
    *to = *from;
    return;
  }
  constexpr int64_t grain = 65536;
  const int64_t row = loop.size[0];
  if (loop.ndim == 1 && ts[0] == 1 && fs[0] == 1) {
    if (to == from) return;
    parallel_for(row, grain, [&](int64_t b, int64_t e) { std::memcpy(to + b, from + b, (e - b) * sizeof(T)); });
    return;
  }
  // Written along dimension 0, read along dimension d.
  int d = 0;
  if (ts[0] == 1)
    for (int i = 1; i < loop.ndim; ++i)
      if (fs[i] == 1) d = i;
  if (d != 0 && row >= 4 && loop.size[d] >= 4) {
    Loop outer = loop;
    outer.swap_dims(1, d);
    const int64_t rows = outer.size[1];
    const int64_t panels = (rows + 63) / 64;
    const int64_t planes = loop.count / (row * rows);
    parallel_for(planes * panels, std::max<int64_t>(1, grain / (row * std::min<int64_t>(rows, 64))), [&](int64_t b, int64_t e) {
      for (int64_t k = b; k < e; ++k) {
        const Offsets o = offsets(outer, 2, k / panels);
        const int64_t first = k % panels * 64;
        transpose(to + o.to + first * outer.operand[0].stride[1], outer.operand[0].stride[1], from + o.from + first,
                  outer.operand[1].stride[0], std::min<int64_t>(64, rows - first), row);
      }
    });
    return;
  }
  const int64_t rows = loop.count / row;
  const auto move = [&](T* t, const T* f, int64_t n) {
    if (ts[0] == 1 && fs[0] == 1) {
      if (n < 32) for (int64_t i = 0; i < n; ++i) t[i] = f[i];
      else std::memcpy(t, f, n * sizeof(T));
    } else if (ts[0] == 1 && fs[0] == 0) {
      const T value = *f;
      for (int64_t i = 0; i < n; ++i) t[i] = value;
    } else if (ts[0] == 1) {
      for (int64_t i = 0; i < n; ++i) t[i] = f[i * fs[0]];
    } else {
      for (int64_t i = 0; i < n; ++i) t[i * ts[0]] = f[i * fs[0]];
    }
  };
  if (rows == 1) {
    parallel_for(row, grain, [&](int64_t b, int64_t e) { move(to + b * ts[0], from + b * fs[0], e - b); });
    return;
  }
  parallel_for(rows, std::max<int64_t>(1, grain / row), [&](int64_t b, int64_t e) {
    // Dimension 1 is stepped through without divisions.
    while (b < e) {
      const Offsets o = offsets(loop, 2, b / loop.size[1]);
      const int64_t first = b % loop.size[1];
      const int64_t last = std::min(loop.size[1], first + (e - b));
      for (int64_t i = first; i < last; ++i) move(to + o.to + i * ts[1], from + o.from + i * fs[1], row);
      b += last - first;
    }
  });
}

template <class T>
Status copy_converting(const Program& p, const Loop& loop) {
  bool out_of_memory = false;
  parallel_for(loop.count, grain_of(p), [&](int64_t begin, int64_t end) {
    alignas(64) char small[4096 + 128];
    Machine<T> machine(p, loop, 1, nullptr, small, sizeof small);
    if (!machine.ok()) {
      out_of_memory = true;
      return;
    }
    while (begin < end) {
      const int64_t n = machine.span(begin, end);
      machine.run(begin, n);
      machine.store(begin, n);
      begin += n;
    }
  });
  return out_of_memory ? Status::out_of_memory : Status::ok;
}

}  // namespace

Status copy(const Program& p, const Loop& loop) {
  const Operand& to = loop.operand[0];
  const Operand& from = loop.operand[1];
  if (to.dtype == from.dtype) {
    switch (to.item) {
      case 1: copy_same<uint8_t>(loop); break;
      case 2: copy_same<uint16_t>(loop); break;
      case 4: copy_same<uint32_t>(loop); break;
      case 16: copy_same<Complex<double>>(loop); break;
      default: copy_same<uint64_t>(loop);
    }
    return Status::ok;
  }
  switch (p.compute) {
    case Compute::float32: return copy_converting<float>(p, loop);
    case Compute::float64: return copy_converting<double>(p, loop);
    case Compute::complex64: return copy_converting<Complex<float>>(p, loop);
    case Compute::complex128: return copy_converting<Complex<double>>(p, loop);
    default: return copy_converting<int64_t>(p, loop);
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
