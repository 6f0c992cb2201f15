/** Texts of times, shares, sizes and shapes, as PyTorch's tables have them. */
import { formatShape, type Shape } from '../core/layout.js';

export type TimeUnit = 's' | 'ms' | 'us';

/** The text of a time in microseconds, in the unit that suits it or in one that is given. */
export function timeText(time: number, unit?: TimeUnit | null): string {
  const chosen = unit ?? (time >= 1e6 ? 's' : time >= 1e3 ? 'ms' : 'us');
  return `${(time / { s: 1e6, ms: 1e3, us: 1 }[chosen]).toFixed(3)}${chosen}`;
}

export const shareText = (time: number, total: number): string =>
  total === 0 ? 'NaN' : `${((time * 100) / total).toFixed(2)}%`;

export function memoryText(bytes: number): string {
  for (const [unit, power] of [
    ['GB', 30],
    ['MB', 20],
    ['KB', 10],
  ] as const)
    if (Math.abs(bytes) >= 2 ** power) return `${(bytes / 2 ** power).toFixed(2)} ${unit}`;
  return `${bytes} B`;
}

export const shapesText = (shapes: readonly Shape[]): string => `[${shapes.map(formatShape).join(', ')}]`;

const prefixes = ['', 'K', 'M', 'G', 'T', 'P'];

/** The unit in which a count of operations has few digits, and how many that is. */
export function flopsUnit(least: number): readonly [unit: string, scale: number] {
  const step = Math.max(0, Math.min(Math.floor(Math.log10(least) / 3), prefixes.length - 1));
  return [`${prefixes[step]}FLOPs`, 1000 ** step];
}
