/** Ways of compression that archives rarely use: loaded when one does. */
export { bunzip2 } from './bzip2.js';
export { unlzma } from './lzma.js';
