/** Rows of neural networks that `torch` has functions of, and what goes with them; the others are in ../modules/nn_functional.ts. */
import './convolution.js';
import './pooling.js';
import './softmax.js';
import './loss.js';
import './normalization.js';
import './sparse.js';
import './distance.js';
import './dropout.js';
import './pad.js';
import './interpolation.js';
import './rearrangement.js';
import './grid_sampling.js';
