/** `torchvision.io`: image files. Functions that read, write, decode or encode give promises. */
export { decodeGif, decodeImage, decodeJpeg, decodePng, decodeWebp, readImage } from './decode_functions.js';
export { encodeJpeg, encodePng, writeJpeg, writePng } from './encode_functions.js';
export { readFile, writeFile } from './file_functions.js';
export { ImageReadMode } from './image_read_mode.js';
export type { ImageSource } from './image_source.js';
