/** Distributions beyond the corpus of classes: against values that PyTorch gave (golden/distributions, golden/multivariate), and what only this library has. */
import { describe, expect, it, vi } from 'vitest';
import * as torch from '../src/index.js';
import { evaluate, golden } from './support/golden.js';

const D = torch.distributions;
const { constraints, klDivergence } = D;

type Numbers = number | string | readonly Numbers[];
interface Recorded {
  readonly repr: string;
  readonly batch: readonly number[];
  readonly event: readonly number[];
  readonly support: string;
  readonly value?: Numbers;
  readonly [name: string]: Numbers | undefined;
}
const [plain, multivariate] = ['distributions', 'multivariate'].map((name) =>
  golden<{
    distributions: Readonly<Record<string, Recorded>>;
    gradients: readonly { sample: string; values: readonly number[][]; grads: Numbers }[];
    divergences: readonly (readonly [p: string, q: string, values: Numbers])[];
  }>(name),
);
const recorded = {
  distributions: { ...plain.distributions, ...multivariate.distributions },
  gradients: [...plain.gradients, ...multivariate.gradients],
  divergences: [...plain.divergences, ...multivariate.divergences],
};

const tensor = (values: Numbers): torch.Tensor => torch.tensor(values as number[], { dtype: torch.float32 });
const scope = { D, tensor, weights: tensor([0.3, 0.7, 1.5]) };
const make = (source: string): torch.distributions.Distribution => evaluate(source, scope);
const numbers = (values: Numbers): number[] => [values].flat(9).map(Number);

function expectNumbers(actual: torch.Tensor, expected: Numbers, what: string, tolerance = 2e-4): void {
  const found = [...(actual.detach().to(torch.float64).reshape([-1]).toArray() as Iterable<number>)];
  const wanted = numbers(expected);
  expect(found.length, what).toBe(wanted.length);
  for (const [i, x] of found.entries())
    if (!Object.is(x, wanted[i]))
      expect(Math.abs(x - wanted[i]), `${what}: ${x} instead of ${wanted[i]}`).toBeLessThanOrEqual(
        tolerance * Math.abs(wanted[i]) + 1e-5,
      );
}

describe('A distribution has what PyTorch gives it', () => {
  it.each(Object.entries(recorded.distributions))('%s', (source, expected) => {
    const d = make(source);
    expect(String(d)).toBe(expected.repr);
    expect(d.batchShape).toEqual(expected.batch);
    expect(d.eventShape).toEqual(expected.event);
    expect(String(d.support)).toBe(expected.support);
    const quantiles = tensor([0.2, 0.5, 0.9]).reshape([3, ...d.batchShape.map(() => 1)]);
    const value = expected.value === undefined ? quantiles : tensor(expected.value);
    const wider = d.expand([2, ...d.batchShape]);
    const seeded = (seed: number, draw: () => torch.Tensor) => {
      torch.manualSeed(seed);
      return draw();
    };
    const asked: Readonly<Record<string, () => torch.Tensor>> = {
      mean: () => d.mean,
      mode: () => d.mode,
      variance: () => d.variance,
      stddev: () => d.stddev,
      entropy: () => d.entropy(),
      sample: () => seeded(7, () => d.sample([3])),
      logProb: () => d.logProb(value),
      cdf: () => d.cdf(value),
      icdf: () => d.icdf(quantiles),
      enumerate: () => d.enumerateSupport(),
      expanded: () => wider.logProb(value.select(0, 0).expand([2, ...value.shape.slice(1)])),
      expandedSample: () => seeded(9, () => wider.sample()),
    };
    for (const [name, ask] of Object.entries(asked)) {
      const wanted = expected[name];
      if (wanted === undefined) expect(ask, name).toThrow(torch.NotImplementedError);
      else expectNumbers(ask(), wanted, name);
    }
  });
});

describe('A sample has the gradients of PyTorch', () => {
  it.each(recorded.gradients)('$sample of $values', ({ sample, values, grads }) => {
    const [a, b] = values.map((list) => tensor(list).requiresGrad_());
    torch.manualSeed(3);
    evaluate<torch.Tensor>(sample, { ...scope, a, b })
      .sum()
      .backward();
    for (const [i, leaf] of [a, b].slice(0, values.length).entries())
      expectNumbers(leaf.grad!, (grads as readonly Numbers[])[i], `parameter ${i}`);
  });
});

