// A page's own program, as a user of a bundler writes it.
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { run } from './program.js';

globalThis.torch = torch;
globalThis.result = run(torch, torchvision);
