// Moving elements by index. Indices are checked completely before the first write.
#include <atomic>

#include "elements.h"
#include "strided.h"
#include "generated/gather.h"
#include "generated/index_add.h"
#include "generated/index_get.h"
#include "generated/index_put.h"
#include "generated/index_select.h"
#include "generated/masked_scatter.h"
#include "generated/nonzero.h"
#include "generated/scatter.h"
#include "generated/triangle.h"

namespace flambeau::FLAMBEAU_ISA {

namespace {

constexpr int64_t kGrain = 16384;

// Finds the first index outside [low, high), in row-major order.
bool find_outside(const View& index, int64_t low, int64_t high, int64_t* found) {
  Strided<1> walk;
  for (int d = 0; d < index.ndim; ++d) walk.push(index.size[d], {index.stride[d]});
  walk.coalesce();
  const int64_t* p = index.as<int64_t>();
  const int64_t step = walk.stride[0][walk.ndim - 1];
  std::atomic<bool> bad{false};
  parallel_for(walk.count(), 4 * kGrain, [&](int64_t begin, int64_t end) {
    walk.visit(begin, end, [&](const int64_t* offset, int64_t n) {
      const int64_t* q = p + offset[0];
      // The sign of either difference says so (or of both, where they overflow).
      uint64_t signs = 0;
      for (int64_t i = 0; i < n; ++i) {
        const uint64_t v = static_cast<uint64_t>(q[i * step]);
        signs |= (v - static_cast<uint64_t>(low)) | (static_cast<uint64_t>(high) - 1 - v);
      }
      if (signs >> 63) bad.store(true, std::memory_order_relaxed);
    });
  });
  if (!bad.load()) return false;
  // Which one comes first must not depend on the threads, so it is looked for in order.
  bool done = false;
  walk.visit(0, walk.count(), [&](const int64_t* offset, int64_t n) {
    for (int64_t i = 0; i < n && !done; ++i) {
      const int64_t v = p[offset[0] + i * step];
      if (v < low || v >= high) {
        *found = v;
        done = true;
      }
    }
  });
  return true;
}

// Runs body(part, offsets) over slices of the walk's largest dimension for which operand `ordered` does not move, so that
// elements that may meet in one place stay on one thread and in order, whatever the number of threads.
template <int K, class F>
void parallel_slices(const Strided<K>& walk, int ordered, F&& body) {
  const int64_t total = walk.count();
  if (total == 0) return;
  int split = -1;
  for (int d = 0; d < walk.ndim; ++d)
    if (walk.stride[ordered][d] == 0 && (split < 0 || walk.size[d] > walk.size[split])) split = d;
  const int64_t zero[K] = {};
  if (split < 0) {
    body(walk, zero);
    return;
  }
  const int64_t per = total / walk.size[split];
  int64_t grain = kGrain / (per > 0 ? per : 1) + 1;
  if (grain < 16) grain = 16;
  parallel_for(walk.size[split], grain, [&](int64_t begin, int64_t end) {
    Strided<K> part = walk;
    part.size[split] = end - begin;
    int64_t offset[K];
    for (int k = 0; k < K; ++k) offset[k] = begin * walk.stride[k][split];
    body(part, offset);
  });
}

using Combine = ScatterArguments::Reduce;

// target ∘= source of element type T.
template <Combine op, class T>
inline void combine(T& target, T source) {
  if constexpr (op == Combine::assign) {
    target = source;
  } else {
    using E = Element<T>;
    const auto a = E::load(target), b = E::load(source);
    if constexpr (op == Combine::add) target = E::store(add(a, b));
    if constexpr (op == Combine::multiply) target = E::store(multiply(a, b));
    if constexpr (op == Combine::amax) target = E::store(larger(a, b));
    if constexpr (op == Combine::amin) target = E::store(smaller(a, b));
  }
}

// ---- one broadcast index over several dimensions: index_get, index_put, index_select, index_add ---------------------

// Where the indexed dimensions lead, in elements, for each entry of the broadcast index (row-major).
struct Table {
  int64_t* offset = nullptr;
  int ndim = 0;
  int64_t size[kMaxDims];
  int64_t stride[kMaxDims];
};

// The indexed dimensions: their indices, sizes and strides.
struct Indexed {
  int count;
  const View* index;
  const int64_t* size;
  const int64_t* stride;
};

// Checks the indices (negative ones count from the end if `wrap`) and fills the table.
Status make_table(const Arguments& args, const Indexed& x, bool wrap, int64_t first_dim, Table& table) {
  for (int i = 0; i < x.count; ++i) {
    int64_t found = 0;
    if (find_outside(x.index[i], wrap ? -x.size[i] : 0, x.size[i], &found))
      return args.fail(Status::index_out_of_range, static_cast<double>(found), static_cast<double>(first_dim + i), static_cast<double>(x.size[i]));
  }
  table.ndim = x.count > 0 ? x.index[0].ndim : 0;
  int64_t entries = 1;
  for (int d = table.ndim - 1; d >= 0; --d) {
    int64_t n = 1;
    for (int i = 0; i < x.count; ++i)
      if (x.index[i].size[d] != 1) n = x.index[i].size[d];
    table.size[d] = n;
    table.stride[d] = entries;
    entries *= n;
  }
  table.offset = scratch_array<int64_t>(0, entries);
  if (!table.offset) return args.fail(Status::out_of_memory, static_cast<double>(entries) * 8);
  for (int i = 0; i < x.count; ++i) {
    const View& index = x.index[i];
    Strided<2> walk;
    for (int d = 0; d < table.ndim; ++d)
      walk.push(table.size[d], {table.stride[d], index.size[d] == 1 ? 0 : index.stride[d]});
    walk.coalesce();
    const int64_t* from = index.as<int64_t>();
    const int64_t step = walk.stride[1][walk.ndim - 1], length = x.size[i], stride = x.stride[i];
    const bool first = i == 0;
    parallel_for(walk.count(), 4 * kGrain, [&](int64_t begin, int64_t end) {
      walk.visit(begin, end, [&](const int64_t* offset, int64_t n) {
        // The table is written in its own order, so its step is 1 (or there is one entry).
        int64_t* to = table.offset + offset[0];
        const int64_t* q = from + offset[1];
        for (int64_t j = 0; j < n; ++j) {
          const int64_t v = q[j * step];
          const int64_t o = (v < 0 ? v + length : v) * stride;
          to[j] = first ? o : to[j] + o;
        }
      });
    });
  }
  if (x.count == 0) table.offset[0] = 0;
  return Status::ok;
}

// Operands of such a walk: 0 the side shaped [before, index, after], 1 the indexed side, 2 the table.
Strided<3> indexed_walk(const View& full, const View& indexed, const Table& table, int before) {
  Strided<3> walk;
  for (int d = 0; d < before; ++d) walk.push(full.size[d], {full.stride[d], indexed.stride[d], 0});
  for (int d = 0; d < table.ndim; ++d) walk.push(full.size[before + d], {full.stride[before + d], 0, table.stride[d]});
  for (int d = before; d < indexed.ndim; ++d) {
    const int f = d + table.ndim;
    walk.push(full.size[f], {full.stride[f], indexed.stride[d], 0});
  }
  walk.coalesce();
  return walk;
}

// How many rows ahead memory is asked for: their order is the index's, which no prefetcher can guess.
constexpr int64_t kAhead = 8;

template <bool write>
inline void prefetch(const void* row, int64_t bytes) {
  const char* p = static_cast<const char*>(row);
  for (int64_t b = 0; b < bytes && b < 512; b += 64) __builtin_prefetch(p + b, write);
}

template <class T>
void copy_rows(T* out, int64_t out_stride, const T* from, const int64_t* table, int64_t rows, int64_t width) {
  const int64_t bytes = width * static_cast<int64_t>(sizeof(T));
  parallel_for(rows, kGrain / (width + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (i + kAhead < end) prefetch<false>(from + table[i + kAhead], bytes);
      std::memcpy(out + i * out_stride, from + table[i], static_cast<size_t>(bytes));
    }
  });
}

// The bodies of walks copy what they use: what they write might otherwise, for all the compiler knows, change it.
template <class T>
void get_elements(const Strided<3>& walk, T* out, const T* from, const int64_t* table) {
  const int last = walk.ndim - 1;
  const int64_t to_step = walk.stride[0][last], from_step = walk.stride[1][last], table_step = walk.stride[2][last];
  if (walk.ndim == 2 && table_step == 0 && walk.stride[2][0] == 1 && walk.stride[1][0] == 0 && to_step == 1 && from_step == 1) {
    copy_rows(out, walk.stride[0][0], from, table, walk.size[0], walk.size[1]);
    return;
  }
  parallel_for(walk.count(), kGrain, [&](int64_t begin, int64_t end) {
    if (table_step == 0 && to_step == 1 && from_step == 1) {
      walk.visit(begin, end, [=](const int64_t* offset, int64_t n) {
        std::memcpy(out + offset[0], from + offset[1] + table[offset[2]], static_cast<size_t>(n) * sizeof(T));
      });
    } else if (table_step == 0) {
      walk.visit(begin, end, [=](const int64_t* offset, int64_t n) {
        T* to = out + offset[0];
        const T* row = from + offset[1] + table[offset[2]];
        for (int64_t i = 0; i < n; ++i) to[i * to_step] = row[i * from_step];
      });
    } else {
      walk.visit(begin, end, [=](const int64_t* offset, int64_t n) {
        T* to = out + offset[0];
        const T* base = from + offset[1];
        const int64_t* at = table + offset[2];
        for (int64_t i = 0; i < n; ++i) to[i * to_step] = base[at[i * table_step]];
      });
    }
  });
}

// Steps along a run, in elements; an index counts `unit` elements of the target. Where a run has one index (at is 0) it may be several
// rows, `row` apart in the source, of an index each.
struct Steps {
  int64_t to, at, from, unit;
  int64_t rows = 1, row = 0;
};

// to[i * steps.to + at[i * steps.at] * steps.unit] ∘= from[i * steps.from] for n elements. One function for each combination and dtype: the
// walks that lead to runs are the same for all.
using PutRun = void (*)(char* to, const int64_t* at, const char* from, int64_t n, const Steps& steps);

template <Combine op, class T>
void put_run(char* target, const int64_t* at, const char* source, int64_t n, const Steps& steps) {
  const Steps s = steps;
  T* to = reinterpret_cast<T*>(target);
  const T* from = reinterpret_cast<const T*>(source);
  if (s.at == 0) {
    const int64_t bytes = n * static_cast<int64_t>(sizeof(T));
    for (int64_t r = 0; r < s.rows; ++r, from += s.row) {
      if (r + kAhead < s.rows) prefetch<true>(to + at[r + kAhead] * s.unit, bytes);
      T* row = to + at[r] * s.unit;
      if (s.from == 1 && s.to == 1) {
        if constexpr (op == Combine::assign) {
          std::memcpy(row, from, static_cast<size_t>(bytes));
        } else {
          for (int64_t i = 0; i < n; ++i) combine<op>(row[i], from[i]);
        }
      } else {
        for (int64_t i = 0; i < n; ++i) combine<op>(row[i * s.to], from[i * s.from]);
      }
    }
  } else if (s.at == 1 && s.from == 1 && s.to == 0 && s.unit == 1) {
    for (int64_t i = 0; i < n; ++i) combine<op>(to[at[i]], from[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) combine<op>(to[i * s.to + at[i * s.at] * s.unit], from[i * s.from]);
  }
}

PutRun put_run_for(Combine op, DType dtype) {
  if (op == Combine::assign)
    return with_moved(dtype, [](auto type) -> PutRun { return put_run<Combine::assign, typename decltype(type)::type>; });
  return with_any_dtype(dtype, [op](auto type) -> PutRun {
    using T = typename decltype(type)::type;
    if (op == Combine::add) return put_run<Combine::add, T>;
    // Complex numbers have no order.
    if constexpr (is_complex<T>) return put_run<Combine::multiply, T>;
    else switch (op) {
      case Combine::multiply: return put_run<Combine::multiply, T>;
      case Combine::amax: return put_run<Combine::amax, T>;
      default: return put_run<Combine::amin, T>;
    }
  });
}

// Operands as of indexed_walk.
void put_elements(const Strided<3>& all, Combine op, const View& values, const View& self, const int64_t* table) {
  const PutRun run = put_run_for(op, self.dtype);
  const int64_t item = item_size(self.dtype);
  parallel_slices(all, 2, [&](const Strided<3>& walk, const int64_t* start) {
    const int last = walk.ndim - 1;
    Steps steps{walk.stride[1][last], walk.stride[2][last], walk.stride[0][last], 1};
    const char* from = values.data + start[0] * item;
    char* to = self.data + start[1] * item;
    const int64_t* at = table + start[2];
    if (walk.ndim == 2 && steps.at == 0 && walk.stride[2][0] == 1 && walk.stride[1][0] == 0) {
      steps.rows = walk.size[0];
      steps.row = walk.stride[0][0];
      run(to, at, from, walk.size[1], steps);
      return;
    }
    walk.visit(0, walk.count(), [=](const int64_t* offset, int64_t n) {
      run(to + offset[1] * item, at + offset[2], from + offset[0] * item, n, steps);
    });
  });
}

// Dimension `dim` of a view as the one indexed dimension, and the view without it.
struct OneDimension {
  View rest, index;
  int64_t size, stride;

  OneDimension(const View& v, int64_t dim, const View& index)
      : rest(at_least_1d(v)), index(at_least_1d(index)), size(rest.size[dim]), stride(rest.stride[dim]) {
    --rest.ndim;
    for (int64_t d = dim; d < rest.ndim; ++d) {
      rest.size[d] = rest.size[d + 1];
      rest.stride[d] = rest.stride[d + 1];
    }
  }
  Indexed indexed() const { return {1, &index, &size, &stride}; }
};

}  // namespace

Status index_get(const IndexGetArguments& args) {
  const Indexed x{args.indices.count, args.indices.item, args.sizes.item, args.strides.item};
  Table table;
  if (Status s = make_table(args, x, true, 0, table); s != Status::ok) return s;
  const Strided<3> walk = indexed_walk(args.out, args.input, table, args.before);
  with_moved(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    get_elements<T>(walk, args.out.as<T>(), args.input.as<T>(), table.offset);
  });
  return Status::ok;
}