describe('A divergence is that of PyTorch', () => {
  it.each(recorded.divergences)('from %s to %s', (p, q, values) => {
    expectNumbers(klDivergence(make(p), make(q)), values, 'divergence');
  });

  it('is refused where there is no formula', () => {
    expect(() => klDivergence(new D.Normal(0, 1), new D.Cauchy(0, 1))).toThrow(
      'No KL(p || q) is implemented for p type Normal and q type Cauchy',
    );
    expect(() => klDivergence(new D.Normal(0, 1), new D.Poisson(1))).toThrow(torch.NotImplementedError);
  });

  it('goes into transformed and independent distributions', () => {
    const [p, q] = [new D.Normal(tensor([0, 1]), 1), new D.Normal(tensor([1, 1]), 2)];
    const plain = klDivergence(p, q);
    const summed = klDivergence(new D.Independent(p, 1), new D.Independent(q, 1));
    expectNumbers(summed, plain.sum().item(), 'independent');
    const [expP, expQ] = [p, q].map((d) => new D.TransformedDistribution(d, new D.ExpTransform()));
    expectNumbers(klDivergence(expP, expQ), [...(plain.toArray() as Iterable<number>)], 'transformed');
    const other = new D.TransformedDistribution(q, new D.TanhTransform());
    expect(() => klDivergence(expP, other)).toThrow(torch.NotImplementedError);
  });

  it('takes the formula of the nearest classes, also one that is registered later', () => {
    class Mine extends D.Normal {}
    expectNumbers(klDivergence(new Mine(0, 1), new D.Normal(1, 1)), 0.5, 'inherited');
    D.registerKl(Mine, D.Normal)((p) => p.loc.add(42));
    expectNumbers(klDivergence(new Mine(0, 1), new D.Normal(1, 1)), 42, 'registered');
    expectNumbers(klDivergence(new D.Normal(0, 1), new Mine(1, 1)), 0.5, 'the other way');
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    D.registerKl(D.Normal, Mine)((p) => p.loc);
    klDivergence(new Mine(0, 1), new Mine(0, 1));
    expect(warned).toHaveBeenCalledWith(
      'UserWarning: Ambiguous kl_divergence(Mine, Mine). Please register_kl(Mine, Mine)',
    );
    warned.mockRestore();
  });
});

describe('Parameters and values are checked in the words of PyTorch', () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      'a parameter',
      () => new D.Normal(tensor([0, Number.NaN]), 1),
      'Expected parameter loc (Tensor of shape (2,)) of distribution Normal(loc: torch.Size([2]), scale: torch.Size([2])) to satisfy the constraint Real(), but found invalid values:\ntensor([0., nan])',
    ],
    [
      'two bounds',
      () => new D.Uniform(2, 1),
      'Expected parameter low (Tensor of shape ()) of distribution Uniform(low: 2.0, high: 1.0) to satisfy the constraint LessThan(upper_bound=1.0), but found invalid values:\n2.0',
    ],
    [
      'a probability of nothing',
      () => new D.Geometric(tensor([0.5, 0])),
      'Expected parameter probs (Tensor of shape (2,)) of distribution Geometric(probs: torch.Size([2])) to be positive but found invalid values:\ntensor([0.])',
    ],
    [
      'a value',
      () => new D.Categorical(torch.ones(3)).logProb(torch.tensor(3)),
      'Expected value argument (Tensor of shape ()) to be within the support (IntegerInterval(lower_bound=0, upper_bound=2)) of the distribution Categorical(probs: torch.Size([3])), but found invalid values:\n3',
    ],
    [
      'what is no tensor',
      () => new D.Normal(0, 1).logProb(0.5 as never),
      'The value argument to log_prob must be a Tensor',
    ],
    [
      'a batch',
      () => new D.Normal(torch.zeros(3), 1).logProb(torch.zeros(2)),
      'Value is not broadcastable with batch_shape+event_shape: torch.Size([2]) vs torch.Size([3]).',
    ],
    [
      'an event',
      () => new D.Dirichlet(torch.ones(3)).logProb(torch.ones(2)),
      'The right-most size of value must match event_shape: torch.Size([2]) vs torch.Size([3]).',
    ],
    [
      'dimensions',
      () => new D.Independent(new D.Normal(0, 1), 1),
      'Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), actual 1 vs 0',
    ],
    [
      'a base',
      () => new D.TransformedDistribution(new D.Normal(0, 1), new D.StickBreakingTransform()),
      'base_distribution needs to have shape with size at least 1, but got torch.Size([]).',
    ],
    [
      'what is no number',
      () => new D.Normal('a' as never, 1),
      'Input arguments must all be instances of Number, torch.Tensor or objects implementing __torch_function__.',
    ],
    ['a cache', () => new D.ExpTransform(2), 'cache_size must be 0 or 1'],
    [
      'counts',
      () => new D.Binomial(tensor([2, 3]), 0.5).entropy(),
      'Inhomogeneous total count not supported by `entropy`.',
    ],
    ['a constraint', () => D.bijectTo(constraints.oneHot), 'Cannot transform OneHot constraints'],
  ];
  it.each(cases)('%s', (_, run, message) => {
    expect(run).toThrow(message);
  });

  it('unless nobody wants that', () => {
    expect(String(new D.Normal(0, -1, false))).toBe('Normal(loc: 0.0, scale: -1.0)');
    expect(new D.Normal({ loc: 0, scale: 1, validateArgs: false }).logProb(0.5 as never).item()).toBeCloseTo(
      -1.0439385,
    );
    D.Distribution.setDefaultValidateArgs(false);
    try {
      expect(() => new D.Normal(0, -1)).not.toThrow();
    } finally {
      D.Distribution.setDefaultValidateArgs(true);
    }
    expect(() => new D.Normal(0, -1)).toThrow(torch.ValueError);
  });
});

