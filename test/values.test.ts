/** Tensors among JavaScript's own values: operators, comparisons, JSON, clones, names. */
import assert from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const x = () =>
  torch.tensor([
    [1, 2],
    [3, 4.5],
  ]);
const dtypes = [
  torch.uint8,
  torch.int8,
  torch.int16,
  torch.int32,
  torch.int64,
  torch.bool,
  torch.float16,
  torch.bfloat16,
  torch.float32,
  torch.float64,
  torch.complex64,
  torch.complex128,
];
/** As JavaScript sees a value: without types. */
const any = (value: unknown) => value as never;

const operators =
  "JavaScript's operators do not compute with tensors: write a.add(b), a.sub(b), a.mul(b), a.div(b), a.gt(b) or a.eq(b); " +
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what to write
  'x.item() is the number in a tensor of one element, `${x}` its text';

describe('operators', () => {
  const t: number = any(torch.tensor(3));
  const other: number = any(torch.tensor(2));
  const calls: Record<string, () => unknown> = {
    'a + b': () => t + t,
    'a + 1': () => t + 1,
    'a - b': () => t - t,
    'a * 2': () => t * 2,
    'a / b': () => t / t,
    'a % b': () => t % t,
    'a ** 2': () => t ** 2,
    '-a': () => -t,
    '+a': () => +t,
    'a > b': () => t > other,
    'a <= 2': () => t <= 2,
    // biome-ignore lint/suspicious/noDoubleEquals: this is what is asked
    'a == 1': () => t == 1,
    'a & 1': () => t & 1,
    'Math.max(a, b)': () => Math.max(t, t),
    'Number(a)': () => Number(t),
    'BigInt(a)': () => BigInt(t),
    'isNaN(a)': () => Number.isNaN(Number(t)),
  };
  for (const [source, call] of Object.entries(calls))
    it(`${source} is refused and says what to write`, () => {
      expect(call).toThrow(new torch.TypeError(operators));
    });

  it('an accumulated total is refused, whichever comes first', () => {
    let total = 0;
    expect(() => {
      total += t;
    }).toThrow(operators);
    expect(total).toBe(0);
  });

  it('text is what prints', () => {
    expect(`${t}`).toBe('tensor(3)');
    expect(String(t)).toBe('tensor(3)');
    expect([t].join()).toBe('tensor(3)');
  });

  it('a parameter is a tensor there, too', () => {
    const p: number = any(new torch.nn.Parameter(torch.ones(1)));
    expect(() => p * 2).toThrow(operators);
  });
});

