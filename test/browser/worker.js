// A Web Worker's, likewise.
import * as torch from 'flambeau';
import { run } from './program.js';

run(torch).then(
  (value) => postMessage({ value }),
  (error) => postMessage({ error: String(error?.stack ?? error) }),
);
