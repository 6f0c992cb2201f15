/** Every row of `torch.masked`. */
import '../index.js';
import './masked_reductions.js';
