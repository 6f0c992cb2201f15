/**
 * Pointwise computations on complex numbers: where a device takes those and the expression is made of what it knows of them, as they
 * are; else operands are split into their parts, and so is the expression.
 */
import type { Backend, StridedView } from '../backends/backend.js';
import type { ComputeType, Program } from '../backends/program.js';
import { isComplexNumber } from '../core/complex.js';
import { bool, Category } from '../core/dtype.js';
import { interleaved, partsOf } from '../core/interleaved.js';
import { sameShape } from '../core/layout.js';
import { type Scalar, scalarCategory, scalarParts, scalarValue } from '../core/scalar.js';
import {
  constant,
  type Expression,
  isWhole,
  lower,
  lowerComplex,
  name,
  type Parts,
  substitute,
} from '../expression/index.js';
import type { Typed } from './forms.js';

export type ComplexValue = StridedView | Scalar;

/** How an operand or number enters a program. */
export enum Kind {
  nothing = 0,
  complexTensor = 1,
  /** Becomes complex, with imaginary parts of zero. */
  realTensor = 2,
  /** Stays real: a mask. */
  mask = 3,
  complexNumber = 4,
  realNumber = 5,
  /** Stays real: a parameter that is no operand. */
  parameter = 6,
}

/** Programs of one expression for operands of certain kinds. */
export interface ComplexProgram {
  /** Computes what is stored: both parts, or a real result. */
  readonly program: Program;
  /** Whether the result has no imaginary part by its kind, as an absolute value has none. */
  readonly isReal: boolean;
  /** The parts one by one. */
  readonly parts: readonly Program[];
  /** Computes each part from the same part of the operands, where that can be; then memory is read as it lies. */
  readonly each: Program | null;
  /** Computes complex numbers from complex numbers, for devices that take them; null where parts are needed. */
  readonly whole: Program | null;
}

const isView = (value: ComplexValue): value is StridedView => typeof value === 'object' && 'storage' in value;

/** @param isReal whether a real value stays one; elsewhere it becomes complex */
export function kindOf(form: Pick<Typed, 'dtype'> | Category, isReal: boolean): Kind {
  if (typeof form === 'object')
    return form.dtype.isComplex ? Kind.complexTensor : isReal ? Kind.mask : Kind.realTensor;
  return form === Category.complex ? Kind.complexNumber : isReal ? Kind.parameter : Kind.realNumber;
}

const zero = constant(0);

/**
 * @param both whether both parts are stored; null: unless the result is real
 * @throws NoComplexForm
 */
function compileComplex(
  expression: Expression,
  operands: readonly string[],
  kinds: readonly Kind[],
  compute: ComputeType,
  both: boolean | null,
): ComplexProgram {
  const tensors: string[] = [];
  const numbers: string[] = [];
  const names: Record<string, Parts> = {};
  for (const [i, kind] of kinds.entries()) {
    const list = kind <= Kind.mask ? tensors : numbers;
    const [re, im] = [`${operands[i]}.re`, `${operands[i]}.im`];
    const isComplex = kind === Kind.complexTensor || kind === Kind.complexNumber;
    const becomesComplex = kind === Kind.realTensor || kind === Kind.realNumber;
    list.push(re);
    if (isComplex) list.push(im);
    names[operands[i]] = { re: name(re), im: isComplex ? name(im) : becomesComplex ? zero : null };
  }
  const { re, im } = lowerComplex(expression, names);
  const results = (both ?? im !== null) ? [re, im ?? zero] : [re];
  const partly = (e: Expression): Program => lower([e], tensors, numbers, compute);
  const isSeparable = kinds.every((k) => k === Kind.complexTensor || k === Kind.mask || k === Kind.parameter);
  const swapped = Object.fromEntries(Object.entries(names).map(([o, z]) => [`${o}.re`, z.im ?? z.re]));
  const isStored = both !== false && im !== null;
  const isAlike = isSeparable && substitute(re, swapped) === im;
  const given = (isTensor: boolean): string[] =>
    operands.filter((_, i) => kinds[i] <= Kind.mask === isTensor);
  return {
    program: lower(results, tensors, numbers, compute),
    isReal: im === null,
    parts: im === null ? [partly(re)] : [partly(re), partly(im)],
    each:
      isStored && isAlike
        ? lower(
            [re],
            tensors.filter((t) => t.endsWith('.re')),
            numbers,
            compute,
          )
        : null,
    whole:
      isStored && !kinds.includes(Kind.mask) && isWhole(expression)
        ? lower([expression], given(true), given(false), compute === 'float64' ? 'complex128' : 'complex64')
        : null,
  };
}

