import { keepForOffline } from '../page/offline.js';
import type { Reply, Request } from './messages.js';

/** The page's side of a worker: starts it, keeps what is said before it hears, ends it. */
export class Session {
  /** The worker that is there now. */
  worker: Worker | null = null;
  private isReady = false;
  private early: Request[] = [];

  constructor(
    private readonly hear: (reply: Reply) => void,
    /** Told when the worker's program itself cannot be loaded or breaks down. */
    private readonly broken: (message: string) => void,
  ) {}

  /** Starts a worker, unless one is there. */
  start(): Worker {
    if (this.worker !== null) return this.worker;
    const worker = new Worker(new URL('./main.ts', import.meta.url), { type: 'module', name: 'flambeau' });
    this.worker = worker;
    this.send({ kind: 'begin', sample: new URL('./', document.baseURI).href });
    worker.addEventListener('message', ({ data }) => {
      if (worker !== this.worker) return;
      const reply = data as Reply;
      if (reply.kind === 'ready') {
        this.isReady = true;
        keepForOffline();
        for (const request of this.early.splice(0)) worker.postMessage(request);
      }
      this.hear(reply);
    });
    worker.addEventListener('error', (event) => {
      if (worker !== this.worker) return;
      this.broken(event.message?.replace(/^Uncaught /, '') || 'the worker could not be loaded');
    });
    return worker;
  }

  send(request: Request): void {
    this.start();
    if (this.isReady) this.worker!.postMessage(request);
    else this.early.push(request);
  }

  /** Ends the worker at once, whatever it does, with all that it holds. */
  end(): void {
    this.worker?.terminate();
    this.worker = null;
    this.isReady = false;
    this.early = [];
  }
}
