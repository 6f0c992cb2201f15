// Compiles the addon with the wrapper that MPI brings for its compiler, since headers and libraries must be of the MPI whose launcher starts the program.
import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const sources = fileURLToPath(new URL('./src/', import.meta.url));

const flags = [
  '-std=c++20',
  '-O3',
  '-fPIC',
  '-fvisibility=hidden',
  // The bindings of C++ that MPI had once.
  '-DOMPI_SKIP_MPICXX',
  '-DMPICH_SKIP_MPICXX',
];

/** Milliseconds that a compilation may take, before another process takes it for interrupted. */
const patience = 300_000;

/** The wrappers to try: those of the launcher's MPI first. */
function wrappers() {
  const { FLAMBEAU_MPICC, OMPI_COMM_WORLD_SIZE, PMI_SIZE } = process.env;
  if (FLAMBEAU_MPICC) return [FLAMBEAU_MPICC];
  const own = OMPI_COMM_WORLD_SIZE ? ['mpicxx.openmpi'] : PMI_SIZE ? ['mpicxx.mpich'] : [];
  return [...own, 'mpicxx', 'mpic++', 'mpiCC', 'mpicc'];
}

/** The wrapper, and all that its objects depend on. @throws Error if there is none */
function findWrapper() {
  for (const command of wrappers()) {
    const { status, stdout, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (status !== 0) continue;
    // Open MPI's and MPICH's wrappers both say so what they would run.
    const { stdout: shown } = spawnSync(command, ['-show'], { encoding: 'utf8' });
    return { command, identity: [command, stdout, stderr, shown] };
  }
  throw new Error(
    `@flambeau/mpi needs an MPI and its compiler, of which none was found (${wrappers().join(', ')}): install it, on Debian by ` +
      '`apt-get install openmpi-bin libopenmpi-dev g++` (or mpich), on a cluster by its module, or name the compiler in FLAMBEAU_MPICC',
  );
}

function cacheFolder() {
  const { FLAMBEAU_CACHE, XDG_CACHE_HOME } = process.env;
  return FLAMBEAU_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'flambeau');
}

function nodeHeaders() {
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    return join(dirname(process.execPath), '..', 'include', 'node');
  }
}

/**
 * Compiles the addon, if that has not been done.
 *
 * @param options further flags, under which it is kept apart
 * @returns its path
 */
export async function build({ more = [] } = {}) {
  const { command, identity } = findWrapper();
  const names = readdirSync(sources).sort();
  const texts = names.map((name) => readFileSync(join(sources, name), 'utf8'));
  const key = createHash('sha256')
    .update(JSON.stringify([identity, flags, more, names, texts, process.arch]))
    .digest('hex');
  const folder = cacheFolder();
  const output = join(folder, `mpi-${key.slice(0, 32)}.node`);
  if (existsSync(output)) return output;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = `${output}.lock`;
  // Of the ranks that start together one compiles.
  if (!take(lock)) {
    await appears(output, lock);
    return build({ more });
  }
  const temporary = join(folder, `${randomUUID()}.tmp`);
  try {
    const files = names.filter((name) => name.endsWith('.cc')).map((name) => join(sources, name));
    const link =
      process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-pthread'];
    const args = [
      ...flags,
      ...more,
      `-I${nodeHeaders()}`,
      ...link,
      '-x',
      'c++',
      ...files,
      '-x',
      'none',
      '-lstdc++',
      '-o',
      temporary,
    ];
    await promisify(execFile)(command, args, { maxBuffer: 2 ** 26 }).catch((error) => {
      const said = String(error.stderr || error.message)
        .trim()
        .split('\n')
        .slice(0, 8)
        .join('\n');
      throw new Error(
        `@flambeau/mpi: ${command} does not compile the addon (FLAMBEAU_MPICC names another):\n${said}`,
      );
    });
    renameSync(temporary, output);
  } finally {
    rmSync(temporary, { force: true });
    rmdirSync(lock);
  }
  return output;
}

function take(lock) {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

/** Waits for another process's compilation. One that was interrupted is forgotten. */
async function appears(output, lock) {
  while (!existsSync(output)) {
    try {
      if (Date.now() - statSync(lock).mtimeMs > patience) rmdirSync(lock);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
