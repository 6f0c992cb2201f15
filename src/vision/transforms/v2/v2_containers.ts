/** Transforms of samples that are made of other transforms. */
import { float32 } from '../../../core/dtype.js';
import { TypeError, ValueError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { ops } from '../../../dispatch/registry.js';
import { tensor } from '../../../ops/from_data.js';
import { apply, type TransformLike } from '../transform.js';
import { chance } from '../transform_draws.js';
import { type Settings, Transform } from './sample_transform.js';

/** A transform of samples: an object with `forward`, or a function. */
export type SampleTransform = { forward(...inputs: never[]): unknown } | ((...inputs: never[]) => unknown);

const named = (transform: SampleTransform): string =>
  typeof transform === 'function' ? transform.name || '<lambda>' : String(transform);

/** A transform that runs others. */
abstract class Container extends Transform {
  readonly transforms: readonly SampleTransform[];

  constructor(settings: Settings, what = 'a sequence of callables') {
    const { transforms } = settings;
    if (!Array.isArray(transforms)) throw new TypeError(`Argument transforms should be ${what}`);
    if (transforms.length === 0) throw new ValueError('Pass at least one transform');
    super(settings);
    this.transforms = transforms as readonly SampleTransform[];
  }

  /** The sample after some of the transforms. A list of several arguments stays one. */
  protected run(sample: unknown, several: boolean, transforms: readonly SampleTransform[]): unknown {
    let value = sample;
    for (const transform of transforms) {
      if (!several) value = apply(transform as TransformLike, value);
      else if (typeof transform === 'function') value = transform(...(value as never[]));
      else value = transform.forward(...(value as never[]));
    }
    return value;
  }

  /** @internal */
  protected abstract override applied(sample: unknown, several: boolean): unknown;
}

const lines = (transforms: readonly SampleTransform[]): string =>
  transforms.map((transform) => `    ${named(transform)}`).join('\n');

/** Lines between a module's parentheses, as Python prints them. */
function indented(text: string): string {
  const all = text.split('\n');
  return all.length === 1 ? text : `\n  ${all.join('\n  ')}\n`;
}

const ofCompose = signature('Compose(Any transforms)');

/** Several transforms, one after the other. */
export class Compose extends Container {
  /** @param transforms the transforms, in their order */
  constructor(...args: Arguments<typeof ofCompose, { transforms: readonly SampleTransform[] }>) {
    super(ofCompose.bind(args));
  }

  /** @internal */
  protected override applied(sample: unknown, several: boolean): unknown {
    return this.run(sample, several, this.transforms);
  }

  protected override extraRepr(): string {
    return indented(lines(this.transforms));
  }
}

const ofApply = signature('RandomApply(Any transforms, float p=0.5)');

/** Several transforms, all of them or none. */
export class RandomApply extends Container {
  readonly p: number;

  /**
   * @param transforms the transforms, in their order
   * @param p the probability of applying them
   */
  constructor(...args: Arguments<typeof ofApply, { transforms: readonly SampleTransform[] }>) {
    const given = ofApply.bind(args);
    super(given, 'a sequence of callables or a `nn.ModuleList`');
    if (!(given.p >= 0 && given.p <= 1))
      throw new ValueError('`p` should be a floating point value in the interval [0.0, 1.0].');
    this.p = given.p;
  }

  /** @internal */
  protected override applied(sample: unknown, several: boolean): unknown {
    return chance() >= this.p ? sample : this.run(sample, several, this.transforms);
  }

  protected override extraRepr(): string {
    return indented(lines(this.transforms));
  }
}

const ofChoice = signature('RandomChoice(Any transforms, float[]? p=None)');

/** One of several transforms. */
export class RandomChoice extends Container {
  readonly p: readonly number[];

  /**
   * @param transforms the transforms
   * @param p how probable each is; by default equally
   */
  constructor(...args: Arguments<typeof ofChoice, { transforms: readonly SampleTransform[] }>) {
    const given = ofChoice.bind(args);
    super(given);
    const count = this.transforms.length;
    const weights = given.p ?? new Array<number>(count).fill(1);
    if (weights.length !== count)
      throw new ValueError(
        `Length of p doesn't match the number of transforms: ${weights.length} != ${count}`,
      );
    const sum = weights.reduce((a, b) => a + b, 0);
    this.p = weights.map((weight) => weight / sum);
  }

  /** @internal */
  protected override applied(sample: unknown, several: boolean): unknown {
    const chosen = ops.multinomial(tensor(this.p, { dtype: float32 }), 1).item() as number;
    return this.run(sample, several, [this.transforms[chosen]]);
  }
}

const ofOrder = signature('RandomOrder(Any transforms)');

/** Several transforms in a random order. */
export class RandomOrder extends Container {
  /** @param transforms the transforms */
  constructor(...args: Arguments<typeof ofOrder, { transforms: readonly SampleTransform[] }>) {
    super(ofOrder.bind(args));
  }

  /** @internal */
  protected override applied(sample: unknown, several: boolean): unknown {
    const order = ops.randperm(this.transforms.length).tolist() as number[];
    return this.run(
      sample,
      several,
      order.map((i) => this.transforms[i]),
    );
  }
}
