// How a contestant in JavaScript times its workloads.

/**
 * The commands that prepare a workload and time rounds of it.
 * @param workloads by name; an entry prepares its data and returns what is timed, either of which may be a promise
 */
export function commandsOf(workloads) {
  let run;
  let isAsync = false;
  let count = 1;

  /** Milliseconds per run. */
  async function time(runs) {
    const start = performance.now();
    for (let i = 0; i < runs; i++) {
      const result = run();
      if (isAsync) await result;
    }
    return (performance.now() - start) / runs;
  }

  return {
    /** Warms up for so many milliseconds and finds how many runs a round of `round` milliseconds has. */
    async prepare({ name, warmUp, round }) {
      const prepare = workloads[name];
      if (prepare === undefined) throw new Error(`no workload '${name}'`);
      run = await prepare();
      // Asked once: waiting for what is no promise, or asking each result, would cost a small operation's time.
      const first = run();
      isAsync = typeof first?.then === 'function';
      await first;
      const start = performance.now();
      // The best time, not the last: a single one may have met an interruption.
      let best = await time(1);
      for (let runs = 1; performance.now() - start < warmUp; runs = Math.min(2 * runs, 64))
        best = Math.min(best, await time(runs));
      count = Math.max(1, Math.round(round / best));
      return { count };
    },
    round: async () => ({ ms: await time(count) }),
  };
}