/** An operand or result as the engine sees it: its parts, if it is complex. */
export function viewsOf(target: StridedView): readonly StridedView[] {
  return target.dtype.isComplex ? partsOf(target) : [target];
}

/** A view with one more dimension: the parts of complex numbers, or real ones that are the same for both. */
function pairs(view: StridedView): StridedView {
  if (view.dtype.isComplex) return interleaved(view);
  const { storage, dtype, shape, strides, offset } = view;
  return { storage, dtype, shape: [...shape, 1], strides: [...strides, 0], offset };
}

/** Runs a program on operands of the kinds it was compiled for. */
export function runComplex(
  { program, each, whole }: ComplexProgram,
  out: StridedView,
  values: readonly ComplexValue[],
): void {
  const { backend } = out.storage;
  const { shape, strides } = out;
  const tensors: StridedView[] = [];
  const numbers: Scalar[] = [];
  for (const value of values) {
    if (isView(value)) tensors.push(value);
    else numbers.push(value);
  }
  const liesAlike = (t: StridedView): boolean =>
    !t.dtype.isComplex || (sameShape(t.shape, shape) && sameShape(t.strides, strides));
  const isAlike = each !== null && tensors.every(liesAlike);
  if (whole !== null && !isAlike && takesWhole(backend, [out, ...tensors])) {
    backend.pointwise(whole, shape, [out], tensors, numbers.flatMap(scalarParts));
    return;
  }
  const scalars = numbers.flatMap((n) => (isComplexNumber(n) ? scalarParts(n) : Number(scalarValue(n))));
  if (isAlike) backend.pointwise(each, [...shape, 2], [pairs(out)], tensors.map(pairs), scalars);
  else backend.pointwise(program, shape, viewsOf(out), tensors.flatMap(viewsOf), scalars);
}

/** Whether a program of complex numbers can have these operands. */
export function takesWhole(backend: Backend, operands: readonly StridedView[]): boolean {
  return operands.every(({ dtype }) => backend.takesWhole(dtype));
}

const programs = new Map<string, ComplexProgram>();

/** The programs of an expression for operands of these names. */
export function complexProgram(
  expression: Expression,
  operands: readonly string[],
  kinds: readonly Kind[],
  compute: ComputeType,
  both: boolean | null = null,
): ComplexProgram {
  const key = `${expression.id} ${operands} ${kinds} ${compute} ${both}`;
  let program = programs.get(key);
  if (program === undefined) {
    program = compileComplex(expression, operands, kinds, compute, both);
    programs.set(key, program);
  }
  return program;
}

/** Evaluates an expression of complex operands into a tensor; a real one takes the real part. */
export function computeComplex(
  expression: Expression,
  target: StridedView,
  operands: Readonly<Record<string, ComplexValue>>,
  compute: ComputeType,
): void {
  const values = Object.values(operands);
  const kinds = values.map((v) =>
    isView(v) ? kindOf(v, v.dtype === bool) : kindOf(scalarCategory(v), false),
  );
  const both = target.dtype.isComplex;
  runComplex(complexProgram(expression, Object.keys(operands), kinds, compute, both), target, values);
}
