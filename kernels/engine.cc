#include "engine.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>

#include "cpu_features.h"

namespace flambeau {

FLAMBEAU_DECLARE_ISA(FLAMBEAU_ISA)
#if defined(FLAMBEAU_WITH_avx2)
FLAMBEAU_DECLARE_ISA(avx2)
#endif
#if defined(FLAMBEAU_WITH_avx512)
FLAMBEAU_DECLARE_ISA(avx512)
#endif

namespace {

// What processors need for each instruction set.
#define FLAMBEAU_RUNS_baseline true
#define FLAMBEAU_RUNS_neon true
#define FLAMBEAU_RUNS_simd128 true
#define FLAMBEAU_RUNS_avx2 cpu_features().v3
#define FLAMBEAU_RUNS_avx512 cpu_features().v4

#define FLAMBEAU_TABLE(isa) {#isa, [] { return FLAMBEAU_RUNS_##isa; }, isa::pointwise, isa::reduce, isa::kernels}
#define FLAMBEAU_TABLE_(isa) FLAMBEAU_TABLE(isa)

// The best first. The last has every kernel; where not even that runs, nothing may be called.
const Table tables[] = {
#if defined(FLAMBEAU_WITH_avx512)
    FLAMBEAU_TABLE(avx512),
#endif
#if defined(FLAMBEAU_WITH_avx2)
    FLAMBEAU_TABLE(avx2),
#endif
    FLAMBEAU_TABLE_(FLAMBEAU_ISA),
};

const Table& choose() {
#if !defined(__wasm__)
  if (const char* name = std::getenv("FLAMBEAU_ISA"))
    for (const Table& t : tables)
      if (std::strcmp(t.name, name) == 0 && t.supported()) return t;
#endif
  for (const Table& t : tables)
    if (t.supported()) return t;
  return tables[std::size(tables) - 1];
}
const Table& chosen = choose();

// Programs live as long as the process and are shared by its threads. Reading takes no lock: a page, once set, stays.
constexpr int kPage = 256;
constexpr int kPages = 4096;
std::atomic<const Program**> pages[kPages];

struct Registry {
  std::map<std::vector<uint64_t>, int64_t> handles;  // by the words that define them, so that each thread's copy is one
  int64_t count = 0;
};
// Held for microseconds, so that no mutex is needed, which WebAssembly could not have without imports.
class Lock {
 public:
  Lock() {
    while (flag_.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~Lock() { flag_.clear(std::memory_order_release); }

 private:
  static inline std::atomic_flag flag_ = ATOMIC_FLAG_INIT;
};
Registry& registry = *new Registry;  // leaked: threads may outlive main()

int arity(Opcode op) {
  static constexpr uint8_t arities[] = {
#define X(name, arity, ...) arity,
      FLAMBEAU_OPCODES(X)
#undef X
  };
  return arities[static_cast<int>(op)];
}

int cost(Opcode op) {
  switch (op) {
    case Opcode::div: case Opcode::sqrt: case Opcode::reciprocal: case Opcode::rsqrt: return 4;
    case Opcode::fmod: case Opcode::remainder: case Opcode::floor_divide: case Opcode::nextafter: return 30;
    case Opcode::gcd: case Opcode::lcm: return 40;
    case Opcode::pow: case Opcode::lgamma: case Opcode::digamma: case Opcode::erfinv: case Opcode::orthogonal: return 60;
    default: return op >= Opcode::exp ? 16 : 1;
  }
}

// Renames the last value of each output that was written more than once, and finds the outputs whose register may be the result itself.
void plan_outputs(Program& p) {
  p.in_place.assign(p.outputs.size(), false);
  bool returns_operand = false;
  for (uint8_t r : p.outputs) returns_operand = returns_operand || r < p.inputs;
  for (size_t k = 0; k < p.outputs.size(); ++k) {
    const uint8_t r = p.outputs[k];
    if (r < p.registers() - p.temporaries) continue;
    int last = -1, writes = 0;
    for (size_t i = 0; i < p.code.size(); ++i)
      if (p.code[i].to == r) {
        last = static_cast<int>(i);
        ++writes;
      }
    if (last < 0) continue;
    bool again = false;
    for (size_t other = 0; other < p.outputs.size(); ++other) again = again || (other != k && p.outputs[other] == r);
    if (again || returns_operand) continue;
    bool safe = true;
    for (size_t i = last + 1; i < p.code.size(); ++i)
      for (int a = 0; a < arity(p.code[i].op); ++a) safe = safe && p.code[i].from[a] >= p.inputs;
    if (!safe) continue;
    if (writes > 1) {
      if (p.registers() == kMaxRegisters) continue;
      const auto fresh = static_cast<uint8_t>(p.registers());
      ++p.temporaries;
      p.code[last].to = fresh;
      for (size_t i = last + 1; i < p.code.size(); ++i)
        for (int a = 0; a < arity(p.code[i].op); ++a)
          if (p.code[i].from[a] == r) p.code[i].from[a] = fresh;
      p.outputs[k] = fresh;
    }
    p.in_place[k] = true;
  }
}

Status define(Reader& in) {
  const double* begin = in.words();
  Program p;
  p.compute = static_cast<Compute>(in.integer());
  p.inputs = static_cast<int>(in.integer());
  p.constants = static_cast<int>(in.integer());
  p.scalars = static_cast<int>(in.integer());
  p.temporaries = static_cast<int>(in.integer());
  const auto instructions = static_cast<size_t>(in.integer());
  const auto outputs = static_cast<size_t>(in.integer());
  const size_t words = 8 + p.constants + instructions + outputs;
  std::vector<uint64_t> key(words);
  std::memcpy(key.data(), begin, words * 8);

  Registry& r = registry;
  const Lock lock;
  const auto [found, added] = r.handles.try_emplace(std::move(key), r.count);
  if (added) {
    if (r.count == int64_t{kPage} * kPages) {
      r.handles.erase(found);
      return in.fail(Status::out_of_memory, static_cast<double>(sizeof(Program)));
    }
    for (int i = 0; i < p.constants; ++i) {
      int64_t bits = in.bits();
      if (p.compute == Compute::float32) {
        double d;
        std::memcpy(&d, &bits, 8);
        const float f = static_cast<float>(d);
        std::memcpy(&bits, &f, 4);
      }
      p.constant_bits.push_back(bits);
    }
    p.cost = 1;
    p.divides = false;
    for (size_t i = 0; i < instructions; ++i) {
      const int64_t bits = in.bits();
      uint8_t b[8];
      std::memcpy(b, &bits, 8);
      const Instruction instruction{static_cast<Opcode>(b[0]), b[1], {b[2], b[3], b[4]}};
      const Opcode op = instruction.op;
      p.cost += cost(op);
      if (p.compute == Compute::int64 &&
          (op == Opcode::fmod || op == Opcode::remainder || op == Opcode::floor_divide || op == Opcode::trunc_divide))
        p.divides = true;
      p.code.push_back(instruction);
    }
    for (size_t i = 0; i < outputs; ++i) p.outputs.push_back(static_cast<uint8_t>(in.integer()));
    plan_outputs(p);
    p.copies = p.inputs == 1 && outputs == 1 &&
        (p.code.empty() || (p.code.size() == 1 && p.code[0].op == Opcode::copy && p.code[0].from[0] == 0 && p.outputs[0] == p.code[0].to)) &&
        (!p.code.empty() || p.outputs[0] == 0);
    std::atomic<const Program**>& page = pages[r.count / kPage];
    if (!page.load(std::memory_order_relaxed)) page.store(new const Program*[kPage](), std::memory_order_release);
    page.load(std::memory_order_relaxed)[r.count % kPage] = new Program(std::move(p));
    ++r.count;
  }
  in.words()[0] = static_cast<double>(found->second);
  return Status::ok;
}

}  // namespace

const Program& program(int64_t handle) {
  return *pages[handle / kPage].load(std::memory_order_acquire)[handle % kPage];
}

const Table& table() { return chosen; }

namespace {

Kernel kernel(int64_t number) {
  const Kernel own = table().kernels[number];
  return own ? own : tables[std::size(tables) - 1].kernels[number];
}

}  // namespace

Status execute(double* words) {
  const Table& t = chosen;
  Reader in(words);
  const auto command = static_cast<int64_t>(words[0]);
  switch (command) {
    case 0: return define(in);
    case 1: return t.pointwise(in);
    case 2: return t.reduce(in);
    default: return kernel(command - 3)(in);
  }
}

}  // namespace flambeau
