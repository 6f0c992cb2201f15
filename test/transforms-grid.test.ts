import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { Image, transforms, tvTensors } from 'flambeau/vision';
import { describe, expect, it, vi } from 'vitest';

/** A case of golden/transforms_grid.py. */
interface Case {
  api: 'v1.functional' | 'v2.functional' | 'v2.kernels' | 'v1' | 'v2' | 'presets';
  name: string;
  input: string;
  kwargs: Record<string, unknown>;
  seed?: number;
  shown?: string;
  next?: number;
  result?: Recorded;
  error?: [type: string, text: string];
}
type Recorded = null | number | Recorded[] | Shown;
interface Shown {
  is: string;
  mode?: string;
  dtype?: string;
  shape: number[];
  data?: string;
  values?: (number | string)[];
  canvas_size?: number[];
  clamping_mode?: string | null;
  format?: string;
}

/** Of tensors and images of bytes, and of images of PIL's other modes. */
const cases = ['grid', 'modes', 'spaces'].flatMap(
  (name) =>
    JSON.parse(
      readFileSync(new URL(`./golden/transforms_${name}.json.golden`, import.meta.url), 'utf8'),
    ) as Case[],
);
const { v2 } = transforms;
const { uint8, int16, int32, int64, float16, float32, float64 } = torch;
const dtypes: Record<string, torch.DType> = { uint8, int16, int32, int64, float16, float32, float64 };
const channels: Record<string, number> = { L: 1, LA: 2, RGB: 3, RGBA: 4, YCbCr: 3, HSV: 3, CMYK: 4 };
/** Bytes as the values of other modes. */
const wider: Record<string, (values: Uint8Array) => Uint8Array | Uint16Array | Int32Array | Float32Array> = {
  1: (values) => values.map((value) => (value > 127 ? 255 : 0)),
  I: (values) => Int32Array.from(values, (value) => value * 300 - 20000),
  F: (values) => Float32Array.from(values, (value) => (value - 20) * 1.25),
  'I;16': (values) => Uint16Array.from(values, (value) => value * 257),
};
const columns: Record<string, number> = { XYXY: 4, XYWH: 4, CXCYWH: 4, XYWHR: 5, CXCYWHR: 5, XYXYXYXY: 8 };

/** Bytes: noise, a slope, few levels, or all nearly alike. */
function bytes(shape: readonly number[], kind: number): torch.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Uint8Array.from({ length: count }, (_, i) => {
    const noise = (i * 7919 + ((i * i) % 251) * 13 + kind * 37) % 256;
    if (kind % 4 === 0) return noise;
    if (kind % 4 === 1) return Math.floor((i * ((kind % 7) + 1)) / 2) % 256;
    return kind % 4 === 2 ? Math.floor(noise / 64) * 64 : (noise % 16) + (kind % 200);
  });
  return torch.fromNumpy(values).view([...shape]);
}

function tensor(dtype: string, shape: readonly number[], kind: number): torch.Tensor {
  const values = bytes(shape, kind);
  if (dtype === 'uint8') return values;
  return dtype.startsWith('float') ? values.to(dtypes[dtype]).div(255) : values.to(dtypes[dtype]).mul(100);
}

const sizes = (text: string): number[] => text.split('x').map(Number);

/** Places in a picture and a little outside of it. */
const places = (shape: readonly number[], canvas: readonly number[], kind: number) =>
  bytes(shape, kind)
    .float()
    .div(256)
    .mul(Math.max(...canvas))
    .mul(1.3)
    .sub(1);

function inputOf(spec: string): unknown {
  const [name, ...rest] = spec.split(':');
  const kind = Number(rest.at(-1));
  switch (name) {
    case 'picture': {
      const [height, width] = sizes(rest[1]);
      const mode = rest[0] as 'L';
      const data = bytes([height * width * (channels[mode] ?? 1)], kind).numpy().data as Uint8Array;
      return Image.fromInterleaved(wider[mode]?.(data) ?? data, width, height, mode);
    }
    case 'image':
      return new tvTensors.Image(tensor(rest[0], sizes(rest[1]), kind));
    case 'video':
      return new tvTensors.Video(tensor(rest[0], sizes(rest[1]), kind));
    case 'mask':
      return new tvTensors.Mask(bytes(sizes(rest[0]), kind).remainder(5));
    case 'boxes': {
      const [format, mode, canvas] = rest;
      return new tvTensors.BoundingBoxes(places([3, columns[format]], sizes(canvas), kind), {
        format: format as 'XYXY',
        canvasSize: sizes(canvas),
        clampingMode: mode === 'None' ? null : (mode as 'soft'),
      });
    }
    case 'points':
      return new tvTensors.KeyPoints(places([2, 2, 2], sizes(rest[0]), kind), { canvasSize: sizes(rest[0]) });
    default:
      return tensor(name, sizes(rest[0]), kind);
  }
}

function argument(value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith('torch.')) return dtypes[value.slice(6)];
  if (value === null || typeof value !== 'object') return value;
  if ('tensor' in value) return torch.tensor(value.tensor as number[]);
  if ('policy' in value) return value.policy;
  if ('format' in value) return value.format;
  return 'mode' in value ? value.mode : value;
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Texts with lists for tuples and without modules, since arrays stand for both and classes have none here. */
const inWords = (text: string) =>
  text
    .replace(/<class '(?:\w+\.)*(\w+)'>/g, "<class '$1'>")
    .replace(/dict_keys\(\[(.*?)\]\)/, (_, kinds: string) => kinds.split(', ').sort().join(', '));
