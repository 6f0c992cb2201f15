import type { RemovableHandle } from '../core/grad_fn.js';
/** `torch.optim.optimizer`: hooks around the steps of all optimizers. */
import { type Arguments, signature } from '../core/signature/signature.js';
import type { OwnHooks } from './optimizer.js';
import { everyOptimizer } from './optimizer_hooks.js';

const pre = signature('register_optimizer_step_pre_hook(Callable hook)');
const post = signature('register_optimizer_step_post_hook(Callable hook)');

/** Calls `hook(optimizer, args, kwargs)` before every optimizer's `step()`, and before the own hooks of each; it may return other arguments. */
export function registerOptimizerStepPreHook(
  ...args: Arguments<typeof pre, { hook: OwnHooks['stepPre'] }>
): RemovableHandle {
  return everyOptimizer.stepPre.add(pre.bind(args).hook as never);
}

/** Calls `hook(optimizer, args, kwargs)` after every optimizer's `step()`, and after the own hooks of each. */
export function registerOptimizerStepPostHook(
  ...args: Arguments<typeof post, { hook: OwnHooks['stepPost'] }>
): RemovableHandle {
  return everyOptimizer.stepPost.add(post.bind(args).hook as never);
}
