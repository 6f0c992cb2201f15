/** Hooks that say in what form the graph keeps the tensors that gradients need. */
import type { Storage } from '../backends/backend.js';
import { checkFunction, context, type Saving, withContext, withContextSync } from '../core/context.js';
import { RuntimeError, TypeError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import { autogradState, gradNode, Tensor } from '../core/tensor.js';
import { lasting } from '../dispatch/empty.js';
import { type Kept, SavedTensor } from '../dispatch/saved_tensor.js';
import { freedError, type Node, setHistory } from './node.js';

/** Takes a tensor that a recorded call needs for its gradient, and gives what the graph is to keep. */
export type PackHook<Packed = unknown> = (tensor: Tensor) => Packed;
/** Takes what the graph has kept, and gives the tensor. */
export type UnpackHook<Packed = unknown> = (packed: Packed) => Tensor;

/** A tensor that hooks keep. Its place in the graph is kept beside it. */
class PackedTensor implements Kept {
  readonly isPacked = true;
  private readonly node: Node | null;
  private readonly output: number;
  private readonly requiresGrad: boolean;
  private readonly accumulator: Node | null;
  private packed: { value: unknown } | null;

  constructor(
    tensor: Tensor,
    pack: PackHook,
    private readonly unpackHook: UnpackHook,
  ) {
    this.node = gradNode(tensor);
    this.output = tensor.autograd?.output ?? 0;
    this.requiresGrad = tensor.requiresGrad;
    this.accumulator = tensor.autograd?.accumulator ?? null;
    const { version } = tensor.storage;
    // The hook may hold its memory for good.
    tensor.storage.saves++;
    const value = lasting(() => withContextSync({ grad: false, saving: null }, () => pack(tensor)));
    if (tensor.storage.version !== version)
      throw new RuntimeError(
        'A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform in-place operations on the input to a pack hook.',
      );
    this.packed = { value };
  }

  get held(): unknown {
    return this.packed?.value;
  }

  release(_dead: Storage[]): void {
    this.packed = null;
  }

  unpack(): Tensor {
    const { packed, node } = this;
    if (packed === null) throw freedError();
    const tensor = lasting(() => this.unpackHook(packed.value));
    if (!(tensor instanceof Tensor))
      throw new TypeError(
        `Output of saved tensor unpack_hook expected to be a Tensor but got result of type ${typeName(tensor)}`,
      );
    if (!this.requiresGrad && !tensor.requiresGrad) return tensor;
    const seen = tensor.detach();
    if (node !== null) setHistory(seen, node, this.output);
    else if (this.requiresGrad)
      Object.assign(autogradState(seen), { requiresGrad: true, accumulator: this.accumulator });
    return seen;
  }
}

/** Runs `fn` with tensors kept by hooks, instead of those around it. */
export function withSavedHooks<R>(pack: PackHook, unpack: UnpackHook, fn: () => R): R {
  const refusal = context().saving?.refusal ?? null;
  if (refusal !== null) throw new RuntimeError(refusal);
  return withContext(
    { saving: { refusal: null, keep: (tensor) => new PackedTensor(tensor, pack, unpack) } },
    fn,
  );
}

const hooksSignature = signature(
  'saved_tensors_hooks(Callable pack_hook, Callable unpack_hook, Any fn=None)',
);
const saveOnCpuSignature = signature(
  "save_on_cpu(bool pin_memory=False, str device_type='cuda', Any fn=None)",
);
const disableSignature = signature('disable_saved_tensors_hooks(str error_message, Any fn=None)');

/**
 * Runs `fn` with hooks that say what the graph keeps of the tensors that gradients need. `packHook` is called with each as it is saved;
 * what it returns is kept in its place. `unpackHook` is called with that when the backward pass needs the tensor. Of hooks within
 * hooks only the innermost are called. If `fn` is async, they last until its promise settles.
 *
 * @param packHook what to keep of a tensor; it must not change it
 * @param unpackHook gives the tensor back: values, shape and dtype must be as before
 *
 * @example
 * const half = (x: torch.Tensor) => x.half();
 * const y = torch.autograd.graph.savedTensorsHooks(half, (x) => x.float(), () => net.forward(x));
 */
export function savedTensorsHooks<Packed, R>(
  packHook: PackHook<Packed>,
  unpackHook: UnpackHook<NoInfer<Packed>>,
  fn: () => R,
): R;
export function savedTensorsHooks<Packed, R>(options: {
  packHook: PackHook<Packed>;
  unpackHook: UnpackHook<NoInfer<Packed>>;
  fn: () => R;
}): R;
export function savedTensorsHooks(...args: unknown[]): unknown {
  const { packHook, unpackHook, fn } = hooksSignature.bind(args);
  checkFunction(fn, 'savedTensorsHooks');
  return withSavedHooks(packHook as PackHook, unpackHook as UnpackHook, fn as () => unknown);
}

/**
 * Runs `fn` with what the graph keeps moved to the CPU; the backward pass moves it back. Tensors of the CPU stay where they are.
 *
 * @param pinMemory accepted as in PyTorch; there is no pinned memory, so that it changes nothing
 * @param deviceType accepted as in PyTorch
 *
 * @example
 * const y = torch.autograd.graph.saveOnCpu(() => net.forward(x));
 */
export function saveOnCpu<R>(
  ...args:
    | [fn: () => R]
    | [pinMemory: boolean, fn: () => R]
    | [pinMemory: boolean, deviceType: string, fn: () => R]
    | [options: { pinMemory?: boolean; deviceType?: string; fn: () => R }]
    | [options: { pinMemory?: boolean; deviceType?: string }, fn: () => R]
): R {
  const last = args.at(-1);
  const [given, own] = typeof last === 'function' ? [args.slice(0, -1), last] : [args, null];
  const fn = own ?? saveOnCpuSignature.bind(given).fn;
  if (own !== null) saveOnCpuSignature.bind(given);
  checkFunction(fn, 'saveOnCpu');
  return withSavedHooks(
    (tensor) => ({ tensor: tensor.cpu(), device: tensor.device }),
    (packed) => {
      const { tensor, device } = packed as { tensor: Tensor; device: Tensor['device'] };
      return tensor.to(device);
    },
    fn as () => R,
  );
}

/**
 * Runs `fn` with hooks on saved tensors refused: entering some is an error of this text.
 *
 * @throws RuntimeError of this text if there are hooks around it already
 *
 * @example
 * torch.autograd.graph.disableSavedTensorsHooks('no hooks in here', () => train());
 */
export function disableSavedTensorsHooks<R>(
  ...args: [errorMessage: string, fn: () => R] | [options: { errorMessage: string; fn: () => R }]
): R {
  const { errorMessage, fn } = disableSignature.bind(args);
  checkFunction(fn, 'disableSavedTensorsHooks');
  const { saving } = context();
  if (saving !== null && saving.refusal === null) throw new RuntimeError(errorMessage);
  const refusing: Saving = { refusal: errorMessage, keep: (tensor) => new SavedTensor(tensor, -1) };
  return withContext({ saving: refusing }, fn as () => R);
}
