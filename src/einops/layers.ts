/** Patterns as modules. */
import { RuntimeError, TypeError } from '../core/errors.js';
import { numel } from '../core/layout.js';
import { formatValue } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { ops } from '../dispatch/registry.js';
import { ofInput } from '../nn/inputs.js';
import { Module } from '../nn/module.js';
import { Parameter } from '../nn/parameter.js';
import { bindAxes } from './bind_axes.js';
import { EinopsError } from './einops_error.js';
import {
  AnonymousAxis,
  type Axis,
  type Expression,
  ellipsis,
  formatAxes,
  letters,
  parseExpression,
  sidesOf,
} from './pattern.js';
import { type AxesLengths, checkPattern, type Operation, type Reduction, transform } from './run_pattern.js';

const shownLengths = (lengths: AxesLengths): string =>
  Object.entries(lengths)
    .map(([axis, length]) => `, ${axis}=${formatValue(length)}`)
    .join('');

/** A layer that runs one pattern. */
abstract class PatternLayer extends Module {
  /** The dimensions before and after `->`. */
  readonly pattern: string;
  /** Lengths of axes that the input's shape does not tell. */
  readonly axesLengths: AxesLengths;

  constructor(pattern: string, axesLengths: AxesLengths) {
    super();
    this.pattern = pattern;
    this.axesLengths = axesLengths;
  }

  /** The work beside moving dimensions. */
  protected abstract operation(): Operation;

  /** Checks the pattern as far as it can be without an input. @throws EinopsError in einops' words */
  protected check(): void {
    try {
      checkPattern(this.pattern, this.operation(), this.axesLengths);
    } catch (error) {
      if (!(error instanceof EinopsError)) throw error;
      throw new EinopsError(
        ` Error while preparing ${this.constructor.name}(${this.extraRepr()})\n ${error.message}`,
      );
    }
  }

  override forward(...args: Parameters<Module['forward']>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return transform(input, this.pattern, this.operation(), this.axesLengths);
  }
}

const rearrangeLayer = signature('Rearrange(str pattern)');

/** `rearrange` as a layer, for `nn.Sequential`. */
export class Rearrange extends PatternLayer {
  /**
   * @param pattern the dimensions before and after `->`
   * @param axesLengths lengths of axes that the input's shape does not tell
   * @throws EinopsError if the pattern is wrong
   */
  constructor(pattern: string, axesLengths?: AxesLengths);
  constructor(given: { pattern: string } & Readonly<Record<string, unknown>>);
  constructor(...args: unknown[]) {
    const { given, lengths } = bindAxes(rearrangeLayer, args);
    super(given.pattern, lengths);
    this.check();
  }

  protected override operation(): Operation {
    return 'rearrange';
  }

  override extraRepr(): string {
    return formatValue(this.pattern) + shownLengths(this.axesLengths);
  }
}

const reduceLayer = signature('Reduce(str pattern, str reduction)');

/** `reduce` as a layer. */
export class Reduce extends PatternLayer {
  /** How axes of the left side alone are reduced. */
  readonly reduction: Reduction;

  /**
   * @param pattern the dimensions before and after `->`
   * @param reduction 'min', 'max', 'sum', 'mean', 'prod', 'any' or 'all'
   * @param axesLengths lengths of axes that the input's shape does not tell
   * @throws EinopsError if the pattern is wrong
   */
  constructor(pattern: string, reduction: Reduction, axesLengths?: AxesLengths);
  constructor(given: { pattern: string; reduction: Reduction } & Readonly<Record<string, unknown>>);
  constructor(...args: unknown[]) {
    const { given, lengths } = bindAxes(reduceLayer, args);
    super(given.pattern, lengths);
    this.reduction = given.reduction as Reduction;
    this.check();
  }

  protected override operation(): Operation {
    return this.reduction;
  }

  override extraRepr(): string {
    return `${formatValue(this.pattern)}, ${formatValue(this.reduction)}${shownLengths(this.axesLengths)}`;
  }
}

const einMix = signature('EinMix(str pattern, str weight_shape, str? bias_shape=None)');

const missing = (axes: Iterable<Axis>, among: Iterable<Axis>): Axis[] => {
  const known = new Set(among);
  return [...axes].filter((axis) => !known.has(axis));
};

