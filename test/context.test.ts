import { describe, expect, it } from 'vitest';
import { context, setBaseContext, withContext } from '../src/core/context.js';

/** These modules alone, without the entry: no async store is installed, as in browsers. */
describe('modes where there is no async context', () => {
  const off = <R>(fn: () => R) => withContext({ grad: false }, fn);
  const on = <R>(fn: () => R) => withContext({ grad: true }, fn);
  const gate = () => {
    let open!: () => void;
    return { opened: new Promise<void>((resolve) => (open = resolve)), open: () => open() };
  };

  it('hold in a region and in what it awaits, and end with it', async () => {
    expect(off(() => context().grad)).toBe(false);
    const seen: boolean[] = [];
    await off(async () => {
      await null;
      seen.push(context().grad);
      await on(async () => {
        await null;
        seen.push(context().grad);
      });
      seen.push(context().grad);
    });
    expect([...seen, context().grad]).toEqual([false, true, false, true]);
  });

  it('end with an error, which stays what it is', async () => {
    const wrong = new Error('mine');
    expect(() =>
      off(() => {
        throw wrong;
      }),
    ).toThrow(wrong);
    await expect(off(() => Promise.reject(wrong))).rejects.toBe(wrong);
    expect(context().grad).toBe(true);
  });

  it('refuse regions that overlap, and are right again after the last of them', async () => {
    const [a, b] = [gate(), gate()];
    const first = off(() => a.opened);
    const second = on(() => b.opened);
    const refused = 'async regions (noGrad, enableGrad, inferenceMode, scope) overlapped';
    a.open();
    await expect(first).rejects.toThrow(refused);
    b.open();
    await expect(second).rejects.toThrow(refused);
    expect(context().grad).toBe(true);
    expect(off(() => context().grad)).toBe(false);
    expect(context().grad).toBe(true);
  });

  it('refuse a region that begins in a synchronous one and outlives it', async () => {
    const inside = gate();
    let pending!: Promise<void>;
    expect(() =>
      off(() => {
        pending = on(() => inside.opened);
      }),
    ).toThrow('overlapped');
    inside.open();
    await expect(pending).rejects.toThrow('overlapped');
    expect(context().grad).toBe(true);
  });

  it('can be set for good', () => {
    setBaseContext({ grad: false });
    expect(on(() => context().grad)).toBe(true);
    expect(context().grad).toBe(false);
    setBaseContext({ grad: true });
  });
});
