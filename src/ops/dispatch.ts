/** The one point that every op call passes: autograd records here, later modes stack here. */

import type { ForwardLevel } from '../autograd/forward_level.js';
import { levelsOf, openLevels } from '../autograd/forward_level.js';
import {
  type Edge,
  freedError,
  type Gradient,
  gradientEdge,
  metaOf,
  Node,
  setHistory,
} from '../autograd/node.js';
import { rebaseHistory } from '../autograd/views.js';
import type { Backend, Storage } from '../backends/backend.js';
import { gradNode } from '../core/autograd_state.js';
import { context, withContextSync } from '../core/context.js';
import { cpu } from '../core/device.js';
import { checkAlive } from '../core/disposed.js';
import { RuntimeError } from '../core/errors.js';
import { checkHeld, formatShape, type Shape } from '../core/layout.js';
import { canCast } from '../core/promotion.js';
import { isComplexNumber } from '../core/scalar.js';
import { type Reach, reach } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';
import { reusing } from './empty.js';
import { fitTangent, type ParameterTangent, transposed, type Values, valuesOf } from './forward_mode.js';
import type { Op, RowBase } from './op.js';
import type { Schema } from './schema.js';

/** Kernels may call ops on the way: below autograd those are not recorded. */
let below = 0;

/** Runs `fn` below autograd. */
export function belowAutograd<R>(fn: () => R): R {
  below++;
  try {
    return fn();
  } finally {
    below--;
  }
}

/** Whether calls are recorded now. */
export function isRecording(): boolean {
  return below === 0 && context().grad;
}

/** Whether derivatives of what is called now may be asked for, by recording it or by tangents. */
export function isDifferentiating(): boolean {
  return below === 0 && (context().grad || context().forward !== null);
}

export type Results = Tensor | readonly Tensor[];

/** Positions of the parameters that are tensors or lists of tensors. */
export function tensorPositions({ parameters }: Schema): readonly number[] {
  return parameters.flatMap((p, i) => (p.type.startsWith('Tensor') ? [i] : []));
}

/** An op that autograd records as one node. */
export abstract class RecordedOp implements Op {
  /** Positions of the parameters that are tensors or lists of tensors. */
  protected readonly tensorInputs: readonly number[];
  /** By parameter: whether it is a list of tensors. */
  readonly isTensorList: readonly boolean[];
  readonly takesOneDevice: boolean;
  private readonly nodeName: string | ((args: readonly unknown[]) => string);

  constructor(
    readonly schema: Schema,
    readonly row: RowBase,
  ) {
    this.tensorInputs = tensorPositions(schema);
    this.isTensorList = schema.parameters.map((p) => p.type === 'Tensor[]' || p.type === 'Tensor?[]');
    // Pointwise rows look for themselves: numbers may be on the CPU.
    this.takesOneDevice = !('pointwise' in row) && row.devices !== 'any';
    this.nodeName = row.gradName ?? defaultNodeName(schema.name);
  }

  /** Whether the result shares the first argument's memory, as its tangent then does. */
  readonly isView: boolean = false;

  /** Whether the formulas of gradients read the sizes of inputs. */
  readonly readsSizes: boolean = true;

  /** Whether there are formulas for gradients. */
  abstract readonly differentiable: boolean;

  /** Computes the results, into `out` if given (its shape and dtype have been checked). */
  abstract execute(args: readonly unknown[]): Results;

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

  /** What the node is called. */
  name(args: readonly unknown[]): string {
    return typeof this.nodeName === 'string' ? this.nodeName : this.nodeName(args);
  }

  call(args: unknown[]): unknown {
    if (below > 0) return this.execute(args);
    checkArguments(this, args, this.tensorInputs);
    const levels = openLevels === 0 ? null : levelsOf(this.tensorsOf(args));
    const results = this.requiresGrad(args) && context().grad ? this.record(args) : this.executeBelow(args);
    if (levels !== null) this.push(levels, args, results instanceof Tensor ? [results] : results);
    return results;
  }

