/** Data sets for `transforms.v2`: targets say what they are. */
import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { fromNumpy, tensor } from '../../ops/from_data.js';
import { Dataset } from '../../utils/data/dataset.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { PILToTensor } from '../transforms/color.js';
import type { Image } from '../transforms/image.js';
import { apply, type TransformLike } from '../transforms/transform.js';
import { convertBoundingBoxFormat } from '../transforms/v2/functional/box_functions.js';
import { BoundingBoxes } from '../tv_tensors/bounding_boxes.js';
import { Mask } from '../tv_tensors/tv_image.js';
import { Caltech101, Caltech256 } from './caltech.js';
import { CIFAR10 } from './cifar.js';
import { type CocoAnnotation, CocoCaptions, CocoDetection } from './coco.js';
import { cocoMask } from './coco_masks.js';
import { DatasetFolder } from './folder.js';
import { MNIST } from './mnist.js';
import { OxfordIIITPet } from './oxford_pets.js';
import type { PairTransform } from './split_set.js';
import { VOCDetection, VOCSegmentation } from './voc.js';

/** An image and its target. */
type Sample = readonly [image: unknown, target: unknown];
/** Which entries of targets are wanted. */
export type TargetKeys = 'all' | readonly string[];

interface Transforming {
  readonly transform: TransformLike<never, unknown> | null;
  readonly targetTransform: TransformLike<never, unknown> | null;
  readonly transforms?: PairTransform;
}
type VisionSet = Dataset<unknown> & Transforming & { readonly length: number };
/** Wraps a sample of a data set. */
type Wrap = (i: number, sample: Sample) => Sample;

const unchanged: Wrap = (_, sample) => sample;
const toMask = (image: unknown): Mask => new Mask(new PILToTensor().forward(image as Image));

function parsedKeys(
  keys: TargetKeys | null,
  available: readonly string[],
  usual: readonly string[],
): ReadonlySet<string> {
  if (keys === 'all') return new Set(available);
  const extra = (keys ?? usual).filter((key) => !available.includes(key));
  if (extra.length > 0)
    throw new ValueError(
      `Target keys [${extra
        .sort()
        .map((key) => `'${key}'`)
        .join(', ')}] are not available`,
    );
  return new Set(keys ?? usual);
}

/** The size of an image: height and width. */
const canvasOf = (image: unknown): [number, number] => [(image as Image).height, (image as Image).width];

function cocoWrap(set: CocoDetection, targetKeys: TargetKeys | null): Wrap {
  const keys = parsedKeys(
    targetKeys,
    ['segmentation', 'area', 'iscrowd', 'image_id', 'bbox', 'category_id', 'boxes', 'masks', 'labels'],
    ['image_id', 'boxes', 'labels'],
  );
  return (i, [image, target]) => {
    const annotations = target as readonly CocoAnnotation[];
    const id = set.ids[i];
    if (annotations.length === 0) return [image, { image_id: id }];
    const canvasSize = canvasOf(image);
    const all = (name: string) => annotations.map((annotation) => annotation[name]);
    const masks = () =>
      all('segmentation').map((one) => fromNumpy({ data: cocoMask(one, ...canvasSize), shape: canvasSize }));
    const made: Readonly<Record<string, () => unknown>> = {
      image_id: () => id,
      boxes: () =>
        convertBoundingBoxFormat(
          new BoundingBoxes(all('bbox') as number[][], { format: 'XYWH', canvasSize }),
          { newFormat: 'XYXY' },
        ),
      masks: () => new Mask(ops.stack(masks())),
      labels: () => tensor(all('category_id') as number[]),
    };
    return [image, Object.fromEntries([...keys].map((key) => [key, made[key]?.() ?? all(key)]))];
  };
}

const vocClasses =
  '__background__ aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep sofa train tvmonitor'.split(
    ' ',
  );

interface VocObject {
  readonly name: string;
  readonly bndbox: Readonly<Record<string, string>>;
}

function vocWrap(targetKeys: TargetKeys | null): Wrap {
  const keys = parsedKeys(targetKeys, ['annotation', 'boxes', 'labels'], ['boxes', 'labels']);
  return (_, [image, target]) => {
    const { annotation } = target as unknown as { annotation: { object: readonly VocObject[] } };
    const objects = annotation.object;
    const sides = ['xmin', 'ymin', 'xmax', 'ymax'];
    const made: Readonly<Record<string, () => unknown>> = {
      annotation: () => annotation,
      boxes: () =>
        new BoundingBoxes(
          objects.map(({ bndbox }) => sides.map((side) => Number(bndbox[side]))),
          { format: 'XYXY', canvasSize: canvasOf(image) },
        ),
      labels: (): Tensor => tensor(objects.map(({ name }) => vocClasses.indexOf(name))),
    };
    return [image, Object.fromEntries([...keys].map((key) => [key, made[key]()]))];
  };
}

function petWrap({ targetTypes }: OxfordIIITPet<unknown, unknown>): Wrap {
  return (_, [image, target]) => {
    if (target === null) return [image, target];
    const list = (targetTypes.length === 1 ? [target] : target) as readonly unknown[];
    const wrapped = list.map((one, i) => (targetTypes[i] === 'segmentation' ? toMask(one) : one));
    return [image, wrapped.length === 1 ? wrapped[0] : wrapped];
  };
}

