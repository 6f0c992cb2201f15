/** Reductions, which put the elements of a batch together. */
export type Reduction = 'none' | 'mean' | 'sum';
