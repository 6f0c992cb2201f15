/** The kinds of row: what a row says of its op beside the schema. */

import type { Gradient } from '../autograd/node.js';
import type { Tensor } from '../core/tensor.js';
import type { Batching } from './batch_rule.js';
import type { Promote } from './promote.js';
import type { Refusal } from './real_only.js';
import type { Arguments, Returns, Saved, SavedNames, TensorNames, Values } from './schema.js';

/** Fields that every row may have. */
export interface RowBase {
  /** One or two sentences for the reader of the generated documentation. */
  readonly doc: string;
  /** Where the function lives: `'nn.functional'`, `'linalg'`; default: the top level. */
  readonly module?: string;
  /** Other names of it, with their module where that is another: `'special.erf'`. */
  readonly aliases?: readonly string[];
  /** Whether there is a method. Default: where the first parameter is `self` and there is no `module`. */
  readonly method?: boolean;
  /** Whether there is a function. Default true. */
  readonly function?: boolean;
  /** Whether there is an in-place form. Default: pointwise rows and mutations have one, others not. 'resizes': it gives its tensor the result's sizes. */
  readonly inplace?: boolean | 'resizes';
  /** Whether the function of `nn.functional` takes `inplace`. */
  readonly inplaceArgument?: boolean;
  /**
   * Whether it reads values on its way, to find the shape of its result or what cannot be a tensor. Where the device must be
   * waited for only the twin can do that: `await t.nonzeroAsync()`.
   */
  readonly reads?: boolean;
  /**
   * 'any': tensors may be on several devices. Default: a row with a kernel of its own refuses that, a composite's parts do. (Pointwise
   * rows take numbers in tensors of the CPU besides.)
   */
  readonly devices?: 'any';
  /** The error for complex arguments, where PyTorch has its own words for it. */
  readonly realOnly?: Refusal;
  /** How it runs over stacks of tensors, for `vmap`. Default: pointwise rows broadcast, composites are taken apart, others run in a loop. */
  readonly batch?: unknown;
  /** Whether (part of) its result has no values, which deterministic mode then gives it. */
  readonly uninitialized?: true;
  /** Names it as deterministic mode refuses it; null where these arguments do no harm. */
  readonly nondeterministic?: (args: readonly unknown[]) => string | null;
  /** The name of the recorded node, if it is not derived from the op's: `'SumBackward1'`. */
  readonly gradName?: string | ((args: readonly unknown[]) => string);
}

/** An op given as an expression of its parameters. */
export interface PointwiseRow extends RowBase {
  readonly pointwise: string | ((args: Readonly<Record<string, unknown>>) => string);
  readonly promote?: Promote;
  /**
   * Where PyTorch's kernel lacks dtypes: its name in the error text, and the categories it has, `b` bool, `i` integers,
   * `f` floats, `c` complex numbers.
   */
  readonly only?: readonly [kernel: string, categories: 'f' | 'i' | 'if' | 'bi' | 'bif' | 'fc' | 'ifc'];
  /** Operands that take no part in type promotion. */
  readonly apart?: readonly string[];
  /** Operands that, given as numbers, must be in the range of the dtype computed in; others wrap or become infinite. */
  readonly checked?: readonly string[];
  /** In which dtypes that holds: `i` integers (the default), `h` half precisions, `f` other floats. */
  readonly checkedIn?: 'i' | 'ih' | 'if' | 'ihf';
  /** Whether float32 is too little for what happens on the way: then it is computed in float64 where that can be. */
  readonly wide?: boolean;
  /** Whether numbers are used as they are by kernels of half precisions, instead of rounded to those. */
  readonly exact?: boolean;
  /**
   * By parameter: the vector-Jacobian product if it mentions `grad`, else the partial derivative. Default: the
   * expression is differentiated. `false`: not differentiable (in that parameter). Formulas of a holomorphic op are written
   * as for real numbers; those of any other give PyTorch's gradient, ∂L/∂Re + i ∂L/∂Im, themselves.
   */
  readonly derivative?:
    | false
    | Readonly<Record<string, string | false | ((args: Readonly<Record<string, unknown>>) => string)>>;
  /** Refuses arguments before anything else happens. */
  readonly check?: (args: readonly unknown[]) => void;
}

/** An op written with other ops: its derivative and devices follow. */
export interface CompositeRow<S extends string> extends RowBase {
  readonly composite: (...args: Arguments<S>) => Returns<S>;
  /** With one, modes see it as an op of its own; it has no derivative then. */
  readonly batch?: Batching<S>;
  /** As in primitive rows. */
  readonly copies?: string;
}

/** Formulas for the gradients of inputs in terms of the results' gradients and what was saved. */
export type Vjp<S extends string, K extends string> =
  | {
      readonly [N in TensorNames<S>]?: (
        grad: Tensor,
        saved: Saved<S, K>,
      ) => Tensor | readonly Gradient[] | null;
    }
  | ((
      grads: readonly Gradient[],
      saved: Saved<S, K>,
      needs: Readonly<Record<TensorNames<S>, boolean>>,
    ) => Partial<Record<TensorNames<S>, Gradient | readonly Gradient[]>>);

/** The results' tangents for those of the inputs (null: none), given arguments and results by name. */
export type Jvp<S extends string> = (
  tangents: Readonly<Record<TensorNames<S>, Gradient>>,
  values: Values<S>,
) => Gradient | readonly Gradient[];

interface Differentiable<S extends string, K extends string> {
  /** Tensors that the formulas read: parameters, `result` or named results. */
  readonly save?: readonly (K & SavedNames<S>)[];
  /** Absent: the op is not differentiable. */
  readonly vjp?: Vjp<S, K>;
  /**
   * False: the formulas give the gradient for complex numbers as they stand. Default: they are those of a holomorphic op,
   * written as for real numbers, and are conjugated.
   */
  readonly holomorphic?: boolean;
  /**
   * True: linear in all tensors together, so that its tangent is the op of the tangents. 'each': linear in every tensor by
   * itself, so that its tangent is a sum of such terms.
   */
  readonly linear?: boolean | 'each';
  /** Default: the transpose of `vjp`, at the cost of two reverse passes. */
  readonly jvp?: Jvp<S>;
}

/** An op with a kernel of its own. */
export interface PrimitiveRow<S extends string, K extends string = string>
  extends RowBase,
    Differentiable<S, K> {
  readonly forward: (...args: Arguments<S>) => Returns<S>;
  readonly batch?: Batching<S>;
  /** The result shares the first tensor's storage. 'part': it is a part of it, in which each element lies once. */
  readonly view?: true | 'part';
  /** The name of the function that copies what this view shows: `'permute_copy'`. */
  readonly copies?: string;
}

/**
 * An op that changes `self`. From it follow the in-place form, and the plain one, which changes a copy (unless
 * `functional` is false).
 */
export interface MutationRow<S extends string, K extends string = string>
  extends RowBase,
    Differentiable<S, K> {
  readonly mutate: (...args: Arguments<S>) => void;
  readonly batch?: Batching<S>;
  readonly functional?: boolean;
  /** Writing an element twice is as good as once, so the elements of `self` may share memory. */
  readonly idempotent?: boolean;
  /** Makes the tensor that the plain form changes; default: a clone of `self`. */
  readonly prepare?: (...args: Arguments<S>) => Tensor;
}

export type Row<S extends string, K extends string = string> =
  | PointwiseRow
  | CompositeRow<S>
  | PrimitiveRow<S, K>
  | MutationRow<S, K>;
