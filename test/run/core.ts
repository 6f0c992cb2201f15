import { firstEngine } from './engines.js';

/** Files that tell whether the core is sound: they come first, on the first engine, and what they found is said before the rest has run. */
const core = [
  'golden',
  'attention',
  'autograd',
  'classes',
  'complex',
  'convolution',
  'custom-functions',
  'data',
  'expression',
  'functional',
  'io',
  'kernels',
  'linalg',
  'memory_format',
  'nn-gradients',
  'nn-modules',
  'ops-indexing',
  'ops-sorting',
  'optim',
  'pointwise',
  'printing',
  'products',
  'random',
  'rnn',
  'values',
  'views',
];

interface ProjectFile {
  readonly moduleId: string;
  readonly project: { readonly name: string };
}

/** Whether a file is of the core. */
export const isCore = ({ moduleId, project }: ProjectFile): boolean =>
  project.name === firstEngine && core.some((name) => moduleId.endsWith(`/test/${name}.test.ts`));

/** Whether files have all of the core, as those of a whole run do. */
export const isWhole = (files: readonly ProjectFile[]): boolean =>
  files.filter(isCore).length === core.length;
