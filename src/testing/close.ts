/** `torch.testing.assert_close`: comparisons of tensors, numbers and what holds them, with PyTorch's report. */
import { noGradSync } from '../autograd/modes.js';
import { isComplexNumber } from '../core/complex.js';
import { type DType, float64, int64 } from '../core/dtype.js';
import { isBig } from '../core/elements.js';
import { AssertionError, TypeError, ValueError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { formatFixed } from '../core/printing.js';
import { promoteTypes } from '../core/promotion.js';
import { PyFloat } from '../core/pyfloat.js';
import { asReader } from '../core/reading.js';
import { formatFloat, formatTuple, formatValue, typeName } from '../core/repr.js';
import { type Scalar, scalarParts } from '../core/scalar.js';
import { signature } from '../core/signature/signature.js';
import { onHost, Tensor } from '../core/tensor.js';
import { fromNumpy } from '../ops/from_data.js';

export interface AssertCloseOptions {
  /** The relative tolerance; both or neither must be given. Default: by dtype. */
  rtol?: number | null;
  /** The absolute tolerance. Default: by dtype. */
  atol?: number | null;
  /** Whether NaN is close to NaN. Default false. */
  equalNan?: boolean;
  /** Whether devices must be the same. Default true. */
  checkDevice?: boolean;
  /** Whether dtypes must be the same. Default true. */
  checkDtype?: boolean;
  /** Whether layouts must be the same; there is one. */
  checkLayout?: boolean;
  /** Whether strides must be the same. Default false. */
  checkStride?: boolean;
  /** Whether a tensor may be compared with a parameter. Default true. */
  allowSubclasses?: boolean;
  /** Stands for the report, or changes it. */
  msg?: string | ((report: string) => string) | null;
}

const assertCloseSignature = signature(
  'assert_close(Object actual, Object expected, *, bool allow_subclasses=True, float? rtol=None, float? atol=None, bool equal_nan=False, bool check_device=True, bool check_dtype=True, bool check_layout=True, bool check_stride=False, Any msg=None)',
);

type Options = Required<AssertCloseOptions>;
type Path = readonly unknown[];
type ErrorClass = new (message: string) => Error;

/** A failure that is not yet an error: its text may still be changed. */
class Failure {
  constructor(
    readonly kind: ErrorClass,
    readonly report: string,
    readonly path: Path,
  ) {}

  toError({ msg }: Options): Error {
    if (typeof msg === 'string') return new this.kind(msg);
    let text = this.report;
    if (this.path.length > 0)
      text += `\n\nThe failure occurred for item ${this.path.map((step) => `[${formatValue(step)}]`).join('')}`;
    return new this.kind(msg === null ? text : msg(text));
  }
}

/** Two values that are compared as one. Tensors may have to be fetched first. */
interface Pair {
  readonly path: Path;
  /** Compares all but values. @throws Failure */
  check(): void;
  /** Tensors whose values are looked at. */
  readonly tensors: readonly Tensor[];
  /** @throws Failure */
  compare(tensors: readonly Tensor[]): void;
}

// ---- tolerances ----------------------------------------------------------------------------------------------------

const precisions: Readonly<Record<string, readonly [rtol: number, atol: number]>> = {
  float16: [0.001, 1e-5],
  bfloat16: [0.016, 1e-5],
  float32: [1.3e-6, 1e-5],
  float64: [1e-7, 1e-7],
  complex32: [0.001, 1e-5],
  complex64: [1.3e-6, 1e-5],
  complex128: [1e-7, 1e-7],
};

interface Tolerances {
  readonly rtol: number;
  readonly atol: number;
}

function tolerances(dtypes: readonly DType[], { rtol, atol }: Options, path: Path): Tolerances {
  if ((rtol === null) !== (atol === null))
    throw new Failure(
      ValueError,
      `Both 'rtol' and 'atol' must be either specified or omitted, but got no ${rtol === null ? 'rtol' : 'atol'}.`,
      path,
    );
  if (rtol !== null && atol !== null) return { rtol, atol };
  const defaults = dtypes.map(({ name }) => precisions[name] ?? [0, 0]);
  return { rtol: Math.max(...defaults.map(([r]) => r)), atol: Math.max(...defaults.map(([, a]) => a)) };
}

// ---- reports -------------------------------------------------------------------------------------------------------

/** A number as Python prints it. */
type Printed = string;

function report(
  what: string,
  extra: string,
  { rtol, atol }: Tolerances,
  differences: readonly [kind: 'absolute' | 'relative', value: Printed, index: string | null][],
): string {
  const equality = rtol === 0 && atol === 0;
  const lines = differences.map(([kind, value, index]) => {
    const allowed = equality ? '' : ` (up to ${formatValue(kind === 'absolute' ? atol : rtol)} allowed)`;
    if (index === null)
      return `${kind === 'absolute' ? 'Absolute' : 'Relative'} difference: ${value}${allowed}`;
    return `Greatest ${kind} difference: ${value} at index ${index}${allowed}`;
  });
  return `${what} are not ${equality ? 'equal' : 'close'}!\n\n${extra}\n${lines.join('\n')}`;
}

const magnitude = (value: Scalar): number => {
  const [re, im] = scalarParts(value);
  return Math.hypot(re, im);
};

/** Two numbers apart. @param isFloat whether Python would print them as floats */
function scalarReport(actual: Scalar, expected: Scalar, allowed: Tolerances, isFloat: boolean): string {
  const print = (value: Scalar): string => {
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    if (isComplexNumber(value)) return String(value);
    return isFloat ? formatFloat(Number(value)) : String(value);
  };
  const size = magnitude(expected);
  const exact = typeof actual === 'bigint' && typeof expected === 'bigint' ? actual - expected : null;
  const [a, b] = [scalarParts(actual), scalarParts(expected)];
  const apart = exact === null ? Math.hypot(a[0] - b[0], a[1] - b[1]) : Math.abs(Number(exact));
  const whole = !isFloat && !isComplexNumber(actual) && !isComplexNumber(expected);
  const shown =
    exact !== null ? String(exact < 0n ? -exact : exact) : whole ? String(apart) : formatFloat(apart);
  return report('Scalars', `Expected ${print(expected)} but got ${print(actual)}.`, allowed, [
    ['absolute', shown, null],
    ['relative', formatFloat(size === 0 ? Infinity : apart / size), null],
  ]);
}

/** Names the number in a tensor of one element as Python would. */
function element(tensor: Tensor): Scalar {
  if (tensor.dtype.isComplex) return tensor.itemComplex();
  if (tensor.dtype.name === 'bool') return tensor.item() !== 0;
  return isBig(tensor.dtype) ? tensor.itemBigint() : tensor.item();
}

const asPrinted = (tensor: Tensor): Printed =>
  isBig(tensor.dtype) ? String(tensor.itemBigint()) : formatFloat(tensor.item());

function unravel(flat: number, shape: readonly number[]): string {
  const index: number[] = [];
  let rest = flat;
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(rest % shape[d]);
    rest = Math.floor(rest / shape[d]);
  }
  return formatTuple(index);
}

