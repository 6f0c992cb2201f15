/** The computation of a model as TensorBoard's graph. */

import { noGrad } from '../autograd/modes.js';
import { TypeError } from '../core/errors.js';
import { inspect } from '../core/inspect.js';
import { formatValue, typeName } from '../core/repr.js';
import { Tensor } from '../core/tensor.js';
import { FxNode } from '../fx/graph_node.js';
import { symbolicTrace } from '../fx/symbolic_trace.js';
import { Module } from '../nn/module.js';
import { message, type ProtoMessage } from './proto_message.js';
import { shapeProto } from './summaries.js';

/** The sizes of what a step gives: of a tensor, or of each in a list. */
function sizesOf(value: unknown): number[][] {
  if (value instanceof Tensor) return [[...value.shape]];
  return Array.isArray(value) ? value.flatMap(sizesOf) : [];
}

interface Box {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly about: string;
  readonly sizes: readonly (readonly number[])[];
}

function boxProto({ name, op, inputs, about, sizes }: Box): ProtoMessage {
  const shapes = message().list(7, sizes.map(shapeProto));
  const node = message().string(1, name).string(2, op).list(3, inputs);
  node.set(5, message().string(1, 'attr').set(2, message().set(2, about)));
  if (sizes.length > 0) node.set(5, message().string(1, '_output_shapes').set(2, message().set(1, shapes)));
  return node;
}

/** `Net/Sequential[layers]/Linear[0]` of a path of submodules. */
function scopeOf(root: Module, path: string): string {
  const names = path.split('.');
  const parts = names.map((name, i) => {
    const module = root.getSubmodule(names.slice(0, i + 1).join('.'));
    return `${module.constructor.name}[${name}]`;
  });
  return [root.constructor.name, ...parts].join('/');
}

/**
 * The graph of a model in evaluation mode: a box for each layer, with its parameters, for each function and method, and for inputs and outputs.
 *
 * @returns the graph, and the description of the device that stands beside it
 */
export function graphMessages(
  model: Module,
  inputs: readonly unknown[],
  verbose: boolean,
): { graph: ProtoMessage; run: ProtoMessage } {
  const wasTraining = model.training;
  model.train(false);
  try {
    const traced = noGrad(() => symbolicTrace(model, inputs));
    if (verbose) console.log(traced.graph[inspect]());
    const boxes = boxesOf(model, traced, inputs);
    const graph = message().list(1, boxes.map(boxProto)).set(4, message().int(1, producer));
    const device = message().string(1, '/device:CPU:0');
    return { graph, run: message().set(1, message().set(1, device)) };
  } finally {
    model.train(wasTraining);
  }
}

/** The version of the format that PyTorch names. */
const producer = 22;

function boxesOf(model: Module, traced: ReturnType<typeof symbolicTrace>, inputs: readonly unknown[]): Box[] {
  const root = model.constructor.name;
  const boxes: Box[] = [];
  /** Names in the picture, by steps. */
  const names = new Map<FxNode, string>();
  const show = (value: unknown): string => {
    if (value instanceof FxNode) return `%${value.name}`;
    if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
    return formatValue(value);
  };
  const add = (
    node: FxNode,
    name: string,
    op: string,
    about: string,
    value: unknown,
    extra: string[] = [],
  ): void => {
    names.set(node, name);
    const before = node.allInputNodes.map((input) => names.get(input)!);
    boxes.push({ name, op, inputs: [...before, ...extra], about, sizes: sizesOf(value) });
  };
  noGrad(() =>
    traced.replay(inputs, (node, value) => {
      switch (node.op) {
        case 'placeholder':
          add(node, `input/${node.name}`, 'IO Node', '', value);
          break;
        case 'get_attr':
          add(node, `${root}/${node.target}`, 'prim::GetAttr', `{ name : ${node.target} }`, value);
          break;
        case 'output':
          add(node, 'output/output.1', 'IO Node', '', value);
          break;
        case 'call_module': {
          const scope = scopeOf(model, node.target);
          const layer = model.getSubmodule(node.target);
          const held = [...layer.namedParameters(), ...layer.namedBuffers()].map(([name, tensor]) => {
            const box = `${scope}/${name}`;
            if (boxes.every((other) => other.name !== box))
              boxes.push({
                name: box,
                op: 'prim::GetAttr',
                inputs: [],
                about: `{ name : ${name} }`,
                sizes: sizesOf(tensor),
              });
            return box;
          });
          add(node, `${scope}/${node.name}`, `nn::${layer.constructor.name}`, layer.extraRepr(), value, held);
          break;
        }
        default: {
          const op = `aten::${node.target.split('.').at(-1)}`;
          add(node, `${root}/${node.name}`, op, `{ args : ${show(node.args)} }`, value);
        }
      }
    }),
  );
  return boxes;
}

/** @throws TypeError unless it is a module */
export function checkModel(model: unknown): asserts model is Module {
  if (!(model instanceof Module)) throw new TypeError(`a graph needs an nn.Module, not ${typeName(model)}`);
}
