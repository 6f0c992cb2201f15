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

describe('clones', () => {
  it('a tensor is not cloned without a word', () => {
    const message = 'Symbol(a Tensor: send x.toArray() and x.shape instead) could not be cloned.';
    expect(() => structuredClone(x())).toThrow(message);
    expect(() => structuredClone({ batch: [x()] })).toThrow(message);
    expect(() => structuredClone(new torch.nn.Linear(2, 2))).toThrow(message);
    const { port1 } = new MessageChannel();
    expect(() => port1.postMessage(x())).toThrow(message);
    port1.close();
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
