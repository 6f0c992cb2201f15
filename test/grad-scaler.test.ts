import * as torch from 'flambeau';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Net } from './support/training.js';

const { GradScaler } = torch.amp;

/** A parameter with a gradient, and its optimizer. */
function setup(grad: number[] = [1, 2]) {
  const parameter = new torch.nn.Parameter(torch.ones(grad.length));
  parameter.grad = torch.tensor(grad, { dtype: torch.float32 });
  return { parameter, optimizer: new torch.optim.SGD([parameter], { lr: 0.5 }) };
}

/** A scaler that has scaled something. */
function started(settings: { growthInterval?: number; growthFactor?: number } = {}): torch.amp.GradScaler {
  const scaler = new GradScaler('cpu', { initScale: 8, ...settings });
  scaler.scale(torch.ones(1));
  return scaler;
}

describe('GradScaler trains the tutorial’s network as PyTorch’s does', () => {
  /** Losses and scales of PyTorch 2.13; the scale falls where a gradient was made infinite or NaN, and that step is skipped. */
  const expected = {
    off: [
      2.2926769, 2.2814655, 2.2655282, 2.2655282, 2.2463286, 2.2239485, 2.1982763, 2.1982763, 2.1660645,
      2.1248331,
    ],
    bfloat16: [
      2.292711, 2.2814565, 2.2656744, 2.2656744, 2.2464786, 2.2238362, 2.1981165, 2.1981165, 2.1649376,
      2.1237833,
    ],
    float16: [
      2.2926714, 2.2814565, 2.2655346, 2.2655346, 2.2463319, 2.223832, 2.1982131, 2.1982131, 2.1657798,
      2.1249797,
    ],
  };
  const scales = [1024, 1024, 512, 512, 512, 1024, 512, 512, 512, 1024];

  function train(dtype: torch.DType, enabled: boolean) {
    torch.manualSeed(0);
    const net = new Net();
    const criterion = new torch.nn.CrossEntropyLoss();
    const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.05, momentum: 0.9 });
    const scaler = new GradScaler('cpu', { initScale: 1024, growthInterval: 3 });
    const x = torch.randn(8, 3, 32, 32);
    const y = torch.arange(8);
    const bias = net.fc3.bias!;
    return [...Array(10).keys()].map((i) => {
      optimizer.zeroGrad();
      const loss = torch.autocast('cpu', { dtype, enabled }, () => criterion.forward(net.forward(x), y));
      scaler.scale(loss).backward();
      if (i === 2 || i === 6) bias.grad!.indexPut_([torch.tensor(0)], torch.tensor(i === 2 ? Infinity : NaN));
      const before = bias.tolist();
      scaler.step(optimizer);
      scaler.update();
      const skipped = String(bias.tolist()) === String(before);
      return { loss: loss.item(), scale: scaler.getScale(), skipped };
    });
  }

  it.each([
    ['off', torch.bfloat16, false, 1e-5],
    // Roundings differ where sums are taken in another order: by what a number in half precision can be off.
    ['bfloat16', torch.bfloat16, true, 2e-3],
    ['float16', torch.float16, true, 3e-4],
  ] as const)('with autocast %s', (name, dtype, enabled, tolerance) => {
    const steps = train(dtype, enabled);
    expect(steps.map(({ scale }) => scale)).toEqual(scales);
    expect(steps.flatMap(({ skipped }, i) => (skipped ? [i] : []))).toEqual([2, 6]);
    for (const [i, { loss }] of steps.entries())
      expect(Math.abs(loss - expected[name][i])).toBeLessThan(tolerance);
  });
});

