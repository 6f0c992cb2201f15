// A Web Worker's program without a bundler.
import * as torch from '/dist/browser/flambeau.js';
import * as torchvision from '/dist/browser/vision.js';
import { run } from './program.js';

run(torch, torchvision).then(
  (value) => postMessage({ value }),
  (error) => postMessage({ error: String(error?.stack ?? error) }),
);
