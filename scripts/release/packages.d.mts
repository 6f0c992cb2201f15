import type { Target } from '../targets.mjs';
export function packageOf(target: Target): string;
export function writeLibrary(targets: readonly Target[], folder: string): void;
export function writePlatform(target: Target, engine: string, folder: string): void;
