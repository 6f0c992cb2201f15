import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { transforms } from 'flambeau/vision';
import { describe, expect, it } from 'vitest';

/** A case of golden/transforms.py. */
interface Case {
  name: string;
  img: [kind: string, width: number, height: number, values: string];
  args: unknown[];
  kwargs?: Record<string, unknown>;
  seed?: number;
  shown?: string;
  next?: number;
  result?: Recorded;
  error?: [type: string, text: string];
}
type Recorded =
  | Recorded[]
  | { data: string; image?: [mode: string, width: number, height: number]; uint8?: number[] }
  | ({ values: number[] } & Record<string, number[]>);

const cases = JSON.parse(
  readFileSync(new URL('./golden/transforms.json.golden', import.meta.url), 'utf8'),
) as Case[];
const { uint8, int16, int32, int64, float32, float64 } = torch;
const dtypes: Record<string, torch.DType> = { uint8, int16, int32, int64, float32, float64 };
const channels: Record<string, number> = { L: 1, LA: 2, RGB: 3, RGBA: 4 };

function values(kind: string, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => {
    const x = (i * 7919 + ((i * i) % 251) * 13) % 256;
    return kind === 'dull' ? Math.floor(x / 3) + 50 : x;
  });
}

function picture([mode, width, height, kind]: Case['img']): transforms.ImageLike {
  if (mode in channels)
    return transforms.Image.fromPlanes(
      values(kind, width * height * channels[mode]),
      width,
      height,
      channels[mode],
    );
  const [name, count, ...batch] = mode.split('x');
  const shape = [...batch.map(Number), Number(count), height, width];
  const numbers = values(
    kind,
    shape.reduce((a, b) => a * b),
  );
  const bytes = torch.fromNumpy(numbers).view(shape);
  const dtype = dtypes[name];
  return name.startsWith('float') ? bytes.to(dtype).div(255) : bytes.to(dtype);
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

function argument(value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith('torch.')) return dtypes[value.slice(6)];
  if (value !== null && typeof value === 'object' && 'tensor' in value)
    return torch.tensor(value.tensor as number[]);
  return value;
}

function run({ name, img, args, kwargs, seed, shown }: Case): unknown {
  const given = args.map(argument);
  if (kwargs !== undefined)
    given.push(Object.fromEntries(Object.entries(kwargs).map(([key, v]) => [camel(key), argument(v)])));
  if (seed === undefined) {
    const functions = transforms.functional as unknown as Record<string, (...args: unknown[]) => unknown>;
    return functions[camel(name)](picture(img), ...given);
  }
  const classes = transforms as unknown as Record<string, new (...args: unknown[]) => transforms.Transform>;
  const transform = new classes[name](...given);
  expect(String(transform)).toBe(shown);
  torch.manualSeed(seed);
  return transform.forward(picture(img));
}

/** By how much a value of 8 bits may be off: only resampling rounds differently in places. */
function check(result: unknown, recorded: Recorded, label: string): void {
  if (Array.isArray(recorded)) {
    expect(result, label).toHaveLength(recorded.length);
    for (const [i, one] of recorded.entries()) check((result as unknown[])[i], one, `${label} [${i}]`);
  } else if ('values' in recorded) {
    const tensor = result as torch.Tensor;
    const dtype = tensor.dtype.name;
    expect(tensor.shape, label).toEqual(recorded[dtype]);
    const found = tensor.to(torch.float64).flatten().tolist() as number[];
    recorded.values.forEach((value, i) => {
      if (Math.abs(value - found[i]) > 1e-5 * Math.max(Math.abs(value), 1))
        expect(found, label).toEqual(recorded.values);
    });
  } else {
    const expected = [...Buffer.from(recorded.data, 'base64')];
    if (recorded.image !== undefined) {
      const image = result as transforms.Image;
      expect([image.mode, image.width, image.height], label).toEqual(recorded.image);
      expect([...image.planes], label).toEqual(expected);
    } else {
      const tensor = result as torch.Tensor;
      expect(tensor.dtype, label).toBe(torch.uint8);
      expect(tensor.shape, label).toEqual(recorded.uint8);
      const found = tensor.flatten().tolist() as number[];
      if (found.some((value, i) => Math.abs(value - expected[i]) > 1)) expect(found, label).toEqual(expected);
    }
  }
}

function compare(one: Case): void {
  const label = JSON.stringify([one.name, one.img, one.args, one.kwargs ?? {}, one.seed]).slice(0, 200);
  if (one.error === undefined) {
    check(run(one), one.result!, label);
    if (one.next !== undefined) expect(torch.rand(1).item(), label).toBeCloseTo(one.next, 5);
    return;
  }
  const [type, text] = one.error;
  let thrown: unknown = null;
  try {
    run(one);
  } catch (error) {
    thrown = error;
  }
  expect([(thrown as Error | null)?.name, (thrown as Error | null)?.message], label).toEqual([type, text]);
}

// Recorded by golden/transforms.py.
describe("transforms give torchvision's values, draws and errors", () => {
  for (const name of new Set(cases.map((one) => one.name)))
    it(`${name}`, () => {
      for (const one of cases) if (one.name === name) compare(one);
    });
});

