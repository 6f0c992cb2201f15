/** Memory for so many ranks. */
export function makeShared(size: number): { readonly size: number };
