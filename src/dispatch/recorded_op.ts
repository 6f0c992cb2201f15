/** Ops that autograd records as one node, and their in-place forms. */
import type { Gradient } from '../autograd/node.js';
import type { Tensor } from '../core/tensor.js';
import { type Support, supportOf } from './families.js';
import { noteWritten } from './note_written.js';
import { Op, type Results } from './op.js';
import type { RowBase } from './row.js';
import type { Schema } from './schema.js';
import { type ParameterTangent, transposed, type Values } from './tangents.js';

/** An op with a kernel, and with formulas for its gradients. */
export abstract class RecordedOp extends Op {
  readonly takesOneDevice: boolean;
  override readonly support: Support | null;
  private readonly nodeName: string | ((args: readonly unknown[]) => string);

  constructor(schema: Schema, row: RowBase) {
    super(schema, row);
    // Pointwise rows look for themselves: numbers may be on the CPU.
    this.takesOneDevice = !('pointwise' in row) && row.devices !== 'any';
    this.support = 'pointwise' in row ? null : supportOf(schema);
    this.nodeName = row.gradName ?? defaultNodeName(schema.name);
  }

  /** Whether the result shares the first argument's memory, as its tangent then does. */
  readonly isView: boolean = false;

  /** Whether that is a part of it, in which each element lies once. */
  readonly showsPart: boolean = false;

  /** Whether the formulas of gradients read the sizes of inputs. */
  readonly readsSizes: boolean = true;

  /** Whether there are formulas for gradients. */
  abstract readonly differentiable: boolean;

  abstract override execute(args: readonly unknown[]): Results;

  /** Changes the first argument. */
  abstract executeInPlace(args: readonly unknown[]): void;

  /** Names of the tensors that the gradients of these inputs need. */
  abstract saved(needs: readonly boolean[], args: readonly unknown[], isComplex: boolean): readonly string[];

  /** Gradients by parameter position; a list for a list parameter. `values`: arguments and results by name. */
  abstract gradients(
    values: Values,
    grads: readonly Gradient[],
    needs: readonly boolean[],
    isComplex: boolean,
  ): readonly (Gradient | readonly Gradient[] | undefined)[];

  /** Tangents of the results for those of the inputs: by default from the gradients' formulas. */
  tangents(
    values: Values,
    inputs: readonly ParameterTangent[],
    results: readonly Tensor[],
  ): readonly Gradient[] {
    return transposed(this, values, inputs, results);
  }

  /** Names the node. */
  name(args: readonly unknown[]): string {
    return typeof this.nodeName === 'string' ? this.nodeName : this.nodeName(args);
  }
}

/** The in-place form of an op: the node is that of the op, and becomes the tensor's new history. */
export class InPlaceOp extends Op {
  override readonly isInPlace = true;
  readonly takesOneDevice: boolean;
  override readonly support: Support | null;

  constructor(
    schema: Schema,
    /** The op itself. */
    readonly of: RecordedOp,
    /** The first argument as it was, where a mode has copied it. */
    readonly before: Tensor | null = null,
  ) {
    super(schema, of.row);
    this.takesOneDevice = of.takesOneDevice;
    this.support = of.support;
  }

  /** The op for a call whose first argument has been copied. */
  knowing(before: Tensor): InPlaceOp {
    return new InPlaceOp(this.schema, this.of, before);
  }

  override execute(args: readonly unknown[]): Tensor {
    const self = args[0] as Tensor;
    this.of.executeInPlace(args);
    noteWritten(self);
    return self;
  }
}

/** `MaxPool2DWithIndicesBackward0` of `max_pool2d_with_indices`. */
function defaultNodeName(op: string): string {
  const words = op
    .replace(/^_+/, '')
    .split('_')
    .map((w) => w.charAt(0).toUpperCase() + w.slice(1).replace(/(\d)d$/, '$1D'));
  return `${words.join('')}Backward0`;
}
