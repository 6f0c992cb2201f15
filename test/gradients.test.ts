import { describe, expect, it } from 'vitest';
import { dispatch } from '../src/dispatch/dispatch.js';
import { inPlaceForm } from '../src/dispatch/in_place_op.js';
import type { Op } from '../src/dispatch/op.js';
import { RecordedOp } from '../src/dispatch/recorded_op.js';
import { allOps } from '../src/dispatch/registry.js';
import * as torch from '../src/index.js';
import { complexSample, isSampled, type Sample, samplesOf } from './support/samples.js';

type Fn = (...inputs: torch.Tensor[]) => torch.Tensor[];
const { jvp } = torch.func;

/** Draws at random have no smooth function to compare with. */
const random =
  /^(uniform|normal|bernoulli|exponential|geometric|poisson|binomial|_standard_gamma|cauchy|log_normal|rand.*_like|gumbel_softmax|(svd|pca)_lowrank|_?lobpcg|(feature_)?(alpha_)?dropout.*)$/;
/** Results in another precision than float64. */
const rounded = /^(float|half|bfloat16|chalf|cfloat)$/;
/** A step by one unit in the last place is no derivative. */
const discontinuous = /^_?nextafter(_half)?$/;
/** Gradients, or those of second order, that PyTorch refuses to give. */
const refused =
  /^(floor_divide|heaviside|_?ldl_(factor(_ex)?|solve)|geqrf|_linear_cross_entropy_batch_chunked\w*)$/;
/** Gradients that are those of normalized arguments only. */
const ofNormalized = /^_?ctc_loss(_backward)?$/;
/** Results whose gradients are not defined: statistics that only the formulas read. */
const firstResultOnly = new Set([
  'native_layer_norm',
  '_fused_rms_norm',
  '_group_norm',
  'native_batch_norm',
  '_native_batch_norm_legit',
  '_batch_norm_with_update',
  '_nll_loss',
  '_scaled_dot_product_attention',
]);
/** Their composition needs no gradient: the results are counts, positions, truth values or constants. */
const withoutGradient =
  /^(is\w+|unique\w*|nonzero|where|gcd|lcm|one_hot|bincount|histc|histogram|unravel_index|linspace|logspace|full_like|\w*(zeros|ones|empty|full)(_like|_strided)?|int|long|short|char|byte|bool|detach(_copy)?|resize\w*)$/;

const isInPlace = (op: Op): boolean => op.schema.name.endsWith('_');
const takesTensors = (op: Op): boolean => op.schema.parameters.some((p) => p.type.startsWith('Tensor'));

const all = [...new Set(allOps())].filter(
  (op) =>
    takesTensors(op) &&
    isSampled(op) &&
    ![random, rounded, discontinuous, refused, ofNormalized].some((pattern) => pattern.test(op.schema.name)),
);
const rows = all.filter((op): op is RecordedOp => op instanceof RecordedOp && op.differentiable);
const composites = all.filter(
  (op) =>
    !(op instanceof RecordedOp) &&
    !isInPlace(op) &&
    (op.schema.name === 'where' ? op.schema.overload === 'method' : !withoutGradient.test(op.schema.name)) &&
    // Bits have no derivative.
    !op.schema.source.startsWith('view.dtype('),
);

const real = (t: torch.Tensor): torch.Tensor => (t.dtype.isComplex ? torch.viewAsReal(t) : t);

const symmetric = (t: torch.Tensor): torch.Tensor => t.add(t.mH).div(2);
const triangular = (t: torch.Tensor, upper: boolean): torch.Tensor => (upper ? t.triu() : t.tril());

/** Matrices of which half is read only, while gradients are those of whole ones: by op, given the place and all arguments. */
const wholes: Readonly<
  Record<string, (t: torch.Tensor, place: number, args: readonly unknown[]) => torch.Tensor>
> = {
  _cholesky_ex: symmetric,
  cholesky: symmetric,
  cholesky_ex: symmetric,
  eigh: symmetric,
  eigvalsh: symmetric,
  cholesky_inverse: (t, _, args) => triangular(t, args[1] === true),
  cholesky_solve: (t, place, args) => (place === 0 ? t : triangular(t, args[2] === true)),
};

/** Products of each column's elements, which do not depend on its phase. */
const columnProducts = (v: torch.Tensor): torch.Tensor =>
  v.unsqueeze(-2).mul((v.isComplex() ? v.conj() : v).unsqueeze(-3));
const eigenvectors = ([values, vectors]: readonly torch.Tensor[]): torch.Tensor[] => [
  values,
  columnProducts(vectors),
];

