import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { vmap } = torch.func;
const double = (data: torch.TensorData): torch.Tensor => torch.tensor(data, { dtype: torch.float64 });
const numbers = (t: torch.Tensor): unknown => t.tolist();

const x = double([
  [1, 2, 3],
  [4, 5, 6],
]);

describe('vmap', () => {
  it('calls a function of one example for a stack of them', () => {
    const dot = vmap((a: torch.Tensor, b: torch.Tensor) => {
      expect(a.shape).toEqual([3]);
      return a.mul(b).sum();
    });
    expect(numbers(dot(x, x))).toEqual([14, 77]);
  });

  it('takes a dimension for all arguments, or one for each, from the front or the back', () => {
    expect(numbers(vmap((a: torch.Tensor) => a.sum(), 1)(x))).toEqual([5, 7, 9]);
    expect(numbers(vmap((a: torch.Tensor) => a.sum(), -1)(x))).toEqual([5, 7, 9]);
    const scaled = vmap((a: torch.Tensor, b: torch.Tensor) => a.mul(b), [0, null]);
    expect(numbers(scaled(x, double([1, 10, 100])))).toEqual([
      [1, 20, 300],
      [4, 50, 600],
    ]);
  });

  it('puts the stack into the dimension of the results that is asked for', () => {
    expect(numbers(vmap((a: torch.Tensor) => a.add(1), 0, 1)(x))).toEqual([
      [2, 5],
      [3, 6],
      [4, 7],
    ]);
    const [front, back] = vmap((a: torch.Tensor) => [a, a], { outDims: [0, -1] })(x);
    expect(front.shape).toEqual([2, 3]);
    expect(back.shape).toEqual([3, 2]);
  });

  it('repeats a result that is the same for all, unless its dimension is null', () => {
    const one = double(1);
    expect(numbers(vmap((_: torch.Tensor) => one)(x))).toEqual([1, 1]);
    expect(numbers(vmap((_: torch.Tensor) => one, { outDims: null })(x))).toBe(1);
  });

  it('takes and gives nested arrays and objects', () => {
    const f = ({ a, b }: { a: torch.Tensor; b: [torch.Tensor] }) => ({ sum: a.add(b[0]), rest: [a] });
    const result = vmap(f, [{ a: 0, b: null }])({ a: x, b: [double([1, 1, 1])] });
    expect(numbers(result.sum)).toEqual([
      [2, 3, 4],
      [5, 6, 7],
    ]);
    expect(result.rest[0].shape).toEqual([2, 3]);
  });

  it('nests, each level with a dimension of its own', () => {
    const table = vmap((a: torch.Tensor) => vmap((b: torch.Tensor) => a.mul(b).sum())(x))(x);
    expect(numbers(table)).toEqual([
      [14, 32],
      [32, 77],
    ]);
  });

  it('runs in parts of chunkSize with the same result', () => {
    const sizes: number[] = [];
    const f = (a: torch.Tensor): torch.Tensor => {
      sizes.push(1);
      return a.sum();
    };
    const stack = torch.arange(10, { dtype: torch.float64 }).view([5, 2]);
    expect(numbers(vmap(f, 0, 0, { chunkSize: 2 })(stack))).toEqual([1, 5, 9, 13, 17]);
    expect(sizes).toHaveLength(3);
  });

  it('waits for an asynchronous function', async () => {
    const f = vmap(async (a: torch.Tensor) => {
      await Promise.resolve();
      return a.sum();
    });
    expect(numbers(await f(x))).toEqual([6, 15]);
  });

  it('computes dtypes as for one example', () => {
    const number = torch.tensor([1, 2], { dtype: torch.float64 });
    // A 0-d tensor does not widen one with dimensions.
    expect(vmap((n: torch.Tensor) => n.add(torch.ones(3)))(number).dtype).toBe(torch.float32);
    expect(vmap((n: torch.Tensor) => n.add(torch.ones([])))(number).dtype).toBe(torch.float64);
    expect(vmap((n: torch.Tensor) => n.gt(torch.ones(3)))(number).dtype).toBe(torch.bool);
  });

  it('changes a tensor of its own in place', () => {
    const stack = x.clone();
    vmap((a: torch.Tensor) => a.mul_(a.sum()))(stack);
    expect(numbers(stack)).toEqual([
      [6, 12, 18],
      [60, 75, 90],
    ]);
    const zeros = vmap((a: torch.Tensor) => torch.zerosLike(a).add_(a).transpose_(0, 0))(x);
    expect(numbers(zeros)).toEqual(numbers(x));
  });

  it('refuses to change what is the same for all by what is not', () => {
    expect(() => vmap((a: torch.Tensor) => torch.zeros(3, { dtype: torch.float64 }).mul_(a))(x)).toThrow(
      'is not possible because there exists a Tensor `other` in extra_args that has more elements than `self`. This happened due to `other` being vmapped over but `self` not being vmapped over',
    );
  });

  it('lets gradients flow through, and tangents', () => {
    const leaf = x.clone().requiresGrad_();
    const shared = double(2).requiresGrad_();
    vmap((a: torch.Tensor) => a.pow(2).sum().mul(shared))(leaf)
      .sum()
      .backward();
    expect(numbers(leaf.grad!)).toEqual(numbers(x.mul(4)));
    expect(shared.grad!.item()).toBe(91);
    const [, dy] = torch.func.jvp((a: torch.Tensor) => vmap((b: torch.Tensor) => b.mul(b))(a), [x], [x]);
    expect(numbers(dy)).toEqual(numbers(x.mul(x).mul(2)));
    const pushed = vmap((a: torch.Tensor) => torch.func.jvp((b: torch.Tensor) => b.mul(b), [a], [a])[1])(x);
    expect(numbers(pushed)).toEqual(numbers(dy));
  });

  it('knows dimensions as the function counts them', () => {
    const stack = torch.arange(24, { dtype: torch.float64 }).view([2, 3, 4]);
    for (const f of [
      (a: torch.Tensor) => a.sum(0),
      (a: torch.Tensor) => a.mean(-1, true),
      (a: torch.Tensor) => a.max(1)[1],
      (a: torch.Tensor) => a.argmax(),
      (a: torch.Tensor) => a.t().select(0, 1),
      (a: torch.Tensor) => a.permute([1, 0]).reshape([2, -1]),
      (a: torch.Tensor) => a.unsqueeze(-1).expand([2, -1, -1, 3]),
      (a: torch.Tensor) => a.diagonal(1).std(),
      (a: torch.Tensor) => a.view([12]).unfold(0, 3, 2),
      (a: torch.Tensor) => a.index([0, 2], ':'),
    ]) {
      const one = torch.stack([f(stack.select(0, 0)), f(stack.select(0, 1))]);
      expect(vmap(f)(stack)).toEqual(one);
      expect(vmap(f, 2)(stack.movedim(0, 2))).toEqual(one);
    }
    expect(() => vmap((a: torch.Tensor) => a.sum(1))(x)).toThrow(
      'Dimension out of range (expected to be in range of [-1, 0], but got 1)',
    );
  });
});

