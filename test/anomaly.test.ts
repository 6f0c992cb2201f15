import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as torch from '../src/index.js';

const { detectAnomaly, setDetectAnomaly } = torch.autograd;

/** The root of nothing times zero: its gradient is 0 · ∞. */
function rootOfNothing(): torch.Tensor {
  const x = torch
    .tensor([0.5, 0])
    .sub(torch.tensor([0.5, 0]))
    .requiresGrad_();
  return x.sqrt().mul(0).sum();
}

const on =
  'UserWarning: Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.';
const isNan = "Function 'SqrtBackward0' returned nan values in its 0th output.";

// The same calls are traced in several tests, and each says so.
beforeAll(() => torch.setWarnAlways(true));
afterAll(() => torch.setWarnAlways(false));

describe('anomaly detection', () => {
  let warned: string[] = [];
  beforeEach(() => {
    warned = [];
    vi.spyOn(console, 'warn').mockImplementation((text: string) => void warned.push(text));
  });
  afterEach(() => void vi.restoreAllMocks());

  it('takes a NaN among gradients for an error, and shows the forward call', () => {
    expect(() => detectAnomaly(() => rootOfNothing().backward())).toThrow(isNan);
    const [first, second, ...others] = warned;
    expect([first, others]).toEqual([on, []]);
    const [title, ...frames] = second.split('\n');
    expect(title).toBe(
      'UserWarning: Error detected in SqrtBackward0. Traceback of forward call that caused the error:',
    );
    // The user's call, without what the library does to carry it out.
    expect(frames[0]).toMatch(/at rootOfNothing .*anomaly\.test\.ts/);
    expect(frames.join()).not.toContain('/src/');
  });

  it('says where it has seen no forward pass', () => {
    const y = rootOfNothing();
    expect(() => detectAnomaly(() => y.backward())).toThrow(isNan);
    expect(warned[1]).toBe(
      'UserWarning: Error detected in SqrtBackward0. No forward pass information available. Enable detect anomaly during forward pass for more information.',
    );
  });

  it('leaves NaN alone where it is told to', () => {
    detectAnomaly(() => rootOfNothing().backward(), false);
    detectAnomaly({ fn: () => rootOfNothing().backward(), checkNan: false });
    expect(warned).toEqual([on, on]);
  });

  it('shows the call of a custom function whose backward fails', () => {
    class Broken extends torch.autograd.Function {
      static override forward(_: torch.autograd.FunctionContext, x: torch.Tensor): torch.Tensor {
        return x.clone();
      }
      static override backward(): never {
        throw new torch.ValueError('mine');
      }
    }
    const run = () => (Broken.apply(torch.ones(2).requiresGrad_()) as torch.Tensor).sum().backward();
    expect(() => detectAnomaly(run)).toThrow('mine');
    expect(warned[1]).toMatch(
      /^UserWarning: Error detected in BrokenBackward\. Traceback of forward call.*\n.*at run /,
    );
  });

  it('shows what a call in a backward pass was induced by', () => {
    detectAnomaly(() => {
      const x = torch.tensor([0.5]).sub(0.5).requiresGrad_();
      // The derivative of x^1.5 is 1.5 · √x, whose derivative is infinite at 0.
      const [grad] = torch.autograd.grad(x.pow(1.5).sum(), x, { createGraph: true });
      expect(() => grad!.mul(0).sum().backward()).toThrow('returned nan values in its 0th output.');
    });
    expect(
      warned.slice(1).map((text) =>
        text
          .split('\n')
          .filter((line) => !line.includes('  at '))
          .join('|'),
      ),
    ).toEqual([
      'UserWarning: Error detected in PowBackwardBackward0. Traceback of forward call that caused the error:',
      'UserWarning: ||Previous calculation was induced by PowBackward0. Traceback of forward call that induced the previous calculation:',
    ]);
  });

  it('holds in its region, in async functions until they settle, and is off inside another that says so', async () => {
    const now = () => [torch.isAnomalyEnabled(), torch.isAnomalyCheckNanEnabled()];
    expect(now()).toEqual([false, true]);
    const inside = detectAnomaly(async () => {
      await null;
      return [now(), setDetectAnomaly(false, true, now)];
    }, false);
    expect(now()).toEqual([false, true]);
    expect(await inside).toEqual([
      [true, false],
      [false, true],
    ]);
    setDetectAnomaly(false, true, () => rootOfNothing().backward());
    expect(() => setDetectAnomaly({ mode: true, fn: () => rootOfNothing().backward() })).toThrow(isNan);
  });

  it('can be turned on for good', () => {
    setDetectAnomaly(true);
    expect(torch.isAnomalyEnabled()).toBe(true);
    expect(() => rootOfNothing().backward()).toThrow(isNan);
    setDetectAnomaly(false);
    expect(torch.isAnomalyEnabled()).toBe(false);
    rootOfNothing().backward();
  });

  it('lets gradients be what they are', () => {
    const grads = [false, true].map((mode) =>
      setDetectAnomaly(mode, true, () => {
        torch.manualSeed(0);
        const net = new torch.nn.Sequential(
          new torch.nn.Linear(3, 4),
          new torch.nn.GELU(),
          new torch.nn.Linear(4, 2),
        );
        torch.nn.functional
          .crossEntropy(net.forward(torch.randn(5, 3)), torch.arange(5).remainder(2))
          .backward();
        return [...net.parameters()].map((p) => p.grad!.tolist());
      }),
    );
    expect(grads[1]).toEqual(grads[0]);
  });
});
