import { noGradSync } from '../autograd/modes.js';
import { snakeCase } from '../core/camel_case.js';
import { NotImplementedError, ValueError } from '../core/errors.js';
import { inspect } from '../core/inspect.js';
import { type Shape, Size } from '../core/layout.js';
import { libraryClass } from '../core/object.js';
import { formatTuple } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takes } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { ops } from '../dispatch/registry.js';
import { holds } from '../ops/checks.js';
import { isDependent } from './constraints/composed_constraints.js';
import type { Constraint } from './constraints/constraint.js';
import { define, formatted, isLazy, joined } from './utils.js';

const distribution = signature(
  'Distribution(int[] batch_shape=[], int[] event_shape=[], bool? validate_args=None, Dict parameters={})',
);

let validatesByDefault = true;

/**
 * The base of all distributions.
 *
 * A subclass hands its parameters on by name: they become properties of the object, are checked against `argConstraints`,
 * printed, and expanded by `expand`.
 *
 * @example
 * class Shifted extends Distribution {
 *   declare readonly loc: torch.Tensor;
 *   constructor(loc: torch.Tensor) {
 *     super(loc.shape, [], null, { loc });
 *   }
 *   override get argConstraints() {
 *     return { loc: constraints.real };
 *   }
 * }
 */
export class Distribution {
  /** The shape of a sample over which it is made of several independent distributions. */
  readonly batchShape: Shape;
  /** The shape of a single sample, without batches. */
  readonly eventShape: Shape;
  /** Whether parameters and values are checked. */
  protected readonly validateArgs: boolean;

  /**
   * @param batchShape the shape of independent distributions
   * @param eventShape the shape of a single sample
   * @param validateArgs whether parameters and values are checked; null: as `setDefaultValidateArgs` has said
   * @param parameters the distribution's parameters, by name
   */
  constructor(...args: Arguments<typeof distribution>) {
    const { batchShape, eventShape, validateArgs, parameters } = distribution.bind(args, new.target.name);
    this.batchShape = batchShape;
    this.eventShape = eventShape;
    this.validateArgs = validateArgs ?? validatesByDefault;
    for (const [name, value] of Object.entries(parameters)) define(this, name, value);
    if (this.validateArgs) this.checkParameters();
  }

  /** Says whether distributions that are made from now on check their parameters and values, unless they are told themselves. */
  static setDefaultValidateArgs(value: boolean): void {
    validatesByDefault = value;
  }

  /** Whether there is `rsample`, which gradients pass. */
  get hasRsample(): boolean {
    return false;
  }

  /** Whether there is `enumerateSupport`. */
  get hasEnumerateSupport(): boolean {
    return false;
  }

  /** Constraints of the parameters, by their names. */
  get argConstraints(): Readonly<Record<string, Constraint>> {
    throw missing(this, 'argConstraints');
  }

  /** The constraint that samples satisfy. */
  get support(): Constraint {
    throw missing(this, 'support');
  }

  /** The mean. */
  get mean(): Tensor {
    throw missing(this, 'mean');
  }

  /** The value of the greatest density. */
  get mode(): Tensor {
    throw missing(this, 'mode');
  }

  /** The variance. */
  get variance(): Tensor {
    throw missing(this, 'variance');
  }

  /** The standard deviation. */
  get stddev(): Tensor {
    return this.variance.sqrt();
  }

  /**
   * A sample without a gradient.
   *
   * @param sampleShape how many, as a shape in front of those of batches and events
   */
  sample(sampleShape: Shape = []): Tensor {
    return noGradSync(() => this.rsample(sampleShape));
  }

  /**
   * A sample that is a differentiable function of the parameters.
   *
   * @param sampleShape how many, as a shape in front of those of batches and events
   */
  rsample(_sampleShape: Shape = []): Tensor {
    throw missing(this, 'rsample');
  }

  /** The logarithm of the probability (density) of a value: a tensor of the shape `sampleShape + batchShape`. */
  logProb(_value: Tensor): Tensor {
    throw missing(this, 'logProb');
  }

  /** The probability of a sample that is not greater than a value. */
  cdf(_value: Tensor): Tensor {
    throw missing(this, 'cdf');
  }

  /** The value that a sample is not greater than at this probability: the inverse of `cdf`. */
  icdf(_value: Tensor): Tensor {
    throw missing(this, 'icdf');
  }

  /**
   * All values that a discrete distribution has, along the first dimension.
   *
   * @param expand whether the result is expanded to the batch's shape; otherwise its batch dimensions are of size 1
   */
  enumerateSupport(_expand = true): Tensor {
    throw missing(this, 'enumerateSupport');
  }

  /** The entropy, by batches. */
  entropy(): Tensor {
    throw missing(this, 'entropy');
  }

  /** The perplexity, by batches. */
  perplexity(): Tensor {
    return this.entropy().exp();
  }

  /** The same distribution with parameters expanded to this batch shape, which share their memory. */
  expand(batchShape: Shape): this {
    return this.expandedWith(batchShape);
  }

  /** @internal A copy of this for a batch shape: its parameters expanded, and these fields instead of its own. */
  protected expandedWith(batchShape: Shape, fields: Readonly<Record<string, unknown>> = {}): this {
    const { argConstraints } = this;
    const made = Object.create(Object.getPrototypeOf(this) as object) as this;
    for (const [name, value] of Object.entries(this)) {
      const constraint = argConstraints[name];
      // Values that were computed from parameters are computed anew.
      if (constraint === undefined && isLazy(this, name)) continue;
      define(
        made,
        name,
        constraint === undefined ? value : expandParameter(value as Tensor, batchShape, constraint),
      );
    }
    for (const [name, value] of Object.entries({ batchShape, ...fields })) define(made, name, value);
    return made;
  }

