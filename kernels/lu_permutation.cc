// Orders of rows from the swaps of a factorization.
#include "pivots.h"
#include "generated/lu_permutation.h"

namespace flambeau::FLAMBEAU_ISA {

Status lu_permutation(const LuPermutationArguments& args) {
  const int64_t rows = args.out.size[1];
  for (int64_t index = 0; index < args.out.size[0]; ++index) {
    int64_t* order = args.out.as<int64_t>() + index * rows;
    for (int64_t i = 0; i < rows; ++i) order[i] = i;
    permute_rows(Matrix<int64_t>{order, rows, 1, 1, 1}, args.pivots.as<int32_t>() + index * args.pivots.stride[0], args.pivots.stride[1],
                 args.pivots.size[1], false);
  }
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
