// The same in a Web Worker.
import * as torch from 'flambeau';
import { run } from './program.js';

run(torch).then(
  (value) => postMessage({ value }),
  (error) => postMessage({ error: String(error?.stack ?? error) }),
);
