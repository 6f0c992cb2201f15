import * as torch from 'flambeau';
import { describe, expect, expectTypeOf, it } from 'vitest';

const { transforms } = torch;
const { Compose, Image, Normalize, RandomHorizontalFlip, ToTensor } = transforms;

/** A grey image of 4x3 whose pixels are numbered. */
const numbered = Image.fromPlanes(
  Uint8Array.from({ length: 12 }, (_, i) => i),
  4,
  3,
  1,
);
const rows = (image: torch.transforms.ImageLike) => {
  const { data, width, height } = image as torch.transforms.Image;
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
      const pad = new transforms.Pad([2, 1], 9, mode as torch.transforms.PaddingMode);
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
    expect(rows(new transforms.Grayscale().forward(colours) as torch.transforms.Image)).toEqual([
      [76, 150, 29, 18],
    ]);
    expect((new transforms.Grayscale(3).forward(colours) as torch.transforms.Image).mode).toBe('RGB');
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
