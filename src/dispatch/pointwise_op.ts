/** Ops given as expressions, with the derivatives of those: made when first asked. */

import type { Gradient } from '../autograd/node.js';
import { NotImplementedError, RuntimeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import {
  backward,
  build,
  complexBackward,
  conjugated,
  type Expression,
  freeNames,
  isHolomorphic,
  name,
  parseExpression,
  pushforward,
  simplify,
  substitute,
} from '../expression/index.js';
import { dispatch } from './dispatch.js';
import { ExpressionOp } from './expression_op.js';
import type { Variant } from './pointwise_plan.js';
import type { PointwiseRow } from './row.js';
import { parseSchema, type Schema } from './schema.js';
import { hasComplex, type ParameterTangent, type Values } from './tangents.js';

export class PointwiseOp extends ExpressionOp {
  readonly differentiable: boolean;
  /** Gradient ops by parameter, then by the formula or the variant that they come from. */
  private readonly derived: readonly GradientOps[];
  /** Whether the arguments choose the expression or a formula. */
  private readonly isChosen: boolean;
  /** Tangent ops by moving parameters and variant. */
  private readonly tangentOps = new Map<string, DerivedOp | null>();

  constructor(schema: Schema, row: PointwiseRow, expression: Expression | null = null) {
    super(schema, row, expression);
    const { derivative, promote } = row;
    this.differentiable = derivative !== false && promote !== 'bool' && promote !== 'int';
    this.isChosen =
      this.only === null || Object.values(derivative || {}).some((given) => typeof given === 'function');
    this.derived = schema.parameters.map(() => ({ real: new Map(), complex: new Map() }));
  }

  override saved(needs: readonly boolean[], args: readonly unknown[], isComplex: boolean): readonly string[] {
    let found: readonly string[] = [];
    for (let i = 0; i < needs.length; i++) {
      // The error of a derivative that there is not belongs to the backward pass.
      const wanted = needs[i] && !this.refusesGradient(i);
      const { saved } = (wanted ? this.derivedOp(i, args, isComplex) : null) ?? readsNothing;
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

  private refusesGradient(i: number): boolean {
    const { derivative } = this.row;
    return derivative ? derivative[this.schema.parameters[i].name] === false : false;
  }

  /** The row's formula for a parameter's derivative with these arguments; undefined: none. */
  private givenDerivative(i: number, args: readonly unknown[]): string | undefined {
    const given = this.row.derivative ? this.row.derivative[this.schema.parameters[i].name] : undefined;
    if (given === false) {
      const { name } = this.schema;
      if (this.row.gradName === 'NotImplemented')
        throw new RuntimeError(`derivative for aten::${name} is not implemented`);
      throw new NotImplementedError(`the derivative for '${name}' is not implemented.`);
    }
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
