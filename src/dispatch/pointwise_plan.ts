/** How an expression is computed on operands of certain forms: chosen once, from the forms alone. */
import type { ComputeType, Program } from '../backends/program.js';
import { Category, type DType } from '../core/dtype.js';
import type { Scalar } from '../core/scalar.js';
import type { Tensor } from '../core/tensor.js';
import { type Expression, expand, isWide, lower, NoComplexForm, name } from '../expression/index.js';
import { type ComplexProgram, complexProgram, kindOf, runComplex } from './complex_program.js';
import { emptyStrided } from './empty.js';
import { CodeTree, type Form, formOf, isTyped, type Typed } from './forms.js';
import { type Conversion, isHalf, operandConversion, parameterConversion } from './pointwise_numbers.js';
import type { Operands } from './pointwise_operands.js';
import { computeType, notImplemented, promote } from './promote.js';
import type { PointwiseRow } from './row.js';
import type { Parameter, Schema } from './schema.js';

/** A way to compute. */
export interface Plan {
  /** The dtype of a new result. */
  readonly result: DType;
  /** Whether the result is the operand as it is. */
  readonly isCopy: boolean;
  /** Whether it makes real numbers of complex ones. */
  readonly dropsParts: boolean;
  /** @param args the op's arguments, for the numbers among them */
  run(out: Tensor, operands: Operands, args: readonly unknown[]): void;
}

/** An op's row, and which of its parameters are what. */
export interface Computed {
  readonly schema: Schema;
  readonly row: PointwiseRow;
  /** Positions of operands (tensors, or numbers in a tensor's place). */
  readonly operands: readonly number[];
  /** Positions of operands, then of other numbers. */
  readonly inputs: readonly number[];
  /** Positions of operands that take no part in promotion. */
  readonly apart: readonly number[];
}

/** An argument, as far as a plan knows it. */
interface Given<F = Form> {
  readonly form: F;
  readonly position: number;
  readonly parameter: Parameter;
  readonly isOperand: boolean;
  /** Whether it is a tensor that takes no part in promotion. */
  readonly isApart: boolean;
}

/** Dtypes of a computation: that of its operands, and its result's. */
export interface Dtypes {
  readonly common: DType;
  readonly result: DType;
}

/** The arguments that a row of codes stands for. */
export function givenBy({ schema, operands, inputs, apart }: Computed, codes: readonly number[]): Given[] {
  return inputs.flatMap((position, k) => {
    const form = formOf(codes[k]);
    if (form === null) return [];
    const isApart = isTyped(form) && apart.includes(position);
    return {
      form,
      position,
      parameter: schema.parameters[position],
      isOperand: k < operands.length,
      isApart,
    };
  });
}

const isTensor = (given: Given): given is Given<Typed> => isTyped(given.form);
const isNumber = (given: Given): given is Given<Category> => !isTyped(given.form);
const namesOf = (given: readonly Given[]): readonly string[] => given.map(({ parameter }) => parameter.name);

/** The dtypes that promotion finds. @throws NotImplementedError for one that the row's kernel lacks */
export function dtypesOf({ schema, row }: Computed, given: readonly Given[]): Dtypes {
  const forms = given.filter(({ isOperand, isApart }) => isOperand && !isApart).map(({ form }) => form);
  const dtypes = promote(row.promote ?? 'default', forms, `${schema.name}_cpu`);
  if (row.only !== undefined && !row.only[1].includes('bifc'[dtypes.common.category]))
    throw notImplemented(row.only[0], dtypes.common);
  return dtypes;
}

/** An expression, with the plans and programs that were made of it. */
export class Variant {
  /** By the forms of operands and numbers, the default dtype and what the device has. */
  readonly plans = new CodeTree<Plan>();
  /** By which operands are tensors, by compute type, and by what the device has. */
  private readonly programs = new Map<string, Program>();
  /** Whether float32 is too little for what happens on the way. */
  private readonly isWide: boolean;

  constructor(readonly expression: Expression) {
    this.isWide = isWide(expression);
  }

  /** Makes the plan for what was given. @param hasFloat64 whether the device has */
  plan({ schema, row }: Computed, given: readonly Given[], dtypes: Dtypes, hasFloat64: boolean): Plan {
    const { common } = dtypes;
    const takesDoubles = hasFloat64 && common.category === Category.float;
    const compute = takesDoubles && (this.isWide || row.wide === true) ? 'float64' : computeType(common);
    if (common.category === Category.complex)
      return new ComplexPlan(this.expression, given, dtypes, compute, `${schema.name}_cpu`);
    const program = this.program(given, compute, schema.name, !hasFloat64);
    return new RealPlan(program, row, given, dtypes, this.expression.op === 'name');
  }