Status index_put(const IndexPutArguments& args) {
  const Indexed x{args.indices.count, args.indices.item, args.sizes.item, args.strides.item};
  Table table;
  if (Status s = make_table(args, x, true, 0, table); s != Status::ok) return s;
  const Strided<3> walk = indexed_walk(args.values, args.self, table, args.before);
  put_elements(walk, args.accumulate ? Combine::add : Combine::assign, args.values, args.self, table.offset);
  return Status::ok;
}

Status index_select(const IndexSelectArguments& args) {
  const View out = at_least_1d(args.out);
  const OneDimension input(args.input, args.dim, args.index);
  Table table;
  if (Status s = make_table(args, input.indexed(), false, args.dim, table); s != Status::ok) return s;
  const Strided<3> walk = indexed_walk(out, input.rest, table, args.dim);
  with_moved(out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    get_elements<T>(walk, out.as<T>(), input.rest.as<T>(), table.offset);
  });
  return Status::ok;
}

Status index_add(const IndexAddArguments& args) {
  const OneDimension self(args.self, args.dim, args.index);
  const View source = at_least_1d(args.source);
  Table table;
  if (Status s = make_table(args, self.indexed(), false, args.dim, table); s != Status::ok) return s;
  const Strided<3> walk = indexed_walk(source, self.rest, table, args.dim);
  if (args.alpha == 1) {
    put_elements(walk, Combine::add, source, self.rest, table.offset);
    return Status::ok;
  }
  with_any_dtype(self.rest.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using E = Element<T>;
    const auto factor = static_cast<Part<typename E::Value>>(args.alpha);
    parallel_slices(walk, 2, [&](const Strided<3>& part, const int64_t* start) {
      const int last = part.ndim - 1;
      part.visit(0, part.count(), [&](const int64_t* offset, int64_t n) {
        const T* from = source.as<T>() + start[0] + offset[0];
        T* to = self.rest.as<T>() + start[1] + offset[1];
        const int64_t* at = table.offset + offset[2];
        for (int64_t i = 0; i < n; ++i) {
          T& target = to[i * part.stride[1][last] + at[i * part.stride[2][last]]];
          target = E::store(add(E::load(target), scale(factor, E::load(from[i * part.stride[0][last]]))));
        }
      });
    });
  });
  return Status::ok;
}

