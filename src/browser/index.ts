/** The package's entry in browsers. Its evaluation waits for the engine, so that everything after it is synchronous. */
import './host.js';

export * from '../torch.js';