describe('what vmap refuses, in the words of PyTorch', () => {
  const call = (...args: unknown[]) =>
    (vmap as unknown as (...args: unknown[]) => (...args: unknown[]) => unknown)(...args);
  const self = (a: unknown) => a;
  const name = 'self';

  it.each<[what: string, run: () => unknown, message: string]>([
    [
      'no arguments',
      () => call(self)(),
      `vmap(${name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function with no inputs. The latter is unsupported.`,
    ],
    [
      'inDims that are no dimensions',
      () => call(self, 'a')(x),
      `vmap(${name}, in_dims=a, ...)(<inputs>): expected \`in_dims\` to be int or a (potentially nested) tuple matching the structure of inputs, got: <class 'str'>.`,
    ],
    [
      'an inDim that is no number',
      () => call(self, ['a'])(x),
      `vmap(${name}, in_dims=('a',), ...)(<inputs>): Got in_dim=a for an input but in_dim must be either an integer dimension or None.`.replace(
        "'a'",
        'a',
      ),
    ],
    [
      'an inDim that there is not',
      () => call(self, 5)(x),
      `vmap(${name}, in_dims=5, ...)(<inputs>): Got in_dim=5 for some input, but that input is a Tensor of dimensionality 2 so expected in_dim to satisfy -2 <= in_dim < 2.`,
    ],
    ['nothing to vmap over', () => call(self, [null])(x), 'vmap: Expected at least one Tensor to vmap over'],
    [
      'a number with a dimension',
      () => call(self)(x, 5),
      `vmap(${name}, in_dims=0, ...)(<inputs>): Got in_dim=0 for an input but the input is of type <class 'int'>. We cannot vmap over non-Tensor arguments, please use None as the respective in_dim`,
    ],
    [
      'stacks of several sizes',
      () => call(self)(x, torch.ones(4)),
      'vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [2, 4] for the mapped dimension',
    ],
    [
      'inDims of another form',
      () => call(self, [0, 0])(x),
      `vmap(${name}, in_dims=(0, 0), ...)(<inputs>): in_dims is not compatible with the structure of \`inputs\`. in_dims has structure (*, *) but inputs has structure (*,).`,
    ],
    [
      'outDims that are no dimensions',
      () => call(self, 0, 'a')(x),
      `vmap(${name}, ..., out_dims=a): \`out_dims\` must be an int, None or a python collection of ints representing where in the outputs the vmapped dimension should appear.`,
    ],
    [
      'a stack without outDim',
      () => call(self, 0, null)(x),
      `vmap(${name}, ...): \`${name}\` can not return a BatchedTensor when out_dim is None`,
    ],
    [
      'a result that is no tensor',
      () => call(() => 5)(x),
      "vmap(<lambda>, ...): `<lambda>` must only return Tensors, got type <class 'int'>. Did you mean to set out_dims= to None for output?",
    ],
    [
      'an outDim that there is not',
      () => call(self, 0, 7)(x),
      'Dimension out of range (expected to be in range of [-2, 1], but got 7)',
    ],
    [
      'a kind of randomness that there is not',
      () => call(self, { randomness: 'some' }),
      "Only allowed values for randomness are 'error', 'different', or 'same'. Got some",
    ],
    [
      'chunks of nothing',
      () => call(self, { chunkSize: 0 }),
      'vmap: chunk_size should be None or greater than 0. (got 0)',
    ],
    [
      'reading one number',
      () => vmap((a: torch.Tensor) => torch.tensor(a.sum().item()))(x),
      "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a Tensor, please try to rewrite what you're doing with other operations. If error is occurring somewhere inside PyTorch internals, please file a bug report.",
    ],
    [
      'reading values',
      () => vmap((a: torch.Tensor) => torch.tensor(a.tolist()))(x),
      "Cannot access data pointer of Tensor that doesn't have storage",
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe('random numbers in vmap', () => {
  const drawn = (randomness: 'error' | 'different' | 'same', f: (a: torch.Tensor) => torch.Tensor) => {
    torch.manualSeed(0);
    return vmap(f, { randomness })(torch.zeros(2, 3));
  };

  it('are refused unless asked for', () => {
    const message =
      "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' randomness flags on vmap or perform the randomness operation out of vmap";
    expect(() => drawn('error', () => torch.rand(3))).toThrow(message);
    expect(() => drawn('error', (a) => torch.nn.functional.dropout(a))).toThrow(message);
    expect(() => drawn('error', (a) => torch.nn.functional.dropout(a, { p: 0 }))).not.toThrow();
  });

  it('are drawn for all at once, so that they are those of PyTorch', () => {
    torch.manualSeed(0);
    const six = torch.rand(2, 3);
    expect(drawn('different', () => torch.rand(3))).toEqual(six);
    expect(drawn('different', (a) => torch.randLike(a))).toEqual(six);
    expect(drawn('different', (a) => a.clone().uniform_())).toEqual(six);
    torch.manualSeed(0);
    const noise = torch.nn.functional.dropout(torch.ones(2, 3));
    expect(drawn('different', (a) => torch.nn.functional.dropout(a.add(1)))).toEqual(noise);
    torch.manualSeed(0);
    const orders = torch.stack([torch.randperm(4), torch.randperm(4)]);
    expect(drawn('different', () => torch.randperm(4))).toEqual(orders);
  });

  it('are drawn once', () => {
    torch.manualSeed(0);
    const three = torch.rand(3);
    const twice = torch.stack([three, three]);
    expect(drawn('same', () => torch.rand(3))).toEqual(twice);
    expect(drawn('same', (a) => torch.randLike(a))).toEqual(twice);
    expect(drawn('same', (a) => a.clone().uniform_())).toEqual(twice);
    expect(() => drawn('same', (a) => a.bernoulli())).toThrow(
      'Vmap does not currently support same randomness with a batched tensor input. Please file an issue with functorch',
    );
  });

  it('are not drawn into what is the same for all', () => {
    expect(() => drawn('different', () => torch.zeros(3).uniform_())).toThrow(
      'vmap: Cannot ask for different inplace randomness on an unbatched tensor.',
    );
  });
});

describe('vmap and transforms', () => {
  const { grad, hessian, jacfwd, jacrev, jvp, vjp } = torch.func;
  const cubes = (a: torch.Tensor): torch.Tensor => a.pow(3).sum();
  const ones = double([1, 1, 1]);

  it('gives the gradients of every example', () => {
    const loss = (w: torch.Tensor, a: torch.Tensor): torch.Tensor => a.mul(w).sum().pow(2);
    const perExample = vmap(grad(loss), [null, 0])(ones, x);
    // 2 (Σ aᵢ) a
    expect(numbers(perExample)).toEqual([
      [12, 24, 36],
      [120, 150, 180],
    ]);
  });

  it('nests with grad in any order', () => {
    const cube = (a: torch.Tensor): torch.Tensor => a.pow(3);
    const [row] = x;
    expect(numbers(vmap(grad(grad(cube)))(row))).toEqual([6, 12, 18]);
    expect(numbers(grad((a: torch.Tensor) => vmap(grad(cube))(a).sum())(row))).toEqual([6, 12, 18]);
    expect(numbers(vmap(grad((a: torch.Tensor) => vmap(cube)(a).sum()))(x))).toEqual(
      numbers(x.pow(2).mul(3)),
    );
    expect(numbers(vmap(vmap(grad(cube)))(x))).toEqual(numbers(x.pow(2).mul(3)));
  });

  it('nests with jvp and vjp', () => {
    const second = numbers(x.mul(x).mul(6));
    expect(numbers(vmap((a: torch.Tensor) => jvp(grad(cubes), [a], [a])[1])(x))).toEqual(second);
    expect(numbers(jvp((a: torch.Tensor) => vmap(grad(cubes))(a), [x], [x])[1])).toEqual(second);
    const mixed = grad((a: torch.Tensor) => jvp(cubes, [a], [ones])[1]);
    expect(numbers(vmap(mixed)(x))).toEqual(numbers(x.mul(6)));
    const pulled = vmap((a: torch.Tensor, c: torch.Tensor) => vjp((b: torch.Tensor) => b.mul(b), a)[1](c)[0]);
    expect(numbers(pulled(x, x))).toEqual(numbers(x.mul(x).mul(2)));
    const [, pullback] = vjp((a: torch.Tensor) => a.mul(a), x.select(0, 0));
    const rows = torch.eye(3, { dtype: torch.float64 });
    expect(numbers(vmap((c: torch.Tensor) => pullback(c)[0])(rows))).toEqual([
      [2, 0, 0],
      [0, 4, 0],
      [0, 0, 6],
    ]);
  });

  it('is what Jacobians are made with, and takes them', () => {
    const expected = numbers(torch.diagEmbed(x.mul(6)));
    for (const f of [
      hessian(cubes),
      jacrev(jacrev(cubes)),
      jacfwd(jacfwd(cubes)),
      jacrev(jacfwd(cubes)),
      jacrev(grad(cubes), { chunkSize: 2 }),
      jacrev(grad(cubes), { chunkSize: 1 }),
    ])
      expect(numbers(vmap(f)(x))).toEqual(expected);
    const reading = (a: torch.Tensor): torch.Tensor => a.mul(a.sum().item());
    expect(() => jacfwd(reading)(ones)).not.toThrow();
    const noisy = (a: torch.Tensor): torch.Tensor => a.mul(torch.rand(3));
    expect(() => jacfwd(noisy)(ones)).toThrow(
      'vmap: called random operation while in randomness error mode.',
    );
    expect(jacfwd(noisy, { randomness: 'same' })(ones).shape).toEqual([3, 3]);
  });

  it('lets gradients of what is outside flow through gradients inside', () => {
    const scale = ones.clone().requiresGrad_();
    const inner = (a: torch.Tensor): torch.Tensor => a.pow(2).mul(scale).sum();
    vmap(grad(inner))(x).sum().backward();
    expect(numbers(scale.grad!)).toEqual([10, 14, 18]);
    const outside = torch.noGrad(() => vmap(grad(inner))(x));
    expect(outside.requiresGrad).toBe(false);
    const cut = vmap(
      grad((a: torch.Tensor) =>
        torch
          .noGrad(() => a.pow(2))
          .mul(a)
          .sum(),
      ),
    )(x);
    expect(numbers(cut)).toEqual(numbers(x.pow(2)));
  });

  it('follows changes in place and of views', () => {
    const changed = (a: torch.Tensor): torch.Tensor => {
      const y = a.mul(2);
      y.mul_(a);
      y.select(0, 0).mul_(3);
      return y.sum();
    };
    expect(numbers(vmap(grad(changed))(x))).toEqual(numbers(x.mul(double([12, 4, 4]))));
    const moved = (a: torch.Tensor): torch.Tensor => {
      const y = torch.zerosLike(a);
      y.select(0, 0).copy_(a.select(0, 1));
      return y.sum();
    };
    expect(numbers(vmap(grad(moved))(x))).toEqual([
      [0, 1, 0],
      [0, 1, 0],
    ]);
  });
});

describe('a tensor that stands for several', () => {
  it('prints as PyTorch prints it', () => {
    const texts: string[] = [];
    const pair = torch.tensor([
      [1, 2],
      [3, 4],
    ]);
    vmap((a: torch.Tensor) => {
      texts.push(String(a));
      return a;
    }, 1)(pair);
    expect(texts[0]).toBe(
      'BatchedTensor(lvl=1, bdim=1, value=\n    tensor([[1, 2],\n            [3, 4]])\n)',
    );
    vmap(
      vmap((a: torch.Tensor) => {
        texts.push(String(a));
        return a;
      }),
    )(pair);
    expect(texts[1]).toBe(
      'BatchedTensor(lvl=2, bdim=0, value=\n    BatchedTensor(lvl=1, bdim=0, value=\n        tensor([[1, 2],\n                [3, 4]])\n    )\n)',
    );
  });

  it('is no tensor to go backward from', () => {
    const leaf = x.clone().requiresGrad_();
    expect(() =>
      vmap((a: torch.Tensor) => {
        a.sum().backward();
        return a;
      })(leaf),
    ).toThrow('backward() called inside a functorch transform.');
  });

  it.each<[string, (a: torch.Tensor) => unknown, string]>([
    ['item', (a) => a.sum().item(), "vmap: It looks like you're calling .item() on a Tensor."],
    ['tolist', (a) => a.tolist(), "Cannot access data pointer of Tensor that doesn't have storage"],
    ['numpy', (a) => a.numpy(), "Cannot access data pointer of Tensor that doesn't have storage"],
    [
      'equal',
      (a) => torch.equal(a, a),
      'Batching rule not implemented for aten::equal. We could not generate a fallback.',
    ],
    [
      'equal of one',
      (a) => torch.ones(3).equal(a),
      'Batching rule not implemented for aten::equal. We could not generate a fallback.',
    ],
    [
      'allclose',
      (a) => a.allclose(torch.ones(3)),
      "vmap over torch.allclose isn't supported yet. Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature.",
    ],
    [
      'comparisons',
      (a) => ((a.sum() as unknown as number) > 0 ? a : a.neg()),
      "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't support that yet, please file an issue at https://github.com/pytorch/pytorch/issues .",
    ],
    [
      'unique',
      (a) => a.unique(),
      'vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over aten::_unique2.',
    ],
    ['unique along', (a) => a.unique({ dim: 0 }), 'Attempted to vmap over aten::unique_dim.'],
    ['uniqueConsecutive', (a) => a.uniqueConsecutive(), 'Attempted to vmap over aten::unique_consecutive.'],
    ['where', (a) => torch.where(a.gt(0)), 'Attempted to vmap over aten::where.'],
    [
      'out',
      (a) => torch.add(a, a, { out: torch.empty(3) }),
      "Batching rule not implemented for aten::add.out; the fallback path doesn't work on out= or view ops.",
    ],
    [
      'out that stands for several',
      (a) => torch.matmul(torch.ones(3, 3), torch.ones(3), { out: torch.emptyLike(a) }),
      'Batching rule not implemented for aten::matmul.out;',
    ],
    [
      'requiresGrad_',
      (a) => a.requiresGrad_(),
      'You are attempting to call Tensor.requiresGrad_() (or perhaps using torch.autograd.functional.* APIs) inside of a function being transformed by a functorch transform.',
    ],
    [
      'requiresGrad_ of any',
      () => torch.ones(2).requiresGrad_(false),
      'You are attempting to call Tensor.requiresGrad_()',
    ],
  ])("is refused in PyTorch's words: %s", (_, call, words) => {
    expect(() => vmap((a: torch.Tensor) => call(a) as torch.Tensor)(x)).toThrow(words);
  });

  it('may meet what wants gradients and what is written where it belongs', () => {
    const made = vmap((a: torch.Tensor) => torch.ones(3, { requiresGrad: true }).mul(a))(x);
    expect(made.requiresGrad).toBe(true);
    const out = vmap((a: torch.Tensor) => torch.add(torch.ones(3), 1, { out: torch.empty(3) }).add(a))(x);
    expect(numbers(out)).toEqual(numbers(x.add(2)));
  });

  it('is taken by functions of the user that say so', () => {
    class Twice extends torch.autograd.Function {
      static override forward(_: torch.autograd.FunctionContext, a: torch.Tensor) {
        return a.mul(2);
      }
      static override backward(_: torch.autograd.FunctionContext, g: torch.Tensor) {
        return g.mul(3);
      }
    }
    class Ready extends Twice {
      static override readonly generateVmapRule = true;
    }
    expect(() => vmap((a: torch.Tensor) => Twice.apply(a))(x)).toThrow(
      'You tried to vmap over Twice, but it does not have vmap support.',
    );
    expect(numbers(vmap((a: torch.Tensor) => Ready.apply(a))(x))).toEqual(numbers(x.mul(2)));
    const inside = vmap(torch.func.grad((a: torch.Tensor) => Ready.apply(a).sum()))(x);
    expect(numbers(inside)).toEqual(numbers(torch.full([2, 3], 3)));
  });
});