  /** @internal The shape of samples: `sampleShape + batchShape + eventShape`. */
  protected extendedShape(sampleShape: Shape = []): Shape {
    return joined(sampleShape, this.batchShape, this.eventShape);
  }

  /** @internal The value whose probability is asked for, once it is found valid. */
  protected checked(value: unknown): Tensor {
    if (this.validateArgs) this.validateSample(value);
    return value instanceof Tensor ? value : ops.scalarTensor(value as number);
  }

  /** @internal @throws ValueError for a value that no sample can be */
  validateSample(value: unknown): asserts value is Tensor {
    if (!(value instanceof Tensor)) throw new ValueError('The value argument to log_prob must be a Tensor');
    const { shape } = value;
    const { batchShape, eventShape } = this;
    const event = shape.slice(Math.max(shape.length - eventShape.length, 0));
    if (event.join() !== eventShape.join())
      throw new ValueError(
        `The right-most size of value must match event_shape: ${Size.create(shape)} vs ${Size.create(eventShape)}.`,
      );
    const expected = joined(batchShape, eventShape);
    for (let i = 1; i <= Math.min(shape.length, expected.length); i++) {
      const [a, b] = [shape[shape.length - i], expected[expected.length - i]];
      if (a !== 1 && b !== 1 && a !== b)
        throw new ValueError(
          `Value is not broadcastable with batch_shape+event_shape: ${Size.create(shape)} vs ${Size.create(expected)}.`,
        );
    }
    const support = unlessMissing(() => this.support);
    if (support === null) {
      warn(
        `${this.constructor.name} does not define \`support\` to enable sample validation. Please initialize the distribution with \`validate_args=False\` to turn off validation.`,
      );
      return;
    }
    if (!satisfies(value, support))
      throw new ValueError(
        `Expected value argument (${described(value)}) to be within the support (${support}) of the distribution ${this}, but found invalid values:\n${formatted(value)}`,
      );
  }

  private checkParameters(): void {
    const argConstraints = unlessMissing(() => this.argConstraints);
    if (argConstraints === null)
      warn(
        `${this.constructor.name} does not define \`arg_constraints\`. Please set \`arg_constraints = {}\` or initialize the distribution with \`validate_args=False\` to turn off validation.`,
      );
    for (const [name, constraint] of Object.entries(argConstraints ?? {})) {
      if (isDependent(constraint) || (!Object.hasOwn(this, name) && isLazy(this, name))) continue;
      const value = Reflect.get(this, name) as Tensor;
      if (!satisfies(value, constraint))
        throw new ValueError(
          `Expected parameter ${snakeCase(name)} (${described(value)}) of distribution ${this} to satisfy the constraint ${constraint}, but found invalid values:\n${formatted(value)}`,
        );
    }
  }

  toString(): string {
    const parameters = Object.keys(unlessMissing(() => this.argConstraints) ?? {}).filter((name) =>
      Object.hasOwn(this, name),
    );
    const texts = parameters.map((name) => {
      const value = Reflect.get(this, name) as Tensor;
      return `${snakeCase(name)}: ${value.numel() === 1 ? formatted(value) : Size.create(value.shape)}`;
    });
    return `${this.constructor.name}(${texts.join(', ')})`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

/** Whether all values satisfy a constraint; where they can only be waited for nobody asks. */
function satisfies(value: Tensor, constraint: Constraint): boolean {
  return holds(value, (x) => noGradSync(() => constraint.check(x).all()));
}

/** A tensor in texts of errors: `Tensor of shape (2, 3)`. */
export function described(value: Tensor): string {
  return `${value.constructor.name} of shape ${formatTuple(value.shape)}`;
}

function expandParameter(value: Tensor, batchShape: Shape, { eventDim }: Constraint): Tensor {
  return value.expand(joined(batchShape, value.shape.slice(value.dim() - eventDim)));
}

function missing({ constructor: { name } }: object, what: string): NotImplementedError {
  return new NotImplementedError(`${name} does not implement ${what}`);
}

/** A property, or null where a class does not define it. */
function unlessMissing<R>(get: () => R): R | null {
  try {
    return get();
  } catch (error) {
    if (error instanceof NotImplementedError) return null;
    throw error;
  }
}

const methods: Readonly<Record<string, string>> = {
  sample: 'sample(int[] sample_shape=[])',
  rsample: 'rsample(int[] sample_shape=[])',
  logProb: 'log_prob(Value value)',
  cdf: 'cdf(Value value)',
  icdf: 'icdf(Value value)',
  enumerateSupport: 'enumerate_support(bool expand=True)',
  entropy: 'entropy()',
  perplexity: 'perplexity()',
  expand: 'expand(int[] batch_shape)',
};

/** Makes the methods of distributions that a class defines bind their arguments, by position or by name. */
export function distributionClass({ prototype }: { readonly prototype: object }): void {
  takes(
    prototype,
    Object.keys(methods).flatMap((name) => (Object.hasOwn(prototype, name) ? methods[name] : [])),
  );
}

libraryClass(Distribution);
distributionClass(Distribution);
takes(Distribution, ['set_default_validate_args(bool value)']);
