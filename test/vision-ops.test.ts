/** torchvision.ops, by what torchvision 0.29 gives (golden/vision_ops.py). */
import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { describe, expect, it } from 'vitest';

const { ops } = torchvision;
const { gradcheck } = torch.autograd;

interface Spec {
  readonly kind: 'rand' | 'boxes' | 'rois' | 'values';
  readonly shape: number[];
  readonly count: number;
  readonly size: number;
  readonly images: number;
  readonly times?: number;
  readonly plus?: number;
  readonly values: number[];
  readonly dtype?: 'float32' | 'float64' | 'float16' | 'int64' | 'int32';
  readonly grad?: boolean;
}
interface Call {
  readonly name: string;
  readonly args: unknown[];
  readonly named: Record<string, unknown>;
}
interface Case extends Call {
  readonly shape: number[];
  readonly out: (number | null)[];
  readonly grads?: number[][];
}
const golden = JSON.parse(
  readFileSync(new URL('golden/vision_ops.json.golden', import.meta.url), 'utf8'),
) as {
  cases: Case[];
  errors: (Call & { error: string; text: string })[];
  printed: { name: string; args: unknown[]; text: string }[];
  pyramid: { keys: string[]; names: string[]; sums: number[]; regions: number[] };
};

const isSpec = (value: unknown): value is Spec =>
  typeof value === 'object' && value !== null && 'kind' in value;

const { float16, float32, float64, int32, int64 } = torch;
const dtypes = { float16, float32, float64, int32, int64 };

/** Boxes at random, as the script makes them. */
function boxesOf({ count, size }: Pick<Spec, 'count' | 'size'>): torch.Tensor {
  const corner = torch.rand(count, 2).mul(size * 0.7);
  const sizes = torch
    .rand(count, 2)
    .mul(size * 0.5)
    .add(0.5);
  return torch.cat([corner, corner.add(sizes)], 1);
}

function madeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(madeOf);
  if (!isSpec(value)) return value;
  const made = {
    rand: () =>
      torch
        .rand(value.shape)
        .mul(value.times ?? 1)
        .add(value.plus ?? 0),
    boxes: () => boxesOf(value),
    rois: () => {
      const boxes = boxesOf(value);
      const image = torch.arange(value.count).remainder(value.images).float();
      return torch.cat([image.unsqueeze(1), boxes], 1);
    },
    values: () => torch.tensor(value.values),
  }[value.kind]();
  const tensor = made.to(dtypes[value.dtype ?? 'float32']);
  return value.grad ? tensor.requiresGrad_() : tensor;
}

const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function prepared({ name, args, named }: Call, seed: number) {
  torch.manualSeed(seed);
  const positional = args.map(madeOf);
  const options = Object.fromEntries(
    Object.entries(named).map(([key, value]) => [camel(key), madeOf(value)]),
  );
  const call = ops[camel(name) as keyof typeof ops] as (...args: unknown[]) => torch.Tensor;
  const leaves = [...positional, ...Object.values(options)]
    .flat()
    .filter((value): value is torch.Tensor => value instanceof torch.Tensor && value.requiresGrad);
  return { run: () => call(...positional, options), leaves };
}

function expectNear(found: torch.Tensor, expected: readonly (number | null)[], what: string): void {
  const values = found.detach().double().flatten().tolist() as number[];
  const largest = Math.max(1, ...expected.map((x) => Math.abs(x ?? 0)));
  expect(values.length, what).toBe(expected.length);
  for (const [i, value] of expected.entries())
    if (value === null) expect(values[i], `${what} ${i}`).toBeNaN();
    else
      expect(Math.abs(values[i] - value) / largest, `${what} ${i}: ${values[i]}, not ${value}`).toBeLessThan(
        2e-5,
      );
}

describe("results and gradients are torchvision's", () => {
  it.each(golden.cases.map((one, i) => [`${i} ${one.name} ${JSON.stringify(one.named)}`, one, i] as const))(
    '%s',
    (_, one, seed) => {
      const { run, leaves } = prepared(one, seed);
      const out = run();
      expect(out.shape).toEqual(one.shape);
      if (/nms|small/.test(one.name)) expect(out.tolist()).toEqual(one.out);
      else expectNear(out, one.out, 'result');
      if (one.grads === undefined) return;
      out.mul(torch.arange(out.numel()).cos().view(out.shape)).sum().backward();
      for (const [i, leaf] of leaves.entries()) expectNear(leaf.grad!, one.grads[i], `gradient ${i}`);
    },
  );

  it('of a pyramid of features and of regions of several sizes', () => {
    torch.manualSeed(0);
    const pyramid = new ops.FeaturePyramidNetwork([4, 6, 8], 5, new ops.LastLevelP6P7(5, 5));
    const sizes: [number, number][] = [
      [4, 16],
      [6, 8],
      [8, 4],
    ];
    const maps = Object.fromEntries(sizes.map(([c, n], i) => [String(i), torch.rand(2, c, n, n)]));
    const out = pyramid.forward(maps);
    const pool = new ops.MultiScaleRoIAlign(['0', '1', '2'], 3, 2, { canonicalScale: 16, canonicalLevel: 2 });
    const regions = pool.forward(
      out,
      [boxesOf({ count: 6, size: 60 }), boxesOf({ count: 3, size: 30 })],
      [[64, 64]],
    );
    expect(Object.keys(pyramid.stateDict())).toEqual(golden.pyramid.keys);
    expect(Object.keys(out)).toEqual(golden.pyramid.names);
    const sums = Object.values(out).map((x) => x.detach().double().abs().sum());
    expectNear(torch.stack(sums), golden.pyramid.sums, 'level');
    expectNear(regions.sum([2, 3]), golden.pyramid.regions, 'region');
  });
});

