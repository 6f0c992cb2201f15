/** Kernels of functions of `v2.functional` as functions of their own: of plain tensors, by what those are. */
import type { Bound } from '../../../../core/signature/argument_types.js';
import { type SignedFunction, signed } from '../../../../core/signature/signed.js';
import type { Tensor } from '../../../../core/tensor.js';
import { type CanvasSize, formatOf } from '../../../tv_tensors/bounding_boxes.js';
import { type Kernels, madeOf, type Sourced } from './kernels_by_class.js';

/** Parameters that only pixels have, in the signatures of functions. */
const ofPixels = [
  ", Interpolation interpolation='nearest'",
  ", Interpolation interpolation='bilinear'",
  ', bool? antialias=True',
] as const;
const ofColours = [...ofPixels, ', float|float[]? fill=None'] as const;

type Cut<S extends string, Parts extends readonly string[]> = Parts extends readonly [
  infer Part extends string,
  ...infer Rest extends readonly string[],
]
  ? Cut<S extends `${infer Before}${Part}${infer After}` ? `${Before}${After}` : S, Rest>
  : S;
type Named<
  S extends string,
  Name extends string,
  First extends string,
> = S extends `${infer Function}(Any inpt${infer Rest}` ? `${Function}_${Name}(${First}${Rest}` : never;
type ClampedSource<S extends string> = S extends `${infer Start})`
  ? `${Start}, str? clamping_mode='soft')`
  : never;

type ImageSource<S extends string> = Named<S, 'image', 'Tensor image'>;
type VideoSource<S extends string> = Named<S, 'video', 'Tensor video'>;
type MaskSource<S extends string> = Cut<Named<S, 'mask', 'Tensor mask'>, typeof ofPixels>;
type BoxesSource<S extends string> = ClampedSource<
  Cut<Named<S, 'bounding_boxes', 'Tensor bounding_boxes, str format, int[] canvas_size'>, typeof ofColours>
>;
type PointsSource<S extends string> = Cut<
  Named<S, 'keypoints', 'Tensor keypoints, int[] canvas_size'>,
  typeof ofColours
>;

const cut = (source: string, parts: readonly string[]): string =>
  parts.reduce((text, part) => text.replace(part, ''), source);
const named = (of: object, name: string, first: string): string =>
  madeOf(of).source.replace('(Any inpt', `_${name}(${first}`);

/** The resulting boxes or points, without the size of their picture. */
const alone = (result: unknown): unknown => (Array.isArray(result) ? result[0] : result);

type Kind = 'still' | 'moving' | 'mask' | 'boxes' | 'points';

/** The kernel of one kind as a function of the given signature, whose first parameter is the tensor. */
/* @__NO_SIDE_EFFECTS__ */
function kernelAs<S extends string, R>(
  source: S,
  of: object,
  kind: Kind,
  resultOf = (result: unknown): unknown => result,
): SignedFunction<S, R> {
  return signed(source, (bound: Bound<S>): R => {
    const given = bound as Record<string, unknown>;
    const {
      shown,
      still = shown,
      moving = shown,
      mask,
      boxes,
      points,
    } = madeOf(of).kernels as Kernels<object>;
    const kernel = { still, moving, mask, boxes, points }[kind]!;
    const [first] = Object.values(given);
    const about = {
      canvasSize: given.canvasSize,
      clampingMode: given.clampingMode,
      ...(typeof given.format === 'string' && { format: formatOf(given.format) }),
    };
    return resultOf(kernel(first as Tensor, given, about as never)) as R;
  });
}

/** The kernel for images of a function. */
/* @__NO_SIDE_EFFECTS__ */
export const imageKernel = <const S extends string, R>(
  of: Sourced<S, R>,
): SignedFunction<ImageSource<S>, R> =>
  kernelAs(named(of, 'image', 'Tensor image') as ImageSource<S>, of, 'still');

/** The kernel for videos of a function. */
/* @__NO_SIDE_EFFECTS__ */
export const videoKernel = <const S extends string, R>(
  of: Sourced<S, R>,
): SignedFunction<VideoSource<S>, R> =>
  kernelAs(named(of, 'video', 'Tensor video') as VideoSource<S>, of, 'moving');

/** The kernel for masks of a function. */
/* @__NO_SIDE_EFFECTS__ */
export const maskKernel = <const S extends string, R>(of: Sourced<S, R>): SignedFunction<MaskSource<S>, R> =>
  kernelAs(cut(named(of, 'mask', 'Tensor mask'), ofPixels) as MaskSource<S>, of, 'mask');

/** The same with a signature of its own. */
/* @__NO_SIDE_EFFECTS__ */
export const maskKernelAs = <const S extends string>(source: S, of: object): SignedFunction<S, Tensor> =>
  kernelAs(source, of, 'mask');

/** The resulting boxes or points, and the size of their picture. */
export type Placed = [places: Tensor, canvasSize: CanvasSize];

const ofBoxes = 'Tensor bounding_boxes, str format, int[] canvas_size';
const boxesSource = (of: object): string =>
  `${cut(named(of, 'bounding_boxes', ofBoxes), ofColours).slice(0, -1)}, str? clamping_mode='soft')`;

/** The kernel for boxes of a function, for boxes alone. */
/* @__NO_SIDE_EFFECTS__ */
export const boxesKernel = <const S extends string>(of: Sourced<S>): SignedFunction<BoxesSource<S>, Tensor> =>
  boxesKernelAs(boxesSource(of) as BoxesSource<S>, of);

/** The same with a signature of its own. */
/* @__NO_SIDE_EFFECTS__ */
export const boxesKernelAs = <const S extends string>(source: S, of: object): SignedFunction<S, Tensor> =>
  kernelAs(source, of, 'boxes', alone);

/** The kernel for boxes of a function, with the size of their picture. */
/* @__NO_SIDE_EFFECTS__ */
export const placedBoxesKernel = <const S extends string>(
  of: Sourced<S>,
): SignedFunction<BoxesSource<S>, Placed> => placedBoxesKernelAs(boxesSource(of) as BoxesSource<S>, of);

/** The same with a signature of its own. */
/* @__NO_SIDE_EFFECTS__ */
export const placedBoxesKernelAs = <const S extends string>(
  source: S,
  of: object,
): SignedFunction<S, Placed> => kernelAs(source, of, 'boxes');

const pointsSource = (of: object): string =>
  cut(named(of, 'keypoints', 'Tensor keypoints, int[] canvas_size'), ofColours);

/** The kernel for points of a function, for points alone. */
/* @__NO_SIDE_EFFECTS__ */
export const pointsKernel = <const S extends string>(
  of: Sourced<S>,
): SignedFunction<PointsSource<S>, Tensor> =>
  kernelAs(pointsSource(of) as PointsSource<S>, of, 'points', alone);

/** The kernel for points of a function, with the size of their picture. */
/* @__NO_SIDE_EFFECTS__ */
export const placedPointsKernel = <const S extends string>(
  of: Sourced<S>,
): SignedFunction<PointsSource<S>, Placed> => placedPointsKernelAs(pointsSource(of) as PointsSource<S>, of);

/** The same with a signature of its own. */
/* @__NO_SIDE_EFFECTS__ */
export const placedPointsKernelAs = <const S extends string>(
  source: S,
  of: object,
): SignedFunction<S, Placed> => kernelAs(source, of, 'points');
