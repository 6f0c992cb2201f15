import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as torch from '../src/index.js';

const { autocast, bfloat16, float16, float32, float64 } = torch;
const x = torch.ones(2, 3);
const w = torch.ones(3, 3).requiresGrad_();

describe('autocast', () => {
  it('runs products in bfloat16, what needs digits in float32, anything else as it comes', () => {
    const [product, sum, loss, product64] = autocast('cpu', () => {
      const product = x.mm(w);
      return [product, product.add(1), torch.nn.functional.mseLoss(product, product), x.mm(w.add(1))];
    });
    expect([product, sum, loss, product64].map((t) => t.dtype)).toEqual([
      bfloat16,
      bfloat16,
      float32,
      bfloat16,
    ]);
    expect(x.mm(w).dtype).toBe(float32);
  });

  it('leaves float64, integers and changes in place alone', () => {
    autocast('cpu', () => {
      expect(() => x.to(float64).mm(w)).toThrow(
        'expected m1 and m2 to have the same dtype, but got: double != c10::BFloat16',
      );
      expect(x.to(torch.int64).mm(x.t().to(torch.int64)).dtype).toBe(torch.int64);
      expect(torch.zeros(2, 3).addmm_(x, w.detach()).dtype).toBe(float32);
    });
  });

  it('promotes where dtypes meet in one tensor', () => {
    const dtypes = autocast('cpu', () => {
      const half = x.to(bfloat16);
      expect(() => torch.cat([x.to(float16), half])).toThrow(
        'Unexpected floating ScalarType in at::autocast::prioritize',
      );
      return [torch.cat([half, half]), torch.stack([half, x])].map((t) => t.dtype);
    });
    expect(dtypes).toEqual([bfloat16, float32]);
  });

  it('takes its settings by position or by name, and async functions', async () => {
    const run = () => x.mm(w).dtype;
    expect(autocast('cpu', float16, run)).toBe(float16);
    expect(autocast('cpu', float16, false, run)).toBe(float32);
    expect(autocast('cpu', null, true, false, run)).toBe(bfloat16);
    expect(autocast('cpu', { dtype: float16 }, run)).toBe(float16);
    expect(autocast('cpu', { dtype: float16, fn: run })).toBe(float16);
    expect(torch.amp.autocast({ deviceType: 'cpu', enabled: false, fn: run })).toBe(float32);
    const later = autocast('cpu', async () => {
      await null;
      return run();
    });
    expect(run()).toBe(float32);
    expect(await later).toBe(bfloat16);
  });

  it('nests: a region inside decides alone', () => {
    const dtypes = autocast('cpu', () => [
      autocast('cpu', { enabled: false }, () => x.mm(w).dtype),
      autocast('cpu', { dtype: float16 }, () => x.mm(w).dtype),
      autocast('webgpu', () => x.mm(w).dtype),
      x.mm(w).dtype,
    ]);
    expect(dtypes).toEqual([float32, float16, bfloat16, bfloat16]);
  });

  it('gives parameters float32 gradients through the casts', () => {
    const layer = new torch.nn.Linear(3, 2);
    const loss = autocast('cpu', () => layer.forward(x).sum());
    expect(loss.dtype).toBe(bfloat16);
    loss.backward();
    expect([layer.weight.grad!.dtype, layer.bias!.grad!.dtype]).toEqual([float32, float32]);
    expect(layer.weight.grad!.tolist()).toEqual([
      [2, 2, 2],
      [2, 2, 2],
    ]);
  });

  it('casts a parameter once in a region, unless told otherwise', () => {
    const sources = (cacheEnabled: boolean) =>
      autocast('cpu', { cacheEnabled }, () => {
        const nodes = [x.mm(w), autocast('cpu', () => x.mm(w))].map((t) => t.gradFn!.nextFunctions[1][0]);
        return new Set(nodes).size;
      });
    expect(sources(true)).toBe(1);
    expect(sources(false)).toBe(2);
    const [first, second] = [0, 1].map(() => autocast('cpu', () => x.mm(w)).gradFn!.nextFunctions[1][0]);
    expect(first).not.toBe(second);
  });

  it('keeps no cast without a history for where one is wanted', () => {
    autocast('cpu', () => {
      torch.noGrad(() => x.mm(w));
      expect(x.mm(w).requiresGrad).toBe(true);
    });
  });

  it('keeps its casts alive across scopes and bodies of composites', () => {
    const net = new torch.nn.Sequential(
      new torch.nn.Linear(3, 3),
      new torch.nn.ReLU(),
      new torch.nn.Linear(3, 1),
    );
    const losses = autocast('cpu', () =>
      [0, 1, 2].map(() =>
        torch.scope(() =>
          torch.nn.functional.crossEntropy(net.forward(x), torch.zeros(2).to(torch.int64)).item(),
        ),
      ),
    );
    expect(losses).toEqual([0, 0, 0]);
  });

  it('holds layers whose parameters stay float32', () => {
    const half = x.to(bfloat16).reshape(2, 3, 1, 1);
    const dtypes = autocast('cpu', () => [
      new torch.nn.BatchNorm2d(3).forward(half).dtype,
      new torch.nn.LayerNorm([3, 1, 1]).forward(half).dtype,
    ]);
    expect(dtypes).toEqual([bfloat16, bfloat16]);
  });

  it('works inside derivatives and around them', () => {
    const f = (t: torch.Tensor) => autocast('cpu', () => t.mm(w.detach()).to(float32).sum());
    expect(torch.func.grad(f)(x).dtype).toBe(float32);
    const [value, tangent] = torch.func.jvp(f, [x], [x]);
    expect([value.item(), tangent.item()]).toEqual([18, 18]);
    expect(
      autocast('cpu', () => torch.func.jvp((t: torch.Tensor) => t.mm(w.detach()), [x], [x]))[1].dtype,
    ).toBe(bfloat16);
  });
});

