/** Speaks the engine's protocol directly, for tests of the engine itself. */

import { type ReductionKind, reductionKinds } from '../src/backends/backend.js';
import { type Engine, EngineStatus } from '../src/backends/cpu/engine.js';
import {
  type ComputeType,
  computeTypes,
  type InstructionName,
  instructions,
} from '../src/backends/program.js';
import { type DType, dtypeByName } from '../src/core/dtype.js';

export class EngineError extends Error {
  constructor(readonly status: number) {
    super(`status ${Object.entries(EngineStatus).find(([, code]) => code === status)?.[0] ?? status}`);
  }
}

const codes = Object.keys(instructions);

export type Code = readonly [name: InstructionName, to: number, ...from: number[]];

/** A tensor in the engine's memory. */
export class Tensor {
  readonly dtype: DType;
  readonly address: number;
  private readonly buffer: ArrayBuffer | undefined;
  readonly strides: number[];

  constructor(
    readonly engine: Engine,
    dtype: string,
    readonly shape: readonly number[],
    strides?: readonly number[],
    /** The tensor whose memory this one sees, from its element `offset` on. */
    base?: Tensor,
    offset = 0,
  ) {
    this.dtype = dtypeByName(dtype)!;
    this.strides = strides
      ? [...strides]
      : shape.map((_, d) => shape.slice(d + 1).reduce((product, n) => product * n, 1));
    if (base) {
      this.buffer = base.buffer;
      this.address = base.address + offset * this.dtype.itemsize;
      return;
    }
    const extent = shape.reduce((sum, n, d) => sum + Math.max(0, n - 1) * Math.abs(this.strides[d]), 1);
    const nbytes = extent * this.dtype.itemsize;
    if (engine.kind === 'native') {
      this.buffer = new ArrayBuffer(nbytes);
      this.address = engine.address(this.buffer);
    } else {
      this.address = engine.allocate(nbytes);
      new Uint8Array(engine.memory.buffer, this.address, nbytes).fill(0);
    }
    // Negative strides start at the other end.
    for (const [d, stride] of this.strides.entries())
      if (stride < 0) this.address -= (shape[d] - 1) * stride * this.dtype.itemsize;
  }

  /** Byte offset of an element in `view()`. */
  at(index: readonly number[]): number {
    const start =
      this.engine.kind === 'native' ? this.address - this.engine.address(this.buffer!) : this.address;
    return start + index.reduce((sum, i, d) => sum + i * this.strides[d], 0) * this.dtype.itemsize;
  }

  view(): DataView {
    return new DataView(this.engine.kind === 'native' ? this.buffer! : this.engine.memory.buffer);
  }

  /** 16-bit floats as their bits. */
  get(...index: number[]): number | bigint {
    const view = this.view();
    const at = this.at(index);
    switch (this.dtype.name) {
      case 'int8':
        return view.getInt8(at);
      case 'int16':
        return view.getInt16(at, true);
      case 'int32':
        return view.getInt32(at, true);
      case 'int64':
        return view.getBigInt64(at, true);
      case 'float32':
        return view.getFloat32(at, true);
      case 'float64':
        return view.getFloat64(at, true);
      case 'float16':
      case 'bfloat16':
        return view.getUint16(at, true);
      default:
        return view.getUint8(at);
    }
  }

  set(index: readonly number[], value: number | bigint): void {
    const view = this.view();
    const at = this.at(index);
    switch (this.dtype.name) {
      case 'int16':
        view.setInt16(at, Number(value), true);
        break;
      case 'int32':
        view.setInt32(at, Number(value), true);
        break;
      case 'int64':
        view.setBigInt64(at, BigInt(value), true);
        break;
      case 'float32':
        view.setFloat32(at, Number(value), true);
        break;
      case 'float64':
        view.setFloat64(at, Number(value), true);
        break;
      case 'float16':
      case 'bfloat16':
        view.setUint16(at, Number(value), true);
        break;
      default:
        view.setUint8(at, Number(value));
        break;
    }
  }

