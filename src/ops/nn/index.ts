/** Every row of `torch.nn.functional`. */
import '../index.js';
import './affine_grid.js';
import './attention.js';
import './ctc.js';
import './embedding_bag.js';
import './gating.js';
import './linear_cross_entropy.js';
import './margin_loss.js';
import './multi_head_attention.js';
import './window_maximum.js';
import './window_norms.js';