  private program(given: readonly Given[], compute: ComputeType, name: string, isCoarse: boolean): Program {
    const tensors = namesOf(given.filter(isTensor));
    const numbers = namesOf(given.filter(isNumber));
    const key = `${tensors};${numbers};${compute};${isCoarse}`;
    let program = this.programs.get(key);
    if (program === undefined) {
      program = lower(expand([this.expression], isCoarse), tensors, numbers, compute, name);
      this.programs.set(key, program);
    }
    return program;
  }
}

const noNumbers: readonly (number | bigint)[] = [];

class RealPlan implements Plan {
  readonly result: DType;
  readonly dropsParts = false;
  private readonly common: DType;
  /** Where numbers are, and how they enter the program. */
  private readonly numbers: readonly { readonly position: number; readonly convert: Conversion }[];
  /** Which of the tensors are made elements of the common dtype first. */
  private readonly narrowed: readonly number[];

  constructor(
    private readonly program: Program,
    row: PointwiseRow,
    given: readonly Given[],
    { common, result }: Dtypes,
    readonly isCopy: boolean,
  ) {
    this.common = common;
    this.result = result;
    this.numbers = given.filter(isNumber).map(({ form, position, parameter, isOperand }) => ({
      position,
      convert: isOperand
        ? operandConversion(common, form, parameter, row)
        : parameterConversion(common, form, parameter),
    }));
    this.narrowed = given
      .filter(isTensor)
      .flatMap(({ form, isApart }, i) => (!isApart && isNarrowed(form, common, row) ? [i] : []));
  }

  run(out: Tensor, { shape, tensors }: Operands, args: readonly unknown[]): void {
    const { program, narrowed } = this;
    const inputs = narrowed.length === 0 ? tensors : this.narrow(tensors);
    const numbers = this.numbers.length === 0 ? noNumbers : this.converted(args);
    out.storage.backend.pointwise(program, shape, [out], inputs, numbers);
  }

  private converted(args: readonly unknown[]): (number | bigint)[] {
    const numbers: (number | bigint)[] = [];
    for (const { position, convert } of this.numbers) numbers.push(convert(args[position] as Scalar));
    return numbers;
  }

  private narrow(tensors: readonly Tensor[]): readonly Tensor[] {
    return tensors.map((t, i) => (this.narrowed.includes(i) ? elementOf(t, this.common) : t));
  }
}

/** Whether a tensor without dimensions, which does not decide the dtype, has values that it cannot hold. */
function isNarrowed({ dtype, ndim }: Typed, common: DType, { exact }: PointwiseRow): boolean {
  if (ndim > 0 || dtype === common) return false;
  if (common.category === Category.int) return dtype.itemsize >= common.itemsize;
  return isHalf(common) && !exact;
}

const copies = new Map<ComputeType, Program>();

/** A tensor without dimensions as an element of another dtype. */
function elementOf(tensor: Tensor, dtype: DType): Tensor {
  const compute = computeType(tensor.dtype);
  let program = copies.get(compute);
  if (program === undefined) {
    program = lower([name('self')], ['self'], [], compute);
    copies.set(compute, program);
  }
  const { backend } = tensor.storage;
  const result = emptyStrided([], [], dtype, backend);
  backend.pointwise(program, [], [result], [tensor], []);
  return result;
}

class ComplexPlan implements Plan {
  readonly result: DType;
  readonly isCopy = false;
  readonly dropsParts: boolean;
  private readonly numbers: readonly number[];
  /** The program for new results. */
  private readonly own: ComplexProgram;

  constructor(
    private readonly expression: Expression,
    private readonly given: readonly Given[],
    { common, result }: Dtypes,
    private readonly compute: ComputeType,
    kernel: string,
  ) {
    this.numbers = given.filter(isNumber).map(({ position }) => position);
    try {
      this.own = this.program(null);
    } catch (e) {
      throw e instanceof NoComplexForm ? notImplemented(kernel, common) : e;
    }
    this.dropsParts = this.own.isReal && result === common;
    this.result = this.dropsParts ? common.toReal() : result;
  }

  /** @param both whether both parts are stored; null: unless the result is real */
  private program(both: boolean | null): ComplexProgram {
    const { expression, given, compute } = this;
    const kinds = given.map(({ form, isOperand, isApart }) => kindOf(form, !isOperand || isApart));
    return complexProgram(expression, namesOf(given), kinds, compute, both);
  }

  run(out: Tensor, { tensors }: Operands, args: readonly unknown[]): void {
    const { isComplex } = out.dtype;
    const program = isComplex === this.own.isReal ? this.program(isComplex) : this.own;
    runComplex(program, out, [...tensors, ...this.numbers.map((i) => args[i] as Scalar)]);
  }
}
