/** Models beside torchvision's, as test/models/record.py recorded them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as torch from '../src/index.js';
import * as torchvision from '../src/vision/index.js';

const { models } = torchvision;
const { nn } = torch;

interface Recorded {
  readonly shapes: Readonly<Record<string, { state: string; printed: string; parameters: number }>>;
  readonly values: Readonly<
    Record<
      string,
      {
        readonly size: number;
        readonly first: string;
        readonly total: number;
        readonly out: readonly number[];
        readonly loss: number;
        readonly norm: number;
      }
    >
  >;
}

const recorded = JSON.parse(
  readFileSync(new URL('./models/models.json', import.meta.url), 'utf8'),
) as Recorded;
const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
const optionsOf = (name: string) =>
  /^(fcn|deeplab|lraspp|faster|mask|keypoint|retina|fcos|ssd)/.test(name) ? { weightsBackbone: null } : {};

describe('Every builder', () => {
  afterEach(() => torch.setDefaultDevice('cpu'));

  it('is known by its name in torchvision', () => {
    expect(models.listModels()).toEqual(Object.keys(recorded.shapes).sort());
  });

  it.each(Object.entries(recorded.shapes))(
    '%s makes a model with the keys, shapes and text of torchvision',
    (name, { state, printed, parameters }) => {
      vi.spyOn(console, 'warn').mockImplementation(() => {});
      torch.setDefaultDevice('meta');
      const net = models.getModel(name, optionsOf(name));
      const lines = Object.entries(net.stateDict()).map(
        ([key, value]) => `${key} [${value.shape.join(', ')}]`,
      );
      expect(digest(lines.join('\n'))).toBe(state);
      expect(digest(String(net))).toBe(printed);
      expect(net.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0)).toBe(parameters);
    },
  );
});

/** Smaller networks of families whose published ones take long. */
const small: Readonly<Record<string, () => torch.nn.Module>> = {
  DenseNet: () => new models.DenseNet(4, [2, 3], 8, 2, 0.1, 5),
  ConvNeXt: () => {
    const stages = [new models.CNBlockConfig(8, 16, 1), new models.CNBlockConfig(16, null, 2)];
    return new models.ConvNeXt(stages, 0.1, 1, 5);
  },
  VisionTransformer: () => {
    const convStemConfigs = [1, 2, 3].map(() => ({ outChannels: 8, kernelSize: 3, stride: 2 }));
    return new models.VisionTransformer(32, 8, 2, 2, 16, 32, 0.1, 0.1, 5, 8, { convStemConfigs });
  },
  SwinTransformer: () =>
    new models.SwinTransformer([4, 4], 8, [2, 2], [2, 4], [3, 3], {
      dropout: 0.1,
      attentionDropout: 0.1,
      numClasses: 5,
    }),
  MaxVit: () => new models.MaxVit([32, 32], 8, 2, [8, 16], [1, 2], 4, 0.2, { numClasses: 5 }),
  'ResNet of Bottlenecks': () =>
    new models.ResNet(
      models.Bottleneck,
      [1, 2, 1, 1],
      5,
      true,
      2,
      32,
      [false, true, false],
      nn.InstanceNorm2d,
    ),
};

const mainOutput = (out: unknown): torch.Tensor => {
  if (out instanceof torch.Tensor) return out;
  const { logits, out: image } = out as { logits?: torch.Tensor; out?: torch.Tensor };
  return logits ?? image!.mean([2, 3]);
};

describe('From a seed', () => {
  it.each(Object.entries(recorded.values))(
    '%s has the initial values, results and gradients of torchvision',
    (name, { size, first, total, out, loss, norm }) => {
      vi.spyOn(console, 'warn').mockImplementation(() => {});
      torch.manualSeed(0);
      const make = small[name] ?? (() => models.getModel(name, { numClasses: 5, ...optionsOf(name) }));
      const net = make();
      const state = Object.values(net.stateDict());
      const firsts = state.map((value) => value.flatten().select(0, 0).item());
      expect(digest(JSON.stringify(firsts.map(exponential)).replaceAll(',', ', '))).toBe(first);
      const sum = state.reduce((all, value) => all + value.double().abs().sum().item(), 0);
      expect(Math.abs(sum / total - 1)).toBeLessThan(1e-6);

      const x = torch.randn(2, 3, size, size, { generator: new torch.Generator().manualSeed(1) });
      net.eval();
      const found = torch.noGrad(() => mainOutput(net.forward(x)).flatten().tolist()) as number[];
      const largest = Math.max(...out.map(Math.abs), 1e-30);
      for (const [i, value] of out.entries())
        expect(Math.abs(found[i] - value) / largest, `output ${i}`).toBeLessThan(1e-5);

      torch.manualSeed(2);
      net.train();
      const lossNow = nn.functional.crossEntropy(mainOutput(net.forward(x)), torch.tensor([1, 3]));
      lossNow.backward();
      const squares = net
        .parameters()
        .flatMap(({ grad }) => (grad === null ? [] : [grad.double().square().sum().item()]));
      const normNow = Math.sqrt(squares.reduce((a, b) => a + b, 0));
      expect(Math.abs(lossNow.item() / loss - 1)).toBeLessThan(1e-3);
      expect(Math.abs(normNow / norm - 1)).toBeLessThan(1e-3);
    },
  );
});

