// A Web Worker that takes a loop's steps.
import * as torch from '/dist/browser/flambeau.js';
import { measure } from './memory_loops.js';

addEventListener('message', ({ data: { name, steps } }) =>
  measure(torch, name, steps).then(
    (value) => postMessage({ value }),
    (error) => postMessage({ error: String(error?.stack ?? error) }),
  ),
);
// Messages posted while the library is being loaded would not be heard.
postMessage({ isReady: true });
