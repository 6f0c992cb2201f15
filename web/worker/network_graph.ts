/** The steps of a network, by tracing it: what snippets show by `graph(net, input)`. */
import * as torch from 'flambeau';
import { asInUse } from './as_in_use.js';
import type { GraphNode } from './messages.js';

/** @throws fx's TraceError where the network cannot be traced */
export function graphOf(net: torch.nn.Module, inputs: readonly torch.Tensor[]): GraphNode[] {
  return asInUse(net, () => stepsOf(net, inputs));
}

function stepsOf(net: torch.nn.Module, inputs: readonly torch.Tensor[]): GraphNode[] {
  const { graph } = torch.fx.symbolicTrace(net, inputs);
  const modules = new Map(net.namedModules() as Iterable<[string, torch.nn.Module]>);
  const shapes = shapesOf(net, modules, inputs);
  const nodes = [...graph.nodes];
  return nodes.map((node) => {
    const layer = node.op === 'call_module' ? modules.get(node.target) : undefined;
    const given =
      node.op === 'placeholder'
        ? inputs[nodes.filter(({ op }) => op === 'placeholder').indexOf(node)]
        : undefined;
    const [before] = node.allInputNodes;
    const shape =
      given?.shape ??
      shapes.get(node.target) ??
      (node.op === 'output' && before !== undefined ? shapes.get(before.target) : undefined);
    return {
      name: node.name,
      label: layer === undefined ? labelOf(node.op, node.target) : String(layer),
      shape: shape === undefined ? null : [...shape],
      parameters:
        layer === undefined ? 0 : [...layer.parameters()].reduce((sum, one) => sum + one.numel(), 0),
      inputs: node.allInputNodes.map((one) => nodes.indexOf(one)),
    };
  });
}

const labelOf = (op: string, target: string): string =>
  op === 'placeholder'
    ? 'input'
    : op === 'output'
      ? 'output'
      : op === 'call_method'
        ? `.${target}()`
        : target;

/** Shapes of what each layer gives, found by a forward pass. */
function shapesOf(
  net: torch.nn.Module,
  modules: ReadonlyMap<string, torch.nn.Module>,
  inputs: readonly torch.Tensor[],
): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const hooks = [...modules].map(([name, layer]) =>
    layer.registerForwardHook((_, __, result) => {
      if (result instanceof torch.Tensor) shapes.set(name, [...result.shape]);
    }),
  );
  try {
    net.forward(...(inputs as [torch.Tensor]));
  } finally {
    for (const hook of hooks) hook.remove();
  }
  return shapes;
}
