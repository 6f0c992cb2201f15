// How much a workload must do at least: float32 operations, of which a multiply-add is two, or bytes read and written.
const M = 1 << 20;
const floats = (count) => ({ bytes: 4 * count });
const product = (batch, rows, inner, columns) => ({ operations: 2 * batch * rows * inner * columns });

export const work = {
  '02_add1M': floats(3 * M),
  '03_muladd1M': floats(4 * M),
  '04_exp1M': floats(2 * M),
  '05_softmax1024': floats(2 * M),
  '06a_sum1M': floats(M),
  '06b_sumdim0': floats(M),
  '07_layernorm': floats(2 * 1024 * 768),
  ...Object.fromEntries(
    [64, 256, 512, 1024, 2048].map((n) => [`08_matmul${String(n).padStart(4, '0')}`, product(1, n, n, n)]),
  ),
  '09_bmm': product(32, 128, 64, 128),
  '10a_conv5x5': product(32, 28 * 28, 3 * 5 * 5, 6),
  '10b_conv3x3': product(16, 56 * 56, 64 * 3 * 3, 64),
  '12_transpose': floats(2 * M),
  '13_gather': floats(2 * 10_000 * 64),
};

/**
 * The share of the machine's limit that a workload reaches. Above 1 where arrays stay in caches, or an algorithm does with fewer operations.
 * @param limits of the machine, by the second (limits.mjs)
 */
export function shareOfLimit(name, ms, limits) {
  const { operations, bytes } = work[name] ?? {};
  if (limits === null || limits === undefined) return null;
  if (operations !== undefined) return operations / (ms / 1000) / limits.operations;
  // What is copied is read and written.
  return bytes === undefined ? null : bytes / (ms / 1000) / (2 * limits.copied);
}
