import * as torch from 'flambeau';
import { expect, it } from 'vitest';

it('finfo tells the limits that PyTorch tells', () => {
  expect(torch.finfo()).toMatchObject({
    bits: 32,
    eps: 2 ** -23,
    tiny: 2 ** -126,
    resolution: 1e-6,
    dtype: 'float32',
  });
  expect(torch.finfo(torch.float32).max).toBe(3.4028234663852886e38);
  expect(torch.finfo(torch.float64).max).toBe(Number.MAX_VALUE);
  expect(torch.finfo(torch.float64).eps).toBe(Number.EPSILON);
  expect(torch.finfo(torch.float16)).toMatchObject({ max: 65504, min: -65504, eps: 0.0009765625 });
  expect(torch.finfo(torch.bfloat16)).toMatchObject({ eps: 0.0078125, max: 3.3895313892515355e38 });
  expect(() => torch.finfo(torch.int64)).toThrow(torch.TypeError);
});

it('iinfo tells the limits that PyTorch tells', () => {
  expect(torch.iinfo(torch.int8)).toMatchObject({ min: -128, max: 127, bits: 8, dtype: 'int8' });
  expect(torch.iinfo(torch.uint8)).toMatchObject({ min: 0, max: 255 });
  expect(torch.iinfo(torch.int32)).toMatchObject({ min: -2147483648, max: 2147483647 });
  expect(torch.iinfo(torch.int64)).toMatchObject({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  expect(() => torch.iinfo(torch.float32)).toThrow(torch.TypeError);
});

it('torch.device names a device', () => {
  expect(String(torch.device('cpu'))).toBe('cpu');
  expect(torch.ones(2, { device: torch.device('cpu') }).device).toBe(torch.device('cpu'));
  expect(String(torch.device('cuda', 1))).toBe('cuda:1');
  expect(() => torch.ones(2, { device: 'cuda' })).toThrow('Torch not compiled with CUDA enabled');
  expect(() => torch.device('cuda:01')).toThrow("Invalid device string: 'cuda:01'");
  expect(() => torch.device('tpu')).toThrow(
    /^Expected one of cpu, cuda, .*, webgpu device type at start of device string: tpu/,
  );
});

it('torch.where of a condition alone gives coordinates', () => {
  expect(
    torch
      .where(
        torch.tensor([
          [true, false],
          [false, true],
        ]),
      )
      .map((t) => t.tolist()),
  ).toEqual([
    [0, 1],
    [0, 1],
  ]);
});