/** @throws TypeError in torchvision's words if there is no way to wrap it */
function wrapOf(set: unknown, targetKeys: TargetKeys | null): Wrap {
  const name = (set as object).constructor.name;
  if (set instanceof CocoDetection && !(set instanceof CocoCaptions)) return cocoWrap(set, targetKeys);
  if (set instanceof VOCDetection) return vocWrap(targetKeys);
  if (targetKeys !== null)
    throw new ValueError(
      `\`target_keys\` is currently only supported for \`CocoDetection\`, \`VOCDetection\`, \`Kitti\`, and \`WIDERFace\`, but got ${name}.`,
    );
  if (set instanceof VOCSegmentation) return (_, [image, mask]) => [image, toMask(mask)];
  if (set instanceof OxfordIIITPet) return petWrap(set);
  if (set instanceof Caltech101 && set.targetType.includes('annotation'))
    throw new RuntimeError(
      "Caltech101 dataset with `target_type=['annotation', ...]` is currently not supported by this wrapper. If this would be helpful for you, please open an issue at https://github.com/pytorch/vision/issues.",
    );
  const kinds = [Caltech101, Caltech256, CIFAR10, MNIST, DatasetFolder, CocoCaptions];
  if (kinds.some((kind) => set instanceof kind)) return unchanged;
  throw new TypeError(`No wrapper exists for dataset class ${name}. Please wrap the output yourself.`);
}

/** A data set whose targets say what they are before they are transformed. */
class WrappedDataset extends Dataset<unknown> {
  /** The data set without its transforms. */
  private readonly plain: VisionSet;
  private readonly wrap: Wrap;

  constructor(
    private readonly set: VisionSet,
    private readonly targetKeys: TargetKeys | null,
  ) {
    super();
    this.wrap = wrapOf(set, targetKeys);
    const copy = Object.assign(Object.create(Object.getPrototypeOf(set) as object) as VisionSet, set);
    this.plain = Object.assign(copy, { transform: null, targetTransform: null, transforms: null });
  }

  get length(): number {
    return this.set.length;
  }

  at(index: number): unknown {
    const sample = this.plain.at(index) as Sample | Promise<Sample>;
    const i = index < 0 ? index + this.length : index;
    return sample instanceof Promise ? sample.then((one) => this.made(i, one)) : this.made(i, sample);
  }

  private made(i: number, sample: Sample): Sample {
    const [image, target] = this.wrap(i, sample);
    const { transform, targetTransform, transforms = null } = this.set;
    if (transforms !== null)
      return typeof transforms === 'function'
        ? transforms(image as never, target as never)
        : (apply(transforms as never, [image, target] as never) as Sample);
    return [
      transform === null ? image : apply(transform, image as never),
      targetTransform === null ? target : apply(targetTransform, target as never),
    ];
  }

  override toString(): string {
    return `Wrapped${this.set}`;
  }

  /** @internal */
  [portable](): Portable {
    return {
      module: host().module('vision/datasets/v2_wrapping.js'),
      name: 'wrapDatasetForTransformsV2',
      args: [this.set, this.targetKeys],
    };
  }
}

const wrapping = signature('wrap_dataset_for_transforms_v2(Any dataset, Any target_keys=None)');

/**
 * A data set for `transforms.v2`: boxes, masks and labels of its targets say what they are before its transforms see them.
 *
 * Targets of `CocoDetection` become an object of `image_id`, `boxes`, `labels` and, if wanted, `masks` and the file's own entries as lists;
 * those of `VOCDetection` one of `boxes` and `labels`, and `annotation` if wanted; masks of `VOCSegmentation` and `OxfordIIITPet` become `Mask`s.
 * Sets of images with a class each stay what they are.
 *
 * @param dataset the data set
 * @param targetKeys the entries that targets have, `'all'` for all that there are
 *
 * @example
 * const set = wrapDatasetForTransformsV2(new datasets.CocoDetection({ root, annFile, transforms }));
 */
export function wrapDatasetForTransformsV2(
  ...args: Arguments<typeof wrapping, { dataset: Dataset<unknown>; targetKeys: TargetKeys | null }>
): Dataset<unknown> & { readonly length: number } {
  const { dataset, targetKeys } = wrapping.bind(args);
  const isList = Array.isArray(targetKeys) && targetKeys.every((key) => typeof key === 'string');
  if (targetKeys !== null && targetKeys !== 'all' && !isList)
    throw new ValueError(
      `\`target_keys\` can be None, 'all', or a collection of strings denoting the keys to be returned, but got ${String(targetKeys)}`,
    );
  if (!(dataset instanceof Dataset) || !('transform' in dataset))
    throw new TypeError(
      `This wrapper is meant for subclasses of \`torchvision.datasets.VisionDataset\`, but got a '${(dataset as object).constructor.name}' instead.`,
    );
  return new WrappedDataset(dataset as VisionSet, targetKeys as TargetKeys | null);
}
