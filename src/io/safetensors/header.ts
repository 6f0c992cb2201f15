/** The header of `.safetensors` files: https://github.com/huggingface/safetensors#format */
import { type DType, dtypeByName } from '../../core/dtype.js';
import { NotImplementedError } from '../../core/errors.js';
import type { ByteSource } from '../byte_source.js';
import { kindOf } from '../file_kinds.js';
import type { ElementKind } from '../raw_array.js';

/** A file that is damaged or lacks what was asked for. Named as the Python package's. */
export class SafetensorError extends Error {
  override name = 'SafetensorError';
}

/** Bits per element. The order is the one in which files hold their tensors, from the last to the first. */
const dtypeBits = new Map([
  ['BOOL', 8],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['U8', 8],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E5M2FNUZ', 8],
  ['I16', 16],
  ['U16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['I32', 32],
  ['U32', 32],
  ['F32', 32],
  ['C64', 64],
  ['F64', 64],
  ['I64', 64],
  ['U64', 64],
]);
const ranks = new Map([...dtypeBits.keys()].map((name, i) => [name, i]));

const torchNames = new Map([
  ['BOOL', 'bool'],
  ['U8', 'uint8'],
  ['I8', 'int8'],
  ['I16', 'int16'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I32', 'int32'],
  ['F32', 'float32'],
  ['C64', 'complex64'],
  ['F64', 'float64'],
  ['I64', 'int64'],
  ['U16', 'uint16'],
  ['U32', 'uint32'],
  ['U64', 'uint64'],
  ['F8_E5M2', 'float8_e5m2'],
  ['F8_E4M3', 'float8_e4m3fn'],
  ['F8_E8M0', 'float8_e8m0fnu'],
  ['F8_E4M3FNUZ', 'float8_e4m3fnuz'],
  ['F8_E5M2FNUZ', 'float8_e5m2fnuz'],
]);
const names = new Map([...torchNames].map(([name, torchName]) => [torchName, name]));

/** The header's description of a tensor. Offsets count from the end of the header. */
export interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of their offsets. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Where the tensors begin in the file. */
  readonly dataStart: number;
}

/** The Python package's own limit. */
const longestHeader = 100_000_000;

/** How long the JSON is that follows the first eight bytes. */
export function headerSize(head: Uint8Array, fileSize: number): number {
  if (fileSize < 8) throw damaged('header too small');
  const size = Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
  if (size > longestHeader) throw damaged('header too large');
  if (8 + size > fileSize) throw damaged('invalid header length');
  return size;
}

export async function readHeader(source: ByteSource): Promise<Header> {
  const head = await source.read(0, Math.min(512, source.size));
  let size: number;
  try {
    size = headerSize(head, source.size);
  } catch (error) {
    const kind = kindOf(head);
    if (kind === null) throw error;
    throw new SafetensorError(`${(error as Error).message} (${source.name} is ${kind})`);
  }
  return parseHeader(await source.read(8, size), source.size);
}

/** @param json the header's bytes without their length */
export function parseHeader(json: Uint8Array, fileSize: number): Header {
  const parsed = parseJson(json);
  const metadata = Object.hasOwn(parsed, '__metadata__') ? readMetadata(parsed.__metadata__) : null;
  const tensors = Object.entries(parsed)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => [name, readInfo(name, value)] as const)
    .sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const [name, info] of tensors) {
    if (info.begin !== at || info.end < at) throw damaged(`invalid offset for tensor \`${name}\``);
    at = info.end;
    checkSize(info);
  }
  if (8 + json.length + at !== fileSize) throw damaged('incomplete metadata, file not fully covered');
  return { tensors: new Map(tensors), metadata, dataStart: 8 + json.length };
}

function parseJson(json: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    throw damaged('invalid UTF-8 in header');
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw invalid((error as Error).message);
  }
  if (!isRecord(parsed)) throw invalid('expected an object');
  return parsed;
}

function readMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value)) throw invalid('`__metadata__` must be a map');
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'string') throw invalid(`expected a string for \`${key}\` of \`__metadata__\``);
  }
  return value as Record<string, string>;
}

