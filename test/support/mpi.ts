/** Programs of several ranks, started by the system's MPI. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hosts } from './hosts.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

function says(command: string, ...args: string[]): string | null {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}

const launchers = ['mpirun.openmpi', 'mpirun'];
const launcher = launchers.find((name) => /Open MPI/.test(says(name, '--version') ?? ''));
const isThere = launcher !== undefined && says('mpicxx', '--version') !== null;

/** Why nothing can be started here; null if all is there. Where MPI must be there it is an error. */
export const missingMpi: string | null = isThere
  ? null
  : 'there is no Open MPI (apt-get install openmpi-bin libopenmpi-dev)';
if (missingMpi !== null) {
  if (process.env.FLAMBEAU_REQUIRE_MPI) throw new Error(missingMpi);
  console.warn(`${missingMpi}: its tests do not run.`);
}

export interface Ended {
  readonly code: number;
  readonly output: string;
  /** Milliseconds that it took. */
  readonly time: number;
}

/** Whether a process is there that still runs: one that has ended may wait for whoever started it. */
export function isRunning(id: number): boolean {
  try {
    const [, state] = /\) (\w) /.exec(readFileSync(`/proc/${id}/stat`, 'utf8'))!;
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

/** Runs a program of `test/distributed/` as so many ranks, and waits for the end of all of them. */
export function ranks(count: number, program: string, ...args: string[]): Promise<Ended> {
  return launch(count, [process.execPath, '--conditions=module', path(`../distributed/${program}`), ...args]);
}

/** A function of a program, and what it is given. */
export interface Job {
  readonly program: URL;
  readonly name: string;
  readonly given: unknown;
}

/** Does jobs by so many ranks, one after the other, and gives what each rank's have returned. */
export async function jobsByRanks<T>(count: number, jobs: readonly Job[]): Promise<T[][]> {
  const given = JSON.stringify(jobs.map((job) => ({ ...job, program: job.program.href })));
  const { output } = await ranks(count, '../support/rank_process.mjs', given);
  const found = /^\[.*\]$/m.exec(output);
  if (found === null) throw new Error(output);
  return JSON.parse(found[0]) as T[][];
}

/** Runs a program of `test/distributed/` as so many ranks, whose first messages go up and down a tree, as those of many do. */
export function ranksInTree(count: number, program: string, ...args: string[]): Promise<Ended> {
  const node = [process.execPath, '--conditions=module', path(`../distributed/${program}`), ...args];
  return launch(count, ['env', 'FLAMBEAU_MPI_DIRECT=1', ...node]);
}

/** Compiles a program in C of `test/distributed/`, and runs it as so many ranks. */
export async function compiledRanks(count: number, program: string): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-'));
  try {
    const output = join(folder, 'program');
    execFileSync('mpicc', ['-O3', path(`../distributed/${program}`), '-o', output]);
    return await launch(count, [output]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a program of `test/distributed/` with a rank on each of two hosts. */
export function ranksOn({ enter, flags }: Hosts, program: string, ...args: string[]): Promise<Ended> {
  const node = [process.execPath, '--conditions=module', path(`../distributed/${program}`), ...args];
  return launch(2, [...flags, ...node], enter);
}

/** @param before what stands before the launcher */
function launch(count: number, command: readonly string[], before: readonly string[] = []): Promise<Ended> {
  const began = performance.now();
  const env = {
    ...process.env,
    // More ranks than processors: those that wait let others work.
    OMPI_MCA_mpi_yield_when_idle: '1',
    OMPI_MCA_orte_base_help_aggregate: '0',
    // One thread each: this is about messages.
    FLAMBEAU_NUM_THREADS: '1',
    NODE_OPTIONS: '',
  };
  const flags = ['--allow-run-as-root', '--oversubscribe', '-n', String(count)];
  return new Promise((resolve) => {
    const [first, ...others] = [...before, launcher!, ...flags, ...command];
    const child = execFile(
      first,
      others,
      { env, timeout: 120_000, killSignal: 'SIGKILL', maxBuffer: 2 ** 24 },
      (_, stdout, stderr) =>
        resolve({
          code: child.exitCode ?? -1,
          output: stdout + stderr,
          time: performance.now() - began,
        }),
    );
  });
}
