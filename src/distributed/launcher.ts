/** The variables by which a launcher tells a process that it is one of several. */

const variable = (name: string): string | undefined => globalThis.process?.env?.[name];

/** Those that say how many processes there are: of Open MPI, of MPICH and others by PMI, of Slurm with PMIx or PMI2. */
const counts = ['OMPI_COMM_WORLD_SIZE', 'PMI_SIZE', 'MPI_LOCALNRANKS'];
const localRanks = ['OMPI_COMM_WORLD_LOCAL_RANK', 'MPI_LOCALRANKID', 'SLURM_LOCALID', 'LOCAL_RANK'];

/** The backend for a program that names none. */
export function launchedBackend(): string {
  const isLaunched = counts.some((name) => variable(name) !== undefined) || isStep();
  return isLaunched ? 'mpi' : 'single';
}

/** Whether `srun` has started this process as one of several; within `salloc` and `sbatch` the program's own shell is a step of one. */
const isStep = (): boolean =>
  variable('SLURM_STEP_ID') !== undefined && Number(variable('SLURM_STEP_NUM_TASKS') ?? 1) > 1;

/** How many processes were started together; null where nobody says. */
export function launchedCount(): number | null {
  for (const name of ['OMPI_COMM_WORLD_SIZE', 'PMI_SIZE']) {
    const value = variable(name);
    if (value !== undefined) return Number(value);
  }
  return null;
}

/** This process's number among those of its machine; null where nobody says. */
export function localRankOf(): number | null {
  for (const name of localRanks) {
    const value = variable(name);
    if (value !== undefined) return Number(value);
  }
  return null;
}
