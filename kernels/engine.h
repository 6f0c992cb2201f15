// What the engine (compiled once) and the instruction sets' parts of it know of each other.
#pragma once
#include <cstdint>
#include <vector>

#include "generated/opcodes.h"
#include "generated/reductions.h"
#include "kernel.h"

namespace flambeau {

enum class Opcode : uint8_t {
#define X(name, ...) name,
  FLAMBEAU_OPCODES(X)
#undef X
  count
};

enum class Reduction : int32_t {
#define X(name) name,
  FLAMBEAU_REDUCTIONS(X)
#undef X
};

enum class Compute : uint8_t { float32, float64, int64, complex64, complex128 };

struct Instruction {
  Opcode op;
  uint8_t to;
  uint8_t from[3];
};

// Outputs and inputs of a program together.
constexpr int kMaxOperands = 64;
constexpr int kMaxRegisters = 256;

// A program of the vector machine; registers are inputs, constants, scalars, temporaries, in this order.
struct Program {
  Compute compute;
  int inputs, constants, scalars, temporaries;
  std::vector<int64_t> constant_bits;  // each a value of the compute type in its first bytes; programs of complex numbers have none
  std::vector<Instruction> code;
  std::vector<uint8_t> outputs;
  // For each output, whether its register may be the result's memory itself: nothing reads an operand after it was written.
  std::vector<bool> in_place;
  // Moves elements and does nothing else.
  bool copies;
  // Has integer divisions, whose divisors must be checked.
  bool divides;
  // Rough time for an element, in additions.
  int cost;

  int registers() const { return inputs + constants + scalars + temporaries; }
};

// The program of a handle that `define` gave.
const Program& program(int64_t handle);

// Carries out the command that starts at words[0].
Status execute(double* words);

// What one instruction set offers.
struct Table {
  const char* name;
  bool (*supported)();
  Status (*pointwise)(Reader&);
  Status (*reduce)(Reader&);
  const Kernel* kernels;
};

// The one in use: the best the machine supports, or the one that the environment variable FLAMBEAU_ISA names.
const Table& table();

#define FLAMBEAU_DECLARE_ISA(isa) \
  namespace isa { \
  Status pointwise(Reader& in); \
  Status reduce(Reader& in); \
  extern const Kernel kernels[]; \
  }

}  // namespace flambeau
