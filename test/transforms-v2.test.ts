import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { Image, transforms, tvTensors } from 'flambeau/vision';
import { describe, expect, it, vi } from 'vitest';

/** A case of golden/transforms_v2.py. */
interface Case {
  name: string;
  sample: Spec;
  kwargs: Record<string, unknown>;
  seed?: number;
  plain?: boolean;
  shown?: string;
  next?: number;
  result?: Recorded;
  error?: [type: string, text: string];
}
type Spec = string | Spec[] | { [key: string]: Spec };
type Recorded = number | Recorded[] | { dict: Record<string, Recorded> } | Shown;
interface Shown {
  is: string;
  dtype?: string;
  shape: number[];
  data?: string;
  values?: (number | string)[];
  format?: string;
  canvas_size?: number[];
  clamping_mode?: string | null;
}

const cases = JSON.parse(
  readFileSync(new URL('./golden/transforms_v2.json.golden', import.meta.url), 'utf8'),
) as Case[];
const { v2 } = transforms;
const { uint8, int16, int32, int64, float32, float64 } = torch;
const dtypes: Record<string, torch.DType> = { uint8, int16, int32, int64, float32, float64 };
const [HEIGHT, WIDTH] = [6, 8];
const canvasSize = [HEIGHT, WIDTH];

const boxes: Record<string, number[][]> = {
  XYXY: [
    [1, 1, 4, 5],
    [-2, 2, 3, 8],
    [5, 0, 8, 3],
  ],
  XYWH: [
    [1, 1, 3, 4],
    [-2, 2, 5, 6],
    [5, 0, 3, 3],
  ],
  CXCYWH: [
    [2.5, 3, 3, 4],
    [0.5, 5, 5, 6],
    [6.5, 1.5, 3, 3],
  ],
  XYWHR: [
    [1, 2, 4, 3, 20],
    [-1, 3, 5, 4, -35],
    [5, 2, 4, 2, 60],
  ],
  CXCYWHR: [
    [3, 3, 4, 3, 20],
    [1.5, 4, 5, 4, -35],
    [7, 2, 4, 2, 100],
  ],
  XYXYXYXY: [
    [1, 2, 5, 1, 5.5, 4, 1.5, 5],
    [-1, 3, 3, 5, 1, 8, -3, 6],
    [5, 2, 8, 0, 9, 1, 6, 3],
  ],
};
const points = [
  [
    [1, 2],
    [7, 5],
  ],
  [
    [-1, 3],
    [5, 0.5],
  ],
];

function bytes(...shape: number[]): torch.Tensor {
  const count = shape.reduce((a, b) => a * b);
  const values = Uint8Array.from({ length: count }, (_, i) => (i * 7919 + ((i * i) % 251) * 13) % 256);
  return torch.fromNumpy(values).view(shape);
}

function shown(kind: string, ...lead: number[]): torch.Tensor {
  const [dtype, channels] = kind.split('x');
  const values = bytes(...lead, Number(channels), HEIGHT, WIDTH);
  if (dtype === 'uint8') return values;
  return dtype.startsWith('float') ? values.to(dtypes[dtype]).div(255) : values.to(dtypes[dtype]).mul(100);
}

function part(spec: string): unknown {
  const [name, ...rest] = spec.split(':');
  switch (name) {
    case 'image':
      return new tvTensors.Image(shown(rest[0]));
    case 'video':
      return new tvTensors.Video(shown(rest[0], 3));
    case 'picture': {
      const channels = { L: 1, RGB: 3 }[rest[0]]!;
      return Image.fromPlanes(
        bytes(channels, HEIGHT, WIDTH).numpy().data as Uint8Array,
        WIDTH,
        HEIGHT,
        channels,
      );
    }
    case 'mask':
      return new tvTensors.Mask(
        bytes(...(rest.length > 0 ? [Number(rest[0])] : []), HEIGHT, WIDTH).remainder(4),
      );
    case 'boxes': {
      const [format, dtype, mode] = rest;
      return new tvTensors.BoundingBoxes(torch.tensor(boxes[format]).to(dtypes[dtype]), {
        format: format as 'XYXY',
        canvasSize,
        clampingMode: mode === 'None' ? null : (mode as 'soft'),
      });
    }
    case 'points':
      return new tvTensors.KeyPoints(torch.tensor(points).to(dtypes[rest[0]]), { canvasSize });
    case 'labels':
      return torch.tensor([4, 5, 6]);
    case 'batch':
      return torch.stack([shown(rest[0]), shown(rest[0]).flip(-1)]);
    default:
      return shown(name);
  }
}

