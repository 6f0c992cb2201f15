// The vector machine's instructions: one loop each over a block of registers.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "convert.h"
#include "engine.h"
#include "math.h"
#include "orthogonal.h"
#include "vm_forms.h"

namespace flambeau::FLAMBEAU_ISA {

template <class T>
constexpr bool is_float = std::is_floating_point_v<T>;

namespace op {

using u64 = uint64_t;
constexpr int64_t wrap(u64 x) { return static_cast<int64_t>(x); }

// Overflow of int64 wraps: the arithmetic is done without sign.
#define FLAMBEAU_BINARY(name, floats, ints) \
  struct name { \
    template <class T> static T f(T a, T b) { \
      if constexpr (std::is_integral_v<T>) return ints; \
      else return floats; \
    } \
  };
#define FLAMBEAU_UNARY(name, floats, ints) \
  struct name { \
    template <class T> static T f(T a) { \
      if constexpr (std::is_integral_v<T>) return ints; \
      else return floats; \
    } \
  };

FLAMBEAU_UNARY(copy, a, a)
FLAMBEAU_BINARY(add, a + b, wrap(u64(a) + u64(b)))
FLAMBEAU_BINARY(sub, a - b, wrap(u64(a) - u64(b)))
FLAMBEAU_BINARY(mul, a * b, wrap(u64(a) * u64(b)))
FLAMBEAU_BINARY(div, a / b, a)
FLAMBEAU_UNARY(neg, -a, wrap(-u64(a)))
FLAMBEAU_UNARY(abs, a < 0 ? -a : a + T(0), a < 0 ? wrap(-u64(a)) : a)
FLAMBEAU_UNARY(sign, T(a > 0) - T(a < 0), T(a > 0) - T(a < 0))
FLAMBEAU_UNARY(reciprocal, T(1) / a, a)
FLAMBEAU_UNARY(sqrt, std::sqrt(a), a)
FLAMBEAU_UNARY(rsqrt, T(1) / std::sqrt(a), a)
FLAMBEAU_UNARY(floor, std::floor(a), a)
FLAMBEAU_UNARY(ceil, std::ceil(a), a)
FLAMBEAU_UNARY(trunc, std::trunc(a), a)
FLAMBEAU_UNARY(round, std::nearbyint(a), a)
FLAMBEAU_BINARY(maximum, (a > b) | (a != a) ? a : b, a > b ? a : b)
FLAMBEAU_BINARY(minimum, (a < b) | (a != a) ? a : b, a < b ? a : b)
FLAMBEAU_BINARY(fmax, (a > b) | (b != b) ? a : b, a)
FLAMBEAU_BINARY(fmin, (a < b) | (b != b) ? a : b, a)
FLAMBEAU_BINARY(copysign, std::copysign(a, b), a)
FLAMBEAU_BINARY(nextafter, math::nextafter(a, b), a)
FLAMBEAU_BINARY(eq, T(a == b), T(a == b))
FLAMBEAU_BINARY(ne, T(a != b), T(a != b))
FLAMBEAU_BINARY(lt, T(a < b), T(a < b))
FLAMBEAU_BINARY(le, T(a <= b), T(a <= b))
FLAMBEAU_BINARY(gt, T(a > b), T(a > b))
FLAMBEAU_BINARY(ge, T(a >= b), T(a >= b))
FLAMBEAU_BINARY(logical_and, T((a != 0) & (b != 0)), T((a != 0) & (b != 0)))
FLAMBEAU_BINARY(logical_or, T((a != 0) | (b != 0)), T((a != 0) | (b != 0)))
FLAMBEAU_UNARY(logical_not, T(a == 0), T(a == 0))
FLAMBEAU_UNARY(isnan, T(a != a), a)
FLAMBEAU_BINARY(bit_and, a, a & b)
FLAMBEAU_BINARY(bit_or, a, a | b)
FLAMBEAU_BINARY(bit_xor, a, a ^ b)
FLAMBEAU_UNARY(bit_not, a, ~a)

struct conj {
  template <class T> static T f(T a) { return {a.re, -a.im}; }
};

struct signbit {
  template <class T> static T f(T a) {
    if constexpr (std::is_same_v<T, float>) return T(std::bit_cast<uint32_t>(a) >> 31);
    else return T(std::bit_cast<uint64_t>(a) >> 63);
  }
};

struct fma {
  template <class T> static T f(T a, T b, T c) {
    if constexpr (!is_float<T>) return wrap(u64(a) * u64(b) + u64(c));
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    else return std::fma(a, b, c);
#else
    else return a * b + c;
#endif
  }
};

struct select {
  template <class T> static T f(T a, T b, T c) { return a != 0 ? b : c; }
};

// Amounts out of range shift everything out.
struct shift_left {
  template <class T> static T f(T a, T b) { return u64(b) > 63 ? 0 : wrap(u64(a) << (u64(b) & 63)); }
};
struct shift_right {
  template <class T> static T f(T a, T b) { return a >> (u64(b) > 63 ? 63 : b); }
};

// Divisors of int64 are checked before (Machine::divisors_ok); a zero only must not trap. The most negative number divided by -1 would.
inline int64_t quotient(int64_t a, int64_t b) { return b == -1 ? wrap(-u64(a)) : a / (b == 0 ? 1 : b); }
inline int64_t rest(int64_t a, int64_t b) { return b == -1 || b == 0 ? 0 : a % b; }

struct fmod {
  template <class T> static T f(T a, T b) {
    if constexpr (is_float<T>) return std::fmod(a, b);
    else return rest(a, b);
  }
};
struct remainder {
  template <class T> static T f(T a, T b) {
    const T r = fmod::f(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
  }
};
struct floor_divide {
  template <class T> static T f(T a, T b) {
    if constexpr (is_float<T>) {
      // Python's float floor division (CPython, float_divmod): exact where a / b would round up to the next integer.
      if (b == 0) return a / b;
      const T r = std::fmod(a, b);
      T q = (a - r) / b;
      if (r != 0 && (b < 0) != (r < 0)) q -= 1;
      if (q == 0) return std::copysign(T(0), a / b);
      const T whole = std::floor(q);
      return q - whole > T(0.5) ? whole + 1 : whole;
    } else {
      const T q = quotient(a, b);
      return rest(a, b) != 0 && (a < 0) != (b < 0) ? q - 1 : q;
    }
  }
};
struct trunc_divide {
  template <class T> static T f(T a, T b) {
    if constexpr (is_float<T>) return std::trunc(a / b);
    else return quotient(a, b);
  }
};

// Of int64 whose magnitudes it takes without sign, the most negative one's too. By halving, since a division takes as long as ten steps.
inline u64 common_divisor(int64_t a, int64_t b) {
  u64 x = a < 0 ? -u64(a) : u64(a), y = b < 0 ? -u64(b) : u64(b);
  if (x == 0 || y == 0) return x | y;
  const int twos = std::countr_zero(x | y);
  x >>= std::countr_zero(x);
  do {
    y >>= std::countr_zero(y);
    const u64 least = x < y ? x : y;
    y = x < y ? y - x : x - y;
    x = least;
  } while (y != 0);
  return x << twos;
}

struct gcd {
  template <class T> static T f(T a, T b) { return wrap(common_divisor(a, b)); }
};
struct lcm {
  template <class T> static T f(T a, T b) {
    const u64 divisor = common_divisor(a, b);
    if (divisor == 0) return 0;
    return abs::f(wrap((a < 0 ? -u64(a) : u64(a)) / divisor * u64(b)));
  }
};

inline int64_t integer_power(int64_t base, int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent & 1 ? -1 : 1) : 0;
  u64 result = 1;
  for (u64 b = u64(base), e = u64(exponent); e; e >>= 1, b *= b)
    if (e & 1) result *= b;
  return wrap(result);
}

struct pow {
  template <class T> static T f(T a, T b) {
    if constexpr (is_float<T>) return math::pow(a, b);
    else return integer_power(a, b);
  }
};

// Inlined however long they are, since a call would keep the loop from becoming vector code; pages, whose vectors are short, load less.
#if defined(__wasm__)
#define FLAMBEAU_INLINED
#else
#define FLAMBEAU_INLINED [[gnu::always_inline]]
#endif
#define FLAMBEAU_ELEMENTARY(name) \
  struct name { \
    template <class T> FLAMBEAU_INLINED static T f(T a) { return math::name(a); } \
  };
// The vector form takes arguments up to a bound, `any` larger ones too.
#define FLAMBEAU_TRIGONOMETRIC(name) \
  struct name { \
    template <class T> static T f(T a) { return math::name(a); } \
    template <class T> static T any(T a) { return math::name##_any(a); } \
  };
FLAMBEAU_ELEMENTARY(exp)
FLAMBEAU_ELEMENTARY(exp2)
FLAMBEAU_ELEMENTARY(expm1)
FLAMBEAU_ELEMENTARY(log)
FLAMBEAU_ELEMENTARY(log2)
FLAMBEAU_ELEMENTARY(log10)
FLAMBEAU_ELEMENTARY(log1p)
FLAMBEAU_TRIGONOMETRIC(sin)
FLAMBEAU_TRIGONOMETRIC(cos)
FLAMBEAU_TRIGONOMETRIC(tan)
FLAMBEAU_ELEMENTARY(asin)
FLAMBEAU_ELEMENTARY(acos)
FLAMBEAU_ELEMENTARY(atan)
FLAMBEAU_ELEMENTARY(sinh)
FLAMBEAU_ELEMENTARY(cosh)
FLAMBEAU_ELEMENTARY(tanh)
FLAMBEAU_ELEMENTARY(asinh)
FLAMBEAU_ELEMENTARY(acosh)
FLAMBEAU_ELEMENTARY(atanh)
FLAMBEAU_ELEMENTARY(erf)
FLAMBEAU_ELEMENTARY(erfc)
FLAMBEAU_ELEMENTARY(erfinv)
FLAMBEAU_ELEMENTARY(lgamma)
FLAMBEAU_ELEMENTARY(digamma)
FLAMBEAU_ELEMENTARY(sigmoid)

// Its loop is in orthogonal.h.
struct orthogonal {};

struct atan2 {
  template <class T> static T f(T a, T b) { return math::atan2(a, b); }
};

#undef FLAMBEAU_BINARY
#undef FLAMBEAU_UNARY
#undef FLAMBEAU_ELEMENTARY
#undef FLAMBEAU_INLINED
#undef FLAMBEAU_TRIGONOMETRIC

}  // namespace op

template <class T, class Op>
void unary(void* to_, const void* a_, const void*, const void*, int64_t n) {
  T* to = static_cast<T*>(to_);
  const T* a = static_cast<const T*>(a_);
  if constexpr (requires(T x) { Op::any(x); }) {
    if (math::beyond_trig_bound(a, n)) {
      for (int64_t i = 0; i < n; ++i) to[i] = Op::any(a[i]);
      return;
    }
  }
  FLAMBEAU_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) to[i] = Op::f(a[i]);
}

// `single` has the bits of Forms.
template <class T, class Op, int single>
void binary(void* to_, const void* a_, const void* b_, const void*, int64_t n) {
  T* to = static_cast<T*>(to_);
  const T* a = static_cast<const T*>(a_);
  const T* b = static_cast<const T*>(b_);
  if constexpr (single == 0) {
    FLAMBEAU_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) to[i] = Op::f(a[i], b[i]);
  } else if constexpr (single == 1) {
    const T s = *a;
    FLAMBEAU_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) to[i] = Op::f(s, b[i]);
  } else {
    const T s = *b;
    FLAMBEAU_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) to[i] = Op::f(a[i], s);
  }
}

