/**
 * Turns of the event loop. Messages, pictures and finalizers, which alone give a GPU's memory back, wait for one, and awaiting what is
 * there already is none. So what loops await sees to it that there are some.
 */

/** How long a loop may keep the event loop to itself. */
const MILLISECONDS_A_TURN = 16;

let turned = performance.now();

/** Settles when the event loop has turned. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else if (typeof MessageChannel !== 'function') setTimeout(resolve);
    else {
      // Timers wait longer and longer in browsers, above all in pages that nobody looks at.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    }
  });
}

/** Lets the event loop turn if it is time; null where it is not. */
export function turnIfDue(): Promise<void> | null {
  if (performance.now() - turned <= MILLISECONDS_A_TURN) return null;
  return nextTurn().then(() => {
    turned = performance.now();
  });
}

/** The value of a promise that may have been there already, after a turn if it is time. */
export async function withTurn<T>(promise: Promise<T>): Promise<T> {
  const value = await promise;
  const turn = turnIfDue();
  if (turn !== null) await turn;
  return value;
}
