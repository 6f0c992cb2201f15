/** Functions that do with each kind of input what it needs: kernels by the class of the input. */
import { TypeError, ValueError } from '../../../../core/errors.js';
import { typeName } from '../../../../core/repr.js';
import type { Arguments, Bound, Signed } from '../../../../core/signature/argument_types.js';
import { Signature } from '../../../../core/signature/signature.js';
import { Tensor } from '../../../../core/tensor.js';
import { BoundingBoxes, type CanvasSize } from '../../../tv_tensors/bounding_boxes.js';
import { KeyPoints } from '../../../tv_tensors/key_points.js';
import { Mask, Image as TVImage, Video } from '../../../tv_tensors/tv_image.js';
import { asPlain, TVTensor } from '../../../tv_tensors/tv_tensor.js';
import { Image } from '../../image.js';

/** A function for inputs of one kind, which gets the other arguments by name. */
export type Kernel<Input = never, Given = never> = (input: Input, given: Given) => unknown;

/**
 * Kernels by what they take. Tensors come plain, and what becomes of them is made what they were. Boxes and points may come back with the
 * size of their new picture behind them.
 */
export interface Kernels<Given> {
  /** Plain tensors, images and videos. */
  readonly shown?: (image: Tensor, given: Given) => unknown;
  /** Plain tensors and images, but no videos. */
  readonly still?: (image: Tensor, given: Given) => unknown;
  /** Plain tensors and videos. */
  readonly moving?: (video: Tensor, given: Given) => unknown;
  /** Images of bytes. */
  readonly picture?: (image: Image, given: Given) => unknown;
  readonly mask?: (mask: Tensor, given: Given) => unknown;
  readonly boxes?: (boxes: Tensor, given: Given, like: BoundingBoxes) => unknown;
  readonly points?: (points: Tensor, given: Given, like: KeyPoints) => unknown;
}

/** A class, whatever its constructor takes. */
interface Class {
  readonly name: string;
  readonly prototype: object;
}

/** Inputs of transforms of `v2`. */
export type Shown = Tensor | Image;

declare const source: unique symbol;
declare const result: unique symbol;

/** A function with kernels. */
export interface Sourced<S extends string, R = Tensor> {
  /** @internal Its signature, which the compiler alone sees. */
  readonly [source]?: S;
  /** @internal What becomes of tensors. */
  readonly [result]?: R;
}

/** A function of an input, which it keeps the type of. */
export interface KeepingFunction<S extends string> extends Sourced<S> {
  <T extends Shown>(...args: Arguments<Signed<S>, { inpt: T }>): T;
}

/** A function of an input with a result of another type. */
export interface AskingFunction<S extends string, R> extends Sourced<S, R> {
  (...args: Arguments<Signed<S>, { inpt: Shown }>): R;
}

const tables = new WeakMap<object, Map<Class, Kernel>>();
const given = new WeakMap<object, { source: string; kernels: Kernels<never> }>();

/** The signature of a function, and the kernels that it was made of. */
export const madeOf = (functional: object) => given.get(functional)!;

/** The result as what the input was; crops are lists of such. */
function likeInput(result: unknown, input: TVTensor): unknown {
  if (Array.isArray(result) && result[0] instanceof Tensor)
    return result.map((part) => likeInput(part, input));
  return result instanceof Tensor ? input.wrap(result) : result;
}

function tableOf<Given>(kernels: Kernels<Given>): Map<Class, Kernel> {
  const table = new Map<Class, Kernel>();
  const add = (kind: Class, kernel: Kernel<never, Given> | undefined) => {
    if (kernel !== undefined) table.set(kind, kernel as Kernel);
  };
  const kept =
    <T extends TVTensor>(kernel: ((input: Tensor, given: Given, like: T) => unknown) | undefined) =>
    (input: T, given: Given) => {
      const result = kernel!(asPlain(input), given, input);
      const isPlaced = input instanceof BoundingBoxes || input instanceof KeyPoints;
      if (!isPlaced || !Array.isArray(result) || !(result[0] instanceof Tensor))
        return likeInput(result, input);
      return input.wrap(result[0], { canvasSize: result[1] as CanvasSize });
    };
  const { shown, still = shown, moving = shown, picture, mask, boxes, points } = kernels;
  if (still !== undefined) add(TVImage, kept(still));
  else if (moving !== undefined) add(Video, kept(moving));
  add(Tensor, still ?? moving);
  add(Image, picture);
  if (mask !== undefined) add(Mask, kept(mask));
  if (points !== undefined) add(KeyPoints, kept(points));
  if (boxes !== undefined) add(BoundingBoxes, kept(boxes));
  if (moving !== undefined) add(Video, kept(moving));
  return table;
}

