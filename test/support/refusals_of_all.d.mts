import type * as torch from 'flambeau';

export function refusals(library: typeof torch): Promise<Record<string, string>>;
