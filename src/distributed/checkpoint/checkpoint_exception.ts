/** A checkpoint could not be saved or loaded: `failures` says on which ranks, and why. */
export class CheckpointException extends Error {
  override name = 'CheckpointException';

  constructor(
    /** What happened. */
    message: string,
    /** The errors, by their ranks; of other processes only their names and texts. */
    readonly failures: ReadonlyMap<number, Error>,
  ) {
    const ranks = [...failures.keys()];
    super(
      `${message}: CheckpointException ranks: ${ranks.join(', ')}${ranks
        .map((rank) => `\n(RANK ${rank}) ${failures.get(rank)!.name}: ${failures.get(rank)!.message}`)
        .join('')}`,
      { cause: failures.get(ranks[0]) },
    );
  }
}