// ---- one index per element along a dimension: gather, scatter -----------------------------------------------------------

Status gather(const GatherArguments& args) {
  const View out = at_least_1d(args.out);
  const View input = at_least_1d(args.input);
  const int64_t dim = args.dim;
  const View index = at_least_1d(args.index);
  int64_t found = 0;
  const int64_t length = input.size[dim], stride = input.stride[dim];
  if (find_outside(index, 0, length, &found))
    return args.fail(Status::index_out_of_range, static_cast<double>(found), static_cast<double>(dim), static_cast<double>(length));
  Strided<3> walk;
  for (int d = 0; d < out.ndim; ++d)
    walk.push(out.size[d], {out.stride[d], d == dim ? 0 : input.stride[d], index.stride[d]});
  walk.coalesce();
  const int last = walk.ndim - 1;
  const int64_t to_step = walk.stride[0][last], from_step = walk.stride[1][last], index_step = walk.stride[2][last];
  with_moved(out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    T* const result = out.as<T>();
    const T* const source = input.as<T>();
    const int64_t* const indices = index.as<int64_t>();
    parallel_for(walk.count(), kGrain, [&](int64_t begin, int64_t end) {
      walk.visit(begin, end, [=](const int64_t* offset, int64_t n) {
        T* to = result + offset[0];
        const T* from = source + offset[1];
        const int64_t* at = indices + offset[2];
        if (to_step == 1 && index_step == 1 && from_step == 0 && stride == 1) {
          for (int64_t i = 0; i < n; ++i) to[i] = from[at[i]];
        } else {
          for (int64_t i = 0; i < n; ++i) to[i * to_step] = from[i * from_step + at[i * index_step] * stride];
        }
      });
    });
  });
  return Status::ok;
}

