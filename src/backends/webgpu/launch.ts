/** One dispatch of a primitive kernel: its operands, parameters and text. */
import { type DType, float32, int64 } from '../../core/dtype.js';
import type { Backend, Storage, StridedView } from '../backend.js';
import type { Program } from '../program.js';
import { checkCount, type Gpu, WORKGROUP } from './gpu.js';
import { product } from './loops.js';
import { type Kind, Operands, Parameters } from './operands.js';

/** The device's backend, as kernels know it. */
export interface GpuBackend extends Backend {
  readonly gpu: Gpu;
}

/** An operand in a kernel's text; positions count from the view's first element. */
export interface Ref {
  readonly view: StridedView;
  readonly load: (position: string) => string;
  readonly store: (position: string, value: string) => string;
  /** The position of the element with these coordinates. */
  readonly at: (...coordinates: string[]) => string;
}

/** The type that a dtype's numbers are computed in. */
export function numberKind(dtype: DType): 'f32' | 'i64' {
  return dtype.isFloatingPoint ? 'f32' : 'i64';
}

export class Launch {
  readonly ops = new Operands();
  readonly parameters = new Parameters();

  constructor(
    readonly backend: GpuBackend,
    readonly name: string,
  ) {}

  input(view: StridedView, kind: Kind): Ref {
    return this.ref(view, this.ops.read(view, kind));
  }

  output(view: StridedView, kind: Kind): Ref {
    return this.ref(view, this.ops.write(view, kind));
  }

  private ref(view: StridedView, n: number): Ref {
    const offset = this.int(view.offset);
    const strides = view.strides.map((s) => this.int(s));
    return {
      view,
      load: (p) => `load${n}(${offset} + ${p})`,
      store: (p, v) => `store${n}(${offset} + ${p}, ${v});`,
      at: (...c) => (c.length === 0 ? '0u' : `(${c.map((x, d) => `${x} * ${strides[d]}`).join(' + ')})`),
    };
  }

  /** A parameter's name in the text. */
  int(value: number): string {
    return this.parameters.int(value);
  }

  float(value: number): string {
    return this.parameters.float(value);
  }

  /**
   * Records it.
   *
   * @param key what the text depends on beside the operands' dtypes
   * @param text everything but the operands' functions
   */
  run(key: string, text: () => string, groups: number): void {
    const { ops, parameters } = this;
    this.backend.gpu.run({
      name: this.name,
      key: `${this.name} ${key} ${parameters.words.length} ${ops.key}`,
      source: () => ops.functions() + text(),
      access: ops.access,
      blocks: ops.blocks,
      parameters: parameters.words,
      groups,
    });
  }

  /** Records it with one invocation for each of `count` elements. */
  runEach(key: string, count: number, text: () => string): void {
    checkCount(this.name, count);
    this.run(key, text, Math.ceil(count / WORKGROUP));
  }
}

/** Memory that a kernel needs on the way, as a dense view of this shape, or of so many elements. */
export function scratch(backend: GpuBackend, size: number | readonly number[], dtype: DType): StridedView {
  const shape = typeof size === 'number' ? [size] : size;
  const storage: Storage = backend.allocate(product(shape) * dtype.itemsize);
  return { storage, dtype, shape, strides: dense(shape), offset: 0 };
}

export function dense(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= shape[d];
  }
  return strides;
}

const copy = (compute: Program['compute']): Program => ({
  compute,
  inputs: 1,
  constants: [],
  scalars: 0,
  temporaries: 0,
  code: [],
  outputs: [0],
});

/** The program that gives its operand as it is. */
export const identity = { f32: copy('float32'), i64: copy('int64') } as const;
/** The dtype that numbers of a kind are held in. */
export const heldIn = { f32: float32, i64: int64 } as const;
