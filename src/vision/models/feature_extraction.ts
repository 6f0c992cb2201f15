/** Features of models: what they compute on the way, by names of its steps. */
import { TypeError, ValueError } from '../../core/errors.js';
import { isPlainObject } from '../../core/plain.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import type { Graph } from '../../fx/graph.js';
import { GraphModule } from '../../fx/graph_module.js';
import type { FxNode } from '../../fx/graph_node.js';
import type { Module } from '../../nn/module.js';
import { type FeatureTrace, type LeafClass, traceFeatures } from './feature_trace.js';

/** How a model is traced. */
export interface TracerKwargs {
  /** Classes of modules that are called as a whole, besides those of `torch.nn` and `torchvision.ops`. */
  readonly leafModules?: readonly LeafClass[];
}

/** Names of steps, or what their results are called by the names of the steps. */
export type ReturnNodes = readonly string[] | Readonly<Record<string, string>>;

interface Both<T> {
  readonly train: T;
  readonly eval: T;
}

/** Traces of a model while it trains and while it does not. */
function traceBoth(
  model: Module,
  tracerKwargs: TracerKwargs | null,
  exampleInputs: readonly unknown[] | null,
): Both<FeatureTrace> {
  const unknown = Object.keys(tracerKwargs ?? {}).find((name) => name !== 'leafModules');
  if (unknown !== undefined)
    throw new TypeError(`Tracer.__init__() got an unexpected keyword argument '${unknown}'`);
  const leaves = tracerKwargs?.leafModules ?? [];
  const { training } = model;
  try {
    const of = (mode: boolean) => traceFeatures(model.train(mode), leaves, exampleInputs);
    return { train: of(true), eval: of(false) };
  } finally {
    model.train(training);
  }
}

/** Whether all of some names stand in others, in their order. */
function isPart(some: readonly string[], others: readonly string[]): boolean {
  let found = 0;
  for (const name of others) if (name === some[found]) found++;
  return found === some.length;
}

function warnOfDifferences({ train, eval: evaluated }: Both<FeatureTrace>): void {
  const [inTraining, inEvaluation] = [train.names(), evaluated.names()];
  if (inTraining.join('\n') === inEvaluation.join('\n')) return;
  const what = isPart(inEvaluation, inTraining)
    ? 'NOTE: The nodes obtained by tracing the model in eval mode are a subsequence of those obtained in train mode. '
    : isPart(inTraining, inEvaluation)
      ? 'NOTE: The nodes obtained by tracing the model in train mode are a subsequence of those obtained in eval mode. '
      : 'The nodes obtained by tracing the model in train mode are different to those obtained in eval mode. ';
  warn(
    `${what}When choosing nodes for feature extraction, you may need to specify output nodes for train and eval mode separately.`,
  );
}

const ofNames = signature(
  'get_graph_node_names(Any model, Any tracer_kwargs=None, bool suppress_diff_warning=False, Any example_inputs=None)',
);

/**
 * The names of a model's steps in their order, which `createFeatureExtractor` takes: while the model trains, and while it does not.
 *
 * @param model the model
 * @param tracerKwargs which modules are called as a whole
 * @param suppressDiffWarning whether nothing is said if the names differ
 * @param exampleInputs what the model can be called with; by default two images of 224 × 224. On `'meta'`, as that is, nothing is computed.
 */
export function getGraphNodeNames(
  ...args: Arguments<
    typeof ofNames,
    { model: Module; tracerKwargs: TracerKwargs | null; exampleInputs: readonly unknown[] | null }
  >
): [train: string[], eval: string[]] {
  const { model, tracerKwargs, suppressDiffWarning, exampleInputs } = ofNames.bind(args);
  const traces = traceBoth(model as Module, tracerKwargs as TracerKwargs | null, exampleInputs as unknown[]);
  if (!suppressDiffWarning) warnOfDifferences(traces);
  return [traces.train.names(), traces.eval.names()];
}

const ofExtractor = signature(
  'create_feature_extractor(Any model, Any return_nodes=None, Any train_return_nodes=None, Any eval_return_nodes=None, Any tracer_kwargs=None, bool suppress_diff_warning=False, Any example_inputs=None)',
);

/** A module that gives a model's features by their names, of the model's own layers. */
export class DualGraphModule extends GraphModule {
  readonly trainGraph: Graph;
  readonly evalGraph: Graph;

  /** @internal */
  constructor(train: FeatureTrace, evaluated: FeatureTrace) {
    const modules = new Map([...train.modules(), ...evaluated.modules()]);
    const tensors = new Map([...train.tensors(), ...evaluated.tensors()]);
    super(modules, tensors, train.graph);
    this.trainGraph = train.graph;
    this.evalGraph = evaluated.graph;
  }

