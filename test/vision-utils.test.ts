/** torchvision.utils, by what torchvision 0.29 gives (golden/vision_utils.py). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { afterAll, describe, expect, it } from 'vitest';

const { utils } = torchvision;

interface Told {
  readonly dtype: string;
  readonly shape: number[];
  readonly data: string;
}
interface Case {
  readonly name: string;
  readonly function: string;
  readonly tensors: Told[];
  readonly options: Record<string, unknown>;
  readonly out: Told;
}
const golden = JSON.parse(
  readFileSync(new URL('golden/vision_utils.json.golden', import.meta.url), 'utf8'),
) as { cases: Case[]; fake: [values: string, target: number][] };

const arrays = { float32: Float32Array, uint8: Uint8Array, int64: BigInt64Array, bool: Uint8Array } as const;
function tensorOf({ dtype, shape, data }: Told): torch.Tensor {
  const { buffer } = new Uint8Array(Buffer.from(data, 'base64'));
  const tensor = torch.fromNumpy({ data: new arrays[dtype as keyof typeof arrays](buffer), shape });
  return dtype === 'bool' ? tensor.to(torch.bool) : tensor;
}
const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
const valueOf = (value: unknown) =>
  typeof value === 'object' && value !== null && '$tensor' in value ? tensorOf(value.$tensor as Told) : value;

describe("pictures are torchvision's", () => {
  it.each(golden.cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const draw = utils[camel(one.function) as keyof typeof utils] as (...args: unknown[]) => torch.Tensor;
    const options = Object.entries(one.options).map(([name, value]) => [camel(name), valueOf(value)]);
    const tensors = one.tensors.map(tensorOf);
    const before = tensors.map((tensor) => tensor.clone());
    const out = draw(...tensors, Object.fromEntries(options));
    const expected = tensorOf(one.out);
    expect([out.dtype, out.shape]).toEqual([expected.dtype, expected.shape]);
    if (out.dtype === torch.uint8) expect(out.tolist()).toEqual(expected.tolist());
    else expect(out.sub(expected).abs().max().item()).toBeLessThan(1e-6);
    // What is given stays as it is.
    expect(tensors.every((tensor, i) => tensor.equal(before[i]))).toBe(true);
  });

  it('are what FakeData draws for an index, and leave the generator as it was', () => {
    const set = new torchvision.datasets.FakeData(5, [3, 4, 6], 10, { randomOffset: 2 });
    const state = torch.getRngState();
    for (const [i, [values, target]] of golden.fake.entries()) {
      const [image, label] = set.at(i);
      expect([image.size, label]).toEqual([[6, 4], target]);
      expect(image.data).toEqual(new Uint8Array(Buffer.from(values, 'base64')));
    }
    expect(torch.getRngState().equal(state)).toBe(true);
    expect(() => set.at(5)).toThrow('FakeData index out of range');
    expect(`${set}`).toBe('Dataset FakeData\n    Number of datapoints: 5');
  });
});

it('a grid is saved as a picture', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-utils-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'grid.png');
  const pictures = torch.rand(4, 3, 5, 6);
  await utils.saveImage(pictures, path, { nrow: 2 });
  const expected = utils.makeGrid(pictures, { nrow: 2 }).mul(255).add(0.5).clamp(0, 255).to(torch.uint8);
  expect((await torchvision.io.decodeImage(path)).equal(expected)).toBe(true);
});

describe('labels', () => {
  const picture = torch.zeros([3, 20, 40], { dtype: torch.uint8 });
  const boxes = torch.tensor([
    [1, 2, 38, 18],
    [20, 2, 38, 18],
  ]);
  /** Where a picture has a colour, as rows of text. */
  const drawn = (image: torch.Tensor, colour: number[]) =>
    (image.permute([1, 2, 0]).tolist() as number[][][]).map((row) =>
      row.map((pixel) => (pixel.join() === colour.join() ? '#' : '.')).join(''),
    );
  const options = { colors: ['red', 'blue'], labelColors: [[1, 2, 3], 'lime'] };

  it('are written within the upper left corners of their boxes, where there are some', () => {
    const image = utils.drawBoundingBoxes(picture, boxes, ['Hi g', null], options);
    const inner = drawn(image, [1, 2, 3]).map((row) => row.slice(3, 20));
    expect(inner.slice(3, 15)).toEqual([
      '.................',
      '#..#.#...........',
      '#..#.............',
      '#..#.#......###..',
      '####.#.....#..#..',
      '#..#.#.....#..#..',
      '#..#.#.....#..#..',
      '#..#.#......###..',
      '..............#..',
      '............##...',
      '.................',
      '.................',
    ]);
    expect(drawn(image, [0, 255, 0]).join('')).not.toContain('#');
    const without = utils.drawBoundingBoxes(picture, boxes, { colors: ['red', 'blue'] });
    expect(drawn(image, [255, 0, 0])).toEqual(drawn(without, [255, 0, 0]));
  });

  it('have the colours of their boxes, and black on a ground of those', () => {
    const plain = utils.drawBoundingBoxes(picture, boxes.narrow(0, 0, 1), ['I'], { colors: 'red' });
    const ground = utils.drawBoundingBoxes(picture.add(9), boxes.narrow(0, 0, 1), ['I'], {
      colors: 'red',
      fillLabels: true,
    });
    const counted = (image: torch.Tensor, colour: number[]) =>
      drawn(image, colour).join('').split('#').length - 1;
    const outline = 2 * (38 + 15);
    const letter = 11;
    expect(counted(plain, [255, 0, 0])).toBe(outline + letter);
    expect(counted(ground, [0, 0, 0])).toBe(letter);
    // A ground of 7 by 12 pixels, whose edges fall on none of the outline.
    expect(counted(ground, [255, 0, 0])).toBe(outline + 7 * 12 - letter);
  });

  it('have a box for what has no letter', () => {
    const [known, unknown] = ['O', 'Ω'].map((label) =>
      drawn(
        utils.drawBoundingBoxes(picture, boxes.narrow(0, 0, 1), [label], { labelColors: [9, 9, 9] }),
        [9, 9, 9],
      )[4].trim(),
    );
    expect([known, unknown].map((row) => row.slice(3, 7))).toEqual(['.##.', '####']);
  });
});

