/** Tensors as shaders see them: bindings, and functions that load and store elements of any dtype. */

import { Device, devicesError } from '../../core/device.js';
import type { DType } from '../../core/dtype.js';
import { TypeError } from '../../core/errors.js';
import type { StridedView } from '../backend.js';
import type { WebGpuStorage } from './allocator.js';
import type { Access, Block } from './gpu.js';

/** The form of elements inside a shader: float32, int64 as two words, or the bits as they are stored. */
export type Kind = 'f32' | 'i64' | 'raw';

const webgpu = new Device('webgpu', 0);

/** A dtype's name in keys and the switch of the code below. */
type Stored = 'u8' | 'i8' | 'i16' | 'i32' | 'i64' | 'f16' | 'bf16' | 'f32' | 'bool';

const storedAs: Readonly<Record<string, Stored>> = {
  uint8: 'u8',
  int8: 'i8',
  int16: 'i16',
  int32: 'i32',
  int64: 'i64',
  float16: 'f16',
  bfloat16: 'bf16',
  float32: 'f32',
  bool: 'bool',
};

/** Refuses dtypes that no shader has. */
export function checkDtype(dtype: DType): void {
  if (storedAs[dtype.toReal().name] === undefined)
    throw new TypeError(
      `Cannot convert a WebGPU Tensor to ${dtype.name} dtype as the WebGPU framework doesn't support ${dtype.name}. Please use ${dtype.isComplex ? 'complex64' : 'float32'} instead.`,
    );
}

function stored(dtype: DType): Stored {
  checkDtype(dtype);
  return storedAs[dtype.name];
}

/** The WGSL type of an element. */
export function typeOf(kind: Kind, dtype: DType): string {
  if (kind === 'f32') return 'f32';
  return kind === 'i64' || dtype.itemsize === 8 ? 'vec2<u32>' : 'u32';
}

interface Operand {
  readonly dtype: DType;
  readonly slot: number;
  readonly kind: Kind;
}

/** The storages of a dispatch, each bound once, however many views there are of it. */
export class Operands {
  readonly blocks: Block[] = [];
  private readonly modes: string[] = [];
  private readonly operands: Operand[] = [];

  /** Adds a view that is read; returns its number. */
  read(view: StridedView, kind: Kind): number {
    return this.add(view, kind, 'r');
  }

  /**
   * Adds a view that is written. Elements smaller than a word need atomic operations, unless each word is written by one
   * invocation alone (`owned`).
   */
  write(view: StridedView, kind: Kind, owned = false): number {
    return this.add(view, kind, view.dtype.itemsize < 4 && !owned ? 'a' : 'w');
  }

  /** Binds memory as it is; returns the number of the binding. */
  bind(block: Block, mode: 'r' | 'w' | 'a'): number {
    let slot = this.blocks.indexOf(block);
    if (slot < 0) {
      slot = this.blocks.length;
      this.blocks.push(block);
      this.modes.push(mode);
    } else if ('rwa'.indexOf(mode) > 'rwa'.indexOf(this.modes[slot])) this.modes[slot] = mode;
    return slot;
  }

  private add(view: StridedView, kind: Kind, mode: 'r' | 'w' | 'a'): number {
    const { device } = view.storage.backend;
    if (device.type !== 'webgpu') throw devicesError(webgpu, device);
    stored(view.dtype);
    const slot = this.bind((view.storage as WebGpuStorage).block, mode);
    this.operands.push({ dtype: view.dtype, slot, kind });
    return this.operands.length - 1;
  }

  get access(): Access {
    return this.modes.join('');
  }

  /** Everything that the text of the functions depends on. */
  get key(): string {
    return `${this.access}|${this.operands.map(({ dtype, slot, kind }) => `${slot}${kind}${dtype.code}`).join()}`;
  }

  /** A word of a binding. */
  word(slot: number, index: string): string {
    return this.modes[slot] === 'a' ? `atomicLoad(&b${slot}[${index}])` : `b${slot}[${index}]`;
  }

  setWord(slot: number, index: string, value: string): string {
    return this.modes[slot] === 'a'
      ? `atomicStore(&b${slot}[${index}], ${value});`
      : `b${slot}[${index}] = ${value};`;
  }

  slotOf(operand: number): number {
    return this.operands[operand].slot;
  }

  /** `load0(i)`, `store0(i, v)` and so on, where i counts elements from the beginning of the storage. */
  functions(): string {
    const isWritten = (slot: number) => this.modes[slot] !== 'r';
    return this.operands
      .map((o, k) => this.load(o, k) + (isWritten(o.slot) ? this.store(o, k) : ''))
      .join('');
  }

  private load({ dtype, slot, kind }: Operand, k: number): string {
    const type = stored(dtype);
    const { itemsize } = dtype;
    let bits: string;
    if (itemsize === 8) bits = `vec2<u32>(${this.word(slot, '2u * i')}, ${this.word(slot, '2u * i + 1u')})`;
    else if (itemsize === 4) bits = this.word(slot, 'i');
    else if (itemsize === 2) bits = `(${this.word(slot, 'i >> 1u')} >> ((i & 1u) * 16u)) & 0xffffu`;
    else bits = `(${this.word(slot, 'i >> 2u')} >> ((i & 3u) * 8u)) & 0xffu`;
    return `fn load${k}(i: u32) -> ${typeOf(kind, dtype)} { return ${decode(type, kind, bits)}; }\n`;
  }