  override train(...args: Parameters<GraphModule['train']>): this {
    super.train(...args);
    this.graph = this.training ? this.trainGraph : this.evalGraph;
    return this;
  }

  /** The features of these inputs. */
  override forward(...inputs: unknown[]): Record<string, Tensor> {
    return super.forward(...inputs) as Record<string, Tensor>;
  }
}

/** Names of results by names of steps. */
function namedNodes(nodes: ReturnNodes): Map<string, string> {
  return Array.isArray(nodes)
    ? new Map((nodes as readonly string[]).map((name) => [String(name), String(name)]))
    : new Map(Object.entries(nodes).map(([node, name]) => [node, String(name)]));
}

/** Lets a graph return the results of steps. */
function returnNodes(trace: FeatureTrace, wanted: ReadonlyMap<string, string>): void {
  const names = trace.names();
  for (const query of wanted.keys()) {
    if (!names.some((name) => name === query || name.startsWith(`${query}.`)))
      throw new ValueError(
        `node: '${query}' is not present in model. Hint: use \`get_graph_node_names\` to make sure the \`return_nodes\` you specified are present. It may even be that you need to specify \`train_return_nodes\` and \`eval_return_nodes\` separately.`,
      );
  }
  const pending = new Map(wanted);
  const found: [name: string, node: FxNode][] = [];
  // The last step of a module is its result.
  for (const [node, name] of [...trace.named].reverse()) {
    const parts = name.split('.');
    for (const [query, shown] of pending) {
      if (parts.slice(0, query.split('.').length).join('.') !== query) continue;
      found.push([shown, node]);
      pending.delete(query);
      break;
    }
  }
  trace.return(Object.fromEntries(found.reverse()));
}

/**
 * A module that gives what a model computes on the way, by names: of the model's own layers, without those that are not needed for it.
 *
 * Names are torchvision's: paths of modules, and within them of what they call; `getGraphNodeNames` lists them. That of a module that is no
 * layer of the library's stands for its last step. What is computed of sizes alone is no step here, but a constant.
 *
 * @param model the model
 * @param returnNodes the names of steps, or what their results shall be called by those
 * @param trainReturnNodes the same while the module trains, if other steps are meant then
 * @param evalReturnNodes the same while it does not
 * @param tracerKwargs which modules are called as a whole
 * @param suppressDiffWarning whether nothing is said if the steps in training are others
 * @param exampleInputs what the model can be called with; by default two images of 224 × 224. On `'meta'`, as that is, nothing is computed.
 *
 * @example
 * const features = createFeatureExtractor(resnet18(), { layer1: 'near', layer3: 'far' });
 * const { near, far } = features.forward(torch.rand(1, 3, 224, 224));
 */
export function createFeatureExtractor(
  ...args: Arguments<
    typeof ofExtractor,
    {
      model: Module;
      returnNodes: ReturnNodes | null;
      trainReturnNodes: ReturnNodes | null;
      evalReturnNodes: ReturnNodes | null;
      tracerKwargs: TracerKwargs | null;
      exampleInputs: readonly unknown[] | null;
    }
  >
): DualGraphModule {
  const given = ofExtractor.bind(args);
  const model = given.model as Module;
  const nodes = given.returnNodes as ReturnNodes | null;
  const inTraining = given.trainReturnNodes as ReturnNodes | null;
  const inEvaluation = given.evalReturnNodes as ReturnNodes | null;
  if (nodes === null && inTraining === null && inEvaluation === null)
    throw new ValueError(
      'Either `return_nodes` or `train_return_nodes` and `eval_return_nodes` together, should be specified',
    );
  if ((inTraining === null) !== (inEvaluation === null))
    throw new ValueError(
      'If any of `train_return_nodes` and `eval_return_nodes` are specified, then both should be specified',
    );
  if ((nodes === null) === (inTraining === null))
    throw new ValueError(
      'If `train_return_nodes` and `eval_return_nodes` are specified, then both should be specified',
    );
  for (const list of [nodes, inTraining, inEvaluation])
    if (list !== null && !Array.isArray(list) && !isPlainObject(list))
      throw new TypeError(`return nodes are an array or an object, got ${String(list)}`);
  const exampleInputs = given.exampleInputs as readonly unknown[] | null;
  const traces = traceBoth(model, given.tracerKwargs as TracerKwargs | null, exampleInputs);
  if (!given.suppressDiffWarning) warnOfDifferences(traces);
  returnNodes(traces.train, namedNodes((nodes ?? inTraining)!));
  returnNodes(traces.eval, namedNodes((nodes ?? inEvaluation)!));
  return new DualGraphModule(traces.train, traces.eval).train(model.training);
}
