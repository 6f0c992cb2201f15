/** The program of the pages' worker: snippets or a training, away from the page's own thread. */
import * as torch from 'flambeau';
import type { Request } from './messages.js';
import { Mysteries } from './mysteries.js';
import { listen, post } from './port.js';
import { Snippets } from './snippets.js';
import { Teaching } from './teaching.js';
import { Training } from './training.js';

let sample = '';
let snippets: Snippets | null = null;
const training = new Training();
let teaching: Teaching | null = null;
const mysteries = new Mysteries();
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
    case 'teach':
      teaching ??= new Teaching();
      last = last.then(() => teaching!.run(request.order));
      return;
    case 'study':
      mysteries.cancel();
      last = last.then(() => mysteries.run(request.order));
      return;
    case 'recognize':
      last = last.then(() => teaching?.recognize(request.picture));
      return;
    case 'stop':
      (teaching ?? training).stop();
      return;
    case 'file':
      snippets ??= new Snippets(sample);
      snippets.files[request.name] = request.bytes;
      return;
    case 'pause':
      snippets?.pause.begin();
      mysteries.pause.begin();
      training.pause.begin();
      return;
    case 'go on':
      snippets?.pause.goOn();
      mysteries.pause.goOn();
      training.pause.goOn();
      return;
    case 'weights':
      last = last.then(() => (teaching ?? training).sendWeights());
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
