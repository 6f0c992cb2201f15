import { afterEach, describe, expect, it, vi } from 'vitest';
import * as torch from '../src/index.js';
import { difference, evaluate, golden } from './support/golden.js';

const { nn } = torch;
const { init } = nn;

interface Golden {
  /** The modules' texts. */
  readonly reprs: Record<string, string>;
  /** The first values of state dicts after `manualSeed(7)`. */
  readonly init: Record<string, Record<string, number[]>>;
  /** The values of a tensor `t` after `manualSeed(3)` and the call. */
  readonly fills: Record<string, { shape: number[]; values: number[] }>;
}

const recorded = golden<Golden>('nn');
const numbers = (t: torch.Tensor): number[] => Array.from(t.detach().toArray(), Number);

class Block extends nn.Module {
  conv = new nn.Conv2d(1, 2, 3);
  bn = new nn.BatchNorm2d(2);

  override forward(x: torch.Tensor): torch.Tensor {
    return this.bn.forward(this.conv.forward(x)).relu();
  }
}

class Net extends nn.Module {
  block = new Block();
  scale = new nn.Parameter(torch.ones(2));
  fc = new nn.Linear(2, 3);

  override forward(x: torch.Tensor): torch.Tensor {
    return this.fc.forward(this.block.forward(x).mean([2, 3]).mul(this.scale));
  }
}

afterEach(() => void vi.restoreAllMocks());

describe('what is assigned to a module', () => {
  // Users of JavaScript have no compiler that would say so.
  const assign = (module: torch.nn.Module, name: string, value: unknown) => () =>
    Reflect.set(module, name, value);

  it.each([
    [torch.ones(2, 2), 'torch.FloatTensor'],
    [torch.ones(2, 2, { dtype: torch.float64 }), 'torch.DoubleTensor'],
    [torch.ones(2, 2, { dtype: torch.int64 }), 'torch.LongTensor'],
    [3, 'int'],
    ['a', 'str'],
    [[1], 'list'],
  ])('is a parameter, or null, where a parameter is', (value, name) => {
    const linear = new nn.Linear(2, 2);
    expect(assign(linear, 'weight', value)).toThrow(
      `cannot assign '${name}' as parameter 'weight' (torch.nn.Parameter or None expected)`,
    );
    expect(Object.keys(linear.stateDict())).toEqual(['weight', 'bias']);
    linear.weight = new nn.Parameter(torch.zeros(2, 2));
    expect(linear.getParameter('weight').sum().item()).toBe(0);
    linear.bias = null;
    expect(Object.keys(linear.stateDict())).toEqual(['weight']);
    expect(assign(linear, 'bias', torch.ones(2))).toThrow(
      "cannot assign 'torch.FloatTensor' as parameter 'bias'",
    );
  });

  it.each([
    ['Conv2d', () => new nn.Conv2d(1, 1, 1)],
    ['ConvTranspose1d', () => new nn.ConvTranspose1d(1, 1, 1)],
    ['BatchNorm1d', () => new nn.BatchNorm1d(2)],
    ['LayerNorm', () => new nn.LayerNorm(2)],
    ['RMSNorm', () => new nn.RMSNorm(2)],
    ['GroupNorm', () => new nn.GroupNorm(1, 2)],
    ['Embedding', () => new nn.Embedding(2, 2)],
    ['PReLU', () => new nn.PReLU()],
    ['Bilinear', () => new nn.Bilinear(1, 1, 1)],
  ])('is so in %s', (_, make) => {
    expect(assign(make(), 'weight', torch.ones(2))).toThrow(
      "cannot assign 'torch.FloatTensor' as parameter 'weight'",
    );
  });

  it('is a tensor, or null, where a buffer is; a parameter there becomes one of the parameters', () => {
    const norm = new nn.BatchNorm1d(2);
    expect(assign(norm, 'runningMean', 3)).toThrow(
      "cannot assign 'int' as buffer 'runningMean' (torch.nn.Buffer, torch.Tensor or None expected)",
    );
    norm.runningMean = torch.ones(2);
    norm.numBatchesTracked = null;
    expect(Object.keys(norm.stateDict())).toEqual(['weight', 'bias', 'running_mean', 'running_var']);
    norm.runningMean = new nn.Parameter(torch.ones(2));
    expect(norm.namedParameters().map(([name]) => name)).toEqual(['weight', 'bias', 'running_mean']);
    expect(norm.namedBuffers().map(([name]) => name)).toEqual(['running_var']);
  });

  it('is a module, or null, where a submodule is, once the module has been walked', () => {
    class Net extends nn.Module {
      fc = new nn.Linear(1, 1);
      scale = new nn.Parameter(torch.ones(1));
    }
    const net = new Net();
    expect(net.parameters()).toHaveLength(3);
    expect(Object.keys(net)).toEqual(['training', 'notCloned', 'fc', 'scale']);
    expect(assign(net, 'fc', torch.ones(1))).toThrow(
      "cannot assign 'torch.FloatTensor' as child module 'fc' (torch.nn.Module or None expected)",
    );
    expect(assign(net, 'scale', torch.ones(1))).toThrow(
      "cannot assign 'torch.FloatTensor' as parameter 'scale'",
    );
    expect(assign(net, 'scale', net.fc)).toThrow("cannot assign 'Linear' as parameter 'scale'");
    const other = new nn.Linear(1, 1, false);
    net.fc = other;
    expect(net.children()).toEqual([other]);
    expect(Object.keys(net.stateDict())).toEqual(['scale', 'fc.weight']);
    const list = new nn.Sequential(other);
    expect(assign(list, '0', 3)).toThrow(
      "cannot assign 'int' as child module '0' (torch.nn.Module or None expected)",
    );
    expect(() => list.append(3 as never)).toThrow('int is not a Module subclass');
  });

  it('may be a field of a subclass in the place of one of its base', () => {
    class Zeros extends nn.Linear {
      override weight = new nn.Parameter(torch.zeros(2, 2));
    }
    const zeros = new Zeros(2, 2);
    expect(zeros.getParameter('weight').sum().item()).toBe(0);
    expect(assign(zeros, 'weight', torch.ones(2, 2))).toThrow("cannot assign 'torch.FloatTensor'");
  });
});