template <class T, class Op, int single>
void ternary(void* to_, const void* a_, const void* b_, const void* c_, int64_t n) {
  T* to = static_cast<T*>(to_);
  const T* a = static_cast<const T*>(a_);
  const T* b = static_cast<const T*>(b_);
  const T* c = static_cast<const T*>(c_);
  const T sb = *b, sc = *c;
  FLAMBEAU_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) to[i] = Op::f(a[i], single & 2 ? sb : b[i], single & 4 ? sc : c[i]);
}

// A power that is the same for all: the cases PyTorch computes without pow.
template <class T>
void power_of_one_exponent(void* to_, const void* a_, const void* b_, const void*, int64_t n) {
  T* to = static_cast<T*>(to_);
  const T* a = static_cast<const T*>(a_);
  const T e = *static_cast<const T*>(b_);
  const auto each = [&](auto f) {
    FLAMBEAU_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) to[i] = f(a[i]);
  };
  if (e == 2) return each([](T x) { return op::mul::f(x, x); });
  if (e == 3) return each([](T x) { return op::mul::f(op::mul::f(x, x), x); });
  if (e == 1) return each([](T x) { return x; });
  if constexpr (is_float<T>) {
    if (e == T(0.5)) return each([](T x) { return std::sqrt(x); });
    if (e == T(-0.5)) return each([](T x) { return T(1) / std::sqrt(x); });
    if (e == -1) return each([](T x) { return T(1) / x; });
    if (e == -2) return each([](T x) { return T(1) / (x * x); });
  }
  each([e](T x) { return op::pow::f(x, e); });
}

