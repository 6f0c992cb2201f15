export function tutorials(): readonly string[];
export function snippetsOf(
  path: string,
): readonly { readonly code: string; readonly output: string | null }[];
