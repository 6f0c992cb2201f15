// The machines that the library has a compiled engine for, each in a package of its own that npm installs where it fits (`npm run release`).

/** The sets of instructions that an engine for a processor has, in the order of growing needs: the best that runs is taken at the start. */
const x64 = [
  // The linker keeps the first of an inline function that several objects carry, and that must run anywhere.
  { name: 'baseline', cpu: 'x86-64-v2', flags: [], needs: [] },
  { name: 'avx2', cpu: 'x86-64-v3', flags: [], needs: ['avx2', 'fma', 'bmi2'] },
  {
    name: 'avx512',
    cpu: 'x86-64-v4',
    flags: ['-mprefer-vector-width=512'],
    needs: ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'],
  },
];
const instructionSets = { x64, arm64: [{ name: 'neon', flags: [], needs: [] }] };

/** The sets of instructions of a processor, by Node's name of it. */
export const instructionSetsOf = (arch) =>
  instructionSets[arch] ?? [{ name: 'baseline', flags: [], needs: [] }];

/**
 * The platforms with packages: `triple` is LLVM's name with the oldest system that the engine runs on. Linux's is that of glibc 2.28
 * (Debian 10, RHEL 8), macOS' the first on ARM.
 */
export const targets = [
  { name: 'linux-x64-gnu', os: 'linux', arch: 'x64', libc: 'glibc', triple: 'x86_64-linux-gnu.2.28' },
  { name: 'linux-arm64-gnu', os: 'linux', arch: 'arm64', libc: 'glibc', triple: 'aarch64-linux-gnu.2.28' },
  { name: 'linux-x64-musl', os: 'linux', arch: 'x64', libc: 'musl', triple: 'x86_64-linux-musl' },
  { name: 'linux-arm64-musl', os: 'linux', arch: 'arm64', libc: 'musl', triple: 'aarch64-linux-musl' },
  { name: 'darwin-arm64', os: 'darwin', arch: 'arm64', triple: 'aarch64-macos.11.0' },
  { name: 'darwin-x64', os: 'darwin', arch: 'x64', triple: 'x86_64-macos.11.0' },
  { name: 'win32-x64', os: 'win32', arch: 'x64', triple: 'x86_64-windows-gnu' },
];
