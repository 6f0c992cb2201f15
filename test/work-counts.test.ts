import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Counts {
  readonly calls: number;
  readonly moved: number;
  readonly allocations: number;
  readonly allocated: number;
}
const { countsOfWorkload } = (await import(
  fileURLToPath(new URL('../bench/counts.mjs', import.meta.url))
)) as { countsOfWorkload(name: string): Counts };

/** Kernels called and results allocated, at most; megabytes that kernels read and write, and that results take. Lower them where work gets less. */
const most: Record<string, readonly [calls: number, allocations: number, moved: number, allocated: number]> =
  {
    '01_add16': [1, 1, 0.0002, 0.0001],
    '03_muladd1M': [2, 2, 25.2, 8.4],
    '05_softmax1024': [1, 1, 8.4, 4.2],
    '07_layernorm': [1, 3, 6.4, 3.2],
    '09_bmm': [1, 1, 4.2, 2.1],
    '10b_conv3x3': [1, 1, 25.9, 12.9],
    '16a_cnn4': [47, 39, 3.3, 0.8],
    '16b_cnn64': [47, 39, 22.9, 8.6],
    '17_mlp_adam': [29, 21, 32.7, 4.9],
    '18_transformer': [47, 50, 184, 63],
    '19a_lstm': [12, 20, 22.4, 10.7],
    '19b_lstm_train': [30, 47, 107.5, 38.1],
    '20a_encoder_layer': [58, 62, 206, 75.6],
    '20b_attention': [38, 36, 114, 46.2],
    '21_embedding_bag': [8, 8, 5.8, 2.9],
    '22_adamw': [50, 0, 9.6, 0],
  };

describe('the work that a workload asks of the engine', () => {
  it.each(Object.entries(most))(
    '%s is not more than it was',
    (name, [calls, allocations, moved, allocated]) => {
      const counts = countsOfWorkload(name);
      expect(counts.calls).toBeGreaterThan(0);
      expect(counts.calls).toBeLessThanOrEqual(calls);
      expect(counts.allocations).toBeLessThanOrEqual(allocations);
      expect(counts.moved).toBeLessThanOrEqual(1e6 * moved);
      expect(counts.allocated).toBeLessThanOrEqual(1e6 * allocated);
    },
  );
});
