/** Ops given as expressions: how a call finds its plan, and runs it. */

import { getDefaultDtype } from '../core/defaults.js';
import type { DType } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { isNonOverlappingAndDense, sameShape } from '../core/layout.js';
import { Tensor } from '../core/tensor.js';
import { type Expression, name, parseExpression, substitute } from '../expression/index.js';
import { checkResultFits } from './check_result_fits.js';
import { checkCommon, type Support, supportOf } from './families.js';
import { type CodeTree, formCode } from './forms.js';
import { noteWritten } from './note_written.js';
import { checkNoInternalOverlap, checkNoPartialOverlap, sharesMemory } from './overlap.js';
import { onOneDevice, operandsOf, resultOf } from './pointwise_operands.js';
import { type Computed, dtypesOf, givenBy, type Plan, Variant } from './pointwise_plan.js';
import { RecordedOp } from './recorded_op.js';
import type { PointwiseRow } from './row.js';
import type { Schema } from './schema.js';

/** Scalar parameter types: they enter programs as numbers, whatever their name. */
const numberTypes = new Set(['Scalar', 'int', 'float', 'bool']);

/** The arguments of a call as functions of rows read them, by name, without a record of all for each call. */
class NamedArguments {
  readonly #args: readonly unknown[];

  constructor(args: readonly unknown[]) {
    this.#args = args;
  }

  static of(names: readonly string[]): typeof NamedArguments {
    class Named extends NamedArguments {}
    for (const [i, name] of names.entries())
      Object.defineProperty(Named.prototype, name, {
        get(this: NamedArguments) {
          return this.#args[i];
        },
      });
    return Named;
  }
}

export abstract class ExpressionOp extends RecordedOp implements Computed {
  override readonly readsSizes = false;
  readonly operands: readonly number[];
  readonly inputs: readonly number[];
  readonly apart: readonly number[];
  /** The expression, where the arguments choose none. */
  protected readonly only: Variant | null;
  /** By source text: a row may give several expressions, chosen by its arguments. */
  private readonly variants = new Map<string, Variant>();
  /** The types of few ops that it computes in. */
  private readonly computes: Support;
  /** Names of the row's texts where the schema's own are others. */
  private readonly renamed: Readonly<Record<string, Expression>>;
  /** Made when a function of the row first asks. */
  private Named: typeof NamedArguments | null = null;

  constructor(
    source: Schema,
    override readonly row: PointwiseRow,
    expression: Expression | null = null,
  ) {
    const schema = withoutReserved(source);
    super(schema, row);
    const { parameters } = schema;
    this.renamed = Object.fromEntries(
      source.parameters.map((p, i) => [p.name, name(parameters[i].name)] as const),
    );
    this.computes = supportOf(source, row.only?.[0]);
    const positions = (wanted: (p: (typeof parameters)[number]) => boolean | undefined): number[] =>
      parameters.flatMap((p, i) => (wanted(p) ? [i] : []));
    this.operands = positions((p) => p.type.startsWith('Tensor'));
    this.inputs = [...this.operands, ...positions((p) => numberTypes.has(p.type))];
    this.apart = positions((p) => row.apart?.includes(p.name));
    this.only =
      expression !== null
        ? new Variant(substitute(expression, this.renamed))
        : typeof row.pointwise === 'string'
          ? new Variant(this.parse(row.pointwise))
          : null;
  }

  override execute(args: readonly unknown[]): Tensor {
    this.row.check?.(args);
    const operands = operandsOf(args, this.operands);
    if (operands.isMixed) return this.execute(onOneDevice(args, this.operands));
    const plan = this.plan(args, operands.tensors);
    const out = resultOf(operands, plan.result);
    plan.run(out, operands, args);
    return out;
  }

  override executeInPlace(args: readonly unknown[]): void {
    this.change(args[0] as Tensor, args);
  }

