/** Makes profiles, under each of their names. */
import { checkFunction } from '../core/context.js';
import type { Profile, Settings } from './profile.js';

/** The arguments before a function that stands last, and that function. */
export function withFunction(args: readonly unknown[]): [before: readonly unknown[], fn: unknown] {
  const last = args.at(-1);
  return typeof last === 'function' ? [args.slice(0, -1), last] : [args, null];
}

/** Makes a profile, and records `fn` if there is one. */
export async function run(settings: Settings, fn: unknown, name: string): Promise<Profile> {
  if (fn !== null) checkFunction(fn, name);
  const { Profile } = await import('./profile.js');
  const made = new Profile(settings);
  if (fn !== null) await made.during(fn as (profile: Profile) => unknown);
  return made;
}
