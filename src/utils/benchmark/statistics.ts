/** Numbers of measurements as PyTorch rounds and names them. */

/** Units of time, and how many seconds they are. */
const units = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 };
export type TimeUnit = keyof typeof units;

const words = { ns: 'nanosecond', us: 'microsecond', ms: 'millisecond', s: 'second' };

/** The unit in which a time has one to three digits before the point, and how many seconds that is. */
export function unitOf(seconds: number): readonly [unit: TimeUnit, scale: number] {
  const thousands = Math.floor(Math.fround(Math.log10(Math.fround(seconds))) / 3);
  const unit = ({ [-3]: 'ns', [-2]: 'us', [-1]: 'ms' } as Record<number, TimeUnit>)[thousands] ?? 's';
  return [unit, units[unit]];
}

export const unitInWords = (unit: TimeUnit): string => words[unit];

/** The quantile of sorted numbers, between the two that are nearest. */
export function quantile(sorted: readonly number[], q: number): number {
  const rank = q * (sorted.length - 1);
  const below = Math.floor(rank);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  const weight = rank - below;
  // As `torch.lerp`, which starts from the nearer end.
  return weight < 0.5 ? low + weight * (high - low) : high - (high - low) * (1 - weight);
}

/** Rounded as `torch.round`: halves to the even neighbour. */
function even(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** A number with so many significant figures, in float32. */
export function trimmed(x: number, figures: number): number {
  const magnitude = Math.ceil(Math.fround(Math.log10(Math.abs(Math.fround(x)))));
  const scale = 10 ** (magnitude - figures);
  return Math.fround(even(Math.fround(x / scale)) * scale);
}
