/** Features of multi-view data, and which of them count as learned. */

export const classCount = 10;
export const featureCount = 2 * classCount;

/** Where the smoothed ReLU becomes straight. */
export const knee = 0.5;
/** A feature counts as learned when some neuron of its class answers it by half of that. */
export const learnedFrom = knee / 2;

export const learnedCount = (strengths: readonly number[]) =>
  strengths.filter((strength) => strength >= learnedFrom).length;
