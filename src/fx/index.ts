/** `torch.fx`: what functions and modules compute, as graphs. */
export * as experimental from './experimental.js';
export { Graph } from './graph.js';
export { GraphModule } from './graph_module.js';
export { FxNode as Node } from './graph_node.js';
export { symbolicTrace } from './symbolic_trace.js';
export { TraceError } from './trace_error.js';
