/** `torch.profiler`: where the time goes. What records is imported when it is asked for. */
import { checkFunction } from '../core/context.js';
import { AssertionError, TypeError } from '../core/errors.js';
import { host } from '../core/host.js';
import { typeName } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import { annotated } from '../dispatch/mode.js';
import { ProfilerAction, ProfilerActivity } from './kinds.js';
import type { Profile, ProfileOptions, Settings } from './profile.js';
import { run, withFunction } from './run.js';

export type { EventList } from './event_list.js';
export type { FunctionEvent, FunctionEventAvg } from './events.js';
export type { Profile, ProfileOptions };
export { ProfilerAction, ProfilerActivity };

/** Kinds of activities that can be recorded. */
export const supportedActivities = signed(
  'supported_activities()',
  (): Set<ProfilerActivity> => new Set([ProfilerActivity.CPU]),
);

/**
 * The schedule of a profile that waits, warms up and records so many steps, again and again. The profile's `step()` ends a step.
 *
 * @param repeat how many times; 0: until the profile ends
 * @param skipFirst steps before all that
 * @param skipFirstWait whether (1) the first time does not wait
 *
 * @example
 * const schedule = torch.profiler.schedule({ wait: 1, warmup: 1, active: 3, repeat: 1 });
 */
export const schedule = signed(
  'schedule(*, int wait, int warmup, int active, int repeat=0, int skip_first=0, int skip_first_wait=0)',
  ({ wait, warmup, active, repeat, skipFirst, skipFirstWait }) => {
    if (wait < 0 || warmup < 0 || active <= 0 || repeat < 0 || skipFirst < 0)
      throw new AssertionError(
        `Invalid profiler schedule arguments. Got wait=${wait} (need >= 0), warmup=${warmup} (need >= 0), active=${active} (need > 0), repeat=${repeat} (need >= 0), skip_first=${skipFirst} (need >= 0).`,
      );
    return (step: number): ProfilerAction => {
      if (step < 0) throw new AssertionError(`Step must be non-negative. Got ${step}.`);
      const length = wait + warmup + active;
      const at = step - skipFirst + (skipFirstWait === 0 ? 0 : wait);
      if (step < skipFirst || (repeat > 0 && at >= repeat * length)) return ProfilerAction.NONE;
      const place = at % length;
      if (place < wait) return ProfilerAction.NONE;
      if (place < wait + warmup) return ProfilerAction.WARMUP;
      return place < length - 1 ? ProfilerAction.RECORD : ProfilerAction.RECORD_AND_SAVE;
    };
  },
);

/**
 * Makes an `onTraceReady` that writes a trace file for each recording, as TensorBoard's plug-in for profiles finds them: `NAME.TIME.pt.trace.json`.
 *
 * @param dirName the folder, which is made
 * @param workerName begins the names of files. Default: `flambeau` and the number of the process
 * @param useGzip whether files are packed
 *
 * @example
 * await torch.profiler.profile({ onTraceReady: torch.profiler.tensorboardTraceHandler('logs') }, () => step());
 */
export const tensorboardTraceHandler = signed(
  'tensorboard_trace_handler(str dir_name, str? worker_name=None, bool use_gzip=False)',
  ({ dirName, workerName, useGzip }) => {
    const name = workerName ?? `flambeau_${globalThis.process?.pid ?? 0}`;
    let last = 0;
    return async (profile: Profile): Promise<void> => {
      // Names differ, however soon one follows another.
      last = Math.max(Date.now(), last + 1);
      const file = `${name}.${last}000000.pt.trace.json${useGzip ? '.gz' : ''}`;
      // Elsewhere paths name nothing, as the export says.
      if (host().files.isFileSystem)
        globalThis.process.getBuiltinModule('node:fs').mkdirSync(dirName, { recursive: true });
      await profile.exportChromeTrace(`${dirName}/${file}`);
    };
  },
);

const profileSignature = signature(
  'profile(*, Any activities=None, Callable? schedule=None, Callable? on_trace_ready=None, bool record_shapes=False, bool profile_memory=False, bool with_flops=False, Any fn=None)',
);

/**
 * Records the calls of ops while `fn` runs: how often, how long, how much of that in other ops that they call. Without `fn` the profile's
 * `start()` and `stop()` say when.
 *
 * On a device that must be waited for the times are those until the work has been handed over. What is not recorded costs nothing.
 *
 * @returns (a promise of) the profile, once `fn` is done
 *
 * @example
 * const profile = await torch.profiler.profile({ recordShapes: true }, () => net.forward(x));
 * console.log(profile.keyAverages().table({ sortBy: 'self_cpu_time_total', rowLimit: 10 }));
 */
export async function profile(
  ...args:
    | [fn: (profile: Profile) => unknown]
    | [options: ProfileOptions, fn: (profile: Profile) => unknown]
    | [options?: ProfileOptions & { fn?: (profile: Profile) => unknown }]
): Promise<Profile> {
  const [options, fn] = withFunction(args);
  const { activities, fn: named, ...settings } = profileSignature.bind(options);
  if (activities !== null) {
    if (!Array.isArray(activities)) throw new TypeError(`'${typeName(activities)}' object is not iterable`);
    const known: readonly unknown[] = Object.values(ProfilerActivity);
    if (!activities.some((activity) => known.includes(activity)))
      throw new AssertionError('No valid profiler activities found');
  }
  return run(settings as Settings, fn ?? named, 'profile');
}

const recordSignature = signature('record_function(str name, str? args=None, Any fn=None)');

/**
 * Runs `fn`, and names what a profile records meanwhile.
 *
 * @param args more about it, for people; it is not kept
 * @returns what `fn` returns
 *
 * @example
 * const loss = torch.profiler.recordFunction('loss', () => criterion.forward(net.forward(x), y));
 */
export function recordFunction<R>(
  ...args:
    | [name: string, fn: () => R]
    | [name: string, args: string | null, fn: () => R]
    | [name: string, options: { args?: string | null; fn: () => R }]
    | [options: { name: string; args?: string | null; fn: () => R }]
): R {
  const [given, own] = withFunction(args);
  const bound = recordSignature.bind(given);
  const fn = own ?? bound.fn;
  checkFunction(fn, 'recordFunction');
  return annotated(bound.name, fn as () => R);
}
