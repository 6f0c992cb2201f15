/** Detectors beside torchvision's, as test/models/detection.py recorded them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { describe, expect, it } from 'vitest';

const { models } = torchvision;
const { detection } = models;
const { nn } = torch;

interface Found {
  readonly boxes: number[];
  readonly labels: number[];
  readonly scores: number[];
  readonly masks?: number[];
  readonly keypoints?: number[];
  readonly keypoints_scores?: number[];
}
interface Run {
  readonly options: Record<string, number>;
  /** Variances of normalizations, and what weights of the last layers are multiplied by. */
  readonly settled: Record<string, number>;
  readonly losses: Record<string, number>;
  readonly norm: number;
  readonly found: Found[];
}
const recorded = JSON.parse(
  readFileSync(new URL('./models/detection.json.golden', import.meta.url), 'utf8'),
) as {
  initial: Record<string, { first: string; total: number; trained: number }>;
  runs: Record<string, Run>;
  vgg: Record<string, [number[], number]>;
};

const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function build(name: string, options: object): torch.nn.Module {
  torch.manualSeed(0);
  return models.getModel(name, { weightsBackbone: null, numClasses: 4, ...options });
}

/** A number as Python's `.6e` writes it. */
const exponential = (value: number) => value.toExponential(6).replace(/e([+-])(\d)$/, 'e$10$2');

describe('From a seed', () => {
  it.each(Object.entries(recorded.initial))(
    '%s has the initial values of torchvision, and all of it is trained',
    (name, { first, total, trained }) => {
      const net = build(name, {});
      const state = Object.values(net.stateDict());
      const firsts = state.map((value) => exponential(value.flatten().select(0, 0).item()));
      const text = JSON.stringify(firsts).replaceAll(',', ', ');
      expect(createHash('sha256').update(text).digest('hex').slice(0, 16)).toBe(first);
      const sum = state.reduce((all, value) => all + value.double().abs().sum().item(), 0);
      expect(Math.abs(sum / total - 1)).toBeLessThan(1e-6);
      expect(net.parameters().filter(({ requiresGrad }) => requiresGrad)).toHaveLength(trained);
    },
  );
});

function images(): torch.Tensor[] {
  const generator = new torch.Generator().manualSeed(3);
  return [torch.rand(3, 60, 80, { generator }), torch.rand(3, 70, 50, { generator })];
}

function mask(height: number, width: number, [top, bottom, left, right]: readonly number[]): torch.Tensor {
  const result = torch.zeros(height, width);
  result.slice(0, top, bottom).slice(1, left, right).fill_(1);
  return result.byte();
}

const targets = () => [
  {
    boxes: torch
      .tensor([
        [5, 10, 45, 40],
        [30, 20, 75, 50],
      ])
      .float(),
    labels: torch.tensor([1, 2]),
    masks: torch.stack([mask(60, 80, [10, 40, 5, 45]), mask(60, 80, [20, 50, 30, 75])]),
    keypoints: torch
      .tensor([
        [
          [8, 12, 1],
          [40, 35, 1],
          [20, 20, 0],
        ],
        [
          [35, 22, 1],
          [70, 45, 1],
          [75, 50, 1],
        ],
      ])
      .float(),
  },
  {
    boxes: torch.tensor([[8, 5, 42, 60]]).float(),
    labels: torch.tensor([3]),
    masks: mask(70, 50, [5, 60, 8, 42]).unsqueeze(0),
    keypoints: torch
      .tensor([
        [
          [10, 10, 1],
          [41, 55, 1],
          [25, 30, 1],
        ],
      ])
      .float(),
  },
];

/** A detector whose last layers have a size with which something is found. */
function settled(name: string, run: Run): torch.nn.Module {
  const options = Object.fromEntries(Object.entries(run.options).map(([key, value]) => [camel(key), value]));
  const net = build(name, options);
  const state = net.stateDict();
  torch.noGrad(() => {
    for (const [key, value] of Object.entries(run.settled))
      if (`${key}.running_var` in state) state[`${key}.running_var`].fill_(value);
      else {
        state[`${key}.weight`].mul_(value);
        if (`${key}.bias` in state) state[`${key}.bias`].zero_();
      }
  });
  return net;
}

function expectNear(found: torch.Tensor, expected: readonly number[], tolerance: number, what: string): void {
  const values = found.double().flatten().tolist() as number[];
  expect(values.length, what).toBe(expected.length);
  const largest = Math.max(1e-6, ...expected.map(Math.abs));
  for (const [i, value] of expected.entries())
    expect(Math.abs(values[i] - value) / largest, `${what} ${i}: ${values[i]}, not ${value}`).toBeLessThan(
      tolerance,
    );
}

