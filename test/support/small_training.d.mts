import type * as torch from 'flambeau';

export function trainSmall(library: typeof torch): number[];
