import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { describe, expect, expectTypeOf, it } from 'vitest';

const { transforms } = torchvision;
const { Compose, Image, Normalize, RandomHorizontalFlip, ToTensor } = transforms;

/** A grey image of 4x3 whose pixels are numbered. */
const numbered = Image.fromPlanes(
  Uint8Array.from({ length: 12 }, (_, i) => i),
  4,
  3,
  1,
);
const rows = (image: torchvision.transforms.ImageLike) => {
  const { data, width, height } = image as torchvision.transforms.Image;
  return Array.from({ length: height }, (_, y) => [...data.subarray(y * width, (y + 1) * width)]);
};
const colours = Image.fromInterleaved(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30), 4, 1);

// Expected values are torchvision 0.28's.
describe('transforms', () => {
  it("draw from torch's generator as torchvision does", () => {
    torch.manualSeed(0);
    const flip = new RandomHorizontalFlip();
    const firsts = Array.from({ length: 5 }, () => rows(flip.forward(numbered))[0][0]);
    expect(firsts).toEqual([3, 0, 3, 3, 3]);
    for (let i = 0; i < 5; i++)
      expect(new transforms.RandomVerticalFlip(0.3).forward(numbered)).toBe(numbered);
    const crop = new transforms.RandomCrop(2);
    expect(Array.from({ length: 3 }, () => rows(crop.forward(numbered)))).toEqual([
      [
        [6, 7],
        [10, 11],
      ],
      [
        [0, 1],
        [4, 5],
      ],
      [
        [2, 3],
        [6, 7],
      ],
    ]);
    const padded = new transforms.RandomCrop(3, { padding: 1 });
    expect(Array.from({ length: 2 }, () => rows(padded.forward(numbered)))).toEqual([
      [
        [0, 0, 0],
        [0, 0, 1],
        [0, 4, 5],
      ],
      [
        [4, 5, 6],
        [8, 9, 10],
        [0, 0, 0],
      ],
    ]);
    const wider = new transforms.RandomCrop([4, 5], { padIfNeeded: true });
    expect(rows(wider.forward(numbered))).toEqual([
      [0, 0, 0, 0, 0],
      [0, 1, 2, 3, 0],
      [4, 5, 6, 7, 0],
      [8, 9, 10, 11, 0],
    ]);
    expect(torch.rand(1).item()).toBe(Math.fround(0.39709991216659546));
  });

  it('pad in every mode, images and tensors alike', () => {
    const expected: Record<string, number[]> = {
      constant: [9, 9, 9, 9, 9, 9, 9, 9],
      edge: [0, 0, 0, 1, 2, 3, 3, 3],
      reflect: [6, 5, 4, 5, 6, 7, 6, 5],
      symmetric: [1, 0, 0, 1, 2, 3, 3, 2],
    };
    const tensor = new transforms.PILToTensor().forward(numbered);
    for (const [mode, first] of Object.entries(expected)) {
      const pad = new transforms.Pad([2, 1], 9, mode as torchvision.transforms.PaddingMode);
      expect(rows(pad.forward(numbered))[0]).toEqual(first);
      expect((pad.forward(tensor) as torch.Tensor).index(0).tolist()).toEqual(rows(pad.forward(numbered)));
    }
  });

  it('take tensors where they take images', () => {
    const tensor = new transforms.PILToTensor().forward(numbered);
    for (const transform of [
      new RandomHorizontalFlip(1),
      new transforms.RandomVerticalFlip(1),
      new transforms.CenterCrop([1, 2]),
      new transforms.CenterCrop([4, 3]),
      new transforms.CenterCrop([5, 7]),
    ]) {
      expect((transform.forward(tensor) as torch.Tensor).index(0).tolist()).toEqual(
        rows(transform.forward(numbered)),
      );
    }
    expect(rows(new transforms.CenterCrop([1, 2]).forward(numbered))).toEqual([[5, 6]]);
  });

  it('make tensors as torchvision does', () => {
    expect(new ToTensor().forward(colours).tolist()).toEqual([
      [[1, 0, 0, 10 / 255].map(Math.fround)],
      [[0, 1, 0, 20 / 255].map(Math.fround)],
      [[0, 0, 1, 30 / 255].map(Math.fround)],
    ]);
    const raw = { data: colours.data, shape: [1, 4, 3] };
    expect(new ToTensor().forward(raw).tolist()).toEqual(new ToTensor().forward(colours).tolist());
    const floats = { data: Float64Array.of(1, 2, 3, 4), shape: [2, 1, 2] };
    expect(String(new ToTensor().forward(floats))).toBe(
      'tensor([[[1.],\n         [3.]],\n\n        [[2.],\n         [4.]]], dtype=torch.float64)',
    );
    expect(rows(new transforms.Grayscale().forward(colours) as torchvision.transforms.Image)).toEqual([
      [76, 150, 29, 18],
    ]);
    expect((new transforms.Grayscale(3).forward(colours) as torchvision.transforms.Image).mode).toBe('RGB');
  });

  it('make tensors of arrays of every kind', () => {
    const toTensor = new ToTensor();
    const made = (data: ArrayBufferView) => toTensor.forward({ data, shape: [1, 1, 3] });
    // Canvases give clamped bytes: 1, 0, 128 / 255.
    for (const data of [Uint8Array.of(255, 0, 128), Uint8ClampedArray.of(255, 0, 128)]) {
      expect(made(data).dtype).toBe(torch.float32);
      expect(made(data).flatten().tolist()).toEqual([1, 0, Math.fround(128 / 255)]);
    }
    const kinds: readonly (readonly [ArrayBufferView, torch.DType])[] = [
      [Int8Array.of(1, -2, 3), torch.int8],
      [Int16Array.of(1, -2, 3), torch.int16],
      [Int32Array.of(1, -2, 3), torch.int32],
      [BigInt64Array.of(1n, -2n, 3n), torch.int64],
      [Float32Array.of(1, -2, 3), torch.float32],
      [Float64Array.of(1, -2, 3), torch.float64],
    ];
    for (const [data, dtype] of kinds) {
      expect(made(data).dtype).toBe(dtype);
      expect(made(data).flatten().tolist()).toEqual([1, -2, 3]);
    }
    expect(toTensor.forward({ data: new Uint8Array(0), shape: [0, 2, 3] }).shape).toEqual([3, 0, 2]);
    expect(made(new Uint16Array(3)).dtype).toBe(torch.uint16);
    expect(() => toTensor.forward({ data: new Uint8Array(2), shape: [1, 1, 3] })).toThrow(torch.RuntimeError);
    expect(() => toTensor.forward(torch.ones(2, 2) as never)).toThrow(
      "pic should be PIL Image or ndarray. Got <class 'Tensor'>",
    );
  });

  it('take images of one to four channels', () => {
    const image = (channels: number) =>
      Image.fromInterleaved(
        Uint8ClampedArray.from({ length: 4 * channels }, (_, i) => i + 1),
        2,
        2,
        channels,
      );
    const grey = [1, 2, 3, 4].map((channels) => [
      ...(new transforms.Grayscale().forward(image(channels)) as torchvision.transforms.Image).data,
    ]);
    // Images that PIL makes of modes L, LA, RGB and RGBA.
    expect(grey).toEqual([
      [1, 2, 3, 4],
      [1, 3, 5, 7],
      [2, 5, 8, 11],
      [2, 6, 10, 14],
    ]);
    expect([1, 2, 3, 4].map((channels) => image(channels).mode)).toEqual(['L', 'LA', 'RGB', 'RGBA']);
    expect(() => new transforms.Grayscale().forward(image(5))).toThrow('an image of 5 channels has no grey');
    const padded = (fill: number | number[], channels: number) =>
      [
        ...(new transforms.Pad(1, { fill }).forward(image(channels)) as torchvision.transforms.Image).data,
      ].slice(0, 4);
    expect(padded([300, -5, 2.7], 3)).toEqual([255, 0, 2, 255]);
    expect(padded([7, 8], 2)).toEqual([7, 8, 7, 8]);
    expect(padded(-1, 4)).toEqual([0, 0, 0, 0]);
    expect(() => padded([7, 8], 3)).toThrow(
      "The number of elements in 'fill' does not match the number of channels of the image (2 != 3)",
    );
    expect(() => padded(Number.NaN, 1)).toThrow('cannot convert float NaN to integer');
    expect(() => Image.fromPlanes(new Float64Array(4) as never, 2, 2, 1)).toThrow(torch.TypeError);
    expect(() => Image.fromPlanes(new Uint8Array(6), -2, -3, 1)).toThrow('must be integers >= 0');
    expect(() => Image.fromInterleaved(new Uint8Array(5), 2.5, 2, 1)).toThrow('must be integers >= 0');
  });

  it("crop and pad by any number as torchvision's", () => {
    const tensor = torch.arange(12).view(1, 3, 4);
    const padded = (
      padding: number[],
      paddingMode: torchvision.transforms.PaddingMode,
      x: unknown = tensor,
    ) => {
      const out = new transforms.Pad(padding, { fill: 7, paddingMode }).forward(x as torch.Tensor);
      return out instanceof torch.Tensor ? out.index(0).tolist() : rows(out as torchvision.transforms.Image);
    };
    for (const x of [tensor, numbered]) {
      expect(padded([-1, 0], 'constant', x)).toEqual([
        [1, 2],
        [5, 6],
        [9, 10],
      ]);
      expect(padded([-1, 1, 2, -1], 'constant', x)).toEqual([
        [7, 7, 7, 7, 7],
        [1, 2, 3, 7, 7],
        [5, 6, 7, 7, 7],
      ]);
      expect(padded([-1, 1, 2, -1], 'reflect', x)).toEqual([
        [5, 6, 7, 6, 5],
        [1, 2, 3, 2, 1],
        [5, 6, 7, 6, 5],
      ]);
      expect(padded([-1, 1, 2, -1], 'symmetric', x)).toEqual([
        [1, 2, 3, 3, 2],
        [1, 2, 3, 3, 2],
        [5, 6, 7, 7, 6],
      ]);
      expect(padded([-1, 1, 2, -1], 'edge', x)).toEqual([
        [1, 2, 3, 3, 3],
        [1, 2, 3, 3, 3],
        [5, 6, 7, 7, 7],
      ]);
    }
    const shape = (size: number | number[]) =>
      (new transforms.CenterCrop(size).forward(tensor) as torch.Tensor).shape;
    expect(shape(0)).toEqual([1, 0, 0]);
    expect(shape([0, 2])).toEqual([1, 0, 2]);
    expect(shape(-1)).toEqual([1, 0, 0]);
    expect(shape(1.5)).toEqual([1, 1, 1]);
    const crop = (size: unknown) => () => new transforms.CenterCrop(size as number).forward(numbered);
    expect(crop(-1)).toThrow("Coordinate 'right' is less than 'left'");
    expect(crop([-1, 2])).toThrow("Coordinate 'lower' is less than 'upper'");
    expect(crop(Number.NaN)).toThrow('cannot convert float NaN to integer');
    expect(crop([1, 2, 3])).toThrow('Please provide only two dimensions (h, w) for size.');
    expect(crop(null)).toThrow("object of type 'NoneType' has no len()");
    expect(crop('3')).toThrow(torch.TypeError);
    expect(() => padded([-5], 'constant', numbered)).toThrow('Width and height must be >= 0');
    expect(() => padded([-5], 'constant')).toThrow('narrow(): length must be non-negative.');
    expect(() => padded([3], 'reflect')).toThrow(
      'Argument #6: Padding size should be less than the corresponding input dimension, but got: padding (3, 3) at ' +
        'dimension 2 of input [1, 1, 3, 4]',
    );
    expect(() => padded([0.5], 'edge')).toThrow('found element of type float at pos 0');
    expect(() => new transforms.Pad(Number.NaN)).toThrow('Got inappropriate padding arg');
    expect(() => new transforms.Pad(1, { fill: [1] }).forward(tensor)).toThrow('Got inappropriate fill arg');
  });

  it('normalize to the same bits however they get there', () => {
    const normalize = new Normalize([0.5, 0.4, 0.3], [0.5, 0.2, 0.1]);
    const expected = [
      1, -1, -1, -0.9215686321258545, -2, 3, -2, -1.6078431606292725, -3, -3, 7, -1.823529601097107,
    ].map(Math.fround);
    const tensor = new ToTensor().forward(colours);
    expect([...normalize.forward(tensor).toArray()]).toEqual(expected);
    expect([...new Compose([new ToTensor(), normalize]).forward(colours).toArray()]).toEqual(expected);
    const strided = tensor.permute([0, 2, 1]).contiguous().permute([0, 2, 1]);
    expect([...normalize.forward(strided).toArray()]).toEqual(expected);
    expect([...normalize.forward(tensor.unsqueeze(0)).toArray()]).toEqual(expected);
    const inPlace = new Normalize([0.5, 0.4, 0.3], [0.5, 0.2, 0.1], true);
    expect(inPlace.forward(tensor)).toBe(tensor);
    expect([...tensor.toArray()]).toEqual(expected);
  });

  it('compose, with functions among them', () => {
    const compose = new Compose([
      new ToTensor(),
      (x: torch.Tensor) => x.sum(),
      new transforms.Lambda((x) => x),
    ]);
    expect((compose.forward(colours) as torch.Tensor).item()).toBeCloseTo(3 + 60 / 255, 6);
    const typed = new Compose([new RandomHorizontalFlip(), new ToTensor()]);
    expectTypeOf(typed.forward(colours)).toEqualTypeOf<torch.Tensor>();
  });

  it("print as torchvision's", () => {
    const compose = new Compose([
      new transforms.RandomCrop(32, { padding: 4 }),
      new RandomHorizontalFlip(),
      new ToTensor(),
      new Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
      new transforms.Grayscale(),
      new transforms.Pad([1, 2], 3),
    ]);
    expect(String(compose)).toBe(
      [
        'Compose(',
        '    RandomCrop(size=(32, 32), padding=4)',
        '    RandomHorizontalFlip(p=0.5)',
        '    ToTensor()',
        '    Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))',
        '    Grayscale(num_output_channels=1)',
        '    Pad(padding=(1, 2), fill=3, padding_mode=constant)',
        ')',
      ].join('\n'),
    );
  });

  it("refuse in torchvision's words", () => {
    const tensor = torch.zeros(3, 5, 7);
    const half = new Normalize(0.5, 0.5);
    const wrong = 3 as never;
    const cases: readonly (readonly [() => unknown, new () => Error, string])[] = [
      [
        () => new Normalize([0.5, 0.5], [0.5, 0.5]).forward(tensor),
        torch.RuntimeError,
        'The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 0',
      ],
      [
        () => new Normalize(0.5, 0).forward(tensor),
        torch.ValueError,
        'std evaluated to zero after conversion to torch.float32, leading to division by zero.',
      ],
      [
        () => half.forward(tensor.to(torch.int64)),
        torch.TypeError,
        'Input tensor should be a float tensor. Got torch.int64.',
      ],
      [
        () => half.forward(tensor.index(0)),
        torch.ValueError,
        'Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = torch.Size([5, 7])',
      ],
      [() => half.forward(wrong), torch.TypeError, "img should be Tensor Image. Got <class 'int'>"],
      [
        () => new ToTensor().forward(wrong),
        torch.TypeError,
        "pic should be PIL Image or ndarray. Got <class 'int'>",
      ],
      [
        () => new transforms.RandomCrop(9).forward(numbered),
        torch.ValueError,
        'Required crop size (9, 9) is larger than input image size (3, 4)',
      ],
      [
        () => new transforms.Grayscale().forward(torch.zeros(2, 3, 3)),
        torch.TypeError,
        'Input image tensor permitted channel values are [1, 3], but found 2',
      ],
      [() => new transforms.Lambda(wrong), torch.TypeError, "Argument lambd should be callable, got 'int'"],
      [
        () => new transforms.Pad([1, 2, 3]),
        torch.ValueError,
        'Padding must be an int or a 1, 2, or 4 element tuple, not a 3 element tuple',
      ],
      [
        () => new transforms.CenterCrop([1, 2, 3]),
        torch.ValueError,
        'Please provide only two dimensions (h, w) for size.',
      ],
      [
        () => Image.fromPlanes(new Uint8Array(5), 2, 2, 1),
        torch.ValueError,
        'an image of 2x2 with 1 channels needs 4 values, got 5',
      ],
    ];
    for (const [run, type, message] of cases) {
      expect(run).toThrow(type);
      expect(run).toThrow(message);
    }
  });
});
