import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const module = (name: string) => import(fileURLToPath(new URL(`../bench/${name}`, import.meta.url)));

interface Limits {
  operations: number;
  copied: number;
}
const { chart } = (await module('chart.mjs')) as {
  chart(rows: { name: string; values: (number | undefined)[] }[], series: string[]): string;
};
const { shareOfLimit } = (await module('work.mjs')) as {
  shareOfLimit(name: string, ms: number, limits: Limits | null): number | null;
};
const { workloads } = (await module('workloads.mjs')) as { workloads: object };
const { work } = (await module('work.mjs')) as { work: object };

describe('the chart of speeds', () => {
  const bars = (svg: string) =>
    [...svg.matchAll(/<rect class="s(\d)" x="([\d.]+)" y="\d+" width="([\d.]+)" height="6">/g)].map(
      ([, series, x, width]) => ({ series, from: Number(x), to: Number(x) + Number(width) }),
    );
  const one = (svg: string) => Number(/class="one" x1="([\d.]+)"/.exec(svg)?.[1]);

  it('draws bars to the right where we are ahead, and to the left where we are behind', () => {
    const svg = chart([{ name: 'add', values: [2, 0.5] }], ['1 thread', '2 threads']);
    const [ahead, behind] = bars(svg);
    expect(ahead.from).toBeCloseTo(one(svg), 0);
    expect(behind.to).toBeCloseTo(one(svg), 0);
    expect(ahead.to - ahead.from).toBeCloseTo(behind.to - behind.from, 0);
  });

  it('has a gap where nothing was measured, and cuts what is beyond its axis', () => {
    const svg = chart([{ name: 'a<b', values: [undefined, 1000] }], ['1 thread', '2 threads']);
    expect(bars(svg).map(({ series }) => series)).toEqual(['1']);
    expect(bars(svg)[0].to).toBeLessThanOrEqual(Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]));
    expect(svg).toContain('a&lt;b');
    expect(svg).not.toContain('a<b');
  });
});

describe('the share of the machine that a workload reaches', () => {
  const limits = { operations: 1e11, copied: 1e10 };

  it('counts operations of products and bytes of what moves', () => {
    // 2 · 512³ operations in a millisecond are 268 GFLOP/s, 3 · 2²⁰ floats are 12.6 GB/s.
    expect(shareOfLimit('08_matmul0512', 1, limits)).toBeCloseTo(2.684, 3);
    expect(shareOfLimit('02_add1M', 1, limits)).toBeCloseTo(0.629, 3);
  });

  it('is unknown without limits, or where no least work is told', () => {
    expect(shareOfLimit('02_add1M', 1, null)).toBeNull();
    expect(shareOfLimit('14_sort1M', 1, limits)).toBeNull();
  });

  it('knows only workloads that there are', () => {
    for (const name of Object.keys(work)) expect(workloads).toHaveProperty([name]);
  });
});
