/** More than an adapter binds or has room for: tried on what this one has, and on the least that any has. */
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { counted, expectAgreement, expectSame, gpu, hasAdapter, onGpu } from './device.js';

const F = torch.nn.functional;

describe.skipIf(!hasAdapter)('what no adapter has room for', () => {
  it('elements beyond the largest position are refused, however little memory they lie in', async () => {
    const x = torch.ones(1, onGpu);
    const wide = x.expand([2 ** 33]);
    const words = 'webgpu counts up to 2147483648 elements, not 8589934592';
    expect(() => wide.sum()).toThrow(`sum: ${words}`);
    expect(() => wide.argmax()).toThrow(words);
    expect(() => wide.dot(wide)).toThrow(words);
    for (const body of [() => wide.add(1), () => wide.cumsum(0), () => wide.sort()])
      expect(body).toThrow('WebGPU out of memory');
    expect(await x.sum().itemAsync()).toBe(1);
  });

  it('a storage larger than a binding is refused by its size', () => {
    const most = gpu().limits.bufferBytes;
    expect(() => torch.empty([most / 4 + 1], onGpu)).toThrow(
      `WebGPU out of memory: tried to allocate ${most + 4} bytes for one tensor, but the adapter binds at most ${most} bytes.`,
    );
  });
});

describe.skipIf(!hasAdapter)('more operands than an adapter binds', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => counted(3, 4).add(i));

  it('are taken by cat and stack', async () => {
    await expectAgreement((...ts) => torch.cat(ts), many(20));
    await expectAgreement((...ts) => torch.stack(ts, 1), many(20));
  });

  it('are taken by a sum of a chain', () =>
    expectAgreement((...ts) => ts.reduce((a, b) => a.mul(0.5).add(b)), many(20)));

  it('are taken by six indices', async () => {
    const x = counted(2, 2, 2, 2, 2, 2, 2, 2);
    const index = Array.from({ length: 8 }, (_, i) =>
      torch
        .arange(3)
        .mul(i + 1)
        .remainder(2),
    );
    const on = (t: torch.Tensor) => index.map((i) => i.to(t.device));
    await expectAgreement((t) => t.index(...on(t)), [x]);
    await expectAgreement((t) => t.indexPut(on(t), torch.ones(3, { device: t.device })), [x]);
    await expectAgreement((t) => t.indexPut(on(t), torch.ones(3, { device: t.device }), true), [x]);
    await expectSame(
      x.to('webgpu').indexPut(on(x.to('webgpu')), torch.ones(3, onGpu), true),
      x.indexPut(on(x), torch.ones(3), true),
    );
  });

  it('einsum, lerp, addcdiv and their kind', async () => {
    await expectAgreement((a, b, c, d) => torch.einsum('ij,ij,ij,ij->i', [a, b, c, d]), many(4));
    await expectAgreement(
      (a, b, c) => a.addcdiv(b, c.square().add(1), { value: 0.5 }).lerp(b, c.sigmoid()),
      many(3),
    );
    await expectAgreement(
      (x, w, b) => F.batchNorm(x, null, null, w, b, true),
      [counted(6, 4), counted(4), counted(4)],
    );
  });
});
