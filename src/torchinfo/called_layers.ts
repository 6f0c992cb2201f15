/** Which layers a model calls, found by hooks. */
import type { Module } from '../nn/module.js';
import { LayerInfo } from './layer_info.js';

/** A place where a module is held: one that several modules hold has several. */
interface Place {
  readonly varName: string;
  readonly depth: number;
  readonly parent: LayerInfo | null;
}

/** Direct submodules, also those that are held twice. */
const held = (module: Module): [string, Module][] =>
  module.namedModules({ removeDuplicate: false }).filter(([name]) => name !== '' && !name.includes('.'));

/** Follows a model's calls. */
export class CalledLayers {
  readonly layers: LayerInfo[] = [];
  private readonly seen = new Set<Module>();
  private readonly places = new Map<Module, Place[]>();
  private readonly running: LayerInfo[] = [];
  private readonly hooks: { remove(): void }[] = [];

  constructor(
    private readonly root: Module,
    private readonly batchDim: number | null,
  ) {}

  /** Lists all layers, without a call. */
  list(): void {
    for (const { module, place } of this.walk()) this.add(module, place);
    this.finish();
  }

  /** Lists layers as they are called, while `run` runs. */
  during(run: () => void): void {
    for (const { module, place } of this.walk()) {
      const places = this.places.get(module);
      if (places === undefined) {
        this.places.set(module, [place]);
        this.watch(module);
      } else places.push(place);
    }
    try {
      run();
    } finally {
      for (const hook of this.hooks) hook.remove();
    }
    this.addContainers();
    this.finish();
  }

  private *walk(): Iterable<{ module: Module; place: Place }> {
    const work = [
      { module: this.root, place: { varName: this.root.constructor.name, depth: 0, parent: null } as Place },
    ];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      yield next;
      const { module, place } = next;
      const parent = new LayerInfo(place.varName, module, place.depth, place.parent);
      for (const [varName, child] of held(module).reverse())
        work.push({ module: child, place: { varName, depth: place.depth + 1, parent } });
    }
  }

  private watch(module: Module): void {
    const called = new Map<Module, LayerInfo[]>();
    this.hooks.push(
      module.registerForwardPreHook(() => {
        const info = this.add(module, this.placeOf(module));
        this.running.push(info);
        called.set(module, [...(called.get(module) ?? []), info]);
      }),
      module.registerForwardHook((_, inputs, outputs) => {
        const info = called.get(module)?.pop();
        info?.called(inputs, outputs, this.batchDim);
        if (this.running.at(-1) === info) this.running.pop();
      }),
    );
  }

  /** The place of which this call is: the one below what is running. */
  private placeOf(module: Module): Place {
    const places = this.places.get(module)!;
    const top = this.running.at(-1);
    if (places.length === 1 || top === undefined) return places[0];
    const running = new Set(this.running.map((info) => info.module));
    const found = places.find((place) => {
      let { parent } = place;
      // Lists of modules are never called themselves.
      while (parent !== null && !running.has(parent.module)) parent = parent.parentInfo;
      return parent?.module === top.module;
    });
    return found ?? places[0];
  }

  private add(module: Module, { varName, depth, parent }: Place): LayerInfo {
    const info = new LayerInfo(varName, module, depth, parent);
    this.note(info);
    this.layers.push(info);
    return info;
  }

  private note(info: LayerInfo): void {
    info.countParameters();
    info.isRecursive = this.seen.has(info.module);
    this.seen.add(info.module);
  }

  /** Puts what is not called itself, such as lists of modules, above what is in it. */
  private addContainers(): void {
    const current = new Map<number, LayerInfo>();
    for (let i = 0; i < this.layers.length; i++) {
      const layer = this.layers[i];
      const above = new Map<number, LayerInfo>();
      for (
        let { parentInfo } = layer;
        parentInfo !== null && parentInfo.depth > 0;
        { parentInfo } = parentInfo
      )
        above.set(parentInfo.depth, parentInfo);
      for (let depth = 1; depth < layer.depth; depth++) {
        const info = above.get(depth)!;
        if (current.get(depth)?.module === info.module || info === this.layers[i - 1]) continue;
        this.note(info);
        this.layers.splice(i++, 0, info);
        current.set(depth, info);
      }
      current.set(layer.depth, layer);
      for (const depth of [...current.keys()]) if (depth > layer.depth) current.delete(depth);
    }
  }

  private finish(): void {
    const counts = new Map<number, number>();
    for (const [i, layer] of this.layers.entries()) {
      layer.depthIndex = (counts.get(layer.depth) ?? 0) + 1;
      counts.set(layer.depth, layer.depthIndex);
      const end = this.layers.findIndex((other, j) => j > i && other.depth <= layer.depth);
      layer.children = this.layers.slice(i + 1, end < 0 ? undefined : end);
    }
  }
}
