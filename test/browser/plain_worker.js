// A Web Worker's program without a bundler.
import * as torch from '/dist/browser/flambeau.js';
import { run } from './program.js';

run(torch).then(
  (value) => postMessage({ value }),
  (error) => postMessage({ error: String(error?.stack ?? error) }),
);
