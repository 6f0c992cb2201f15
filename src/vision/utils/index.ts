/** `torchvision.utils`: pictures of pictures. */
export type { Colors, Rgb } from './color_names.js';
export { drawBoundingBoxes, drawKeypoints, drawSegmentationMasks } from './drawings.js';
export { flowToImage } from './flow_image.js';
export { makeGrid, saveImage } from './picture_grid.js';