/** Results of which nothing determines the phases, as what does not depend on them, without those that have no derivative. */
const determined: Readonly<Record<string, (results: readonly torch.Tensor[], op: Op) => torch.Tensor[]>> = {
  // Singular values are told, no more.
  _lstsq: (results) => results.slice(0, 2),
  lstsq: (results) => results.slice(0, 2),
  eigh: eigenvectors,
  eig: eigenvectors,
  _svd: ([u, s, vh]) => singularVectors(u, s, vh),
  svd: ([u, s, v], op) => singularVectors(u, s, op.schema.returns[2].name === 'V' ? v.mH : v),
};
function singularVectors(u: torch.Tensor, s: torch.Tensor, vh: torch.Tensor): torch.Tensor[] {
  const count = s.shape.at(-1)!;
  const [left, right] = [u.narrow(-1, 0, count), vh.narrow(-2, 0, count)];
  return [s, left.unsqueeze(-1).mul(right.unsqueeze(-3))];
}

/** The op as a function of a sample's floating-point tensors, complex ones given by their parts. */
function asFunction(op: Op, { args }: Sample, inPlace = false): { fn: Fn; inputs: torch.Tensor[] } {
  const isInput = (a: unknown): a is torch.Tensor => a instanceof torch.Tensor && a.requiresGrad;
  const originals = args.flat().filter(isInput);
  const fn: Fn = (...tensors) => {
    let next = 0;
    const take = (a: unknown): unknown => {
      if (!isInput(a)) return a;
      const given = tensors[next++];
      return a.dtype.isComplex ? torch.viewAsComplex(given) : given;
    };
    const whole = wholes[op.schema.name];
    const bound = args
      .map((a) => (Array.isArray(a) ? a.map(take) : take(a)))
      .map((a, i) => (a instanceof torch.Tensor && whole !== undefined ? whole(a, i, args) : a));
    if (inPlace) bound[0] = (bound[0] as torch.Tensor).clone();
    const result = dispatch(inPlace ? inPlaceForm(op, op.schema) : op, bound) as
      | torch.Tensor
      | readonly torch.Tensor[];
    const all = result instanceof torch.Tensor ? [result] : [...result];
    const list = determined[op.schema.name]?.(all, op) ?? all;
    return list
      .slice(0, firstResultOnly.has(op.schema.name) ? 1 : list.length)
      .filter((t) => t.dtype.isFloatingPoint || t.dtype.isComplex)
      .map(real);
  };
  return { fn, inputs: originals.map((t) => real(t.detach()).clone().requiresGrad_()) };
}

let stream = new torch.Generator();
const like = (t: torch.Tensor): torch.Tensor =>
  torch.rand(t.shape, { dtype: torch.float64, generator: stream }).sub(0.5);
const inner = (a: readonly torch.Tensor[], b: readonly torch.Tensor[]): torch.Tensor =>
  a.map((t, i) => t.mul(b[i]).sum()).reduce((x, y) => x.add(y));

function gradients(
  fn: Fn,
  inputs: readonly torch.Tensor[],
  us: readonly torch.Tensor[],
  createGraph = false,
): torch.Tensor[] {
  const outputs = fn(...inputs);
  if (!outputs.some((y) => y.requiresGrad)) return inputs.map((x) => x.zerosLike());
  return torch.autograd.grad(inner(outputs, us), inputs, {
    createGraph,
    allowUnused: true,
    materializeGrads: true,
  }) as torch.Tensor[];
}

function expectClose(a: torch.Tensor, b: torch.Tensor): void {
  expect(a.shape).toEqual(b.shape);
  const error = a.sub(b).abs().sum().item();
  expect(error, `${a} against ${b}`).toBeLessThanOrEqual(1e-10 * (1 + b.abs().sum().item()));
}

/** The Jacobian times a vector by forward mode, and row by row by backward mode. */
function compareModes(fn: Fn, inputs: torch.Tensor[]): void {
  const vs = inputs.map(like);
  const [outputs, tangents] = jvp((...xs: torch.Tensor[]) => fn(...xs), inputs, vs);
  for (const [o, y] of outputs.entries())
    for (let k = 0; k < y.numel(); k++) {
      const us = outputs.map((t) => t.detach().zerosLike().contiguous());
      us[o].view([-1]).select(0, k).fill_(1);
      expectClose(
        tangents[o].reshape([-1]).select(0, k).detach(),
        inner(gradients(fn, inputs, us), vs).detach(),
      );
    }
}

