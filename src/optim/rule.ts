/** Update rules: assignments in the expression language, run as one program over a parameter, its gradient and its state. */

/** One step of a parameter. */
export interface Step {
  /** Tensors of the state that the rule names, which begin as zeros; false for one that is not needed. */
  readonly state: readonly (string | false)[];
  /** Assignments once `g`, the gradient to follow, is known; false for one that is left out. */
  readonly lines: readonly (string | false)[];
  /** Numbers that they name beside `weightDecay`. */
  readonly numbers: Record<string, number>;
}

/** Assigns `g`, the gradient to follow, with the L2 penalty's part if there is one. */
export function gradient(maximize: boolean, weightDecay: number): string {
  // Left out rather than multiplied by 0, so that a parameter that is not finite does not spoil the gradient.
  const direction = maximize ? '-grad' : 'grad';
  return weightDecay === 0 ? `g = ${direction};` : `g = fma(param, weightDecay, ${direction});`;
}

/** Counts a step of a parameter, from 1. */
export function count(state: { step?: number }): number {
  state.step = (state.step ?? 0) + 1;
  return state.step;
}

/** Assigns the running mean `avg` of `value`, as PyTorch's `lerp` rounds it: from whichever end is nearer. */
export function mean(avg: string, value: string, weight: string, weightValue: number): string {
  return Math.abs(weightValue) < 0.5
    ? `${avg} = fma(${weight}, ${value} - ${avg}, ${avg})`
    : `${avg} = fma(${weight} - 1, ${value} - ${avg}, ${value})`;
}

/** Assigns the running means of the gradient and of its square, as Adam and its kin keep them. */
export function moments(beta1: number): [string, string] {
  return [mean('expAvg', 'g', 'weight1', 1 - beta1), 'expAvgSq = expAvgSq * beta2 + weight2 * g * g'];
}
