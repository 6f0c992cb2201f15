/** Waits for the engine, so that everything after it is synchronous. */
import { init } from './platform.js';

await init();
