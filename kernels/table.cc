// The kernels of one instruction set, in the order of their command numbers. A set that borrows (FLAMBEAU_BORROWS) may lack some, which
// the engine takes from the baseline; elsewhere a missing one fails to link, because its symbol is hidden.
#include "engine.h"
#include "generated/kernels.h"

namespace flambeau::FLAMBEAU_ISA {

#if defined(FLAMBEAU_BORROWS)
#define X(name) [[gnu::weak]] Status name(Reader& in);
#else
#define X(name) [[gnu::visibility("hidden")]] Status name(Reader& in);
#endif
FLAMBEAU_KERNELS(X)
#undef X

extern const Kernel kernels[] = {
#define X(name) name,
    FLAMBEAU_KERNELS(X)
#undef X
};

}  // namespace flambeau::FLAMBEAU_ISA