function tensorReport(actual: Tensor, expected: Tensor, matches: Tensor, allowed: Tolerances): string {
  const count = matches.numel();
  const wrong = count - matches.sum().item();
  const percent = formatFixed((100 * wrong) / count, 1);
  let [a, b] = [actual.flatten(), expected.flatten()];
  const same = matches.flatten();
  if (!actual.dtype.isDifferentiable) [a, b] = [a.to(int64), b.to(int64)];
  const apart = a.sub(b).abs().maskedFill(same, 0);
  const part = apart.div(b.abs()).maskedFill(same, 0);
  const greatest = (values: Tensor): [Printed, string] => {
    const [value, at] = values.max(0);
    return [asPrinted(value), unravel(at.item(), matches.shape)];
  };
  return report('Tensor-likes', `Mismatched elements: ${wrong} / ${count} (${percent}%)`, allowed, [
    ['absolute', ...greatest(apart)],
    ['relative', ...greatest(part)],
  ]);
}

// ---- pairs ---------------------------------------------------------------------------------------------------------

const none = (value: unknown): boolean => value === null || value === undefined;
const isNumber = (value: unknown): value is Scalar =>
  typeof value === 'number' ||
  typeof value === 'bigint' ||
  value instanceof PyFloat ||
  isComplexNumber(value);

