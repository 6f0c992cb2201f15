/// <reference lib="esnext.disposable" preserve="true" />
/** The package's entry in Node: `import * as torch from 'flambeau'`. */
import './automatic.js';

export * from './torch.js';