namespace {

// Operands: 0 self without dimension `dim`, 1 index, 2 src, 3 the position along `dim`, which keeps colliding elements together.
void scatter_elements(const Strided<4>& all, Combine op, const View& self, const View& index, const View& src, int64_t unit) {
  const PutRun run = put_run_for(op, self.dtype);
  const int64_t item = item_size(self.dtype);
  parallel_slices(all, 3, [&](const Strided<4>& walk, const int64_t* start) {
    const int last = walk.ndim - 1;
    const Steps steps{walk.stride[0][last], walk.stride[1][last], walk.stride[2][last], unit};
    char* to = self.data + start[0] * item;
    const int64_t* at = index.as<int64_t>() + start[1];
    const char* from = src.data + start[2] * item;
    walk.visit(0, walk.count(), [=](const int64_t* offset, int64_t n) {
      run(to + offset[0] * item, at + offset[1], from + offset[2] * item, n, steps);
    });
  });
}

}  // namespace

Status scatter(const ScatterArguments& args) {
  const View self = at_least_1d(args.self);
  const int64_t dim = args.dim;
  const View index = at_least_1d(args.index);
  const View src = at_least_1d(args.src);
  const Combine op = args.reduce;
  int64_t found = 0;
  const int64_t length = self.size[dim], stride = self.stride[dim];
  if (find_outside(index, 0, length, &found))
    return args.fail(Status::index_out_of_range, static_cast<double>(found), static_cast<double>(dim), static_cast<double>(length));
  Strided<4> walk;
  for (int d = 0; d < index.ndim; ++d)
    walk.push(index.size[d], {d == dim ? 0 : self.stride[d], index.stride[d], src.stride[d], d == dim ? 1 : 0});
  walk.coalesce();
  scatter_elements(walk, op, self, index, src, stride);
  return Status::ok;
}

