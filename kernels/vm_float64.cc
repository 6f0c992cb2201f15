// The vector machine's instructions on float64; a source of its own because they take the compiler long.
#include "vm_ops.h"

namespace flambeau::FLAMBEAU_ISA {
FLAMBEAU_INSTANTIATE_FORMS(double)
}  // namespace flambeau::FLAMBEAU_ISA
