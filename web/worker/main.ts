/** The program of the pages' worker: snippets or a training, away from the page's own thread. */
import * as torch from 'flambeau';
import type { Request } from './messages.js';
import { listen, post } from './port.js';
import { Snippets } from './snippets.js';
import { Training } from './training.js';

let sample = '';
let snippets: Snippets | null = null;
const training = new Training();
/** Requests are answered one after the other. */
let last: Promise<void> = Promise.resolve();

function answer(request: Request): void {
  switch (request.kind) {
    case 'begin':
      sample = request.sample;
      return;
    case 'run':
      snippets ??= new Snippets(sample);
      last = last.then(() => snippets!.run(request.snippet, request.compiled));
      return;
    case 'train':
      last = last.then(() => training.run(request.order, sample));
      return;
    case 'stop':
      training.stop();
      return;
    case 'weights':
      last = last.then(() => training.sendWeights());
  }
}

listen(answer);
const report = (error: unknown) => (snippets === null ? training.fail(error) : snippets.fail(error));
addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  report(event.reason);
});
addEventListener('error', (event) => {
  event.preventDefault();
  report(event.error);
});

const threads = torch.getNumThreads();
post({ kind: 'ready', engine: `WebAssembly, ${threads} thread${threads === 1 ? '' : 's'}` });