  /** Sets every element by its index. */
  fill(f: (index: readonly number[]) => number | bigint): this {
    for (const index of indices(this.shape)) this.set(index, f(index));
    return this;
  }

  /** Elements in row-major order. */
  values(): (number | bigint)[] {
    return [...indices(this.shape)].map((index) => this.get(...index));
  }
}

/** Every index of a shape, row-major. */
export function* indices(shape: readonly number[]): Generator<readonly number[]> {
  if (shape.includes(0)) return;
  const index = shape.map(() => 0);
  for (;;) {
    yield [...index];
    let d = shape.length - 1;
    while (d >= 0 && ++index[d] === shape[d]) index[d--] = 0;
    if (d < 0) return;
  }
}

function run(engine: Engine): void {
  const status = engine.run();
  if (status !== 0) throw new EngineError(status);
}

export interface Definition {
  compute: ComputeType;
  inputs: number;
  constants?: readonly (number | bigint)[];
  scalars?: number;
  temporaries?: number;
  code?: readonly Code[];
  outputs: readonly number[];
}

export function define(engine: Engine, definition: Definition): number {
  const { compute, inputs, constants = [], scalars = 0, temporaries = 0, code = [], outputs } = definition;
  const { words, bits, bytes } = engine;
  words.set([0, computeTypes.indexOf(compute), inputs, constants.length, scalars, temporaries, code.length]);
  words[7] = outputs.length;
  let at = 8;
  for (const c of constants) {
    if (compute === 'int64') bits[at++] = BigInt(c);
    else words[at++] = Number(c);
  }
  for (const [name, to, ...from] of code) {
    words[at] = 0;
    bytes.set([codes.indexOf(name), to, ...from], at * 8);
    at++;
  }
  words.set(outputs, at);
  run(engine);
  return engine.words[0];
}

function operand(words: Float64Array, start: number, t: Tensor, strides: readonly number[]): number {
  words.set([t.address, t.dtype.code, ...strides], start);
  return start + 2 + strides.length;
}

/** Strides that broadcast the tensor to a shape of as many dimensions. */
const broadcast = (t: Tensor, shape: readonly number[]) =>
  t.strides.map((stride, d) => (t.shape[d] === 1 && shape[d] !== 1 ? 0 : stride));

export function pointwise(
  engine: Engine,
  handle: number,
  shape: readonly number[],
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  scalars: readonly (number | bigint)[] = [],
): void {
  const { words, bits } = engine;
  words.set([1, handle, outputs.length, inputs.length, scalars.length, shape.length, ...shape]);
  let at = 6 + shape.length;
  for (const t of [...outputs, ...inputs]) at = operand(words, at, t, broadcast(t, shape));
  for (const s of scalars) {
    if (typeof s === 'bigint') bits[at++] = s;
    else words[at++] = s;
  }
  run(engine);
}

/** Result and indices have size 1 in the reduced dimensions. */
export function reduce(
  engine: Engine,
  handle: number,
  kind: ReductionKind,
  reduced: readonly boolean[],
  output: Tensor,
  indices: Tensor | null,
  inputs: readonly Tensor[],
): void {
  const { words } = engine;
  const shape = inputs[0].shape;
  words.set([2, handle, reductionKinds.indexOf(kind), indices ? 1 : 0, inputs.length, 0, shape.length]);
  words.set([...shape, ...reduced.map(Number)], 7);
  let at = 7 + 2 * shape.length;
  const kept = (t: Tensor) => t.strides.map((stride, d) => (reduced[d] ? 0 : stride));
  at = operand(words, at, output, kept(output));
  if (indices) at = operand(words, at, indices, kept(indices));
  for (const t of inputs) at = operand(words, at, t, broadcast(t, shape));
  run(engine);
}
