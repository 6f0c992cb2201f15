/**
 * All types by their names, those too that only appear in signatures: `import type { LinearOptions } from 'flambeau/types'`, or
 * `torch.types.LinearOptions`. The build writes them here.
 */
export {};
