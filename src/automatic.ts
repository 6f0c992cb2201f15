/** Imported by entries whose engine needs no `init`. */
import { startWhenUsed } from './platform.js';

startWhenUsed();
