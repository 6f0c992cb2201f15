/** Update rules: assignments in the expression language, run as one program over a parameter, its gradient and its state. */

/** The lines of a rule, without those whose condition does not hold. */
export function rule(...lines: readonly (string | false)[]): string {
  return `${lines.filter((line) => line !== false).join(';\n')};`;
}

/** `g`: the gradient to follow, with the L2 penalty's part if there is one. */
export function gradient(maximize: boolean, weightDecay: number): string {
  // Left out rather than multiplied by 0, so that a parameter that is not finite does not spoil the gradient.
  const direction = maximize ? '-grad' : 'grad';
  return weightDecay === 0 ? `g = ${direction}` : `g = fma(param, weight_decay, ${direction})`;
}

/** The running mean `avg` of `value`, as PyTorch's `lerp` rounds it: from whichever end is nearer. */
export function mean(avg: string, value: string, weight: string, weightValue: number): string {
  return Math.abs(weightValue) < 0.5
    ? `${avg} = fma(${weight}, ${value} - ${avg}, ${avg})`
    : `${avg} = fma(${weight} - 1, ${value} - ${avg}, ${value})`;
}