describe('comparisons', () => {
  it('equal tensors are equal, whatever memory they lie in', () => {
    expect(x()).toEqual(x());
    expect(x()).toStrictEqual(x());
    expect({ list: [x()] }).toEqual({ list: [x()] });
    expect({ a: x(), b: 1 }).toMatchObject({ a: x() });
    expect([x()]).toContainEqual(x());
    expect(x().t()).toEqual(x().t().contiguous());
    expect(torch.ones([2, 2], { requiresGrad: true }).mul(x())).toEqual(x());
    assert.deepStrictEqual(x(), x());
    assert.deepStrictEqual(x().t(), x().t().contiguous());
    assert.deepEqual([x()], [x()]);
    expect(isDeepStrictEqual(x(), x())).toBe(true);
  });

  for (const dtype of dtypes)
    it(`elements and empty tensors of ${dtype} are compared by value`, () => {
      const of = (value: torch.TensorData) => torch.tensor(value, { dtype });
      for (const [a, b, other] of [
        [of(1), of(1), of(0)],
        [of([0, 1, 1]), of([0, 1, 1]), of([0, 1, 0])],
        [of([]), of([]), torch.zeros([0, 2], { dtype })],
      ]) {
        expect(a).toEqual(b);
        expect(a).not.toEqual(other);
        assert.deepStrictEqual(a, b);
        assert.notDeepStrictEqual(a, other);
      }
    });

  const different: Record<string, [unknown, unknown]> = {
    values: [x(), x().add(1)],
    'the values of single elements': [torch.tensor(1), torch.tensor(2)],
    'one value of many': [torch.ones(5000), torch.ones(5000).indexPut_([4321], 1 + 2 ** -23)],
    'signs of many': [torch.ones(4096), torch.ones(4096).indexPut_([torch.tensor([5, 9, 77, 1000])], -1)],
    dtypes: [x(), x().double()],
    'dtypes of many': [torch.ones(5000, { dtype: torch.int32 }), torch.ones(5000, { dtype: torch.int16 })],
    sizes: [torch.ones(4), torch.ones(2, 2)],
    'sizes of many': [torch.ones(50, 40), torch.ones(40, 50)],
    'zeros of different sign': [torch.tensor([0, 0.5]), torch.tensor([-0, 0.5])],
    'a tensor and its numbers': [
      x(),
      [
        [1, 2],
        [3, 4.5],
      ],
    ],
    'a tensor and its number': [torch.tensor(1), 1],
    'a tensor and nothing': [x(), {}],
  };
  for (const [what, [a, b]] of Object.entries(different))
    it(`${what} are told apart`, () => {
      expect(a).not.toEqual(b);
      expect(b).not.toEqual(a);
      expect({ a }).not.toEqual({ a: b });
      expect(a).not.toStrictEqual(b);
      assert.notDeepStrictEqual(a, b);
      assert.notDeepStrictEqual(b, a);
      assert.notDeepEqual({ a }, { a: b });
    });

  it('NaN is NaN, as in all deep comparisons', () => {
    const nan = () => torch.tensor([Number.NaN, 1]);
    expect(nan()).toEqual(nan());
    assert.deepStrictEqual(nan(), nan());
    const many = () => torch.full([3000], Number.NaN);
    assert.deepStrictEqual(many(), many().neg());
  });

  it('modules and state dicts are compared by their parameters', () => {
    const [a, b] = [new torch.nn.Linear(2, 2), new torch.nn.Linear(2, 2)];
    expect(a.stateDict()).not.toEqual(b.stateDict());
    assert.notDeepStrictEqual(a.stateDict(), b.stateDict());
    b.loadStateDict(a.stateDict());
    expect(a.stateDict()).toEqual(b.stateDict());
    assert.deepStrictEqual(a.stateDict(), b.stateDict());
  });

  it('a disposed tensor equals none', () => {
    const [a, b] = [x(), x()];
    a.dispose();
    b.dispose();
    expect(() => expect(a).toEqual(b)).toThrow('toEqual() uses a disposed tensor of shape [2, 2]');
    assert.notDeepStrictEqual(a, b);
    assert.notDeepStrictEqual(a, x());
  });

  it('the difference is readable', () => {
    expect(() => assert.deepStrictEqual(x(), x().add(1))).toThrow(
      /Tensor \[tensor\(\[\[1, 2\],\n\+ +\[3, 4\.5\]\], dtype=torch\.float32\)\]/,
    );
    expect(torch.tensor([0.1, 2])).toMatchInlineSnapshot(`"tensor([0.1, 2], dtype=torch.float32)"`);
    expect({ loss: torch.tensor(1.5), n: torch.tensor([2n ** 60n]) }).toMatchInlineSnapshot(`
      {
        "loss": "tensor(1.5, dtype=torch.float32)",
        "n": "tensor([1152921504606846976], dtype=torch.int64)",
      }
    `);
    expect(torch.zeros(0, 3)).toMatchInlineSnapshot(`"tensor([], size=(0, 3), dtype=torch.float32)"`);
    expect(torch.ones(50, 40)).toMatchInlineSnapshot(`
      "tensor([[1., 1., 1.,  ..., 1., 1., 1.],
              [1., 1., 1.,  ..., 1., 1., 1.],
              [1., 1., 1.,  ..., 1., 1., 1.],
              ...,
              [1., 1., 1.,  ..., 1., 1., 1.],
              [1., 1., 1.,  ..., 1., 1., 1.],
              [1., 1., 1.,  ..., 1., 1., 1.]],
             size=(50, 40), dtype=torch.float32, digest=49c07b5fb6fcc2f29b630e59bca708c8)"
    `);
  });
});

