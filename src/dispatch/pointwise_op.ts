/** Ops given as expressions: compiled for the operands at hand, differentiated when first asked. */

import type { Gradient } from '../autograd/node.js';
import type { Backend } from '../backends/backend.js';
import { type ComputeType, computeTypes, type Program } from '../backends/program.js';
import { isComplexNumber } from '../core/complex.js';
import { bfloat16, Category, type DType, float16 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { broadcastShapes, type Shape, sameShape } from '../core/layout.js';
import { checkHolds } from '../core/overflow.js';
import { isScalar, type Scalar, scalarValue } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import {
  backward,
  build,
  complexBackward,
  conjugated,
  type Expression,
  freeNames,
  isHolomorphic,
  isWide,
  lower,
  NoComplexForm,
  name,
  parseExpression,
  pushforward,
  simplify,
  substitute,
} from '../expression/index.js';
import {
  type ComplexProgram,
  type ComplexValue,
  compileComplex,
  type Kind,
  kindCount,
  kindOf,
  runComplex,
} from './complex_program.js';
import { dispatch } from './dispatch.js';
import { checkCommon, type Support, supportOf } from './families.js';
import { asElement, narrowed, onOneDevice, prepare, resultOf, toInteger } from './pointwise_operands.js';
import type { Promote } from './promote.js';
import { computeType, notImplemented, type Operand, promote } from './promote.js';
import { RecordedOp } from './recorded_op.js';
import type { PointwiseRow } from './row.js';
import { parseSchema, type Schema } from './schema.js';
import { hasComplex, type ParameterTangent, type Values } from './tangents.js';

/** Scalar parameter types: they enter programs as numbers, whatever their name. */
const numberTypes = new Set(['Scalar', 'int', 'float', 'bool']);

const noNumbers: (number | bigint)[] = [];

const isHalf = (dtype: DType): boolean => dtype === float16 || dtype === bfloat16;

/** How tensors of one dtype, shape and device are computed with. */
interface Plan {
  readonly program: Program;
  readonly common: DType;
  readonly result: DType;
  readonly backend: Backend;
}

/** An expression and its programs, by which operands are tensors and by compute type. */
class Variant {
  readonly programs = new Map<number, Program>();
  /** By the dtype's code, for calls as `isUniform` finds them. */
  readonly plans: (Plan | undefined)[] = [];
  /** Programs of complex numbers, by the kinds of operands. */
  readonly complex = new Map<number, ComplexProgram>();
  /** Whether float32 is too little for what happens on the way. */
  readonly isWide: boolean;

  constructor(readonly expression: Expression) {
    this.isWide = isWide(expression);
  }
}

/** Kinds of values in an operand's or number's place, for the key of a program. */
enum Given {
  nothing = 0,
  tensor = 1,
  scalar = 2,
}

export class PointwiseOp extends RecordedOp {
  readonly differentiable: boolean;
  override readonly readsSizes = false;
  private readonly promote: Promote;
  /** By source text: a row may give several expressions, chosen by its arguments. */
  private readonly variants = new Map<string, Variant>();
  private readonly only: Variant | null;
  /** Gradient ops by parameter, then by the formula or the variant that they come from. */
  private readonly derived: readonly GradientOps[];
  /** Whether the arguments choose the expression or a formula. */
  private readonly isChosen: boolean;
  /** Tangent ops by moving parameters and variant. */
  private readonly tangentOps = new Map<string, DerivedOp | null>();
  /** Positions of operands (tensors, or numbers in a tensor's place). */
  private readonly operands: readonly number[];
  private readonly numbers: readonly number[];
  /** Positions of operands that take no part in promotion. */
  private readonly apart: readonly number[];
  /** The types of few ops that it computes in. */
  private readonly computes: Support;
  /** Names of the row's texts where the schema's own are others. */
  private readonly renamed: Readonly<Record<string, Expression>>;

  constructor(
    source: Schema,
    override readonly row: PointwiseRow,
    expression: Expression | null = null,
  ) {
    const schema = withoutReserved(source);
    super(schema, row);
    this.renamed = Object.fromEntries(
      source.parameters.map((p, i) => [p.name, name(schema.parameters[i].name)] as const),
    );
    this.promote = row.promote ?? 'default';
    this.computes = supportOf(source, row.only?.[0]);
    this.differentiable = row.derivative !== false && this.promote !== 'bool' && this.promote !== 'int';
    this.operands = schema.parameters.flatMap((p, i) => (p.type.startsWith('Tensor') ? [i] : []));
    this.numbers = schema.parameters.flatMap((p, i) => (numberTypes.has(p.type) ? [i] : []));
    const apart = row.apart ?? [];
    this.apart = schema.parameters.flatMap((p, i) => (apart.includes(p.name) ? [i] : []));
    this.only =
      expression !== null
        ? new Variant(substitute(expression, this.renamed))
        : typeof row.pointwise === 'string'
          ? new Variant(this.parse(row.pointwise))
          : null;
    this.isChosen =
      this.only === null || Object.values(row.derivative || {}).some((given) => typeof given === 'function');
    this.derived = schema.parameters.map(() => ({ real: new Map(), complex: new Map() }));
  }

  private parse(source: string): Expression {
    return substitute(parseExpression(source), this.renamed);
  }

  private variant(args: readonly unknown[]): Variant {
    if (this.only !== null) return this.only;
    const source = (this.row.pointwise as (args: Readonly<Record<string, unknown>>) => string)(
      this.named(args),
    );
    let variant = this.variants.get(source);
    if (variant === undefined) {
      variant = new Variant(this.parse(source));
      this.variants.set(source, variant);
    }
    return variant;
  }

  private named(args: readonly unknown[]): Record<string, unknown> {
    const { parameters } = this.schema;
    const result: Record<string, unknown> = {};
    for (let i = 0; i < parameters.length; i++) result[parameters[i].name] = args[i];
    return result;
  }

  /** The dtype that it computes in, if its operands are of several. */
  commonType(args: readonly unknown[]): DType | null {
    const operands = this.operands.filter((i) => !this.apart.includes(i)).map((i) => args[i] as Operand);
    const given = operands.filter((o) => o instanceof Tensor || isScalar(o));
    const tensors = given.filter((o) => o instanceof Tensor);
    if (tensors.every((t) => t.dtype === tensors[0].dtype)) return null;
    return promote(this.promote, given, `${this.schema.name}_cpu`).common;
  }

  /** Whether a parameter takes no part in promotion. */
  isApart(position: number): boolean {
    return this.apart.includes(position);
  }

  override execute(args: readonly unknown[]): Tensor {
    return this.run(args, null);
  }

  override executeInPlace(args: readonly unknown[]): void {
    this.run(args, args[0] as Tensor);
  }

  private run(given: readonly unknown[], into: Tensor | null): Tensor {
    const isUniform = this.isUniform(given);
    const args = isUniform ? given : onOneDevice(given, this.operands);
    this.row.check?.(args);
    const variant = this.variant(args);
    if (isUniform) {
      const { dtype, storage } = args[this.operands[0]] as Tensor;
      const plan = variant.plans[dtype.code];
      if (plan !== undefined && plan.backend === storage.backend) return this.runPlan(plan, args, into);
    }
    const operands: Operand[] = [];
    const inputs: Tensor[] = [];
    let hasNumbers = false;
    let key = 0;
    let shape: Shape | null = null;
    let plain = true;
    for (const i of this.operands) {
      const arg = args[i];
      if (arg instanceof Tensor) {
        if (!this.apart.includes(i)) operands.push(arg);
        inputs.push(arg);
        key = key * 3 + Given.tensor;
        if (shape === null) shape = arg.shape;
        else if (!sameShape(shape, arg.shape)) {
          shape = broadcastShapes(shape, arg.shape);
          plain = false;
        }
      } else if (isScalar(arg)) {
        operands.push(arg);
        hasNumbers = true;
        key = key * 3 + Given.scalar;
      } else key = key * 3 + Given.nothing;
    }
    for (const i of this.numbers) {
      const arg = args[i];
      if (arg !== null) hasNumbers = true;
      key = key * 3 + (arg === null ? Given.nothing : Given.scalar);
    }
    if (shape === null) shape = [];
    const { common, result } = promote(this.promote, operands, `${this.schema.name}_cpu`);
    if (this.row.only !== undefined && !this.row.only[1].includes('bifc'[common.category]))
      throw notImplemented(this.row.only[0], common);
    if (common.family !== null) checkCommon(this.computes, common, inputs);
    const isWide =
      (variant.isWide || this.row.wide === true) &&
      common.category === Category.float &&
      inputs[0]?.storage.backend.hasFloat64;
    const compute = isWide ? 'float64' : computeType(common);
    if (common.category === Category.complex) {
      const values: ComplexValue[] = [];
      const complex = this.complexProgram(variant, args, compute, into, common, values);
      if (into !== null && complex.isReal && result === common)
        throw new RuntimeError(`In-place ${this.schema.name} is not supported for complex tensors.`);
      const dtype = complex.isReal && result === common ? common.toReal() : result;
      const out = prepare(shape, dtype, inputs, plain, into);
      runComplex(complex, out, values);
      return out;
    }
    // Rounding integers leaves them as they are, whatever memory they share.
    const isSame = variant.expression.op === 'name' && inputs.length === 1 && inputs[0] === into;
    if (isSame && result === inputs[0].dtype) return inputs[0];
    const scalars = hasNumbers ? this.fitted(args, common) : noNumbers;
    for (let i = 0; i < inputs.length; i++)
      if (
        inputs[i].ndim === 0 &&
        this.isNarrowed(inputs[i], common) &&
        !this.apart.some((a) => args[a] === inputs[i])
      )
        inputs[i] = narrowed(inputs[i], common);
    key = key * 3 + computeTypes.indexOf(compute);
    const program = variant.programs.get(key) ?? this.compile(variant, args, compute, key);
    if (isUniform && common === inputs[0].dtype && variant.expression.op !== 'name')
      variant.plans[common.code] = { program, common, result, backend: inputs[0].storage.backend };
    const out = prepare(shape, result, inputs, plain, into);
    out.storage.backend.pointwise(program, shape, [out], inputs, scalars);
    return out;
  }

  /** Whether all operands are tensors of one dtype, shape (not that of a number) and device, and all numbers are given. */
  private isUniform(args: readonly unknown[]): boolean {
    const first = args[this.operands[0]];
    if (!(first instanceof Tensor)) return false;
    const { shape, dtype } = first;
    if (shape.length === 0) return false;
    const { backend } = first.storage;
    for (let k = 1; k < this.operands.length; k++) {
      const other = args[this.operands[k]];
      if (!(other instanceof Tensor) || other.dtype !== dtype || other.storage.backend !== backend)
        return false;
      if (!sameShape(other.shape, shape)) return false;
    }
    for (let k = 0; k < this.numbers.length; k++) if (args[this.numbers[k]] === null) return false;
    return true;
  }

  private runPlan({ program, common, result }: Plan, args: readonly unknown[], into: Tensor | null): Tensor {
    const inputs: Tensor[] = [];
    for (let k = 0; k < this.operands.length; k++) inputs.push(args[this.operands[k]] as Tensor);
    const scalars = this.numbers.length === 0 ? noNumbers : this.fitted(args, common);
    const { shape } = inputs[0];
    const out =
      into === null ? resultOf(shape, result, inputs, true) : prepare(shape, result, inputs, true, into);
    out.storage.backend.pointwise(program, shape, [out], inputs, scalars);
    return out;
  }

  /** The numbers as a computation in this dtype takes them: those in a tensor's place become elements of it. */
  private fitted(args: readonly unknown[], common: DType): (number | bigint)[] {
    const { parameters } = this.schema;
    const result: (number | bigint)[] = [];
    const { exact = false, checked } = this.row;
    for (const i of this.operands) {
      const arg = args[i];
      if (!isScalar(arg)) continue;
      if (checked?.includes(parameters[i].name) && this.isChecked(common)) checkHolds(common, arg);
      result.push(isComplexNumber(arg) ? 0 : asElement(scalarValue(arg), common, exact));
    }
    for (const i of this.numbers) {
      const arg = args[i];
      if (arg === null) continue;
      const isParameter = parameters[i].type === 'Scalar';
      if (isParameter && common.category === Category.int) checkHolds(common, arg as Scalar);
      const value = isComplexNumber(arg) ? 0 : scalarValue(arg as Scalar);
      const isFloat = common.category >= Category.float;
      result.push(isFloat ? value : isParameter ? asElement(value, common, true) : toInteger(value));
    }
    return result;
  }

  /** Whether numbers must be values of this dtype. */
  private isChecked(common: DType): boolean {
    const kind = common.category === Category.int ? 'i' : isHalf(common) ? 'h' : 'f';
    return (this.row.checkedIn ?? 'i').includes(kind);
  }

  /** Whether a tensor without dimensions, which does not decide the dtype, has values that it cannot hold. */
  private isNarrowed({ dtype }: Tensor, common: DType): boolean {
    if (dtype === common) return false;
    if (common.category === Category.int) return dtype.itemsize >= common.itemsize;
    return isHalf(common) && !this.row.exact;
  }

  /** The program for complex operands of this form; `values` receives them. */
  private complexProgram(
    variant: Variant,
    args: readonly unknown[],
    compute: ComputeType,
    into: Tensor | null,
    common: DType,
    values: ComplexValue[],
  ): ComplexProgram {
    const both = into === null ? null : into.dtype.isComplex;
    let key = computeTypes.indexOf(compute) * 3 + (both === null ? 0 : both ? 1 : 2);
    const kinds: Kind[] = [];
    for (const list of [this.operands, this.numbers])
      for (const i of list) {
        const value = args[i];
        const isGiven = value instanceof Tensor || isScalar(value);
        key *= kindCount;
        if (!isGiven) continue;
        const kind = kindOf(value, list === this.numbers || this.apart.includes(i));
        values.push(value);
        kinds.push(kind);
        key += kind;
      }
    const known = variant.complex.get(key);
    if (known !== undefined) return known;
    const { parameters } = this.schema;
    const given = [...this.operands, ...this.numbers].filter(
      (i) => args[i] instanceof Tensor || isScalar(args[i]),
    );
    const names = given.map((i) => parameters[i].name);
    try {
      const program = compileComplex(variant.expression, names, kinds, compute, both);
      variant.complex.set(key, program);
      return program;
    } catch (e) {
      throw e instanceof NoComplexForm ? notImplemented(`${this.schema.name}_cpu`, common) : e;
    }
  }

  /** The program for arguments of this form. */
  private compile(variant: Variant, args: readonly unknown[], compute: ComputeType, key: number): Program {
    const { parameters } = this.schema;
    const nameOf = (i: number): string => parameters[i].name;
    const tensors = this.operands.filter((i) => args[i] instanceof Tensor).map(nameOf);
    const numbers = [...this.operands, ...this.numbers].filter((i) => isScalar(args[i])).map(nameOf);
    const program = lower([variant.expression], tensors, numbers, compute, this.schema.name);
    variant.programs.set(key, program);
    return program;
  }

  // ---- derivatives ------------------------------------------------------------------------------------------------

  override saved(needs: readonly boolean[], args: readonly unknown[], isComplex: boolean): readonly string[] {
    let found: readonly string[] = [];
    for (let i = 0; i < needs.length; i++) {
      const { saved } = (needs[i] ? this.derivedOp(i, args, isComplex) : null) ?? readsNothing;
      if (saved.length > 0) found = found.length === 0 ? saved : [...new Set([...found, ...saved])];
    }
    return found;
  }

  override gradients(
    values: Values,
    [grad]: readonly Gradient[],
    needs: readonly boolean[],
    isComplex: boolean,
  ): readonly Gradient[] {
    const args = this.isChosen ? this.schema.parameters.map((p) => values[p.name]) : [];
    return needs.map((need, i) =>
      need ? (this.derivedOp(i, args, isComplex)?.apply(values, grad) ?? null) : null,
    );
  }

  /** The tangent of the result is one pointwise op of the operands and their tangents. */
  override tangents(
    values: Values,
    inputs: readonly ParameterTangent[],
    [result]: readonly Tensor[],
  ): readonly Gradient[] {
    const args = this.schema.parameters.map((p) => values[p.name]);
    const moving = inputs.flatMap((t, i) => (t === null ? [] : [i]));
    const op = this.tangentOp(moving, args, hasComplex([...args, ...inputs]));
    if (op === null) return [null];
    const tangents = Object.fromEntries(moving.map((i) => [this.tangentName(i), inputs[i]]));
    return [op.operandNames.length === 0 ? result.zerosLike() : op.apply({ ...values, ...tangents }, null)];
  }

  private tangentName(i: number): string {
    let name = `${this.schema.parameters[i].name}_t`;
    while (this.schema.positions.has(name)) name += '_';
    return name;
  }

  /** The op that gives the result's tangent where these parameters have one; null if it does not depend on them. */
  private tangentOp(
    moving: readonly number[],
    args: readonly unknown[],
    isComplex: boolean,
  ): DerivedOp | null {
    // A row's formula is the factor of both modes, but for complex numbers where no derivative exists.
    const symbolically = isComplex && !isHolomorphic(this.variant(args).expression);
    const sources = moving.map((i) => (symbolically ? undefined : this.givenDerivative(i, args)));
    const variant = sources.includes(undefined) ? this.variant(args) : null;
    const key = `${isComplex}:${moving.join()}:${sources.join()}:${variant?.expression.id}`;
    let op = this.tangentOps.get(key);
    if (op === undefined) {
      const symbolic = moving.filter((_, k) => sources[k] === undefined);
      const terms = moving.flatMap((i, k) => {
        const source = sources[k];
        return source === undefined ? [] : [substitute(vjpOf(source), { grad: name(this.tangentName(i)) })];
      });
      const names = symbolic.map((i) => [this.schema.parameters[i].name, name(this.tangentName(i))] as const);
      const rest =
        variant === null ? null : pushforward(variant.expression, Object.fromEntries(names), isComplex);
      if (rest !== null) terms.push(rest);
      op =
        terms.length === 0
          ? null
          : derive(this.schema, 'jvp', simplify(terms.reduce((a, b) => build('add', a, b))));
      this.tangentOps.set(key, op);
    }
    return op;
  }

  /** The row's formula for a parameter's derivative with these arguments; undefined: none. */
  private givenDerivative(i: number, args: readonly unknown[]): string | undefined {
    const given = this.row.derivative ? this.row.derivative[this.schema.parameters[i].name] : undefined;
    if (given === false)
      throw new RuntimeError(`derivative for aten::${this.schema.name} is not implemented`);
    return typeof given === 'function' ? given(this.named(args)) : given;
  }

  /** The op that gives parameter `i`'s gradient; null if it is always zero. */
  private derivedOp(i: number, args: readonly unknown[], isComplex: boolean): DerivedOp | null {
    const { name } = this.schema.parameters[i];
    const source = this.givenDerivative(i, args);
    const variant = source === undefined ? this.variant(args) : null;
    const key = source ?? variant!;
    const known = this.derived[i][isComplex ? 'complex' : 'real'];
    let op = known.get(key);
    if (op === undefined) {
      const e = isComplex
        ? this.complexFormula(source, name, args)
        : variant !== null
          ? backward(variant.expression, name)
          : vjpOf(source!);
      op = e === null ? null : deriveGradient(this.schema, name, e);
      known.set(key, op);
    }
    return op;
  }

  /** A row's formula is meant as for real numbers where the op is holomorphic, and as it stands where it is not. */
  private complexFormula(
    source: string | undefined,
    name: string,
    args: readonly unknown[],
  ): Expression | null {
    const { expression } = this.variant(args);
    if (source === undefined) return complexBackward(expression, name);
    return isHolomorphic(expression) ? conjugated(vjpOf(source)) : vjpOf(source);
  }
}

/** A derivative as rows write it: the whole product if it mentions `grad`, else the partial derivative. */
function vjpOf(source: string): Expression {
  const e = parseExpression(source);
  return freeNames(e).includes('grad') || e.op === 'constant' ? e : parseExpression(`grad * (${source})`);
}

/** A pointwise op made from the derivative of another. */
interface DerivedOp {
  /** The tensors it reads. */
  readonly operandNames: readonly string[];
  /** Those that must be saved for it: all but the gradient that arrives. */
  readonly saved: readonly string[];
  apply(values: Values, grad: Gradient): Tensor;
}

const readsNothing: Pick<DerivedOp, 'saved'> = { saved: [] };

/** Gradient ops of one parameter; null where the gradient is always zero. */
interface GradientOps {
  readonly real: Map<string | Variant, DerivedOp | null>;
  readonly complex: Map<string | Variant, DerivedOp | null>;
}

/**
 * The schema with parameters called grad or result named otherwise. In the op's own derivatives those are the incoming
 * gradient and the op's result; they are its operands where the op is itself a derivative.
 */
function withoutReserved(schema: Schema): Schema {
  const taken = new Set(schema.parameters.map((p) => p.name));
  const parameters = schema.parameters.map((p) => {
    if (p.name !== 'grad' && p.name !== 'result') return p;
    let fresh = `${p.name}_`;
    while (taken.has(fresh)) fresh += '_';
    taken.add(fresh);
    return { ...p, name: fresh, camel: fresh };
  });
  if (parameters.every((p, i) => p === schema.parameters[i])) return schema;
  return { ...schema, parameters, positions: new Map(parameters.map((p, i) => [p.name, i])) };
}

/** A gradient; one that vanishes is zero for every element of what arrives. */
function deriveGradient(schema: Schema, by: string, expression: Expression): DerivedOp {
  return derive(schema, `backward_${by}`, expression, freeNames(expression).length === 0 ? ['grad'] : []);
}

function derive(
  schema: Schema,
  suffix: string,
  expression: Expression,
  extra: readonly string[] = [],
): DerivedOp {
  const used = [...freeNames(expression), ...extra];
  const known = new Map(schema.parameters.map((p) => [p.name, p]));
  const operandNames = used.filter((n) => known.get(n)?.type.startsWith('Tensor') ?? true);
  const saved = operandNames.filter((n) => n !== 'grad');
  const read = (values: Values, grad: Gradient, n: string) => (n === 'grad' ? grad : values[n]);
  if (expression.op === 'name')
    return { operandNames, saved, apply: (values, grad) => read(values, grad, used[0]) as Tensor };
  const parts = used.map((n) => {
    const p = known.get(n);
    return p === undefined ? `Tensor ${n}` : `${p.type}${p.nullable ? '?' : ''} ${n}`;
  });
  const derived = parseSchema(`${schema.name}_${suffix}(${parts.join(', ')}) -> Tensor`);
  const op = new PointwiseOp(
    derived,
    { doc: '', pointwise: '', exact: true, gradName: () => `${pascal(schema.name)}BackwardBackward0` },
    expression,
  );
  return {
    operandNames,
    saved,
    apply: (values, grad) =>
      dispatch(
        op,
        used.map((n) => read(values, grad, n)),
      ) as Tensor,
  };
}

function pascal(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, c: string) => c.toUpperCase());
}
