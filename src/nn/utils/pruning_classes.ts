/** Methods of pruning. */
import { AssertionError, IndexError, TypeError, ValueError } from '../../core/errors.js';
import { Size } from '../../core/layout.js';
import { PyFloat } from '../../core/pyfloat.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { BasePruningMethod, channelMask, type PruningType, pruningClass, without } from './pruning_method.js';

/** How much is pruned: a whole number of elements or channels, or a share between 0 and 1 (1 as `torch.pyfloat(1)`). */
export type Amount = number | PyFloat;

const isWhole = (amount: Amount): amount is number => typeof amount === 'number' && Number.isInteger(amount);

function checkAmount(amount: unknown): asserts amount is Amount {
  if (typeof amount !== 'number' && !(amount instanceof PyFloat))
    throw new TypeError(
      `Invalid type for amount: ${typeof amount === 'string' ? amount : formatValue(amount)}. Must be int or float.`,
    );
  const value = Number(amount);
  if (value < 0 || (!isWhole(amount) && !(value <= 1)))
    throw new ValueError(
      `amount=${amount} should either be a float in the range [0, 1] or a non-negative integer`,
    );
}

/** Python's round: halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** How many of so many are pruned. */
function countOf(amount: Amount, size: number): number {
  if (!isWhole(amount)) return roundHalfEven(Number(amount) * size);
  if (amount > size)
    throw new ValueError(`amount=${amount} should be smaller than the number of parameters to prune=${size}`);
  return amount;
}

/** The dimension, counted from the front, of a tensor whose channels are pruned. */
function channelDim({ shape, ndim }: Tensor, dim: number): number {
  if (ndim <= 1)
    throw new ValueError(
      `Structured pruning can only be applied to multidimensional tensors. Found tensor of shape ${Size.create(shape)} with ${ndim} dims`,
    );
  if (dim >= ndim) throw new IndexError(`Invalid index ${dim} for tensor of size ${Size.create(shape)}`);
  return dim < 0 ? dim + ndim : dim;
}

/** Prunes nothing, but makes parameters as if it did. */
export class PruningIdentity extends BasePruningMethod {
  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    return defaultMask.expandAs(t);
  }
}

const randomUnstructuredClass = signature('RandomUnstructured(Any amount)');
const l1UnstructuredClass = signature('L1Unstructured(Any amount)');

/** Prunes elements at random. */
export class RandomUnstructured extends BasePruningMethod {
  readonly amount: Amount;

  /** @param amount how many, or which share of them */
  constructor(...args: Arguments<typeof randomUnstructuredClass, { amount: Amount }>) {
    super();
    const { amount } = randomUnstructuredClass.bind(args, new.target.name);
    checkAmount(amount);
    this.amount = amount;
  }

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const count = countOf(this.amount, t.numel());
    if (count === 0) return defaultMask.clone();
    return without(defaultMask, ops.randLike(t).view([-1]).topk(count).indices);
  }
}

/** Prunes the elements that are nearest to zero. */
export class L1Unstructured extends BasePruningMethod {
  readonly amount: Amount;

  /** @param amount how many, or which share of them */
  constructor(...args: Arguments<typeof l1UnstructuredClass, { amount: Amount }>) {
    super();
    const { amount } = l1UnstructuredClass.bind(args, new.target.name);
    checkAmount(amount);
    this.amount = amount;
  }

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const count = countOf(this.amount, t.numel());
    if (count === 0) return defaultMask.clone();
    return without(defaultMask, t.detach().abs().reshape([-1]).topk(count, { largest: false }).indices);
  }
}

const randomStructuredClass = signature('RandomStructured(Any amount, int dim=-1)');
const lnStructuredClass = signature('LnStructured(Any amount, float n, int dim=-1)');

/** Prunes channels along a dimension at random. */
export class RandomStructured extends BasePruningMethod {
  readonly amount: Amount;
  readonly dim: number;

  /**
   * @param amount how many channels, or which share of them
   * @param dim the dimension
   */
  constructor(...args: Arguments<typeof randomStructuredClass, { amount: Amount }>) {
    super();
    const { amount, dim } = randomStructuredClass.bind(args, new.target.name);
    checkAmount(amount);
    this.amount = amount;
    this.dim = dim;
  }

  override get pruningType(): PruningType {
    return 'structured';
  }

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const dim = channelDim(t, this.dim);
    const size = t.shape[dim];
    const count = countOf(this.amount, size);
    if (count === 0) return defaultMask;
    const chances = ops.rand([size]);
    const kept = chances.gt(chances.kthvalue(count).values).nonzero().squeeze(-1).to(t.device);
    return channelMask(t, dim, kept).mul(defaultMask.to(t.dtype));
  }
}

/** Prunes the channels along a dimension whose norm is the least. */
export class LnStructured extends BasePruningMethod {
  readonly amount: Amount;
  readonly n: number;
  readonly dim: number;

  /**
   * @param amount how many channels, or which share of them
   * @param n the norm's order
   * @param dim the dimension
   */
  constructor(...args: Arguments<typeof lnStructuredClass, { amount: Amount }>) {
    super();
    const { amount, n, dim } = lnStructuredClass.bind(args, new.target.name);
    checkAmount(amount);
    this.amount = amount;
    this.n = n;
    this.dim = dim;
  }

  override get pruningType(): PruningType {
    return 'structured';
  }

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const dim = channelDim(t, this.dim);
    const size = t.shape[dim];
    const count = countOf(this.amount, size);
    if (count === 0) return defaultMask;
    const others = t.shape.map((_, d) => d).filter((d) => d !== dim);
    const kept = t
      .detach()
      .norm(this.n, others)
      .topk(size - count).indices;
    return channelMask(t, dim, kept).mul(defaultMask.to(t.dtype));
  }
}

const customClass = signature('CustomFromMask(Tensor mask)');

/** Prunes where a mask is zero. */
export class CustomFromMask extends BasePruningMethod {
  readonly mask: Tensor;

  /** @param mask 1 where elements stay, 0 elsewhere */
  constructor(...args: Arguments<typeof customClass>) {
    super();
    this.mask = customClass.bind(args, new.target.name).mask;
  }

  override get pruningType(): PruningType {
    return 'global';
  }

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const [a, b] = [defaultMask, this.mask].map(({ shape }) => Size.create(shape));
    if (String(a) !== String(b))
      throw new AssertionError(`default_mask shape ${a} must match self.mask shape ${b}`);
    return defaultMask.mul(this.mask.to(defaultMask.dtype)).expandAs(t);
  }
}

for (const one of [
  PruningIdentity,
  RandomUnstructured,
  L1Unstructured,
  RandomStructured,
  LnStructured,
  CustomFromMask,
])
  pruningClass(one);