// transforms.v2's, seed by seed.
describe('transforms of transforms', () => {
  const named = (name: string) => (trace: string) => trace + name;
  const three = ['a', 'b', 'c'].map(named);

  it("run in an order of torch's generator", () => {
    torch.manualSeed(0);
    const order = new transforms.RandomOrder(three);
    expect(Array.from({ length: 4 }, () => order.forward(''))).toEqual(['cab', 'cba', 'bca', 'bca']);
  });

  it('choose one by its probability', () => {
    torch.manualSeed(0);
    const even = new transforms.RandomChoice(three);
    expect(Array.from({ length: 6 }, () => even.forward(''))).toEqual(['c', 'b', 'a', 'c', 'a', 'c']);
    const uneven = new transforms.RandomChoice(three, [1, 0, 3]);
    expect(Array.from({ length: 6 }, () => uneven.forward(''))).toEqual(['c', 'c', 'a', 'c', 'c', 'a']);
    expect(() => new transforms.RandomChoice(three, [1])).toThrow(torch.ValueError);
  });
});

describe('images of tensors and arrays', () => {
  it('cut off what is behind the point, and keep bytes', () => {
    const floats = torch.tensor([[0, 0.5, 0.999, 1]]);
    expect([...transforms.functional.toPilImage(floats).planes]).toEqual([0, 127, 254, 255]);
    const batch = torch.arange(8).to(torch.uint8).view([2, 1, 2, 2]);
    expect([...transforms.functional.toPilImage(batch.select(0, 1)).planes]).toEqual([4, 5, 6, 7]);
    const array = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [1, 2, 3] };
    const image = new transforms.ToPILImage().forward(array);
    expect([image.mode, image.width, image.height, ...image.data]).toEqual(['RGB', 2, 1, 1, 2, 3, 4, 5, 6]);
  });

  it('refuse what no image holds', () => {
    const to = (value: unknown, mode?: string) => () =>
      transforms.functional.toPilImage(value as torch.Tensor, mode ?? null);
    expect(to(picture(['L', 2, 2, 'random']))).toThrow(
      "pic should be Tensor or ndarray. Got <class 'Image'>.",
    );
    expect(to(torch.ones(2))).toThrow('pic should be 2/3 dimensional. Got 1 dimensions.');
    expect(to(torch.ones(5, 2, 2))).toThrow('pic should not have > 4 channels. Got 5 channels.');
    expect(to(torch.ones(3, 2, 2), 'L')).toThrow(
      "Only modes ['RGB', 'YCbCr', 'HSV'] are supported for 3D inputs",
    );
    expect(to(torch.ones([1, 2, 2], { dtype: torch.int64 }))).toThrow('Input type int64 is not supported');
  });

  it('are whitened by a matrix', () => {
    const whiten = new transforms.LinearTransformation(
      torch
        .tensor([
          [0, 2],
          [1, 0],
        ])
        .float(),
      torch.tensor([1, 0.5]),
    );
    expect(whiten.forward(torch.tensor([[[3, 4]]]).float()).tolist()).toEqual([[[3.5, 4]]]);
    expect(String(whiten)).toBe(
      'LinearTransformation(transformation_matrix=[[0.0, 2.0], [1.0, 0.0]], mean_vector=[1.0, 0.5])',
    );
    expect(() => new transforms.LinearTransformation(torch.ones(2, 3), torch.ones(2))).toThrow(
      'transformation_matrix should be square. Got (2, 3) rectangular matrix.',
    );
  });
});

describe('batches', () => {
  const images = torch.arange(48).to(float32).view([3, 1, 4, 4]).div(48);
  const labels = torch.tensor([0, 2, 1]);
  /** The labels of three mixtures, and the sums of the images' values times their places. */
  const mixtures = (name: 'MixUp' | 'CutMix') => {
    torch.manualSeed(3);
    const mix = new transforms.v2[name]({ numClasses: 3 });
    return [1, 2, 3].map(() => {
      const [mixed, shares] = mix.forward([images, labels]);
      const weights = torch.arange(48).to(float32);
      return {
        labels: shares.flatten().tolist() as number[],
        images: mixed.flatten().mul(weights).sum().item() as number,
      };
    });
  };

  it.each([
    {
      name: 'MixUp',
      labelsOf: [
        [0.65567, 0.34433, 0.0, 0.34433, 0.0, 0.65567, 0.0, 0.65567, 0.34433],
        [0.9248, 0.0752, 0.0, 0.0752, 0.0, 0.9248, 0.0, 0.9248, 0.0752],
        [0.02527, 0.97473, 0.0, 0.97473, 0.0, 0.02527, 0.0, 0.02527, 0.97473],
      ],
      sums: [656.018, 724.916, 494.635],
    },
    {
      name: 'CutMix',
      labelsOf: [
        [0.75, 0.25, 0.0, 0.25, 0.0, 0.75, 0.0, 0.75, 0.25],
        [0.9375, 0.0625, 0.0, 0.0625, 0.0, 0.9375, 0.0, 0.9375, 0.0625],
        [0.75, 0.25, 0.0, 0.25, 0.0, 0.75, 0.0, 0.75, 0.25],
      ],
      sums: [680.167, 728.167, 680.167],
    },
  ] as const)('are mixed by $name as by torchvision', ({ name, labelsOf, sums }) => {
    const found = mixtures(name);
    for (const [i, mixture] of found.entries()) {
      for (const [j, share] of labelsOf[i].entries()) expect(mixture.labels[j]).toBeCloseTo(share, 4);
      expect(mixture.images).toBeCloseTo(sums[i], 1);
    }
  });

  it('need labels that fit', () => {
    const mix = new transforms.v2.MixUp();
    expect(() => mix.forward([images, labels])).toThrow(
      'num_classes must be passed if the labels are index-based (1D)',
    );
    expect(() => mix.forward([images, torch.ones(2, 3)])).toThrow(
      'The batch size of the image or video does not match the batch size of the labels: 3 != 2.',
    );
    expect(() => mix.forward([images.select(0, 0), torch.ones(1, 3)])).toThrow(
      'Expected a batched input with 4 dims, but got 3 dimensions instead.',
    );
  });
});