// ---- non-zero elements, triangles -----------------------------------------------------------------------------------

namespace {

// Writes the position of every element and keeps those of elements that are not zero: no branch depends on the data but the last.
// Returns the next row to write.
template <class T>
int64_t write_positions(int64_t* entry, const int64_t* end, const T* from, T mask, int64_t step, int64_t n, const int64_t* where, int ndim,
                        int64_t row) {
  const int last = ndim - 1;
  const int64_t first = where[last];
  for (int64_t i = 0; i < n && entry < end; ++i) {
    for (int d = 0; d < last; ++d) entry[d] = where[d];
    entry[last] = first + i;
    const bool set = (from[i * step] & mask) != 0;
    row += set;
    entry += set ? ndim : 0;
  }
  return row;
}

}  // namespace

Status masked_scatter(const MaskedScatterArguments& args) {
  Strided<2> walk;
  for (int d = 0; d < args.self.ndim; ++d) walk.push(args.self.size[d], {args.self.stride[d], args.mask.stride[d]});
  walk.coalesce();
  const int last = walk.ndim - 1;
  const int64_t to_step = walk.stride[0][last], mask_step = walk.stride[1][last], from_step = args.source.stride[0];
  const bool* mask = args.mask.as<bool>();
  int64_t wanted = 0;
  walk.visit(0, walk.count(), [&](const int64_t* offset, int64_t n) {
    for (int64_t i = 0; i < n; ++i) wanted += mask[offset[1] + i * mask_step];
  });
  const int64_t given = args.source.size[0];
  if (wanted > given) return args.fail(Status::index_out_of_range, static_cast<double>(given), 0, static_cast<double>(given));
  const int item = item_size(args.self.dtype);
  const char* from = args.source.as<char>();
  walk.visit(0, walk.count(), [&](const int64_t* offset, int64_t n) {
    char* to = args.self.as<char>() + offset[0] * item;
    for (int64_t i = 0; i < n; ++i, to += to_step * item) {
      if (!mask[offset[1] + i * mask_step]) continue;
      // One loop for all sizes: its length is known where the bytes are moved.
      if (item == 4) std::memcpy(to, from, 4);
      else if (item == 8) std::memcpy(to, from, 8);
      else std::memcpy(to, from, static_cast<size_t>(item));
      from += from_step * item;
    }
  });
  return Status::ok;
}

