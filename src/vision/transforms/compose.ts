import { float32 } from '../../core/dtype.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { ops } from '../../dispatch/registry.js';
import { typeName } from '../../dispatch/type_name.js';
import { tensor } from '../../ops/from_data.js';
import { apply, type Portable, portable, Transform, type TransformLike, travelsAs } from './transform.js';

/** Lists transforms the way torchvision's containers print them. */
function listed(transforms: readonly TransformLike[]): string {
  const lines = transforms.map((t) => `\n    ${typeof t === 'function' ? t.name || '<lambda>' : t}`);
  return `(${lines.join('')}\n)`;
}

/** The result of a transform. */
type OutputOf<T> = T extends { forward(input: never): infer Out }
  ? Out
  : T extends (input: never) => infer Out
    ? Out
    : unknown;
/** The result of the last of several transforms. */
export type OutputOfLast<T extends readonly unknown[]> = T extends readonly [...unknown[], infer Last]
  ? OutputOf<Last>
  : unknown;

function joined(transforms: readonly TransformLike[]): TransformLike[] {
  const steps: TransformLike[] = [];
  for (const transform of transforms) {
    const previous = steps[steps.length - 1];
    const both =
      previous !== undefined && transform instanceof Transform ? (transform.after?.(previous) ?? null) : null;
    if (both === null) steps.push(transform);
    else steps[steps.length - 1] = both;
  }
  return steps;
}

const compose = signature('Compose(Any transforms)');

function listOf(name: string, transforms: unknown): readonly TransformLike[] {
  if (!Array.isArray(transforms))
    throw new TypeError(
      `'${typeName(transforms)}' object is not iterable; write new ${name}([first, second])`,
    );
  return transforms as TransformLike[];
}

/** Several transforms, one after the other. */
export class Compose<const T extends readonly TransformLike[] = readonly TransformLike[]> extends Transform<
  unknown,
  OutputOfLast<T>
> {
  /** The transforms, with neighbours joined where one pass does for both. */
  private readonly steps: readonly TransformLike[];

  readonly transforms: T;

  /** @param transforms the transforms, in their order */
  constructor(...args: Arguments<typeof compose, { transforms: T }>) {
    super();
    const { transforms } = compose.bind(args);
    this.transforms = listOf('Compose', transforms) as T;
    this.steps = joined(this.transforms);
  }

  forward(input: unknown): OutputOfLast<T> {
    let value = input;
    for (const transform of this.steps) value = apply(transform, value);
    return value as OutputOfLast<T>;
  }

  protected override describe(): string {
    return listed(this.transforms);
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('Compose', [this.transforms]);
  }
}

const randomApply = signature('RandomApply(Any transforms, float p=0.5)');

/** Several transforms, all of them or none. */
export class RandomApply extends Transform {
  readonly transforms: readonly TransformLike[];
  readonly p: number;

  /**
   * @param transforms the transforms, in their order
   * @param p the probability of applying them
   */
  constructor(...args: Arguments<typeof randomApply, { transforms: readonly TransformLike[] }>) {
    super();
    const { transforms, p } = randomApply.bind(args);
    this.transforms = listOf('RandomApply', transforms);
    this.p = p;
  }

  forward(input: unknown): unknown {
    if (this.p < ops.rand([1]).item()) return input;
    let value = input;
    for (const transform of this.transforms) value = apply(transform, value);
    return value;
  }

  protected override describe(): string {
    const lines = this.transforms.map((t) => `\n    ${t}`);
    return `(\n    p=${this.p}${lines.join('')}\n)`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('RandomApply', [this.transforms, this.p]);
  }
}

/** Runs transforms in an order that it draws. */
abstract class RandomTransforms extends Transform {
  readonly transforms: readonly TransformLike[];

  constructor(transforms: unknown) {
    super();
    if (!Array.isArray(transforms)) throw new TypeError('Argument transforms should be a sequence');
    this.transforms = transforms as readonly TransformLike[];
  }

  protected override describe(): string {
    return listed(this.transforms);
  }
}

const randomOrder = signature('RandomOrder(Any transforms)');

/** Several transforms in a random order, which torch's generator draws as that of `transforms.v2` does. */
export class RandomOrder extends RandomTransforms {
  /** @param transforms the transforms */
  constructor(...args: Arguments<typeof randomOrder, { transforms: readonly TransformLike[] }>) {
    super(randomOrder.bind(args).transforms);
  }

  forward(input: unknown): unknown {
    const order = ops.randperm(this.transforms.length).tolist() as number[];
    return order.reduce((value, i) => apply(this.transforms[i], value), input);
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('RandomOrder', [this.transforms]);
  }
}

const randomChoice = signature('RandomChoice(Any transforms, float[]? p=None)');

/** One of several transforms, which torch's generator draws as that of `transforms.v2` does. */
export class RandomChoice extends RandomTransforms {
  readonly p: readonly number[] | null;

  /**
   * @param transforms the transforms
   * @param p how probable each is
   */
  constructor(...args: Arguments<typeof randomChoice, { transforms: readonly TransformLike[] }>) {
    const { transforms, p } = randomChoice.bind(args);
    super(transforms);
    if (p !== null && p.length !== this.transforms.length)
      throw new ValueError('The number of weights does not match the population');
    this.p = p;
  }

  forward(input: unknown): unknown {
    const weights = this.p ?? this.transforms.map(() => 1);
    const sum = weights.reduce((a, b) => a + b, 0);
    const chosen = ops
      .multinomial(
        tensor(
          weights.map((weight) => weight / sum),
          { dtype: float32 },
        ),
        1,
      )
      .item() as number;
    return apply(this.transforms[chosen], input);
  }

  protected override describe(): string {
    const weights = this.p === null ? 'None' : `[${this.p.join(', ')}]`;
    return `${super.describe()}(p=${weights})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('RandomChoice', [this.transforms, this.p]);
  }
}

const lambda = signature('Lambda(Any lambd)');

/** A function as a transform. It does not travel to workers. */
export class Lambda<In = unknown, Out = unknown> extends Transform<In, Out> {
  readonly lambd: (input: In) => Out;

  /** @param lambd the function */
  constructor(...args: Arguments<typeof lambda, { lambd: (input: In) => Out }>) {
    super();
    const { lambd } = lambda.bind(args);
    if (typeof lambd !== 'function') {
      throw new TypeError(`Argument lambd should be callable, got '${typeName(lambd)}'`);
    }
    this.lambd = lambd as (input: In) => Out;
  }

  forward(input: In): Out {
    return this.lambd(input);
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('Lambda', [this.lambd]);
  }
}