function sample(spec: Spec): unknown {
  if (Array.isArray(spec)) return spec.map(sample);
  if (typeof spec === 'string') return part(spec);
  return Object.fromEntries(Object.entries(spec).map(([key, value]) => [key, sample(value)]));
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const named = (kwargs: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camel(key), argument(value)]));

type Classes = Record<string, new (...args: unknown[]) => transforms.v2.Transform>;

function argument(value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith('torch.')) return dtypes[value.slice(6)];
  if (value === null || typeof value !== 'object') return value;
  if ('tensor' in value) return torch.tensor(value.tensor as number[]);
  if ('by class' in value) {
    const kinds = { ...tvTensors, Tensor: torch.Tensor, others: 'others' } as Record<string, unknown>;
    const entries = Object.entries(value['by class'] as object);
    return new Map(entries.map(([kind, one]) => [kinds[kind], argument(one)]));
  }
  if ('transforms' in value)
    return (value.transforms as [string, Record<string, unknown>][]).map(
      ([name, kwargs]) => new (v2 as unknown as Classes)[name](named(kwargs)),
    );
  return value;
}

function run({ name, sample: spec, kwargs, seed, plain, shown: text }: Case): unknown {
  const given = named(kwargs);
  const input = plain === true ? new v2.ToPureTensor().forward(sample(spec)) : sample(spec);
  if (seed === undefined) {
    const functions = v2.functional as unknown as Record<string, (...args: unknown[]) => unknown>;
    return functions[camel(name)](input, given);
  }
  const transform = new (v2 as unknown as Classes)[name](given);
  if (text !== undefined) expect(String(transform)).toBe(text);
  torch.manualSeed(seed);
  return transform.forward(input);
}

/** Functions and classes whose bytes may differ by one, since pixels are computed of several. */
const resampling =
  /resize|perspective|affine|rotat|elastic|blur|Resize|Perspective|Affine|Rotat|Elastic|Blur|ScaleJitter|Shortest|AugMix|Augment|Compose|Order/;

function compare(found: unknown, recorded: Recorded, label: string, name: string): void {
  if (typeof recorded === 'number') expect(found, label).toBe(recorded);
  else if (Array.isArray(recorded)) {
    expect(Array.isArray(found), label).toBe(true);
    for (const [i, one] of recorded.entries()) compare((found as unknown[])[i], one, `${label}[${i}]`, name);
  } else if ('dict' in recorded)
    for (const [key, one] of Object.entries(recorded.dict))
      compare((found as Record<string, unknown>)[key], one, `${label}.${key}`, name);
  else compareShown(found, recorded, label, name);
}

function compareShown(found: unknown, recorded: Shown, label: string, name: string): void {
  const wanted = recorded.data === undefined ? null : Buffer.from(recorded.data, 'base64');
  const most = resampling.test(name) ? 1 : 0;
  const near = (values: ArrayLike<number>) => {
    let worst = 0;
    for (let i = 0; i < wanted!.length; i++) worst = Math.max(worst, Math.abs(values[i] - wanted![i]));
    expect(worst, label).toBeLessThanOrEqual(most);
  };
  if (recorded.is === 'picture') {
    const { channels, height, width, planes } = found as Image;
    expect([channels, height, width], label).toEqual(recorded.shape);
    near(planes);
    return;
  }
  const tensor = found as torch.Tensor & Partial<tvTensors.BoundingBoxes>;
  expect([tensor.constructor.name, tensor.dtype.toString(), [...tensor.shape]], label).toEqual([
    recorded.is,
    `torch.${recorded.dtype}`,
    recorded.shape,
  ]);
  if (recorded.canvas_size !== undefined)
    expect([...tensor.canvasSize!], label).toEqual(recorded.canvas_size);
  if (recorded.format !== undefined)
    expect([tensor.format, tensor.clampingMode], label).toEqual([recorded.format, recorded.clamping_mode]);
  const values = (wanted === null ? tensor.flatten().to(float64) : tensor.flatten()).tolist() as number[];
  if (wanted !== null) {
    near(values);
    return;
  }
  const isExact = tensor.dtype !== float32 && tensor.dtype !== float64;
  for (const [i, value] of recorded.values!.entries()) {
    const difference = Math.abs(values[i] - Number(value));
    const isSame =
      typeof value === 'string'
        ? String(values[i]).toLowerCase().startsWith(value)
        : difference <= (isExact ? 0 : 1e-4);
    if (!isSame) expect.fail(`${label}: ${values[i]} at ${i}, not ${value}`);
  }
}

