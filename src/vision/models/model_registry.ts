/** All models by name. */
import { TypeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { signed } from '../../core/signature/signed.js';
import type { Module } from '../../nn/module.js';
import * as alexnet from './alexnet.js';
import { type AnyModelBuilder, builderOf } from './builder.js';
import * as convnext from './convnext.js';
import * as densenet from './densenet.js';
import * as detection from './detection/index.js';
import * as efficientnet from './efficientnet.js';
import * as googlenet from './googlenet.js';
import * as inception from './inception.js';
import * as maxvit from './maxvit.js';
import * as mnasnet from './mnasnet.js';
import * as mobilenetV2 from './mobilenet_v2.js';
import * as mobilenetV3 from './mobilenet_v3.js';
import type { WeightsEnum, WeightsTable } from './model_weights.js';
import * as regnet from './regnet.js';
import * as resnet from './resnet.js';
import * as segmentation from './segmentation/index.js';
import * as shufflenetV2 from './shufflenet_v2.js';
import * as squeezenet from './squeezenet.js';
import * as swinTransformer from './swin_transformer.js';
import * as vgg from './vgg.js';
import * as visionTransformer from './vision_transformer.js';

let all: ReadonlyMap<string, AnyModelBuilder> | null = null;

/** Builders by their names in Python. */
function builders(): ReadonlyMap<string, AnyModelBuilder> {
  if (all !== null) return all;
  const families = [
    alexnet,
    convnext,
    densenet,
    detection,
    efficientnet,
    googlenet,
    inception,
    maxvit,
    mnasnet,
    mobilenetV2,
    mobilenetV3,
    regnet,
    resnet,
    segmentation,
    shufflenetV2,
    squeezenet,
    swinTransformer,
    vgg,
    visionTransformer,
  ];
  const found = new Map<string, AnyModelBuilder>();
  for (const family of families)
    for (const value of Object.values(family) as unknown[]) {
      const known = builderOf(value);
      if (known !== undefined) found.set(known.name, value as AnyModelBuilder);
    }
  all = found;
  return found;
}

/**
 * The function that makes a model.
 *
 * @param name the model's name in torchvision: 'mobilenet_v3_small'
 */
export const getModelBuilder = signed('get_model_builder(str name)', ({ name }): AnyModelBuilder => {
  const found = builders().get(name.toLowerCase());
  if (found === undefined) throw new ValueError(`Unknown model ${name.toLowerCase()}`);
  return found;
});

const ofModel = signature('get_model(str name, Object config=None)');

/** Options of a model. */
export type ModelConfig = Readonly<Record<string, unknown>>;

/**
 * A model by its name. With weights it is a promise.
 *
 * @param name the model's name in torchvision
 * @param config the options that its builder takes
 * @example
 * const net = models.getModel('resnet18', { numClasses: 10 });
 * const trained = await models.getModel('resnet18', { weights: 'DEFAULT' });
 */
export function getModel(
  name: string,
  config: ModelConfig & { weights: WeightsEnum | string },
): Promise<Module>;
export function getModel(name: string, config?: ModelConfig): Module;
export function getModel(
  ...args: Arguments<typeof ofModel, { config: ModelConfig }>
): Module | Promise<Module>;
export function getModel(...args: unknown[]): Module | Promise<Module> {
  const { name, config } = ofModel.bind(args);
  return getModelBuilder(name)((config ?? {}) as ModelConfig);
}

/**
 * The weights that there are for a model.
 *
 * @param name the model's name in torchvision, or the function that makes it
 */
export const getModelWeights = signed('get_model_weights(str|Callable name)', ({ name }): WeightsTable => {
  const known = builderOf(typeof name === 'string' ? getModelBuilder(name) : name);
  if (known === undefined) throw new ValueError("The method is missing the 'weights' argument.");
  return known.weights;
});

/**
 * Weights by their full name.
 *
 * @param name such as 'ResNet50_Weights.IMAGENET1K_V1'
 */
export const getWeight = signed('get_weight(str name)', ({ name }): WeightsEnum => {
  const parts = name.split('.');
  if (parts.length !== 2) throw new ValueError(`Invalid weight name provided: '${name}'.`);
  for (const builder of builders().values()) {
    const { weights } = builderOf(builder)!;
    if (weights.name === parts[0]) return weights.named(parts[1]);
  }
  throw new ValueError(`The weight enum '${parts[0]}' for the specific method couldn't be retrieved.`);
});

/** Filters of names, with `*`, `?` and `[…]` as in a shell. */
export type NameFilter = string | Iterable<string> | null;

function matches(filter: NameFilter, name: string): boolean {
  if (filter === null) return false;
  const patterns = typeof filter === 'string' ? [filter] : [...filter];
  return patterns.some((pattern) => {
    const source = pattern.replace(/\[!|[.+^${}()|\\]|\*|\?/g, (c) => {
      if (c === '*') return '.*';
      if (c === '?') return '.';
      return c === '[!' ? '[^' : `\\${c}`;
    });
    return new RegExp(`^${source}$`, 's').test(name);
  });
}

const listed = signature('list_models(Any module=None, Any include=None, Any exclude=None)');

/**
 * The names of models, in order.
 *
 * @param module only those of a namespace, such as `models.segmentation`
 * @param include only those that one of these filters takes: 'resnet*'
 * @param exclude none that one of these filters takes
 */
export function listModels(
  ...args: Arguments<typeof listed, { module?: object | null; include?: NameFilter; exclude?: NameFilter }>
): string[] {
  const { module, ...filters } = listed.bind(args);
  if (module !== null && typeof module !== 'object')
    throw new TypeError('listModels: the module must be a namespace, such as models.segmentation');
  const [include, exclude] = [filters.include, filters.exclude] as NameFilter[];
  const within = module === null ? null : new Set<unknown>(Object.values(module));
  const names = [...builders()]
    .filter(([, builder]) => within?.has(builder) ?? true)
    .map(([name]) => name)
    .filter(
      (name) => (include === null || include === '' || matches(include, name)) && !matches(exclude, name),
    );
  return names.sort();
}
