import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { isContiguous } from '../../core/layout.js';
import { asRecord } from '../../core/plain.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { typeName } from '../../dispatch/type_name.js';
import type { Module } from '../../nn/module.js';
import type { Bytes } from '../bytes.js';
import { elementBytes } from '../raw_elements.js';
import { concatenate, type Writable, writeTo } from '../sink.js';
import { compareTensors, nameOf, type TensorInfo, writeHeader } from './header.js';
import { duplicateNames, sharedNames } from './shared.js';

/** Text to keep beside the tensors. */
export type Metadata = Readonly<Record<string, string>> | ReadonlyMap<string, string>;

type Tensors = Readonly<Record<string, Tensor>>;
type Texts = Readonly<Record<string, string>>;

/** Tensors by name. */
export type TensorDict = Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>;

const saveSignature = signature('save(Object tensors, Dict? metadata=None)');
const saveFileSignature = signature('save_file(Object tensors, Object filename, Dict? metadata=None)');
const saveModelSignature = signature(
  'save_model(Any model, Object filename, Dict? metadata=None, bool force_contiguous=True)',
);

/** @throws TypeError for what is no module */
export function moduleOf(value: unknown, owner: string): Module {
  if (typeof (value as Partial<Module> | null)?.stateDict === 'function') return value as Module;
  throw new TypeError(`${owner}(): argument 'model' must be Module, not ${typeName(value)}`);
}

/**
 * Saves tensors by name in the `.safetensors` format, as bytes. They must be contiguous and share no memory.
 *
 * @throws ValueError for a tensor that is not contiguous; RuntimeError if tensors share memory
 * @example
 * const bytes = torch.safetensors.save({ weight: torch.zeros(512, 1024) });
 */
export function save(
  ...args: Arguments<typeof saveSignature, { tensors: TensorDict; metadata: Metadata | null }>
): Bytes {
  const { tensors, metadata } = saveSignature.bind(args);
  return concatenate(serialize(asRecord(tensors) as Tensors, metadata as Texts | null));
}

/**
 * Saves tensors by name to a `.safetensors` file. They must be contiguous and share no memory.
 *
 * @example
 * await torch.safetensors.saveFile(net.stateDict(), 'model.safetensors', { format: 'pt' });
 */
export async function saveFile(
  ...args: Arguments<
    typeof saveFileSignature,
    { tensors: TensorDict; filename: Writable; metadata: Metadata | null }
  >
): Promise<void> {
  const { tensors, filename, metadata } = saveFileSignature.bind(args);
  const parts = serialize(await onHost(asRecord(tensors) as Tensors), metadata as Texts | null);
  await writeTo(filename as Writable, async (sink) => {
    for (const part of parts) await sink(part);
  });
}

/**
 * Saves a module's state. A tensor that is there under several names is written once, and the metadata says under which;
 * `loadModel` finds it.
 */
export async function saveModel(
  ...args: Arguments<
    typeof saveModelSignature,
    { model: Module; filename: Writable; metadata: Metadata | null }
  >
): Promise<void> {
  const { model: given, filename, metadata, forceContiguous } = saveModelSignature.bind(args);
  const model = moduleOf(given, 'save_model');
  const state = new Map(Object.entries(model.stateDict()));
  const notes: Record<string, string> = {};
  for (const [kept, others] of duplicateNames(state)) {
    for (const name of others) {
      notes[name] = kept;
      state.delete(name);
    }
  }
  const all = (Object.keys(notes).length === 0 ? metadata : { ...notes, ...metadata }) as Metadata | null;
  const tensors = [...state].map(([name, t]) => [name, forceContiguous ? t.contiguous() : t] as const);
  await saveFile(Object.fromEntries(tensors), filename as Writable, all);
}

/** Tensors of other devices are copied from there; whatever is no tensor is refused later. */
async function onHost(tensors: Tensors): Promise<Tensors> {
  const isElsewhere = (value: unknown) => value instanceof Tensor && value.device.type !== 'cpu';
  if (typeof tensors !== 'object' || tensors === null || !Object.values(tensors).some(isElsewhere))
    return tensors;
  const copies = Object.entries(tensors).map(async ([name, tensor]) => [
    name,
    isElsewhere(tensor) ? await tensor.detach().to('cpu').ready() : tensor,
  ]);
  return Object.fromEntries(await Promise.all(copies));
}

/** The header, then every tensor's elements. Checks everything before the first byte is written. */
function serialize(tensors: Tensors, metadata: Texts | null): Uint8Array[] {
  if (
    typeof tensors !== 'object' ||
    tensors === null ||
    Symbol.iterator in tensors ||
    tensors instanceof Tensor
  ) {
    throw new ValueError(`Expected a dict of [str, torch.Tensor] but received ${typeName(tensors)}`);
  }
  const entries = new Map(Object.entries(tensors));
  for (const [name, tensor] of entries) {
    if (!(tensor instanceof Tensor)) {
      throw new ValueError(
        `Key \`${name}\` is invalid, expected torch.Tensor but received ${typeName(tensor)}`,
      );
    }
    if (name === '__metadata__')
      throw new ValueError('Key `__metadata__` is invalid: the format keeps it for text');
  }
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (typeof value !== 'string') {
      throw new TypeError(
        `argument 'metadata': '${typeName(value)}' object is not an instance of 'str' (${key})`,
      );
    }
  }
  const shared = sharedNames(entries);
  if (shared.length > 0) {
    const shown = shared.map((names) => `{${names.map((name) => `'${name}'`).join(', ')}}`).join(', ');
    throw new RuntimeError(
      'Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading ' +
        `them again: [${shown}]. A potential way to correctly save your model is to use \`saveModel\`.`,
    );
  }
  const sorted = [...entries]
    .map(([name, tensor]) => [name, { dtype: checkedName(name, tensor), tensor }] as const)
    .sort(compareTensors);
  let at = 0;
  const infos = sorted.map(([name, { dtype, tensor }]): [string, TensorInfo] => {
    const begin = at;
    at += tensor.nbytes;
    return [name, { dtype, shape: tensor.shape, begin, end: at }];
  });
  return [writeHeader(infos, metadata), ...sorted.map(([, { tensor }]) => elementBytes(tensor))];
}

/** The file's name for a tensor's dtype, if the tensor can be saved. */
function checkedName(name: string, tensor: Tensor): string {
  if (!isContiguous(tensor.shape, tensor.strides)) {
    throw new ValueError(
      `You are trying to save a non contiguous tensor: \`${name}\` which is not allowed. It either means you are trying to ` +
        "save tensors which are reference of each other in which case it's recommended to save only the full tensors, " +
        'and reslice at load time, or simply call `.contiguous()` on your tensor to pack it before saving.',
    );
  }
  const dtype = nameOf(tensor.dtype);
  if (dtype === undefined) throw new ValueError(`the format has no dtype for \`${name}\`: ${tensor.dtype}`);
  return dtype;
}
