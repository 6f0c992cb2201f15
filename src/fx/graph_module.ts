import { camelCase } from '../core/camel_case.js';
import { RuntimeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { Module } from '../nn/module.js';
import { Parameter } from '../nn/parameter.js';
import type { Graph } from './graph.js';
import { type FxNode, mapNodes } from './graph_node.js';

/** A module whose `forward` replays a graph. It has the parameters and submodules that the graph names. */
export class GraphModule extends Module {
  /** The tensors of get_attr nodes, by their paths. */
  readonly #tensors: ReadonlyMap<string, Tensor>;

  /**
   * @param modules the submodules that the graph calls, by their paths
   * @param tensors the parameters, buffers and constants that it reads
   */
  constructor(
    modules: ReadonlyMap<string, Module>,
    tensors: ReadonlyMap<string, Tensor>,
    /** The steps of `forward`. They may be changed, and another graph may be put in their place. */
    public graph: Graph,
  ) {
    super();
    this.#tensors = tensors;
    for (const [path, module] of modules) {
      const [owner, name] = this.#ownerOf(path);
      owner.addModule(name, module);
    }
    for (const [path, tensor] of tensors) {
      const [owner, name] = this.#ownerOf(path);
      if (Reflect.get(owner, name) === tensor) continue;
      if (tensor instanceof Parameter) owner.registerParameter(name, tensor);
      else owner.registerBuffer(name, tensor, !path.startsWith('_tensor_constant'));
    }
  }

  /** The module that holds what a path names; made where there is none. */
  #ownerOf(path: string): [owner: Module, name: string] {
    const names = path.split('.');
    const last = names.pop()!;
    let owner: Module = this;
    for (const name of names) {
      const found = [...owner.namedChildren()].find(([child]) => child === name)?.[1];
      if (found === undefined) owner.addModule(name, new Module());
      owner = found ?? owner.getSubmodule(name);
    }
    return [owner, last];
  }

  /** The graph as a method in TypeScript. */
  get code(): string {
    return this.graph.code;
  }

  /** Carries out the graph: its result for these inputs. */
  override forward(...inputs: unknown[]): unknown {
    return this.replay(inputs, () => {});
  }

  /** @internal Carries out the graph, and tells `see` what each step gives. */
  replay(inputs: readonly unknown[], see: (node: FxNode, value: unknown) => void): unknown {
    const values = new Map<FxNode, unknown>();
    const given = [...inputs];
    const valueOf = (argument: unknown) => mapNodes(argument, (node) => values.get(node));
    for (const node of this.graph.nodes) {
      const value =
        node.op === 'placeholder'
          ? given.shift()
          : node.op === 'output'
            ? valueOf(node.args[0])
            : this.#run(node, valueOf);
      see(node, value);
      if (node.op === 'output') return value;
      values.set(node, value);
    }
    throw new RuntimeError('the graph has no output');
  }

  #run(node: FxNode, valueOf: (argument: unknown) => unknown): unknown {
    const args = valueOf(node.args) as unknown[];
    const kwargs = valueOf(node.kwargs) as Readonly<Record<string, unknown>>;
    const all = Object.keys(kwargs).length > 0 ? [...args, kwargs] : args;
    switch (node.op) {
      case 'get_attr':
        return this.#tensorAt(node.target);
      case 'call_module':
        return this.getSubmodule(node.target).forward(...all) as unknown;
      case 'call_method': {
        const [self, ...rest] = all;
        const method = Reflect.get(self as object, camelCase(node.target)) as (...args: unknown[]) => unknown;
        return method.apply(self, rest);
      }
      default:
        return node.run!(args, kwargs);
    }
  }

  /** The tensor of a path as it is now: it may have been replaced since. */
  #tensorAt(path: string): Tensor {
    const [owner, name] = this.#ownerOf(path);
    return (Reflect.get(owner, name) as Tensor | undefined) ?? this.#tensors.get(path)!;
  }
}
