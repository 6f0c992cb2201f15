/** Random numbers: PyTorch's CPU streams to the bit. Every function takes a `generator`. */

import { backendOf } from '../core/backends.js';
import { cppName } from '../core/cpp_names.js';
import { getDefaultDevice, getDefaultDtype } from '../core/defaults.js';
import { type DeviceLike, toDevice } from '../core/device.js';
import { bool, Category, type DType, float16, float32, float64, int64 } from '../core/dtype.js';
import { NotImplementedError, RuntimeError } from '../core/errors.js';
import { defaultGenerator, type Generator } from '../core/generator.js';
import type { Shape } from '../core/layout.js';
import { type MemoryFormat, stridesIn } from '../core/memory_format.js';
import { checkHolds } from '../core/overflow.js';
import { formatNumber } from '../core/repr.js';
import { roundedTo } from '../core/small_floats.js';
import { asLeaf, type Tensor } from '../core/tensor.js';
import { finfo, iinfo } from '../core/type_info.js';
import { checkSizes, empty, emptyStrided } from '../dispatch/empty.js';
import { notImplemented } from '../dispatch/promote.js';
import { noKernel, refused } from '../dispatch/real_only.js';
import { op, ops } from '../dispatch/registry.js';
import { holds, liesWithin } from './checks.js';
import { copyInto } from './copying.js';

/** The generator to draw from, with its state: seeding it later would overwrite the command that is being written. */
export function state(generator: Generator | null, { device }: Tensor): Generator {
  const { hasValues } = backendOf(device);
  if (hasValues && generator !== null && generator.device.type !== device.type)
    throw new RuntimeError(
      `Expected a '${device.type}' device type for generator but found '${generator.device.type}'`,
    );
  return (generator ?? defaultGenerator).ready();
}

function blank(size: Shape, dtype: DType | null, device: DeviceLike | null): Tensor {
  checkSizes(size);
  const where = device === null ? getDefaultDevice() : toDevice(device);
  return empty([...size], dtype ?? getDefaultDtype(), backendOf(where));
}

export function blankLike(
  self: Tensor,
  dtype: DType | null,
  device: DeviceLike | null,
  format: MemoryFormat | null = null,
): Tensor {
  const backend = device === null ? self.storage.backend : backendOf(toDevice(device));
  return emptyStrided(self.shape, stridesIn(format, self.shape, self.strides), dtype ?? self.dtype, backend);
}

export function floating(self: Tensor, name: string): void {
  if (self.dtype.category !== Category.float || self.dtype.family !== null)
    throw notImplemented(name, self.dtype);
}

/** @throws RuntimeError in PyTorch's words for a dtype that a continuous distribution has no numbers in */
function continuous(self: Tensor, distribution: string, typeName: string): void {
  if (self.dtype.category !== Category.float)
    throw new RuntimeError(
      `${distribution} distribution is a continuous probability distribution. dtype must be a floating point but you specified ${typeName}`,
    );
}

function finish(result: Tensor, requiresGrad: boolean): Tensor {
  return requiresGrad ? asLeaf(result) : result;
}

function uniform(self: Tensor, from: number, to: number, generator: Generator | null): Tensor {
  // As in PyTorch the parts are drawn as neighbours in memory are.
  if (self.isComplex()) {
    uniform(ops.viewAsReal(self.detach()), from, to, generator);
    return self;
  }
  floating(self, 'check_uniform_bounds');
  const { scalarName } = self.dtype;
  const { max } = finfo(self.dtype);
  for (const [name, value] of Object.entries({ from, to }))
    if (!(Math.abs(value) <= max))
      throw new RuntimeError(`${name} is out of bounds for ${cppName(self.dtype)}`);
  if (from > to)
    throw new RuntimeError(
      `uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`,
    );
  if (to - from > max)
    throw new RuntimeError(
      `uniform_ expects to-from <= std::numeric_limits<${scalarName}>::max(), but found to=${to} and from=${from} which result in to-from to exceed the limit`,
    );
  self.storage.backend.kernels.random_uniform(self, state(generator, self), from, to);
  return self;
}

function normal(self: Tensor, mean: number, std: number, generator: Generator | null): Tensor {
  if (!(std >= 0)) throw new RuntimeError(`normal expects std >= 0.0, but found std ${std}`);
  if (self.isComplex()) {
    // Both parts together have this deviation.
    normal(ops.viewAsReal(self.detach()), mean, std / Math.SQRT2, generator);
    return self;
  }
  floating(self, 'normal_kernel_cpu');
  self.storage.backend.kernels.random_normal(self, state(generator, self), mean, std);
  return self;
}

