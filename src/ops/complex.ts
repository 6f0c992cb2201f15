/** Pointwise computations on complex numbers: operands are split into their parts, and so is the expression. */
import type { StridedView } from '../backends/backend.js';
import type { ComputeType, Program } from '../backends/program.js';
import { partsOf } from '../core/complex.js';
import type { DType } from '../core/dtype.js';
import { isComplexNumber, type Scalar, scalarParts, scalarValue } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import { constant, type Expression, lower, lowerComplex, name, type Parts } from './expression/index.js';

/** How an operand or number takes part. */
export interface ComplexOperand {
  readonly name: string;
  readonly value: StridedView | Scalar;
  /** Whether it stays real where it is: a mask, an integer parameter. Other real values become complex. */
  readonly isReal: boolean;
}

interface Compiled {
  readonly program: Program;
  /** Whether the result has no imaginary part by its kind. */
  readonly isReal: boolean;
}

/** A program, and what it is to be run on. */
export interface ComplexCall extends Compiled {
  readonly inputs: readonly StridedView[];
  readonly scalars: readonly number[];
}

const compiled = new Map<string, Compiled>();
const parts = new Map<string, readonly Program[]>();
const zero = constant(0);

/** A view is there whatever its class: kernels' operands are no tensors. */
const isView = (value: StridedView | Scalar): value is StridedView =>
  value instanceof Tensor || (typeof value === 'object' && 'storage' in value);

/** One letter says how the operand enters the program. */
function kindOf({ value, isReal }: ComplexOperand): 'z' | 'r' | 'm' | 'Z' | 'R' | 'M' {
  if (isView(value)) return value.dtype.isComplex ? 'z' : isReal ? 'm' : 'r';
  return isComplexNumber(value) ? 'Z' : isReal ? 'M' : 'R';
}

/**
 * The call that evaluates an expression on complex operands.
 *
 * @param into the dtype to store to, if it is given: a complex one also gets real results, with imaginary parts of zero
 */
export function complexCall(
  expression: Expression,
  operands: readonly ComplexOperand[],
  compute: ComputeType,
  into: DType | null,
): ComplexCall {
  let key = `${expression.id} ${compute} ${into?.isComplex ?? '-'}`;
  const inputs: StridedView[] = [];
  const scalars: number[] = [];
  for (const operand of operands) {
    const kind = kindOf(operand);
    key += ` ${kind}${operand.name}`;
    const { value } = operand;
    if (isView(value)) inputs.push(...viewsOf(value));
    else scalars.push(...(kind === 'Z' ? scalarParts(value) : [Number(scalarValue(value))]));
  }
  let entry = compiled.get(key);
  if (entry === undefined) {
    entry = compile(expression, operands, compute, into);
    compiled.set(key, entry);
  }
  return { ...entry, inputs, scalars };
}

/** The parts of an expression's value, and what the operands' parts are called. */
function lowerOperands(
  expression: Expression,
  operands: readonly ComplexOperand[],
): { tensors: readonly string[]; numbers: readonly string[]; value: Parts } {
  const tensors: string[] = [];
  const numbers: string[] = [];
  const names: Record<string, Parts> = {};
  for (const operand of operands) {
    const kind = kindOf(operand);
    const list = 'zrm'.includes(kind) ? tensors : numbers;
    const [re, im] = [`${operand.name}.re`, `${operand.name}.im`];
    list.push(re);
    if (kind === 'z' || kind === 'Z') list.push(im);
    names[operand.name] = {
      re: name(re),
      im: 'zZ'.includes(kind) ? name(im) : 'rR'.includes(kind) ? zero : null,
    };
  }
  return { tensors, numbers, value: lowerComplex(expression, names) };
}

function compile(
  expression: Expression,
  operands: readonly ComplexOperand[],
  compute: ComputeType,
  into: DType | null,
): Compiled {
  const { tensors, numbers, value } = lowerOperands(expression, operands);
  const isReal = value.im === null;
  const wantsBoth = into === null ? !isReal : into.isComplex;
  const results = wantsBoth ? [value.re, value.im ?? zero] : [value.re];
  return { program: lower(results, tensors, numbers, compute), isReal };
}

/** The programs that give the parts of an expression's value, one each: what reductions take. */
export function complexParts(
  expression: Expression,
  operands: readonly ComplexOperand[],
  compute: ComputeType,
): { programs: readonly Program[]; inputs: readonly StridedView[] } {
  const inputs = operands.flatMap(({ value }) => (isView(value) ? viewsOf(value) : []));
  const key = `${expression.id} ${compute} ${operands.map((o) => kindOf(o) + o.name).join(' ')}`;
  let programs = parts.get(key);
  if (programs === undefined) {
    const { tensors, numbers, value } = lowerOperands(expression, operands);
    programs = [value.re, value.im].flatMap((e) =>
      e === null ? [] : [lower([e], tensors, numbers, compute)],
    );
    parts.set(key, programs);
  }
  return { programs, inputs };
}

/** What the engine sees of an operand or result: its parts, if it is complex. */
export function viewsOf(target: StridedView): readonly StridedView[] {
  return target.dtype.isComplex ? partsOf(target) : [target];
}

/** Evaluates an expression of complex operands into a tensor; a real one takes the real part. */
export function computeComplex(
  expression: Expression,
  target: StridedView,
  operands: readonly ComplexOperand[],
  compute: ComputeType,
): void {
  const call = complexCall(expression, operands, compute, target.dtype);
  target.storage.backend.pointwise(call.program, target.shape, viewsOf(target), call.inputs, call.scalars);
}