/** As `tensor` sees a number: a safe integer is Python's int. */
function numberDtype(value: Scalar): DType | null {
  if (isComplexNumber(value)) return null;
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? int64 : float64;
}

function simplePair(path: Path, check: () => void): Pair {
  return { path, check, tensors: [], compare: () => {} };
}

function numberPair(actual: Scalar, expected: Scalar, options: Options, path: Path): Pair {
  const dtypes = [actual, expected].map(numberDtype);
  const isComplex = dtypes.includes(null);
  const isFloat = dtypes.includes(float64);
  const allowed = tolerances(isComplex || isFloat ? [float64] : [int64], options, path);
  return simplePair(path, () => {
    const [x, y] = [actual, expected].map((v) => (v instanceof PyFloat ? v.value : v));
    const [a, b] = [scalarParts(x), scalarParts(y)];
    const exact = typeof x === 'bigint' && typeof y === 'bigint';
    if (exact ? x === y : a[0] === b[0] && a[1] === b[1]) return;
    const isNan = (parts: readonly unknown[]) => parts.some((part) => Number.isNaN(part));
    if (options.equalNan && isNan(a) && isNan(b)) return;
    const apart = exact ? Math.abs(Number(x - y)) : Math.hypot(a[0] - b[0], a[1] - b[1]);
    if (Number.isFinite(apart) && apart <= allowed.atol + allowed.rtol * magnitude(y)) return;
    throw new Failure(AssertionError, scalarReport(x, y, allowed, isFloat), path);
  });
}

function tensorPair(actual: Tensor, expected: Tensor, options: Options, path: Path): Pair {
  const allowed = tolerances([actual.dtype, expected.dtype], options, path);
  const { checkDevice, checkDtype, checkStride } = options;
  const differ = (attribute: string, a: unknown, b: unknown): void => {
    if (String(a) !== String(b))
      throw new Failure(
        AssertionError,
        `The values for attribute '${attribute}' do not match: ${a} != ${b}.`,
        path,
      );
  };
  return {
    path,
    tensors: [actual, expected],
    check() {
      differ('shape', actual.size(), expected.size());
      if (checkStride) differ('stride()', formatTuple(actual.stride()), formatTuple(expected.stride()));
      if (checkDevice) differ('device', actual.device, expected.device);
      if (checkDtype) differ('dtype', actual.dtype, expected.dtype);
    },
    compare(tensors) {
      let [a, b] = tensors.map((tensor) => tensor.detach());
      if (String(a.device) !== String(b.device)) [a, b] = [a.cpu(), b.cpu()];
      if (a.dtype !== b.dtype) {
        const common = promoteTypes(a.dtype, b.dtype);
        [a, b] = [a.to(common), b.to(common)];
      }
      const matches = a.isclose(b, { ...allowed, equalNan: options.equalNan });
      if (matches.all().item() === 1) return;
      const text =
        a.ndim === 0
          ? scalarReport(element(a), element(b), allowed, a.dtype.isFloatingPoint)
          : tensorReport(a, b, matches, allowed);
      throw new Failure(AssertionError, text, path);
    },
  };
}

/** An array of JavaScript's own as a tensor, if it is one that a dtype matches. */
function toTensor(value: unknown): Tensor | null {
  if (value instanceof Tensor) return value;
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? fromNumpy(value) : null;
}

const isMapping = (value: unknown): value is Record<string, unknown> | Map<unknown, unknown> =>
  value instanceof Map || isPlainObject(value);
const entriesOf = (mapping: Record<string, unknown> | Map<unknown, unknown>): Map<unknown, unknown> =>
  mapping instanceof Map ? mapping : new Map(Object.entries(mapping));

/** Python's name for the type of a value. */
const classOf = (value: unknown): string =>
  `<class '${value instanceof Tensor ? 'torch.Tensor' : typeName(value)}'>`;

