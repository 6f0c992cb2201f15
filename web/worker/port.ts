import type { Reply, Request } from './messages.js';

/** Says something to the page. */
export function post(reply: Reply): void {
  globalThis.postMessage(reply);
}

/** Hears what the page says. */
export function listen(hear: (request: Request) => void): void {
  globalThis.addEventListener('message', ({ data }) => hear(data as Request));
}

/** Tells the page that a training ended with an error. */
export function breakOff(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  post({ kind: 'broken off', failure: { name, message, line: null } });
}

/** Lets messages in: promises alone do not. */
export const turn = () => new Promise((resolve) => setTimeout(resolve));