describe('modules print as in Python', () => {
  it.each(Object.entries(recorded.reprs))('%s', (source, text) => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(String(evaluate(source, { nn, torch }))).toBe(text);
  });

  it('with children of their own', () => {
    expect(String(new Net())).toBe(
      `Net(
  (block): Block(
    (conv): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))
    (bn): BatchNorm2d(2, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
  )
  (fc): Linear(in_features=2, out_features=3, bias=True)
)`,
    );
  });
});

describe('the same seed gives the weights of PyTorch', () => {
  it.each(Object.entries(recorded.init))('%s', (source, expected) => {
    torch.manualSeed(7);
    const state = evaluate<torch.nn.Module>(source, { nn, torch }).stateDict();
    expect(Object.keys(state)).toEqual(Object.keys(expected));
    for (const [key, values] of Object.entries(expected))
      expect(difference(numbers(state[key]).slice(0, 8), values)).toBeLessThan(1e-6);
  });

  it.each(Object.entries(recorded.fills))('%s', (source, { shape, values }) => {
    torch.manualSeed(3);
    const t = torch.zeros(shape);
    expect(evaluate(source, { init, t })).toBe(t);
    expect(difference(numbers(t), values)).toBeLessThan(2e-6);
  });

  it('refuses what PyTorch refuses', () => {
    expect(() => init.xavierUniform_(torch.zeros(3))).toThrow(
      'Fan in and fan out can not be computed for tensor with fewer than 2 dimensions',
    );
    expect(() => init.kaimingNormal_(torch.zeros(3, 3), { mode: 'foo' as 'fan_in' })).toThrow(
      "Mode foo not supported, please use one of ['fan_in', 'fan_out']",
    );
    expect(() => init.calculateGain('foo' as 'relu')).toThrow('Unsupported nonlinearity foo');
    expect(init.calculateGain('leaky_relu', 0.2)).toBe(Math.sqrt(2 / 1.04));
  });
});