Status nonzero(const NonzeroArguments& args) {
  const int ndim = args.input.ndim;
  const int64_t wanted = args.out.size[0];
  if (ndim == 0 || wanted == 0) return Status::ok;
  // Not coalesced: the coordinates of every dimension are wanted.
  Strided<1> walk;
  for (int d = 0; d < ndim; ++d) walk.push(args.input.size[d], {args.input.stride[d]});
  const int last = ndim - 1;
  const int64_t step = args.input.stride[last], total = walk.count();
  const int64_t chunk = 65536, chunks = (total + chunk - 1) / chunk;
  int64_t* first = scratch_array<int64_t>(0, chunks + 1);
  if (!first) return args.fail(Status::out_of_memory, static_cast<double>(chunks + 1) * 8);
  int64_t* to = args.out.as<int64_t>();
  // The sign of a floating-point zero does not count.
  const bool is_signed_zero = with_dtype(args.input.dtype, [](auto type) {
    using T = typename decltype(type)::type;
    return is_half<T> || std::is_floating_point_v<T>;
  });
  with_item_size(args.input.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const T* from = args.input.as<T>();
    const T mask = static_cast<T>(is_signed_zero ? static_cast<T>(~T{0}) >> 1 : ~T{0});
    const auto set = [mask](T x) { return (x & mask) != 0; };
    parallel_for(chunks, 1, [&](int64_t b, int64_t e) {
      for (int64_t c = b; c < e; ++c) {
        int64_t n_set = 0;
        walk.visit(c * chunk, c + 1 < chunks ? (c + 1) * chunk : total, [&](const int64_t* offset, int64_t n) {
          for (int64_t i = 0; i < n; ++i) n_set += set(from[offset[0] + i * step]);
        });
        first[c + 1] = n_set;
      }
    });
    first[0] = 0;
    for (int64_t c = 0; c < chunks; ++c) first[c + 1] += first[c];
    parallel_for(chunks, 1, [&](int64_t b, int64_t e) {
      for (int64_t c = b; c < e; ++c) {
        int64_t row = first[c] < wanted ? first[c] : wanted, at = c * chunk;
        const int64_t rows = first[c + 1] < wanted ? first[c + 1] : wanted;
        int64_t where[kMaxDims];
        walk.visit(at, at + chunk < total ? at + chunk : total, [&](const int64_t* offset, int64_t n) {
          int64_t rest = at;
          for (int d = last; d >= 0; --d) {
            where[d] = rest % walk.size[d];
            rest /= walk.size[d];
          }
          at += n;
          row = write_positions(to + row * ndim, to + rows * ndim, from + offset[0], mask, step, n, where, ndim, row);
        });
      }
    });
  });
  return Status::ok;
}

