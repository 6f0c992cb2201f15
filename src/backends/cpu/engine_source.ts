/** Where the WebAssembly engine comes from, and whether what came is that engine. */

import { RuntimeError, TypeError, unexpectedKeyword } from '../../core/errors.js';
import { protocol } from '../../generated/protocol.js';
import { hasRelaxedSimd } from './relaxed_simd.js';
import { policyError } from './wasm_policy.js';

/** The class of compiled modules, where the compiler's settings know WebAssembly. */
type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: new (...args: never[]) => infer Module };
}
  ? Module
  : object;

/** The part of a `Response` that is used. */
export interface EngineResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * The engine: its address (a path in Node, where it is no URL), an answer to `fetch`, its bytes, or the compiled module. An address that ends in
 * `/` is that of the folder where all forms are, under the names that they have in the package: the fastest that runs here is taken.
 */
export type EngineSource =
  | string
  | URL
  | EngineResponse
  | PromiseLike<EngineResponse>
  | ArrayBuffer
  | ArrayBufferView
  | CompiledModule;

/** Options of `init`. */
export interface InitOptions {
  /** The engine, `flambeau/flambeau.wasm` or, where relaxed SIMD runs, `flambeau_relaxed.wasm`; without it, what lies in the package. */
  wasm?: EngineSource;
  /** The engine with threads, `flambeau/flambeau_threads.wasm` or `flambeau_relaxed_threads.wasm`: taken where memory can be shared. */
  wasmThreads?: EngineSource;
}

/** The engine's file for this host. */
export const wasmFile = (threads: boolean) =>
  `flambeau${hasRelaxedSimd() ? '_relaxed' : ''}${threads ? '_threads' : ''}.wasm`;

/** Tells kinds of values by their members: objects may come from another realm, as in test runners. */
const isUrl = (value: unknown): value is URL => typeof (value as URL | null | undefined)?.href === 'string';
const isBytes = (value: unknown): value is BufferSource =>
  ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]';
const isModule = (value: unknown): value is WebAssembly.Module =>
  Object.prototype.toString.call(value) === '[object WebAssembly.Module]';

/** Finds what a user gave for a form of the engine, or for the other one; undefined where nothing was given. */
export function chosenSource(options: InitOptions, threads: boolean): EngineSource | undefined {
  for (const name of Object.keys(options))
    if (name !== 'wasm' && name !== 'wasmThreads')
      throw unexpectedKeyword('init', name, ['wasm', 'wasmThreads']);
  const { wasm, wasmThreads } = options;
  const chosen = [threads ? wasmThreads : wasm, wasm, wasmThreads].find((one) => one !== undefined);
  if (typeof chosen === 'string' && chosen.endsWith('/')) return chosen + wasmFile(threads);
  if (isUrl(chosen) && chosen.pathname.endsWith('/')) return new URL(wasmFile(threads), chosen);
  return chosen;
}

/** @internal Makes a module of what was given. @param open reads an address @throws RuntimeError if it is not this engine */
export async function compileEngine(
  source: EngineSource,
  open: (address: string | URL) => Promise<EngineResponse | Uint8Array<ArrayBuffer>>,
): Promise<WebAssembly.Module> {
  const isAddress = typeof source === 'string' || isUrl(source);
  const given: unknown = isAddress ? await open(source) : await source;
  if (isModule(given)) return checked(given, 'the module');
  if (isBytes(given)) {
    const name = isAddress ? String(source) : 'what was given';
    return checked(await compile(given, name), name);
  }
  const response = given as EngineResponse | null;
  if (typeof response?.arrayBuffer !== 'function')
    throw new TypeError(
      `init: wasm must be a URL, a Response, an ArrayBuffer or a WebAssembly.Module, not ${response?.constructor.name ?? given}`,
    );
  const name = response.url || (isAddress ? String(source) : 'the response');
  if (!response.ok)
    throw new RuntimeError(`cannot fetch ${name}: HTTP ${response.status} ${response.statusText}`.trimEnd());
  const type = response.headers.get('content-type')?.split(';')[0];
  const canStream = type === 'application/wasm' && typeof WebAssembly.compileStreaming === 'function';
  if (!canStream) return checked(await compile(await response.arrayBuffer(), name, type), name);
  try {
    return checked(await WebAssembly.compileStreaming(response as unknown as Response), name);
  } catch (cause) {
    throw refused(name, cause as Error);
  }
}

async function compile(bytes: BufferSource, name: string, type = ''): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    const [a, b, c, d] = ArrayBuffer.isView(bytes)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes);
    const isWasm = a === 0 && b === 0x61 && c === 0x73 && d === 0x6d;
    if (isWasm) throw refused(name, cause as Error);
    throw new RuntimeError(
      `${name} is not the engine but ${type ? `a file of type ${type}` : 'another file'}: the server must send the file of the package as it is`,
      { cause },
    );
  }
}

/** Why bytes that are WebAssembly were not taken. */
function refused(name: string, cause: Error): RuntimeError {
  if (cause instanceof RuntimeError) return cause;
  const forbidden = policyError(cause);
  if (forbidden !== null) return forbidden;
  return new RuntimeError(
    `cannot compile ${name}: ${cause.message}. It needs WebAssembly with SIMD and atomics (Chrome 91, Firefox 89, Safari 16.4 or later)`,
    { cause },
  );
}

/** Whether the module is this very library's: one of another version would compute with the wrong kernels. */
function checked(module: WebAssembly.Module, name: string): WebAssembly.Module {
  const [section] = WebAssembly.Module.customSections(module, 'flambeau');
  const found = section === undefined ? null : new TextDecoder().decode(section);
  if (found === protocol) return module;
  throw new RuntimeError(
    `${name} is ${found === null ? 'not the engine' : 'the engine of another version'} of this library: take the files from dist/ of the ` +
      'package that is installed (in its checkout, npm run build:wasm)',
  );
}

/** @internal Makes a module at once. */
export function compileEngineSync(bytes: Uint8Array<ArrayBuffer>, name: string): WebAssembly.Module {
  return checked(new WebAssembly.Module(bytes), name);
}
