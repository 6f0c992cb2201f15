import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

/** Values of PyTorch 2.13. */
const values: readonly [torch.Tensor, readonly number[]][] = [
  [torch.hannWindow(5), [0, 0.34549152851104736, 0.9045084714889526, 0.9045084714889526, 0.3454914391040802]],
  [torch.hannWindow(5, { periodic: false }), [0, 0.5, 1, 0.5, 0]],
  [torch.hannWindow(1, false), [1]],
  [torch.hannWindow(2, false), [0, 0]],
  [torch.hannWindow({ windowLength: 4, dtype: torch.float16 }), [0, 0.499755859375, 1, 0.50048828125]],
  [torch.hannWindow(4, { dtype: torch.bfloat16 }), [0, 0.5, 1, 0.49609375]],
  [
    torch.hammingWindow(5, true, 0.5, 0.25, { dtype: torch.float64 }),
    [0.25, 0.42274575140626314, 0.7022542485937369, 0.7022542485937369, 0.4227457514062632],
  ],
  [torch.hammingWindow(5, false), [0.08, 0.54, 1, 0.54, 0.08]],
  [torch.blackmanWindow(5, false, { dtype: torch.float64 }), [0, 0.34, 1, 0.34, 0]],
  [
    torch.blackmanWindow(6, { dtype: torch.float16 }),
    [0, 0.129638671875, 0.6298828125, 1, 0.630859375, 0.13037109375],
  ],
  [torch.bartlettWindow(5), [0, 0.4, 0.8, 0.8, 0.4]],
  [torch.bartlettWindow(6, false), [0, 0.4, 0.8, 0.8, 0.4, 0]],
  [
    torch.kaiserWindow(5, false),
    [5.2773437346331775e-5, 0.21567265689373016, 1, 0.21567265689373016, 5.2773437346331775e-5],
  ],
  [
    torch.kaiserWindow(5, { beta: 5, dtype: torch.float64 }),
    [0.036710892271286676, 0.4149036392433668, 0.9138124838692001, 0.9138124838692001, 0.4149036392433668],
  ],
  [torch.kaiserWindow(4, { dtype: torch.bfloat16 }), [5.269050598144531e-5, 0.2158203125, 1, 0.2158203125]],
];

describe('windows', () => {
  it.each(values.map(([window, expected], i) => [i, window, expected] as const))(
    'have PyTorch’s values (%i)',
    (_, window, expected) => {
      const { dtype } = window;
      torch.testing.assertClose(window, torch.tensor(expected, { dtype }), { rtol: 1e-6, atol: 1e-7 });
    },
  );

  it('may have no element, and may want a gradient', () => {
    expect(torch.kaiserWindow(0).shape).toEqual([0]);
    expect(torch.hannWindow(3, { requiresGrad: true }).requiresGrad).toBe(true);
  });

  it('are refused in PyTorch’s words', () => {
    expect(() => torch.bartlettWindow(-1)).toThrow(
      'bartlett_window requires non-negative window_length, got window_length=-1',
    );
    expect(() => torch.hannWindow(4, { dtype: torch.int32 })).toThrow(
      'hann_window expects floating point dtypes',
    );
    expect(() => torch.kaiserWindow(4, { dtype: torch.complex64 })).toThrow(
      '"arange_cpu" not implemented for \'ComplexFloat\'',
    );
  });
});
