/** Readers and writers of numbers in text: imported as a whole when the first is read or written. */
export { genFromText } from './genfromtxt.js';
export { loadText } from './loadtxt.js';
export { saveText } from './savetxt.js';
