/**
 * The programs of workers that are threads of the WebAssembly engine, as texts: what was bundled has no file to start them from.
 */
import { joinProgram } from '../../generated/join_program.js';

export const nodeThreadProgram = `${joinProgram}
joinEngine(require('node:worker_threads').workerData);`;

/** It says that it has begun by a message. */
export const webThreadProgram = `${joinProgram}
addEventListener('message', ({ data }) => { postMessage('begun'); joinEngine(data); }, { once: true });`;