  private executeBelow(args: readonly unknown[]): Results {
    below++;
    try {
      return this.execute(args);
    } finally {
      below--;
    }
  }

  private tensorsOf(args: readonly unknown[]): Tensor[] {
    return this.tensorInputs
      .flatMap((i) => args[i] as Tensor | readonly (Tensor | null)[] | null)
      .filter((t) => t instanceof Tensor);
  }

  /** Gives the results of a call their tangents, level by level: those of lower levels are parts of higher ones. */
  private push(levels: readonly ForwardLevel[], args: readonly unknown[], results: readonly Tensor[]): void {
    if (!this.differentiable || !results.some((r) => r.dtype.isDifferentiable)) return;
    for (const level of levels)
      withContextSync({ forward: level.below }, () => {
        const tangents = this.tangentsAt(level, args);
        const found = this.tangents(valuesOf(this.schema, args, results), tangents, results);
        const given = tangents.flat();
        for (const [i, r] of results.entries())
          if (r.dtype.isDifferentiable && found[i] !== null)
            level.set(r, this.isView ? found[i] : fitTangent(found[i], r, given));
      });
  }

  /** The tangents of the arguments. */
  private tangentsAt(level: ForwardLevel, args: readonly unknown[]): readonly ParameterTangent[] {
    const tangents: ParameterTangent[] = args.map(() => null);
    for (const i of this.tensorInputs) {
      const arg = args[i];
      if (arg instanceof Tensor) tangents[i] = level.get(arg);
      else if (Array.isArray(arg)) {
        const list = (arg as (Tensor | null)[]).map((item) => (item === null ? null : level.get(item)));
        if (list.some((t) => t !== null)) tangents[i] = list;
      }
    }
    return tangents;
  }

  private requiresGrad(args: readonly unknown[]): boolean {
    for (const i of this.tensorInputs) {
      const arg = args[i];
      if (arg instanceof Tensor) {
        if ((arg.autograd !== null || arg.base !== null) && arg.requiresGrad) return true;
      } else if (Array.isArray(arg)) {
        for (const item of arg) if (item instanceof Tensor && item.requiresGrad) return true;
      }
    }
    return false;
  }

  private record(args: unknown[]): Results {
    const results = this.executeBelow(args);
    const list: readonly Tensor[] = results instanceof Tensor ? [results] : results;
    if (!this.differentiable || !list.some((r) => r.dtype.isDifferentiable)) return results;
    const node = new OpNode(this, args);
    node.keep(args, list, null);
    node.results = list.map(metaOf);
    for (let i = 0; i < list.length; i++) if (list[i].dtype.isDifferentiable) setHistory(list[i], node, i);
    return results;
  }

  /** Runs the op in place; its first argument is changed and returned. */
  callInPlace(args: unknown[]): Tensor {
    const self = args[0] as Tensor;
    const recording = below === 0 && context().grad;
    if (below === 0) checkArguments(this, args, this.tensorInputs, '_');
    if (recording) checkInPlace(self);
    if (below === 0 && self.inference && !context().inference)
      throw new RuntimeError(
        'Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.',
      );
    const node =
      recording && this.differentiable && self.dtype.isDifferentiable && this.requiresGrad(args)
        ? new OpNode(this, args)
        : null;
    const levels = below > 0 || openLevels === 0 ? null : levelsOf(this.tensorsOf(args));
    // A formula that reads `self` means its value from before.
    const before =
      levels !== null || node?.savedNames.includes(this.schema.parameters[0].name) ? self.clone() : null;
    below++;
    try {
      this.executeInPlace(args);
    } finally {
      below--;
    }
    self.storage.version++;
    if (node !== null) {
      node.keep(args, [self], before);
      node.results = [metaOf(self)];
      rebaseHistory(self, node);
    } else if (self.base === null) self.viewVersion = self.storage.version;
    if (levels !== null) this.pushInPlace(levels, args, before!);
    return self;
  }