/**
 * The ends of a range of integers as a dtype can hold them: those of floats move inwards to the next number that there is.
 *
 * @throws RuntimeError in PyTorch's words for an end that the dtype has no value for
 */
function inRange(dtype: DType, low: number, high: number): [low: number, high: number] {
  const [first, end] = dtype.isFloatingPoint ? roundedInwards(dtype, low, high) : [low, high];
  const check = (value: number, what: string): void => {
    if (!fits(dtype, value)) throw new RuntimeError(`${what} is out of bounds for ${cppName(dtype)}`);
  };
  check(first, 'from');
  check(end - 1, 'to - 1');
  return [first, end];
}

/** Whether a dtype's range has an integer in it. */
function fits(dtype: DType, value: number): boolean {
  if (dtype === bool) return value === 0 || value === 1;
  const { min, max } = dtype.isFloatingPoint ? finfo(dtype) : iinfo(dtype);
  return value >= min && value <= max;
}

/** As PyTorch's `update_from` and `update_to`: an end that rounds outwards goes one step of the dtype inwards. */
function roundedInwards(dtype: DType, low: number, high: number): [low: number, high: number] {
  // Significant binary digits: eps is the step behind 1.
  const digits = 1 - Math.log2(finfo(dtype).eps);
  const step = (value: number): number => 2 ** (Math.floor(Math.log2(Math.abs(value))) - digits + 1);
  const [next, last] = [roundedTo(dtype, low + 1), roundedTo(dtype, high - 1)];
  return [next < low ? next + step(low + 1) : low, last >= high ? last - step(high - 1) : high];
}

function integers(self: Tensor, low: number, high: number, generator: Generator | null): Tensor {
  if (low >= high)
    throw new RuntimeError(`random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`);
  const [first, end] = inRange(self.dtype, low, high);
  if (self.dtype.family === 'float8') throw notImplemented('random_update_from_to', self.dtype);
  const { backend } = self.storage;
  const drawn = self.dtype.family === null ? self : empty(self.shape, int64, backend);
  backend.kernels.random_integers(drawn, state(generator, self), first, end - first);
  if (drawn !== self) copyInto(self, drawn);
  return self;
}

op(
  'rand(int[] size, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'Numbers drawn evenly from [0, 1).',
    batch: { draws: 'size' },
    composite: (size, generator, dtype, device, grad) =>
      finish(uniform(blank(size, dtype, device), 0, 1, generator), grad),
  },
);

op(
  'randn(int[] size, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'Numbers from the standard normal distribution.',
    batch: { draws: 'size' },
    composite: (size, generator, dtype, device, grad) =>
      finish(normal(blank(size, dtype, device), 0, 1, generator), grad),
  },
);

op(
  'rand_like(Tensor self, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, MemoryFormat? memory_format=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'Numbers drawn evenly from [0, 1), with the sizes, dtype and device of `self` unless given.',
    batch: { draws: 'like' },
    method: false,
    composite: (self, generator, dtype, device, grad, _, format) =>
      finish(uniform(blankLike(self, dtype, device, format), 0, 1, generator), grad),
  },
);

op(
  'randn_like(Tensor self, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, MemoryFormat? memory_format=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'Numbers from the standard normal distribution, with the sizes, dtype and device of `self` unless given.',
    batch: { draws: 'like' },
    method: false,
    composite: (self, generator, dtype, device, grad, _, format) =>
      finish(normal(blankLike(self, dtype, device, format), 0, 1, generator), grad),
  },
);

op(
  'randint.high(int high, int[] size, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'Integers drawn evenly from [0, high); int64 unless given.',
    batch: { draws: 'size' },
    composite: (high, size, generator, dtype, device, grad) =>
      finish(integers(blank(size, dtype ?? int64, device), 0, high, generator), grad),
  },
);

op(
  'randint.low(int low, int high, int[] size, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'Integers drawn evenly from [low, high); int64 unless given.',
    batch: { draws: 'size' },
    composite: (low, high, size, generator, dtype, device, grad) =>
      finish(integers(blank(size, dtype ?? int64, device), low, high, generator), grad),
  },
);

