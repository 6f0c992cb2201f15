/** Ops with kernels of their own, and ops that change their first argument. */
import type { Gradient } from '../autograd/node.js';
import { isComplexNumber } from '../core/complex.js';
import { RuntimeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { checkResultFits } from './check_result_fits.js';
import { dispatch } from './dispatch.js';
import type { Results } from './op.js';
import { checkNoInternalOverlap } from './overlap.js';
import { RecordedOp } from './recorded_op.js';
import type { MutationRow, PrimitiveRow } from './row.js';
import type { Schema } from './schema.js';
import { type ParameterTangent, sumOf, type Values } from './tangents.js';

type Body = (...args: readonly unknown[]) => unknown;
type VjpTable = Readonly<Record<string, (grad: Gradient, saved: Values) => Gradient | readonly Gradient[]>>;
type Jvp = (tangents: Readonly<Record<string, ParameterTangent>>, values: Values) => ParameterTangent;
type VjpFunction = (
  grads: readonly Gradient[],
  saved: Values,
  needs: Readonly<Record<string, boolean>>,
) => Record<string, Gradient | readonly Gradient[]>;

/** The derivative side that primitives and mutations share. */
abstract class FormulaOp extends RecordedOp {
  readonly differentiable: boolean;
  private readonly save: readonly string[];
  private readonly vjp: VjpTable | VjpFunction | null;
  private readonly isHolomorphic: boolean;
  private readonly jvp: Jvp | null;
  private readonly linear: boolean | 'each';

  constructor(schema: Schema, row: PrimitiveRow<string> | MutationRow<string>) {
    super(schema, row);
    // The row's own types are those of its schema, which a general op cannot know.
    this.vjp = (row.vjp ?? null) as VjpTable | VjpFunction | null;
    this.save = (row.save ?? []) as readonly string[];
    this.differentiable = this.vjp !== null;
    this.isHolomorphic = row.holomorphic ?? true;
    this.jvp = (row.jvp ?? null) as Jvp | null;
    this.linear = row.linear ?? ('view' in row && row.view !== undefined);
  }

  override saved(): readonly string[] {
    return this.save;
  }

  override gradients(
    saved: Values,
    grads: readonly Gradient[],
    needs: readonly boolean[],
    isComplex: boolean,
  ): readonly (Gradient | readonly Gradient[] | undefined)[] {
    // Where nothing complex enters the formulas but the gradient, their factors are real.
    if (isComplex && this.isHolomorphic && Object.values(saved).some(isComplexValue)) {
      const results = this.formulas(saved, grads.map(conjugate), needs);
      return results.map((g) => (Array.isArray(g) ? g.map(conjugate) : conjugate(g as Gradient)));
    }
    return this.formulas(saved, grads, needs);
  }

  private formulas(
    saved: Values,
    grads: readonly Gradient[],
    needs: readonly boolean[],
  ): readonly (Gradient | readonly Gradient[] | undefined)[] {
    const { parameters } = this.schema;
    const { vjp } = this;
    if (typeof vjp === 'function') {
      const byName = vjp(grads, saved, Object.fromEntries(parameters.map((p, i) => [p.name, needs[i]])));
      return parameters.map((p) => byName[p.name]);
    }
    const grad = grads[0];
    return parameters.map((p, i) => {
      if (!needs[i] || grad === null) return null;
      const formula = vjp![p.name];
      if (formula === undefined)
        throw new RuntimeError(`derivative for aten::${this.schema.name} is not implemented`);
      return formula(grad, saved);
    });
  }

  override tangents(
    values: Values,
    inputs: readonly ParameterTangent[],
    results: readonly Tensor[],
  ): readonly Gradient[] {
    const { parameters } = this.schema;
    let found: ParameterTangent;
    if (this.jvp !== null)
      found = this.jvp(Object.fromEntries(parameters.map((p, i) => [p.name, inputs[i]])), values);
    else if (this.linear === 'each')
      found = sumOf(...inputs.map((t, i) => (t === null ? null : this.termOf(values, i, t))));
    else if (this.linear)
      found = dispatch(
        this,
        parameters.map((p, i) => along(values[p.name], inputs[i])),
      ) as Results;
    else return super.tangents(values, inputs, results);
    return found instanceof Tensor || found === null ? [found] : found;
  }

  /** The op with a tangent in place of one argument. */
  private termOf(values: Values, position: number, tangent: ParameterTangent): Tensor {
    return dispatch(
      this,
      this.schema.parameters.map((p, i) => (i === position ? tangent : values[p.name])),
    ) as Tensor;
  }
}

/** A linear op's argument for tangents: zero where there is none. */
function along(arg: unknown, tangent: ParameterTangent): unknown {
  if (arg instanceof Tensor) return arg.dtype.isDifferentiable ? (tangent ?? arg.zerosLike()) : arg;
  if (!Array.isArray(arg)) return arg;
  return arg.map((item, i) => along(item, (tangent as readonly Gradient[] | null)?.[i] ?? null));
}

function isComplexValue(value: unknown): boolean {
  if (value instanceof Tensor) return value.dtype.isComplex;
  return Array.isArray(value) ? value.some(isComplexValue) : isComplexNumber(value);
}

function conjugate(grad: Gradient | undefined): Gradient {
  return grad?.dtype.isComplex ? grad.conj() : (grad ?? null);
}

export class PrimitiveOp extends FormulaOp {
  private readonly forward: Body;
  override readonly isView: boolean;
  override readonly showsPart: boolean;

  constructor(schema: Schema, row: PrimitiveRow<string>) {
    super(schema, row);
    this.forward = row.forward as Body;
    this.isView = row.view !== undefined;
    this.showsPart = row.view === 'part';
  }

  override execute(args: readonly unknown[]): Tensor | readonly Tensor[] {
    const result = this.forward(...args) as Tensor | readonly Tensor[];
    if (this.isView) {
      const self = args[0] as Tensor;
      const base = self.base ?? self;
      if (result instanceof Tensor) result.base = base;
      else for (const r of result) r.base = base;
    }
    return result;
  }

  override executeInPlace(args: readonly unknown[]): void {
    const self = args[0] as Tensor;
    const result = this.execute(args) as Tensor;
    checkResultFits(self, result.shape, result.dtype);
    checkNoInternalOverlap(self);
    self.copy_(result);
  }
}

export class MutationOp extends FormulaOp {
  private readonly mutate: Body;
  private readonly prepare: Body;
  private readonly isIdempotent: boolean;

  constructor(schema: Schema, row: MutationRow<string>) {
    super(schema, row);
    this.mutate = row.mutate as Body;
    this.isIdempotent = row.idempotent ?? false;
    this.prepare = (row.prepare as Body | undefined) ?? ((self) => (self as Tensor).clone());
  }

  override execute(args: readonly unknown[]): Tensor {
    const self = this.prepare(...args) as Tensor;
    this.mutate(self, ...args.slice(1));
    return self;
  }

  override executeInPlace(args: readonly unknown[]): void {
    if (!this.isIdempotent) checkNoInternalOverlap(args[0] as Tensor);
    this.mutate(...args);
  }
}
