/** Numbers that Python's `torch` names. */
/** Euler's number. */
export const e = Math.E;
/** Infinity. */
export const inf = Number.POSITIVE_INFINITY;
/** Not a number. */
export const nan = Number.NaN;
/** The ratio of a circle's circumference to its diameter. */
export const pi = Math.PI;
