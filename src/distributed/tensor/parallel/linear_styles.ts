/** Linear layers and embeddings of which each process has a part. */
import { NotImplementedError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { F } from '../../../nn/functions.js';
import type { Module } from '../../../nn/module.js';
import type { DeviceMesh } from '../../device_mesh.js';
import { partOf } from '../chunks.js';
import { GatherAlike, Shared } from '../exchanges.js';
import { Partial, type Placement, Replicate, Shard } from '../placements.js';
import { replaceForward, withOthers } from '../sharded_slot.js';
import { shardingOf } from '../sharding.js';
import { ParallelStyle, replicateParameter, shardParameter } from './parallel_style.js';
import { relaid } from './placement_layouts.js';

const kindOf = (module: Module, style: string): 'Linear' | 'Embedding' => {
  const { name } = module.constructor;
  if (name === 'Linear' || name === 'Embedding') return name;
  throw new NotImplementedError(`${style} currently only support nn.Linear and nn.Embedding!`);
};
const hasBias = (module: Module): boolean => Reflect.get(module, 'bias') instanceof Object;

/** What stands in the place of a parameter now: `fullyShard` puts the whole there that it has gathered. */
const own = (module: Module, name: string): Tensor => Reflect.get(module, name) as Tensor;

/** The same by a path. */
function ownAt(module: Module, path: string): Tensor {
  const dot = path.lastIndexOf('.');
  return own(module.getSubmodule(path.slice(0, Math.max(0, dot))), path.slice(dot + 1));
}

const ofColwise = signature(
  'ColwiseParallel(*, Placement? input_layouts=None, Placement? output_layouts=None)',
);

/**
 * Each process has some of a layer's outputs: the rows of a linear layer's weight, the columns of an embedding's. The input is the whole everywhere, the
 * output is cut along its last dimension, unless other layouts are given.
 */
export class ColwiseParallel extends ParallelStyle {
  readonly inputLayouts: Placement;
  readonly outputLayouts: Placement;

  /**
   * @param inputLayouts how the input lies on the processes; default: the whole everywhere
   * @param outputLayouts how the output shall lie; default: cut along the last dimension
   */
  constructor(...args: Arguments<typeof ofColwise>) {
    super();
    const { inputLayouts, outputLayouts } = ofColwise.bind(args);
    this.inputLayouts = inputLayouts ?? new Replicate();
    this.outputLayouts = outputLayouts ?? new Shard(-1);
  }

  /** @internal */
  override apply(module: Module, mesh: DeviceMesh, source: number | null): void {
    const group = mesh.getGroup();
    const isLinear = kindOf(module, 'ColwiseParallel') === 'Linear';
    shardParameter(module, 'weight', isLinear ? 0 : 1, mesh, source);
    if (isLinear && hasBias(module)) shardParameter(module, 'bias', 0, mesh, source);
    const { shape } = shardingOf(module.getParameter('weight'))!;
    replaceForward(module, (before, [given]) => {
      const input = relaid(given as Tensor, this.inputLayouts, new Replicate(), group);
      const output = before.call(module, isLinear ? Shared.apply(input, group) : input) as Tensor;
      const { outputLayouts: to } = this;
      if (to.isShard(-1) || to.isShard(output.ndim - 1)) return output;
      const whole = GatherAlike.apply(output, output.ndim - 1, shape[isLinear ? 0 : 1], group);
      return relaid(whole, new Replicate(), to, group);
    });
  }
}

const ofRowwise = signature(
  'RowwiseParallel(*, Placement? input_layouts=None, Placement? output_layouts=None)',
);

/**
 * Each process has some of a layer's inputs: the columns of a linear layer's weight, the rows of an embedding's. A linear layer's input is cut along its
 * last dimension, an embedding's is the whole everywhere; the outputs are added up, unless other layouts are given.
 */
export class RowwiseParallel extends ParallelStyle {
  readonly inputLayouts: Placement | null;
  readonly outputLayouts: Placement;

  /**
   * @param inputLayouts how the input lies on the processes; default: cut along the last dimension, of embeddings the whole everywhere
   * @param outputLayouts how the output shall lie; default: the whole everywhere
   */
  constructor(...args: Arguments<typeof ofRowwise>) {
    super();
    const { inputLayouts, outputLayouts } = ofRowwise.bind(args);
    this.inputLayouts = inputLayouts;
    this.outputLayouts = outputLayouts ?? new Replicate();
  }

  /** @internal */
  override apply(module: Module, mesh: DeviceMesh, source: number | null): void {
    const group = mesh.getGroup();
    const isLinear = kindOf(module, 'RowwiseParallel') === 'Linear';
    shardParameter(module, 'weight', isLinear ? 1 : 0, mesh, source);
    if (isLinear && hasBias(module)) replicateParameter(module, 'bias', group, source);
    const { shape } = shardingOf(module.getParameter('weight'))!;
    replaceForward(module, (before, [given]) => {
      const { outputLayouts: to, inputLayouts } = this;
      if (!isLinear) {
        const ids = relaid(given as Tensor, inputLayouts ?? new Replicate(), new Replicate(), group);
        const { start, length } = partOf(shape[0], group.size(), group.rank());
        const isMine = ids.ge(start).logicalAnd(ids.lt(start + length));
        const rows = before.call(module, ids.sub(start).mul(isMine.to(ids.dtype))) as Tensor;
        return relaid(rows.mul(isMine.unsqueeze(-1).to(rows.dtype)), new Partial(), to, group);
      }
      const input = relaid(given as Tensor, inputLayouts ?? new Shard(-1), new Shard(-1), group);
      const term = F.linear(input, own(module, 'weight'));
      const output = relaid(term, new Partial(), to, group);
      if (!hasBias(module)) return output;
      const bias = own(module, 'bias');
      // Of an output in parts each process sees the gradient of its own.
      return output.add(to.isShard() ? Shared.apply(bias, group) : bias);
    });
  }
}

const ofSequence = signature('SequenceParallel(*, int sequence_dim=1)');

/** Each process has some places of the sequence: for layers that look at one place at a time, such as `nn.LayerNorm` and `nn.Dropout`. */
export class SequenceParallel extends ParallelStyle {
  readonly sequenceDim: number;

  /** @param sequenceDim the dimension that is cut */
  constructor(...args: Arguments<typeof ofSequence>) {
    super();
    this.sequenceDim = ofSequence.bind(args).sequenceDim;
  }

  /** @internal */
  override apply(module: Module, mesh: DeviceMesh, source: number | null): void {
    const group = mesh.getGroup();
    const names = module.namedParameters().map(([name]) => name);
    for (const name of names) replicateParameter(module, name, group, source);
    replaceForward(module, (before, args) => {
      // Each process sees the gradients of its places.
      const shared = names.map((name) => [name, Shared.apply(ownAt(module, name), group)] as const);
      return withOthers(new Map(shared), module, () => before.apply(module, args));
    });
  }
}