describe('A distribution of a user', () => {
  class Shifted extends D.Distribution {
    declare readonly loc: torch.Tensor;
    constructor(loc: torch.Tensor) {
      super(loc.shape, [], null, { loc });
    }
    override get argConstraints() {
      return { loc: constraints.positive };
    }
    override get support() {
      return constraints.greaterThan(this.loc);
    }
    override rsample(sampleShape: readonly number[] = []): torch.Tensor {
      return this.loc.add(torch.ones(...sampleShape, ...this.batchShape));
    }
  }

  it('is checked, printed, drawn from and expanded', () => {
    const d = new Shifted(tensor([1, 2]));
    expect(String(d)).toBe('Shifted(loc: torch.Size([2]))');
    expect(String(d.expand([3, 2]))).toBe('Shifted(loc: torch.Size([3, 2]))');
    expectNumbers(d.sample([1]), [2, 3], 'sample');
    expect(() => new Shifted(tensor([-1]))).toThrow('to satisfy the constraint GreaterThan(lower_bound=0.0)');
    expect(() => d.mean).toThrow(torch.NotImplementedError);
  });
});

describe('Parameters that follow from others', () => {
  it('are computed with gradients when first asked for, and printed from then on', () => {
    const logits = tensor([0.5]).requiresGrad_();
    const d = new D.Bernoulli({ logits });
    expect(String(d)).toBe('Bernoulli(logits: tensor([0.5000], requires_grad=True))');
    torch
      .noGrad(() => d.probs)
      .sum()
      .backward();
    expect(logits.grad!.item()).toBeCloseTo(0.2350037);
    expect(d.probs).toBe(d.probs);
    expect(String(d)).toContain('probs: tensor([0.6225]');
    expect(() => Reflect.get(d, 'log_prob')).toThrow("Did you mean: 'logProb'?");
  });
});