describe('JSON', () => {
  it('a tensor is its nested list', () => {
    expect(JSON.stringify({ x: x(), n: torch.tensor(3), mask: torch.tensor([true, false]) })).toBe(
      '{"x":[[1,2],[3,4.5]],"n":3,"mask":[true,false]}',
    );
    expect(JSON.stringify(torch.ones(1, { dtype: torch.float16, requiresGrad: true }))).toBe('[1]');
    expect(torch.tensor(JSON.parse(JSON.stringify(x()))).equal(x())).toBe(true);
  });

  it('dtypes and devices are their names', () => {
    expect(JSON.stringify({ dtype: torch.float32, device: torch.device('cpu'), size: x().size() })).toBe(
      '{"dtype":"torch.float32","device":"cpu","size":[2,2]}',
    );
  });

  it('modules, optimizers and schedulers are their state dicts', () => {
    const net = new torch.nn.Sequential(new torch.nn.Linear(1, 1));
    const json = JSON.parse(JSON.stringify({ net }));
    expect(Object.keys(json.net)).toEqual(['0.weight', '0.bias']);
    const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.5 });
    expect(JSON.parse(JSON.stringify(optimizer)).param_groups[0]).toMatchObject({ lr: 0.5, params: [0, 1] });
    const scheduler = new torch.optim.lrScheduler.StepLR(optimizer, 2);
    expect(JSON.parse(JSON.stringify(scheduler))).toMatchObject({ step_size: 2, last_epoch: 0 });
  });

  it('other objects are their texts', () => {
    const set = new torch.utils.data.TensorDataset(torch.ones(2, 1));
    const made = [set, new torch.Generator(), torch.nn.functional];
    expect(JSON.stringify(made)).toBe(
      '["TensorDataset(tensors=[1 items])","Generator()","<module \'torch.nn.functional\'>"]',
    );
    expect(JSON.stringify(torch.pyfloat(2))).toBe('2');
  });

  it('what JSON cannot hold is refused', () => {
    const refused: [torch.Tensor, Error][] = [
      [
        torch.tensor([1, Number.NaN]),
        new torch.ValueError(
          'Out of range float values are not JSON compliant: nan. Write tensor.nanToNum() instead, or use torch.save().',
        ),
      ],
      [
        torch.tensor(-Infinity),
        new torch.ValueError(
          'Out of range float values are not JSON compliant: -inf. Write tensor.nanToNum() instead, or use torch.save().',
        ),
      ],
      [
        torch.tensor([2n ** 53n]),
        new torch.RuntimeError(
          '9007199254740992 does not fit a JSON number exactly. Write Array.from(tensor.toArray(), String) instead, or use torch.save().',
        ),
      ],
      [
        torch.tensor(torch.Complex(1, 2)),
        new torch.TypeError(
          'Object of type complex is not JSON serializable. Write torch.viewAsReal(tensor) instead, or use torch.save().',
        ),
      ],
    ];
    for (const [tensor, error] of refused) expect(() => JSON.stringify({ tensor })).toThrow(error);
  });
});

describe('structuredClone', () => {
  it('refuses tensors, with the remedy', () => {
    const message = 'Symbol(a Tensor: send x.toArray() and x.shape instead) could not be cloned.';
    expect(() => structuredClone(x())).toThrow(message);
    expect(() => structuredClone({ batch: [x()] })).toThrow(message);
    const { port1 } = new MessageChannel();
    expect(() => port1.postMessage(x())).toThrow(message);
    port1.close();
  });

  it('refuses modules, with the remedy', () => {
    for (const module of [new torch.nn.ReLU(), new torch.nn.Linear(2, 2), new torch.nn.Sequential()])
      expect(() => structuredClone(module)).toThrow(
        'a Module: send the bytes of torch.save(model.stateDict()) instead',
      );
  });

  it('what is sent instead makes the tensor anew', () => {
    for (const tensor of [
      x(),
      torch.arange(6).reshape(2, 3),
      torch.tensor([[1.5], [2]], { dtype: torch.float64 }),
    ]) {
      const received = structuredClone({ data: tensor.toArray(), shape: tensor.shape });
      expect(torch.tensor(received)).toEqual(tensor);
    }
    const mask = torch.tensor([[true], [false]]);
    const received = structuredClone({ data: mask.toArray(), shape: mask.shape });
    expect(torch.tensor(received, { dtype: torch.bool })).toEqual(mask);
  });
});

