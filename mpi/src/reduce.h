// Arithmetic on what several ranks have sent.
#pragma once
#include <cstddef>

namespace flambeau {

// The numbers of the library's table of reductions (mpi_communicator.ts).
enum class Reduction { sum, avg, product, min, max, band, bor, bxor, none };

/** Bytes of an element, by PyTorch's number of its type; 0 for types that there are not. */
size_t element_size(int dtype);

/** Whether elements are added up in float32 and stored in less. */
bool is_half(int dtype);

/**
 * out[i] = sources[0][i] ∘ … ∘ sources[count - 1][i] for `n` elements; `out` may be one of the sources. Half types are added up in float32. False where
 * there is no such reduction of that type.
 *
 * @param divisor of `avg`: how many ranks the sources have come from; 0 for as many as there are sources
 */
bool reduce(void* out, const void* const* sources, int count, size_t n, int dtype, Reduction op, int divisor = 0);

}  // namespace flambeau