describe('A transform', () => {
  // PyTorch 2.13 at [0.3, -0.8], the Cholesky factor's at [0.3, -0.8, 0.5].
  const x = tensor([0.3, -0.8]);
  const known: readonly (readonly [torch.distributions.Transform, Numbers, Numbers])[] = [
    [new D.ExpTransform(), [1.349859, 0.449329], [0.3, -0.8]],
    [new D.SigmoidTransform(), [0.574443, 0.310026], [-1.40871, -1.542201]],
    [new D.TanhTransform(), [0.291313, -0.664037], [-0.088682, -0.581507]],
    [new D.SoftplusTransform(), [0.854355, 0.371101], [-0.554355, -1.171101]],
    [new D.StickBreakingTransform(), [0.40296, 0.185098, 0.411942], [-3.482661]],
    [
      new D.CorrCholeskyTransform(),
      [1, 0, 0, 0.291313, 0.956628, 0, -0.664037, 0.345525, 0.663074],
      [-1.201171],
    ],
  ];
  it.each(known)(
    '%s has the values and the log-determinant of PyTorch, and an inverse',
    (transform, y, logdet) => {
      const input = transform instanceof D.CorrCholeskyTransform ? tensor([0.3, -0.8, 0.5]) : x;
      const output = transform.forward(input);
      expectNumbers(output, y, 'forward');
      expectNumbers(transform.logAbsDetJacobian(input, output), logdet, 'log-determinant');
      expectNumbers(transform.inv.forward(output), [...(input.toArray() as Iterable<number>)], 'inverse');
      expectNumbers(transform.inv.logAbsDetJacobian(output, input).neg(), logdet, 'of the inverse');
      expect(transform.inv.inv).toBe(transform);
      expect(transform.domain.check(input).all().item()).toBe(1);
      expect(transform.codomain.check(output).all().item()).toBe(1);
      expect(transform.inverseShape(transform.forwardShape(input.shape))).toEqual(input.shape);
    },
  );

  it('has a log-determinant that differentiation gives, alone and composed', () => {
    const transforms = [
      new D.AffineTransform(1, -2),
      new D.PowerTransform(3),
      new D.ComposeTransform([new D.ExpTransform(), new D.AffineTransform(-1, 3)]),
    ];
    for (const transform of transforms) {
      const at = tensor([0.4]).requiresGrad_();
      const y = transform.forward(at);
      const [slope] = torch.autograd.grad(y.sum(), [at]);
      expectNumbers(transform.logAbsDetJacobian(at, y), Math.log(Math.abs(slope.item())), String(transform));
    }
  });

  it('joins others along a dimension', () => {
    const parts = [new D.ExpTransform(), new D.AffineTransform(0, 2)];
    const cat = new D.CatTransform(parts, -1, [1, 2]);
    expectNumbers(cat.forward(tensor([0, 1, 2])), [1, 2, 4], 'cat');
    expectNumbers(cat.inv.forward(tensor([1, 2, 4])), [0, 1, 2], 'back');
    const stack = new D.StackTransform(parts, 0);
    expectNumbers(stack.forward(tensor([[0], [3]])), [1, 6], 'stack');
    expect(() => cat.forward(tensor([1, 2]))).toThrow('x.size(-1) = 2 must equal length 3');
    const independent = new D.IndependentTransform(new D.ExpTransform(), 1);
    expectNumbers(independent.logAbsDetJacobian(x, x), -0.5, 'independent');
    expectNumbers(new D.ReshapeTransform([2], [2, 1]).forward(x), [0.3, -0.8], 'reshape');
  });

  it('keeps its last result where it is told to', () => {
    const transform = new D.TanhTransform(1);
    const y = transform.forward(x);
    expect(transform.forward(x)).toBe(y);
    expect(transform.inv.forward(y)).toBe(x);
    expect(new D.TanhTransform().withCache().forward(x)).not.toBe(y);
  });
});

describe('A constraint finds a transform to it', () => {
  // PyTorch 2.13.
  const x = tensor([0.3, -0.8]);
  it.each([
    [constraints.interval(-1, 3), [1.29777, 0.240102], [1.29777, 0.240102]],
    [constraints.lessThan(2), [0.650141, 1.550671], [0.650141, 1.550671]],
    [constraints.simplex, [0.40296, 0.185098, 0.411942], [0.75026, 0.24974]],
    [constraints.real, [0.3, -0.8], [0.3, -0.8]],
  ])('%s', (constraint, bijective, any) => {
    expectNumbers(D.bijectTo(constraint).forward(x), bijective, 'bijectTo');
    expectNumbers(D.transformTo(constraint).forward(x), any, 'transformTo');
    expect(constraint.check(D.bijectTo(constraint).forward(x)).all().item()).toBe(1);
  });

  it('and learns of others', () => {
    class Even extends constraints.Constraint {}
    expect(() => D.transformTo(new Even())).toThrow('Cannot transform Even constraints');
    D.transformTo.register(Even, () => new D.AffineTransform(0, 2));
    expectNumbers(D.transformTo(new Even()).forward(tensor([3])), 6, 'registered');
    expect(() => D.transformTo.register(3 as never, () => new D.ExpTransform())).toThrow(
      'Expected constraint to be either a Constraint subclass or instance, but got 3',
    );
  });
});
