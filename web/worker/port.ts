import type { Reply, Request } from './messages.js';

/** Says something to the page. */
export function post(reply: Reply): void {
  globalThis.postMessage(reply);
}

/** Hears what the page says. */
export function listen(hear: (request: Request) => void): void {
  globalThis.addEventListener('message', ({ data }) => hear(data as Request));
}