describe('what does not fit is refused in the words of torchvision', () => {
  it.each(golden.errors.map((one, i) => [`${i} ${one.name}: ${one.text}`, one] as const))('%s', (_, one) => {
    const { run } = prepared(one, 0);
    // NotImplementedError is a RuntimeError, and what dtypes get here.
    const name = one.text.includes('not implemented for') ? 'NotImplementedError' : one.error;
    expect(run).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(one.text) as string }),
    );
  });
});

describe('boxes of another number of columns are refused', () => {
  const { ops, tvTensors, transforms } = torchvision;
  const few = torch.ones(2, 3);
  const many = torch.ones(2, 5);
  const inPicture = (data: torch.Tensor, format: torchvision.tvTensors.BoundingBoxFormat) =>
    new tvTensors.BoundingBoxes(data, { format, canvasSize: [4, 5] });

  it.each([
    ['boxConvert', () => ops.boxConvert(many, 'xyxy', 'xywh'), 'too many values to unpack (expected 4)'],
    ['boxIou', () => ops.generalizedBoxIou(few, few), 'not enough values to unpack (expected 4, got 3)'],
    [
      'horizontalFlip',
      () => transforms.v2.functional.horizontalFlip(inPicture(few, 'XYXY')),
      'not enough values to unpack (expected 4, got 3)',
    ],
    [
      'clampBoundingBoxes',
      () => transforms.v2.functional.clampBoundingBoxes(inPicture(many, 'XYWH')),
      'too many values to unpack (expected 4)',
    ],
  ] as const)('by %s', (_, call, text) => {
    expect(call).toThrow(new torch.ValueError(text));
  });
});

describe('layers print as in Python', () => {
  it.each(golden.printed.map((one) => [one.text.split('\n')[0], one] as const))(
    '%s',
    (_, { name, args, text }) => {
      const Class = ops[name as keyof typeof ops] as unknown as new (...args: unknown[]) => torch.nn.Module;
      expect(String(new Class(...args))).toBe(text);
    },
  );
});

describe('gradients are those of small differences', () => {
  const double = { dtype: torch.float64 } as const;
  const leaf = (...shape: number[]) => torch.rand(shape, double).requiresGrad_();
  const boxes = (count: number) => boxesOf({ count, size: 6 }).double();
  const rois = () => torch.cat([torch.zeros(3, 1, double), boxes(3)], 1);
  const pairs = (call: (a: torch.Tensor, b: torch.Tensor) => torch.Tensor) => ({
    call: (...[a, b]: torch.Tensor[]) => call(a, b),
    inputs: () => [boxes(3).requiresGrad_(), boxes(3).requiresGrad_()],
  });
  const cases: Record<
    string,
    { call: (...args: torch.Tensor[]) => torch.Tensor; inputs: () => torch.Tensor[] }
  > = {
    boxIou: pairs((a, b) => ops.boxIou(a, b)),
    generalizedBoxIou: pairs((a, b) => ops.generalizedBoxIou(a, b)),
    distanceBoxIou: pairs((a, b) => ops.distanceBoxIou(a, b)),
    generalizedBoxIouLoss: pairs((a, b) => ops.generalizedBoxIouLoss(a, b)),
    distanceBoxIouLoss: pairs((a, b) => ops.distanceBoxIouLoss(a, b)),
    sigmoidFocalLoss: {
      call: (x) => ops.sigmoidFocalLoss(x, torch.tensor([0, 1, 1], double)),
      inputs: () => [leaf(3)],
    },
    roiAlign: { call: (x) => ops.roiAlign(x, rois(), 2, 0.9, 2, true), inputs: () => [leaf(1, 2, 5, 6)] },
    roiPool: { call: (x) => ops.roiPool(x, rois(), 2), inputs: () => [leaf(1, 2, 5, 6)] },
    psRoiAlign: { call: (x) => ops.psRoiAlign(x, rois(), 2), inputs: () => [leaf(1, 8, 5, 6)] },
    psRoiPool: { call: (x) => ops.psRoiPool(x, rois(), 2), inputs: () => [leaf(1, 8, 5, 6)] },
    deformConv2d: {
      call: (x, offset, weight, bias, mask) => ops.deformConv2d(x, offset, weight, bias, { mask }),
      inputs: () => [leaf(1, 4, 4, 5), leaf(1, 16, 3, 4), leaf(2, 2, 2, 2), leaf(2), leaf(1, 8, 3, 4)],
    },
  };

  it.each(Object.entries(cases))('%s', (_, { call, inputs }) => {
    torch.manualSeed(0);
    const given = inputs();
    // The same boxes at every call.
    const seeded = (...args: torch.Tensor[]) => {
      torch.manualSeed(1);
      return call(...args);
    };
    expect(gradcheck(seeded, given)).toBe(true);
  });
});

describe('where nothing has values', () => {
  const meta = { device: 'meta' } as const;

  it('regions have sizes', () => {
    const x = torch.empty([2, 8, 5, 6], meta);
    const rois = torch.empty([3, 5], meta);
    expect(ops.roiAlign(x, rois, 2).shape).toEqual([3, 8, 2, 2]);
    expect(ops.roiPool(x, rois, [2, 3]).shape).toEqual([3, 8, 2, 3]);
    expect(ops.psRoiAlign(x, rois, 2).shape).toEqual([3, 2, 2, 2]);
    expect(ops.psRoiPool(x, rois, 2).shape).toEqual([3, 2, 2, 2]);
  });

  it('nms has no result', () => {
    expect(() => ops.nms(torch.empty([2, 4], meta), torch.empty([2], meta), 0.5)).toThrow(
      /data-dependent output shape|meta/i,
    );
  });
});