describe('As in torchvision', () => {
  it.each(Object.entries(recorded.runs))(
    '%s has its losses and gradients, and finds what it finds',
    (name, run) => {
      const net = settled(name, run);
      net.train();
      for (const m of net.modules()) if (m instanceof nn.BatchNorm2d) m.eval();
      torch.manualSeed(1);
      const losses = net.forward(images(), targets()) as torchvision.models.detection.DetectionLosses;
      expect(Object.keys(losses).sort()).toEqual(Object.keys(run.losses).map(camel).sort());
      for (const [key, value] of Object.entries(run.losses))
        expect(Math.abs(losses[camel(key)].item() / value - 1), key).toBeLessThan(1e-3);
      Object.values(losses)
        .reduce((a, b) => a.add(b))
        .backward();
      const squares = net
        .parameters()
        .reduce((sum, { grad }) => sum + (grad === null ? 0 : grad.double().square().sum().item()), 0);
      expect(Math.abs(Math.sqrt(squares) / run.norm - 1), 'gradients').toBeLessThan(2e-3);

      net.eval();
      const found = torch.noGrad(() => net.forward(images())) as torchvision.models.detection.Detection[];
      expect(found).toHaveLength(run.found.length);
      for (const [i, expected] of run.found.entries()) {
        expect(found[i].labels.tolist()).toEqual(expected.labels);
        expectNear(found[i].scores, expected.scores, 1e-3, 'score');
        expectNear(found[i].boxes, expected.boxes, 1e-3, 'box');
        if (expected.masks !== undefined)
          expectNear(found[i].masks!.sum([1, 2, 3]), expected.masks, 2e-3, 'mask');
        if (expected.keypoints !== undefined) {
          expectNear(found[i].keypoints!, expected.keypoints, 1e-3, 'place');
          expectNear(found[i].keypointsScores!, expected.keypoints_scores!, 1e-3, 'score of a place');
        }
      }
    },
  );

  it('SSD finds features of six sizes on VGG-16', () => {
    const net = build('ssd300_vgg16', {}) as torchvision.models.detection.SSD;
    const x = torch.rand(1, 3, 300, 300, { generator: new torch.Generator().manualSeed(3) });
    const maps = torch.noGrad(() => net.backbone.forward(x)) as Record<string, torch.Tensor>;
    expect(Object.keys(maps)).toEqual(Object.keys(recorded.vgg));
    for (const [name, [shape, sum]] of Object.entries(recorded.vgg)) {
      expect(maps[name].shape).toEqual(shape);
      expect(Math.abs(maps[name].double().abs().sum().item() / sum - 1), name).toBeLessThan(1e-5);
    }
  });
});

describe('What a detector is given is checked', () => {
  const backbone = () => Object.assign(new nn.Conv2d(3, 8, 3), { outChannels: 8 });
  const net = () =>
    new detection.RetinaNet(backbone(), 2, {
      minSize: 8,
      anchorGenerator: new detection.AnchorGenerator([[4]], [[1]]),
    });

  it('in the words of torchvision', () => {
    const image = torch.rand(3, 8, 8);
    const boxes = (values: number[][]) => [
      { boxes: torch.tensor(values).float(), labels: torch.tensor([1]) },
    ];
    expect(() => net().forward([image])).toThrow('targets should not be none when in training mode');
    expect(() => net().forward([image], boxes([[1, 2]]))).toThrow(
      'Expected target boxes to be a tensor of shape [N, 4], got torch.Size([1, 2]).',
    );
    expect(() => net().forward([image], boxes([[4, 2, 2, 3]]))).toThrow(
      'All bounding boxes should have positive height and width. Found invalid box [4.0, 2.0, 2.0, 3.0] for target at index 0.',
    );
    expect(() =>
      net()
        .eval()
        .forward([image.unsqueeze(0)]),
    ).toThrow(
      'images is expected to be a list of 3d tensors of shape [C, H, W], got torch.Size([1, 3, 8, 8])',
    );
    expect(() => net().eval().forward([image.byte()])).toThrow(
      'Expected input images to be of floating type (in range [0, 1]), but found type torch.uint8 instead',
    );
    expect(() => new detection.FasterRCNN(new nn.ReLU() as never, 2)).toThrow(
      'backbone should contain an attribute out_channels',
    );
    expect(() => new detection.FasterRCNN(backbone())).toThrow(
      'num_classes should not be None when box_predictor is not specified',
    );
    expect(() => models.getModel('fcos_resnet50_fpn', { numClasses: 3, weights: 'COCO_V1' })).toThrow(
      "The parameter 'num_classes' expected value 91 but got 3 instead.",
    );
  });
});

describe('Weights of detectors', () => {
  it('make floats of images, and know the classes of COCO', () => {
    const { DEFAULT } = detection.FasterRCNN_ResNet50_FPN_Weights;
    const image = torch.tensor([[[0, 51, 255]]]).byte();
    expect((DEFAULT.transforms().forward(image) as torch.Tensor).tolist()).toEqual([
      [[0, Math.fround(0.2), 1]],
    ]);
    expect(String(DEFAULT.transforms())).toBe('ObjectDetection()');
    expect(DEFAULT.meta.categories?.[1]).toBe('person');
    expect(models.getWeight('KeypointRCNN_ResNet50_FPN_Weights.COCO_LEGACY').meta.keypointNames).toHaveLength(
      17,
    );
  });
});