op(
  'randint_like.high(Tensor self, int high, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, MemoryFormat? memory_format=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'Integers drawn evenly from [0, high), with the sizes, dtype and device of `self` unless given.',
    batch: { draws: 'like' },
    method: false,
    composite: (self, high, generator, dtype, device, grad, _, format) =>
      finish(integers(blankLike(self, dtype, device, format), 0, high, generator), grad),
  },
);

op(
  'randint_like.low(Tensor self, int low, int high, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, MemoryFormat? memory_format=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'Integers drawn evenly from [low, high), with the sizes, dtype and device of `self` unless given.',
    batch: { draws: 'like' },
    method: false,
    composite: (self, low, high, generator, dtype, device, grad, _, format) =>
      finish(integers(blankLike(self, dtype, device, format), low, high, generator), grad),
  },
);

op(
  'randperm(int n, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'The integers from 0 to n - 1 in random order; int64 unless given.',
    batch: { draws: 'loop' },
    composite(n, generator, dtype, device, grad) {
      if (dtype === bool || dtype?.isComplex || (dtype !== null && dtype.family !== null))
        throw new NotImplementedError(`"randperm" not implemented for '${dtype.scalarName}'`);
      // A larger one is no number of this type.
      if (dtype === float16 && n > 2049)
        throw new RuntimeError('n cannot be greater than 2049 for Half type.');
      if (dtype !== null) checkHolds(dtype, n);
      const result = blank([n], dtype ?? int64, device);
      result.storage.backend.kernels.random_permutation(result, state(generator, result));
      return finish(result, grad);
    },
  },
);

op('uniform(Tensor self, float from=0, float to=1, *, Generator? generator=None) -> Tensor', {
  doc: 'Fills with numbers drawn evenly from [from, to).',
  batch: { draws: 'broadcast' },
  functional: false,
  mutate: (self, from, to, generator) => void uniform(self, from, to, generator),
  vjp: { self: () => null },
});

op('normal(Tensor self, float mean=0, float std=1, *, Generator? generator=None) -> Tensor', {
  doc: 'Fills with numbers from the normal distribution of this mean and standard deviation.',
  batch: { draws: 'broadcast' },
  functional: false,
  mutate: (self, mean, std, generator) => void normal(self, mean, std, generator),
  vjp: { self: () => null },
});

op('random.to(Tensor self, int to, *, Generator? generator=None) -> Tensor', {
  doc: 'Fills with integers drawn evenly from [0, to).',
  batch: { draws: 'broadcast' },
  functional: false,
  mutate: (self, to, generator) => void integers(self, 0, to, generator),
});

op('random.from(Tensor self, int from, int to, *, Generator? generator=None) -> Tensor', {
  doc: 'Fills with integers drawn evenly from [from, to).',
  batch: { draws: 'broadcast' },
  functional: false,
  mutate: (self, from, to, generator) => void integers(self, from, to, generator),
});

op('random(Tensor self, *, Generator? generator=None) -> Tensor', {
  doc: "Fills with integers drawn evenly from the dtype's range (floats: as far as they are exact).",
  batch: { draws: 'broadcast' },
  functional: false,
  mutate: (self, generator) => self.storage.backend.kernels.random_full(self, state(generator, self)),
});

function checkProbability(p: number, name: string): void {
  if (!(p >= 0 && p <= 1))
    throw new RuntimeError(`${name} expects p to be in [0, 1], but got p=${formatNumber(p)}`);
}

op('bernoulli.float(Tensor self, float p=0.5, *, Generator? generator=None) -> Tensor', {
  doc: 'Fills with 1 at probability p, else 0.',
  batch: { draws: 'broadcast' },
  realOnly: noKernel('bernoulli_scalar_cpu_'),
  functional: false,
  mutate(self, p, generator) {
    checkProbability(p, 'bernoulli_');
    self.storage.backend.kernels.random_bernoulli(self, state(generator, self), p);
  },
  vjp: { self: () => null },
});

op('bernoulli.Tensor(Tensor self, Tensor p, *, Generator? generator=None) -> Tensor', {
  doc: 'Fills with 1 at the probabilities p, else 0.',
  batch: { draws: 'broadcast' },
  realOnly: noKernel('bernoulli_tensor_cpu_self_'),
  functional: false,
  mutate: (self, p, generator) => drawBernoulli(self, p.expand(self.shape), generator),
  vjp: { self: () => null, p: (grad) => grad.zerosLike() },
});

