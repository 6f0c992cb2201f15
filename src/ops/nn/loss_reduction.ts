/** How a loss puts the elements of a batch together. */
export type Reduction = 'none' | 'mean' | 'sum';
