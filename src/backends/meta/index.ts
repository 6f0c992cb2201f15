/** Makes the device `meta` available. */
import { registerBackend } from '../../core/backends.js';
import { MetaBackend } from './backend.js';

registerBackend('meta', () => new MetaBackend());
