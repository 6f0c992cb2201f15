import { noGrad } from '../../autograd/modes.js';
import { uint8 } from '../../core/dtype.js';
import { TypeError } from '../../core/errors.js';
import { signed } from '../../core/signature/signed.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { typeName } from '../../dispatch/type_name.js';
import { rawBytes } from '../../ops/from_data.js';
import { Image } from '../transforms/image.js';

interface GridOptions {
  readonly nrow: number;
  readonly padding: number;
  readonly normalize: boolean;
  readonly valueRange: unknown;
  readonly scaleEach: boolean;
  readonly padValue: number;
}

/** Brings values to 0 to 1, in place. */
function normalizeInPlace(images: Tensor, range: readonly [number, number] | null): void {
  const [low, high] = range ?? [images.min().item() as number, images.max().item() as number];
  images.clamp_({ min: low, max: high });
  images.sub_(low).div_(Math.max(high - low, 1e-5));
}

function rangeOf(valueRange: unknown): readonly [number, number] | null {
  if (valueRange === null) return null;
  if (!Array.isArray(valueRange) || valueRange.length !== 2)
    throw new TypeError('value_range has to be a tuple (min, max) if specified. min and max are numbers');
  return valueRange as [number, number];
}

function gridOf(given: unknown, options: GridOptions): Tensor {
  if (Array.isArray(given)) {
    const wrong = given.find((one) => !(one instanceof Tensor));
    if (wrong !== undefined)
      throw new TypeError(`tensor or list of tensors expected, got a list containing ${typeName(wrong)}`);
  } else if (!(given instanceof Tensor))
    throw new TypeError(`tensor or list of tensors expected, got ${typeName(given)}`);
  let images = given instanceof Tensor ? given : ops.stack(given as Tensor[]);
  if (images.ndim === 2) images = images.unsqueeze(0);
  if (images.ndim === 3)
    images = (images.shape[0] === 1 ? ops.cat([images, images, images]) : images).unsqueeze(0);
  if (images.ndim === 4 && images.shape[1] === 1) images = ops.cat([images, images, images], 1);
  if (options.normalize) {
    images = images.clone();
    const range = rangeOf(options.valueRange);
    if (options.scaleEach) for (const image of images.unbind(0)) normalizeInPlace(image, range);
    else normalizeInPlace(images, range);
  }
  if (images.shape[0] === 1) return images.squeeze(0);
  const { nrow, padding, padValue } = options;
  const [count, channels] = images.shape;
  const columns = Math.min(nrow, count);
  const rows = Math.ceil(count / columns);
  const [height, width] = [images.shape[2] + padding, images.shape[3] + padding];
  const grid = images.newFull([channels, height * rows + padding, width * columns + padding], padValue);
  for (let k = 0; k < count; k++) {
    const [y, x] = [Math.floor(k / columns), k % columns];
    grid
      .narrow(1, y * height + padding, height - padding)
      .narrow(2, x * width + padding, width - padding)
      .copy_(images.select(0, k));
  }
  return grid;
}

/**
 * Pictures side by side in a grid: [C, H, W].
 *
 * @param tensor a batch [B, C, H, W], or a list of pictures of one size
 * @param nrow how many are in a row
 * @param padding the pixels between them
 * @param normalize whether to bring values to 0 to 1
 * @param valueRange the values that become 0 and 1; by default the least and the greatest
 * @param scaleEach whether each picture has a least and a greatest of its own
 * @param padValue the value between them
 */
export const makeGrid = signed(
  'make_grid(Tensor|Any tensor, int nrow=8, int padding=2, bool normalize=False, Any value_range=None, bool scale_each=False, float pad_value=0.0)',
  ({ tensor, ...options }) => noGrad(() => gridOf(tensor, options)),
);

/**
 * Saves a picture [C, H, W] with values from 0 to 1, or several as a grid.
 *
 * @param tensor a picture, a batch [B, C, H, W], or a list of pictures of one size
 * @param fp the file's path
 * @param format `PNG`, `JPEG` or `WEBP`; by default the name's extension says it
 * @param nrow how many are in a row
 * @param padding the pixels between them
 * @param normalize whether to bring values to 0 to 1
 * @param valueRange the values that become 0 and 1; by default the least and the greatest
 * @param scaleEach whether each picture has a least and a greatest of its own
 * @param padValue the value between them
 */
export const saveImage = signed(
  'save_image(Tensor|Any tensor, Path fp, str? format=None, *, int nrow=8, int padding=2, bool normalize=False, Any value_range=None, bool scale_each=False, float pad_value=0.0)',
  async ({ tensor, fp, format, ...options }) => {
    const grid = noGrad(() => gridOf(tensor, options));
    const bytes = grid.mul(255).add_(0.5).clamp_(0, 255).permute([1, 2, 0]).to('cpu').to(uint8).contiguous();
    const [height, width, channels] = bytes.shape;
    await Image.fromInterleaved(rawBytes(bytes), width, height, channels).save(fp, format);
  },
);
