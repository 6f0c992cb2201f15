/** Weights that go with models: where they are and what belongs to them. */

import { KeyError, TypeError } from '../../core/errors.js';
import { inspect } from '../../core/inspect.js';
import { libraryClass } from '../../core/object.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { loadStateDictFromUrl } from '../../hub/state_dicts.js';
import type { MapLocation } from '../../io/index.js';
import type { StateDict } from '../../nn/module_state.js';
import type { ImageClassification, ObjectDetection, SemanticSegmentation } from '../transforms/presets.js';

/** A transform that makes images ready for models. */
export type ImageTransform = ImageClassification | SemanticSegmentation | ObjectDetection;

/** The facts about weights. */
export interface WeightsMeta {
  /** The names of the classes. */
  readonly categories: readonly string[] | null;
  /** How many parameters the model has. */
  readonly numParams: number;
  /** The height and width that images must have at least. */
  readonly minSize?: readonly number[];
  /** Where it is told how they were trained. */
  readonly recipe?: string;
  readonly license?: string;
  /** Results on data sets: `{ 'ImageNet-1K': { 'acc@1': 69.758 } }`. */
  readonly _metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Thousands of millions of multiplications for an image. */
  readonly _ops: number;
  /** In megabytes. */
  readonly _fileSize: number;
  readonly [name: string]: unknown;
}

/** The address of weights, what makes their images ready, and what is known of them. */
export interface Weights<T = ImageTransform> {
  /** Where the file is; its name ends with the begin of its SHA-256. */
  readonly url: string;
  /** Makes the transform of images for the model: `weights.transforms().forward(image)`. */
  readonly transforms: (options?: object) => T;
  readonly meta: WeightsMeta;
}

const getStateDict = signature(
  'get_state_dict(str? model_dir=None, Any map_location=None, bool progress=True, bool check_hash=False, str? file_name=None, bool weights_only=True)',
);

/** One of the weights of a model: `ResNet18_Weights.IMAGENET1K_V1`. */
export class WeightsEnum<T = ImageTransform> {
  /** @internal */
  constructor(
    private readonly owner: string,
    /** Its name among the weights of the model. */
    readonly name: string,
    readonly value: Weights<T>,
  ) {}

  get url(): string {
    return this.value.url;
  }

  get transforms(): (options?: object) => T {
    return this.value.transforms;
  }

  get meta(): WeightsMeta {
    return this.value.meta;
  }

  /** Downloads the weights, unless they are in the cache: the arguments of `torch.hub.loadStateDictFromUrl` but the address. */
  async getStateDict(
    ...args: Arguments<typeof getStateDict, { mapLocation: MapLocation | null }>
  ): Promise<StateDict> {
    const given = getStateDict.bind(args);
    return loadStateDictFromUrl(this.url, { ...given, mapLocation: given.mapLocation as MapLocation | null });
  }

  toString(): string {
    return `${this.owner}.${this.name}`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

libraryClass(WeightsEnum);

/** All weights of a model, by their names; `DEFAULT` are the best. */
export class WeightsTable {
  /** @internal */
  constructor(
    /** The name of the whole: 'ResNet18_Weights'. */
    readonly name: string,
    private readonly entries: ReadonlyMap<string, WeightsEnum>,
  ) {
    for (const [key, entry] of entries) Object.defineProperty(this, key, { value: entry, enumerable: true });
  }

  /** Each of the weights, once. */
  [Symbol.iterator](): Iterator<WeightsEnum> {
    return new Set(this.entries.values()).values();
  }

  /**
   * The weights that were meant: by themselves, by name or by full name; null where none are.
   *
   * @internal
   */
  verify(given: unknown): WeightsEnum | null {
    if (given === null || given === undefined) return null;
    if (typeof given === 'string') return this.named(given.replace(`${this.name}.`, ''));
    for (const entry of this) if (entry === given) return entry;
    throw new TypeError(
      `Invalid Weight class provided; expected ${this.name} but received ${given instanceof WeightsEnum ? String(given).split('.')[0] : typeName(given)}.`,
    );
  }

  /** @internal */
  named(name: string): WeightsEnum {
    const found = this.entries.get(name);
    if (found === undefined) throw new KeyError(`'${name}'`);
    return found;
  }

  toString(): string {
    return `<enum '${this.name}'>`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

libraryClass(WeightsTable, { shown: [] });

/** The weights of a model by their names, as properties. */
export type WeightsOf<Names extends string, T = ImageTransform> = WeightsTable & {
  readonly [N in Names | 'DEFAULT']: WeightsEnum<T>;
};

/** Weights by name, of which one is the best. */
/* @__NO_SIDE_EFFECTS__ */
export function weightsEnum<Names extends string, T extends ImageTransform>(
  name: string,
  all: Readonly<Record<Names, Weights<T>>>,
  best: NoInfer<Names>,
): WeightsOf<Names, T> {
  const entries = new Map<string, WeightsEnum<T>>();
  for (const [key, value] of Object.entries<Weights<T>>(all))
    entries.set(key, new WeightsEnum(name, key, value));
  entries.set('DEFAULT', entries.get(best)!);
  return new WeightsTable(name, entries as ReadonlyMap<string, WeightsEnum>) as WeightsOf<Names, T>;
}
