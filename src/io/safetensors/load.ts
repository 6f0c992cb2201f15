import { RuntimeError, TypeError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { checkSizes } from '../../dispatch/empty.js';
import type { Module } from '../../nn/module.js';
import { tensorOf } from '../raw_elements.js';
import { isIndex } from '../shard_index.js';
import { openSource, type Readable } from '../source.js';
import { dtypeOf, headerSize, parseHeader, readHeader } from './header.js';
import { define, SafeOpen } from './open.js';
import { moduleOf } from './save.js';
import { duplicateNames } from './shared.js';

const loadSignature = signature('load(Any data)');
const loadFileSignature = signature("load_file(Any filename, Device device='cpu')");
const loadModelSignature = signature(
  "load_model(Any model, Any filename, bool strict=True, Device device='cpu')",
);

/**
 * Loads the tensors of a `.safetensors` file that is in memory.
 *
 * @throws SafetensorError if it is damaged
 * @example
 * const { weight } = torch.safetensors.load(bytes);
 */
export function load(...args: Arguments<typeof loadSignature, { data: Uint8Array }>): Record<string, Tensor> {
  const { data } = loadSignature.bind(args);
  if (!(data instanceof Uint8Array)) throw new TypeError('load() expects the bytes of a file; see loadFile');
  const size = headerSize(data, data.length);
  const { tensors, dataStart } = parseHeader(data.subarray(8, 8 + size), data.length);
  const result: Record<string, Tensor> = {};
  for (const [name, { dtype, shape, begin, end }] of tensors) {
    checkSizes(shape);
    define(result, name, tensorOf(data.subarray(dataStart + begin, dataStart + end), dtypeOf(dtype), shape));
  }
  return result;
}

/**
 * Loads all tensors of a `.safetensors` file, or of all files of an index (`model.safetensors.index.json`); `safeOpen` loads one at a time.
 *
 * @throws SafetensorError if it is damaged
 * @example
 * net.loadStateDict(await torch.safetensors.loadFile('model.safetensors'));
 */
export async function loadFile(
  ...args: Arguments<typeof loadFileSignature, { filename: Readable }>
): Promise<Record<string, Tensor>> {
  const { filename, device } = loadFileSignature.bind(args);
  const source = await openSource(filename as Readable);
  try {
    const head = await source.read(0, Math.min(source.size, 512));
    if (!isIndex(head)) return await new SafeOpen(source, await readHeader(source), device).getTensors();
    const { loadShards } = await import('../files.js');
    const load = (shard: Readable) => loadFile(shard, { device });
    return (await loadShards(filename as Readable, source, load)) as Record<string, Tensor>;
  } finally {
    await source.close();
  }
}

/** Loads into a module what `saveModel` saved, and returns the names that were missing and those that were not expected. */
export async function loadModel(
  ...args: Arguments<typeof loadModelSignature, { model: Module; filename: Readable }>
): Promise<[missing: string[], unexpected: string[]]> {
  const { model: given, filename, strict, device } = loadModelSignature.bind(args);
  const model = moduleOf(given, 'load_model');
  const state = await loadFile(filename as Readable, { device });
  const duplicates = duplicateNames(new Map(Object.entries(model.stateDict())), new Set(Object.keys(state)));
  const others = new Set([...duplicates.values()].flat());
  const own = new Set(Object.keys(model.stateDict()));
  const missing = [...own].filter((name) => !Object.hasOwn(state, name) && !others.has(name)).sort();
  const unexpected = Object.keys(state)
    .filter((name) => !own.has(name))
    .sort();
  if (strict && missing.length + unexpected.length > 0) {
    const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
    throw new RuntimeError(
      `Error(s) in loading state_dict for ${model.constructor.name}:` +
        (missing.length > 0 ? `\n    Missing key(s) in state_dict: ${list(missing)}` : '') +
        (unexpected.length > 0 ? `\n    Unexpected key(s) in state_dict: ${list(unexpected)}` : ''),
    );
  }
  model.loadStateDict(state, { strict: false });
  return [missing, unexpected];
}
