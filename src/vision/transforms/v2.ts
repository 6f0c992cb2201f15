/** `torchvision.transforms.v2`, of which only what mixes batches is here. */
export { CutMix, type LabelledBatch, MixUp } from './batch_mixing.js';