function report(axes: readonly Axis[], message: string): void {
  if (axes.length > 0) throw new EinopsError(message.replace('{}', formatAxes(axes)));
}

const hasComposed = ({ dimensions }: Expression): boolean => dimensions.some(({ axes }) => axes.length !== 1);

const flat = ({ dimensions }: Expression): string[] =>
  dimensions.flatMap(({ axes }) => axes.map((axis) => (axis === ellipsis ? '...' : String(axis))));

/**
 * A linear layer along named axes: `new EinMix('b h w c -> b h w d', { weightShape: 'c d', biasShape: 'd', c: 3, d: 8 })` mixes channels.
 * Axes that only the input and the weight have are summed over. Weights begin evenly distributed within ±√(3 / fan-in), biases within ±√(1 / fan-in).
 */
export class EinMix extends Module {
  readonly pattern: string;
  readonly weightShape: string;
  readonly biasShape: string | null;
  /** Lengths of axes by name. */
  readonly axesLengths: AxesLengths;
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  /** Takes composed dimensions of the input apart. */
  readonly preRearrange: Rearrange | null;
  /** Joins dimensions of the result. */
  readonly postRearrange: Rearrange | null;
  readonly #equation: string;

  /**
   * @param pattern the dimensions of input and result, as of `rearrange`
   * @param weightShape names of the weight's axes
   * @param biasShape names of the bias' axes; none without
   * @param axesLengths lengths of the weight's axes, and of those that the input's shape does not tell
   * @throws EinopsError if patterns and lengths do not fit
   */
  constructor(pattern: string, weightShape: string, biasShape?: string | null, axesLengths?: AxesLengths);
  constructor(pattern: string, weightShape: string, axesLengths: AxesLengths);
  constructor(
    pattern: string,
    given: { weightShape: string; biasShape?: string | null } & Readonly<Record<string, unknown>>,
  );
  constructor(
    given: { pattern: string; weightShape: string; biasShape?: string | null } & Readonly<
      Record<string, unknown>
    >,
  );
  constructor(...args: unknown[]) {
    super();
    const { given, lengths } = bindAxes(einMix, args);
    const { pattern, weightShape, biasShape } = given;
    this.pattern = pattern;
    this.weightShape = weightShape;
    this.biasShape = biasShape;
    this.axesLengths = lengths;
    for (const [axis, length] of Object.entries(lengths))
      if (!Number.isSafeInteger(length) || length < 0)
        throw new TypeError(`the length of axis ${axis} must be a whole number, not ${formatValue(length)}`);

    const [leftText, rightText] = sidesOf(pattern);
    const [left, right] = [parseExpression(leftText), parseExpression(rightText)];
    const weight = parseExpression(weightShape);
    checkSides(pattern, left, right, weight, weightShape);
    const before = flat(left);
    const own = Object.fromEntries(Object.entries(lengths).filter(([axis]) => before.includes(axis)));
    const isJoined = hasComposed(right) || isParenthesized(right);
    const pre = hasComposed(left) ? new Rearrange(`${leftText}-> ${before.join(' ')}`, own) : null;
    const post = isJoined ? new Rearrange(`${flat(right).join(' ')} ->${rightText}`) : null;
    const { weightSizes, fanIn } = weightOf(left, right, weight, lengths);
    const biasSizes = biasShape === null ? null : biasOf(right, biasShape, lengths);

    this.weight = drawn(weightSizes, Math.sqrt(3 / fanIn));
    this.bias = biasSizes === null ? null : drawn(biasSizes, Math.sqrt(1 / fanIn));
    this.preRearrange = pre;
    this.postRearrange = post;
    this.#equation = equationOf(left, right, weight);
  }

