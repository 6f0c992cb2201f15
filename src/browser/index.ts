/** The package's entry in browsers. Its evaluation waits for the engine. */
import './automatic.js';

export * from '../torch.js';
