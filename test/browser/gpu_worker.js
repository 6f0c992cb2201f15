// The same in a Web Worker.
import * as torch from '/dist/browser/flambeau.js';
import { run } from './gpu_program.js';

run(torch).then(
  (value) => postMessage({ value }),
  (error) => postMessage({ error: String(error?.stack ?? error) }),
);
