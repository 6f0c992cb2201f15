import { snakeCase } from '../../../core/camel_case.js';
import { IndexError, NotImplementedError, ValueError } from '../../../core/errors.js';
import { host } from '../../../core/host.js';
import { libraryClass } from '../../../core/object.js';
import { formatBool, formatFloat, formatNumber } from '../../../core/repr.js';
import { floats } from '../../../core/signature/signature.js';
import { Tensor } from '../../../core/tensor.js';
import { flatten, unflatten } from '../../../func/tree.js';
import { type Portable, portable } from '../../../utils/data/portable.js';
import { Image as TVImage, Video } from '../../tv_tensors/tv_image.js';
import { TVTensor } from '../../tv_tensors/tv_tensor.js';
import { Image } from '../image.js';
import { Transform as AnyTransform } from '../transform.js';
import { chance } from '../transform_draws.js';
import { isArray } from './functional/value_functions.js';

/** Arguments of a constructor, as they were bound. */
export type Settings = Readonly<Record<string | symbol, unknown>>;

/** The values that a transform draws for a whole sample, by name. */
export type Params = Readonly<Record<string, unknown>>;

/** Lists of whole numbers; all others are of floats. */
const wholeLists = new Set(['size', 'padding', 'kernelSize', 'quality', 'minSize', 'targetSize']);

/** The sample with other things in place of those of a kind. */
export type Replaced<T, From, To> = T extends From
  ? To
  : T extends Tensor | Image
    ? T
    : T extends readonly unknown[] | Readonly<Record<string, unknown>>
      ? { [K in keyof T]: Replaced<T[K], From, To> }
      : T;

/** The parts of a sample: of lists and plain objects, as deep as they go. */
export const partsOf = (sample: unknown) => flatten(sample, isArray);

/**
 * The base of transforms of samples: an image alone, or with boxes, masks and labels in lists and plain objects, as deep as they go. Images, videos, masks,
 * boxes and points are changed together; everything else stays. A plain tensor is an image if the sample has no image or video,
 * and if it is the first.
 *
 * @example
 * class Halved extends transforms.v2.Transform {
 *   protected override transform(input) {
 *     return transforms.v2.functional.resize(input, [8, 8]);
 *   }
 * }
 */
export abstract class Transform<P extends object = Params, From = never, To = From> extends AnyTransform<
  unknown,
  unknown
> {
  /** Which of the settings are Python's floats though they may be whole. */
  readonly #floats: ReadonlySet<string>;

  /** @internal @param settings the arguments of a transform of this package, by which it travels to workers */
  constructor(settings?: Settings);
  constructor();
  constructor(settings: Settings | null = null) {
    super();
    this.#floats = (settings?.[floats] as ReadonlySet<string> | undefined) ?? new Set();
    if (settings === null) return;
    const value = (): Portable => {
      const module = host().module('vision/transforms/v2/index.js');
      return { module, name: this.constructor.name, args: [{ ...settings }] };
    };
    Object.defineProperty(this, portable, { value, configurable: true });
  }

  /** Refuses samples that it can't transform. */
  protected checkInputs(_parts: readonly unknown[]): void {}

  /** Draws what it does with the whole sample, of which it is given the parts that it transforms. */
  protected makeParams(_parts: readonly unknown[]): P {
    return {} as P;
  }

  /** Transforms one part of a sample. */
  protected transform(_input: unknown, _params: P): unknown {
    throw new NotImplementedError(`${this.constructor.name}.transform`);
  }

  /** @internal Whether a part is of a kind that it transforms. */
  protected isTransformed(part: unknown): boolean {
    return part instanceof Tensor || part instanceof Image;
  }

  /** @internal Which parts of a sample it transforms. */
  protected transformedParts(parts: readonly unknown[]): boolean[] {
    let plainIsImage = !parts.some(
      (part) => part instanceof TVImage || part instanceof Video || part instanceof Image,
    );
    return parts.map((part) => {
      if (!this.isTransformed(part)) return false;
      if (!(part instanceof Tensor) || part instanceof TVTensor) return true;
      const isFirst = plainIsImage;
      plainIsImage = false;
      return isFirst;
    });
  }

  forward<const T extends readonly [unknown, unknown, ...unknown[]], R = T>(...inputs: T): R;
  forward<T, R = [From] extends [never] ? T : Replaced<T, From, To>>(input: T): R;
  forward(...inputs: readonly unknown[]): unknown {
    return this.applied(sampleOf(inputs), inputs.length > 1);
  }

  /** @internal The sample, transformed; `_several` tells whether it is a list of several arguments. */
  protected applied(sample: unknown, _several: boolean): unknown {
    const { leaves, spec } = partsOf(sample);
    this.checkInputs(leaves);
    return this.changed(sample, leaves, (parts) => unflatten(spec, parts));
  }

  /** @internal */
  protected changed(
    _sample: unknown,
    leaves: readonly unknown[],
    whole: (parts: unknown[]) => unknown,
  ): unknown {
    const isTransformed = this.transformedParts(leaves);
    const params = this.makeParams(leaves.filter((_, i) => isTransformed[i]));
    return whole(leaves.map((part, i) => (isTransformed[i] ? this.transform(part, params) : part)));
  }

  /** Its settings between the parentheses of its text. */
  protected extraRepr(): string {
    const shown = Object.entries(this).flatMap(([name, value]) => {
      const text = name.startsWith('_') ? null : this.textOf(name, value);
      return text === null ? [] : [`${snakeCase(name)}=${text}`];
    });
    return shown.join(', ');
  }

  private textOf(name: string, value: unknown): string | null {
    if (typeof value === 'boolean') return formatBool(value);
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return this.#floats.has(name) ? formatFloat(value) : formatNumber(value);
    if (!Array.isArray(value)) return null;
    const items = value.map((item) => {
      if (typeof item !== 'number') return String(item);
      return wholeLists.has(name) ? String(item) : formatFloat(item);
    });
    // Frozen lists are Python's tuples.
    return Object.isFrozen(value)
      ? `(${items.join(', ')}${items.length === 1 ? ',' : ''})`
      : `[${items.join(', ')}]`;
  }

  protected override describe(): string {
    return `(${this.extraRepr()})`;
  }
}

libraryClass(Transform);

/** The sample that a transform is called with: one argument, or the list of several. */
export function sampleOf(inputs: readonly unknown[]): unknown {
  if (inputs.length === 0) throw new IndexError('tuple index out of range');
  return inputs.length === 1 ? inputs[0] : inputs;
}

/** Transforms samples with probability `p`. */
export abstract class RandomApplyTransform<P extends object = Params> extends Transform<P> {
  /** The probability of it. */
  readonly p: number;

  constructor(settings: Settings & { readonly p: number }) {
    const { p } = settings;
    if (!(p >= 0 && p <= 1))
      throw new ValueError('`p` should be a floating point value in the interval [0.0, 1.0].');
    super(settings);
    this.p = p;
  }

  protected override changed(
    sample: unknown,
    leaves: readonly unknown[],
    whole: (parts: unknown[]) => unknown,
  ): unknown {
    return chance() >= this.p ? sample : super.changed(sample, leaves, whole);
  }
}