function drawBernoulli(out: Tensor, p: Tensor, generator: Generator | null): void {
  floating(p, 'bernoulli_tensor_cpu_p_');
  const wide = p.dtype === float64 ? p : p.to(float32);
  if (!liesWithin(wide, 0, 1))
    throw new RuntimeError('Expected p_in >= 0 && p_in <= 1 to be true, but got false.');
  out.storage.backend.kernels.random_bernoulli_tensor(out, state(generator, out), wide.contiguous());
}

op('bernoulli(Tensor self, *, Generator? generator=None) -> Tensor', {
  doc: 'A tensor of 0 and 1, drawn with the probabilities that `self` gives.',
  batch: { draws: 'leading' },
  realOnly: noKernel('bernoulli_tensor_cpu_self_'),
  inplace: false,
  forward(self, generator) {
    const result = blankLike(self, null, null);
    drawBernoulli(result, self, generator);
    return result;
  },
  vjp: { self: (grad) => grad.zerosLike() },
});

op('bernoulli.p(Tensor self, float p, *, Generator? generator=None) -> Tensor', {
  doc: 'A tensor like `self` with 1 at probability p, else 0.',
  batch: { draws: 'leading' },
  realOnly: noKernel('bernoulli_scalar_cpu_'),
  inplace: false,
  forward(self, p, generator) {
    checkProbability(p, 'bernoulli');
    const result = blankLike(self, null, null);
    result.storage.backend.kernels.random_bernoulli(result, state(generator, result), p);
    return result;
  },
});

op('poisson(Tensor input, *, Generator? generator=None) -> Tensor', {
  doc: 'A tensor of numbers of events, drawn from the Poisson distributions whose rates `input` gives.',
  method: false,
  reads: true,
  realOnly: noKernel('poisson_cpu'),
  forward(input, generator) {
    floating(input, 'poisson_cpu');
    if (!holds(input, (x) => x.ge(0).all()))
      throw new RuntimeError('invalid Poisson rate, expected rate to be non-negative');
    const result = blank(input.shape, input.dtype, input.device);
    result.storage.backend.kernels.random_poisson(result, state(generator, result), input);
    return result;
  },
  vjp: { input: (grad) => grad.zerosLike() },
});

op('exponential(Tensor self, float lambd=1, *, Generator? generator=None) -> Tensor', {
  doc: 'Fills with numbers from the exponential distribution of this rate.',
  batch: { draws: 'broadcast' },
  functional: false,
  mutate(self, lambd, generator) {
    continuous(self, 'Exponential', self.dtype.scalarName);
    if (!(lambd > 0))
      throw new RuntimeError(`exponential_ expects lambda > 0.0, but found lambda=${formatNumber(lambd)}`);
    self.storage.backend.kernels.random_exponential(self, state(generator, self), lambd);
  },
  vjp: { self: () => null },
});

op('geometric(Tensor self, float p, *, Generator? generator=None) -> Tensor', {
  doc: 'Fills with the number of trials until the first success at probability p.',
  batch: { draws: 'broadcast' },
  functional: false,
  mutate(self, p, generator) {
    if (self.dtype === bool) throw notImplemented('geometric_cpu', self.dtype);
    if (!(p > 0 && p < 1))
      throw new RuntimeError(`geometric_ expects p to be in (0, 1), but got p=${formatNumber(p)}`);
    self.storage.backend.kernels.random_geometric(self, state(generator, self), p);
  },
  vjp: { self: () => null },
});

op('cauchy(Tensor self, float median=0, float sigma=1, *, Generator? generator=None) -> Tensor', {
  doc: 'Fills with numbers from the Cauchy distribution.',
  batch: { draws: 'broadcast' },
  functional: false,
  mutate(self, median, sigma, generator) {
    continuous(self, 'Cauchy', cppName(self.dtype));
    if (!(sigma > 0))
      throw new RuntimeError(`cauchy_ expects sigma > 0.0, but found sigma=${formatNumber(sigma)}`);
    self.storage.backend.kernels.random_cauchy(self, state(generator, self), median, sigma);
  },
  vjp: { self: () => null },
});

