/** How long a loop of a snippet may keep the event loop to itself. */
const millisecondsATurn = 16;

let turned = performance.now();

/** Called by compiled loops: whether messages and what the garbage collector leaves behind have waited long enough. */
export const turns = {
  get isDue(): boolean {
    return performance.now() - turned > millisecondsATurn;
  },

  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      // Timers wait longer and longer.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
    turned = performance.now();
  },
};