  private change(self: Tensor, args: readonly unknown[]): void {
    this.row.check?.(args);
    const operands = operandsOf(args, this.operands);
    if (operands.isMixed) {
      this.change(self, onOneDevice(args, this.operands));
      return;
    }
    const { tensors, shape } = operands;
    const plan = this.plan(args, tensors);
    if (plan.dropsParts)
      throw new RuntimeError(`In-place ${this.schema.name} is not supported for complex tensors.`);
    // Rounding integers leaves them as they are, whatever memory they share.
    if (plan.isCopy && tensors.length === 1 && tensors[0] === self && plan.result === self.dtype) return;
    checkResultFits(self, shape, plan.result);
    checkNoInternalOverlap(self);
    for (const tensor of tensors) checkNoPartialOverlap(self, tensor);
    plan.run(self, operands, args);
  }

  /**
   * Computes into a tensor that is as the result would be, and is an operand or lies apart from them.
   *
   * @returns false, and nothing is done, where it is otherwise
   * @throws RuntimeError if it lies over an operand in another arrangement
   */
  executeInto(out: Tensor, args: readonly unknown[]): boolean {
    this.row.check?.(args);
    const operands = operandsOf(args, this.operands);
    const { tensors, shape, isMixed } = operands;
    if (isMixed || tensors.length === 0 || !sameShape(shape, out.shape)) return false;
    for (const tensor of tensors) checkNoPartialOverlap(out, tensor);
    if (out.storage.backend !== tensors[0].storage.backend) return false;
    if (!isNonOverlappingAndDense(out.shape, out.strides)) return false;
    if (tensors.some((t) => t !== out && sharesMemory(t.storage, out.storage))) return false;
    const plan = this.plan(args, tensors);
    if (plan.result !== out.dtype) return false;
    plan.run(out, operands, args);
    noteWritten(out);
    return true;
  }

  /** Finds the plan for the forms of these arguments. */
  private plan(args: readonly unknown[], tensors: readonly Tensor[]): Plan {
    const { inputs } = this;
    const variant = this.variant(args);
    const hasFloat64 = tensors.length > 0 && tensors[0].storage.backend.hasFloat64;
    let place = variant.plans.to(2 * getDefaultDtype().code + (hasFloat64 ? 1 : 0));
    for (let k = 0; k < inputs.length; k++) place = place.to(formCode(args[inputs[k]]));
    return place.found ?? this.make(variant, place, tensors, hasFloat64);
  }

  private make(
    variant: Variant,
    place: CodeTree<Plan>,
    tensors: readonly Tensor[],
    hasFloat64: boolean,
  ): Plan {
    const given = givenBy(this, place.path.slice(1));
    const dtypes = dtypesOf(this, given);
    const { family } = dtypes.common;
    if (family !== null) checkCommon(this.computes, dtypes.common, tensors);
    const plan = variant.plan(this, given, dtypes, hasFloat64);
    // A type that is refused passes as long as there are no elements.
    if (family === null || this.computes[family]) place.found = plan;
    return plan;
  }

  private parse(source: string): Expression {
    return substitute(parseExpression(source), this.renamed);
  }

  /** The expression that the arguments choose. */
  protected variant(args: readonly unknown[]): Variant {
    if (this.only !== null) return this.only;
    const { pointwise } = this.row as { pointwise: Exclude<PointwiseRow['pointwise'], string> };
    const source = pointwise(this.named(args));
    let variant = this.variants.get(source);
    if (variant === undefined) {
      variant = new Variant(this.parse(source));
      this.variants.set(source, variant);
    }
    return variant;
  }

  /** The arguments by their names. */
  protected named(args: readonly unknown[]): Readonly<Record<string, unknown>> {
    this.Named ??= NamedArguments.of(this.schema.parameters.map((p) => p.name));
    return new this.Named(args) as object as Record<string, unknown>;
  }

  /** The dtype that it computes in, if its operands are of several. */
  commonType(args: readonly unknown[]): DType | null {
    const operands = this.operands.filter((i) => !this.isApart(i)).map((i) => args[i]);
    const tensors = operands.filter((o) => o instanceof Tensor);
    if (tensors.every((t) => t.dtype === tensors[0].dtype)) return null;
    return dtypesOf(
      this,
      givenBy(
        this,
        this.inputs.map((i) => formCode(args[i])),
      ),
    ).common;
  }

  /** Whether a parameter takes no part in promotion. */
  isApart(position: number): boolean {
    return this.apart.includes(position);
  }
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
