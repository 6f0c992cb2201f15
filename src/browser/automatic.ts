/** Waits for the engine, so that everything after it is synchronous. */
import { init } from './host.js';

await init();
