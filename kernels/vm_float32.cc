// The vector machine's instructions on float32; a source of its own because they take the compiler long.
#include "vm_ops.h"

namespace flambeau::FLAMBEAU_ISA {
FLAMBEAU_INSTANTIATE_FORMS(float)
}  // namespace flambeau::FLAMBEAU_ISA