describe("Python's names", () => {
  const t = any(x()) as Record<string, unknown>;
  for (const [python, ours] of [
    ['requires_grad_', 'requiresGrad_'],
    ['requires_grad', 'requiresGrad'],
    ['grad_fn', 'gradFn'],
    ['is_leaf', 'isLeaf'],
    ['masked_fill', 'maskedFill'],
    ['index_select', 'indexSelect'],
    ['scatter_add_', 'scatterAdd_'],
    ['data_ptr', 'dataPtr'],
  ])
    if (ours in x())
      it(`${python} says that it is ${ours}`, () => {
        const error = new torch.AttributeError(
          `'Tensor' object has no attribute '${python}'. Did you mean: '${ours}'?`,
        );
        expect(() => t[python]).toThrow(error);
        expect(() => {
          t[python] = true;
        }).toThrow(error);
      });

  it('an index says how to index', () => {
    const words =
      "write x.index(0), x.index(0, ':', [1, 2]) or x.index(mask) to read, x.indexPut_([0], value) to assign";
    const error = (key: string) =>
      new torch.TypeError(`'Tensor' object is not subscriptable by [${key}]; ${words}`);
    for (const key of ['0', '-1', '0,1', ':', '1:3', '::2', '...', '0,:', ':,0'])
      expect(() => t[key]).toThrow(error(key));
    expect(() => t[any(torch.tensor([true]))]).toThrow(error('tensor'));
    expect(() => {
      t[0] = 1;
    }).toThrow(error('0'));
  });

  it('what cannot be changed says so', () => {
    for (const name of ['shape', 'dtype', 'device', 'isLeaf', 'gradFn', 'ndim'])
      expect(() => {
        t[name] = 1;
      }).toThrow(
        new torch.AttributeError(`attribute '${name}' of 'torch._C.TensorBase' objects is not writable`),
      );
  });

  it('names that nobody knows are undefined, as those who look for features expect', () => {
    for (const name of [
      'then',
      'foo',
      'toJSONP',
      '$$typeof',
      'asymmetricMatch',
      'nodeType',
      '_isMockFunction',
      '@@__IMMUTABLE_ITERABLE__@@',
      'foo_bar',
    ])
      expect(t[name]).toBeUndefined();
    expect('requires_grad' in t).toBe(false);
    expect(x()).toBeInstanceOf(Object);
    expect(Object.hasOwn(t, 'shape')).toBe(false);
    t.mine = 1;
    expect(t.mine).toBe(1);
  });
});

