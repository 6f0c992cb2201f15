import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { models, ops } from 'flambeau/vision';
import { describe, expect, it, vi } from 'vitest';

const { nn } = torch;
const { createFeatureExtractor, getGraphNodeNames } = models;

// Recorded by golden/vision_features.py.
const golden = JSON.parse(
  readFileSync(new URL('./golden/vision_features.json.golden', import.meta.url), 'utf8'),
) as {
  names: Record<string, { train: string[]; eval?: string[] }>;
  features: Record<string, { keys: string[]; results: Record<string, [number[], number, number]> }>;
};

const meta = (...shape: number[]) => torch.empty(shape, { device: 'meta' });

class Net extends nn.Module {
  conv = new nn.Conv2d(1, 2, 3);
  norm = new nn.BatchNorm2d(2);
  drop = new nn.Dropout(0.5);
  inner = new nn.Sequential(new nn.ReLU(), new nn.Linear(2, 2));
  own = new nn.Parameter(torch.ones(1));

  override forward(image: torch.Tensor): torch.Tensor {
    let x = this.norm.forward(this.conv.forward(image));
    if (this.training) x = this.drop.forward(x);
    x = torch.relu(x.mul(this.own));
    return this.inner.forward(torch.relu(x).mean([2, 3])) as torch.Tensor;
  }
}

describe('names of steps', () => {
  it.each(Object.entries(golden.names))(
    "are torchvision's for %s",
    (name, { train, eval: evaluated = train }) => {
      const options = name === 'googlenet' ? { initWeights: false } : {};
      const found = getGraphNodeNames(models.getModel(name, { weights: null, ...options }), {
        suppressDiffWarning: true,
      });
      expect(found).toEqual([train, evaluated]);
    },
  );

  it('are paths of modules and of what they call, counted within each', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const [train, evaluated] = getGraphNodeNames(new Net(), { exampleInputs: [meta(2, 1, 4, 4)] });
    expect(train).toEqual([
      'image',
      'conv',
      'norm',
      'drop',
      'own',
      'mul',
      'relu',
      'relu_1',
      'mean',
      'inner.0',
      'inner.1',
    ]);
    expect(evaluated).toEqual(train.filter((name) => name !== 'drop'));
    expect(warn.mock.calls[0][0]).toContain(
      'NOTE: The nodes obtained by tracing the model in eval mode are a subsequence of those obtained in train mode.',
    );
    warn.mockRestore();
  });

  it('name modules that are called as a whole', () => {
    const net = new nn.Sequential(new ops.Conv2dNormActivation(1, 1), new Net());
    const [names] = getGraphNodeNames(net, {
      tracerKwargs: { leafModules: [Net] },
      exampleInputs: [meta(2, 1, 4, 4)],
      suppressDiffWarning: true,
    });
    expect(names.slice(1)).toEqual(['0', '1']);
  });
});

describe('features', () => {
  it.each(Object.entries(golden.features))("of %s are torchvision's", (name, { keys, results }) => {
    torch.manualSeed(0);
    const model = models.getModel(name, { weights: null }).eval();
    const extractor = createFeatureExtractor(model, Object.keys(results));
    const x = torch
      .arange(3 * 64 * 64)
      .remainder(255)
      .div(255)
      .view([1, 3, 64, 64]);
    const found = torch.noGrad(() => extractor.forward(x));
    expect(Object.keys(found)).toEqual(Object.keys(results));
    for (const [node, [shape, size, mean]] of Object.entries(results)) {
      const values = found[node].double();
      expect(values.shape, node).toEqual(shape);
      expect(values.abs().mean().item(), node).toBeCloseTo(size, 4 - Math.ceil(Math.log10(size)));
      expect(Math.abs((values.mean().item() as number) - mean), node).toBeLessThan(1e-4 * size);
    }
    expect(Object.keys(extractor.stateDict()).sort()).toEqual([...keys].sort());
  });

  it('are computed by the model’s own layers, and get new names', () => {
    const net = new Net();
    const extractor = createFeatureExtractor(
      net,
      { norm: 'normalized', inner: 'last' },
      { exampleInputs: [meta(2, 1, 4, 4)], suppressDiffWarning: true },
    );
    expect(extractor.getSubmodule('conv')).toBe(net.conv);
    expect(extractor.getSubmodule('inner.1')).toBe(net.getSubmodule('inner.1'));
    net.eval();
    extractor.eval();
    const x = torch.rand(2, 1, 4, 4);
    const { normalized, last } = extractor.forward(x);
    expect(normalized.shape).toEqual([2, 2, 2, 2]);
    expect(last.equal(net.forward(x))).toBe(true);
    last.sum().backward();
    expect(net.conv.weight.grad).not.toBeNull();
    net.own.detach().fill_(0);
    expect(extractor.forward(x).last.equal(net.forward(x))).toBe(true);
  });

  it('leave out what is not needed for them', () => {
    const extractor = createFeatureExtractor(new Net(), ['conv'], {
      exampleInputs: [meta(2, 1, 4, 4)],
      suppressDiffWarning: true,
    });
    expect(Object.keys(extractor.stateDict())).toEqual(['conv.weight', 'conv.bias']);
  });

  it('may be others while the module trains', () => {
    const net = new Net();
    const extractor = createFeatureExtractor(net, {
      trainReturnNodes: { drop: 'dropped' },
      evalReturnNodes: ['relu'],
      exampleInputs: [meta(2, 1, 4, 4)],
      suppressDiffWarning: true,
    });
    const x = torch.rand(2, 1, 4, 4);
    expect(Object.keys(extractor.forward(x))).toEqual(['dropped']);
    expect(Object.keys(extractor.eval().forward(x))).toEqual(['relu']);
    expect(Object.keys(extractor.train().forward(x))).toEqual(['dropped']);
  });

  it('leave the model as it was', () => {
    for (const exampleInputs of [[meta(2, 1, 4, 4)], [torch.rand(2, 1, 4, 4)]]) {
      const net = new Net().eval();
      const before = net.norm.runningMean!.clone();
      torch.manualSeed(3);
      createFeatureExtractor(net, ['conv'], { exampleInputs, suppressDiffWarning: true });
      expect(net.training).toBe(false);
      expect(net.norm.runningMean!.equal(before)).toBe(true);
      expect(net.norm.numBatchesTracked!.item()).toBe(0);
      expect(net.conv.weight.device.type).toBe('cpu');
      const next = torch.rand(1).item();
      torch.manualSeed(3);
      expect(torch.rand(1).item()).toBe(next);
    }
  });

  it('are refused where there are none', () => {
    const of = (options: object) => () =>
      createFeatureExtractor(new Net(), {
        exampleInputs: [meta(2, 1, 4, 4)],
        suppressDiffWarning: true,
        ...options,
      });
    expect(of({})).toThrow(
      'Either `return_nodes` or `train_return_nodes` and `eval_return_nodes` together, should be specified',
    );
    expect(of({ trainReturnNodes: ['conv'] })).toThrow(
      'If any of `train_return_nodes` and `eval_return_nodes` are specified, then both should be specified',
    );
    expect(of({ returnNodes: ['con'] })).toThrow("node: 'con' is not present in model.");
    expect(of({ returnNodes: ['conv'], tracerKwargs: { autowrapFunctions: [] } })).toThrow(torch.TypeError);
  });
});
