// A Web Worker's, likewise.
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { run } from './program.js';

run(torch, torchvision).then(
  (value) => postMessage({ value }),
  (error) => postMessage({ error: String(error?.stack ?? error) }),
);
