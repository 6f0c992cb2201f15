/** `pack` and `unpack`: tensors of different shapes as one, and back. */
import { TypeError } from '../core/errors.js';
import { numel } from '../core/layout.js';
import { formatSize } from '../core/printing.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { EinopsError } from './einops_error.js';
import { whyNoName } from './pattern.js';

/** How many named axes stand before and behind `*`. @throws EinopsError for a pattern that is none */
function namedAround(pattern: string, owner: string): [before: number, after: number] {
  const axes = pattern.trim().split(/\s+/);
  const shown = `${owner}(..., "${pattern}")`;
  if (new Set(axes).size < axes.length) throw new EinopsError(`Duplicates in axes names in ${shown}`);
  const before = axes.indexOf('*');
  if (before < 0) throw new EinopsError(`No *-axis in ${shown}`);
  for (const axis of axes)
    if (axis !== '*' && whyNoName(axis) !== null)
      throw new EinopsError(`Invalid axis name ${axis} in ${shown}`);
  return [before, axes.length - before - 1];
}

const packSignature = signature('pack(Tensor[] tensors, str pattern)');
const unpackSignature = signature('unpack(Tensor tensor, Any packed_shapes, str pattern)');

/**
 * Joins tensors that differ in the dimensions at `*`, which become one: `pack([images, vectors], 'b * c')`.
 *
 * @param tensors tensors of the same sizes in the named dimensions
 * @param pattern names of dimensions and one `*`, which stands for any number of them
 * @returns the joined tensor, and the sizes of what stood at `*` in each, for `unpack`
 * @throws EinopsError if the pattern is wrong or a tensor has too few dimensions
 */
export function pack(...args: Arguments<typeof packSignature>): [packed: Tensor, shapes: number[][]] {
  const { tensors, pattern } = packSignature.bind(args);
  const [before, after] = namedAround(pattern, 'pack');
  const shapes: number[][] = [];
  const flat = tensors.map((tensor, i) => {
    const { shape, ndim } = tensor;
    if (ndim < before + after)
      throw new EinopsError(
        `packed tensor #${i} (enumeration starts with 0) has shape ${formatSize(shape)}, while pattern ${pattern} assumes at least ${before + after} axes`,
      );
    const inner = shape.slice(before, ndim - after);
    shapes.push(inner);
    return tensor.reshape([...shape.slice(0, before), numel(inner), ...shape.slice(ndim - after)]);
  });
  return [ops.cat(flat, before), shapes];
}

/**
 * Takes apart what `pack` has joined.
 *
 * @param tensor the joined tensor
 * @param packedShapes the sizes at `*` of each result; one of all may be -1
 * @param pattern the pattern that it was packed with
 * @returns views of the tensor
 * @throws EinopsError if the sizes do not fit
 */
export function unpack(
  ...args: Arguments<typeof unpackSignature, { packedShapes: readonly (readonly number[])[] }>
): Tensor[] {
  const { tensor, packedShapes: given, pattern } = unpackSignature.bind(args);
  const packedShapes = checkedShapes(given);
  const [before, after] = namedAround(pattern, 'unpack');
  const { shape } = tensor;
  if (shape.length !== before + 1 + after)
    throw new EinopsError(
      `unpack(..., ${pattern}) received input of wrong dim with shape ${formatSize(shape)}`,
    );
  const lengths = packedShapes.map((sizes) => (sizes.includes(-1) ? -1 : numel(sizes)));
  const shown = `[${packedShapes.map((sizes) => `[${sizes.join(', ')}]`).join(', ')}]`;
  if (lengths.filter((length) => length === -1).length > 1)
    throw new EinopsError(
      `unpack(..., ${pattern}) received more than one -1 in ${shown} and can't infer dimensions`,
    );
  const known = lengths.reduce((sum, length) => sum + Math.max(length, 0), 0);
  const pieces = lengths.map((length) => (length === -1 ? shape[before] - known : length));
  const refuse = (): EinopsError =>
    new EinopsError(
      `Error during unpack(..., "${pattern}"): could not split axis of size ${shape[before]} into requested ${shown}`,
    );
  if (pieces.some((length) => length < 0) || pieces.reduce((a, b) => a + b, 0) !== shape[before])
    throw refuse();
  let begin = 0;
  return packedShapes.map((sizes, i) => {
    const piece = tensor.narrow(before, begin, pieces[i]);
    begin += pieces[i];
    const known = numel(sizes.filter((size) => size !== -1));
    if (sizes.includes(-1) && (known === 0 || pieces[i] % known !== 0)) throw refuse();
    const inner = sizes.map((size) => (size === -1 ? pieces[i] / known : size));
    return piece.reshape([...shape.slice(0, before), ...inner, ...shape.slice(before + 1)]);
  });
}

/** @throws TypeError unless these are lists of whole numbers */
function checkedShapes(given: unknown): readonly (readonly number[])[] {
  const isShape = (sizes: unknown): boolean => Array.isArray(sizes) && sizes.every(Number.isSafeInteger);
  if (!Array.isArray(given) || !given.every(isShape))
    throw new TypeError('unpack(): packedShapes must be a list of shapes, as pack() gives them');
  return given as number[][];
}