/** The second derivative times a vector: forward over reverse, reverse over forward, reverse over reverse. */
function compareNesting(fn: Fn, inputs: torch.Tensor[]): void {
  const vs = inputs.map(like);
  const us = torch.noGrad(() => fn(...inputs)).map(like);
  const leaves = inputs.map((x) => x.detach().requiresGrad_());
  const expected = gradients((...xs) => gradients(fn, xs, us, true), leaves, vs);
  const [, forwardOverReverse] = jvp((...xs: torch.Tensor[]) => gradients(fn, xs, us), leaves, vs);
  const reverseOverForward = gradients(
    (...xs) => jvp((...ys: torch.Tensor[]) => fn(...ys), xs, vs)[1],
    leaves,
    us,
  );
  for (const [i, e] of expected.entries()) {
    expectClose(forwardOverReverse[i].detach(), e.detach());
    expectClose(reverseOverForward[i].detach(), e.detach());
  }
}

/** A change in place has the derivatives of the op that makes a new tensor, the second ones too. */
function compareInPlace(fn: Fn, changing: Fn, inputs: torch.Tensor[]): void {
  const vs = inputs.map(like);
  const us = torch.noGrad(() => fn(...inputs)).map(like);
  const derivatives = (f: Fn): torch.Tensor[] => {
    const leaves = inputs.map((x) => x.detach().requiresGrad_());
    return [
      ...jvp((...xs: torch.Tensor[]) => f(...xs), inputs, vs)[1],
      ...gradients((...xs) => gradients(f, xs, us, true), leaves, vs),
      ...jvp((...xs: torch.Tensor[]) => gradients(f, xs, us), leaves, vs)[1],
    ];
  };
  const expected = derivatives(fn);
  for (const [i, d] of derivatives(changing).entries()) expectClose(d.detach(), expected[i].detach());
}

const changesInPlace = new Set(
  allOps()
    .filter((op) => op.schema.name.endsWith('_'))
    .map((op) => op.schema.source),
);

/** Gradients against finite differences, forward mode against backward mode, second derivatives, the in-place form. */
function checkSample(op: Op, sample: Sample, nesting = true): void {
  stream = new torch.Generator().manualSeed(5);
  torch.manualSeed(5);
  const { fn, inputs } = asFunction(op, sample);
  if (inputs.length === 0) return;
  const where = (check: () => void) => {
    try {
      check();
    } catch (error) {
      throw new Error(`${sample.label}: ${(error as Error).message}`);
    }
  };
  where(() => expect(torch.autograd.gradcheck(fn, inputs)).toBe(true));
  where(() =>
    expect(
      torch.autograd.gradgradcheck(
        fn,
        inputs,
        fn(...inputs).map((y) => like(y).requiresGrad_()),
        { fastMode: true },
      ),
    ).toBe(true),
  );
  where(() => compareModes(fn, inputs));
  if (nesting) where(() => compareNesting(fn, inputs));
  const self = sample.args[0];
  const fits =
    changesInPlace.has(op.schema.source) &&
    op instanceof RecordedOp &&
    self instanceof torch.Tensor &&
    self.requiresGrad &&
    String(real(self).shape) === String(fn(...inputs)[0].shape);
  if (fits) where(() => compareInPlace(fn, asFunction(op, sample, true).fn, inputs));
}

const named = (ops: readonly Op[]) => ops.map((op) => [op.schema.source, op] as const);

describe('every differentiable row', () => {
  it('is sampled with tensors to differentiate by', () => {
    expect(rows.length).toBeGreaterThan(200);
    for (const op of rows)
      expect(asFunction(op, samplesOf(op)[0]).inputs.length, op.schema.source).toBeGreaterThan(0);
  });

  it.each(named(rows))('%s', (_, op) => {
    for (const sample of samplesOf(op)) checkSample(op, sample);
  });

  const withComplex = rows.flatMap((op) => {
    const samples = samplesOf(op).map((sample) => complexSample(op, sample));
    return samples.every((s) => s !== null) ? [[op.schema.source, op, samples] as const] : [];
  });

  it('with a complex form is sampled', () => expect(withComplex.length).toBeGreaterThan(100));

  it.each(withComplex)('of complex numbers, %s', (_, op, samples) => {
    for (const sample of samples) checkSample(op, sample);
  });
});

/** Ops made of others have no formulas of their own: those are checked whose arguments can be made, which are most. */
describe('ops made of others', () => {
  const runs = (op: Op, sample: Sample): boolean => {
    const { fn, inputs } = asFunction(op, sample);
    try {
      return torch.noGrad(() => fn(...inputs)).length > 0 && inputs.length > 0;
    } catch {
      return false;
    }
  };
  const sampled = composites.flatMap((op) => {
    const samples = samplesOf(op).filter((sample) => runs(op, sample));
    return samples.length > 0 ? [[op.schema.source, op, samples] as const] : [];
  });

  it('are sampled, most of them', () => expect(sampled.length).toBeGreaterThan(200));

  it.each(sampled)('%s', (_, op, samples) => {
    // Their parts have been checked in every form: the first sample stands for how they are put together.
    for (const [i, sample] of samples.entries()) checkSample(op, sample, i === 0);
  });
});
