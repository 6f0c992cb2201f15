// Says how far a compilation is: counted on a terminal, announced elsewhere.

/** @returns {() => void} to be called whenever one of so many files is done */
export function startProgress(what, total) {
  const { stdout } = process;
  if (total === 0) return () => {};
  if (!stdout.isTTY) {
    console.log(`flambeau: ${what}: ${total} files`);
    return () => {};
  }
  let done = 0;
  const show = () => stdout.write(`\rflambeau: ${what}: ${done} of ${total} files`);
  show();
  return () => {
    done++;
    show();
    if (done === total) stdout.write('\n');
  };
}
