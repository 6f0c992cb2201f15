import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { dtypeByName, float32, float64 } from '../src/core/dtype.js';
import {
  formatSize,
  formatTensor,
  getPrintoptions,
  type PrintedValue,
  type PrintOptions,
  setPrintoptions,
} from '../src/core/printing.js';

/** A tensor and what PyTorch 2.13 prints for it. Values JSON cannot hold are strings. */
interface Case {
  name: string;
  dtype: string;
  shape: number[];
  text: string;
  values?: (number | string)[];
  /** In place of values: 0, 1, 2, … */
  arange?: 1;
  options?: Partial<PrintOptions>;
  requiresGrad?: boolean;
  gradFnName?: string;
  isParameter?: boolean;
  /** Part of the tutorial's first chapter. */
  chapter?: true;
}

const special: Record<string, number> = { nan: NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 };
const value = (v: number | string): PrintedValue => (typeof v === 'number' ? v : (special[v] ?? BigInt(v)));

function print(c: Case): string {
  return formatTensor(
    {
      shape: c.shape,
      dtype: dtypeByName(c.dtype)!,
      defaultDtype: float32,
      device: 'cpu',
      requiresGrad: c.requiresGrad ?? false,
      gradFnName: c.gradFnName ?? null,
      isParameter: c.isParameter ?? false,
    },
    (positions) => positions.map((i) => (c.values ? value(c.values[i]!) : i)),
  );
}

const cases = JSON.parse(
  readFileSync(
    process.env.PRINTING_CASES ?? new URL('./golden/printing.json.golden', import.meta.url),
    'utf8',
  ),
) as Case[];

afterEach(() => setPrintoptions({ profile: 'default' }));

describe('a tensor prints as in PyTorch', () => {
  for (const c of cases)
    it(c.name, () => {
      setPrintoptions(c.options ?? {});
      expect(print(c)).toBe(c.text);
    });
});

const chapter = new URL('../../shared/golden/tensors_chapter.txt', import.meta.url);

it.skipIf(!existsSync(chapter))("the tutorial's first chapter prints as recorded", () => {
  const recorded = readFileSync(chapter, 'utf8').split('== printing\n')[1]!;
  const found = cases.filter((c) => c.chapter && recorded.includes(`${print(c)}\n`));
  expect(found.length).toBe(19);
});

it('reads only what a summary shows', () => {
  let asked = 0;
  const shape = [100_000, 100_000, 1_000];
  const text = formatTensor(
    {
      shape,
      dtype: float32,
      defaultDtype: float32,
      device: 'cpu',
      requiresGrad: false,
      gradFnName: null,
      isParameter: false,
    },
    (positions) => {
      asked += positions.length;
      return positions.map(() => 1.5);
    },
  );
  expect(asked).toBe(6 ** 3);
  expect(text.split('\n').length).toBe(49);
});

it('names a device that is not the CPU', () => {
  const c = cases.find((c) => c.name === 'float64')!;
  const tensor = { ...c, dtype: float64, defaultDtype: float32, requiresGrad: false, gradFnName: null };
  expect(formatTensor({ ...tensor, isParameter: false, device: 'webgpu' }, () => [1, 2])).toBe(
    "tensor([1., 2.], device='webgpu', dtype=torch.float64)",
  );
});

describe('options', () => {
  it('have the defaults of PyTorch and its profiles', () => {
    const initial = { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80, sciMode: null };
    expect(getPrintoptions()).toEqual(initial);
    setPrintoptions({ profile: 'short', linewidth: 100 });
    expect(getPrintoptions()).toEqual({ ...initial, precision: 2, edgeitems: 2, linewidth: 100 });
    setPrintoptions({ profile: 'full', sciMode: true });
    expect(getPrintoptions()).toEqual({ ...initial, threshold: Infinity, sciMode: true });
    setPrintoptions({ profile: 'default' });
    expect(getPrintoptions()).toEqual(initial);
  });

  it('are refused under unknown names', () => {
    const wrong = { precison: 3 } as Partial<PrintOptions>;
    expect(() => setPrintoptions(wrong)).toThrow(
      "set_printoptions() got an unexpected keyword argument 'precison'",
    );
  });
});

it('sizes print as in Python', () => {
  expect(formatSize([3, 4])).toBe('torch.Size([3, 4])');
  expect(formatSize([])).toBe('torch.Size([])');
});