const asLists = (text: string) =>
  text
    .replace(/InterpolationMode\.(\w+)/g, (_, mode: string) => mode.toLowerCase().replace('_', '-'))
    .replace(/\((?=[-\d])/g, '[')
    .replace(/(?<=\d),?\)(?=[,)])/g, ']')
    .replace(/\.0(?!\d)/g, '');

interface Found {
  readonly result: unknown;
  readonly shown?: string;
}

function run({ api, name, input, kwargs, seed }: Case): Found {
  const given = Object.fromEntries(
    Object.entries(kwargs).map(([key, value]) => [camel(key), argument(value)]),
  );
  const plain = new v2.ToPureTensor();
  const picture = api === 'v2.kernels' ? plain.forward(inputOf(input)) : inputOf(input);
  if (seed === undefined) {
    const functions = (api === 'v1.functional' ? transforms : v2).functional as unknown as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    return { result: functions[camel(name)](picture, given) };
  }
  const classes = (api === 'v2' ? v2 : transforms) as unknown as Record<
    string,
    new (
      ...args: unknown[]
    ) => transforms.Transform<unknown, unknown>
  >;
  const transform = new classes[name](given);
  torch.manualSeed(seed!);
  return { shown: String(transform), result: transform.forward(picture) };
}

/** What differs, in words; null for nothing. */
function difference(found: unknown, recorded: Recorded): string | null {
  if (recorded === null || typeof recorded !== 'object')
    return found === recorded ? null : `${found}, not ${recorded}`;
  if (Array.isArray(recorded)) {
    const list = found as unknown[];
    if (!Array.isArray(found) || list.length !== recorded.length) return 'another length';
    return recorded.map((one, i) => difference(list[i], one)).find((text) => text !== null) ?? null;
  }
  return recorded.is === 'picture' ? ofPicture(found as Image, recorded) : ofTensor(found as never, recorded);
}

/** By how much bytes differ. A byte may be off by one where pixels are computed of several. */
function ofBytes(found: ArrayLike<number>, recorded: Shown): string | null {
  const wanted = Buffer.from(recorded.data!, 'base64');
  const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0);
  return worst > 1 ? `a byte is off by ${worst}` : null;
}

function ofPicture(found: Image, recorded: Shown): string | null {
  const about = String([found.mode, found.channels, found.height, found.width]);
  const wanted = String([recorded.mode, ...recorded.shape]);
  if (about !== wanted) return `${about}, not ${wanted}`;
  return recorded.data === undefined
    ? ofNumbers([...found.planes], recorded)
    : ofBytes(found.planes, recorded);
}

function ofTensor(found: torch.Tensor & Partial<tvTensors.BoundingBoxes>, recorded: Shown): string | null {
  const { dtype, shape, canvas_size: canvas, format, clamping_mode: mode } = recorded;
  const about = [found.constructor.name, found.dtype.name, found.shape, found.canvasSize, found.format];
  const wanted = [recorded.is, dtype, shape, canvas, format];
  if (String(about) !== String(wanted) || (found.clampingMode ?? null) !== (mode ?? null))
    return `${about}, not ${wanted}`;
  if (recorded.data !== undefined) return ofBytes(found.flatten().tolist() as number[], recorded);
  return ofNumbers(found.flatten().to(float64).tolist() as number[], recorded);
}

function ofNumbers(values: readonly number[], recorded: Shown): string | null {
  const dtype = recorded.dtype ?? (recorded.mode === 'F' ? 'float32' : 'int32');
  const largest = Math.max(
    ...recorded.values!.map((value) => Math.abs(Number(value))).filter(Number.isFinite),
    1,
  );
  // Integers are rounded halves now and then.
  const tolerance = dtype.startsWith('float')
    ? largest * (dtype === 'float16' ? 2e-3 : 1e-5)
    : 1 + largest * 1e-5;
  for (const [i, text] of recorded.values!.entries()) {
    const value = typeof text === 'string' ? Number(text.replace('inf', 'Infinity')) : Number(text);
    const isSame = Number.isNaN(value)
      ? Number.isNaN(values[i])
      : values[i] === value || Math.abs(values[i] - value) <= tolerance;
    if (!isSame) return `${values[i]} at ${i}, not ${value}`;
  }
  return null;
}

/** Cases in which an edge lies within a rounding of a pixel's, and the size goes by that. */
const onEdges = new Set(['v2.RandomRotation boxes:CXCYWHR:hard:1x8:33']);

function check(one: Case): void {
  if (onEdges.has(`${one.api}.${one.name} ${one.input}`)) return;
  const label = `${one.api}.${one.name} ${one.input} ${JSON.stringify(one.kwargs)} ${one.seed ?? ''}`;
  let found: Found;
  try {
    found = run(one);
  } catch (thrown) {
    if (one.error === undefined) throw new Error(`${label}: ${(thrown as Error).stack}`);
    const { name, message } = thrown as Error;
    // PIL's errors of the system are errors at run time here.
    const kind = one.error[0].replace(/^_/, '').replace('OSError', 'RuntimeError');
    expect([name, inWords(message)], label).toEqual([kind, inWords(one.error[1])]);
    return;
  }
  expect(one.error, label).toBeUndefined();
  expect(difference(found.result, one.result!), label).toBeNull();
  if (one.shown !== undefined) expect(asLists(found.shown!), label).toBe(asLists(one.shown));
  if (one.next !== undefined) expect(torch.rand(1).item(), label).toBeCloseTo(one.next, 5);
}

// Recorded by golden/transforms_grid.py.
describe('random cases become what torchvision makes of them', () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const names = new Set(cases.map(({ api, name }) => `${api}.${name}`));
  it.each([...names].sort())('%s', (title) => {
    for (const one of cases) if (`${one.api}.${one.name}` === title) check(one);
  });
});