describe('a GradScaler', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('scales tensors and lists of them, in float32 at least', () => {
    const scaler = new GradScaler('cpu');
    const [a, [b]] = scaler.scale([torch.ones(1), [torch.ones(2)]] as const);
    expect([a.tolist(), b.tolist()]).toEqual([[65536], [65536, 65536]]);
    expect(scaler.scale(torch.ones([], { dtype: torch.float16 })).dtype).toBe(torch.float32);
  });

  it('scales gradients back once, on demand or by the step', () => {
    const { parameter, optimizer } = setup();
    const scaler = started();
    scaler.unscale_(optimizer);
    expect(parameter.grad!.tolist()).toEqual([0.125, 0.25]);
    scaler.step(optimizer);
    expect(parameter.tolist()).toEqual([0.9375, 0.875]);
    expect(() => scaler.unscale_(optimizer)).toThrow('unscale_() is being called after step().');
    expect(() => scaler.step(optimizer)).toThrow('step() has already been called since the last update().');
    scaler.update();
    scaler.unscale_(optimizer);
    expect(() => scaler.unscale_(optimizer)).toThrow(
      'unscale_() has already been called on this optimizer since the last update().',
    );
  });

  it('skips the step of the optimizer whose gradients are not finite, and of no other', () => {
    const [good, bad] = [setup(), setup([1, Infinity])];
    const scaler = started();
    expect(scaler.step(bad.optimizer)).toBe(null);
    scaler.step(good.optimizer);
    scaler.update();
    expect(bad.parameter.tolist()).toEqual([1, 1]);
    expect(good.parameter.tolist()).toEqual([0.9375, 0.875]);
    expect(scaler.getScale()).toBe(4);
  });

  it('grows after enough good steps, never beyond float32', () => {
    const scaler = started({ growthInterval: 2, growthFactor: 1e30 });
    const scales = [0, 1, 2, 3].map(() => {
      scaler.step(setup().optimizer);
      scaler.update();
      return scaler.getScale();
    });
    expect(scales).toEqual([8, Math.fround(8e30), Math.fround(8e30), Math.fround(8e30)]);
  });

  it('takes another scale', () => {
    const scaler = started();
    scaler.update(5);
    expect(scaler.getScale()).toBe(5);
    scaler.update({ newScale: torch.tensor(7) });
    expect(scaler.getScale()).toBe(7);
    expect(() => scaler.update(torch.ones(2))).toThrow('new_scale should be a float or a 1-element');
  });

  it('waits for what is on a device', async () => {
    const { parameter, optimizer } = setup();
    const scaler = started();
    await scaler.stepAsync(optimizer);
    expect(parameter.tolist()).toEqual([0.9375, 0.875]);
    await expect(scaler.stepAsync(optimizer)).rejects.toThrow('step() has already been called');
    await scaler.updateAsync();
    scaler.unscale_(setup([NaN]).optimizer);
    await scaler.updateAsync();
    expect(scaler.getScale()).toBe(4);
    await scaler.updateAsync(torch.tensor(2));
    expect(scaler.getScale()).toBe(2);
  });

  it('survives scopes', () => {
    const { parameter, optimizer } = setup();
    const scaler = started();
    torch.scope(() => scaler.unscale_(optimizer));
    scaler.step(optimizer);
    expect(parameter.tolist()).toEqual([0.9375, 0.875]);
  });

  it('saves and loads its state under Python’s names', () => {
    const scaler = started();
    scaler.step(setup().optimizer);
    scaler.update();
    scaler.setGrowthFactor(3);
    scaler.setBackoffFactor(0.25);
    scaler.setGrowthInterval(7);
    const state = scaler.stateDict();
    expect(state).toEqual({
      scale: 8,
      growth_factor: 3,
      backoff_factor: 0.25,
      growth_interval: 7,
      _growth_tracker: 1,
    });
    const other = new GradScaler('cpu');
    other.loadStateDict(state);
    expect(other.stateDict()).toEqual(state);
    expect([
      other.getScale(),
      other.getGrowthFactor(),
      other.getBackoffFactor(),
      other.getGrowthInterval(),
    ]).toEqual([8, 3, 0.25, 7]);
    expect(() => other.loadStateDict({})).toThrow('The source state dict is empty');
  });

  it('does nothing when it is off', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { parameter, optimizer } = setup();
    for (const scaler of [new GradScaler({ enabled: false }), new GradScaler()]) {
      const loss = torch.ones(1);
      expect(scaler.scale(loss)).toBe(loss);
      expect([scaler.isEnabled(), scaler.getScale(), scaler.stateDict()]).toEqual([false, 1, {}]);
      scaler.unscale_(optimizer);
      scaler.step(optimizer);
      scaler.update();
    }
    expect(parameter.tolist()).toEqual([0, -1]);
    expect(warn.mock.calls).toEqual([
      ['UserWarning: torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.'],
    ]);
  });

  it('refuses in PyTorch’s words', () => {
    const { optimizer } = setup();
    const fresh = new GradScaler('cpu');
    for (const [name, call] of [
      ['unscale_', () => fresh.unscale_(optimizer)],
      ['step', () => fresh.step(optimizer)],
      ['update', () => fresh.update()],
    ] as const)
      expect(call).toThrow(
        `Attempted ${name} but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration.`,
      );
    const scaler = started();
    expect(() => scaler.update()).toThrow('No inf checks were recorded prior to update.');
    const empty = new torch.optim.SGD([new torch.nn.Parameter(torch.ones(1))]);
    expect(() => scaler.step(empty)).toThrow('No inf checks were recorded for this optimizer.');
    expect(() => scaler.step(optimizer, () => 1)).toThrow(
      'Closure use is not currently supported if GradScaler is enabled.',
    );
    expect(() => scaler.scale(3 as never)).toThrow('outputs must be a Tensor or an iterable of Tensors');
    expect(() => new GradScaler('cpu', { growthFactor: 1 })).toThrow('The growth factor must be > 1.0.');
    expect(() => new GradScaler('cpu', { backoffFactor: 1 })).toThrow('The backoff factor must be < 1.0.');
    const half = new torch.nn.Parameter(torch.ones(1).to(torch.float16));
    half.grad = torch.ones(1).to(torch.float16);
    expect(() => scaler.unscale_(new torch.optim.SGD([half]))).toThrow(
      'Attempting to unscale FP16 gradients.',
    );
  });
});

describe('custom functions in regions of autocast', () => {
  const seen: unknown[] = [];
  class Product extends torch.autograd.Function {
    static override forward = torch.amp.customFwd(
      (context, a: torch.Tensor, b: torch.Tensor) => {
        seen.push(a.dtype, torch.isAutocastEnabled('cpu'));
        context.saveForBackward(a, b);
        return a.mm(b);
      },
      { deviceType: 'cpu', castInputs: torch.float32 },
    );
    static override backward = torch.amp.customBwd(
      (context, grad: torch.Tensor) => {
        seen.push(torch.isAutocastEnabled('cpu'));
        const [a, b] = context.savedTensors;
        return [grad.mm(b!.t()), a!.t().mm(grad)];
      },
      { deviceType: 'cpu' },
    );
  }

  it('cast their inputs, and go backward as they went forward', () => {
    const a = torch.ones(2, 2).requiresGrad_();
    const result = torch.autocast('cpu', () => Product.apply(a.to(torch.bfloat16), a)) as torch.Tensor;
    expect(result.dtype).toBe(torch.float32);
    result.sum().backward();
    expect(seen).toEqual([torch.float32, false, false]);
    expect(a.grad!.tolist()).toEqual([
      [4, 4],
      [4, 4],
    ]);
  });
});