it('a console that is told not to ask shows the values', () => {
  expect(inspect(x(), { customInspect: false })).toMatch(/^Tensor \[tensor\(\[\[1, 2\],\n/);
});

describe('printing', () => {
  const { nn, optim, utils } = torch;
  const model = new nn.Linear(2, 1);
  const adam = new optim.Adam(model.parameters());
  const set = new utils.data.TensorDataset(torch.ones(4, 2), torch.zeros(4));
  class Numbers extends utils.data.Dataset<number> {
    items = Array.from({ length: 1000 }, (_, i) => i);
    at(i: number) {
      return this.items[i];
    }
    get length() {
      return this.items.length;
    }
  }
  class Named extends Numbers {
    override toString() {
      return 'a thousand numbers';
    }
  }
  class Double extends torch.autograd.Function {}
  const printed: [unknown, string][] = [
    [set, 'TensorDataset(tensors=[2 items])'],
    [new Numbers(), 'Numbers(items=[1000 items])'],
    [new Named(), 'a thousand numbers'],
    [new utils.data.Subset(set, [0, 2]), 'Subset(dataset=TensorDataset(…), indices=[0, 2])'],
    [
      new utils.data.DataLoader(set, { batchSize: 2 }),
      'DataLoader(dataset=TensorDataset(…), batchSize=2, sampler=SequentialSampler(…), numWorkers=0, dropLast=False)',
    ],
    [new utils.data.SequentialSampler(set), 'SequentialSampler(dataSource=TensorDataset(…))'],
    [new torch.Generator(), 'Generator()'],
    [new Double(), 'Double()'],
    [new optim.lrScheduler.StepLR(adam, 2), 'StepLR(baseLrs=[0.001], lastEpoch=0, stepSize=2, gamma=0.1)'],
    [model.registerForwardHook(() => {}), 'RemovableHandle()'],
    [torch.ones(1, { requiresGrad: true }).registerHook(() => undefined), 'RemovableHandle()'],
    [torch.ones(1, { requiresGrad: true }).mul(2).gradFn, '<MulBackward0>'],
    [torch.ones(2).untypedStorage(), '[torch.storage.UntypedStorage(device=cpu) of size 8]'],
    [
      torch.finfo(torch.float16),
      'finfo(resolution=0.001, min=-65504, max=65504, eps=0.000976562, smallest_normal=6.10352e-05, tiny=6.10352e-05, dtype=float16)',
    ],
    [torch.iinfo(torch.int32), 'iinfo(min=-2.14748e+09, max=2.14748e+09, dtype=int32)'],
    [torch.pyfloat(2), '2.0'],
    [torch.slice(1, 2), 'Slice(start=1, stop=2, step=None)'],
    [torch.add, '[Function: add]'],
    [torch.linalg.norm, '[Function: norm]'],
    [torch.nn.functional.relu, '[Function: relu]'],
    [x().add, '[Function: add]'],
    [x().nonzeroAsync, '[Function: nonzeroAsync]'],
  ];
  for (const [value, text] of printed)
    it(`${text.slice(0, 60)} is what is printed`, () => expect(inspect(value)).toBe(text));

  it('a module that holds itself is printed', () => {
    class Loop extends nn.Module {
      itself: torch.nn.Module = this;
      inner = new nn.Linear(1, 1);
    }
    expect(String(new Loop())).toBe(
      'Loop(\n  (itself): Loop(...)\n  (inner): Linear(in_features=1, out_features=1, bias=True)\n)',
    );
  });

  it('lists that hold themselves are printed', () => {
    const betas: unknown[] = [0.9];
    betas.push(betas);
    expect(() => new optim.Adam(model.parameters(), { betas: any(betas) })).toThrow(/betas/);
  });
});

describe("Python's names of other objects", () => {
  const { nn, optim, utils } = torch;
  const model = new nn.Sequential(new nn.Linear(2, 1));
  const adam = new optim.Adam(model.parameters());
  const set = new utils.data.TensorDataset(torch.ones(4, 2));
  const loader = new utils.data.DataLoader(set);
  const scheduler = new optim.lrScheduler.StepLR(adam, 2);
  for (const [object, python, ours] of [
    [model, 'state_dict', 'stateDict'],
    [model, 'load_state_dict', 'loadStateDict'],
    [model, 'named_parameters', 'namedParameters'],
    [model, 'zero_grad', 'zeroGrad'],
    [model.at(0), 'in_features', 'inFeatures'],
    [adam, 'zero_grad', 'zeroGrad'],
    [adam, 'param_groups', 'paramGroups'],
    [adam, 'state_dict', 'stateDict'],
    [scheduler, 'last_epoch', 'lastEpoch'],
    [scheduler, 'get_last_lr', 'getLastLr'],
    [loader, 'batch_size', 'batchSize'],
    [loader, 'num_workers', 'numWorkers'],
    [new torch.Generator(), 'manual_seed', 'manualSeed'],
    [torch.float32, 'is_floating_point', 'isFloatingPoint'],
    [torch.finfo(torch.float32), 'smallest_normal', 'smallestNormal'],
  ] as const)
    it(`${python} of a ${object.constructor.name} says that it is ${ours}`, () => {
      const error = new torch.AttributeError(
        `'${object.constructor.name}' object has no attribute '${python}'. Did you mean: '${ours}'?`,
      );
      expect(() => Reflect.get(object, python)).toThrow(error);
      expect(() => Reflect.set(object, python, 1)).toThrow(error);
    });

  it("functions' too", () => {
    const names = [
      [torch.nn.functional, 'cross_entropy', 'nn.functional', 'crossEntropy'],
      [torch.linalg, 'vector_norm', 'linalg', 'vectorNorm'],
    ] as const;
    for (const [module, name, path, right] of names)
      expect(() => Reflect.get(module, name)).toThrow(
        `module 'torch.${path}' has no attribute '${name}'. Did you mean: '${right}'?`,
      );
  });

  it('indices say how to reach items', () => {
    const at = (object: object, key: string) => () => Reflect.get(object, key);
    expect(at(set, '0')).toThrow("'TensorDataset' object is not subscriptable by [0]; write dataset.at(0)");
    expect(at(loader, '0')).toThrow(
      "'DataLoader' object is not subscriptable by [0]; write for await (const batch of loader)",
    );
    expect(at(model, '-1')).toThrow("'Sequential' object is not subscriptable by [-1]; write model.at(0)");
    expect(at(model, '0')()).toBe(model.at(0));
  });

  it("a user's own names stay", () => {
    class Net extends nn.Module {
      fc_1 = new nn.Linear(1, 1);
      running_mean = torch.zeros(1);
    }
    const net = new Net();
    expect(Object.keys(net.stateDict())).toEqual(['fc_1.weight', 'fc_1.bias']);
    expect(Reflect.get(net, 'hidden_size')).toBeUndefined();
  });
});