describe('what autocast says', () => {
  let warned: string[] = [];
  beforeEach(() => {
    warned = [];
    vi.spyOn(console, 'warn').mockImplementation((text: string) => void warned.push(text));
  });
  afterEach(() => void vi.restoreAllMocks());

  it('warns of dtypes and devices that it cannot serve, and runs without', () => {
    expect(autocast('cpu', float32, () => [torch.isAutocastEnabled('cpu'), x.mm(w).dtype])).toEqual([
      false,
      float32,
    ]);
    expect(autocast('cuda', () => torch.isAutocastEnabled('cuda'))).toBe(false);
    expect(warned).toEqual([
      'UserWarning: In CPU autocast, but the target dtype is not supported. Disabling autocast.\nCPU Autocast only supports dtypes of torch.bfloat16, torch.float16 currently.',
      'UserWarning: CUDA is not available or torch_xla is imported. Disabling autocast.',
    ]);
  });

  it('refuses other devices and arguments in PyTorch’s words', () => {
    const nothing = () => null;
    expect(() => autocast('foo', nothing)).toThrow('Expected one of cpu, cuda');
    expect(() => autocast('meta', nothing)).toThrow('unsupported scalarType');
    expect(() => autocast('meta', float16, nothing)).toThrow(
      "User specified an unsupported autocast device_type 'meta'",
    );
    expect(() => autocast(torch.device('cpu') as never, nothing)).toThrow(
      "Expected `device_type` of type `str`, got: `<class 'torch.device'>`",
    );
    expect(() => autocast('cpu', 3 as never, nothing)).toThrow(
      "autocast(): argument 'dtype' (position 2) must be torch.dtype or None, not int",
    );
    expect(() => (autocast as unknown as (d: string) => void)('cpu')).toThrow(
      "autocast(): argument 'fn' must be callable",
    );
    expect(() => torch.getAutocastDtype('meta')).toThrow('unsupported scalarType');
    expect(() => torch.isAutocastEnabled('meta')).toThrow('unknown device type for autocast');
  });

  it('tells and takes its settings', () => {
    expect(['cpu', 'webgpu', 'cuda'].map((type) => torch.getAutocastDtype(type))).toEqual([
      bfloat16,
      float16,
      float16,
    ]);
    expect(['cpu', 'webgpu', 'meta'].map((type) => torch.amp.isAutocastAvailable(type))).toEqual([
      true,
      true,
      false,
    ]);
    autocast('cpu', { dtype: float16 }, () => {
      expect([torch.isAutocastEnabled('cpu'), torch.getAutocastDtype('cpu')]).toEqual([true, float16]);
      torch.setAutocastEnabled('cpu', false);
      expect(x.mm(w).dtype).toBe(float32);
    });
    expect(torch.isAutocastEnabled('cpu')).toBe(false);
    torch.setAutocastEnabled('cpu', true);
    expect([torch.isAutocastEnabled('cpu'), x.mm(w).dtype]).toEqual([true, bfloat16]);
    torch.setAutocastDtype('cpu', float16);
    expect(x.mm(w).dtype).toBe(float16);
    torch.setAutocastEnabled('cpu', false);
    torch.setAutocastDtype('cpu', bfloat16);
    expect(x.mm(w).dtype).toBe(float32);
  });
});