describe("torchvision's words refuse", () => {
  const picture = torch.zeros([3, 8, 8], { dtype: torch.uint8 });
  const box = torch.tensor([[1, 1, 4, 4]]);
  const mask = torch.ones([8, 8], { dtype: torch.bool });
  const point = torch.zeros(1, 1, 2);
  const refused: [string, () => unknown, string][] = [
    [
      'lists of other things',
      () => utils.makeGrid([1]),
      'tensor or list of tensors expected, got a list containing',
    ],
    ['other things', () => utils.makeGrid('picture'), 'tensor or list of tensors expected, got str'],
    [
      'a range that is no pair',
      () => utils.makeGrid(torch.ones(2, 3, 4, 4), { normalize: true, valueRange: 3 }),
      'value_range has to be a tuple (min, max) if specified. min and max are numbers',
    ],
    [
      'integers',
      () => utils.drawBoundingBoxes(picture.to(torch.int32), box),
      'The image dtype must be uint8 or float, got torch.int32',
    ],
    [
      'batches',
      () => utils.drawBoundingBoxes(picture.unsqueeze(0), box),
      'Pass individual images, not batches',
    ],
    [
      'two channels',
      () => utils.drawBoundingBoxes(picture.narrow(0, 0, 2), box),
      'Only grayscale and RGB images are supported',
    ],
    [
      'boxes inside out',
      () => utils.drawBoundingBoxes(picture, torch.tensor([[4, 1, 1, 4]])),
      'Boxes need to be in (xmin, ymin, xmax, ymax) format.',
    ],
    [
      'too many labels',
      () => utils.drawBoundingBoxes(picture, box, ['a', 'b']),
      'Number of boxes (1) and labels (2) mismatch.',
    ],
    [
      'labels that are no texts',
      () => utils.drawBoundingBoxes(picture, box, [1]),
      'labels must be str or None, but got int',
    ],
    [
      'files of fonts',
      () => utils.drawBoundingBoxes(picture, box, ['a'], { font: 'arial.ttf' }),
      'files of fonts are not read here',
    ],
    [
      'too few colours',
      () => utils.drawBoundingBoxes(picture, box, { colors: [] }),
      'Number of colors must be equal or larger than the number of objects, but got 0 < 1.',
    ],
    [
      'colours of two parts',
      () => utils.drawBoundingBoxes(picture, box, { colors: [1, 2] }),
      'If passed as tuple, colors should be an RGB triplet, but got (1, 2).',
    ],
    [
      'colours that are none',
      () => utils.drawBoundingBoxes(picture, box, { colors: 'rot' }),
      "unknown color specifier: 'rot'",
    ],
    [
      'masks of numbers',
      () => utils.drawSegmentationMasks(picture, mask.to(torch.float32)),
      'The masks must be of dtype bool. Got torch.float32',
    ],
    [
      'masks of another size',
      () => utils.drawSegmentationMasks(picture, mask.narrow(0, 0, 4)),
      'The image and the masks must have the same height and width',
    ],
    [
      'gray',
      () => utils.drawSegmentationMasks(picture.narrow(0, 0, 1), mask),
      'Pass an RGB image. Other Image formats are not supported',
    ],
    [
      'points of one thing alone',
      () => utils.drawKeypoints(picture, point.select(0, 0)),
      'keypoints must be of shape (num_instances, K, 2)',
    ],
    [
      'lines to points that are not there',
      () => utils.drawKeypoints(picture, point, [[0, 7]]),
      'list index out of range',
    ],
    [
      'boxes of five numbers',
      () => utils.drawBoundingBoxes(picture, torch.zeros(2, 5)),
      'boxes must be of shape (N, 4) or (N, 8), got torch.Size([2, 5])',
    ],
    [
      'flow of doubles',
      () => utils.flowToImage(torch.zeros([2, 4, 4], { dtype: torch.float64 })),
      'Flow should be of dtype torch.float, got torch.float64.',
    ],
    [
      'flow of three channels',
      () => utils.flowToImage(torch.zeros(3, 4, 4)),
      'Input flow should have shape (2, H, W) or (N, 2, H, W), got torch.Size([3, 4, 4]).',
    ],
  ];
  it.each(refused)('%s', (_, call, text) => {
    expect(call).toThrow(text);
  });
});
