// The vector machine's instructions as it calls them.
#pragma once
#include <cstdint>

#include "complex.h"
#include "engine.h"

namespace flambeau::FLAMBEAU_ISA {

// to, up to three operands, elements. `to` may be an operand.
using Step = void (*)(void* to, const void* a, const void* b, const void* c, int64_t n);

// The forms of an instruction by which operands (bit 0: the first) are one value instead of a block; null where there is none.
struct Forms {
  Step step[8] = {};
};

// The forms of every instruction on T.
template <class T>
const Forms* forms();
template <>
const Forms* forms<float>();
template <>
const Forms* forms<double>();
template <>
const Forms* forms<int64_t>();
template <>
const Forms* forms<Complex<float>>();
template <>
const Forms* forms<Complex<double>>();

}  // namespace flambeau::FLAMBEAU_ISA
