/** Transforms of samples between images, arrays and tensors. */
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { Tensor } from '../../../core/tensor.js';
import { warn } from '../../../core/warnings.js';
import { Image as TVImage } from '../../tv_tensors/tv_image.js';
import { asPlain, TVTensor } from '../../tv_tensors/tv_tensor.js';
import type { PictureArray } from '../color.js';
import { Image } from '../image.js';
import * as v1 from '../image_functions.js';
import * as F from './functional/value_functions.js';
import { type Params, Transform } from './sample_transform.js';
import { isPlain } from './samples.js';

const ofPilToTensor = signature('PILToTensor()');

/** Makes tensors of bytes of images of bytes. */
export class PILToTensor extends Transform<Params, Image, Tensor> {
  constructor(...args: Arguments<typeof ofPilToTensor>) {
    super(ofPilToTensor.bind(args));
  }

  protected override isTransformed(part: unknown): boolean {
    return part instanceof Image;
  }

  protected override transform(input: unknown): unknown {
    return F.pilToTensor(input as Image);
  }
}

const ofToImage = signature('ToImage()');

/** Makes images of plain tensors, images of bytes and arrays: tensors that say that they are images. */
export class ToImage extends Transform<Params, Tensor | Image | PictureArray, TVImage> {
  constructor(...args: Arguments<typeof ofToImage>) {
    super(ofToImage.bind(args));
  }

  protected override isTransformed(part: unknown): boolean {
    return isPlain(part) || part instanceof Image || F.isArray(part);
  }

  protected override transform(input: unknown): unknown {
    return F.toImage(input as Tensor);
  }
}

const ofToPil = signature('ToPILImage(str? mode=None)');

/** Makes images of bytes of tensors and arrays. */
export class ToPILImage extends Transform<Params, Tensor | PictureArray, Image> {
  readonly mode: string | null;

  /** @param mode how pixels are made up, which is checked against the number of channels */
  constructor(...args: Arguments<typeof ofToPil>) {
    const given = ofToPil.bind(args);
    super(given);
    this.mode = given.mode;
  }

  protected override isTransformed(part: unknown): boolean {
    return isPlain(part) || part instanceof TVImage || F.isArray(part);
  }

  protected override transform(input: unknown): unknown {
    return F.toPilImage(input instanceof Tensor ? asPlain(input) : (input as PictureArray), this.mode);
  }
}

const ofToPure = signature('ToPureTensor()');

/** Makes plain tensors of those that say what they are. */
export class ToPureTensor extends Transform<Params, TVTensor, Tensor> {
  constructor(...args: Arguments<typeof ofToPure>) {
    super(ofToPure.bind(args));
  }

  protected override isTransformed(part: unknown): boolean {
    return part instanceof TVTensor;
  }

  protected override transform(input: unknown): unknown {
    return asPlain(input as Tensor);
  }
}

const ofToTensor = signature('ToTensor()');

/** Makes tensors of floats from 0 to 1 of images of bytes and arrays. `ToImage`, then `ToDtype` with `scale`, take its place. */
export class ToTensor extends Transform<Params, Image | PictureArray, Tensor> {
  constructor(...args: Arguments<typeof ofToTensor>) {
    const given = ofToTensor.bind(args);
    warn(
      'The transform `ToTensor()` is deprecated and will be removed in a future release. ' +
        'Instead, please use `v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])`.' +
        'Output is equivalent up to float precision.',
    );
    super(given);
  }

  protected override isTransformed(part: unknown): boolean {
    return part instanceof Image || F.isArray(part);
  }

  protected override transform(input: unknown): unknown {
    return v1.toTensor(input as Image);
  }
}