function check(one: Case): void {
  const { name, sample: spec, kwargs, seed, result, error } = one;
  const label = `${name} ${JSON.stringify(spec)} ${JSON.stringify(kwargs)} ${seed ?? ''}`;
  let thrown: Error | null = null;
  let found: unknown;
  try {
    found = run(one);
  } catch (caught) {
    if (error === undefined) throw new Error(`${label}: ${(caught as Error).stack}`);
    thrown = caught as Error;
  }
  if (error !== undefined) {
    const [kind, text] = error;
    // Classes are named without their modules.
    const words = text.replace(/<class '(?:\w+\.)*(\w+)'>/g, "<class '$1'>");
    expect([thrown?.name, thrown?.message], label).toEqual([kind, words]);
    return;
  }
  compare(found, result!, label, name);
  if (one.next !== undefined) expect(torch.rand(1).item(), label).toBeCloseTo(one.next, 5);
}

// Recorded by golden/transforms_v2.py.
describe("samples become what they do by torchvision's transforms.v2", () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  it.each([...new Set(cases.map(({ name }) => name))])('%s', (name) => {
    for (const one of cases) if (one.name === name) check(one);
  });
});

describe('tensors that say what they are', () => {
  const image = () => new tvTensors.Image(torch.arange(12).float().view([3, 2, 2]));
  const ofBoxes = () =>
    new tvTensors.BoundingBoxes([1, 2, 3, 4], { format: 'xyxy', canvasSize: [10, 20], clampingMode: 'hard' });

  it('are tensors, of which ops make plain ones', () => {
    const one = image();
    expect(one).toBeInstanceOf(torch.Tensor);
    expect(one.add(1).constructor).toBe(torch.Tensor);
    for (const kept of [one.clone(), one.detach(), one.to(float64)])
      expect(kept).toBeInstanceOf(tvTensors.Image);
    expect(torch.nn.functional.conv2d(one.unsqueeze(0), torch.ones(1, 3, 2, 2)).item()).toBe(66);
  });

  it('share memory and history with what they are made of', () => {
    const leaf = torch.ones([1, 2, 2], { requiresGrad: true });
    const one = new tvTensors.Image(leaf.mul(3));
    one.mul(one).sum().backward();
    expect(leaf.grad!.flatten().tolist()).toEqual([18, 18, 18, 18]);
    const values = torch.zeros(1, 2, 2);
    new tvTensors.Mask(values).fill_(7);
    expect(values.sum().item()).toBe(28);
    const wrapped = new tvTensors.Image(leaf);
    wrapped.mul(2).sum().backward();
    expect(leaf.grad!.flatten().tolist()).toEqual([20, 20, 20, 20]);
  });

  it('print with what they are', () => {
    expect(String(ofBoxes())).toBe(
      'BoundingBoxes([[1, 2, 3, 4]], format=BoundingBoxFormat.XYXY, canvas_size=(10, 20), clamping_mode=hard)',
    );
    expect(String(new tvTensors.Mask([[1, 2]]))).toBe('Mask([[1, 2]])');
    expect(String(new tvTensors.Image([[1, 2]]))).toBe('Image([[[1, 2]]], )');
    expect(String(new tvTensors.KeyPoints([1, 2], { canvasSize: [3, 4] }))).toBe(
      'KeyPoints([[1, 2]], canvas_size=(3, 4))',
    );
  });

  it('are made of others by wrap, which changes what it is told to', () => {
    const like = ofBoxes();
    const wrapped = tvTensors.wrap(torch.zeros(2, 4), { like, canvasSize: [5, 6] });
    expect([wrapped.format, wrapped.canvasSize, wrapped.clampingMode]).toEqual(['XYXY', [5, 6], 'hard']);
    expect(tvTensors.wrap(torch.ones(2), { like: torch.ones(1) }).constructor).toBe(torch.Tensor);
  });

  it('stay what they are by ops too, where that is set', () => {
    const setting = tvTensors.setReturnType('TVTensor');
    try {
      expect(image().add(1)).toBeInstanceOf(tvTensors.Image);
      const sum = torch.add(2, ofBoxes());
      expect([sum.constructor, (sum as tvTensors.BoundingBoxes).format]).toEqual([
        tvTensors.BoundingBoxes,
        'XYXY',
      ]);
      expect(torch.ones(2).add(1).constructor).toBe(torch.Tensor);
    } finally {
      setting[Symbol.dispose]();
    }
    expect(image().add(1).constructor).toBe(torch.Tensor);
    expect(() => tvTensors.setReturnType('some')).toThrow(
      "return_type must be 'TVTensor' or 'Tensor', got some",
    );
  });

  it('refuse values that they cannot be made of', () => {
    const make = (data: unknown, options: object) => () =>
      new tvTensors.BoundingBoxes(data as number[], options as { format: 'xyxy'; canvasSize: number[] });
    expect(make([[1, 2, 3, 4, 5]], { format: 'XYWHR', canvasSize })).toThrow(
      'Rotated bounding boxes should be floating point tensors, got torch.int64.',
    );
    expect(make(torch.ones(1, 1, 4), { format: 'XYXY', canvasSize })).toThrow(
      'Expected a 1D or 2D tensor, got 3D',
    );
    expect(make([1, 2, 3, 4], { format: 'XYX', canvasSize })).toThrow("'XYX'");
    expect(make([1, 2, 3, 4], { format: 'XYXY', canvasSize, clampingMode: 'some' })).toThrow(
      'clamping_mode must be None, hard or soft, got some.',
    );
    expect(() => new tvTensors.Image([1, 2])).toThrow('Tensor must be 2D or higher, got 1D tensor.');
    expect(() => new tvTensors.KeyPoints(torch.ones(2, 3), { canvasSize })).toThrow(
      'Expected a tensor of shape (..., 2), not torch.Size([2, 3])',
    );
  });
});