  private pushInPlace(levels: readonly ForwardLevel[], args: readonly unknown[], before: Tensor): void {
    const self = args[0] as Tensor;
    if (!this.differentiable || !self.dtype.isDifferentiable) return;
    const old = args.map((arg) => (arg === self ? before : arg));
    for (const level of levels)
      withContextSync({ forward: level.below }, () => {
        // The clone has the tangent from before, too: what is saved of it does not change.
        const found = this.tangents(valuesOf(this.schema, old, [self]), this.tangentsAt(level, old), [self]);
        level.replace(self, found[0]);
      });
  }
}

/** Refuses disposed tensors, and tensors of several devices where the op takes those of one, by the name of the parameter. */
export function checkArguments(
  op: Op & { readonly takesOneDevice: boolean },
  args: readonly unknown[],
  positions: readonly number[],
  suffix = '',
): void {
  let home: Backend | null = null;
  let isMixed = false;
  for (let k = 0; k < positions.length; k++) {
    const arg = args[positions[k]];
    if (arg instanceof Tensor) {
      const { storage } = arg;
      if (storage.ended !== null) refuse(op.schema, positions[k], arg, suffix);
      if (home === null) home = storage.backend;
      else if (storage.backend !== home) isMixed = true;
    } else if (Array.isArray(arg)) {
      for (const item of arg)
        if (item instanceof Tensor) {
          const { storage } = item;
          if (storage.ended !== null) refuse(op.schema, positions[k], item, suffix);
          if (home === null) home = storage.backend;
          else if (storage.backend !== home) isMixed = true;
        }
    }
  }
  if (isMixed && op.takesOneDevice) refuseDevices(op.schema, args, positions);
}

/** PyTorch's words; as there, the CPU's tensors are the odd ones. */
function refuseDevices(
  { name, parameters }: Schema,
  args: readonly unknown[],
  positions: readonly number[],
): never {
  const tensors = positions.flatMap((i) =>
    [args[i]]
      .flat()
      .flatMap((t) => (t instanceof Tensor ? [{ name: parameters[i].name, device: t.device }] : [])),
  );
  const home = tensors.find(({ device }) => device !== cpu)!;
  const odd = tensors.find(({ device }) => device !== home.device)!;
  throw new RuntimeError(
    `Expected all tensors to be on the same device, but got ${odd.name} is on ${odd.device}, different from other tensors on ${home.device} (when checking argument in method ${name})`,
  );
}

function refuse({ name, parameters }: Schema, position: number, tensor: Tensor, suffix: string): void {
  const { name: parameter, type } = parameters[position];
  const what = type === 'Tensor[]' || type === 'Tensor?[]' ? 'an item of argument' : 'argument';
  checkAlive(tensor, `${name}${suffix}(): ${what} '${parameter}' (position ${position + 1})`);
}

/** Refuses in-place changes that autograd could not follow. */
export function checkInPlace(self: Tensor): void {
  if (!self.requiresGrad) {
    if (self.base !== null && self.base.autograd !== null && self.base.isLeaf && self.base.requiresGrad)
      throw new RuntimeError(
        'a view of a leaf Variable that requires grad is being used in an in-place operation.',
      );
    return;
  }
  if (gradNode(self) === null)
    throw new RuntimeError('a leaf Variable that requires grad is being used in an in-place operation.');
  if (self.base?.isLeaf && self.base.requiresGrad)
    throw new RuntimeError(
      'a view of a leaf Variable that requires grad is being used in an in-place operation.',
    );
}

/** Whether a result can be written into `self` by an in-place op. @throws RuntimeError in PyTorch's words */
export function checkResultFits(self: Tensor, shape: readonly number[], dtype: Tensor['dtype']): void {
  if (!canCast(dtype, self.dtype))
    throw new RuntimeError(
      `result type ${dtype.scalarName} can't be cast to the desired output type ${self.dtype.scalarName}`,
    );
  checkHeld(self.shape, shape);
}

/** A tensor kept for the backward pass, and its version then. */
class SavedTensor {
  private readonly version: number;

  constructor(readonly tensor: Tensor) {
    this.version = tensor.storage.version;
    tensor.storage.saves++;
    if (tensor.inference)
      throw new RuntimeError(
        'Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use `torch.noGrad()` instead of `torch.inferenceMode()`.',
      );
  }