describe('what a module holds', () => {
  const net = new Net();

  it('is found in order, with names', () => {
    expect([...net.namedParameters()].map(([name]) => name)).toEqual([
      'scale',
      'block.conv.weight',
      'block.conv.bias',
      'block.bn.weight',
      'block.bn.bias',
      'fc.weight',
      'fc.bias',
    ]);
    expect([...net.namedBuffers()].map(([name]) => name)).toEqual([
      'block.bn.running_mean',
      'block.bn.running_var',
      'block.bn.num_batches_tracked',
    ]);
    expect([...net.namedModules()].map(([name]) => name)).toEqual([
      '',
      'block',
      'block.conv',
      'block.bn',
      'fc',
    ]);
    expect([...net.namedChildren()].map(([name]) => name)).toEqual(['block', 'fc']);
    expect([...net.parameters()].length).toBe(7);
    expect([...net.parameters(false)].length).toBe(1);
    expect(Object.keys(net.stateDict()).slice(0, 2)).toEqual(['scale', 'block.conv.weight']);
  });

  it('is found by its path', () => {
    expect(net.getSubmodule('block.bn')).toBe(net.block.bn);
    expect(net.getParameter('block.conv.bias')).toBe(net.block.conv.bias);
    expect(net.getBuffer('block.bn.running_var')).toBe(net.block.bn.runningVar);
    expect(() => net.getSubmodule('block.foo')).toThrow('Block has no attribute `foo`');
    expect(() => net.getSubmodule('scale')).toThrow('`scale` is not an nn.Module');
    expect(() => net.getParameter('fc.foo')).toThrow('Linear has no attribute `foo`');
  });

  it('is given once where it is shared', () => {
    const shared = new nn.Linear(2, 2);
    const twice = new nn.Sequential(shared, shared);
    expect([...twice.parameters()].length).toBe(2);
    expect([...twice.modules()].length).toBe(2);
    expect(Object.keys(twice.stateDict())).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
  });

  it('can be registered, under names that are free', () => {
    const module = new nn.Identity();
    module.registerBuffer('seen', torch.zeros(2), false);
    module.registerParameter('weight', new nn.Parameter(torch.ones(1)));
    module.addModule('child', new nn.ReLU());
    expect(Object.keys(module.stateDict())).toEqual(['weight']);
    expect([...module.namedBuffers()].map(([name]) => name)).toEqual(['seen']);
    expect(String(module)).toBe('Identity(\n  (child): ReLU()\n)');
    expect(() => module.registerBuffer('weight', torch.zeros(1))).toThrow(
      "attribute 'weight' already exists",
    );
    expect(() => module.registerBuffer('a.b', torch.zeros(1))).toThrow('buffer name can\'t contain "."');
    expect(() => module.addModule('', new nn.ReLU())).toThrow('module name can\'t be empty string ""');
    expect(() => module.addModule('x', 3 as unknown as torch.nn.Module)).toThrow(
      'int is not a Module subclass',
    );
  });

  it('is reached by train, eval, apply, requiresGrad_, zeroGrad and to', () => {
    const model = new Net();
    model.eval();
    expect([...model.modules()].every((m) => !m.training)).toBe(true);
    expect(model.train()).toBe(model);
    expect(model.block.bn.training).toBe(true);
    const visited: string[] = [];
    model.apply((m) => void visited.push(m.constructor.name));
    expect(visited).toEqual(['Conv2d', 'BatchNorm2d', 'Block', 'Linear', 'Net']);
    model.requiresGrad_(false);
    expect([...model.parameters()].some((p) => p.requiresGrad)).toBe(false);
    model.requiresGrad_();
    model
      .forward(torch.ones(2, 1, 5, 5))
      .sum()
      .backward();
    expect(model.scale.grad).not.toBeNull();
    model.zeroGrad(false);
    expect(numbers(model.scale.grad!)).toEqual([0, 0]);
    model.zeroGrad();
    expect(model.scale.grad).toBeNull();
    const { scale } = model;
    model.double();
    expect(model.scale).toBe(scale);
    expect(model.scale.dtype).toBe(torch.float64);
    expect(model.block.bn.runningMean!.dtype).toBe(torch.float64);
    expect(model.block.bn.numBatchesTracked!.dtype).toBe(torch.int64);
    expect(() => model.to(torch.int64)).toThrow(
      'nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64',
    );
  });

  it('must have a forward', () => {
    class Empty extends nn.Module {}
    expect(() => new Empty().forward()).toThrow('Module [Empty] is missing the required "forward" function');
  });
});

