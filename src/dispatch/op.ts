/** An op as callers, modes and kernels know it. */
import { Tensor } from '../core/tensor.js';
import type { Support } from './families.js';
import type { RowBase } from './row.js';
import type { Schema } from './schema.js';

export type Results = Tensor | readonly Tensor[];

/** An op: its schema, and how it runs with bound arguments, one per parameter. */
export abstract class Op {
  /** Positions of the parameters that are tensors or lists of tensors. */
  readonly tensorInputs: readonly number[];
  /** By parameter: whether it is a list of tensors. */
  readonly isTensorList: readonly boolean[];
  /** Whether tensors of several devices are refused. */
  abstract readonly takesOneDevice: boolean;
  /** Whether it is made of other ops, which modes may look at instead. */
  readonly isComposite: boolean = false;
  /** Whether it changes its first argument, and returns it. */
  readonly isInPlace: boolean = false;

  constructor(
    readonly schema: Schema,
    readonly row: RowBase,
  ) {
    const { parameters } = schema;
    this.tensorInputs = parameters.flatMap((p, i) => (p.type.startsWith('Tensor') ? [i] : []));
    this.isTensorList = parameters.map((p) => p.type === 'Tensor[]' || p.type === 'Tensor?[]');
  }

  /** The types of few ops that it takes; null where its parts, or its computed dtype, see to that. */
  readonly support: Support | null = null;

  /** Computes the results, beneath all modes if it is no composite. */
  abstract execute(args: readonly unknown[]): unknown;

  /** The tensors among the arguments. */
  tensorsOf(args: readonly unknown[]): Tensor[] {
    return this.tensorInputs.flatMap((i) => args[i]).filter((arg) => arg instanceof Tensor);
  }
}

/** An op that calls others. */
export abstract class Composite extends Op {
  override readonly isComposite: boolean = true;
  /** Its parts see to that. */
  readonly takesOneDevice = false;
}
