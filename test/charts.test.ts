/** `flambeau/charts`: curves as SVG. */
import { lineChart, smoothed } from 'flambeau/charts';
import { describe, expect, it } from 'vitest';

/** The points of each curve, in pixels: sub-paths apart. */
const pathsOf = (svg: string): number[][][][] =>
  [...svg.matchAll(/<path d="([^"]*)" fill="none"/g)].map(([, d]) =>
    d
      .split('M')
      .slice(1)
      .map((part) => [...part.matchAll(/([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])),
  );
const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);

describe('a chart of curves', () => {
  it('has values at their heights, over their steps', () => {
    const svg = lineChart({ loss: [4, 2, 0] }, { width: 640, height: 400 });
    const [[[first, second, third]]] = pathsOf(svg);
    expect([first[0], third[0]]).toEqual([58, 624]);
    expect([first[1], third[1]]).toEqual([36, 366]);
    expect(second).toEqual([(58 + 624) / 2, (36 + 366) / 2]);
    expect(textsOf(svg)).toEqual(['0', '1', '2', '3', '4', '0', '0.5', '1', '1.5', '2', 'loss']);
  });

  it('has equal ratios equally far apart on a logarithmic scale', () => {
    const [[[a, b, c]]] = pathsOf(lineChart({ loss: [100, 10, 1] }, { logScale: true }));
    expect(b[1] - a[1]).toBeCloseTo(c[1] - b[1], 1);
  });

  it('is broken where a value is no number, or cannot stand on a logarithmic scale', () => {
    const parts = pathsOf(lineChart({ loss: [1, 2, Number.NaN, 3, 0, 5] }, { logScale: true }))[0];
    expect(parts.map((part) => part.length)).toEqual([2, 1, 1]);
  });

  it('takes steps, several curves and typed arrays', () => {
    const svg = lineChart(
      {
        train: new Float32Array([3, 2, 1]),
        validation: [
          [0, 3],
          [2, 2],
        ],
      },
      { title: 'a < b & "c"' },
    );
    expect(pathsOf(svg).map(([part]) => part.length)).toEqual([3, 2]);
    expect(textsOf(svg)).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['train', 'validation']));
  });

  it('keeps the curve pale behind a smoothed one', () => {
    const svg = lineChart({ loss: [1, 3, 1, 3] }, { smoothing: 0.5 });
    expect([...svg.matchAll(/opacity="([\d.]+)"/g)].map(([, opacity]) => opacity)).toEqual(['0.25', '1']);
    expect(pathsOf(svg)[1][0][1][1]).toBeGreaterThan(pathsOf(svg)[0][0][1][1]);
  });

  it('draws a single value, and equal ones', () => {
    expect(pathsOf(lineChart({ loss: [2] }))[0][0]).toHaveLength(1);
    expect(pathsOf(lineChart({ loss: [2, 2] }, { logScale: true }))[0][0][0][1]).toBeCloseTo(201, 0);
  });

  it('says what is wrong', () => {
    expect(() => lineChart({ loss: [] })).toThrow('there is nothing to draw');
    expect(() => lineChart({ loss: [-1] }, { logScale: true })).toThrow('there is nothing to draw');
    expect(() => lineChart({ loss: ['1'] as never })).toThrow("curve 'loss' must be a list of numbers");
    expect(() => lineChart({ loss: [1] }, { smoothing: 1 })).toThrow('smoothing must be in [0, 1), got 1');
    expect(() => lineChart({ loss: [1] }, { width: 50 })).toThrow(
      'a chart of 50 × 400 has no room for its curves',
    );
  });
});

describe('smoothing', () => {
  it("is TensorBoard's: a mean in which the past counts less and less, without a bias to 0", () => {
    expect(smoothed([1, 2, 4], 0)).toEqual([1, 2, 4]);
    const [first, second, third] = smoothed([1, 2, 4], 0.5);
    expect(first).toBe(1);
    expect(second).toBeCloseTo((1 * 0.5 + 2) / 1.5, 12);
    expect(third).toBeCloseTo((1 * 0.25 + 2 * 0.5 + 4) / 1.75, 12);
  });

  it('leaves out what is no number', () => {
    expect(smoothed([2, Number.NaN, 2], 0.9)[2]).toBeCloseTo(2, 12);
  });
});
