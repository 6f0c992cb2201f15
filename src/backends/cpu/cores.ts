/** How many threads the engine should take, where it cannot find out itself. */

/** FLAMBEAU_NUM_THREADS, else OMP_NUM_THREADS, else the physical cores that this process may use. */
export function defaultThreads(): number {
  const { FLAMBEAU_NUM_THREADS, OMP_NUM_THREADS } = process.env;
  for (const text of [FLAMBEAU_NUM_THREADS, OMP_NUM_THREADS]) {
    const n = Number.parseInt(text ?? '', 10);
    if (n > 0) return n;
  }
  const { availableParallelism } = process.getBuiltinModule('node:os');
  return Math.max(1, Math.min(availableParallelism(), physicalCores(), quota()));
}

/** Cores, not hyperthreads: two of one core share what the kernels use up. */
function physicalCores(): number {
  const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs');
  const folder = '/sys/devices/system/cpu';
  try {
    const siblings = readdirSync(folder)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => readFileSync(`${folder}/${name}/topology/thread_siblings_list`, 'utf8'));
    return new Set(siblings).size || Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Of the control group. */
function quota(): number {
  try {
    const text = process.getBuiltinModule('node:fs').readFileSync('/sys/fs/cgroup/cpu.max', 'utf8');
    const [limit, period] = text.split(' ').map(Number);
    return limit > 0 && period > 0 ? Math.ceil(limit / period) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
