/** Rows of neural networks. */
import './convolution.js';
import './pooling.js';
import './softmax.js';
import './loss.js';
import './normalization.js';
import './sparse.js';
import './distance.js';
import './dropout.js';
import './pad.js';
import './gating.js';
import './attention.js';
import './interpolation.js';
import './rearrangement.js';
import './margin_loss.js';
import './window_maximum.js';
import './grid_sampling.js';
import './embedding_bag.js';