function* pairs(actual: unknown, expected: unknown, options: Options, path: Path = []): Generator<Pair> {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    if (actual.length !== expected.length)
      throw new Failure(
        AssertionError,
        `The length of the sequences mismatch: ${actual.length} != ${expected.length}`,
        path,
      );
    for (let i = 0; i < actual.length; i++) yield* pairs(actual[i], expected[i], options, [...path, i]);
  } else if (isMapping(actual) && isMapping(expected)) {
    const [a, b] = [entriesOf(actual), entriesOf(expected)];
    const missing = [...b.keys()].filter((key) => !a.has(key));
    const additional = [...a.keys()].filter((key) => !b.has(key));
    const list = (keys: unknown[]) => `[${keys.sort().map(formatValue).join(', ')}]`;
    if (missing.length + additional.length > 0)
      throw new Failure(
        AssertionError,
        `The keys of the mappings do not match:\nMissing keys in the actual mapping: ${list(missing)}\nAdditional keys in the actual mapping: ${list(additional)}`,
        path,
      );
    for (const key of [...a.keys()].sort()) yield* pairs(a.get(key), b.get(key), options, [...path, key]);
  } else yield pairOf(actual, expected, options, path);
}

function pairOf(actual: unknown, expected: unknown, options: Options, path: Path): Pair {
  if (none(actual) || none(expected))
    return simplePair(path, () => {
      if (!(none(actual) && none(expected)))
        throw new Failure(
          AssertionError,
          `None mismatch: ${formatValue(actual)} is not ${formatValue(expected)}`,
          path,
        );
    });
  if (typeof actual === 'boolean' && typeof expected === 'boolean')
    return simplePair(path, () => {
      if (actual !== expected)
        throw new Failure(
          AssertionError,
          `Booleans mismatch: ${formatValue(actual)} is not ${formatValue(expected)}`,
          path,
        );
    });
  if (isNumber(actual) && isNumber(expected)) return numberPair(actual, expected, options, path);
  const [a, b] = [toTensor(actual), toTensor(expected)];
  const related =
    actual instanceof Tensor
      ? expected instanceof Tensor && (options.allowSubclasses || actual.constructor === expected.constructor)
      : (actual as object).constructor === (expected as object).constructor;
  if (a === null || b === null || !related)
    throw new Failure(
      TypeError,
      `No comparison pair was able to handle inputs of type ${classOf(actual)} and ${classOf(expected)}.`,
      path,
    );
  return tensorPair(a, b, options, path);
}

/** Turns failures into errors. All that cannot be compared is refused before anything is. */
function bound(args: readonly unknown[]): { options: Options; list: readonly Pair[] } {
  const given = assertCloseSignature.bind(args, 'assertClose');
  const options = given as unknown as Options;
  return { options, list: reported(options, () => [...pairs(given.actual, given.expected, options)]) };
}

function reported<R>(options: Options, run: () => R): R {
  try {
    return run();
  } catch (failure) {
    throw failure instanceof Failure ? failure.toError(options) : failure;
  }
}

/**
 * Refuses tensors that are not close: |actual - expected| <= atol + rtol * |expected|. Numbers, and arrays, plain objects and
 * Maps of all these are compared item by item. Shapes, devices and dtypes must be the same, too, unless the options say otherwise.
 *
 * @throws AssertionError with the count of differing elements and the greatest differences
 * @example
 * torch.testing.assertClose(model.forward(x), expected);
 * torch.testing.assertClose(actual, expected, { rtol: 0, atol: 1e-3 });
 */
export function assertClose(actual: unknown, expected: unknown, options?: AssertCloseOptions): void;
export function assertClose(named: AssertCloseOptions & { actual: unknown; expected: unknown }): void;
export function assertClose(...args: unknown[]): void {
  const { options, list } = bound(args);
  reported(options, () =>
    noGradSync(() =>
      asReader('assertClose', () => {
        for (const pair of list) {
          pair.check();
          pair.compare(pair.tensors);
        }
      }),
    ),
  );
}

/** `assertClose()`, on devices that must be waited for too. */
export function assertCloseAsync(
  actual: unknown,
  expected: unknown,
  options?: AssertCloseOptions,
): Promise<void>;
export function assertCloseAsync(
  named: AssertCloseOptions & { actual: unknown; expected: unknown },
): Promise<void>;
export async function assertCloseAsync(...args: unknown[]): Promise<void> {
  const { options, list } = bound(args);
  // Values are compared as they were when it was asked for.
  const values = list.map(({ tensors }) => Promise.all(tensors.map(onHost)));
  for (const [i, pair] of list.entries()) {
    const tensors = await values[i];
    reported(options, () =>
      noGradSync(() => {
        pair.check();
        pair.compare(tensors);
      }),
    );
  }
}
