/** `torch.distributions.transforms`: transforms of tensors with the log-determinants of their derivatives. */
export { AffineTransform } from './affine.js';
export { Transform } from './base_transform.js';
export { ComposeTransform, IndependentTransform, identityTransform } from './composed_transforms.js';
export { CumulativeDistributionTransform } from './cumulative.js';
export {
  AbsTransform,
  ExpTransform,
  PowerTransform,
  SigmoidTransform,
  SoftplusTransform,
  TanhTransform,
} from './elementwise.js';
export { CatTransform, StackTransform } from './joined.js';
export { CorrCholeskyTransform, LowerCholeskyTransform } from './matrix_transforms.js';
export { ReshapeTransform } from './reshape.js';
export { SoftmaxTransform, StickBreakingTransform } from './simplex.js';
