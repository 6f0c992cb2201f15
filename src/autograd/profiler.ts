/** `torch.autograd.profiler`: the profiler under its older name, without schedules. */
import { signature } from '../core/signature/signature.js';
import type { Profile } from '../profiler/index.js';
import { run, withFunction } from '../profiler/run.js';

export { recordFunction } from '../profiler/index.js';

/** Settings of a profile. */
export interface AutogradProfileOptions {
  /** False: nothing is recorded. Default true. */
  enabled?: boolean;
  /** Whether to note the shapes of arguments. Default false. */
  recordShapes?: boolean;
  /** Whether to count the memory of results. Default false. */
  profileMemory?: boolean;
  /** Whether to count operations of products, convolutions, `mul` and `add`. Default false. */
  withFlops?: boolean;
}

const profileSignature = signature(
  'profile(bool enabled=True, *, bool record_shapes=False, bool profile_memory=False, bool with_flops=False, Any fn=None)',
);

/**
 * Records the calls of ops while `fn` runs; see `torch.profiler.profile`.
 *
 * @returns (a promise of) the profile, once `fn` is done
 *
 * @example
 * const profile = await torch.autograd.profiler.profile(() => net.forward(x).sum().backward());
 * console.log(profile.table({ rowLimit: 5 }));
 */
export async function profile(
  ...args:
    | [fn: (profile: Profile) => unknown]
    | [enabled: boolean, fn: (profile: Profile) => unknown]
    | [options: AutogradProfileOptions, fn: (profile: Profile) => unknown]
    | [options?: AutogradProfileOptions & { fn?: (profile: Profile) => unknown }]
): Promise<Profile> {
  const [options, own] = withFunction(args);
  const { enabled, fn, ...settings } = profileSignature.bind(options);
  return run({ ...settings, schedule: enabled ? null : () => 0, onTraceReady: null }, own ?? fn, 'profile');
}