// Instructions that often have one operand for all elements get forms of their own.
template <class Op>
constexpr bool is_hot = std::is_same_v<Op, op::add> || std::is_same_v<Op, op::sub> || std::is_same_v<Op, op::mul> ||
    std::is_same_v<Op, op::div> || std::is_same_v<Op, op::maximum> || std::is_same_v<Op, op::minimum> || std::is_same_v<Op, op::eq> ||
    std::is_same_v<Op, op::ne> || std::is_same_v<Op, op::lt> || std::is_same_v<Op, op::le> || std::is_same_v<Op, op::gt> ||
    std::is_same_v<Op, op::ge> || std::is_same_v<Op, op::remainder> || std::is_same_v<Op, op::floor_divide> ||
    std::is_same_v<Op, op::trunc_divide> || std::is_same_v<Op, op::bit_and>;

template <class T, class Op, int arity, bool exists>
constexpr Forms forms_of() {
  Forms f;
  if constexpr (exists && arity == 1) {
    f.step[0] = unary<T, Op>;
  } else if constexpr (exists && arity == 2) {
    f.step[0] = binary<T, Op, 0>;
    if constexpr (is_hot<Op>) {
      f.step[1] = binary<T, Op, 1>;
      f.step[2] = binary<T, Op, 2>;
    }
    if constexpr (std::is_same_v<Op, op::pow>) f.step[2] = power_of_one_exponent<T>;
  } else if constexpr (exists && std::is_same_v<Op, op::orthogonal>) {
    f.step[0] = f.step[4] = orthogonal_step<T, 4>;
#if !defined(__wasm__)
    f.step[6] = orthogonal_step<T, 6>;
#endif
  } else if constexpr (exists) {
    f.step[0] = ternary<T, Op, 0>;
    f.step[2] = ternary<T, Op, 2>;
    f.step[4] = ternary<T, Op, 4>;
    f.step[6] = ternary<T, Op, 6>;
  }
  return f;
}

// One source file instantiates this for each compute type.
#define FLAMBEAU_INSTANTIATE_FORMS(T) \
  template <> \
  const Forms* forms<T>() { \
    static constexpr Forms all[] = {FLAMBEAU_OPCODES(FLAMBEAU_FORMS_##T)}; \
    return all; \
  }
#define FLAMBEAU_FORMS_float(name, arity, floats, ints, pairs) forms_of<float, op::name, arity, floats>(),
#define FLAMBEAU_FORMS_double(name, arity, floats, ints, pairs) forms_of<double, op::name, arity, floats>(),
#define FLAMBEAU_FORMS_int64_t(name, arity, floats, ints, pairs) forms_of<int64_t, op::name, arity, ints>(),
#define FLAMBEAU_FORMS_Complex64(name, arity, floats, ints, pairs) forms_of<Complex64, op::name, arity, pairs>(),
#define FLAMBEAU_FORMS_Complex128(name, arity, floats, ints, pairs) forms_of<Complex128, op::name, arity, pairs>(),

}  // namespace flambeau::FLAMBEAU_ISA