/** A number as Python's `.6e` writes it. */
function exponential(value: number): string {
  return value.toExponential(6).replace(/e([+-])(\d)$/, 'e$10$2');
}

describe('getModel', () => {
  it('knows names in any case, and says which it does not know', () => {
    expect(models.getModelBuilder('ResNet18')).toBe(models.resnet18);
    expect(() => models.getModel('resnet19')).toThrow('Unknown model resnet19');
  });

  it('lists models by filters and by module', () => {
    expect(models.listModels({ include: ['resnet*', 'swin_[st]'], exclude: 'resnet1*' })).toEqual([
      'resnet34',
      'resnet50',
      'swin_s',
      'swin_t',
    ]);
    expect(models.listModels({ module: models.segmentation })).toContain('fcn_resnet50');
    expect(models.listModels({ module: models.segmentation })).not.toContain('resnet50');
  });

  it('refuses options that the model does not have, and what contradicts it', () => {
    expect(() => models.getModel('resnet18', { numclasses: 3 })).toThrow(
      /resnet18\(\) got an unexpected keyword argument 'numclasses'/,
    );
    expect(() => models.resnext50_32x4d({ groups: 2 })).toThrow(
      "The parameter 'groups' expected value 32 but got 2 instead.",
    );
  });
});

describe('Weights', () => {
  it('are found by name, by builder and as the best', () => {
    const { ResNet50_Weights } = models;
    expect(models.getWeight('ResNet50_Weights.IMAGENET1K_V2')).toBe(ResNet50_Weights.DEFAULT);
    expect(models.getModelWeights('resnet50')).toBe(ResNet50_Weights);
    expect(models.getModelWeights(models.resnet50)).toBe(ResNet50_Weights);
    expect([...ResNet50_Weights].map(String)).toEqual([
      'ResNet50_Weights.IMAGENET1K_V1',
      'ResNet50_Weights.IMAGENET1K_V2',
    ]);
    expect(ResNet50_Weights.DEFAULT.url).toBe('https://download.pytorch.org/models/resnet50-11ad3fa6.pth');
    expect(ResNet50_Weights.DEFAULT.meta.categories).toHaveLength(1000);
    expect(models.segmentation.FCN_ResNet50_Weights.DEFAULT.meta.categories![1]).toBe('aeroplane');
  });

  it('of another model are refused, and what contradicts them', () => {
    const { resnet18, ResNet50_Weights } = models;
    expect(() => resnet18({ weights: ResNet50_Weights.DEFAULT })).toThrow(
      'Invalid Weight class provided; expected ResNet18_Weights but received ResNet50_Weights.',
    );
    expect(() => resnet18({ weights: 'IMAGENET1K_V9' })).toThrow("'IMAGENET1K_V9'");
    expect(() => resnet18({ weights: 'DEFAULT', numClasses: 10 })).toThrow(
      "The parameter 'num_classes' expected value 1000 but got 10 instead.",
    );
    expect(() => models.getWeight('ResNet50')).toThrow("Invalid weight name provided: 'ResNet50'.");
    expect(() => models.getWeight('Net_Weights.V1')).toThrow(
      "The weight enum 'Net_Weights' for the specific method couldn't be retrieved.",
    );
  });

  it('make images ready as torchvision does', () => {
    const transform = models.ResNet50_Weights.IMAGENET1K_V2.transforms();
    expect(String(transform)).toContain('resize_size=[232]');
    const image = torch.full([3, 300, 400], 255, { dtype: torch.uint8 });
    const ready = transform.forward(image);
    expect([...ready.shape]).toEqual([3, 224, 224]);
    expect(ready.select(0, 0).select(0, 0).select(0, 0).item()).toBeCloseTo((1 - 0.485) / 0.229, 5);
  });
});

describe('IntermediateLayerGetter', () => {
  it('gives results of layers by new names and leaves out what comes behind', () => {
    const net = models.resnet18({ numClasses: 2 }).eval();
    const features = new models.IntermediateLayerGetter(net, { layer1: 'low', layer3: 'high' });
    const { low, high } = features.forward(torch.zeros(1, 3, 64, 64));
    expect([[...low.shape], [...high.shape]]).toEqual([
      [1, 64, 16, 16],
      [1, 256, 4, 4],
    ]);
    expect(Object.keys(features.stateDict()).some((key) => key.startsWith('layer4'))).toBe(false);
    expect(() => new models.IntermediateLayerGetter(net, { layer9: 'x' })).toThrow(
      'return_layers are not present in model',
    );
  });
});

describe('Published weights of early versions', () => {
  it('load into the transformer, whose products had names', () => {
    const make = () => new models.VisionTransformer(16, 8, 1, 2, 8, 12);
    const state = make().stateDict();
    const old = Object.fromEntries(
      Object.entries(state).map(([key, value]) => [
        key.replace('mlp.0.', 'mlp.linear_1.').replace('mlp.3.', 'mlp.linear_2.'),
        value,
      ]),
    );
    const net = make();
    net.loadStateDict(old);
    const key = 'encoder.layers.encoder_layer_0.mlp.3.weight';
    expect(torch.equal(net.stateDict()[key], state[key])).toBe(true);
  });
});