describe("classes of the user's", () => {
  class Depth extends tvTensors.TVTensor {}
  const depth = () => new Depth(torch.tensor([[1, 2]]));

  it('pass through transforms until a kernel is registered', () => {
    const flip = new v2.RandomHorizontalFlip(1);
    const [, before] = flip.forward([torch.ones(1, 1, 2), depth()] as const);
    expect(before.tolist()).toEqual([[1, 2]]);
    expect(() => v2.functional.horizontalFlip(depth())).toThrow(/but got <class 'Depth'> instead/);
    v2.functional.registerKernel(v2.functional.horizontalFlip, Depth)((input) => input.wrap(input.flip(-1)));
    const [, after] = flip.forward([torch.ones(1, 1, 2), depth()] as const);
    expect([after.constructor, after.tolist()]).toEqual([Depth, [[2, 1]]]);
    expect(() => v2.functional.registerKernel(v2.functional.horizontalFlip, tvTensors.Mask)).toThrow(
      "Kernels cannot be registered for the builtin tv_tensor classes, but got <class 'Mask'>",
    );
    expect(() => v2.functional.registerKernel(Math.abs, Depth)).toThrow(torch.ValueError);
  });

  it('transform samples part by part, with what they draw once', () => {
    class Shifted extends v2.Transform<{ by: number }> {
      protected override makeParams(): { by: number } {
        return { by: torch.randint(1, 9, [1]).item() as number };
      }

      protected override transform(input: torch.Tensor, { by }: { by: number }): torch.Tensor {
        return tvTensors.wrap(input.add(by), { like: input });
      }
    }
    const { image, mask, label } = new Shifted().forward({
      image: new tvTensors.Image(torch.zeros(1, 1, 1)),
      mask: new tvTensors.Mask(torch.zeros(1, 1)),
      label: torch.zeros(1),
    });
    expect(image).toBeInstanceOf(tvTensors.Image);
    expect(image.item()).toBe(mask.item());
    expect(image.item()).toBeGreaterThan(0);
    expect(label.item()).toBe(0);
  });
});

describe('functions as transforms', () => {
  it('are for everything, or for what is of a class', () => {
    const labels = new v2.Lambda((x: number) => x + 1);
    expect(labels.forward([1, { two: 2 }])).toEqual([2, { two: 3 }]);
    const masks = new v2.Lambda((mask: torch.Tensor) => mask.mul(2), tvTensors.Mask);
    const [image, mask] = masks.forward([torch.ones(1, 1, 1), new tvTensors.Mask([[3]])] as const);
    expect([image.item(), mask.item()]).toEqual([1, 6]);
  });
});
