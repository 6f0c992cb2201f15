import type { RemovableHandle } from '../core/grad_fn.js';
/** `torch.nn.modules.module`: hooks around the calls of all modules. */
import { type Arguments, signature } from '../core/signature/signature.js';
import type {
  BackwardHook,
  BackwardPreHook,
  ForwardHook,
  ForwardHookWithKwargs,
  ForwardPreHook,
} from './module.js';
import { type AnyHook, globalHooks, hookAllClasses } from './module_hooks.js';

const forwardPre = signature('register_module_forward_pre_hook(Callable hook)');
const forward = signature(
  'register_module_forward_hook(Callable hook, *, bool with_kwargs=False, bool always_call=False)',
);
const backwardPre = signature('register_module_full_backward_pre_hook(Callable hook)');
const backward = signature('register_module_full_backward_hook(Callable hook)');

/** Calls `hook(module, args)` before every module's `forward`, and before the module's own hooks; what it returns, if anything, takes the place of the arguments. */
export function registerModuleForwardPreHook(
  ...args: Arguments<typeof forwardPre, { hook: ForwardPreHook }>
): RemovableHandle {
  return hooking('forwardPre', forwardPre.bind(args).hook);
}

/**
 * Calls `hook(module, args, output)` after every module's `forward`, and before the module's own hooks; what it returns, if anything,
 * takes the place of the output.
 *
 * @param hook gets the module, the arguments and the output
 * @param withKwargs whether it is called as `hook(module, args, kwargs, output)`
 * @param alwaysCall whether it is called even if `forward` fails
 */
export function registerModuleForwardHook(
  hook: ForwardHookWithKwargs,
  options: { withKwargs: true; alwaysCall?: boolean },
): RemovableHandle;
export function registerModuleForwardHook(
  ...args: Arguments<typeof forward, { hook: ForwardHook }>
): RemovableHandle;
export function registerModuleForwardHook(...args: unknown[]): RemovableHandle {
  const { hook, ...settings } = forward.bind(args);
  return hooking('forward', hook, settings);
}

/** Calls `hook(module, gradOutput)` before gradients flow back through any module; it may return others. */
export function registerModuleFullBackwardPreHook(
  ...args: Arguments<typeof backwardPre, { hook: BackwardPreHook }>
): RemovableHandle {
  return hooking('backwardPre', backwardPre.bind(args).hook);
}

/** Calls `hook(module, gradInput, gradOutput)` when the gradients by any module's inputs are known; what it returns, if anything, takes the place of `gradInput`. */
export function registerModuleFullBackwardHook(
  ...args: Arguments<typeof backward, { hook: BackwardHook }>
): RemovableHandle {
  return hooking('backward', backward.bind(args).hook);
}

function hooking(
  kind: 'forwardPre' | 'forward' | 'backwardPre' | 'backward',
  hook: unknown,
  settings = {},
): RemovableHandle {
  const handle = globalHooks[kind].add(hook as AnyHook, settings);
  hookAllClasses();
  return handle;
}
