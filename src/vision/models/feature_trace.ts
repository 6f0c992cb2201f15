/** A model's steps with torchvision's names. */
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import type { Graph } from '../../fx/graph.js';
import type { FxNode } from '../../fx/graph_node.js';
import { isLeaf, traced } from '../../fx/symbolic_trace.js';
import type { SymbolicTracer } from '../../fx/tracer.js';
import { Module } from '../../nn/module.js';
import { Parameter } from '../../nn/parameter.js';
import { forkRng } from '../../ops/random_streams.js';
import * as visionOps from '../ops/index.js';

/** A class of modules. */
export type LeafClass = abstract new (...args: never[]) => Module;

const layers = Object.values(visionOps).filter(
  (value) => typeof value === 'function' && value.prototype instanceof Module,
) as unknown as readonly LeafClass[];

/** Python writes these as operators, of which `+=` makes a new tensor while it traces. */
const operators = new Set(['add_', 'sub_', 'mul_', 'div_']);

const onMeta = (value: unknown): boolean => value instanceof Tensor && value.device.type === 'meta';

/** Runs `fn` while all tensors of a module are on `'meta'`; it is given those, with their paths. */
function withoutValues<R>(model: Module, fn: (held: ReadonlyMap<Tensor, string>) => R): R {
  const all = { removeDuplicate: false };
  const stands = new Map<Tensor, Tensor>();
  const held = new Map<Tensor, string>();
  const before = [...model.namedParameters(all), ...model.namedBuffers(all)];
  for (const [path, tensor] of before) {
    const like = stands.get(tensor) ?? tensor.detach().to('meta');
    stands.set(tensor, like);
    if (!held.has(like)) held.set(like, path);
    model.exchange(path, like);
  }
  try {
    return fn(held);
  } finally {
    for (const [path, tensor] of before) model.exchange(path, tensor);
  }
}

/** Runs `fn`, and gives buffers the values that they had before. */
function withBuffersKept<R>(model: Module, fn: () => R): R {
  const before = [...model.namedBuffers()].map(([, buffer]) => [buffer, buffer.detach().clone()] as const);
  try {
    return fn();
  } finally {
    for (const [buffer, values] of before) buffer.detach().copy_(values);
  }
}

/** The steps of a model in its present mode. */
export class FeatureTrace {
  /** The names of its steps: torchvision's. */
  readonly named = new Map<FxNode, string>();
  private readonly originals: ReadonlyMap<string, Tensor>;

  constructor(
    model: Module,
    private readonly tracer: SymbolicTracer,
  ) {
    this.originals = new Map([...model.namedParameters(), ...model.namedBuffers()]);
    const counts = new Map<string, number>();
    for (const node of this.graph.nodes) {
      const isOther = node.op === 'get_attr' && !(this.originals.get(node.target) instanceof Parameter);
      if (node.op === 'output' || isOther) continue;
      const full = this.pathOf(node).replace(/(?<=.)_\d+$/, '');
      const count = counts.get(full) ?? 0;
      this.named.set(node, count === 0 ? full : `${full}_${count}`);
      counts.set(full, count + 1);
    }
  }

  get graph(): Graph {
    return this.tracer.graph;
  }

  names(): string[] {
    return [...this.named.values()];
  }

  private pathOf(node: FxNode): string {
    if (node.op === 'call_module') return node.target;
    const scope = this.tracer.scopes.get(node) ?? '';
    const name = operators.has(node.target) ? node.target.slice(0, -1) : node.name;
    return scope === '' ? name : `${scope}.${name}`;
  }

  /** Lets the graph return other results, and leaves out what they do not need. */
  return(results: Readonly<Record<string, FxNode>>): void {
    const { graph } = this;
    for (const node of graph.nodes) {
      const [changed] = node.args as readonly (FxNode | undefined)[];
      if (operators.has(node.target) && changed?.op === 'call_module') node.target = node.target.slice(0, -1);
    }
    graph.eraseNode(graph.nodes.find(({ op }) => op === 'output')!);
    graph.add('output', 'output', [results]);
    for (const node of [...graph.nodes].reverse()) {
      const isKept = node.op === 'placeholder' || node.op === 'output' || /[^_]_$/.test(node.target);
      if (node.users.size === 0 && !isKept) graph.eraseNode(node);
    }
  }

  /** The modules that the graph calls, by their paths. */
  modules(): [path: string, module: Module][] {
    return this.used('call_module').map((path) => [path, this.tracer.modules.get(path)!]);
  }

  /** The tensors that it reads, by their paths. */
  tensors(): [path: string, tensor: Tensor][] {
    return this.used('get_attr').map((path) => [
      path,
      this.originals.get(path) ?? this.tracer.tensors.get(path)!,
    ]);
  }

  private used(op: FxNode['op']): string[] {
    return [...new Set(this.graph.nodes.filter((node) => node.op === op).map(({ target }) => target))];
  }
}

/** Traces a model in its present mode; nothing of it changes. */
export function traceFeatures(
  model: Module,
  leaves: readonly LeafClass[],
  exampleInputs: readonly unknown[] | null,
): FeatureTrace {
  const inputs = exampleInputs ?? [ops.empty([2, 3, 224, 224], { device: 'meta' })];
  const isWhole = (module: Module) =>
    isLeaf(module) || [...layers, ...leaves].some((kind) => module instanceof kind);
  const trace = (held?: ReadonlyMap<Tensor, string>) =>
    forkRng(() => traced(model, inputs, { isWhole, unnamed: 'x', ...(held && { held }) }));
  const tracer = inputs.some(onMeta) ? withoutValues(model, trace) : withBuffersKept(model, () => trace());
  return new FeatureTrace(model, tracer);
}
