// The elementary and special functions of the vector machine, overloaded on float and double.
//
// They are straight-line scalar code: no branches, tables or calls, choices are selections and integer work is on the bits,
// so that a loop over any of them becomes vector code (compile with -fno-math-errno -fno-trapping-math; lgamma, digamma
// and the double pow are the exceptions). Errors are 1 to 2 units in the last place, at most 4; zeros, infinities, NaN and
// subnormal numbers come out as C's annex F has them.
//
// Polynomials without another source interpolate the function at Chebyshev points of the reduced range, computed with 50
// digits: within a small factor of the best approximation of their degree.
#pragma once
#include "math_special.h"
