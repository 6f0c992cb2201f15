/** Functions that make models: `resnet18({ numClasses: 10 })`. */
import { camelCase } from '../../core/camel_case.js';
import { ValueError } from '../../core/errors.js';
import { formatBool, formatValue } from '../../core/repr.js';
import type { Arguments, Bound, Signed } from '../../core/signature/argument_types.js';
import { Signature } from '../../core/signature/signature.js';
import type { Module } from '../../nn/module.js';
import type { StateDict } from '../../nn/module_state.js';
import type { WeightsEnum, WeightsTable } from './model_weights.js';

/** Options of a model, by name. */
type OptionsOf<S extends string> = Exclude<Arguments<Signed<`model(*, ${S})`>>[0], undefined>;

/** Makes models of one kind. With weights it gives a promise, since those have to be loaded. */
export interface ModelBuilder<M extends Module, Options extends object> {
  (options: Options & { weights: WeightsEnum | string; progress?: boolean }): Promise<M>;
  (options?: Options & { weights?: null; progress?: boolean }): M;
  (options?: Options & { weights?: WeightsEnum | string | null; progress?: boolean }): M | Promise<M>;
}

/** A builder of which nothing is known. */
export type AnyModelBuilder = ModelBuilder<Module, Readonly<Record<string, unknown>>>;

/** Options as they were given and as they are bound. */
export interface Settings {
  /** Whether it was given. */
  has(name: string): boolean;
  /** The value that was given; undefined for none. */
  given(name: string): unknown;
  /** Sets an option. @throws ValueError in torchvision's words where another value was given */
  overwrite(name: string, value: unknown): void;
  /** Sets an option, whatever was given. */
  set(name: string, value: unknown): void;
}

interface Recipe<S extends string, M extends Module> {
  /** The name in Python. */
  readonly name: string;
  readonly weights: WeightsTable;
  /** The options in PyTorch's notation. */
  readonly options: S;
  make(given: Bound<`model(*, ${S})`>): M;
  /** Sets what weights ask of the options. */
  pretrained?(settings: Settings, weights: WeightsEnum): void;
  /** Weights with the names that the model has. */
  renamed?(state: StateDict): StateDict;
  /** Changes the model once its weights are there. */
  loaded?(model: M, settings: Settings): void;
}

/** The facts about a builder. */
export interface Known {
  readonly name: string;
  readonly weights: WeightsTable;
}

const known = new WeakMap<object, Known>();

/** The facts about a builder; undefined for another function. */
export function builderOf(value: unknown): Known | undefined {
  return typeof value === 'function' ? known.get(value) : undefined;
}

const text = (value: unknown): string =>
  typeof value === 'boolean' ? formatBool(value) : formatValue(value);

/** @throws ValueError in torchvision's words unless the values are the same */
export function checkExpected(name: string, given: unknown, value: unknown): void {
  if (JSON.stringify(given) !== JSON.stringify(value))
    throw new ValueError(
      `The parameter '${name}' expected value ${text(value)} but got ${text(given)} instead.`,
    );
}

/** Sets the number of classes to that of the weights, as most models do. */
function classesOf(settings: Settings, { meta }: WeightsEnum): void {
  if (meta.categories !== null) settings.overwrite('num_classes', meta.categories.length);
}

/** A function that makes models by this recipe. */
/* @__NO_SIDE_EFFECTS__ */
export function modelBuilder<const S extends string, M extends Module>(
  recipe: Recipe<S, M>,
): ModelBuilder<M, OptionsOf<S>> {
  const { name, weights: table, make } = recipe;
  const signature = new Signature(`${name}(*, Any weights=None, bool progress=True, ${recipe.options})`);
  const build = (...args: readonly unknown[]): M | Promise<M> => {
    const { weights, progress, ...bound } = signature.bind(args) as Readonly<Record<string, unknown>>;
    const given = (args[0] ?? {}) as Readonly<Record<string, unknown>>;
    const options = bound as Bound<`model(*, ${S})`>;
    const chosen = table.verify(weights);
    if (chosen === null) return make(options);
    const settings = new BuilderSettings(given, options as Record<string, unknown>);
    (recipe.pretrained ?? classesOf)(settings, chosen);
    const model = make(options);
    return fill(model, chosen, progress as boolean, recipe.renamed).then(() => {
      recipe.loaded?.(model, settings);
      return model;
    });
  };
  return register(build, { name, weights: table }) as ModelBuilder<M, OptionsOf<S>>;
}

/** Makes a function known as a builder. */
export function register<F extends object>(build: F, as: Known): F {
  Object.defineProperty(build, 'name', { value: as.name });
  known.set(build, as);
  return build;
}

/** Loads weights into a model. */
export async function fill(
  model: Module,
  weights: WeightsEnum,
  progress: boolean,
  renamed?: (state: StateDict) => StateDict,
): Promise<void> {
  const state = await weights.getStateDict({ progress, checkHash: true });
  model.loadStateDict(renamed?.(state) ?? state);
}

class BuilderSettings implements Settings {
  constructor(
    private readonly call: Readonly<Record<string, unknown>>,
    private readonly options: Record<string, unknown>,
  ) {}

  has(name: string): boolean {
    return this.given(name) !== undefined;
  }

  given(name: string): unknown {
    return this.call[camelCase(name)];
  }

  overwrite(name: string, value: unknown): void {
    if (this.has(name)) checkExpected(name, this.given(name), value);
    this.set(name, value);
  }

  set(name: string, value: unknown): void {
    this.options[camelCase(name)] = value;
  }
}