describe('loading a state dict', () => {
  it('copies values in place', () => {
    const [a, b] = [new Net(), new Net()];
    const { weight } = b.fc;
    expect(b.loadStateDict(a.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(b.fc.weight).toBe(weight);
    expect(b.fc.weight.tolist()).toEqual(a.fc.weight.tolist());
    expect(weight.requiresGrad).toBe(true);
  });

  it('reports every difference at once', () => {
    const net = new Net();
    const { 'fc.bias': _, ...state } = net.stateDict();
    const wrong = {
      ...state,
      'fc.weight': torch.zeros(3, 5),
      extra: torch.zeros(1),
      'block.x.y': torch.zeros(1),
    };
    const text =
      'Error(s) in loading state_dict for Net:\n\tMissing key(s) in state_dict: "fc.bias". \n\t' +
      'Unexpected key(s) in state_dict: "extra", "block.x.y". \n\t' +
      'size mismatch for fc.weight: copying a param with shape torch.Size([3, 5]) from checkpoint, the shape in current model is torch.Size([3, 2]).';
    expect(() => net.loadStateDict(wrong)).toThrow(text);
    expect(() => net.loadStateDict(wrong, false)).toThrow('size mismatch for fc.weight');
    const { 'fc.weight': __, ...rest } = wrong;
    expect(net.loadStateDict(rest, { strict: false })).toEqual({
      missingKeys: ['fc.weight', 'fc.bias'],
      unexpectedKeys: ['extra', 'block.x.y'],
    });
    const layer = new nn.Linear(1, 1);
    const asMap = new Map(Object.entries(new nn.Linear(1, 1).stateDict()));
    expect(String(layer.loadStateDict(asMap as never))).toBe('<All keys matched successfully>');
    expect(layer.weight.equal(asMap.get('weight')!)).toBe(true);
    for (const wrongDict of [[1], new Map([[0, 1]])])
      expect(() => net.loadStateDict(wrongDict as never)).toThrow('Expected state_dict to be dict-like');
    expect(() => new nn.ModuleDict(new Map([[1, layer]]) as never)).toThrow(
      'module name should be a string. Got int',
    );
    expect(() => new nn.ParameterDict(new Map([[1, torch.ones(1)]]) as never)).toThrow(
      "it is not a string (type is 'int')",
    );
    expect(() => net.loadStateDict(null as unknown as Record<string, never>)).toThrow(
      "Expected state_dict to be dict-like, got <class 'NoneType'>.",
    );
  });

  it('can put the given tensors in place', () => {
    const net = new nn.Linear(2, 2);
    const weight = torch.ones([2, 2], { dtype: torch.float64 });
    net.loadStateDict({ weight, bias: torch.zeros(2) }, { assign: true });
    expect(net.weight).toBeInstanceOf(nn.Parameter);
    expect(net.weight.dtype).toBe(torch.float64);
  });

  it('accepts batch norms without a count', () => {
    const bn = new nn.BatchNorm1d(2);
    const { num_batches_tracked: _, ...state } = bn.stateDict();
    expect(bn.loadStateDict(state).missingKeys).toEqual([]);
  });
});

describe('containers', () => {
  it('run, index, slice and change a Sequential', () => {
    const seq = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
    expect(seq.forward(torch.ones(1, 2)).shape).toEqual([1, 3]);
    expect(seq.at(-1)).toBeInstanceOf(nn.ReLU);
    expect(() => seq.at(2)).toThrow('index 2 is out of range');
    seq.append(new nn.Linear(3, 1)).insert(0, new nn.Identity());
    expect(seq.length).toBe(4);
    expect([...seq].map((m) => m.constructor.name)).toEqual(['Identity', 'Linear', 'ReLU', 'Linear']);
    expect(seq.pop().constructor.name).toBe('Linear');
    const named = new nn.Sequential({ fc: new nn.Linear(2, 2), '0': new nn.ReLU() });
    expect(Object.keys(named.stateDict())).toEqual(['fc.weight', 'fc.bias']);
    expect((named as unknown as { fc: unknown }).fc).toBe(named.getSubmodule('fc'));
    expect(() => new nn.Sequential(3 as unknown as torch.nn.Module)).toThrow('int is not a Module subclass');
  });

  it('name the modules of a ModuleList and a ModuleDict', () => {
    const list = new nn.ModuleList<torch.nn.Module>([new nn.Linear(2, 2), new nn.ReLU()]);
    list.set(1, new nn.Tanh());
    expect(Object.keys(list.stateDict())).toEqual(['0.weight', '0.bias']);
    expect(list.at(1)).toBeInstanceOf(nn.Tanh);
    let x = torch.ones(1, 2);
    for (const layer of list) x = layer.forward(x);
    expect(x.shape).toEqual([1, 2]);
    const dict = new nn.ModuleDict<torch.nn.Module>({ a: new nn.Linear(1, 1) });
    dict.set('b', new nn.ReLU());
    expect([...dict.keys()]).toEqual(['a', 'b']);
    expect(dict.get('b')).toBeInstanceOf(nn.ReLU);
    expect(() => dict.get('c')).toThrow('c');
    expect(dict.pop('a')).toBeInstanceOf(nn.Linear);
    expect([...dict.parameters()]).toEqual([]);
  });

  it('ModuleDict and ParameterDict are made of an object, of pairs, of another one, or by name', () => {
    const modules = { b: new nn.Linear(1, 1), a: new nn.ReLU() };
    const dict = new nn.ModuleDict(modules);
    for (const same of [
      new nn.ModuleDict({ modules }),
      new nn.ModuleDict(Object.entries(modules)),
      new nn.ModuleDict(new Map(Object.entries(modules))),
      new nn.ModuleDict(dict.entries()),
    ])
      expect([...same.entries()]).toEqual([...dict.entries()]);
    expect(String(new nn.ModuleDict(null))).toBe('ModuleDict()');
    const parameters = { b: torch.ones(1), a: torch.zeros(1) };
    expect([...new nn.ParameterDict({ parameters }).keys()]).toEqual(['a', 'b']);
    expect([...new nn.ParameterDict(Object.entries(parameters)).keys()]).toEqual(['b', 'a']);
    const copied = new nn.ParameterDict();
    copied.update(new nn.ParameterDict(Object.entries(parameters)).entries());
    expect(copied.get('b')).toEqual(new nn.Parameter(torch.ones(1)));
  });

  it.each<[() => unknown, string]>([
    [
      () => new nn.ModuleDict(3 as never),
      'ModuleDict.update should be called with an iterable of key/value pairs, but got int',
    ],
    [
      () => new nn.ParameterDict(3 as never),
      'ParametersDict.update should be called with an iterable of key/value pairs, but got int',
    ],
    [
      () => new nn.ModuleDict([['a', new nn.ReLU()], 3] as never),
      'ModuleDict update sequence element #1 should be Iterable; isint',
    ],
    [
      () => new nn.ParameterDict([['a']] as never),
      'ParameterDict update sequence element #0 has length 1; 2 is required',
    ],
    [() => new nn.ModuleDict({ a: 1 } as never), 'int is not a Module subclass'],
    [() => new nn.Sequential([new nn.ReLU()] as never), 'list is not a Module subclass'],
  ])('%s fails in the words of PyTorch', (make, message) => {
    expect(make).toThrow(message);
  });

  it('ParameterList and ParameterDict', () => {
    const list = new nn.ParameterList([torch.zeros(2), torch.ones(1)]);
    expect(list.at(0)).toBeInstanceOf(nn.Parameter);
    expect([...list.namedParameters()].map(([name]) => name)).toEqual(['0', '1']);
    list.loadStateDict({ 0: torch.ones(2), 1: torch.zeros(1) });
    expect(numbers(list.at(0))).toEqual([1, 1]);
    const dict = new nn.ParameterDict({ w: torch.zeros(2) });
    expect([...dict.namedParameters()].map(([name]) => name)).toEqual(['w']);
    expect(dict.get('w').requiresGrad).toBe(true);
  });
});

describe('hooks', () => {
  it('run around forward, and cost nothing once removed', () => {
    const fc = new nn.Linear(2, 2);
    const log: string[] = [];
    const before = fc.registerForwardPreHook((module, args) => {
      log.push(`before ${module.constructor.name}`);
      return [(args[0] as torch.Tensor).mul(2)];
    });
    const after = fc.registerForwardHook((_, args, output) => {
      log.push(`after ${args.length}`);
      return (output as torch.Tensor).zerosLike();
    });
    expect(Object.hasOwn(fc, 'forward')).toBe(true);
    expect(numbers(fc.forward(torch.ones(1, 2)))).toEqual([0, 0]);
    expect(log).toEqual(['before Linear', 'after 1']);
    before.remove();
    after.remove();
    after.remove();
    expect(Object.hasOwn(fc, 'forward')).toBe(false);
  });

  it('see and change gradients', () => {
    const fc = new nn.Linear(2, 1, false);
    torch.nn.init.constant_(fc.weight, 3);
    let seen: number[][] = [];
    const handle = fc.registerFullBackwardHook((_, gradInput, gradOutput) => {
      seen = [numbers(gradInput[0]!), numbers(gradOutput[0]!)];
      return [gradInput[0]!.mul(10)];
    });
    const pre = fc.registerFullBackwardPreHook((_, [grad]) => [grad!.mul(2)]);
    const x = torch.ones([1, 2], { requiresGrad: true });
    fc.forward(x).sum().backward();
    expect(seen).toEqual([[6, 6], [2]]);
    expect(numbers(x.grad!)).toEqual([60, 60]);
    expect(numbers(fc.weight.grad!)).toEqual([2, 2]);
    handle.remove();
    pre.remove();
    expect(Object.hasOwn(fc, 'forward')).toBe(false);
    fc.registerFullBackwardHook((_, gradInput, gradOutput) => {
      seen = [[gradInput.length], numbers(gradOutput[0]!)];
    });
    fc.forward(torch.ones(1, 2)).sum().backward();
    expect(seen).toEqual([[1], [1]]);
  });
});

describe('layers', () => {
  it('batch norm leaves its running statistics out of the graph', () => {
    const bn = new torch.nn.BatchNorm1d(2).eval();
    bn.forward(torch.rand(3, 2, { requiresGrad: true }));
    expect(bn.runningMean!.requiresGrad).toBe(false);
  });

  it('batch norm keeps running statistics', () => {
    const bn = new nn.BatchNorm1d(2);
    const x = torch.tensor([
      [1, 2.5],
      [3, 4],
      [5, 9],
    ]);
    bn.forward(x);
    expect(numbers(bn.runningMean!).map((v) => v.toFixed(5))).toEqual(['0.30000', '0.51667']);
    expect(numbers(bn.runningVar!).map((v) => v.toFixed(5))).toEqual(['1.30000', '2.05833']);
    expect(bn.numBatchesTracked!.item()).toBe(1);
    bn.eval();
    const y = bn.forward(torch.zeros(1, 2));
    expect(numbers(y).map((v) => v.toFixed(4))).toEqual(['-0.2631', '-0.3601']);
    expect(() => bn.forward(torch.zeros(1, 2, 3, 4))).toThrow('expected 2D or 3D input (got 4D input)');
    expect(() => new nn.BatchNorm1d(3).forward(torch.zeros(1, 3))).toThrow(
      'Expected more than 1 value per channel when training, got input size torch.Size([1, 3])',
    );
  });

  it('dropout draws the numbers of PyTorch', () => {
    torch.manualSeed(0);
    const dropout = new nn.Dropout(0.3);
    expect(numbers(dropout.forward(torch.ones(8))).map((v) => (v > 0 ? 1 : 0))).toEqual([
      0, 0, 1, 0, 1, 0, 1, 1,
    ]);
    expect(numbers(dropout.eval().forward(torch.ones(2)))).toEqual([1, 1]);
    expect(() => new nn.Dropout(-1)).toThrow('dropout probability has to be between 0 and 1, but got -1');
  });

  it('embedding gives rows, and no gradient to the padding', () => {
    const e = new nn.Embedding(4, 2, { paddingIdx: 1 });
    e.forward(
      torch.tensor([
        [1, 2],
        [2, 0],
      ]),
    )
      .sum()
      .backward();
    expect(e.weight.grad!.tolist()).toEqual([
      [1, 1],
      [0, 0],
      [2, 2],
      [0, 0],
    ]);
    expect(() => e.forward(torch.tensor([4]))).toThrow('index out of range in self');
    expect(() => new nn.Embedding(3, 2, 3)).toThrow('Padding_idx must be within num_embeddings');
  });

  it('half types compute in float32', () => {
    const x = torch.ones([2, 1, 3, 3], { dtype: torch.bfloat16 });
    const conv = new nn.Conv2d(1, 2, 3).bfloat16();
    const y = conv.forward(x);
    expect(y.dtype).toBe(torch.bfloat16);
    y.sum().backward();
    expect(conv.weight.grad!.dtype).toBe(torch.bfloat16);
  });

  it('name options that do not exist', () => {
    expect(() => new nn.Conv2d(1, 1, 1, { pading: 1 } as object)).toThrow(
      "Conv2d() got an unexpected keyword argument 'pading'",
    );
    expect(() => new nn.Conv2d(3, 4, 3, { groups: 2 })).toThrow('in_channels must be divisible by groups');
  });

  it('losses are one node each', () => {
    const x = torch.randn([3, 4], { requiresGrad: true });
    const t = torch.rand(3, 4);
    const name = (loss: torch.Tensor): string => loss.gradFn!.name();
    expect(name(new nn.MSELoss().forward(x, t))).toBe('MseLossBackward0');
    expect(name(new nn.SmoothL1Loss().forward(x, t))).toBe('SmoothL1LossBackward0');
    expect(name(new nn.HuberLoss().forward(x, t))).toBe('HuberLossBackward0');
    expect(name(new nn.BCEWithLogitsLoss().forward(x, t))).toBe('BinaryCrossEntropyWithLogitsBackward0');
    expect(name(new nn.BCELoss().forward(x.sigmoid(), t))).toBe('BinaryCrossEntropyBackward0');
    expect(name(new nn.CrossEntropyLoss().forward(x, torch.tensor([0, 1, 2])))).toBe('NllLossBackward0');
    const mse = new nn.MSELoss().forward(new nn.Linear(4, 2).forward(x), torch.zeros(3, 2));
    expect(mse.gradFn!.nextFunctions[0][0]!.name()).toBe('AddmmBackward0');
  });
});

describe('nn.utils', () => {
  it('clips gradients', () => {
    const p = new nn.Parameter(torch.zeros(2));
    p.grad = torch.tensor([3.0, 4.5]).mul(1);
    const norm = nn.utils.clipGradNorm_([p], 1);
    expect(norm.item()).toBeCloseTo(Math.hypot(3, 4.5), 5);
    expect(Math.hypot(...numbers(p.grad!))).toBeCloseTo(1, 4);
    nn.utils.clipGradValue_(p, 0.6);
    expect(Math.max(...numbers(p.grad!))).toBeCloseTo(0.6, 6);
    p.grad = torch.tensor([Infinity, 1]);
    expect(() => nn.utils.clipGradNorm_([p], 1, { errorIfNonfinite: true })).toThrow(
      'The total norm of order 2.0 for gradients from `parameters` is non-finite, so it cannot be clipped.',
    );
  });

  it('turns parameters into a vector and back', () => {
    const fc = new nn.Linear(2, 2);
    const vector = nn.utils.parametersToVector(fc.parameters());
    expect(vector.shape).toEqual([6]);
    nn.utils.vectorToParameters(torch.arange(6).float(), fc.parameters());
    expect(fc.bias!.tolist()).toEqual([4, 5]);
  });
});
