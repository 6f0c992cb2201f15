/** A row of a summary: a layer, as it was called once. */
import type { Tensor } from '../core/tensor.js';
import type { Module } from '../nn/module.js';
import { UninitializedParameter } from '../nn/uninitialized.js';
import { type Measured, product, sizeOf } from './sizes.js';

/** A parameter of a layer, as rows show it. */
export interface InnerLayer {
  readonly name: string;
  readonly kernelSize: string;
  readonly numParams: number;
}

interface ParameterCount {
  /** The name, without the ending that pruning gives it. */
  readonly name: string;
  readonly count: number;
}

export class LayerInfo {
  readonly className: string;
  readonly isLeafLayer: boolean;
  readonly kernelSize: number | readonly number[] | null;
  readonly groups: number | null;
  /** Which of the layers of its depth it is, from 1. */
  depthIndex = 0;
  /** All rows below. */
  children: readonly LayerInfo[] = [];
  executed = false;
  /** Whether an earlier row has the same layer, or the same parameters. */
  isRecursive = false;
  containsLazyParam = false;
  inputSize: readonly number[] = [];
  outputSize: readonly number[] = [];
  numParams = 0;
  trainableParams = 0;
  paramBytes = 0;
  outputBytes = 0;
  macs = 0;
  innerLayers: readonly InnerLayer[] = [];

  /** @internal */
  constructor(
    /** The name that its parent has for it. */
    readonly varName: string,
    readonly module: Module,
    readonly depth: number,
    readonly parentInfo: LayerInfo | null,
  ) {
    this.className = module.constructor.name;
    this.isLeafLayer = module.children().length === 0;
    const { kernelSize, groups } = module as { kernelSize?: unknown; groups?: unknown };
    this.kernelSize = Array.isArray(kernelSize)
      ? [...kernelSize]
      : typeof kernelSize === 'number'
        ? kernelSize
        : null;
    this.groups = typeof groups === 'number' ? groups : null;
  }

  /** Whether its parameters learn. */
  get trainable(): 'True' | 'False' | 'Partial' | '--' {
    if (this.numParams === 0) return '--';
    if (this.trainableParams === 0) return 'False';
    return this.numParams === this.trainableParams ? 'True' : 'Partial';
  }

  /** @internal Counts its parameters. */
  countParameters(): void {
    this.numParams = 0;
    this.trainableParams = 0;
    this.paramBytes = 0;
    const inner = new Map<string, InnerLayer>();
    for (const [path, param] of this.module.namedParameters()) {
      if (param instanceof UninitializedParameter) {
        this.containsLazyParam = true;
        continue;
      }
      const { name, count } = this.counted(path, param);
      this.numParams += count;
      this.paramBytes += param.dtype.itemsize * count;
      if (param.requiresGrad) this.trainableParams += count;
      const size = [...param.shape];
      // Inputs first, as people say it.
      if (name === 'weight' && size.length > 1) [size[0], size[1]] = [size[1], size[0]];
      if (this.parentInfo !== null || !name.includes('.'))
        inner.set(name, { name, kernelSize: `[${size.join(', ')}]`, numParams: count });
    }
    this.innerLayers = [...inner.values()];
  }

  /** Pruned parameters count for what their masks leave. */
  private counted(path: string, param: Tensor): ParameterCount {
    if (path.endsWith('_orig')) {
      const name = path.slice(0, -'_orig'.length);
      const mask = this.module.namedBuffers().find(([buffer]) => buffer === `${name}_mask`);
      if (mask !== undefined) return { name, count: Number(mask[1].sum().item()) };
    }
    return { name: path, count: param.numel() };
  }

  /** @internal Its own parameters, with whether they count for anything. */
  ownParameters(): [param: Tensor, count: number][] {
    return this.module
      .namedParameters({ recurse: false })
      .filter(([, param]) => !(param instanceof UninitializedParameter))
      .map(([name, param]) => [param, this.counted(name, param).count]);
  }

  /** @internal Notes what a call took and gave. */
  called(inputs: unknown, outputs: unknown, batchDim: number | null): void {
    if (this.containsLazyParam) this.countParameters();
    const given: Measured = sizeOf(outputs, batchDim);
    this.inputSize = sizeOf(inputs, batchDim).size;
    this.outputSize = given.size;
    this.outputBytes = given.elementBytes * product(given.size);
    this.executed = true;
    this.macs = this.multiplications();
  }

  /** Multiplications and additions of the call, from its parameters and the size of its result. */
  private multiplications(): number {
    const { outputSize, className } = this;
    let macs = 0;
    for (const [path, param] of this.module.namedParameters()) {
      const { name, count } = this.counted(path, param);
      if (name === 'weight' || name === 'bias') {
        // A convolution's parameters are for one channel each.
        if (className.includes('Conv'))
          macs += count * product([...outputSize.slice(0, 1), ...outputSize.slice(2)]);
        else if (className.includes('Linear')) macs += count * product(outputSize.slice(0, -1));
        else macs += count * outputSize[0];
      } else if (name.includes('weight') || name.includes('bias'))
        // A recurrent layer's are for each step.
        macs += count * product(outputSize.slice(0, 2));
    }
    return macs;
  }

  /** @internal How much this row has of its layer that no row below it has. */
  leftoverParams(): number {
    const below = new Set<Tensor>(this.children.flatMap(({ module }) => module.parameters()));
    return this.module
      .namedParameters()
      .filter(([, param]) => !below.has(param) && !(param instanceof UninitializedParameter))
      .reduce((sum, [path, param]) => sum + this.counted(path, param).count, 0);
  }

  toString(): string {
    return `${this.className}: ${this.depth}`;
  }
}
