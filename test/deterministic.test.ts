import { afterEach, describe, expect, it, vi } from 'vitest';
import * as torch from '../src/index.js';

const { deterministic } = torch.utils;

/** The words of an op that has no deterministic kernel in PyTorch. */
const refusal = (name: string) =>
  `${name} does not have a deterministic implementation, but you set 'torch.useDeterministicAlgorithms(true)'. You can turn off determinism just for this operation, or you can use the 'warnOnly: true' option, if that's acceptable for your application. You can also file an issue at https://github.com/pytorch/pytorch/issues to help us prioritize adding deterministic support for this operation.`;

const { float32, bfloat16, complex64, int32, int64, uint8, bool } = torch;
const dtypes = { float32, bfloat16, complex64, int32, int64, uint8, bool };

const index = torch.tensor([0, 1, 1]);
const put = (accumulate: boolean) => torch.zeros(3).put_(index, torch.ones(3), accumulate);

describe('deterministic mode', () => {
  afterEach(() => {
    torch.useDeterministicAlgorithms(false);
    deterministic.fillUninitializedMemory = true;
  });

  it('tells whether it is on, and whether it only warns', () => {
    const state = () => [
      torch.areDeterministicAlgorithmsEnabled(),
      torch.isDeterministicAlgorithmsWarnOnlyEnabled(),
    ];
    expect(state()).toEqual([false, false]);
    torch.useDeterministicAlgorithms(true);
    expect(state()).toEqual([true, false]);
    torch.useDeterministicAlgorithms({ mode: true, warnOnly: true });
    expect(state()).toEqual([true, true]);
    torch.useDeterministicAlgorithms(false, { warnOnly: true });
    expect(state()).toEqual([false, false]);
  });

  it.each([
    ['float32', '[nan, nan, nan]'],
    ['bfloat16', '[nan, nan, nan], dtype=torch.bfloat16'],
    ['complex64', '[nan+0.j, nan+0.j, nan+0.j]'],
    ['int32', '[2147483647, 2147483647, 2147483647], dtype=torch.int32'],
    ['int64', '[9223372036854775807, 9223372036854775807, 9223372036854775807]'],
    ['uint8', '[255, 255, 255], dtype=torch.uint8'],
    ['bool', '[True, True, True]'],
  ] as const)('fills new memory of %s', (dtype, printed) => {
    torch.useDeterministicAlgorithms(true);
    expect(String(torch.empty(3, { dtype: dtypes[dtype] }))).toBe(`tensor(${printed})`);
  });

  it('fills whatever has no values, and leaves alone what has', () => {
    torch.useDeterministicAlgorithms(true);
    const x = torch.ones(2, 2);
    for (const made of [
      torch.emptyLike(x),
      x.newEmpty([2, 2]),
      torch.emptyStrided([2, 2], [1, 2]),
      x.newEmptyStrided([2, 2], [1, 2]),
      torch.emptyPermuted([2, 2], [1, 0]),
    ])
      expect(made.isnan().all().item()).toBe(1);
    expect(torch.zeros(2).tolist()).toEqual([0, 0]);
    expect(torch.ones(2).resize_([4]).tolist()).toEqual([1, 1, Number.NaN, Number.NaN]);
    expect(torch.empty(2, { requiresGrad: true }).requiresGrad).toBe(true);
  });

  it('fills nothing where it is told not to', () => {
    torch.useDeterministicAlgorithms(true);
    deterministic.fillUninitializedMemory = false;
    expect(torch.empty(1000).isnan().all().item()).toBe(0);
    expect(() => {
      deterministic.fillUninitializedMemory = 3 as never;
    }).toThrow('expected a bool, but got int');
  });

  it('refuses what PyTorch refuses', () => {
    torch.useDeterministicAlgorithms(true);
    const { maxUnpool1d, maxUnpool3d } = torch.nn.functional;
    expect(() => put(false)).toThrow(refusal('put_'));
    expect(() => torch.zeros(3).put(index, torch.ones(3))).toThrow(refusal('put_'));
    expect(put(true).tolist()).toEqual([1, 2, 0]);
    expect(() => maxUnpool1d(torch.rand(1, 1, 2), torch.tensor([[[0, 2]]]), 2)).toThrow(
      refusal('max_unpooling2d_forward_out'),
    );
    expect(() =>
      maxUnpool3d(torch.rand(1, 1, 1, 1, 1), torch.zeros(1, 1, 1, 1, 1, { dtype: torch.int64 }), 2),
    ).toThrow(refusal('max_unpooling3d_forward_out'));
    torch.useDeterministicAlgorithms(false);
    expect(put(false).tolist()).toEqual([1, 1, 0]);
  });

  it('warns of it where it only warns', () => {
    const warned: string[] = [];
    vi.spyOn(console, 'warn').mockImplementation((text: string) => void warned.push(text));
    torch.useDeterministicAlgorithms(true, { warnOnly: true });
    expect(put(false).tolist()).toEqual([1, 1, 0]);
    expect(warned).toEqual([
      "UserWarning: put_ does not have a deterministic implementation, but you set 'torch.useDeterministicAlgorithms(true, { warnOnly: true })'. You can file an issue at https://github.com/pytorch/pytorch/issues to help us prioritize adding deterministic support for this operation.",
    ]);
    vi.restoreAllMocks();
  });

  it('holds in regions that are entered and after them', async () => {
    await torch.noGrad(async () => {
      torch.useDeterministicAlgorithms(true);
      expect(torch.areDeterministicAlgorithmsEnabled()).toBe(true);
      await Promise.resolve();
      expect(() => put(false)).toThrow(refusal('put_'));
    });
    expect(torch.areDeterministicAlgorithmsEnabled()).toBe(true);
    expect(() => put(false)).toThrow(refusal('put_'));
    const rows = torch.vmap((x: torch.Tensor) => torch.emptyLike(x))(torch.ones(2, 3));
    expect(rows.isnan().all().item()).toBe(1);
  });

  it('trains a network, with the same results every time', () => {
    const train = () => {
      torch.manualSeed(0);
      const net = new torch.nn.Sequential(
        new torch.nn.Conv2d(1, 2, 3),
        new torch.nn.BatchNorm2d(2),
        new torch.nn.ReLU(),
        new torch.nn.MaxPool2d(2),
      );
      const optimizer = new torch.optim.Adam(net.parameters());
      net
        .forward(torch.rand(2, 1, 8, 8))
        .sum()
        .backward();
      optimizer.step();
      return [...net.parameters()].map((p) => p.tolist());
    };
    torch.useDeterministicAlgorithms(true);
    expect(train()).toEqual(train());
  });
});
