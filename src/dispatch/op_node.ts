/** Nodes of the graph that stand for calls of ops. */
import { type Edge, freedError, type Gradient, gradientEdge, Node } from '../autograd/node.js';
import type { Storage } from '../backends/backend.js';
import { isComplexNumber } from '../core/complex.js';
import { context } from '../core/context.js';
import { isNonOverlappingAndDense, type Shape } from '../core/layout.js';
import { type Reach, reach } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';
import { reusing } from './empty.js';
import { remembering } from './mode.js';
import type { RecordedOp } from './recorded_op.js';
import { isOne, type SavedValue, save, unpack } from './saved_tensor.js';
import type { Values } from './tangents.js';

/** The record of one op call. */
export class OpNode extends Node {
  /** Tensors that the gradients need, by name. */
  readonly savedNames: readonly string[];
  /** The arguments; nothing in place of tensors. */
  private readonly args: readonly unknown[];
  /** Whether an argument is complex. */
  readonly isComplex: boolean;
  /** By parameter: how many edges it has, and whether any gradient is wanted. */
  private readonly slots: readonly number[];
  private readonly needs: readonly boolean[];
  private savedValues: readonly SavedValue[] | null = null;
  private released = false;
  /** Whether code of the user's keeps what was saved, and may keep what it gives. */
  private isPacked = false;
  private readonly label: string;

  constructor(
    readonly op: RecordedOp,
    args: readonly unknown[],
  ) {
    super();
    // Arrays of the length that they will have: those that grow set aside room for many more.
    const slots = new Array<number>(args.length);
    let count = 0;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      slots[i] = arg instanceof Tensor ? 1 : Array.isArray(arg) && op.isTensorList[i] ? arg.length : 0;
      count += slots[i];
    }
    const edges = new Array<Edge | null>(count);
    const needs = new Array<boolean>(args.length);
    const others = new Array<unknown>(args.length);
    let isComplex = false;
    let e = 0;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      let need = false;
      if (arg instanceof Tensor) {
        const edge = gradientEdge(arg);
        edges[e++] = edge;
        need = edge !== null;
        isComplex ||= arg.dtype.isComplex;
      } else if (slots[i] > 0) {
        for (const item of arg as readonly (Tensor | null)[]) {
          const edge = item === null ? null : gradientEdge(item);
          edges[e++] = edge;
          need ||= edge !== null;
          isComplex ||= item?.dtype.isComplex ?? false;
        }
      } else {
        others[i] = arg;
        isComplex ||= isComplexNumber(arg);
      }
      needs[i] = need;
    }
    this.edges = edges;
    this.slots = slots;
    this.needs = needs;
    this.args = others;
    this.label = op.name(args);
    this.isComplex = isComplex;
    this.savedNames = op.saved(needs, args, isComplex);
  }

  override get exposesGradients(): boolean {
    return this.isPacked;
  }

  override name(): string {
    return this.label;
  }

  /** Keeps what the formulas read; `before` stands for the first argument if an in-place op changed it. */
  keep(args: readonly unknown[], results: readonly Tensor[], before: Tensor | null): void {
    if (this.savedNames.length === 0) return;
    const { positions, returns } = this.op.schema;
    this.savedValues = this.savedNames.map((name) => {
      const p = positions.get(name);
      if (p !== undefined) return save(p === 0 && before !== null ? before : args[p]);
      const r = name === 'result' ? 0 : returns.findIndex((x) => x.name === name);
      if (r < 0) throw new SyntaxError(`${this.op.schema.name} saves '${name}', which it does not have`);
      return save(results[r], r);
    });
    this.isPacked = context().saving !== null && this.savedValues.flat().some((kept) => kept?.isPacked);
  }

  /** The arguments by name, and what was saved. */
  private unpack(): Values {
    if (this.released) throw freedError();
    const { parameters } = this.op.schema;
    const values: Record<string, unknown> = {};
    for (let i = 0; i < parameters.length; i++) values[parameters[i].name] = this.args[i];
    for (let i = 0; i < this.savedNames.length; i++) {
      const value = unpack(this.savedValues![i], this.label);
      // An argument that was null or a number has been kept as such.
      if (value !== null) values[this.savedNames[i]] = value;
    }
    if (this.op.readsSizes) values.sizes = this.sizes();
    return values;
  }

  /** Sizes of the inputs that want a gradient. */
  private sizes(): Record<string, unknown> {
    const { parameters } = this.op.schema;
    const sizes: Record<string, unknown> = {};
    let e = 0;
    for (let i = 0; i < this.slots.length; i++) {
      if (this.slots[i] === 0) continue;
      const shapes: (Shape | undefined)[] | null = this.op.isTensorList[i] ? [] : null;
      for (const end = e + this.slots[i]; e < end; e++) {
        const edge = this.edges[e];
        const shape = edge?.node.results[edge.output].shape;
        if (shapes === null) sizes[parameters[i].name] = shape;
        else shapes.push(shape);
      }
      if (shapes !== null) sizes[parameters[i].name] = shapes;
    }
    return sizes;
  }

  override apply(grads: readonly Gradient[]): readonly Gradient[] {
    if (grads.every((g) => g === null)) return this.edges.map(() => null);
    const values = this.unpack();
    const formulas = () => this.op.gradients(values, grads, this.needs, this.isComplex);
    // The graph of a recorded pass may know of all that it makes, and tangents know of what they were made from.
    const byParameter = context().grad || remembering > 0 ? formulas() : reusing(formulas, grads);
    const flat: Gradient[] = [];
    for (let i = 0; i < this.slots.length; i++) {
      const g = byParameter[i] ?? null;
      // A list without gradients still takes as many places as it has tensors.
      for (let k = 0; k < this.slots[i]; k++) flat.push(Array.isArray(g) ? (g[k] ?? null) : (g as Gradient));
    }
    return flat;
  }

  override get isOfPart(): boolean {
    return this.op.showsPart;
  }

  override addInPlace(arrived: Tensor, [grad]: readonly Gradient[]): boolean {
    const { grad: isRecorded, modes } = context();
    if (grad === null || isRecorded || modes !== null || remembering > 0) return false;
    if (arrived.dtype !== grad.dtype || arrived.layout !== grad.layout) return false;
    if (!isNonOverlappingAndDense(arrived.shape, arrived.strides)) return false;
    const part = this.op.execute([arrived, ...this.args.slice(1)]) as Tensor;
    part.add_(grad);
    return true;
  }

  override release(dead: Storage[]): void {
    if (this.savedValues === null) return;
    for (const value of this.savedValues) {
      if (value === null) continue;
      if (isOne(value)) value.release(dead);
      else for (const item of value) item?.release(dead);
    }
    this.savedValues = null;
    this.released = true;
  }

  override [reach](into: Reach): void {
    super[reach](into);
    into.value(this.args);
    for (const saved of this.savedValues?.flat() ?? []) into.value(saved?.held);
  }
}
