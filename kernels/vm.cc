#include "vm.h"

#include <cstring>

namespace flambeau::FLAMBEAU_ISA {

void Loop::swap_dims(int a, int b) {
  std::swap(size[a], size[b]);
  for (int k = 0; k < operands; ++k) std::swap(operand[k].stride[a], operand[k].stride[b]);
}

void Loop::drop_ones() {
  int to = 0;
  for (int d = 0; d < ndim; ++d) {
    if (size[d] == 1) continue;
    if (to != d) {
      size[to] = size[d];
      for (int k = 0; k < operands; ++k) operand[k].stride[to] = operand[k].stride[d];
    }
    ++to;
  }
  ndim = to;
}

void Loop::order(int begin, int end) {
  // Negative: a belongs inside b.
  const auto compare = [&](int a, int b) {
    for (int k = 0; k < operands; ++k) {
      const int64_t sa = std::abs(operand[k].stride[a]), sb = std::abs(operand[k].stride[b]);
      if (sa == 0 || sb == 0 || sa == sb) continue;
      return sa < sb ? -1 : 1;
    }
    return 0;
  };
  for (int i = begin + 1; i < end; ++i) {
    int at = i;
    for (int j = i - 1; j >= begin; --j) {
      const int c = compare(j, at);
      if (c > 0) {
        swap_dims(j, at);
        at = j;
      } else if (c < 0) {
        break;
      }
    }
  }
}

int Loop::join(int begin, int end) {
  int to = begin;
  for (int d = begin + 1; d < end; ++d) {
    bool fits = true;
    for (int k = 0; k < operands && fits; ++k) fits = operand[k].stride[d] == operand[k].stride[to] * size[to];
    if (fits) {
      size[to] *= size[d];
    } else if (++to != d) {
      size[to] = size[d];
      for (int k = 0; k < operands; ++k) operand[k].stride[to] = operand[k].stride[d];
    }
  }
  const int joined = end > begin ? to + 1 : end;
  if (joined != end) {
    for (int d = end; d < ndim; ++d) {
      size[joined + d - end] = size[d];
      for (int k = 0; k < operands; ++k) operand[k].stride[joined + d - end] = operand[k].stride[d];
    }
    ndim -= end - joined;
  }
  return joined;
}

namespace {

// Rows shorter than this are evaluated several at a time.
constexpr int64_t kShortRow = 64;

bool is_dense(const Loop& loop, const Operand& o) {
  int64_t expected = 1;
  for (int d = 0; d < loop.ndim; ++d) {
    if (o.stride[d] != expected) return false;
    expected *= loop.size[d];
  }
  return true;
}

bool is_single(const Loop& loop, const Operand& o) {
  for (int d = 0; d < loop.ndim; ++d)
    if (o.stride[d] != 0) return false;
  return true;
}

template <class T>
void fill(void* to_, const void* a, const void*, const void*, int64_t n) {
  T* to = static_cast<T*>(to_);
  const T value = *static_cast<const T*>(a);
  for (int64_t i = 0; i < n; ++i) to[i] = value;
}

constexpr uint8_t kArity[] = {
#define X(name, arity, ...) arity,
    FLAMBEAU_OPCODES(X)
#undef X
};

bool is_division(Opcode op) {
  return op == Opcode::fmod || op == Opcode::remainder || op == Opcode::floor_divide || op == Opcode::trunc_divide;
}

}  // namespace

template <class T>
Machine<T>::Machine(const Program& p, const Loop& loop, int outputs, const T* scalars, char* small, size_t small_bytes)
    : program_(p), loop_(loop), outputs_(outputs) {
  row_size_ = loop.ndim ? loop.size[0] : 1;
  row_begin_ = -row_size_ - 1;  // nobody's
  if (loop.ndim < 2) row_begin_ = 0;
  flat_ = loop.ndim > 1 && row_size_ < kShortRow;

  const int64_t most = std::min<int64_t>(loop.count, kBlock<T>);
  // A line more than the elements take: registers a power of two apart would compete for the same cache sets.
  register_bytes_ = (static_cast<size_t>(most) * sizeof(T) + 127) / 64 * 64;
  const int code = static_cast<int>(p.code.size());
  const size_t bytes = register_bytes_ * (p.registers() + p.temporaries + p.inputs + outputs);
  memory_ = bytes <= small_bytes ? small : static_cast<char*>(scratch(kMachineScratch, bytes));
  // Each instruction may need its operands filled.
  const size_t step_count = 4 * static_cast<size_t>(code);
  if (step_count <= std::size(small_steps_) && p.registers() <= static_cast<int>(std::size(small_fills_) / 2)) {
    steps_ = small_steps_;
    fills_ = small_fills_;
  } else {
    steps_ = static_cast<Bound*>(scratch(kStepsScratch, step_count * sizeof(Bound) + 4 * kMaxRegisters));
    fills_ = steps_ ? reinterpret_cast<uint16_t*>(steps_ + step_count) : nullptr;
  }
  if (!memory_ || !steps_) {
    ok_ = false;
    return;
  }

  // Operands.
  for (int k = 0; k < loop.operands; ++k) {
    const Operand& o = loop.operand[k];
    Access& a = access_[k];
    const bool same = o.dtype == dtype_of<T>;
    if (flat_) a.kind = is_dense(loop, o) ? (same ? Kind::direct : Kind::dense) : is_single(loop, o) ? Kind::single : Kind::gather;
    else if (loop.ndim == 0 || o.stride[0] == 0) a.kind = Kind::single;
    else a.kind = same && o.stride[0] == 1 ? Kind::direct : Kind::row;
    if (k < outputs && a.kind == Kind::single) a.kind = same ? Kind::direct : Kind::row;  // one element
    a.row_data = o.data;
    a.block = nullptr;
    if (k < outputs) {
      if (a.kind != Kind::direct) a.convert = storer<T>(o.dtype);
    } else {
      const int r = k - outputs;
      single_[r] = a.kind == Kind::single;
      if (a.kind != Kind::direct) {
        a.convert = loader<T>(o.dtype);
        reg_[r] = a.block = new_register();
        // A reduction of nothing has operands without a first element.
        if (single_[r] && (flat_ || loop.ndim < 2)) {
          if (loop.count > 0) a.convert(a.block, o.data, 0, 1);
        } else if (single_[r]) single_rows_ = true;
      }
    }
  }
  int r = p.inputs;
  for (int i = 0; i < p.constants; ++i, ++r) {
    reg_[r] = reinterpret_cast<T*>(const_cast<int64_t*>(&p.constant_bits[i]));
    single_[r] = true;
  }
  for (int i = 0; i < p.scalars; ++i, ++r) {
    reg_[r] = const_cast<T*>(scalars + i);
    single_[r] = true;
  }
  for (int i = 0; i < p.temporaries; ++i, ++r) {
    reg_[r] = new_register();
    single_[r] = false;
  }
  // Nothing stands between an operand and its reader: blocks may be longer.
  most_ = p.code.empty() && p.inputs == 1 && p.outputs[0] == 0 && access_[outputs].kind == Kind::direct ? 4 * kBlock<T> : kBlock<T>;
  registers_ = r;
  std::memset(full_, 0, sizeof(full_[0]) * r);
  std::memset(fresh_, 0, sizeof(fresh_[0]) * r);

  // Instructions.
  for (const Instruction& i : p.code) {
    const Forms& f = forms<T>()[static_cast<int>(i.op)];
    const int arity = kArity[static_cast<int>(i.op)];
    Bound b{nullptr, i.to, i.from[0], i.from[1], i.from[2], false, is_division(i.op)};
    int mask = 0;
    if (single_[b.a]) mask |= 1;
    if (arity > 1 && single_[b.b]) mask |= 2;
    if (arity > 2 && single_[b.c]) mask |= 4;
    if (mask == (1 << arity) - 1) {
      b.step = f.step[0];
      b.single = true;
    } else {
      if (i.op == Opcode::fma && (mask & 3) == 1) {
        std::swap(b.a, b.b);
        mask ^= 3;
      }
      while (!f.step[mask]) {
        uint16_t& operand = mask & 1 ? b.a : mask & 2 ? b.b : b.c;
        operand = static_cast<uint16_t>(filled(operand));
        mask &= mask - 1;
      }
      b.step = f.step[mask];
    }
    single_[i.to] = b.single;
    fresh_[i.to] = false;
    steps_[steps_count_++] = b;
  }
}

// A register with the single value of r in every element.
template <class T>
int Machine<T>::filled(int r) {
  if (!full_[r]) {
    full_[r] = static_cast<uint16_t>(registers_);
    single_[registers_] = false;
    reg_[registers_++] = new_register();
  }
  if (!fresh_[r]) {
    fresh_[r] = true;
    const bool computed = r >= program_.registers() - program_.temporaries;
    if (computed) {
      steps_[steps_count_++] = {fill<T>, full_[r], static_cast<uint16_t>(r), 0, 0, false, false};
    } else if (r < program_.inputs && single_rows_) {
      fills_[2 * fills_count_] = full_[r];
      fills_[2 * fills_count_ + 1] = static_cast<uint16_t>(r);
      ++fills_count_;
    } else {
      fill<T>(reg_[full_[r]], reg_[r], nullptr, nullptr, std::min<int64_t>(loop_.count, kBlock<T>));
    }
  }
  return full_[r];
}

// Moves to the row that begins at element `begin`.
template <class T>
void Machine<T>::seek(int64_t begin) {
  if (begin == row_begin_ + row_size_) {
    // The next row: one step, and a step back in each dimension that ends.
    for (int d = 1;; ++d) {
      const bool ends = ++index_[d] == loop_.size[d];
      const int64_t steps = ends ? 1 - loop_.size[d] : 1;
      if (ends) index_[d] = 0;
      for (int k = 0; k < loop_.operands; ++k) access_[k].row_data += steps * loop_.operand[k].stride[d] * loop_.operand[k].item;
      if (!ends) break;
    }
  } else {
    int64_t row = begin / row_size_;
    for (int d = 1; d < loop_.ndim; ++d) {
      index_[d] = row % loop_.size[d];
      row /= loop_.size[d];
    }
    for (int k = 0; k < loop_.operands; ++k) {
      const Operand& o = loop_.operand[k];
      int64_t offset = 0;
      for (int d = 1; d < loop_.ndim; ++d) offset += index_[d] * o.stride[d];
      access_[k].row_data = o.data + offset * o.item;
    }
  }
  row_begin_ = begin;
  if (!single_rows_) return;
  for (int k = outputs_; k < loop_.operands; ++k)
    if (access_[k].kind == Kind::single) access_[k].convert(access_[k].block, access_[k].row_data, 0, 1);
  const int64_t most = std::min<int64_t>(row_size_, kBlock<T>);
  for (int i = 0; i < fills_count_; ++i) fill<T>(reg_[fills_[2 * i]], reg_[fills_[2 * i + 1]], nullptr, nullptr, most);
}

// Calls f(data, offset, n) for each piece of a row of the innermost dimension in [lin, lin + n).
template <class T>
template <class F>
void Machine<T>::walk(const Operand& o, int64_t lin, int64_t n, F&& f) const {
  int64_t index[kMaxDims];
  char* data = o.data;
  for (int d = 0; d < loop_.ndim; ++d) {
    index[d] = lin % loop_.size[d];
    lin /= loop_.size[d];
    data += index[d] * o.stride[d] * o.item;
  }
  const int64_t row = loop_.size[0];
  for (int64_t done = 0;;) {
    const int64_t m = std::min(row - index[0], n - done);
    f(data, done, m);
    done += m;
    if (done == n) return;
    data -= index[0] * o.stride[0] * o.item;
    index[0] = 0;
    for (int d = 1;; ++d) {
      data += o.stride[d] * o.item;
      if (++index[d] < loop_.size[d]) break;
      data -= index[d] * o.stride[d] * o.item;
      index[d] = 0;
    }
  }
}

namespace {

// An operand's dimensions, joined where it alone steps through two as one.
struct Nest {
  Row convert;
  int item;
  int64_t stride[kMaxDims];
  int64_t inner[kMaxDims + 1];  // elements below a dimension
};

// Brings elements [lin, lin + n) of dimensions [0, d] of an operand to `to`. What a broadcast repeats is read once.
template <class T>
void expand_dims(const Nest& nest, char* data, int d, int64_t lin, int64_t n, T* to) {
  const int64_t stride = nest.stride[d];
  if (d == 0) {
    nest.convert(to, data + lin * stride * nest.item, stride, n);
    return;
  }
  const int64_t inner = nest.inner[d], step = stride * nest.item;
  data += lin / inner * step;
  lin %= inner;
  if (lin != 0) {
    const int64_t m = std::min(n, inner - lin);
    expand_dims(nest, data, d - 1, lin, m, to);
    to += m, n -= m, data += step;
  }
  if (stride == 0 && n > inner) {
    expand_dims(nest, data, d - 1, 0, inner, to);
    for (int64_t done = inner; done < n;) {
      const int64_t m = std::min(done, n - done);
      std::memcpy(to + done, to, m * sizeof(T));
      done += m;
    }
    return;
  }
  for (; n > 0; n -= inner, to += inner, data += step) expand_dims(nest, data, d - 1, 0, std::min(n, inner), to);
}

}  // namespace

template <class T>
void Machine<T>::expand(const Access& a, const Operand& o, int64_t lin, int64_t n) const {
  Nest nest;
  nest.convert = a.convert;
  nest.item = o.item;
  nest.inner[0] = 1;
  int last = 0;
  int64_t size = loop_.size[0];
  nest.stride[0] = o.stride[0];
  for (int d = 1; d < loop_.ndim; ++d) {
    if (o.stride[d] == nest.stride[last] * size) {
      size *= loop_.size[d];
      continue;
    }
    nest.inner[last + 1] = nest.inner[last] * size;
    nest.stride[++last] = o.stride[d];
    size = loop_.size[d];
  }
  expand_dims(nest, o.data, last, lin, n, a.block);
}

// Brings the operands of n elements into registers; returns the position in the row.
template <class T>
int64_t Machine<T>::load(int64_t lin, int64_t n) {
  int64_t at = lin;  // position in the row
  if (!flat_ && loop_.ndim > 1) {
    at = in_row(lin);
    if (lin - at != row_begin_) seek(lin - at);
  }
  for (int k = outputs_; k < loop_.operands; ++k) {
    Access& a = access_[k];
    const Operand& o = loop_.operand[k];
    switch (a.kind) {
      case Kind::single: break;
      case Kind::direct: reg_[k - outputs_] = reinterpret_cast<T*>(a.row_data) + at; break;
      case Kind::dense: a.convert(a.block, a.row_data + at * o.item, 1, n); break;
      case Kind::row: a.convert(a.block, a.row_data + at * o.stride[0] * o.item, o.stride[0], n); break;
      case Kind::gather: expand(a, o, lin, n); break;
    }
  }
  return at;
}

template <class T>
void Machine<T>::run(int64_t lin, int64_t n) {
  const int64_t at = load(lin, n);
  for (int k = 0; k < outputs_; ++k)
    if (in_place(k)) reg_[program_.outputs[k]] = reinterpret_cast<T*>(access_[k].row_data) + at;
  for (const Bound *s = steps_, *end = steps_ + steps_count_; s < end; ++s)
    s->step(reg_[s->to], reg_[s->a], reg_[s->b], reg_[s->c], s->single ? 1 : n);
}

template <class T>
bool Machine<T>::in_place(int k) const {
  return access_[k].kind == Kind::direct && program_.in_place[k] && !single_[program_.outputs[k]];
}

template <class T>
const T* Machine<T>::result(int k, int64_t n) {
  const int r = program_.outputs[k];
  if (!single_[r] || n == 1) return reg_[r];
  if (!full_[r]) {
    full_[r] = static_cast<uint16_t>(registers_);
    reg_[registers_++] = new_register();
  }
  fill<T>(reg_[full_[r]], reg_[r], nullptr, nullptr, n);
  return reg_[full_[r]];
}

template <class T>
void Machine<T>::store(int64_t lin, int64_t n) {
  const int64_t at = flat_ || loop_.ndim < 2 ? lin : lin - row_begin_;
  for (int k = 0; k < outputs_; ++k) {
    if (in_place(k)) continue;
    const Access& a = access_[k];
    const Operand& o = loop_.operand[k];
    if (a.kind == Kind::direct && single_[program_.outputs[k]]) {
      fill<T>(a.row_data + at * sizeof(T), reg_[program_.outputs[k]], nullptr, nullptr, n);
      continue;
    }
    const T* from = result(k, n);
    switch (a.kind) {
      case Kind::row: a.convert(a.row_data + at * o.stride[0] * o.item, from, o.stride[0], n); break;
      case Kind::gather:
        walk(o, lin, n, [&](char* data, int64_t done, int64_t m) { a.convert(data, from + done, o.stride[0], m); });
        break;
      case Kind::dense: a.convert(a.row_data + at * o.item, from, 1, n); break;
      default: std::memcpy(a.row_data + at * sizeof(T), from, n * sizeof(T));
    }
  }
}

template <class T>
bool Machine<T>::divisors_ok(int64_t n) const {
  if constexpr (std::is_same_v<T, int64_t>) {
    for (int i = 0; i < steps_count_; ++i) {
      if (!steps_[i].divides) continue;
      const T* divisor = reg_[steps_[i].b];
      const int64_t values = single_[steps_[i].b] ? 1 : n;
      int64_t zeros = 0;
      for (int64_t j = 0; j < values; ++j) zeros |= divisor[j] == 0;
      if (zeros) return false;
    }
  }
  return true;
}

template class Machine<float>;
template class Machine<double>;
template class Machine<int64_t>;
template class Machine<Complex<float>>;
template class Machine<Complex<double>>;

bool divisors_ok(const Program& p, const Loop& loop, int outputs, const int64_t* scalars) {
  // Evaluated once without storing, since nothing may be written if a divisor is zero; divisors that are given need no more than a look.
  const int given = p.registers() - p.temporaries;
  const bool computes = std::any_of(p.code.begin(), p.code.end(), [&](const Instruction& i) { return is_division(i.op) && i.from[1] >= given; });
  Loop reads;
  reads.ndim = loop.ndim;
  reads.count = loop.count;
  reads.operands = loop.operands - outputs;
  std::copy_n(loop.size, loop.ndim, reads.size);
  for (int k = outputs; k < loop.operands; ++k) reads.operand[k - outputs] = loop.operand[k];
  alignas(64) char small[4096];
  Machine<int64_t> machine(p, reads, 0, scalars, small, sizeof small);
  for (int64_t lin = 0; machine.ok() && lin < loop.count;) {
    const int64_t n = machine.span(lin, loop.count);
    if (computes) machine.run(lin, n);
    else machine.load(lin, n);
    if (!machine.divisors_ok(n)) return false;
    lin += n;
  }
  return true;
}

namespace {

template <class T>
Status pointwise_as(Reader& in, const Program& p, const Loop& loop, int outputs) {
  T scalars[kMaxRegisters];
  read_scalars(in, p.scalars, scalars);
  if constexpr (std::is_same_v<T, int64_t>) {
    if (p.divides && !divisors_ok(p, loop, outputs, scalars)) return Status::division_by_zero;
  }
  bool out_of_memory = false;
  parallel_for(loop.count, grain_of(p), [&](int64_t begin, int64_t end) {
    alignas(64) char small[8192];
    Machine<T> machine(p, loop, outputs, scalars, small, sizeof small);
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

Status pointwise(Reader& in) {
  const Program& p = program(in.integer());
  const int outputs = static_cast<int>(in.integer());
  Loop loop;
  loop.operands = outputs + static_cast<int>(in.integer());
  in.integer();  // scalars: the program knows
  loop.read_sizes(in);
  for (int k = 0; k < loop.operands; ++k) loop.read_operand(in, loop.operand[k]);
  if (loop.count == 0) return Status::ok;
  loop.drop_ones();
  if (loop.ndim > 1) {
    loop.order(0, loop.ndim);
    loop.join(0, loop.ndim);
  }
  if (p.copies) return copy(p, loop);
  switch (p.compute) {
    case Compute::float32: return pointwise_as<float>(in, p, loop, outputs);
    case Compute::float64: return pointwise_as<double>(in, p, loop, outputs);
    case Compute::complex64: return pointwise_as<Complex<float>>(in, p, loop, outputs);
    case Compute::complex128: return pointwise_as<Complex<double>>(in, p, loop, outputs);
    default: return pointwise_as<int64_t>(in, p, loop, outputs);
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
