/** Values, shapes and errors of einops 0.8.2 (golden/einops_cases.py). */
import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import * as einops from 'flambeau/einops';
import { describe, expect, it } from 'vitest';

type Out = Record<string, unknown> & { error?: string; message?: string };
type Case = Record<string, unknown> & { out: Out };
const golden = JSON.parse(
  readFileSync(new URL('golden/einops.json.golden', import.meta.url), 'utf8'),
) as Record<string, Case[]>;

const arr = (shape: readonly number[]) =>
  torch
    .arange(
      shape.reduce((a, b) => a * b, 1),
      { dtype: torch.float32 },
    )
    .reshape([...shape]);
const described = (x: torch.Tensor) => ({ shape: [...x.shape], values: x.reshape([-1]).tolist() });

/** Python's classes of what JavaScript tells in another. */
const sameClass: Readonly<Record<string, string>> = { Exception: 'RuntimeError' };

function outcome(run: () => Out): Out {
  try {
    return run();
  } catch (error) {
    const { name, message } = error as Error;
    return { error: name, message };
  }
}

/** Sets print in any order. */
const sorted = (message: string) =>
  message.replace(/\{([^{}:]*)\}/g, (_, inner: string) => `{${inner.split(', ').sort().join(', ')}}`);

function expectSame(found: Out, { error, message, ...expected }: Out): void {
  if (error === undefined) return void expect(found).toEqual(expected);
  expect({ error: found.error, message: sorted(String(found.message)) }).toEqual({
    error: sameClass[error] ?? error,
    message: sorted(String(message)),
  });
}

describe('einops', () => {
  it.each(golden.cases.map((one) => [`${one.kind} ${JSON.stringify(one.shape)} ${one.pattern}`, one]))(
    '%s',
    (_, one) => {
      const { kind, shape, pattern, kw, red, lst, out } = one as never as {
        kind: 'rearrange' | 'reduce' | 'repeat';
        shape: number[];
        pattern: string;
        kw: Record<string, number>;
        red: einops.Reduction;
        lst: number;
        out: Out;
      };
      const x = lst > 0 ? Array.from({ length: lst }, (_, i) => arr(shape).add(i)) : arr(shape);
      const run = () =>
        described(kind === 'reduce' ? einops.reduce(x, pattern, red, kw) : einops[kind](x, pattern, kw));
      expectSame(outcome(run), out);
    },
  );

  it.each(golden.einsum.map((one) => [one.pattern as string, one]))('einsum %s', (pattern, one) => {
    const tensors = (one.shapes as number[][]).map(arr);
    expectSame(
      outcome(() => described(einops.einsum(...tensors, pattern as string))),
      one.out,
    );
  });

  it.each(golden.parseShape.map((one) => [one.pattern as string, one]))('parseShape %s', (pattern, one) => {
    const x = torch.zeros(one.shape as number[]);
    expectSame(
      outcome(() => einops.parseShape(x, pattern as string)),
      one.out,
    );
  });

  it.each(golden.pack.map((one) => [one.pattern as string, one]))('pack %s', (pattern, one) => {
    const run = () => {
      const [packed, ps] = einops.pack((one.shapes as number[][]).map(arr), pattern as string);
      const back = einops.unpack(packed, ps, pattern as string).map((piece) => [...piece.shape]);
      return { ...described(packed), ps, back };
    };
    expectSame(outcome(run), one.out);
  });

  it.each(golden.unpack.map((one) => [JSON.stringify(one.ps), one]))('unpack %s', (_, given) => {
    const one = given as Case;
    const run = () => {
      const pieces = einops.unpack(arr(one.shape as number[]), one.ps as number[][], one.pattern as string);
      return {
        shapes: pieces.map((piece) => [...piece.shape]),
        values: pieces.map((piece) => piece.reshape([-1]).tolist()),
      };
    };
    expectSame(outcome(run), one.out);
  });

  it.each(golden.layers.map((one) => [`${one.cls} ${JSON.stringify(one.args)}`, one]))('%s', (_, given) => {
    const { cls, args, kw, shape, out } = given as never as {
      cls: 'Rearrange' | 'Reduce' | 'EinMix';
      args: string[];
      kw: Record<string, number | string>;
      shape: number[];
      out: Out;
    };
    const named = Object.fromEntries(
      Object.entries(kw).map(([name, value]) => [
        name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()),
        value,
      ]),
    );
    torch.manualSeed(1);
    const Layer = einops[cls] as unknown as new (
      ...args: unknown[]
    ) => torch.nn.Module & {
      forward(x: torch.Tensor): torch.Tensor;
    };
    const run = () => {
      const layer = new Layer(...args, named);
      const y = layer.forward(arr(shape).div(10));
      const state = Object.fromEntries(
        [...Object.entries(layer.stateDict())].map(([name, value]) => [
          name,
          [...(value as torch.Tensor).shape],
        ]),
      );
      return { repr: String(layer).split('\n')[0], ...described(y), state };
    };
    const { values, ...rest } = outcome(run);
    const { values: expected, ...other } = out;
    expectSame(rest, other);
    for (const [i, value] of ((expected ?? []) as number[]).entries())
      expect((values as number[])[i]).toBeCloseTo(value, 5);
  });

  it('takes everything by name, and lets gradients through', () => {
    const x = arr([2, 6]).requiresGrad_();
    const y = einops.reduce({ tensor: x, pattern: 'b (h 2) -> h b', reduction: 'mean' });
    expect([...y.shape]).toEqual([3, 2]);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([Array(6).fill(0.5), Array(6).fill(0.5)]);
    const reducer = (tensor: torch.Tensor, dims: readonly number[]) => tensor.logsumexp([...dims]);
    expect(einops.reduce(x, 'b c -> b', reducer).tolist()).toEqual(x.logsumexp([1]).tolist());
  });

  it('refuses what is no tensor, no list of them, and lengths that are none', () => {
    expect(() => einops.rearrange(3 as never, 'a -> a')).toThrow(torch.TypeError);
    expect(() => einops.rearrange([], 'a -> a')).toThrow(
      "Rearrange/Reduce/Repeat can't be applied to an empty list",
    );
    expect(() => einops.repeat(arr([2]), 'a -> a b', { b: 1.5 })).toThrow(
      'the length of axis b must be a whole number, not 1.5',
    );
    expect(() => einops.rearrange(arr([2]), 'a')).toThrow(
      "a pattern has two sides with one '->' between them",
    );
    expect(() => einops.unpack(arr([2, 3]), [3] as never, 'b *')).toThrow(torch.TypeError);
    expect(() => einops.einsum('a -> a')).toThrow('takes at minimum two arguments');
    expect(() => einops.einsum(arr([2]), arr([2]) as never)).toThrow('must be a string');
  });
});