  private store({ dtype, slot, kind }: Operand, k: number): string {
    const { itemsize } = dtype;
    let body: string;
    if (itemsize === 8)
      body = `let w = ${encode(dtype, kind, 'v')}; ${this.setWord(slot, '2u * i', 'w.x')} ${this.setWord(slot, '2u * i + 1u', 'w.y')}`;
    else if (itemsize === 4) body = this.setWord(slot, 'i', encode(dtype, kind, 'v'));
    else {
      const [perWord, mask] = itemsize === 2 ? [1, '0xffffu'] : [2, '0xffu'];
      const where = `i >> ${perWord}u`;
      body =
        `let s = (i & ${itemsize === 2 ? 1 : 3}u) * ${8 * itemsize}u; let w = (${encode(dtype, kind, 'v')}) << s; ` +
        (this.modes[slot] === 'a'
          ? // The other bits of the word may change meanwhile, these don't.
            `atomicXor(&b${slot}[${where}], (atomicLoad(&b${slot}[${where}]) ^ w) & (${mask} << s));`
          : `b${slot}[${where}] = (b${slot}[${where}] & ~(${mask} << s)) | w;`);
    }
    return `fn store${k}(i: u32, v: ${typeOf(kind, dtype)}) { ${body} }\n`;
  }
}

/** The element of these bits. */
function decode(type: Stored, kind: Kind, bits: string): string {
  if (kind === 'raw') return bits;
  const toKind = (float: string): string => (kind === 'f32' ? float : `f32_to_i64(${float})`);
  const ofInt = (int: string): string => (kind === 'f32' ? `f32(${int})` : `i_of(${int})`);
  switch (type) {
    case 'f32':
      return toKind(`bitcast<f32>(${bits})`);
    case 'f16':
      return toKind(`half_to_f32(${bits})`);
    case 'bf16':
      return toKind(`bfloat_to_f32(${bits})`);
    case 'i64':
      return kind === 'f32' ? `i64_to_f32(${bits})` : bits;
    case 'i32':
      return ofInt(`bitcast<i32>(${bits})`);
    case 'i16':
      return ofInt(`extractBits(bitcast<i32>(${bits}), 0u, 16u)`);
    case 'i8':
      return ofInt(`extractBits(bitcast<i32>(${bits}), 0u, 8u)`);
    case 'u8':
      return kind === 'f32' ? `f32(${bits})` : `vec2<u32>(${bits}, 0u)`;
    case 'bool':
      return kind === 'f32' ? `truth((${bits}) != 0u)` : `i_truth((${bits}) != 0u)`;
  }
}

/** The bits of an element, those above its size cleared. */
export function encode(dtype: DType, kind: Kind, value: string): string {
  if (kind === 'raw') return value;
  const toFloat = kind === 'f32' ? value : `i64_to_f32(${value})`;
  const low = kind === 'f32' ? `f32_to_i32(${value})` : `${value}.x`;
  switch (stored(dtype)) {
    case 'f32':
      return `bitcast<u32>(${toFloat})`;
    case 'f16':
      return `f32_to_half(${toFloat})`;
    case 'bf16':
      return `f32_to_bfloat(${toFloat})`;
    case 'i64':
      return kind === 'f32' ? `f32_to_i64(${value})` : value;
    case 'i32':
      return low;
    case 'i16':
      return `${low} & 0xffffu`;
    case 'i8':
    case 'u8':
      return `${low} & 0xffu`;
    case 'bool':
      return kind === 'f32' ? `select(0u, 1u, f_true(${value}))` : `select(0u, 1u, i_true(${value}))`;
  }
}

/** A shader's parameters, and how its text calls them. */
export class Parameters {
  readonly words: number[] = [];

  /** Adds an unsigned or wrapped integer; returns its name in the text. */
  int(value: number): string {
    const n = this.words.push(value >>> 0) - 1;
    return Parameters.at(n);
  }

  float(value: number): string {
    floats[0] = value;
    return `bitcast<f32>(${this.int(bits[0])})`;
  }

  long(value: bigint | number): string {
    const whole = BigInt.asUintN(64, BigInt(value));
    const low = this.int(Number(whole & 0xffffffffn));
    return `vec2<u32>(${low}, ${this.int(Number(whole >> 32n))})`;
  }

  static at(n: number): string {
    for (let i = parameterNames.length; i <= n; i++)
      parameterNames.push(`params[${i >> 2}].${'xyzw'[i & 3]}`);
    return parameterNames[n];
  }
}

/** Made once: each dispatch uses many. */
const parameterNames: string[] = [];

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The bits of a number as float32. */
export function floatBits(value: number): number {
  floats[0] = value;
  return bits[0];
}

/** The beginning of every kernel: `id` counts invocations, `group` workgroups, `lane` invocations within one. */
export function entry(body: string, size = 256): string {
  return `
@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = workgroup.y * workgroups.x + workgroup.x;
  let id = group * ${size}u + lane;
${body}
}
`;
}
