/** Steps that all processes take together: each learns what the others have found, and all fail where one does. */
import { RuntimeError } from '../../core/errors.js';
import { gatherBytes } from '../gathered_bytes.js';
import type { ProcessGroup } from '../process_group.js';
import { CheckpointException } from './checkpoint_exception.js';

/** The processes of a checkpoint: a group, or null for one process alone. */
export type Peers = ProcessGroup | null;

export const rankIn = (peers: Peers): number => peers?.rank() ?? 0;

/** Gives every process the texts of all. */
export async function gatherTexts(text: string, group: ProcessGroup): Promise<string[]> {
  const all = await gatherBytes(new TextEncoder().encode(text), group);
  return all.map((bytes) => new TextDecoder().decode(bytes));
}

/** How a step has gone for a process, as others learn it. */
type Outcome<T> = { readonly value: T } | { readonly name: string; readonly message: string };

/**
 * Runs a step on every process, and gives each the results of all, which are plain data.
 *
 * @param what the step, in errors
 * @throws CheckpointException on every process if it fails on one
 */
export async function together<T>(what: string, peers: Peers, run: () => Promise<T> | T): Promise<T[]> {
  let own: Outcome<T>;
  let failure: Error | null = null;
  try {
    own = { value: await run() };
  } catch (error) {
    failure = error as Error;
    own = { name: failure.name, message: failure.message };
  }
  const texts = peers === null ? null : await gatherTexts(JSON.stringify(own), peers);
  const outcomes = texts?.map((text) => JSON.parse(text) as Outcome<T>) ?? [own];
  const failures = new Map<number, Error>();
  for (const [rank, outcome] of outcomes.entries())
    if ('message' in outcome)
      failures.set(rank, rank === rankIn(peers) && failure !== null ? failure : told(outcome));
  if (failures.size > 0) throw new CheckpointException(what, failures);
  return outcomes.map((outcome) => (outcome as { value: T }).value);
}

const told = ({ name, message }: { name: string; message: string }): Error =>
  Object.assign(new RuntimeError(message), { name });