  /** Lets go of it. @param dead takes its memory if nobody else knows of that any more */
  release(dead: Storage[]): void {
    const { storage } = this.tensor;
    if (--storage.saves === 0 && storage.internal) dead.push(storage);
  }

  /** @param user what needs it */
  unpack(user: string): Tensor {
    const { tensor, version } = this;
    checkAlive(tensor, `the backward pass of ${user}`);
    if (tensor.storage.version === version) return tensor;
    const node = gradNode(tensor);
    const origin = node === null ? '' : `, which is output ${tensor.autograd!.output} of ${node.name()},`;
    throw new RuntimeError(
      `one of the variables needed for gradient computation has been modified by an inplace operation: [torch.${tensor.dtype.scalarName}Tensor ${formatShape(tensor.shape)}]${origin} is at version ${tensor.storage.version}; expected version ${version} instead. Hint: an operation whose name ends in '_' has changed it since it was used; write the one without '_', or change x.clone().`,
    );
  }
}

type SavedValue = SavedTensor | null | readonly (SavedTensor | null)[];

function save(value: unknown): SavedValue {
  if (value instanceof Tensor) return new SavedTensor(value);
  return Array.isArray(value) ? value.map((item) => (item === null ? null : new SavedTensor(item))) : null;
}

function unpack(value: SavedValue, user: string): Tensor | null | readonly (Tensor | null)[] {
  if (value === null) return null;
  return value instanceof SavedTensor ? value.unpack(user) : value.map((item) => item?.unpack(user) ?? null);
}

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
  private readonly label: string;

  constructor(
    readonly op: RecordedOp,
    args: readonly unknown[],
  ) {
    super();
    const edges: (Edge | null)[] = [];
    const slots: number[] = [];
    const needs: boolean[] = [];
    const others: unknown[] = [];
    let isComplex = false;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      const start = edges.length;
      let need = false;
      if (arg instanceof Tensor) {
        edges.push(gradientEdge(arg));
        need = edges[start] !== null;
        isComplex ||= arg.dtype.isComplex;
      } else if (Array.isArray(arg) && op.isTensorList[i]) {
        for (const item of arg as readonly (Tensor | null)[]) {
          const edge = item === null ? null : gradientEdge(item);
          edges.push(edge);
          need ||= edge !== null;
          isComplex ||= item?.dtype.isComplex ?? false;
        }
      } else {
        others[i] = arg;
        isComplex ||= isComplexNumber(arg);
      }
      slots.push(edges.length - start);
      needs.push(need);
    }
    this.edges = edges;
    this.slots = slots;
    this.needs = needs;
    this.args = others;
    this.label = op.name(args);
    this.isComplex = isComplex;
    this.savedNames = op.saved(needs, args, isComplex);
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
      return save(results[r]);
    });
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
    const formulas = () => this.op.gradients(this.unpack(), grads, this.needs, this.isComplex);
    // What a recorded pass makes, its graph may know of; and tangents know of what they were made from.
    const byParameter = context().grad || openLevels > 0 ? formulas() : reusing(formulas, grads);
    const flat: Gradient[] = [];
    for (let i = 0; i < this.slots.length; i++) {
      const g = byParameter[i] ?? null;
      // A list without gradients still takes as many places as it has tensors.
      for (let k = 0; k < this.slots[i]; k++) flat.push(Array.isArray(g) ? (g[k] ?? null) : (g as Gradient));
    }
    return flat;
  }

  override release(dead: Storage[]): void {
    if (this.savedValues === null) return;
    for (const value of this.savedValues) {
      if (value === null) continue;
      if (value instanceof SavedTensor) value.release(dead);
      else for (const item of value) item?.release(dead);
    }
    this.savedValues = null;
    this.released = true;
  }

  override [reach](into: Reach): void {
    super[reach](into);
    into.value(this.args);
    for (const saved of this.savedValues?.flat() ?? []) into.value(saved?.tensor);
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
