// The vector machine's instructions on complex64 and complex128.
#include "vm_ops.h"

namespace flambeau::FLAMBEAU_ISA {
using Complex64 = Complex<float>;
using Complex128 = Complex<double>;
FLAMBEAU_INSTANTIATE_FORMS(Complex64)
FLAMBEAU_INSTANTIATE_FORMS(Complex128)
}  // namespace flambeau::FLAMBEAU_ISA