Status triangle(const TriangleArguments& args) {
  const int64_t diagonal = args.diagonal;
  const bool upper = args.upper;
  const int rows = args.out.ndim - 2, columns = args.out.ndim - 1;
  // One more operand stands for the row number.
  Strided<3> walk;
  for (int d = 0; d < columns; ++d) walk.push(args.out.size[d], {args.out.stride[d], args.input.stride[d], d == rows ? 1 : 0});
  const int64_t width = args.out.size[columns], to_step = args.out.stride[columns], from_step = args.input.stride[columns];
  if (width == 0) return Status::ok;
  const int last = walk.ndim - 1;
  with_moved(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel_for(walk.count(), kGrain / width + 1, [&](int64_t begin, int64_t end) {
      walk.visit(begin, end, [&](const int64_t* offset, int64_t n) {
        for (int64_t r = 0; r < n; ++r) {
          T* to = args.out.as<T>() + offset[0] + r * walk.stride[0][last];
          const T* from = args.input.as<T>() + offset[1] + r * walk.stride[1][last];
          // The first column above the diagonal (lower), or on it (upper).
          int64_t edge = offset[2] + r + diagonal + (upper ? 0 : 1);
          edge = edge < 0 ? 0 : edge > width ? width : edge;
          const int64_t keep_from = upper ? edge : 0, keep_to = upper ? width : edge;
          // Short rows are not worth the calls.
          if (to_step == 1 && from_step == 1 && width > 16) {
            std::memset(to, 0, static_cast<size_t>(keep_from) * sizeof(T));
            if (to != from) std::memmove(to + keep_from, from + keep_from, static_cast<size_t>(keep_to - keep_from) * sizeof(T));
            std::memset(to + keep_to, 0, static_cast<size_t>(width - keep_to) * sizeof(T));
            continue;
          }
          for (int64_t j = 0; j < width; ++j) {
            const T x = from[j * from_step];
            to[j * to_step] = (j >= keep_from) & (j < keep_to) ? x : T{};
          }
        }
      });
    });
  });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
