import type * as torch from 'flambeau';
import type * as dist from 'flambeau/distributed';

interface Context {
  readonly torch: typeof torch;
  readonly dist: typeof dist;
  /** Whether programs run on the ranks of a group, or in this process alone. */
  readonly parallel?: boolean;
}

export function programsOf(context: Context): Readonly<Record<string, () => Promise<unknown>>>;
