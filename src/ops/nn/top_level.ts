/** Rows of neural networks that `torch` has functions of, and what goes with them; the others come with index.ts. */
import './convolution.js';
import './poolings.js';
import './softmax.js';
import './losses.js';
import './normalizations.js';
import './group_norm.js';
import './rms_norm.js';
import './embeddings.js';
import './distances.js';
import './dropouts.js';
import './pad.js';
import './interpolation.js';
import './rearrangement.js';
import './grid_sampling.js';
