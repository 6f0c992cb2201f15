import { layOut } from './layout.js';

layOut();