/** The kernel for an input, by its class or the nearest above. A class of the user's is no plain tensor. */
function kernelFor(table: ReadonlyMap<Class, Kernel>, input: unknown): Kernel<unknown> | null {
  let kind: unknown = typeof input === 'object' && input !== null ? input.constructor : null;
  for (; typeof kind === 'function' && kind !== Function.prototype; kind = Object.getPrototypeOf(kind)) {
    const kernel = table.get(kind);
    if (kernel !== undefined) return kernel as Kernel<unknown>;
    if (kind === TVTensor) return null;
  }
  return null;
}

/**
 * The function of this signature, whose first parameter is the input: it calls the kernel of the input's class.
 *
 * @throws TypeError if there is none
 */
/* @__NO_SIDE_EFFECTS__ */
export function functional<const S extends string>(
  source: S,
  kernels: Kernels<Bound<S>>,
): KeepingFunction<S> {
  return dispatched(source, kernels) as KeepingFunction<S>;
}

/** `functional` for results of another type than the input's. */
/* @__NO_SIDE_EFFECTS__ */
export function asking<const S extends string, R>(
  source: S,
  kernels: Kernels<Bound<S>>,
): AskingFunction<S, R> {
  return dispatched(source, kernels) as AskingFunction<S, R>;
}

function dispatched<const S extends string>(source: S, kernels: Kernels<Bound<S>>): unknown {
  const signature = new Signature(source);
  const table = tableOf(kernels);
  const call = (...args: unknown[]): unknown => {
    const bound = signature.bind(args);
    const input = (bound as { inpt: unknown }).inpt;
    const kernel = kernelFor(table, input);
    if (kernel === null) {
      const kinds = [...table.keys()].map(({ name }) => `<class '${name}'>`);
      throw new TypeError(
        `Functional F.${signature.name} supports inputs of type dict_keys([${kinds.join(', ')}]), but got <class '${typeName(input)}'> instead.`,
      );
    }
    return kernel(input, bound as never);
  };
  tables.set(call, table);
  given.set(call, { source, kernels: kernels as Kernels<never> });
  return call;
}

/** Calls a function with an input; gives the input back if it has no kernel for it. */
export function callKernel<T>(
  functional: (...args: never[]) => unknown,
  input: T,
  given: Readonly<Record<string, unknown>> = {},
): T {
  if (kernelFor(tables.get(functional)!, input) === null) return input;
  return (functional as (...args: unknown[]) => unknown)(input, given) as T;
}

/** A function that registers a kernel for TVTensors of a class of the user's. */
export function registrar(functional: unknown, kind: unknown): (kernel: Kernel) => void {
  const table = typeof functional === 'function' ? tables.get(functional) : undefined;
  if (table === undefined)
    throw new ValueError(
      `Kernels can only be registered on functionals from the torchvision.transforms.v2.functional namespace, but got ${String(functional)}.`,
    );
  const isOwn = typeof kind === 'function' && kind.prototype instanceof TVTensor;
  if (!isOwn)
    throw new ValueError(
      `Kernels can only be registered for subclasses of torchvision.tv_tensors.TVTensor, but got ${String(kind)}.`,
    );
  if ([TVImage, Mask, Video, BoundingBoxes, KeyPoints].includes(kind as never))
    throw new ValueError(
      `Kernels cannot be registered for the builtin tv_tensor classes, but got <class '${kind.name}'>`,
    );
  return (kernel) => table.set(kind, kernel);
}
