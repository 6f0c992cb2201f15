/** The host of browsers, in pages and in workers. */
import { startEngine } from './start_engine.js';
import { startOnce } from './web_host.js';

/** Starts the engine; see ../lazy.ts. */
export const init = startOnce(startEngine);
