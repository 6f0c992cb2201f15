// The kernels of one instruction set, in the order of their command numbers.
#include "engine.h"

namespace flambeau::FLAMBEAU_ISA {

#define X(name) [[gnu::weak]] Status name(Reader& in);
FLAMBEAU_KERNELS(X)
#undef X

extern const Kernel kernels[] = {
#define X(name) name,
    FLAMBEAU_KERNELS(X)
#undef X
};

}  // namespace flambeau::FLAMBEAU_ISA
