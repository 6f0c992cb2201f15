import { uint8 } from '../../core/dtype.js';
import { IndexError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { inspect } from '../../core/inspect.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { rawBytes } from '../../ops/from_data.js';
import { getRngState, manualSeed, setRngState } from '../../ops/seed.js';
import { Dataset } from '../../utils/data/dataset.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import { apply, type TransformLike } from '../transforms/transform.js';
import { datasetText } from './vision.js';

const fakeData = signature(
  'FakeData(int size=1000, int[] image_size=[3,224,224], int num_classes=10, Any transform=None, Any target_transform=None, int random_offset=0)',
);

/** A data set of random images, the same for the same index. Items are `[image, class]`. */
export class FakeData<Picture = Image, Target = number> extends Dataset<[Picture, Target]> {
  readonly size: number;
  readonly imageSize: readonly number[];
  readonly numClasses: number;
  readonly transform: TransformLike<never, Picture> | null;
  readonly targetTransform: TransformLike<never, Target> | null;
  readonly randomOffset: number;

  /**
   * @param size how many images there are
   * @param imageSize channels, height and width
   * @param numClasses how many classes there are
   * @param transform turns an `Image` into what the data set gives
   * @param targetTransform turns a class (a tensor of one number) into what the data set gives
   * @param randomOffset is added to an image's index for the seed that it is made from
   */
  constructor(
    ...args: Arguments<
      typeof fakeData,
      {
        transform: TransformLike<never, Picture> | null;
        targetTransform: TransformLike<never, Target> | null;
      }
    >
  ) {
    super();
    const given = fakeData.bind(args, new.target.name);
    if (given.imageSize.length !== 3)
      throw new ValueError(
        `image_size must be channels, height and width, got ${given.imageSize.length} numbers`,
      );
    this.size = given.size;
    this.imageSize = given.imageSize;
    this.numClasses = given.numClasses;
    this.transform = given.transform as TransformLike<never, Picture> | null;
    this.targetTransform = given.targetTransform as TransformLike<never, Target> | null;
    this.randomOffset = given.randomOffset;
  }

  at(index: number): [Picture, Target] {
    if (index >= this.size) throw new IndexError(`${this.constructor.name} index out of range`);
    const { image, target } = this.drawn(index);
    const turned = this.targetTransform === null ? target : apply(this.targetTransform, target);
    return [
      (this.transform === null ? image : apply(this.transform, image)) as Picture,
      (turned instanceof Tensor ? turned.item() : turned) as Target,
    ];
  }

  /** The image and class of an index; the generator is afterwards as it was. */
  private drawn(index: number): { image: Image; target: Tensor } {
    const before = getRngState();
    try {
      manualSeed(index + this.randomOffset);
      const [channels, height, width] = this.imageSize;
      const values = ops.randn([channels, height, width]);
      const target = ops.randint(0, this.numClasses, [1]).select(0, 0);
      const planes = rawBytes(values.mul(255).to(uint8)).slice();
      return { image: Image.fromPlanes(planes, width, height, channels), target };
    } finally {
      setRngState(before);
    }
  }

  get length(): number {
    return this.size;
  }

  override toString(): string {
    return datasetText(this, []);
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }

  /** @internal */
  [portable](): Portable {
    const { size, imageSize, numClasses, transform, targetTransform, randomOffset } = this;
    return {
      module: host().module('vision/datasets/fake_data.js'),
      name: 'FakeData',
      args: [size, imageSize, numClasses, transform, targetTransform, randomOffset],
    };
  }
}