  override forward(...args: Parameters<Module['forward']>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    let result = this.preRearrange === null ? input : this.preRearrange.forward(input);
    result = ops.einsum(this.#equation, [result, this.weight]);
    if (this.bias !== null) result = result.add(this.bias);
    return this.postRearrange === null ? result : this.postRearrange.forward(result);
  }

  /** As einops prints it: without the layers that it is made of. */
  override toString(): string {
    return `${this.constructor.name}(${this.extraRepr()})`;
  }

  override extraRepr(): string {
    const bias = this.biasShape === null ? '' : `, '${this.biasShape}'`;
    return `${formatValue(this.pattern)}, '${this.weightShape}'${bias}${shownLengths(this.axesLengths)}`;
  }
}

const isParenthesized = ({ dimensions }: Expression): boolean =>
  dimensions.some(({ axes, isComposed }) => isComposed && axes.includes(ellipsis));

/** Checks how the patterns of input, result and weight go together. */
function checkSides(
  pattern: string,
  left: Expression,
  right: Expression,
  weight: Expression,
  weightShape: string,
): void {
  report(
    missing(right.axes, [...left.axes, ...weight.axes]),
    'Unrecognized identifiers on the right side of EinMix {}',
  );
  if (weight.axes.has(ellipsis))
    throw new EinopsError('Ellipsis is not supported in weight, as its shape should be fully specified');
  if (left.axes.has(ellipsis) !== right.axes.has(ellipsis))
    throw new EinopsError(`Ellipsis in EinMix should be on both sides, ${pattern}`);
  if (isParenthesized(left))
    throw new EinopsError(`Ellipsis on left side can't be in parenthesis, got ${pattern}`);
  if ([left, right, weight].some(({ axes }) => [...axes].some((axis) => axis instanceof AnonymousAxis)))
    throw new EinopsError('Anonymous axes (numbers) are not allowed in EinMix');
  if (/[()]/.test(weightShape))
    throw new EinopsError(`Parenthesis is not allowed in weight shape: ${weightShape}`);
}

/** The sizes of the weight, and how many elements of the input one of the result is made of. */
function weightOf(
  left: Expression,
  right: Expression,
  weight: Expression,
  lengths: AxesLengths,
): { weightSizes: number[]; fanIn: number } {
  const names = [...weight.axes] as string[];
  for (const axis of names)
    if (!Object.hasOwn(lengths, axis))
      throw new EinopsError(`Dimension ${axis} of weight should be specified`);
  report(missing(Object.keys(lengths), [...left.axes, ...weight.axes]), 'Axes {} are not used in pattern');
  report(missing(names, [...left.axes, ...right.axes]), 'Weight axes {} are redundant');
  if (names.length === 0) warn('EinMix: weight has no dimensions (means multiplication by a number)');
  const summed = names.filter((axis) => !right.axes.has(axis));
  return {
    weightSizes: names.map((axis) => lengths[axis]),
    fanIn: numel(summed.map((axis) => lengths[axis])),
  };
}

/** The sizes of the bias, which is added before dimensions are joined: 1 for those that it does not depend on. */
function biasOf(right: Expression, biasShape: string, lengths: AxesLengths): number[] {
  const bias = parseExpression(biasShape);
  report(missing(bias.axes, right.axes), 'Bias axes {} not present in output');
  report(missing(bias.axes, Object.keys(lengths)), 'Sizes not provided for bias axes {}');
  const sizes: number[] = [];
  let isUsed = false;
  for (const axis of right.dimensions.flatMap(({ axes }) => axes) as string[]) {
    if (axis === ellipsis) {
      if (isUsed) throw new EinopsError('all bias dimensions should go after ellipsis in the output');
      continue;
    }
    const isOwn = bias.axes.has(axis);
    isUsed ||= isOwn;
    sizes.push(isOwn ? lengths[axis] : 1);
  }
  return sizes;
}

function drawn(sizes: readonly number[], bound: number): Parameter {
  return new Parameter(ops.zeros([...sizes]).uniform_(-bound, bound));
}

/** The equation of `torch.einsum`. */
function equationOf(left: Expression, right: Expression, weight: Expression): string {
  const names = [...new Set([left, right, weight].flatMap(flat))].filter((name) => name !== '...').sort();
  if (names.length > letters.length) throw new RuntimeError('Too many axes in einsum.');
  const letter = (name: string): string => (name === '...' ? name : letters[names.indexOf(name)]);
  const [from, to, by] = [left, right, weight].map((side) => flat(side).map(letter).join(''));
  return `${from},${by}->${to}`;
}