op('log_normal(Tensor self, float mean=1, float std=2, *, Generator? generator=None) -> Tensor', {
  doc: 'Fills with exp of numbers from the normal distribution of this mean and standard deviation.',
  batch: { draws: 'broadcast' },
  functional: false,
  mutate(self, mean, std, generator) {
    floating(self, 'log_normal_cpu');
    if (!(std > 0)) throw new RuntimeError(`log_normal_ expects std > 0.0, but found std=${std}`);
    self.storage.backend.kernels.random_log_normal(self, state(generator, self), mean, std);
  },
  vjp: { self: () => null },
});

op('normal.tensors(Tensor mean, Tensor std, *, Generator? generator=None) -> Tensor', {
  doc: 'Numbers from normal distributions of these means and standard deviations.',
  realOnly: refused('normal expects standard deviation to be non-complex'),
  method: false,
  composite(mean, std, generator) {
    if (!holds(std.detach(), (s) => s.ge(0).all()))
      throw new RuntimeError('normal expects all elements of std >= 0.0');
    const [m, s] = ops.broadcastTensors([mean, std]);
    return blank(m.shape, m.dtype, m.device).normal_(0, 1, { generator }).mul(s).add(m);
  },
});

op('normal.std(Tensor mean, float std=1, *, Generator? generator=None) -> Tensor', {
  doc: 'Numbers from normal distributions of these means and this standard deviation.',
  method: false,
  composite: (mean, std, generator) => blankLike(mean, null, null).normal_(0, std, { generator }).add(mean),
});

op('normal.mean(float mean, Tensor std, *, Generator? generator=None) -> Tensor', {
  doc: 'Numbers from normal distributions of this mean and these standard deviations.',
  composite: (mean, std, generator) =>
    blankLike(std, null, null).normal_(0, 1, { generator }).mul(std).add(mean),
});

op(
  'normal.size(float mean, float std, int[] size, *, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'Numbers from the normal distribution of this mean and standard deviation.',
    batch: { draws: 'size' },
    composite: (mean, std, size, generator, dtype, device, grad) =>
      finish(normal(blank(size, dtype, device), mean, std, generator), grad),
  },
);

op(
  'multinomial(Tensor self, int num_samples, bool replacement=False, *, Generator? generator=None) -> Tensor',
  {
    doc: 'Draws indices with probabilities proportional to the weights in each row.',
    batch: {
      draws: (self, numSamples, replacement, generator, { size }) => {
        const rows = self
          .reshape([-1, self.shape[self.ndim - 1]])
          .multinomial(numSamples, replacement, { generator });
        return self.ndim === 3 ? rows.unflatten(0, [size, -1]) : rows;
      },
    },
    forward(self, numSamples, replacement, generator) {
      if (self.ndim < 1 || self.ndim > 2) throw new RuntimeError('prob_dist must be 1 or 2 dim');
      if (!self.isFloatingPoint())
        throw new RuntimeError(
          `multinomial only supports floating-point dtypes for input, got: ${self.dtype.scalarName}`,
        );
      if (numSamples <= 0) throw new RuntimeError('cannot sample n_sample <= 0 samples');
      const categories = self.shape[self.ndim - 1];
      if (!replacement && numSamples > categories)
        throw new RuntimeError('cannot sample n_sample > prob_dist.size(-1) samples without replacement');
      const weights = self.to(self.dtype === float64 ? float64 : float32);
      const shape = [...self.shape.slice(0, -1), numSamples];
      if (categories === 0)
        throw new RuntimeError(
          'aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.',
        );
      if (self.numel() === 0) return empty(shape, int64, self.storage.backend);
      if (
        !holds(
          weights,
          (w) => w.ge(0).all(),
          (w) => w.isfinite().all(),
        )
      )
        throw new RuntimeError('probability tensor contains either `inf`, `nan` or element < 0');
      if (!holds(weights, (w) => w.sum(-1).ne(0).all()))
        throw new RuntimeError('invalid multinomial distribution (sum of probabilities <= 0)');
      // One draw, or draws without replacement: the largest weight / exponential (the "exponential trick").
      if (!replacement || numSamples === 1) {
        const race = weights.div(weights.emptyLike().exponential_(1, { generator }));
        return numSamples === 1 ? race.argmax(-1, true) : race.topk(numSamples, -1)[1];
      }
      const out = empty(shape, int64, self.storage.backend);
      out.storage.backend.kernels.multinomial_replacement(
        self.ndim === 1 ? out.view([1, numSamples]) : out,
        state(generator, out),
        self.ndim === 1 ? weights.reshape([1, categories]) : weights.contiguous(),
      );
      return out;
    },
  },
);
