/**
 * Files that need a process of their own, or take so long that its start does not matter: those that measure memory, start programs, workers
 * or browsers, change what a process has but once, or see what the library does when it is first used. The longest come first.
 */
export const ownProcess: readonly string[] = [
  'webgpu/grid',
  'webgpu/conformance',
  'web',
  'browsers',
  'fuzz',
  'types/project',
  'gradients',
  'conformance',
  'webgpu/ops',
  'webgpu/browser',
  'webgpu/edges',
  'webgpu/training',
  'thread-faults',
  'web-training',
  'web-teach',
  'workers',
  'vmap-corpus',
  'worker-faults',
  'golden',
  'browser',
  'detection',
  'memory',
  'browser-loops',
  'memory-loops',
  'types/hover',
  'programs',
  'webgpu/recurrence',
  'wasm_threads',
  'webgpu/linalg',
  'vision-features',
  'blitz',
  'readme',
  'reflection/classes',
  'reflection/functions',
  'engine',
  'transfer',
  'models',
  'page-sizes',
  'snippets',
  'names',
  'linear-memory',
  'linear-cross-entropy',
  'webgpu/device',
  'webgpu/faults',
  'webgpu/allocator',
  'cache',
  'io',
  'out-of-memory',
  'small-devices',
  'watched-memory',
  'scope',
  'scope-training',
  'vision-browser',
  'types/published',
  'errors-list',
  'context',
  'module-hooks',
  'warnings',
];

const placeOf = (file: string): number =>
  ownProcess.findIndex((name) => file.endsWith(`/test/${name}.test.ts`));

/** Whether a file shares its process with the files before and after it. */
export const isShared = (file: string): boolean => placeOf(file) < 0;

/** Where a file comes: the longest first, and last those that share a process. */
export const turnOf = (file: string): number => (isShared(file) ? ownProcess.length : placeOf(file));