function readInfo(name: string, value: unknown): TensorInfo {
  if (!isRecord(value)) throw invalid(`expected an object for \`${name}\``);
  for (const field of ['dtype', 'shape', 'data_offsets']) {
    if (!Object.hasOwn(value, field)) throw invalid(`missing field \`${field}\` of \`${name}\``);
  }
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw invalid(`the dtype of \`${name}\` must be a string`);
  if (!dtypeBits.has(dtype)) {
    throw invalid(`unknown variant \`${dtype}\`, expected one of ${[...dtypeBits.keys()].join(', ')}`);
  }
  if (!isSizes(shape)) throw invalid(`the shape of \`${name}\` must be a list of sizes`);
  if (!isSizes(offsets) || offsets.length !== 2) throw invalid(`\`${name}\` needs two offsets`);
  return { dtype, shape, begin: offsets[0], end: offsets[1] };
}

function checkSize({ dtype, shape, begin, end }: TensorInfo): void {
  const bits = shape.reduce((product, size) => product * size, dtypeBits.get(dtype)!);
  if (!Number.isSafeInteger(bits)) {
    throw damaged('overflow computing buffer size from shape and/or element type');
  }
  if (bits !== (end - begin) * 8) throw damaged('invalid shape, data type, or offset for tensor');
}

/** The dtype of a tensor here. @throws NotImplementedError if there is none */
export function dtypeOf(name: string): DType {
  const dtype = dtypeByName(torchNames.get(name) ?? '');
  if (dtype === undefined)
    throw new NotImplementedError(
      `torch.safetensors: tensors of ${name} are not supported; getRaw() of what safeOpen() gives reads their elements`,
    );
  return dtype;
}

/** The way to read elements that no tensor has a dtype for. */
export function elementKind(name: string): ElementKind {
  const [, letter, bits] = /^([UIF])(8|16|32|64)$/.exec(name) ?? [];
  if (name === 'BOOL') return 'bool';
  if (letter === undefined || (letter === 'F' && Number(bits) < 32)) return 'bytes';
  return `${{ U: 'uint', I: 'int', F: 'float' }[letter]}${bits}` as ElementKind;
}

/** The name of a dtype in files; undefined where they have none such. */
export function nameOf(dtype: DType): string | undefined {
  return names.get(dtype.name);
}

/** The order of tensors in a file: larger elements first, so that all are aligned; then by name, in UTF-8's order. */
export function compareTensors(
  [aName, a]: readonly [string, { readonly dtype: string }],
  [bName, b]: readonly [string, { readonly dtype: string }],
): number {
  const rank = ranks.get(b.dtype)! - ranks.get(a.dtype)!;
  if (rank !== 0) return rank;
  const [aPoints, bPoints] = [[...aName], [...bName]].map((chars) => chars.map((c) => c.codePointAt(0)!));
  const differs = aPoints.findIndex((point, i) => point !== bPoints[i]);
  if (differs < 0) return aPoints.length - bPoints.length;
  return aPoints[differs] - (bPoints[differs] ?? -1);
}

/** The header's bytes, with their length before them and padded so that the tensors are aligned. */
export function writeHeader(
  tensors: readonly (readonly [name: string, info: TensorInfo])[],
  metadata: Readonly<Record<string, string>> | null,
): Uint8Array {
  const fields: [string, unknown][] = tensors.map(([name, { dtype, shape, begin, end }]) => [
    name,
    { dtype, shape, data_offsets: [begin, end] },
  ]);
  if (metadata !== null) fields.unshift(['__metadata__', metadata]);
  // Not one object: its keys that look like indices would change places.
  const text = fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
  const json = new TextEncoder().encode(`{${text}}`);
  const size = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + size).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(size), true);
  bytes.set(json, 8);
  return bytes;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function damaged(what: string): SafetensorError {
  return new SafetensorError(`Error while deserializing: ${what}`);
}

function invalid(what: string): SafetensorError {
  return damaged(`invalid JSON in header: ${what}`);
}
